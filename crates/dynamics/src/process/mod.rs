//! The contract of a process: it simulates blocks of replicates, and it predicts their moments.

pub mod averaged;
pub mod batch;
pub mod batch_gradient;
pub mod covariance_estimate;
pub mod ensemble_descent;
pub mod gradient_average;
pub mod heavy_ball;
pub mod minibatch;
pub mod nested_batches;
pub mod ou;
pub mod partial_reuse;
pub mod preconditioned;
pub mod reshuffled;
pub mod sgd;
pub mod slip;
pub mod stability;
pub mod streaming_least_squares;
pub mod training;

mod counted_batch;
mod fresh_batch;
mod fresh_samples;
mod in_frame;
mod power;
mod recursion;
mod running_covariance;
mod walk;
mod white;

use faer::{Mat, MatRef};
use sampling::Stream;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::source::{Law, Source};

pub use averaged::Averaged;
pub use batch::Replacement;
pub use batch_gradient::BatchGradient;
pub use covariance_estimate::{CovarianceEstimate, Estimator};
pub use ensemble_descent::EnsembleDescent;
pub use gradient_average::GradientAverage;
pub use heavy_ball::HeavyBall;
pub use minibatch::MiniBatch;
pub use nested_batches::NestedBatches;
pub use ou::{OrnsteinUhlenbeck, Transition};
pub use partial_reuse::PartialReuse;
pub use preconditioned::{Preconditioned, Preconditioner};
pub use reshuffled::Reshuffled;
pub use sgd::Sgd;
pub use slip::{Broken, Slip};
pub use stability::Stability;
pub use streaming_least_squares::StreamingLeastSquares;
pub use training::Training;

/// The streams that one block of replicates reads.
#[derive(Debug, Clone)]
pub struct BlockStreams {
    /// For the initial error.
    pub start: Stream,
    /// For the noise of the steps.
    pub noise: Stream,
}

/// What is called with (n, errors) at the n-th recorded step; `false` ends the simulation.
pub type Observe<'a> = &'a mut dyn FnMut(usize, &[Row]) -> bool;

/// One value with two doors: what is simulated also predicts.
///
/// Errors e = θ − θ* are in the coordinates of [`frame`](Process::frame) on both sides. A law that is not known is an
/// error that says so, never a guess.
pub trait Process: std::fmt::Debug + Send + Sync {
    /// The coordinates of the simulation and of the law.
    fn frame(&self) -> &Frame;

    /// How many replicates a block holds: the first lanes of each row. The others are 0.
    fn lanes(&self) -> usize {
        WIDTH
    }

    /// Advances one block of replicates and calls `observe(n, errors)` at the n-th of the `recorded` steps (ascending;
    /// step 0 is the start). Stops early when `observe` returns `false`. Allocates once, not in the loop.
    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>);

    /// t after `step` steps, in the units of the limit: Σ η_k for a descent.
    fn time(&self, step: u64) -> f64;

    /// The exact moments after each of some ascending `steps`.
    ///
    /// # Errors
    /// [`DynamicsError::NoLaw`] where none is known.
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError>;

    /// The moments after each of some ascending `steps` in the limit that a theorem speaks of (small or decreasing
    /// steps), without a bound of the remainder.
    ///
    /// # Errors
    /// [`DynamicsError::NoLaw`] where none is known.
    fn limit(&self, _steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Err(DynamicsError::NoLaw { law: "limit", reason: "no limit theorem is implemented for this process" })
    }

    /// E eᵀMe after `step` steps to leading order in the step size, and what is known of the remainder; M (d×d) is in
    /// the coordinates of the frame.
    ///
    /// # Errors
    /// [`DynamicsError::RemainderUnknown`], [`DynamicsError::NothingToLeadingOrder`] or [`DynamicsError::NoLaw`] where no
    /// relative bound of the remainder is known, [`DynamicsError::Geometry`] for an indefinite metric.
    fn leading_order(&self, _metric: MatRef<'_, f64>, _step: u64) -> Result<LeadingOrder, DynamicsError> {
        Err(DynamicsError::NoLaw { law: "leading-order law", reason: "no bound of its remainder is known" })
    }

    /// Cov(e_to, e_from) (d×d, not symmetric) for from ≤ to, exactly.
    ///
    /// # Errors
    /// [`DynamicsError::NoLaw`] where none is known.
    fn cross_covariance(&self, _from: u64, _to: u64) -> Result<Mat<f64>, DynamicsError> {
        Err(DynamicsError::NoLaw { law: "law across time", reason: "none is implemented for this process" })
    }

    /// Where a law that is known stands: for people, who may ask what their numbers are compared with.
    fn source(&self, _law: Law) -> Option<Source> {
        None
    }
}

/// A leading-order value ℓ with a proven remainder: the exact value lies in [ℓ(1 − below), ℓ(1 + above)].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeadingOrder {
    /// ℓ.
    pub value: f64,
    /// How far below ℓ the exact value can lie, relative to ℓ; ≥ 0.
    pub below: f64,
    /// How far above ℓ the exact value can lie, relative to ℓ; ≥ 0.
    pub above: f64,
}
