//! The contract of a process: it simulates blocks of replicates, and it predicts their moments.

pub mod sgd;

use faer::MatRef;
use sampling::Stream;

use crate::block::Row;
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;

pub use sgd::Sgd;

/// The streams that one block of replicates reads.
#[derive(Debug, Clone)]
pub struct BlockStreams {
    /// For the initial error.
    pub start: Stream,
    /// For the noise of the steps.
    pub noise: Stream,
}

/// One value with two doors: what is simulated also predicts.
///
/// Errors e = θ − θ* are in the coordinates of [`frame`](Process::frame) on both sides.
pub trait Process: Sync {
    /// The coordinates of the simulation and of the law.
    fn frame(&self) -> &Frame;

    /// Advances one block of replicates and calls `observe(n, errors)` at the n-th of the `recorded` steps (ascending;
    /// step 0 is the start). Stops early when `observe` returns `false`. Allocates once, not in the loop.
    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: impl FnMut(usize, &[Row]) -> bool);

    /// The exact moments after `step` steps.
    fn moments(&self, step: u64) -> Moments;

    /// E eᵀMe after `step` steps to leading order in the step size, and what is known of the remainder; M (d×d) is in
    /// the coordinates of the frame.
    ///
    /// # Errors
    /// [`DynamicsError::RemainderUnknown`] or [`DynamicsError::NothingToLeadingOrder`] where no relative bound of the
    /// remainder is known, [`DynamicsError::Geometry`] for an indefinite metric.
    fn leading_order(&self, metric: MatRef<'_, f64>, step: u64) -> Result<LeadingOrder, DynamicsError>;
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
