//! Simple random sampling with replacement from a fixed pool.

use std::sync::Arc;

use super::bits::Words;
use super::pool::Pool;
use crate::design::{Design, DesignError, checked_batch_size};
use crate::stream::Stream;

/// A batch of b samples, each any of a fixed pool of n with equal chance, whatever the others are.
///
/// Law: Cov(ĝ_B | pool) = S_n/b (ZM §4, with ZM = arXiv 2603.02417v4): no factor (n − b)/(n − 1), and b may exceed n. A
/// step costs b·d additions for each replicate.
///
/// # Example
/// ```
/// # use std::sync::Arc;
/// # use sampling::{Design, designs::{Pool, WithReplacement}};
/// let pool = Arc::new(Pool::from_normals(1, 3, &[0.3, -1.2, 0.8])?);
/// assert_eq!(WithReplacement::new(pool, 4)?.variance_factor(), 0.25);
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WithReplacement {
    pool: Arc<Pool>,
    samples: u32,
    batch_size: u32,
}

impl WithReplacement {
    /// The largest batch, which is drawn sample by sample.
    pub const LARGEST_BATCH: u64 = 1 << 20;

    /// A design with batches of b = `batch_size` samples from `pool`.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`WithReplacement::LARGEST_BATCH`].
    pub fn new(pool: Arc<Pool>, batch_size: u64) -> Result<Self, DesignError> {
        checked_batch_size(batch_size, Self::LARGEST_BATCH)?;
        let given = pool.n_samples();
        match (u32::try_from(given), u32::try_from(batch_size)) {
            (Ok(samples), Ok(batch_size)) => Ok(WithReplacement { pool, samples, batch_size }),
            (Err(_), _) => Err(DesignError::PoolTooLarge { given, limit: Pool::LARGEST }),
            _ => Err(DesignError::BatchTooLarge { given: batch_size, limit: Self::LARGEST_BATCH }),
        }
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }
}

impl Design for WithReplacement {
    /// ζ = b^{−1/2}Σ r_i over b independent indices i.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        let scale = 1.0 / f64::from(self.batch_size).sqrt();
        let mut words = Words::new(stream, self.batch_size as usize * width);
        self.pool.fill_sums(whitened, width, scale, |chosen| {
            chosen.indices.clear();
            chosen.indices.extend((0..self.batch_size).map(|_| words.index(self.samples)));
        });
    }

    fn variance_factor(&self) -> f64 {
        1.0 / f64::from(self.batch_size)
    }

    fn dimension(&self) -> Option<usize> {
        Some(self.pool.dimension())
    }
}
