//! What people look at: a README with the verdict table first, and figures.

pub mod figure;
pub mod label;
pub mod markdown;
pub mod published;
pub mod verdicts;
