//! SGD over a finite pool in random order, reshuffled at every epoch.
//!
//! ```text
//! e_{k+1} = Ae_k − ηξ_k,   A = I − ηH,   ξ = (1/b) Σ_{i ∈ batch} Lz_i
//! LLᵀ = G,   Σ_i z_i = 0,   (1/n) Σ_i z_iz_iᵀ = I
//! ```
//!
//! An epoch is a uniformly random permutation of the n = mb samples, cut into m batches. Their noises are exchangeable
//! and add up to zero, so with κ = (n − b)/(b(n − 1))
//!
//! ```text
//! Cov ξ_p = κG,   Cov(ξ_p, ξ_q) = −κG/(m − 1) within an epoch, 0 across epochs,
//! E[ξ_p | the epoch so far] = −P/(m − p),   P = ξ_0 + … + ξ_{p−1}.
//! ```
//!
//! The second moments close: Cov(e, ξ_p) = −Cov(e, P)/(m − p) = κ·diag(y)·G, where y starts each epoch at 0, and
//!
//! ```text
//! y_i' = a_iy_i + η/(m − 1)                                                       a = 1 − ηh
//! C_ij' = a_iC_ija_j + κG_ij(η² − ηa_iy_i − ηa_jy_j)                              exact at every k
//! ```
//!
//! At constant steps the covariance becomes periodic. Within an epoch it is O(η²), and at its end, where the noises
//! have cancelled, O(η³): ≈ (η³/24)·(n−b)/(b(n−1))·m(m+1)·h_iG_ii along a direction, against the O(η) of sampling with
//! replacement.
//!
//! Source: derived from the definition; Cov ξ_p is ZM Lemma 4.1 (ZM = arXiv 2603.02417v4).

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use sampling::Stream;
use sampling::designs::Pool;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::power::one_minus_power;
use crate::process::recursion::Recursion;
use crate::process::white::White;
use crate::process::{BlockStreams, Observe, Process, Sgd};
use crate::schedule::Schedule;
use crate::source::{Law, Source};
use crate::start::Start;

/// The largest pool: every replicate of a block keeps a permutation of it.
pub const LARGEST_POOL: usize = 4096;

/// SGD that sees every sample of a pool once per epoch, b at a time, in an order drawn anew for each epoch.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::Reshuffled, start::Start};
/// # use dynamics::schedule::{Schedule, StepSize};
/// # use faer::Mat;
/// # use geometry::Spd;
/// let curvature = Spd::diagonal(&[1.0])?;
/// let problem = Quadratic::new(curvature.clone(), curvature.clone().into(), curvature, vec![0.0])?;
/// let samples = Mat::from_fn(6, 1, |i, _| (i * i) as f64);
/// let schedule = Schedule::Constant(StepSize::new(0.1)?);
/// let process = Reshuffled::new(&problem, schedule, 2, samples.as_ref(), &Start::new(vec![0.0], 0.0)?)?;
/// // Cov ξ_0 = (1/b)(n − b)/(n − 1)·G = ½·⅘.
/// assert!((process.exact(&[1])?[0].covariance[(0, 0)] - 0.01 * 0.4).abs() < 1e-15);
/// assert_eq!(process.batches_per_epoch(), 3);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reshuffled {
    /// White noise of the variance of one step, κG.
    one_step: Sgd<White>,
    /// z, sample by sample (n×d).
    pool: Vec<f64>,
    n_samples: usize,
    batch_size: usize,
}

