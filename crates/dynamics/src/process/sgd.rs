//! SGD on a quadratic: the recursion and its exact law, side by side.
//!
//! ```text
//! e_{k+1} = (I − ηH) e_k − η ξ_k,   E ξ = 0,   Cov ξ = σ²G          (σ² = 1/b for batches of b)
//!
//! E e_k   = Aᵏ E e_0,                                A = I − ηH
//! Cov e_k = Σ_d − AᵏΣ_dAᵏ + Aᵏ(Cov e_0)Aᵏ              exact at every k
//! Σ_d     = AΣ_dA + η²σ²G                            discrete stationary covariance, stable iff 0 < η < 2/λ_max(H)
//! HΣ + ΣH = ησ²G                                     leading order in η
//! ```
//!
//! and with decreasing steps η_k = c/(k + k₀)^α, A_k = I − η_kH,
//!
//! ```text
//! Cov e_{k+1} = A_k(Cov e_k)A_k + η_k²σ²G              exact at every k
//! Cov e_k ≈ η_kσ²S,  HS + SH − κS = G                 limit; κ = 1/c for α = 1, 0 for α < 1
//! ```
//!
//! For α = 1 this needs cλ_min(H) > ½, and C = cS is the constant of k·Cov e_k → σ²C,
//! (cH − ½I)C + C(cH − ½I) = c²G.
//!
//! For η → 0 and t = ηk this is the Ornstein–Uhlenbeck process, Cov e_k ≈ Σ − e^{−Ht}(Σ − Cov e_0)e^{−Ht}.
//!
//! Source: ZM Proposition 5.13 and Remark 5.14, from which the finite-k laws follow by induction, ZM Corollary 5.11 for the
//! leading order, ZM Theorem 5.10 for the limit of constant steps and ZM §6 for that of decreasing ones (ZM = arXiv
//! 2603.02417v4).

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::trace_of_product;
use sampling::{Design, Stream};

use crate::block::{PackedLower, Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::in_frame::{InFrame, check_design, is_below};
use crate::process::power::{one_minus_power, power};
use crate::process::recursion::Recursion;
use crate::process::walk::Walk;
use crate::process::{BlockStreams, LeadingOrder, Observe, Process, Stability};
use crate::schedule::{RobbinsMonro, Schedule, StepSize};
use crate::source::{Law, Source};
use crate::start::Start;

/// Stochastic gradient descent θ' = θ − η ĝ_B(θ) on a quadratic problem, in the eigenbasis of H.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::Sgd, schedule::{Schedule, StepSize}, start::Start};
/// # use geometry::Spd;
/// let (h, g, eta, b) = (2.0, 3.0, 0.25, 4);
/// let (curvature, noise) = (Spd::diagonal(&[h])?, Spd::diagonal(&[g])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0])?;
/// let schedule = Schedule::Constant(StepSize::new(eta)?);
/// let start = Start::new(vec![1.0], 0.0)?;
/// let sgd = Sgd::new(&problem, schedule, sampling::designs::Gaussian::new(b)?, &start)?;
///
/// // Σ_d = (η/b)·g/(2h − ηh²), and Σ = (η/b)·g/(2h) to leading order; a = 1 − ηh = ½.
/// let stationary = eta / 4.0 * g / (2.0 * h - eta * h * h);
/// assert_eq!(sgd.stationary_covariance()[(0, 0)], stationary);
/// assert_eq!(sgd.continuous_covariance()[(0, 0)], eta / 4.0 * g / (2.0 * h));
/// let law = &sgd.exact(&[2])?[0];
/// assert_eq!(law.mean, [0.25]);
/// assert_eq!(law.covariance[(0, 0)], stationary * (1.0 - 0.0625));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sgd<D> {
    frame: Frame,
    /// L diag(k) Lᵀ in the frame: G as the design shapes it.
    noise: Mat<f64>,
    /// L with LLᵀ = G, packed for the kernel.
    factor: PackedLower,
    schedule: Schedule,
    design: D,
    /// The law of e₀ in the frame.
    start: Start,
}

