//! What people look at: a README with the verdict table first, figures, a page of everything that is stored, and answers to
//! questions about a claim or about two results.

pub mod comparison;
pub mod explain;
pub mod figure;
pub mod json;
pub mod label;
pub mod markdown;
pub mod plan;
pub mod published;
pub mod quantity;
pub mod selftest;
pub mod site;
pub mod verdicts;

mod values;
