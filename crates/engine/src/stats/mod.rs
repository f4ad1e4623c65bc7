//! The statistics of verdicts: intervals for means over sections, ratios, proportions and distances.

pub mod estimate;
pub mod family;
pub mod method;
pub mod proportion;
pub mod ratio;
pub mod sample;
pub mod slope;
pub mod student;
pub mod welch;

pub use estimate::Estimate;
pub use family::holm;
pub use method::Method;
pub use proportion::{Distance, Proportion};
pub use ratio::Ratio;
pub use sample::{Interval, Sample};
pub use slope::LogSlope;