impl<D: Design> Sgd<D> {
    /// SGD on `problem`, with batches drawn by `design`.
    ///
    /// # Errors
    /// [`DynamicsError::Unstable`] unless η_k < 2/λ_max(H) for all k, by more than rounding,
    /// [`DynamicsError::Dimension`] for a start or a pool of another dimension, [`DynamicsError::Geometry`] if G cannot be
    /// factored.
    pub fn new(problem: &Quadratic, schedule: Schedule, design: D, start: &Start) -> Result<Self, DynamicsError> {
        Self::with_stability(problem, schedule, design, start, Stability::Required)
    }

    /// The same, with steps that need not be stable if `stability` says so: an escape, over finitely many steps.
    ///
    /// # Errors
    /// As [`Sgd::new`]; [`DynamicsError::Unstable`] where stability is required.
    pub fn with_stability(
        problem: &Quadratic,
        schedule: Schedule,
        design: D,
        start: &Start,
        stability: Stability,
    ) -> Result<Self, DynamicsError> {
        check_design(problem, &design)?;
        let problem = InFrame::new(problem, start)?;
        let noise = problem.shaped_noise(&design);
        let InFrame { frame, factor, start, .. } = problem;
        let sgd = Sgd { frame, noise, factor: PackedLower::new(factor.as_ref()), schedule, design, start };
        match stability {
            Stability::Required => sgd.require_stable().map(|()| sgd),
            Stability::Any => Ok(sgd),
        }
    }

    /// Refuses steps at which e' = (I − ηH)e grows.
    pub(super) fn require_stable(&self) -> Result<(), DynamicsError> {
        let step_size = self.schedule.largest();
        let largest_curvature = self.frame.rates().iter().copied().fold(0.0, f64::max);
        if is_below(step_size * largest_curvature, 2.0, self.frame.dimension()) {
            return Ok(());
        }
        Err(DynamicsError::Unstable { step_size, largest_curvature, limit: 2.0 / largest_curvature })
    }

    /// σ², the factor between G and the covariance of a batch gradient.
    #[must_use]
    pub fn variance_factor(&self) -> f64 {
        self.design.variance_factor()
    }

