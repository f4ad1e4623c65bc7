//! What is minimised.

pub mod quadratic;

pub use quadratic::Quadratic;
