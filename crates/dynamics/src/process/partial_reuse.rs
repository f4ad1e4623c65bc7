//! SGD that reuses a part of every batch in the next one: noise with a memory of one step.
//!
//! ```text
//! e_{k+1} = Ae_k − ηξ_k,   ξ_k = (1/b)(R_{k−1} + F_k),   F_k = R_k + O_k,   A = I − ηH
//! ```
//!
//! F_k is the sum of the b − r fresh per-sample noises of batch k and R_k of the r ≤ b/2 among them that batch k + 1
//! sees again; R_{−1} is drawn from the same law. So Cov ξ_k = G/b whatever r is, but Cov(ξ_k, ξ_{k−1}) = (r/b²)G, and
//! the error already knows a part of the noise that comes: Cov(e_k, R_{k−1}) = −(η_{k−1}r/b)G for k ≥ 1. Hence
//!
//! ```text
//! C' = ACA + (η_k²/b)G + (η_kη_{k−1}r/b²)(AG + GA)        exact at every k ≥ 1; the last term is absent at k = 0
//! Σ_ij = (Σ_d)_ij·(1 + (r/b)(a_i + a_j))                  stationary, constant steps, a = 1 − ηh
//! ```
//!
//! with Σ_d the covariance under white noise of the same variance. The factor is between 1 − 2r/b and 1 + 2r/b and
//! depends on the direction: no scalar inflation (1 + ρ)G of white noise gives Σ, except in the limit ηH → 0, where ρ =
//! 2r/b. (At r = b/2 the factor 1 + a cancels the 2 − ηh of Σ_d, and Σ_ii is that limit at every η; Σ_ij, i ≠ j, is
//! not.)
//!
//! Source: derived from the definition; ZM Appendix B (ZM = arXiv 2603.02417v4) has the scalar model.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::power::one_minus_power;
use crate::process::white::White;
use crate::process::{BlockStreams, Observe, Process, Sgd};
use crate::schedule::Schedule;
use crate::source::{Law, Source};
use crate::start::Start;

/// SGD with batches of b Gaussian samples, r of which come from the fresh ones of the batch before.
///
/// # Example
/// ```
/// # use dynamics::{problem::Quadratic, process::PartialReuse, schedule::{Schedule, StepSize}, start::Start};
/// # use geometry::Spd;
/// let curvature = Spd::diagonal(&[1.0, 9.0])?;
/// let problem = Quadratic::new(curvature.clone(), curvature.clone().into(), curvature, vec![0.0; 2])?;
/// let schedule = Schedule::Constant(StepSize::new(0.1)?);
/// let process = PartialReuse::new(&problem, schedule, 8, 4, &Start::new(vec![0.0; 2], 0.0)?)?;
/// let (correlated, white) = (process.stationary_covariance(), process.white_noise_covariance());
/// // 1 + a along each direction, a = 1 − ηh = 0.9 and 0.1: the memory nearly doubles only the slow one.
/// assert!((correlated[(0, 0)] / white[(0, 0)] - 1.9).abs() < 1e-15);
/// assert!((correlated[(1, 1)] / white[(1, 1)] - 1.1).abs() < 1e-15);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PartialReuse {
    /// White noise of the variance of one step, G/b.
    one_step: Sgd<White>,
    /// White noise of the long-run variance Σ_l Cov(ξ_k, ξ_{k+l}) = (G/b)(1 + 2r/b).
    long_run: Sgd<White>,
    batch_size: f64,
    reused: f64,
}

impl PartialReuse {
    /// Batches of b = `batch_size` samples, r = `reused` of them seen before. Where r = 0 this is [`Sgd`] with Gaussian
    /// batches.
    ///
    /// # Errors
    /// [`DynamicsError::ReuseTooLarge`] for r > b/2, since only b − r samples of a batch are fresh,
    /// [`DynamicsError::NotPositive`] for b = 0, and those of [`Sgd::new`].
    pub fn new(
        problem: &Quadratic,
        schedule: Schedule,
        batch_size: u64,
        reused: u64,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        if batch_size == 0 {
            return Err(DynamicsError::NotPositive { what: "batch size b", given: 0.0 });
        }
        if reused > batch_size / 2 {
            return Err(DynamicsError::ReuseTooLarge { reused, batch_size });
        }
        let (b, r) = (batch_size as f64, reused as f64);
        let white = |variance_factor| Sgd::new(problem, schedule, White { variance_factor }, start);
        let (one_step, long_run) = (white(1.0 / b)?, white((1.0 + 2.0 * r / b) / b)?);
        Ok(PartialReuse { one_step, long_run, batch_size: b, reused: r })
    }

    /// r/b, the correlation of the noise of two consecutive batches: between 0 and ½.
    #[must_use]
    pub fn noise_correlation(&self) -> f64 {
        self.reused / self.batch_size
    }

