//! The sampling designs, one a file, each with its draw and its covariance law side by side.

pub mod antithetic;
mod bits;
pub mod control_variate;
pub mod correlated;
pub mod gaussian;
pub mod iid;
pub mod inflated;
pub mod pool;
pub mod stratified;
pub mod with_replacement;
pub mod without_replacement;

pub use antithetic::Antithetic;
pub use control_variate::ControlVariate;
pub use correlated::Correlated;
pub use gaussian::Gaussian;
pub use iid::{Iid, Population};
pub use inflated::Inflated;
pub use pool::{Pool, Whitened};
pub use stratified::Stratified;
pub use with_replacement::WithReplacement;
pub use without_replacement::{WithoutReplacement, enumerate_batches};

use crate::design::Design;
use crate::stream::Stream;

/// Any of the designs, for callers that learn at run time which.
///
/// The choice is made once a step for a whole block of replicates, not in the inner loop.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyDesign {
    /// Gaussian gradient noise.
    Gaussian(Gaussian),
    /// Independent samples.
    Iid(Iid),
    /// Different samples of a fixed pool.
    WithoutReplacement(WithoutReplacement),
    /// Samples of a fixed pool that may repeat.
    WithReplacement(WithReplacement),
    /// Gaussian noise inflated by a factor.
    Inflated(Inflated),
    /// Samples correlated within their batch.
    Correlated(Correlated),
    /// Antithetic pairs.
    Antithetic(Antithetic),
    /// Equally many samples of every stratum.
    Stratified(Stratified),
    /// Gradients with a control subtracted.
    ControlVariate(ControlVariate),
}

impl AnyDesign {
    fn chosen(&self) -> &dyn Design {
        match self {
            AnyDesign::Gaussian(design) => design,
            AnyDesign::Iid(design) => design,
            AnyDesign::WithoutReplacement(design) => design,
            AnyDesign::WithReplacement(design) => design,
            AnyDesign::Inflated(design) => design,
            AnyDesign::Correlated(design) => design,
            AnyDesign::Antithetic(design) => design,
            AnyDesign::Stratified(design) => design,
            AnyDesign::ControlVariate(design) => design,
        }
    }
}

impl Design for AnyDesign {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        self.chosen().draw(stream, whitened, width);
    }

    fn variance_factor(&self) -> f64 {
        self.chosen().variance_factor()
    }

    fn shape(&self, i: usize) -> f64 {
        self.chosen().shape(i)
    }

    fn dimension(&self) -> Option<usize> {
        self.chosen().dimension()
    }
}
