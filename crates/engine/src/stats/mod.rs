//! The statistics of verdicts: Student's law, and intervals from independent sections.

pub mod sample;
pub mod student;

pub use sample::{Interval, Sample};
