//! The contract of a sampling design: it draws mini-batch noise, and it states that noise's exact covariance.

use faer::{Mat, Scale};
use geometry::Psd;

use crate::stream::Stream;

/// How a mini-batch is drawn, seen through the noise ξ = ĝ_B − ∇L that it leaves in the gradient.
///
/// The designs here have noise ξ = σ·Lζ, where LLᵀ = G is the per-sample gradient covariance, ζ is *whitened* noise
/// with E ζ = 0 and Cov ζ = I, and σ² is [`variance_factor`](Design::variance_factor). So
///
/// ```text
/// Cov(ĝ_B) = σ²·G,      exactly, whatever the marginal law of ζ.
/// ```
///
/// The contract of the pair `draw` and `variance_factor` is checked for every design by one harness
/// (`tests/designs.rs`).
pub trait Design: Sync {
    /// Fills `whitened` with independent coordinates ζ of mean 0 and variance 1 (dimensionless), one step's noise for
    /// a whole block of replicates, in the block's own layout. No allocation.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64]);

    /// σ², the factor between G and the covariance of the mini-batch gradient; ≥ 0.
    fn variance_factor(&self) -> f64;

    /// Cov(ĝ_B) = σ²G for the per-sample gradient covariance G (d×d). Cost O(d²).
    fn batch_covariance(&self, per_sample: &Psd) -> Mat<f64> {
        Scale(self.variance_factor()) * per_sample.as_mat()
    }
}

/// Why a sampling design cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// A batch must hold at least one sample.
    #[error("batch size is 0: a batch needs at least one sample")]
    EmptyBatch,
    /// The batch is larger than the design can draw.
    #[error("batch size is {given}: at most {limit} is supported")]
    BatchTooLarge {
        /// The batch size asked for.
        given: u64,
        /// The largest batch size supported.
        limit: u64,
    },
}

/// The largest batch size: below 2⁵³, so that a batch size is exact as a float.
pub const LARGEST_BATCH: u64 = 1 << 52;

/// Checks 1 ≤ b ≤ [`LARGEST_BATCH`] and returns b as a float.
///
/// # Errors
/// [`DesignError::EmptyBatch`] or [`DesignError::BatchTooLarge`].
pub(crate) fn checked_batch_size(batch_size: u64, limit: u64) -> Result<f64, DesignError> {
    match batch_size {
        0 => Err(DesignError::EmptyBatch),
        given if given > limit => Err(DesignError::BatchTooLarge { given, limit }),
        given => Ok(given as f64),
    }
}
