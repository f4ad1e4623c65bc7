//! Estimators of a covariance: plug-in, streaming, diagonal and of low rank, with what is known of their errors.

pub mod anisotropy;
pub mod diagonal;
pub mod low_rank;
pub mod plug_in;
pub mod streaming;

pub use anisotropy::{anisotropy, isotropic_squared_anisotropy_bound};
pub use diagonal::Diagonal;
pub use low_rank::{LowRank, LowRankEstimate};
pub use plug_in::{expected_squared_error, sample_covariance};
pub use streaming::Streaming;

use geometry::GeometryError;

/// Why an estimator refuses a vector or cannot give an estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CovarianceError {
    /// A vector of another dimension.
    #[error("vector of length {given}: the estimator was made for dimension {expected}")]
    WrongLength {
        /// Length given.
        given: usize,
        /// Dimension of the estimator.
        expected: usize,
    },
    /// A vector with an entry that is NaN or infinite; it would spoil the estimate for good.
    #[error("entry {index} of a vector is {value}: finite entries are required")]
    NotFinite {
        /// Index of the entry, from 0.
        index: usize,
        /// The entry.
        value: f64,
    },
    /// A rank for which there is no low-rank estimate.
    #[error("rank is {rank} in dimension {dimension}: 1 ≤ r ≤ d is required")]
    Rank {
        /// The rank asked for.
        rank: usize,
        /// The dimension.
        dimension: usize,
    },
    /// A sketch could not be decomposed.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
}

/// Checks that `x` is finite and of the estimator's dimension.
fn require_vector(x: &[f64], dimension: usize) -> Result<(), CovarianceError> {
    if x.len() != dimension {
        return Err(CovarianceError::WrongLength { given: x.len(), expected: dimension });
    }
    match x.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &value)) => Err(CovarianceError::NotFinite { index, value }),
        None => Ok(()),
    }
}