impl Reshuffled {
    /// Batches of b = `batch_size` from the pool of n = `samples.nrows()` per-sample gradients L·z, where z are the
    /// rows of `samples` (n×d, for example standard normals) moved and scaled to mean 0 and (1/n)Σzzᵀ = I. Cost O(nd²).
    ///
    /// # Errors
    /// [`DynamicsError::PoolSize`] unless d < n ≤ [`LARGEST_POOL`], [`DynamicsError::UnevenBatches`] unless b divides
    /// n, [`DynamicsError::Dimension`] for samples of another dimension, [`DynamicsError::Geometry`] if they do not
    /// span the space, and those of [`Sgd::new`].
    pub fn new(
        problem: &Quadratic,
        schedule: Schedule,
        batch_size: usize,
        samples: MatRef<'_, f64>,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        let (n, d) = (samples.nrows(), problem.dimension());
        if samples.ncols() != d {
            return Err(DynamicsError::Dimension { part: "pool of samples", given: samples.ncols(), expected: d });
        }
        if n <= d || n > LARGEST_POOL {
            return Err(DynamicsError::PoolSize { size: n, dimension: d, limit: LARGEST_POOL });
        }
        if batch_size == 0 || n % batch_size != 0 {
            return Err(DynamicsError::UnevenBatches { size: n, batch_size });
        }
        let variance_factor = (n - batch_size) as f64 / (batch_size as f64 * (n - 1) as f64);
        let one_step = Sgd::new(problem, schedule, White { variance_factor }, start)?;
        let whitened = Pool::whiten(samples)?.pool;
        let pool = (0..n).flat_map(|i| whitened.sample(i)).copied().collect();
        Ok(Reshuffled { one_step, pool, n_samples: n, batch_size })
    }

    /// m = n/b.
    #[must_use]
    pub fn batches_per_epoch(&self) -> usize {
        self.n_samples / self.batch_size
    }

    /// κ = (n − b)/(b(n − 1)), the factor between G and the covariance of a batch gradient.
    #[must_use]
    pub fn variance_factor(&self) -> f64 {
        self.one_step.variance_factor()
    }

    /// z, the whitened pool, sample by sample (n×d).
    #[must_use]
    pub fn pool(&self) -> &[f64] {
        &self.pool
    }

    /// The covariance at the end of an epoch once it repeats from epoch to epoch, in the frame, for η = η_0.
    /// Cost O(d²m/2).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        let (h, eta) = (self.frame().rates(), self.one_step.schedule().largest());
        let (d, m) = (h.len(), self.batches_per_epoch() as u64);
        let at_rest = Moments { mean: vec![0.0; d], covariance: Mat::zeros(d, d) };
        let a = self.one_step.contraction_between(0, 1);
        let mut memory = Memory::new(self, d);
        let mut epoch = self.one_step.recursion(&at_rest);
        for k in 0..m {
            memory.step(k, eta, &a, &mut epoch);
        }
        let gained = epoch.moments().covariance;
        Mat::from_fn(d, d, |i, j| gained[(i, j)] / one_minus_power(eta * (h[i] + h[j] - eta * h[i] * h[j]), m))
    }
}

impl Process for Reshuffled {
    fn frame(&self) -> &Frame {
        self.one_step.frame()
    }

    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut walk = self.one_step.walk(streams);
        let mut orders = Orders::new(self.n_samples, self.batch_size, self.frame().dimension());
        for (n, &step) in recorded.iter().enumerate() {
            while walk.step() < step {
                // A batch that is the whole pool has no noise, not even that of rounding.
                let weight = if self.batches_per_epoch() > 1 { 1.0 / self.batch_size as f64 } else { 0.0 };
                walk.advance(weight, |stream, sums| {
                    orders.draw_batch(stream, &self.pool, sums);
                });
            }
            if !observe(n, walk.errors()) {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.one_step.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        let formula = &["y_i' = a_iy_i + η/(m − 1)", "C_ij' = a_iC_ija_j + κG_ij(η² − ηa_iy_i − ηa_jy_j)"];
        let statement = "derived from the definition; ZM Lemma 4.1";
        matches!(law, Law::Exact | Law::AcrossTime).then(|| Source::new(formula, statement, file!()))
    }

    /// Cost O(d²k/2).
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let d = self.frame().dimension();
        let (mut a, mut memory) = (vec![0.0; d], Memory::new(self, d));
        Ok(self.one_step.recursion(&self.one_step.start().moments()).at_each(steps, |k, law| {
            let eta = self.one_step.contract(k, &mut a);
            memory.step(k, eta, &a, law);
        }))
    }

