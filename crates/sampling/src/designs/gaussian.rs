//! Gaussian gradient noise: the batch mean is drawn in one go as N(∇L, G/b).

use crate::design::{Design, DesignError, LARGEST_BATCH, checked_batch_size};
use crate::normal::fill_normals;
use crate::stream::Stream;

/// Noise ξ ~ N(0, G/b): the law of the mean of b Gaussian per-sample gradients, at the cost of one.
///
/// Law: Cov(ĝ_B) = G/b (ZM Theorem 4.3, with ZM = arXiv 2603.02417v4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian {
    batch_size: f64,
}

impl Gaussian {
    /// A design with batches of b = `batch_size` samples.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`LARGEST_BATCH`].
    pub fn new(batch_size: u64) -> Result<Self, DesignError> {
        Ok(Gaussian { batch_size: checked_batch_size(batch_size, LARGEST_BATCH)? })
    }
}

impl Design for Gaussian {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], _width: usize) {
        fill_normals(stream, whitened);
    }

    fn variance_factor(&self) -> f64 {
        1.0 / self.batch_size
    }
}
