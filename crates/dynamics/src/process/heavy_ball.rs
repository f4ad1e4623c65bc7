//! SGD with heavy-ball momentum on a quadratic: the recursion and its exact law, side by side.
//!
//! ```text
//! m' = βm + g,   θ' = θ − ηm',   g = He + ξ,   Cov ξ = σ²G,   m_0 = 0          (σ² = 1/b for batches of b)
//! ```
//!
//! With v = −ηm, the last move, the pair (e_i, v_i) along an eigendirection of H obeys
//!
//! ```text
//! (e, v)'_i = M_i (e, v)_i − η ξ_i (1, 1),   M_i = | 1 − ηh_i  β |
//!                                                  |    −ηh_i  β |
//! X'_ij = M_i X_ij M_jᵀ + η²σ²G_ij (1, 1)(1, 1)ᵀ       X_ij = Cov((e, v)_i, (e, v)_j), exact at every k
//! ```
//!
//! and is stable iff ηλ_max < 2(1 + β). The e-part of its fixed point solves
//!
//! ```text
//! (1−β)(HΣ + ΣH) − ((1+β²)/(1−β²)) ηHΣH + (β/(1−β²)) η(H²Σ + ΣH²) = ησ²G
//! Σ_ii = ησ²((1+β)/(1−β)) G_ii/(h_i(2(1+β) − ηh_i))
//! ```
//!
//! For η → 0 at fixed β and t = η̃k this is plain SGD of the effective step η̃ = η/(1−β): the Ornstein–Uhlenbeck limit
//! with HΣ + ΣH = η̃σ²G, because the momentum forgets m_0 within O(1/(1−β)) steps.
//!
//! Source: derived from the recursion; B. T. Polyak, USSR Comput. Math. Math. Phys. 4 (1964) 1–17, for the method.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use sampling::Design;

use crate::block::{PackedLower, Row, WIDTH, advance};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::in_frame::{InFrame, check_design, is_below};
use crate::process::{BlockStreams, Observe, Process};
use crate::schedule::StepSize;
use crate::source::{Law, Source};
use crate::start::Start;

/// Heavy-ball SGD on a quadratic problem, in the eigenbasis of H. The errors e are observed, the momentum is not.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::HeavyBall, schedule::StepSize, start::Start};
/// # use geometry::Spd;
/// let (h, g, eta, beta, b) = (2.0, 3.0, 0.25, 0.5, 4);
/// let (curvature, noise) = (Spd::diagonal(&[h])?, Spd::diagonal(&[g])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0])?;
/// let start = Start::new(vec![1.0], 0.0)?;
/// let design = sampling::designs::Gaussian::new(b)?;
/// let process = HeavyBall::new(&problem, StepSize::new(eta)?, beta, design, &start)?;
///
/// let stationary = eta / 4.0 * (1.0 + beta) / (1.0 - beta) * g / (h * (2.0 * (1.0 + beta) - eta * h));
/// assert!((process.stationary_covariance()[(0, 0)] - stationary).abs() < 1e-16);
/// // e_1 = (1 − ηh)e_0 = ½ and then e_2 = (1 − ηh)e_1 + β(e_1 − e_0) = 0, in the mean.
/// let laws = process.exact(&[1, 2])?;
/// assert_eq!((laws[0].mean[0], laws[1].mean[0]), (0.5, 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HeavyBall<D> {
    frame: Frame,
    /// L diag(k) Lᵀ in the frame: G as the design shapes it.
    noise: Mat<f64>,
    /// L with LLᵀ = G, packed for the kernel.
    factor: PackedLower,
    step_size: StepSize,
    momentum: f64,
    design: D,
    /// The law of e₀ in the frame.
    start: Start,
}

impl<D: Design> HeavyBall<D> {
    /// Heavy-ball SGD on `problem` with η = `step_size`, β = `momentum` ∈ [0, 1) and batches drawn by `design`.
    /// Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::Momentum`] unless 0 ≤ β < 1, [`DynamicsError::UnstableRecursion`] unless
    /// η < 2(1+β)/λ_max(H) by more than rounding, [`DynamicsError::Dimension`] for a start of another dimension,
    /// [`DynamicsError::Geometry`] if G cannot be factored.
    pub fn new(
        problem: &Quadratic,
        step_size: StepSize,
        momentum: f64,
        design: D,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        if !(0.0..1.0).contains(&momentum) {
            return Err(DynamicsError::Momentum { given: momentum });
        }
        check_design(problem, &design)?;
        let problem = InFrame::new(problem, start)?;
        let (given, largest_curvature) = (step_size.get(), problem.largest_curvature());
        let limit = 2.0 * (1.0 + momentum);
        if !is_below(given * largest_curvature, limit, problem.frame.dimension()) {
            let (what, bound, limit) = ("step size η", "2(1+β)/λ_max(H)", limit / largest_curvature);
            return Err(DynamicsError::UnstableRecursion { what, given, bound, limit });
        }
        let noise = problem.shaped_noise(&design);
        let InFrame { frame, factor, start, .. } = problem;
        let factor = PackedLower::new(factor.as_ref());
        Ok(HeavyBall { frame, noise, factor, step_size, momentum, design, start })
    }

