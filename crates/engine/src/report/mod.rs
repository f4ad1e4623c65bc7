//! What people look at: a README with the verdict table first, figures, and a page of everything that is stored.

pub mod figure;
pub mod label;
pub mod markdown;
pub mod published;
pub mod site;
pub mod verdicts;