    /// Σ_ij = (Σ_d)_ij·(1 + (r/b)(a_i + a_j)) in the frame, for η = η_0. Cost O(d²).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        let (Sigma_d, a) = (self.white_noise_covariance(), self.contraction());
        let rho = self.noise_correlation();
        Mat::from_fn(a.len(), a.len(), |i, j| Sigma_d[(i, j)] * (1.0 + rho * (a[i] + a[j])))
    }

    /// Σ_d, the stationary covariance that white noise of the same variance G/b would have, in the frame, for η = η_0.
    ///
    /// What a model without memory predicts, up to a scalar. Cost O(d²).
    #[must_use]
    pub fn white_noise_covariance(&self) -> Mat<f64> {
        self.one_step.stationary_covariance()
    }

    /// a = 1 − η_0h.
    fn contraction(&self) -> Vec<f64> {
        self.one_step.contraction_between(0, 1)
    }

    /// η_{k−1}r/b, the factor of −G in Cov(e_k, R_{k−1}); 0 at k = 0.
    fn memory(&self, step: u64) -> f64 {
        step.checked_sub(1).map_or(0.0, |before| self.one_step.schedule().at(before) * self.noise_correlation())
    }

    /// The law under white noise, and what the memory adds to it.
    fn constant_law(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let (Sigma_d, a, rho) = (self.white_noise_covariance(), self.contraction(), self.noise_correlation());
        let (h, eta) = (self.frame().rates(), self.one_step.schedule().largest());
        let mut laws = self.one_step.exact(steps)?;
        for (law, step) in laws.iter_mut().zip(steps) {
            let remembered = step.saturating_sub(1);
            law.covariance += Mat::from_fn(a.len(), a.len(), |i, j| {
                let filled = one_minus_power(eta * (h[i] + h[j] - eta * h[i] * h[j]), remembered);
                filled * Sigma_d[(i, j)] * rho * (a[i] + a[j])
            });
        }
        Ok(laws)
    }

    /// The recursion for any steps. Cost O(d²k/2).
    fn recursive_law(&self, steps: &[u64]) -> Vec<Moments> {
        let d = self.frame().dimension();
        let (mut a, mut u) = (vec![0.0; d], vec![0.0; d]);
        self.one_step.recursion(&self.one_step.start().moments()).at_each(steps, |k, law| {
            let eta = self.one_step.contract(k, &mut a);
            let memory = eta * self.memory(k) / self.batch_size;
            u.iter_mut().zip(&a).for_each(|(u, a)| *u = memory * a);
            law.step(&a, eta * eta / self.batch_size, &u);
        })
    }
}

impl Process for PartialReuse {
    fn frame(&self) -> &Frame {
        self.one_step.frame()
    }

    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let (b, r) = (self.batch_size, self.reused);
        let (shared, own) = (r.sqrt() / b, (b - 2.0 * r).sqrt() / b);
        let d = self.frame().dimension();
        let (mut seen, mut kept) = (vec![[0.0; WIDTH]; d], vec![[0.0; WIDTH]; d]);
        let mut walk = self.one_step.walk(streams);
        if r > 0.0 {
            fill_normals(walk.stream(), seen.as_flattened_mut());
        }
        for (n, &step) in recorded.iter().enumerate() {
            while walk.step() < step {
                walk.advance(1.0, |stream, whitened| {
                    draw(stream, shared, own, &seen, &mut kept, whitened);
                });
                std::mem::swap(&mut seen, &mut kept);
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
        let statement = "derived from the definition; ZM Appendix B";
        let source = |formula| Some(Source::new(formula, statement, file!()));
        match law {
            Law::Exact | Law::AcrossTime => source(&["C' = ACA + (η_k²/b)G + (η_kη_{k−1}r/b²)(AG + GA)"]),
            Law::Limit => source(&["Σ_l Cov(ξ_k, ξ_{k+l}) = (G/b)(1 + 2r/b)"]),
            Law::LeadingOrder => None,
        }
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        match self.one_step.schedule() {
            Schedule::Constant(_) => self.constant_law(steps),
            Schedule::RobbinsMonro(_) | Schedule::Cyclical(_) => Ok(self.recursive_law(steps)),
        }
    }

    /// The limit of SGD with the long-run variance (G/b)(1 + 2r/b) of the noise: small steps see nothing else of it.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        self.long_run.limit(steps)
    }

    /// Cov(e_to, e_from) = A_{to−1}…A_{from+1}(A_{from}C + (η_{from}η_{from−1}r/b²)G) for to > from.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let C = self.exact(&[from])?.remove(0).covariance;
        if to == from {
            return Ok(C);
        }
        let first = self.one_step.contraction_between(from, from + 1);
        let rest = self.one_step.contraction_between(from + 1, to);
        let memory = self.one_step.schedule().at(from) * self.memory(from) / self.batch_size;
        let G = self.one_step.noise();
        Ok(Mat::from_fn(C.nrows(), C.ncols(), |i, j| rest[i] * (first[i] * C[(i, j)] + memory * G[(i, j)])))
    }
}

/// ζ = `shared`·(ρ_{k−1} + ρ_k) + `own`·o_k, whitened R_{k−1}, R_k and O_k; ρ_k is left in `kept`.
fn draw(stream: &mut Stream, shared: f64, own: f64, seen: &[Row], kept: &mut [Row], whitened: &mut [Row]) {
    fill_normals(stream, whitened.as_flattened_mut());
    if shared > 0.0 {
        fill_normals(stream, kept.as_flattened_mut());
    }
    let reused = seen.as_flattened().iter().zip(kept.as_flattened());
    for (zeta, (seen, kept)) in whitened.as_flattened_mut().iter_mut().zip(reused) {
        *zeta = shared * (seen + kept) + own * *zeta;
    }
}
