//! The sampling designs, one a file, each with its draw and its covariance law side by side.

pub mod gaussian;
pub mod iid;

pub use gaussian::Gaussian;
pub use iid::{Iid, Population};

use crate::design::Design;
use crate::stream::Stream;

/// Any of the designs, for callers that learn at run time which.
///
/// The choice is made once a step for a whole block of replicates, not in the inner loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AnyDesign {
    /// Gaussian gradient noise.
    Gaussian(Gaussian),
    /// Independent samples.
    Iid(Iid),
}

impl Design for AnyDesign {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        match self {
            AnyDesign::Gaussian(design) => design.draw(stream, whitened, width),
            AnyDesign::Iid(design) => design.draw(stream, whitened, width),
        }
    }

    fn variance_factor(&self) -> f64 {
        match self {
            AnyDesign::Gaussian(design) => design.variance_factor(),
            AnyDesign::Iid(design) => design.variance_factor(),
        }
    }
}
