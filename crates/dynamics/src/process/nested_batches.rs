//! Batches from a finite pool from a random data set: the hierarchical exchangeable model and its three levels of variance.
//!
//! ```text
//! M = sLu                              the mean of a data set, drawn once a replicate
//! s_i = M + Lv_i,   i = 1…n            its pool of per-sample gradients            (u, v_i ~ N(0, I), LLᵀ = G)
//! ĝ_k = (1/b) Σ_{i ∈ B_k} s_i          batch k: b of the n without replacement, independent of the other batches
//!
//! Cov(ĝ_k | pool) = (1/b)(1 − b/n)S̃_n,   E[…] = (1/b − 1/n)G          what resampling the pool shows
//! Cov(E[ĝ_k | pool] | M)                      = G/n                   what the pool hides
//! Cov(E[ĝ_k | M])                             = s²G                   what the data set hides
//!
//! Cov ĝ_k = G/b + s²G,   Cov(ĝ_k, ĝ_l) = G/n + s²G for k ≠ l
//! ```
//!
//! The last two lines do not shrink with b, and the second does not even with n.
//!
//! Source: ZM Lemma 4.1, Theorem 4.3 with its eq. 22, and Proposition 4.5 (ZM = arXiv 2603.02417v4).

use faer::{Mat, Scale};
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::block::{PackedLower, Row, WIDTH, advance};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::{BlockStreams, Observe, Process};
use crate::schedule::{non_negative, positive};
use crate::source::{Law, Source};

/// The state at step k is the batch gradient ĝ_k, in the problem's own coordinates; all steps of a replicate share its
/// pool.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::NestedBatches};
/// # use geometry::Spd;
/// let (curvature, noise) = (Spd::diagonal(&[1.0])?, Spd::diagonal(&[8.0])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0])?;
/// let (n, b, spread) = (16, 4, 0.5);
/// let batches = NestedBatches::new(&problem, n, b, spread)?;
/// assert_eq!(batches.exact(&[1])?[0].covariance[(0, 0)], 8.0 / 4.0 + 0.25 * 8.0);
/// assert_eq!(batches.cross_covariance(1, 2)?[(0, 0)], 8.0 / 16.0 + 0.25 * 8.0);
/// assert_eq!(batches.within_pool_covariance()[(0, 0)], 8.0 / 4.0 - 8.0 / 16.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct NestedBatches {
    coordinates: Frame,
    /// G.
    noise: Mat<f64>,
    /// L, packed for the kernel.
    factor: PackedLower,
    pool_size: u32,
    batch_size: u32,
    spread: f64,
}

impl NestedBatches {
    /// The largest nd: the pools of a block of replicates then take 16 MiB.
    pub const LARGEST_POOL: u64 = 1 << 16;

    /// Pools of n = `pool_size` per-sample gradients of covariance G, batches of b = `batch_size` ≤ n of them, and data
    /// sets whose means have covariance s²G, s = `spread` ≥ 0. Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::NotPositive`] for b = 0, [`DynamicsError::BatchExceedsPool`] for b > n,
    /// [`DynamicsError::PoolTooLarge`] for nd above [`NestedBatches::LARGEST_POOL`], [`DynamicsError::Negative`] for s,
    /// [`DynamicsError::Geometry`] if G cannot be factored.
    pub fn new(problem: &Quadratic, pool_size: u64, batch_size: u64, spread: f64) -> Result<Self, DynamicsError> {
        positive("batch size b", batch_size as f64)?;
        if batch_size > pool_size {
            return Err(DynamicsError::BatchExceedsPool { batch_size, pool_size });
        }
        let (dimension, limit) = (problem.dimension(), Self::LARGEST_POOL);
        let too_large = || DynamicsError::PoolTooLarge { pool_size, dimension, limit };
        if pool_size.saturating_mul(dimension as u64) > limit {
            return Err(too_large());
        }
        Ok(NestedBatches {
            coordinates: Frame::coordinates(dimension),
            noise: problem.noise().as_mat().to_owned(),
            factor: PackedLower::new(problem.noise().lower_factor()?.as_ref()),
            pool_size: u32::try_from(pool_size).map_err(|_| too_large())?,
            batch_size: u32::try_from(batch_size).map_err(|_| too_large())?,
            spread: non_negative("spread s of the data sets", spread)?,
        })
    }

    /// E Cov(ĝ | pool) = (1/b − 1/n)G.
    #[must_use]
    pub fn within_pool_covariance(&self) -> Mat<f64> {
        let [b, n] = [self.batch_size, self.pool_size].map(f64::from);
        Scale(1.0 / b - 1.0 / n) * &self.noise
    }

