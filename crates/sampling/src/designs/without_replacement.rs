//! Simple random sampling without replacement from a fixed pool, and the list of all its batches.

use std::sync::Arc;

use super::bits::Words;
use super::pool::Pool;
use crate::design::{Design, DesignError, checked_batch_size};
use crate::stream::Stream;

/// A batch of b different samples out of a fixed pool of n, all C(n, b) batches with equal chance.
///
/// Law (ZM Lemma 4.1, with ZM = arXiv 2603.02417v4), exact and given the pool:
///
/// ```text
/// Cov(ĝ_B | pool) = (1/b)·(n − b)/(n − 1)·S_n,    S_n = (1/n)Σ(s_i − s̄)(s_i − s̄)ᵀ
/// ```
///
/// It is 0 at b = n, where every batch is the whole pool. A step costs min(b, n − b)·d additions for each replicate: of
/// a batch larger than half the pool, the samples left out are drawn, whose sum is minus that of the batch.
///
/// # Example
/// ```
/// # use std::sync::Arc;
/// # use sampling::{Design, designs::{Pool, WithoutReplacement}};
/// let pool = Arc::new(Pool::from_normals(1, 5, &[0.3, -1.2, 0.8, 2.0, -0.4])?);
/// assert_eq!(WithoutReplacement::new(pool.clone(), 2)?.variance_factor(), 0.5 * 3.0 / 4.0);
/// assert_eq!(WithoutReplacement::new(pool, 5)?.variance_factor(), 0.0);
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WithoutReplacement {
    pool: Arc<Pool>,
    samples: u32,
    batch_size: u32,
}

impl WithoutReplacement {
    /// A design with batches of b = `batch_size` samples from `pool`.
    ///
    /// # Errors
    /// [`DesignError::EmptyBatch`] for b = 0, [`DesignError::BatchExceedsPool`] for b > n.
    pub fn new(pool: Arc<Pool>, batch_size: u64) -> Result<Self, DesignError> {
        checked_batch_size(batch_size, u64::MAX)?;
        let n_samples = pool.n_samples();
        let error = DesignError::BatchExceedsPool { given: batch_size, samples: n_samples };
        match (u32::try_from(n_samples), u32::try_from(batch_size)) {
            (Ok(samples), Ok(batch_size)) if batch_size <= samples => {
                Ok(WithoutReplacement { pool, samples, batch_size })
            }
            _ => Err(error),
        }
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }
}

impl Design for WithoutReplacement {
    /// ζ = (bσ)⁻¹Σ_{i∈B} r_i.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        let (n, b) = (self.samples, self.batch_size);
        let left_out = n - b;
        let (drawn, sign) = if b <= left_out { (b, 1.0) } else { (left_out, -1.0) };
        let deviation = f64::from(b) * self.variance_factor().sqrt();
        let scale = if deviation > 0.0 { sign / deviation } else { 0.0 };
        let mut words = Words::new(stream, drawn as usize * width);
        self.pool.fill_sums(whitened, width, scale, |chosen| chosen.distinct(n, drawn, |below| words.index(below)));
    }

    fn variance_factor(&self) -> f64 {
        let (n, b) = (f64::from(self.samples), f64::from(self.batch_size));
        (n - b) / (n - 1.0) / b
    }

    fn dimension(&self) -> Option<usize> {
        Some(self.pool.dimension())
    }
}

/// All C(n, b) batches of b out of n samples, each in ascending order, in lexicographic order.
///
/// # Errors
/// [`DesignError::EmptyBatch`] for b = 0, [`DesignError::BatchExceedsPool`] for b > n, and
/// [`DesignError::TooManyBatches`] when there are more than 2²⁰.
///
/// # Example
/// ```
/// # use sampling::designs::enumerate_batches;
/// assert_eq!(enumerate_batches(3, 2)?, [[0, 1], [0, 2], [1, 2]]);
/// # Ok::<(), sampling::DesignError>(())
/// ```
pub fn enumerate_batches(samples: usize, batch_size: usize) -> Result<Vec<Vec<usize>>, DesignError> {
    const LIMIT: usize = 1 << 20;
    let (n, b) = (samples, batch_size);
    checked_batch_size(b as u64, u64::MAX)?;
    if b > n {
        return Err(DesignError::BatchExceedsPool { given: b as u64, samples: n });
    }
    let mut batches = Vec::new();
    let mut batch: Vec<usize> = (0..b).collect();
    loop {
        if batches.len() == LIMIT {
            return Err(DesignError::TooManyBatches { samples, batch_size, limit: LIMIT });
        }
        batches.push(batch.clone());
        // The last index that can still move up does, and those behind it follow closely.
        let Some(place) = (0..b).rev().find(|&place| batch[place] < n - b + place) else {
            return Ok(batches);
        };
        batch[place] += 1;
        for k in place + 1..b {
            batch[k] = batch[k - 1] + 1;
        }
    }
}