    /// σ², the factor between G and the covariance of a batch gradient.
    #[must_use]
    pub fn variance_factor(&self) -> f64 {
        self.design.variance_factor()
    }

    /// η̃ = η/(1 − β), the step of plain SGD with the same limit.
    #[must_use]
    pub fn effective_step_size(&self) -> f64 {
        self.step_size.get() / (1.0 - self.momentum)
    }

    /// Σ_ij = ησ²·G_ij/[(1−β)(h_i+h_j) + η(β(h_i²+h_j²) − (1+β²)h_ih_j)/(1−β²)], in the frame. Cost O(d²).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        let (h, eta, beta) = (self.frame.rates(), self.step_size.get(), self.momentum);
        let forget = (1.0 - beta) * (1.0 + beta);
        // β(h_i² + h_j²) − (1+β²)h_ih_j = β(h_i − h_j)² − (1−β)²h_ih_j, which cancels less.
        self.noise_over(eta, |i, j| {
            let (sum, product, gap) = (h[i] + h[j], h[i] * h[j], h[i] - h[j]);
            (1.0 - beta) * (sum - eta * product / (1.0 + beta)) + eta * beta * gap * gap / forget
        })
    }

    /// Σ_ij = η̃σ²·G_ij/(h_i + h_j): the stationary covariance to leading order in η, in the frame. Cost O(d²).
    #[must_use]
    pub fn continuous_covariance(&self) -> Mat<f64> {
        let h = self.frame.rates();
        self.noise_over(self.effective_step_size(), |i, j| h[i] + h[j])
    }

    fn noise_over(&self, step_size: f64, divisor: impl Fn(usize, usize) -> f64) -> Mat<f64> {
        let (temperature, d) = (step_size * self.variance_factor(), self.frame.dimension());
        Mat::from_fn(d, d, |i, j| temperature * self.noise[(i, j)] / divisor(i, j))
    }

    /// M_i.
    fn propagator(&self, i: usize) -> Block {
        let (step, beta) = (self.step_size.get() * self.frame.rates()[i], self.momentum);
        [[1.0 - step, beta], [-step, beta]]
    }

    /// X_ij after k steps from (e_0, 0), where Cov((e_0)_i, (e_0)_j) is `start`. Cost O(log k).
    fn covariance(&self, i: usize, j: usize, start: f64, k: u64) -> Block {
        let eta = self.step_size.get();
        let noise = eta * eta * self.variance_factor() * self.noise[(i, j)];
        let (mut left, mut right) = (self.propagator(i), self.propagator(j));
        let (mut X, mut gathered) = ([[start, 0.0], [0.0, 0.0]], [[noise; 2]; 2]);
        // `gathered` is the noise of 2ˢ steps, and `left`, `right` are what they do to the state: each bit of k takes
        // its steps at once, and nothing is subtracted, so slow contraction loses no digits.
        for bit in 0..bits(k) {
            if k >> bit & 1 == 1 {
                X = sum(congruence(left, X, right), gathered);
            }
            gathered = sum(congruence(left, gathered, right), gathered);
            (left, right) = (product(left, left), product(right, right));
        }
        X
    }

    /// The law of e after k steps.
    fn law(&self, k: u64) -> Moments {
        let Moments { mean, covariance: Cov_0 } = self.start.moments();
        let d = self.frame.dimension();
        Moments {
            mean: mean.iter().enumerate().map(|(i, m)| power(self.propagator(i), k)[0][0] * m).collect(),
            covariance: Mat::from_fn(d, d, |i, j| self.covariance(i, j, Cov_0[(i, j)], k)[0][0]),
        }
    }
}