    /// Cov E[ĝ | pool] = G/n + s²G: the covariance of two batches from one pool.
    #[must_use]
    pub fn between_pools_covariance(&self) -> Mat<f64> {
        Scale(1.0 / f64::from(self.pool_size) + self.spread * self.spread) * &self.noise
    }

    /// Cov ĝ = G/b + s²G.
    #[must_use]
    pub fn covariance(&self) -> Mat<f64> {
        Scale(1.0 / f64::from(self.batch_size) + self.spread * self.spread) * &self.noise
    }

    /// The whitened pools: row i·d + c holds coordinate c of s·u + v_i.
    fn draw_pools(&self, stream: &mut Stream) -> Vec<Row> {
        let d = self.coordinates.dimension();
        let mut mean = vec![[0.0; WIDTH]; d];
        let mut pools = vec![[0.0; WIDTH]; d * self.pool_size as usize];
        fill_normals(stream, mean.as_flattened_mut());
        fill_normals(stream, pools.as_flattened_mut());
        for sample in pools.chunks_exact_mut(d) {
            for (row, mean) in sample.iter_mut().zip(&mean) {
                for lane in 0..WIDTH {
                    row[lane] += self.spread * mean[lane];
                }
            }
        }
        pools
    }

    /// Draws a batch for each replicate of a block and leaves its whitened mean in `means` (d rows).
    fn draw_batch(&self, stream: &mut Stream, pools: &[Row], order: &mut [[u32; WIDTH]], means: &mut [Row]) {
        means.fill([0.0; WIDTH]);
        let d = means.len();
        let mut words = [0; WIDTH];
        for drawn in 0..self.batch_size {
            stream.fill_words(&mut words);
            for (lane, &word) in words.iter().enumerate() {
                let from = drawn as usize;
                let to = from + index_below(self.pool_size - drawn, word);
                let sample = order[to][lane];
                order[to][lane] = order[from][lane];
                order[from][lane] = sample;
                for (mean, row) in means.iter_mut().zip(&pools[sample as usize * d..]) {
                    mean[lane] += row[lane];
                }
            }
        }
        let share = 1.0 / f64::from(self.batch_size);
        for mean in means.as_flattened_mut() {
            *mean *= share;
        }
    }
}

impl Process for NestedBatches {
    fn frame(&self) -> &Frame {
        &self.coordinates
    }

    /// The stream `start` draws data sets and pools, `noise` the batches. Each recorded step draws one batch; the steps
    /// between draw nothing.
    ///
    /// A batch is the beginning of a partial Fisher–Yates shuffle, for each replicate its own. The order of a pool is not
    /// reset between batches: from any order the shuffle draws all subsets alike, up to n·2⁻⁶⁴.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.coordinates.dimension();
        let pools = self.draw_pools(&mut streams.start);
        let mut order: Vec<[u32; WIDTH]> = (0..self.pool_size).map(|i| [i; WIDTH]).collect();
        let mut whitened = vec![[0.0; WIDTH]; d];
        let mut gradient = vec![[0.0; WIDTH]; d];
        let forget = vec![0.0; d];
        for n in 0..recorded.len() {
            self.draw_batch(&mut streams.noise, &pools, &mut order, &mut whitened);
            // The kernel subtracts its noise.
            advance(&forget, &self.factor, -1.0, &whitened, &mut gradient);
            if !observe(n, &gradient) {
                return;
            }
        }
    }

    /// t = k: the number of the batch.
    fn time(&self, step: u64) -> f64 {
        step as f64
    }

    fn source(&self, law: Law) -> Option<Source> {
        let formula = &["Cov ĝ_k = G/b + s²G, Cov(ĝ_k, ĝ_l) = G/n + s²G for k ≠ l"];
        let statement = "ZM Lemma 4.1, Theorem 4.3 with its eq. 22, and Proposition 4.5";
        matches!(law, Law::Exact | Law::AcrossTime).then(|| Source::new(formula, statement, file!()))
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let law = Moments { mean: vec![0.0; self.coordinates.dimension()], covariance: self.covariance() };
        Ok(vec![law; steps.len()])
    }

    /// G/n + s²G between batches: all that their pool has in common.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        Ok(if from == to { self.covariance() } else { self.between_pools_covariance() })
    }
}

/// A number in 0…n − 1 from a uniform word: the high half of their product, with a bias below n·2⁻⁶⁴.
#[expect(clippy::cast_possible_truncation, reason = "the high half is below n, which is 32 bits wide")]
fn index_below(n: u32, word: u64) -> usize {
    ((u128::from(word) * u128::from(n)) >> u64::BITS) as usize
}
