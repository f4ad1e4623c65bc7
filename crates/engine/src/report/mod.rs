//! What people look at: a README with the verdict table first, figures, and a page of everything that is stored.

pub mod figure;
pub mod json;
pub mod label;
pub mod markdown;
pub mod plan;
pub mod published;
pub mod quantity;
pub mod site;
pub mod verdicts;
