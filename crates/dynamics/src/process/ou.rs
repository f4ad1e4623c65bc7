//! The Ornstein–Uhlenbeck process on a grid of times, sampled from its transition law or by Euler–Maruyama.
//!
//! ```text
//! dX = −HX dt + σ L dW,   LLᵀ = G                          (σ² = 1/b for the noise of batches of b)
//!
//! E X_t   = e^{−Ht} E X_0
//! Cov X_t = Σ − e^{−Ht}(Σ − Cov X_0)e^{−Ht}                exact at every t
//! HΣ + ΣH = σ²G                                            stationary covariance
//! ```
//!
//! From one point of the grid to the next, Δt later, the two methods take
//!
//! ```text
//! X' = e^{−HΔt}X + Kζ,   KKᵀ = Σ − e^{−HΔt}Σe^{−HΔt}       the transition law itself: no bias
//! X' = (I − δH)X + √δ σ Lζ,   δ = Δt/n, n times            Euler–Maruyama, stable iff δ < 2/λ_max(H)
//!
//! Σ_EM = (I − δH)Σ_EM(I − δH) + δσ²G                       its stationary covariance, above Σ by a first-order bias in δ
//! ```
//!
//! Source: ZM Theorem 5.10 and its Experiment 2 (ZM = arXiv 2603.02417v4), where G/b drives the process.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use sampling::normal::fill_normals;

use crate::block::{PackedLower, WIDTH, advance};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::in_frame::{InFrame, is_below};
use crate::process::power::{one_minus_power, power};
use crate::process::{BlockStreams, Observe, Process};
use crate::schedule::{non_negative, positive};
use crate::source::{Law, Source};
use crate::start::Start;

/// dX = −HX dt + σ L dW at the times 0, Δt, 2Δt, …, in the eigenbasis of H.
///
/// A *step* of the process is a point of the grid. [`exact`](Process::exact) is the law of what the chosen
/// [`Transition`] simulates, [`limit`](Process::limit) that of the continuous process.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::{OrnsteinUhlenbeck, Transition}, start::Start};
/// # use geometry::Spd;
/// let (h, g, variance_factor, spacing) = (2.0, 3.0, 0.25, 0.5);
/// let (curvature, noise) = (Spd::diagonal(&[h])?, Spd::diagonal(&[g])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0])?;
/// let start = Start::new(vec![1.0], 0.0)?;
/// let process = |transition| OrnsteinUhlenbeck::new(&problem, variance_factor, spacing, transition, &start);
///
/// // Σ = σ²g/(2h); with δ = ¼ Euler–Maruyama has Σ_EM = σ²g/(2h − δh²) and halves X a substep.
/// let euler = process(Transition::EulerMaruyama { substeps: 2 })?;
/// assert_eq!(process(Transition::Exact)?.stationary_covariance()[(0, 0)], 0.1875);
/// assert_eq!(euler.stationary_covariance()[(0, 0)], 0.25);
/// let law = &euler.exact(&[1])?[0];
/// assert_eq!((law.mean[0], law.covariance[(0, 0)]), (0.25, 0.25 * (1.0 - 0.0625)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct OrnsteinUhlenbeck {
    frame: Frame,
    /// G in the frame.
    noise: Mat<f64>,
    variance_factor: f64,
    spacing: f64,
    transition: Transition,
    substep: Substep,
    /// The law of X₀ in the frame.
    start: Start,
}

/// How the process gets from one point of the grid to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// By a draw from the transition law.
    Exact,
    /// By n = `substeps` ≥ 1 steps of Euler–Maruyama.
    EulerMaruyama {
        /// n.
        substeps: u32,
    },
}

/// X ← diag(decay)·X − scale·Kζ, `count` times from one point of the grid to the next.
#[derive(Debug, Clone)]
struct Substep {
    decay: Vec<f64>,
    factor: PackedLower,
    scale: f64,
    count: u32,
}