    /// (Σ_d)_ij = ησ²·G_ij/(h_i + h_j − ηh_ih_j): the discrete stationary covariance in the frame, for η = η_0; for a step
    /// that is not stable, a solution of its equation that is no covariance. Cost O(d²).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        let (h, eta) = (self.frame.rates(), self.schedule.largest());
        self.noise_over(|i, j| h[i] + h[j] - eta * h[i] * h[j])
    }

    /// Σ_ij = ησ²·G_ij/(h_i + h_j): the stationary covariance to leading order in η = η_0, in the frame. Cost O(d²).
    ///
    /// It is below Σ_d in the Loewner order, by a first-order amount in ηλ_max (ZM Remark 5.14).
    #[must_use]
    pub fn continuous_covariance(&self) -> Mat<f64> {
        let h = self.frame.rates();
        self.noise_over(|i, j| h[i] + h[j])
    }

    fn noise_over(&self, divisor: impl Fn(usize, usize) -> f64) -> Mat<f64> {
        let temperature = self.schedule.largest() * self.variance_factor();
        let d = self.frame.dimension();
        Mat::from_fn(d, d, |i, j| temperature * self.noise[(i, j)] / divisor(i, j))
    }

    /// a_iᵏ with a = 1 − ηh, the diagonal of Aᵏ.
    fn contraction(&self, eta: StepSize, step: u64) -> Vec<f64> {
        self.frame.rates().iter().map(|h| power(1.0 - eta.get() * h, step)).collect()
    }

    /// The closed form for constant steps.
    fn constant_law(&self, eta: StepSize, step: u64) -> Moments {
        let Sigma_d = self.stationary_covariance();
        let a_k = self.contraction(eta, step);
        let (h, eta) = (self.frame.rates(), eta.get());
        let Moments { mean, covariance: Cov_0 } = self.start.moments();
        let d = self.frame.dimension();
        Moments {
            mean: mean.iter().zip(&a_k).map(|(m, a)| a * m).collect(),
            covariance: Mat::from_fn(d, d, |i, j| {
                Sigma_d[(i, j)] * one_minus_power(eta * (h[i] + h[j] - eta * h[i] * h[j]), step)
                    + a_k[i] * Cov_0[(i, j)] * a_k[j]
            }),
        }
    }

    /// The recursion of the moments for any steps. Cost O(d²k/2).
    fn recursive_law(&self, steps: &[u64]) -> Vec<Moments> {
        let d = self.frame.dimension();
        let (mut a, u) = (vec![0.0; d], vec![0.0; d]);
        self.recursion(&self.start.moments()).at_each(steps, |k, law| {
            let eta = self.contract(k, &mut a);
            law.step(&a, eta * eta * self.variance_factor(), &u);
        })
    }

    /// Moments that start at `moments` and feel the noise of this descent.
    pub(super) fn recursion(&self, moments: &Moments) -> Recursion {
        Recursion::new(moments, self.noise.as_ref())
    }

    /// Fills a = 1 − η_kh (d) and returns η_k.
    pub(super) fn contract(&self, step: u64, a: &mut [f64]) -> f64 {
        let eta = self.schedule.at(step);
        a.iter_mut().zip(self.frame.rates()).for_each(|(a, h)| *a = 1.0 - eta * h);
        eta
    }

    /// Π_{from ≤ k < to} (1 − η_kh_i), the diagonal of A_{to−1}…A_{from}. Cost O(d) for constant steps, O(d(to − from))
    /// for others.
    pub(super) fn contraction_between(&self, from: u64, to: u64) -> Vec<f64> {
        let factor = |h: &f64| match self.schedule {
            Schedule::Constant(eta) => power(1.0 - eta.get() * h, to - from),
            Schedule::RobbinsMonro(_) | Schedule::Cyclical(_) => {
                (from..to).map(|k| 1.0 - self.schedule.at(k) * h).product()
            }
        };
        self.frame.rates().iter().map(factor).collect()
    }

    /// A block at its start.
    pub(super) fn walk(&self, streams: BlockStreams) -> Walk<'_> {
        Walk::new(self.frame.rates(), &self.factor, &self.schedule, &self.start, streams)
    }

    /// Takes one step with the noise of the design.
    pub(super) fn advance(&self, walk: &mut Walk<'_>) {
        let draw = |stream: &mut Stream, whitened: &mut [Row]| {
            self.design.draw(stream, whitened.as_flattened_mut(), WIDTH);
        };
        walk.advance(self.variance_factor().sqrt(), draw);
    }

    pub(super) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(super) fn start(&self) -> &Start {
        &self.start
    }

    /// G in the frame, as the design shapes it.
    pub(super) fn noise(&self) -> MatRef<'_, f64> {
        self.noise.as_ref()
    }

    /// The law of the Ornstein–Uhlenbeck limit: mean e^{−Ht}m, covariance Σ − e^{−Ht}(Σ − Cov e₀)e^{−Ht} at t = ηk.
    fn diffusion_limit(&self, eta: StepSize, step: u64) -> Moments {
        let Sigma = self.continuous_covariance();
        let t = eta.get() * step as f64;
        let (h, Moments { mean, covariance: Cov_0 }) = (self.frame.rates(), self.start.moments());
        let d = self.frame.dimension();
        Moments {
            mean: mean.iter().zip(h).map(|(m, h)| m * libm::exp(-h * t)).collect(),
            covariance: Mat::from_fn(d, d, |i, j| {
                let rate = (h[i] + h[j]) * t;
                -libm::expm1(-rate) * Sigma[(i, j)] + libm::exp(-rate) * Cov_0[(i, j)]
            }),
        }
    }

    /// The central limit theorem of stochastic approximation: mean 0 and Cov e_k ≈ η_kσ²S with
    /// S_ij = G_ij/(h_i + h_j − κ), κ = 1/c for α = 1 and 0 for α < 1.
    ///
    /// Source: ZM §6 for α = 1; H. J. Kushner and G. G. Yin, Stochastic Approximation and Recursive Algorithms, 2nd ed.
    /// (2003), chapter 10, for both.
    fn central_limit(&self, schedule: &RobbinsMonro, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let shift = self.central_shift(schedule)?;
        let (h, d, variance_factor) = (self.frame.rates(), self.frame.dimension(), self.variance_factor());
        let at = |step: u64| {
            let temperature = self.schedule.at(step) * variance_factor;
            let covariance = Mat::from_fn(d, d, |i, j| temperature * self.noise[(i, j)] / (h[i] + h[j] - shift));
            Moments { mean: vec![0.0; d], covariance }
        };
        Ok(steps.iter().map(|&step| at(step)).collect())
    }

    /// κ, by which the decrease of the steps lowers the rate 2h of a variance, relative to η_k.
    ///
    /// # Errors
    /// [`DynamicsError::SlowRate`] for α = 1 and cλ_min(H) ≤ ½ + 8dε, where nothing is left of the rate.
    pub(super) fn central_shift(&self, schedule: &RobbinsMonro) -> Result<f64, DynamicsError> {
        if schedule.exponent() < 1.0 {
            return Ok(0.0);
        }
        let c = schedule.scale();
        let product = c * self.frame.rates().iter().copied().fold(f64::INFINITY, f64::min);
        let resolution = geometry::rounding(self.frame.dimension());
        if product > 0.5 + resolution {
            return Ok(1.0 / c);
        }
        let regime = if product >= 0.5 - resolution {
            "at ½ the rate has a logarithmic factor"
        } else {
            "below ½ the rate is k^(−2cλ_min) and depends on the start"
        };
        Err(DynamicsError::SlowRate { product, regime })
    }
}

