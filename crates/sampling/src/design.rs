//! The contract of a sampling design: it draws mini-batch noise, and it states that noise's exact covariance.

use faer::{Mat, MatRef, Scale};

use crate::stream::Stream;

/// How a mini-batch is drawn, seen through the noise ξ = ĝ_B − ∇L that it leaves in the gradient.
///
/// The designs here have noise ξ = σ·Lζ, where LLᵀ = G is the per-sample gradient covariance, σ² is the
/// [`variance_factor`](Design::variance_factor), and ζ is *whitened* noise with E ζ = 0 and Cov ζ = diag(k), k being the
/// [`shape`](Design::shape): 1 for a design that treats all directions alike. So
///
/// ```text
/// Cov(ĝ_B) = σ²·L diag(k) Lᵀ  (= σ²·G for k = 1),      exactly, whatever the marginal law of ζ.
/// ```
///
/// The contract of the pair `draw` and `variance_factor` is checked for every design by one harness
/// (`tests/designs.rs`).
pub trait Design: std::fmt::Debug + Send + Sync {
    /// Fills `whitened` with one step's noise ζ (dimensionless) for a block of `width` replicates: coordinate i of
    /// replicate r stands at i·width + r. Replicates are independent, coordinates of one uncorrelated. No allocation.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize);

    /// σ², the factor between G and the covariance of the mini-batch gradient; ≥ 0.
    fn variance_factor(&self) -> f64;

    /// k_i ≥ 0, the variance of the whitened coordinate `i` (from 0).
    fn shape(&self, _i: usize) -> f64 {
        1.0
    }

    /// Cov(ĝ_B) = σ²·L diag(k) Lᵀ for the lower factor L (d×d) of G. Cost O(d³).
    fn batch_covariance(&self, factor: MatRef<'_, f64>) -> Mat<f64> {
        let shaped = Mat::from_fn(factor.nrows(), factor.ncols(), |i, j| factor[(i, j)] * self.shape(j));
        Scale(self.variance_factor()) * (shaped * factor.transpose())
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
