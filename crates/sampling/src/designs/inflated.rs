//! Gaussian noise inflated by a factor: the scalar model of dependent batches.

use crate::design::{Design, DesignError, LARGEST_BATCH, checked_batch_size, checked_parameter};
use crate::normal::fill_normals;
use crate::stream::Stream;

/// Noise ξ ~ N(0, (1 + ρ)G/b): all of the covariance is heated (ρ > 0) or cooled (ρ < 0) alike.
///
/// Law: Cov(ĝ_B) = (1 + ρ)G/b (ZM Appendix B, with ZM = arXiv 2603.02417v4), so Σ_ρ = (1 + ρ)Σ. A mechanism behind it
/// is [`Correlated`](super::Correlated) with ρ = (b − 1)ρ_c.
///
/// # Example
/// ```
/// # use sampling::{Design, designs::Inflated};
/// assert_eq!(Inflated::new(8, 1.0)?.variance_factor(), 0.25);
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inflated {
    batch_size: f64,
    inflation: f64,
}

impl Inflated {
    /// A design with batches of b = `batch_size` samples whose covariance is multiplied by 1 + ρ, ρ = `inflation`.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`LARGEST_BATCH`] and ρ > −1 is finite.
    pub fn new(batch_size: u64, inflation: f64) -> Result<Self, DesignError> {
        let batch_size = checked_batch_size(batch_size, LARGEST_BATCH)?;
        let inflation = checked_parameter("variance inflation", inflation, inflation > -1.0, "finite and > −1")?;
        Ok(Inflated { batch_size, inflation })
    }
}

impl Design for Inflated {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], _width: usize) {
        fill_normals(stream, whitened);
    }

    fn variance_factor(&self) -> f64 {
        (1.0 + self.inflation) / self.batch_size
    }
}