impl<D: Design> Process for Sgd<D> {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut walk = self.walk(streams);
        for (n, &step) in recorded.iter().enumerate() {
            while walk.step() < step {
                self.advance(&mut walk);
            }
            if !observe(n, walk.errors()) {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.schedule.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        let source = |formula, statement| Some(Source::new(formula, statement, file!()));
        match (law, &self.schedule) {
            (Law::Exact | Law::AcrossTime, Schedule::Constant(_)) => source(
                &["E e_k = Aᵏ E e_0, A = I − ηH", "Cov e_k = Σ_d − AᵏΣ_dAᵏ + Aᵏ(Cov e_0)Aᵏ", "Σ_d = AΣ_dA + η²σ²G"],
                "ZM Proposition 5.13",
            ),
            (Law::Exact | Law::AcrossTime, _) => {
                source(&["Cov e_{k+1} = A_k(Cov e_k)A_k + η_k²σ²G"], "ZM Proposition 5.13")
            }
            (Law::LeadingOrder, Schedule::Constant(_)) => source(&["HΣ + ΣH = ησ²G"], "ZM Corollary 5.11"),
            (Law::Limit, Schedule::Constant(_)) => {
                source(&["Cov e_k ≈ Σ − e^{−Ht}(Σ − Cov e_0)e^{−Ht}", "HΣ + ΣH = ησ²G"], "ZM Theorem 5.10")
            }
            (Law::Limit, Schedule::RobbinsMonro(_)) => source(&["Cov e_k ≈ η_kσ²S, HS + SH − κS = G"], "ZM §6"),
            (Law::LeadingOrder, _) | (Law::Limit, Schedule::Cyclical(_)) => None,
        }
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Ok(match self.schedule {
            Schedule::Constant(eta) if self.require_stable().is_ok() => {
                steps.iter().map(|&step| self.constant_law(eta, step)).collect()
            }
            // Where it grows, the closed form of constant steps has a pole at h_i + h_j = ηh_ih_j.
            Schedule::Constant(_) | Schedule::RobbinsMonro(_) | Schedule::Cyclical(_) => self.recursive_law(steps),
        })
    }

    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        match &self.schedule {
            Schedule::Constant(eta) => Ok(steps.iter().map(|&step| self.diffusion_limit(*eta, step)).collect()),
            Schedule::RobbinsMonro(schedule) => self.central_limit(schedule, steps),
            Schedule::Cyclical(_) => {
                let reason =
                    "cyclical steps neither stay constant nor decrease to 0; a claim can be made against `exact`";
                Err(DynamicsError::NoLaw { law: "limit", reason })
            }
        }
    }