impl OrnsteinUhlenbeck {
    /// The process with drift −HX and diffusion σ²G of `problem`, with σ² = `variance_factor` ≥ 0 and Δt = `spacing`.
    /// Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::Negative`] for σ², [`DynamicsError::NotPositive`] for Δt or for 0 substeps,
    /// [`DynamicsError::UnstableRecursion`] unless δ < 2/λ_max(H) by more than rounding (Euler–Maruyama only),
    /// [`DynamicsError::Dimension`] for a start of another dimension, [`DynamicsError::Geometry`] if the covariance of
    /// a step cannot be factored.
    pub fn new(
        problem: &Quadratic,
        variance_factor: f64,
        spacing: f64,
        transition: Transition,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        let variance_factor = non_negative("variance factor σ²", variance_factor)?;
        let spacing = positive("time spacing Δt", spacing)?;
        let problem = InFrame::new(problem, start)?;
        let substep = match transition {
            Transition::Exact => Substep::exact(&problem, variance_factor, spacing)?,
            Transition::EulerMaruyama { substeps } => Substep::euler(&problem, variance_factor, spacing, substeps)?,
        };
        let InFrame { frame, noise, start, .. } = problem;
        Ok(OrnsteinUhlenbeck { frame, noise, variance_factor, spacing, transition, substep, start })
    }

    /// The stationary covariance of what is simulated, in the frame: Σ, or (Σ_EM)_ij = σ²G_ij/(h_i + h_j − δh_ih_j).
    /// Cost O(d²).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        match self.transition {
            Transition::Exact => self.continuous_covariance(),
            Transition::EulerMaruyama { substeps } => {
                let (h, delta) = (self.frame.rates(), self.spacing / f64::from(substeps));
                self.noise_over(|i, j| h[i] + h[j] - delta * h[i] * h[j])
            }
        }
    }

    /// Σ_ij = σ²G_ij/(h_i + h_j): the stationary covariance of the continuous process, in the frame. Cost O(d²).
    #[must_use]
    pub fn continuous_covariance(&self) -> Mat<f64> {
        let h = self.frame.rates();
        self.noise_over(|i, j| h[i] + h[j])
    }

    fn noise_over(&self, divisor: impl Fn(usize, usize) -> f64) -> Mat<f64> {
        let d = self.frame.dimension();
        Mat::from_fn(d, d, |i, j| self.variance_factor * self.noise[(i, j)] / divisor(i, j))
    }

    /// e^{−ht}.
    fn flow(&self, step: u64) -> Vec<f64> {
        let t = self.time(step);
        self.frame.rates().iter().map(|h| libm::exp(-h * t)).collect()
    }

    /// The factor of X over `step` points of the grid: e^{−ht}, or (1 − δh)^{n·step}.
    fn propagator(&self, step: u64) -> Vec<f64> {
        match self.transition {
            Transition::Exact => self.flow(step),
            Transition::EulerMaruyama { .. } => {
                self.substep.decay.iter().map(|&a| power(a, self.n_substeps(step))).collect()
            }
        }
    }

    fn n_substeps(&self, step: u64) -> u64 {
        step.saturating_mul(u64::from(self.substep.count))
    }

    /// Mean Pm and covariance (share filled of) Σ + P(Cov X_0)P for the diagonal propagator P.
    fn law(&self, propagator: &[f64], Sigma: &Mat<f64>, filled: impl Fn(usize, usize) -> f64) -> Moments {
        let Moments { mean, covariance: Cov_0 } = self.start.moments();
        let d = self.frame.dimension();
        Moments {
            mean: mean.iter().zip(propagator).map(|(m, p)| p * m).collect(),
            covariance: Mat::from_fn(d, d, |i, j| {
                Sigma[(i, j)] * filled(i, j) + propagator[i] * Cov_0[(i, j)] * propagator[j]
            }),
        }
    }

    fn continuous_law(&self, Sigma: &Mat<f64>, step: u64) -> Moments {
        let (h, t) = (self.frame.rates(), self.time(step));
        self.law(&self.flow(step), Sigma, |i, j| -libm::expm1(-(h[i] + h[j]) * t))
    }

    fn euler_law(&self, Sigma_EM: &Mat<f64>, delta: f64, step: u64) -> Moments {
        let (h, n) = (self.frame.rates(), self.n_substeps(step));
        let filled = |i: usize, j: usize| one_minus_power(delta * (h[i] + h[j] - delta * h[i] * h[j]), n);
        self.law(&self.propagator(step), Sigma_EM, filled)
    }
}

