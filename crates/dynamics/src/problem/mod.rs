//! What is minimised.

pub mod empirical;
pub mod logistic;
pub mod nonconvex;
pub mod quadratic;
pub mod samples;
pub mod smooth;

mod kernel;
mod newton;

pub use empirical::{Fitted, MarginLoss};
pub use logistic::{Link, Logistic, LogisticData};
pub use nonconvex::{Robust, RobustData};
pub use quadratic::Quadratic;
pub use samples::Samples;
pub use smooth::{Local, SmoothProblem};