    /// Cov(e_to, e_from) = A_{to−1}…A_{from}·Cov e_from.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let contraction = self.contraction_between(from, to);
        let law = self.exact(&[from])?.remove(0);
        Ok(Mat::from_fn(contraction.len(), contraction.len(), |i, j| contraction[i] * law.covariance[(i, j)]))
    }

    /// For M ⪰ 0 that commutes with H, with ℓ = tr(MΣ):
    ///
    /// ```text
    /// E e_kᵀMe_k = tr(MΣ_d) − tr(MAᵏΣ_dAᵏ) + tr(MAᵏ(E e_0e_0ᵀ)Aᵏ),    ℓ ≤ tr(MΣ_d) ≤ ℓ/(1 − ½ηλ_max)
    /// ```
    ///
    /// so the remainder is ½ηλ_max/(1 − ½ηλ_max) above (the discretisation), what the start still adds above, and
    /// what the noise has not yet filled in below.
    fn leading_order(&self, metric: MatRef<'_, f64>, step: u64) -> Result<LeadingOrder, DynamicsError> {
        let Schedule::Constant(eta) = self.schedule else {
            let reason = "it is implemented for constant steps; a claim can be made against `limit`";
            return Err(DynamicsError::NoLaw { law: "leading-order law", reason });
        };
        self.require_stable()?;
        check_metric(metric, self.frame.rates())?;
        let value = trace_of_product(metric, self.continuous_covariance().as_ref())?;
        if value <= 0.0 {
            return Err(DynamicsError::NothingToLeadingOrder { value });
        }
        let a_k = self.contraction(eta, step);
        let contracted = |S: &Mat<f64>| Mat::from_fn(a_k.len(), a_k.len(), |i, j| a_k[i] * S[(i, j)] * a_k[j]);
        let Moments { mean, covariance } = self.start.moments();
        let start = Mat::from_fn(a_k.len(), a_k.len(), |i, j| mean[i] * mean[j] + covariance[(i, j)]);
        let left = trace_of_product(metric, contracted(&start).as_ref())?;
        let missing = trace_of_product(metric, contracted(&self.stationary_covariance()).as_ref())?;
        let half = 0.5 * self.schedule.largest() * self.frame.rates().iter().copied().fold(0.0, f64::max);
        Ok(LeadingOrder { value, below: missing / value, above: half / (1.0 - half) + left / value })
    }
}

/// Refuses a metric that couples directions of different curvature, up to rounding of the rotation, or is indefinite.
fn check_metric(M: MatRef<'_, f64>, h: &[f64]) -> Result<(), DynamicsError> {
    let d = h.len();
    let largest_rate = h.iter().copied().fold(0.0, f64::max);
    let scale = (0..d).fold(0.0_f64, |scale, i| scale.max(M[(i, i)].abs()));
    let coupling = |&(row, column): &(usize, usize)| (M[(row, column)] * (h[row] - h[column])).abs();
    let pairs = (0..d).flat_map(|column| (0..column).map(move |row| (row, column)));
    let largest = pairs.max_by(|p, q| coupling(p).total_cmp(&coupling(q)));
    if let Some((row, column)) = largest.filter(|pair| coupling(pair) > 1e-10 * scale * largest_rate) {
        return Err(DynamicsError::RemainderUnknown { row, column, entry: M[(row, column)] });
    }
    // A diagonal metric shows its eigenvalues; only another needs an eigensolver to prove that it is no worse.
    let is_diagonal = (0..d).all(|j| (0..j).all(|i| M[(i, j)] == 0.0));
    if !(is_diagonal && (0..d).all(|i| M[(i, i)] >= 0.0)) {
        geometry::Psd::new(M.to_owned())?;
    }
    Ok(())
}