impl Substep {
    /// K with (KKᵀ)_ij = σ²G_ij·(1 − e^{−(h_i+h_j)Δt})/(h_i + h_j).
    fn exact(problem: &InFrame, variance_factor: f64, spacing: f64) -> Result<Self, DynamicsError> {
        let h = problem.frame.rates();
        let Q = Mat::from_fn(h.len(), h.len(), |i, j| {
            let rate = h[i] + h[j];
            variance_factor * problem.noise[(i, j)] * (-libm::expm1(-rate * spacing) / rate)
        });
        let factor = PackedLower::new(geometry::Psd::new(Q)?.lower_factor()?.as_ref());
        Ok(Substep { decay: h.iter().map(|h| libm::exp(-h * spacing)).collect(), factor, scale: 1.0, count: 1 })
    }

    fn euler(problem: &InFrame, variance_factor: f64, spacing: f64, count: u32) -> Result<Self, DynamicsError> {
        let delta = spacing / positive("number of substeps", f64::from(count))?;
        let largest_curvature = problem.largest_curvature();
        if !is_below(delta * largest_curvature, 2.0, problem.frame.dimension()) {
            let (what, bound, limit) = ("Euler–Maruyama substep δ", "2/λ_max(H)", 2.0 / largest_curvature);
            return Err(DynamicsError::UnstableRecursion { what, given: delta, bound, limit });
        }
        let decay = problem.frame.rates().iter().map(|h| 1.0 - delta * h).collect();
        let factor = PackedLower::new(problem.factor.as_ref());
        Ok(Substep { decay, factor, scale: (delta * variance_factor).sqrt(), count })
    }
}

/// Rows of normals drawn at once. Drawing step by step gives the same numbers, but for a small d the calls cost more
/// than the draws.
const ROWS: usize = 32;

impl Process for OrnsteinUhlenbeck {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.frame.dimension();
        let Substep { decay, factor, scale, .. } = &self.substep;
        let mut errors = vec![[0.0; WIDTH]; d];
        let mut whitened = vec![[0.0; WIDTH]; d * (ROWS / d).max(1)];
        self.start.draw(&mut streams.start, &mut errors);
        let (mut taken, mut used) = (0, whitened.len());
        for (n, &step) in recorded.iter().enumerate() {
            while taken < self.n_substeps(step) {
                if used == whitened.len() {
                    fill_normals(&mut streams.noise, whitened.as_flattened_mut());
                    used = 0;
                }
                advance(decay, factor, *scale, &whitened[used..used + d], &mut errors);
                used += d;
                taken += 1;
            }
            if !observe(n, &errors) {
                return;
            }
        }
    }

    /// t = kΔt.
    fn time(&self, step: u64) -> f64 {
        step as f64 * self.spacing
    }

    fn source(&self, law: Law) -> Option<Source> {
        let source = |formula| Some(Source::new(formula, "ZM Theorem 5.10", file!()));
        match (law, self.transition) {
            (Law::Exact | Law::AcrossTime, Transition::EulerMaruyama { .. }) => {
                source(&["X' = (I − δH)X + √δ σ Lζ, δ = Δt/n, n times", "Σ_EM = (I − δH)Σ_EM(I − δH) + δσ²G"])
            }
            (Law::Exact | Law::AcrossTime, Transition::Exact) | (Law::Limit, _) => {
                source(&["E X_t = e^{−Ht} E X_0", "Cov X_t = Σ − e^{−Ht}(Σ − Cov X_0)e^{−Ht}", "HΣ + ΣH = σ²G"])
            }
            (Law::LeadingOrder, _) => None,
        }
    }

    /// The law of the method that is simulated, with its bias. Cost O(d²) a step.
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let Transition::EulerMaruyama { substeps } = self.transition else {
            return self.limit(steps);
        };
        let (Sigma_EM, delta) = (self.stationary_covariance(), self.spacing / f64::from(substeps));
        Ok(steps.iter().map(|&step| self.euler_law(&Sigma_EM, delta, step)).collect())
    }

    /// The law of the continuous process at t = kΔt. Cost O(d²) a step.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let Sigma = self.continuous_covariance();
        Ok(steps.iter().map(|&step| self.continuous_law(&Sigma, step)).collect())
    }

    /// Cov(X_to, X_from) = P·Cov X_from with P = e^{−H(to−from)Δt}, or (I − δH)^{n(to−from)}.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let propagator = self.propagator(to - from);
        let law = self.exact(&[from])?.remove(0);
        Ok(Mat::from_fn(propagator.len(), propagator.len(), |i, j| propagator[i] * law.covariance[(i, j)]))
    }
}