    /// Z = Cov(e_k, e_from) by Z_ij' = a_iZ_ij − ηκG_ijy_j(from) until the epoch of `from` ends, and Z_ij' = a_iZ_ij
    /// after.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let (d, G) = (self.frame().dimension(), self.one_step.noise());
        let (mut a, mut memory) = (vec![0.0; d], Memory::new(self, d));
        let mut Z = self.exact(&[from])?.remove(0).covariance;
        for k in from - from % memory.m..from {
            let eta = self.one_step.contract(k, &mut a);
            memory.remember(eta, &a);
        }
        let end = if from.is_multiple_of(memory.m) { from } else { from.next_multiple_of(memory.m).min(to) };
        for k in from..end {
            let eta = self.one_step.contract(k, &mut a);
            for (i, j) in (0..d).flat_map(|j| (0..d).map(move |i| (i, j))) {
                Z[(i, j)] = a[i] * Z[(i, j)] - eta * memory.kappa * G[(i, j)] * memory.y[j];
            }
        }
        let rest = self.one_step.contraction_between(end, to);
        Ok(Mat::from_fn(d, d, |i, j| rest[i] * Z[(i, j)]))
    }
}

/// What the error knows of the noise that is still to come in its epoch: Cov(e, ξ) = κ·diag(y)·G.
struct Memory {
    y: Vec<f64>,
    u: Vec<f64>,
    kappa: f64,
    m: u64,
}

impl Memory {
    fn new(process: &Reshuffled, d: usize) -> Self {
        let (kappa, m) = (process.variance_factor(), process.batches_per_epoch() as u64);
        Memory { y: vec![0.0; d], u: vec![0.0; d], kappa, m }
    }

    /// The step from k to k + 1 of the moments, with a = 1 − ηh.
    fn step(&mut self, k: u64, eta: f64, a: &[f64], law: &mut Recursion) {
        if k.is_multiple_of(self.m) {
            self.y.fill(0.0);
        }
        for ((u, y), a) in self.u.iter_mut().zip(&self.y).zip(a) {
            *u = -eta * self.kappa * a * y;
        }
        law.step(a, eta * eta * self.kappa, &self.u);
        self.remember(eta, a);
    }

    /// y' = ay + η/(m − 1); an epoch of one batch has nothing to remember.
    fn remember(&mut self, eta: f64, a: &[f64]) {
        if self.m > 1 {
            let gain = eta / (self.m - 1) as f64;
            self.y.iter_mut().zip(a).for_each(|(y, a)| *y = a * *y + gain);
        }
    }
}

/// For each replicate of a block the order of the pool in this epoch, shuffled as far as it has been seen.
struct Orders {
    n_samples: usize,
    batch_size: usize,
    /// How much of each order has been seen.
    n_seen: usize,
    /// The order of replicate r stands at r·n.
    order: Vec<u32>,
    words: Vec<u64>,
    sum: Vec<f64>,
}

impl Orders {
    fn new(n_samples: usize, batch_size: usize, d: usize) -> Self {
        let size = u32::try_from(n_samples).unwrap_or(u32::MAX);
        let order = (0..WIDTH).flat_map(|_| 0..size).collect();
        Orders { n_samples, batch_size, n_seen: 0, order, words: vec![0; batch_size * WIDTH], sum: vec![0.0; d] }
    }

    /// Σ z over the next batch of each order, by b steps of the Fisher–Yates shuffle.
    ///
    /// Each step draws one of the j samples left with a 64-bit word w as ⌊wj/2⁶⁴⌋, at a bias below 2⁻⁵². A new epoch
    /// goes on from the last one's order: shuffled from any order, all are equally likely.
    fn draw_batch(&mut self, stream: &mut Stream, pool: &[f64], sums: &mut [Row]) {
        stream.fill_words(&mut self.words);
        let d = self.sum.len();
        let replicates = self.order.chunks_exact_mut(self.n_samples).zip(self.words.chunks_exact(self.batch_size));
        for (lane, (order, words)) in replicates.enumerate() {
            self.sum.fill(0.0);
            for (place, &word) in (self.n_seen..).zip(words) {
                order.swap(place, place + below(word, order.len() - place));
                let sample = order[place] as usize * d;
                self.sum.iter_mut().zip(&pool[sample..sample + d]).for_each(|(sum, z)| *sum += z);
            }
            sums.iter_mut().zip(&self.sum).for_each(|(row, &sum)| row[lane] = sum);
        }
        self.n_seen = (self.n_seen + self.batch_size) % self.n_samples;
    }
}

/// ⌊w·n/2⁶⁴⌋, between 0 and n − 1.
#[expect(clippy::cast_possible_truncation, reason = "it is below n")]
fn below(word: u64, n: usize) -> usize {
    ((u128::from(word) * n as u128) >> 64) as usize
}