impl<D: Design> Process for HeavyBall<D> {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.frame.dimension();
        let eta = self.step_size.get();
        let mut errors = vec![[0.0; WIDTH]; d];
        let mut moves = vec![[0.0; WIDTH]; d];
        let mut whitened = vec![[0.0; WIDTH]; d];
        let decay = vec![self.momentum; d];
        let scale = eta * self.variance_factor().sqrt();
        self.start.draw(&mut streams.start, &mut errors);
        let mut k = 0;
        for (n, &step) in recorded.iter().enumerate() {
            while k < step {
                self.design.draw(&mut streams.noise, whitened.as_flattened_mut(), WIDTH);
                advance(&decay, &self.factor, scale, &whitened, &mut moves);
                roll(eta, self.frame.rates(), &mut moves, &mut errors);
                k += 1;
            }
            if !observe(n, &errors) {
                return;
            }
        }
    }

    /// t = η̃k.
    fn time(&self, step: u64) -> f64 {
        step as f64 * self.effective_step_size()
    }

    fn source(&self, law: Law) -> Option<Source> {
        let source = |formula| Some(Source::new(formula, "derived from the recursion", file!()));
        match law {
            Law::Exact | Law::AcrossTime => source(&["X'_ij = M_i X_ij M_jᵀ + η²σ²G_ij (1, 1)(1, 1)ᵀ"]),
            Law::Limit => source(&["HΣ + ΣH = η̃σ²G"]),
            Law::LeadingOrder => None,
        }
    }

    /// Cost O(d² log k) a step.
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Ok(steps.iter().map(|&step| self.law(step)).collect())
    }

    /// The Ornstein–Uhlenbeck limit: mean e^{−Ht}m, covariance Σ − e^{−Ht}(Σ − Cov e₀)e^{−Ht} at t = η̃k, with
    /// HΣ + ΣH = η̃σ²G. At a fixed t the relative gap to the exact law is of first order in η.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let Sigma = self.continuous_covariance();
        let (h, Moments { mean, covariance: Cov_0 }) = (self.frame.rates(), self.start.moments());
        let at = |t: f64| Moments {
            mean: mean.iter().zip(h).map(|(m, h)| m * libm::exp(-h * t)).collect(),
            covariance: Mat::from_fn(h.len(), h.len(), |i, j| {
                let rate = (h[i] + h[j]) * t;
                -libm::expm1(-rate) * Sigma[(i, j)] + libm::exp(-rate) * Cov_0[(i, j)]
            }),
        };
        Ok(steps.iter().map(|&step| at(self.time(step))).collect())
    }

    /// Cov(e_to, e_from)_ij is the e-part of M_i^{to−from}X_ij: the moves at `from` matter too.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let d = self.frame.dimension();
        let Cov_0 = self.start.moments().covariance;
        let propagators: Vec<Block> = (0..d).map(|i| power(self.propagator(i), to - from)).collect();
        Ok(Mat::from_fn(d, d, |i, j| product(propagators[i], self.covariance(i, j, Cov_0[(i, j)], from))[0][0]))
    }
}

/// A 2×2 matrix, by rows: what acts on (e, v), or the covariance of two such pairs.
type Block = [[f64; 2]; 2];

/// v ← v − ηhe, e ← e + v.
fn roll(eta: f64, rates: &[f64], moves: &mut [Row], errors: &mut [Row]) {
    for ((e, v), h) in errors.iter_mut().zip(moves).zip(rates) {
        let pull = eta * h;
        for lane in 0..WIDTH {
            v[lane] -= pull * e[lane];
            e[lane] += v[lane];
        }
    }
}

fn product(A: Block, B: Block) -> Block {
    std::array::from_fn(|i| std::array::from_fn(|j| A[i][0] * B[0][j] + A[i][1] * B[1][j]))
}

fn sum(A: Block, B: Block) -> Block {
    std::array::from_fn(|i| std::array::from_fn(|j| A[i][j] + B[i][j]))
}

/// AXBᵀ.
fn congruence(A: Block, X: Block, B: Block) -> Block {
    product(product(A, X), [[B[0][0], B[1][0]], [B[0][1], B[1][1]]])
}

/// Mᵏ by repeated squaring.
fn power(M: Block, k: u64) -> Block {
    let (mut result, mut square) = ([[1.0, 0.0], [0.0, 1.0]], M);
    for bit in 0..bits(k) {
        if k >> bit & 1 == 1 {
            result = product(square, result);
        }
        square = product(square, square);
    }
    result
}

/// The number of binary digits of k.
fn bits(k: u64) -> u32 {
    u64::BITS - k.leading_zeros()
}
