//! The contract of a sampling design: it draws mini-batch noise, and it states that noise's exact covariance.

use faer::{Mat, MatRef, Scale};
use geometry::GeometryError;

use crate::stream::Stream;

/// How a mini-batch is drawn, seen through the noise ξ = ĝ_B − ∇L that it leaves in the gradient.
///
/// The designs here have noise ξ = σ·Lζ, where LLᵀ = G is the per-sample gradient covariance, σ² is the
/// [`variance_factor`](Design::variance_factor), and ζ is *whitened* noise with E ζ = 0 and Cov ζ = diag(k), k being
/// the [`shape`](Design::shape): 1 for a design that treats all directions alike. So
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
    /// Where σ² = 0 there is no noise to whiten, and ζ is 0.
    ///
    /// # Panics
    /// If `whitened` does not hold d rows of `width` numbers, for a design with a [`dimension`](Design::dimension) d.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize);

    /// σ², the factor between G and the covariance of the mini-batch gradient; ≥ 0.
    fn variance_factor(&self) -> f64;

    /// k_i ≥ 0, the variance of the whitened coordinate `i` (from 0).
    fn shape(&self, _i: usize) -> f64 {
        1.0
    }

    /// The dimension d that the design is made for; `None` for one that draws in every dimension.
    fn dimension(&self) -> Option<usize> {
        None
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
    /// A batch without replacement cannot hold more samples than there are.
    #[error("batch size is {given}: b > n without replacement, from a pool of n = {samples}")]
    BatchExceedsPool {
        /// The batch size asked for.
        given: u64,
        /// Samples in the pool.
        samples: usize,
    },
    /// Antithetic samples come in pairs.
    #[error("batch size is {given}: antithetic pairs need an even one")]
    OddBatch {
        /// The batch size asked for.
        given: u64,
    },
    /// A population must be cut into at least one stratum.
    #[error("number of strata is 0: at least one is needed (1 is no stratification)")]
    NoStrata,
    /// Every stratum must be sampled, or the mean would be biased.
    #[error("empty strata: a batch of {batch_size} cannot reach {strata} strata; b ≥ H is needed")]
    EmptyStrata {
        /// The batch size b asked for.
        batch_size: u64,
        /// The number H of strata.
        strata: u64,
    },
    /// Strata of equal probability need equally many samples.
    #[error("batch size is {batch_size}: it must be a multiple of the {strata} strata")]
    UnevenStrata {
        /// The batch size b asked for.
        batch_size: u64,
        /// The number H of strata.
        strata: u64,
    },
    /// A parameter outside its range.
    #[error("{parameter} is {given}: it must be {expected}")]
    OutOfRange {
        /// Which parameter.
        parameter: &'static str,
        /// The value given.
        given: f64,
        /// The range, in words.
        expected: &'static str,
    },
    /// A negative correlation that b variables cannot all have with each other.
    #[error(
        "intra-batch correlation is {given}: {batch_size} samples can share no correlation below −1/(b−1) = {smallest}"
    )]
    ImpossibleCorrelation {
        /// The correlation asked for.
        given: f64,
        /// The batch size b.
        batch_size: u64,
        /// The smallest correlation possible.
        smallest: f64,
    },
    /// A pool too small to have a covariance of full rank.
    #[error("a pool of {samples} samples in dimension {dimension}: d ≥ 1 and n > d are needed to whiten it")]
    PoolTooSmall {
        /// Samples n given.
        samples: usize,
        /// Their dimension d.
        dimension: usize,
    },
    /// A pool larger than its samples can be numbered without bias.
    #[error("a pool of {given} samples: at most {limit} are supported")]
    PoolTooLarge {
        /// Samples given.
        given: usize,
        /// The most that are supported.
        limit: usize,
    },
    /// A number of values that does not fill the pool.
    #[error("{given} normals for a pool: n·d = {expected} are needed")]
    WrongLength {
        /// The number given.
        given: usize,
        /// The number expected.
        expected: usize,
    },
    /// An entry of a pool that is NaN, infinite or so large that squares overflow.
    #[error("coordinate {coordinate} of sample {sample} is {value}: finite numbers below 1e150 are needed")]
    NotFinite {
        /// The sample, from 0.
        sample: usize,
        /// The coordinate, from 0.
        coordinate: usize,
        /// Its value.
        value: f64,
    },
    /// A pool whose gradients span fewer than d dimensions, so that they cannot be whitened.
    #[error("the pool covariance S_n is singular: rank {rank} in dimension {dimension}; full rank is needed")]
    SingularPool {
        /// The rank of the pool's correlations.
        rank: usize,
        /// The dimension.
        dimension: usize,
    },
    /// More batches than anyone would enumerate.
    #[error("more than {limit} batches of {batch_size} out of {samples} samples: too many to enumerate")]
    TooManyBatches {
        /// Samples n in the pool.
        samples: usize,
        /// The batch size b.
        batch_size: usize,
        /// The most that are enumerated.
        limit: usize,
    },
    /// The covariance of a pool could not be factored.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
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

/// Checks that a parameter is finite and `within` its range, which `expected` puts in words.
///
/// # Errors
/// [`DesignError::OutOfRange`].
pub(crate) fn checked_parameter(
    parameter: &'static str,
    given: f64,
    within: bool,
    expected: &'static str,
) -> Result<f64, DesignError> {
    if given.is_finite() && within { Ok(given) } else { Err(DesignError::OutOfRange { parameter, given, expected }) }
}
