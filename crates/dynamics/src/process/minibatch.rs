//! SGD on a finite data set with real mini-batches: the recursion and its laws for small noise, side by side.
//!
//! ```text
//! θ_{k+1} = θ_k − η_k ĝ_B(θ_k),   E ĝ_B = ∇L,   Cov ĝ_B = σ²G(θ_k)       (σ² of the batch: see `batch`)
//!
//! limit         θ̄' = −∇L(θ̄),   P' = −H(t)P − PH(t) + G(t),   H(t) = ∇²L(θ̄(t)),   G(t) = G(θ̄(t)),   t = ηk
//!               E e_k ≈ θ̄(t) − θ*,   Cov e_k ≈ ησ²P(t)
//! linear noise  θ̄_{k+1} = θ̄_k − η_k∇L(θ̄_k),   C_{k+1} = A_kC_kA_k + η_k²σ²G(θ̄_k),   A_k = I − η_k∇²L(θ̄_k)
//! ```
//!
//! Both are first order in the noise around a path. The limit's path is continuous, so it also has an error of order η;
//! the linear noise has none, and it is exact after one step from a point. No law here is exact: the drift is not linear.
//!
//! Source: ZM Theorem 5.7 (ZM = arXiv 2603.02417v4).

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::rounding;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::ode::DormandPrince;
use crate::problem::SmoothProblem;
use crate::process::batch::{Batch, Picks, Replacement};
use crate::process::{BlockStreams, Observe, Process};
use crate::schedule::{Schedule, StepSize};
use crate::source::{Law, Source};
use crate::start::Start;

/// The relative tolerance of the limit's differential equations, per step.
const TOLERANCE: f64 = 1e-8;

/// SGD with mini-batches from a finite data set, in the problem's own coordinates; the state is e = θ − θ*.
///
/// # Example
/// ```
/// use dynamics::Process as _;
/// use dynamics::problem::{Link, Logistic, LogisticData};
/// use dynamics::process::{MiniBatch, Replacement};
/// use dynamics::schedule::{Schedule, StepSize};
/// use dynamics::start::Start;
/// use sampling::{Purpose, Stream, StreamKey};
///
/// let mut stream = Stream::new(StreamKey { seed: 1, cell: "", block: 0, purpose: Purpose::Problem });
/// let data = LogisticData::generate(200, &[1.0, -0.5], Link::Logit, &mut stream)?;
/// let problem = Logistic::fit(data, 0.0)?;
/// let schedule = Schedule::Constant(StepSize::new(0.01)?);
/// let sgd = MiniBatch::new(problem, schedule, 8, Replacement::With, &Start::new(vec![1.0, 1.0], 0.0)?)?;
///
/// // The two laws along the transient differ by a term of order η.
/// let (limit, discrete) = (&sgd.limit(&[100])?[0], &sgd.linear_noise(&[100])[0]);
/// assert!((limit.mean[0] / discrete.mean[0] - 1.0).abs() < 0.01);
/// assert!((limit.covariance[(0, 0)] / discrete.covariance[(0, 0)] - 1.0).abs() < 0.01);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MiniBatch<P> {
    problem: P,
    frame: Frame,
    schedule: Schedule,
    batch: Batch,
    /// The law of e₀.
    start: Start,
}

impl<P: SmoothProblem> MiniBatch<P> {
    /// SGD on `problem` with batches of b = `batch_size` samples; `start` is the law of e₀ = θ₀ − θ*.
    ///
    /// # Errors
    /// [`DynamicsError::Unstable`] unless η_0 < 2/λ_max(∇²L(θ*)), by more than rounding, [`DynamicsError::BatchSize`] for
    /// a batch that is empty or, without replacement, larger than the data set, [`DynamicsError::Dimension`] for a start
    /// of another dimension.
    pub fn new(
        problem: P,
        schedule: Schedule,
        batch_size: u64,
        replacement: Replacement,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        let (given, expected) = (start.mean().len(), problem.dimension());
        if given != expected {
            return Err(DynamicsError::Dimension { part: "start e₀", given, expected });
        }
        let largest_curvature = problem.curvature().max_eigenvalue()?;
        let step_size = schedule.largest();
        if step_size * largest_curvature >= 2.0 * (1.0 - rounding(expected)) {
            return Err(DynamicsError::Unstable { step_size, largest_curvature, limit: 2.0 / largest_curvature });
        }
        let batch = Batch::new(problem.samples(), batch_size, replacement)?;
        Ok(MiniBatch { frame: Frame::coordinates(expected), problem, schedule, batch, start: start.clone() })
    }

    /// L.
    #[must_use]
    pub fn problem(&self) -> &P {
        &self.problem
    }

    /// σ², the factor between G(θ) and the covariance of a batch gradient.
    #[must_use]
    pub fn variance_factor(&self) -> f64 {
        self.batch.variance_factor()
    }

    /// The first-order law of the noise around the path of gradient descent, after each of some ascending `steps`, for
    /// any schedule. Exact after one step from a point. Cost O(nd² + d³) a step.
    #[must_use]
    pub fn linear_noise(&self, steps: &[u64]) -> Vec<Moments> {
        let (mut theta, mut C) = self.first_moments();
        let mut k = 0;
        let mut laws = Vec::with_capacity(steps.len());
        for &step in steps {
            while k < step {
                let (eta, local) = (self.schedule.at(k), self.problem.local(&theta));
                let identity = |i, j| if i == j { 1.0 } else { 0.0 };
                let A = Mat::from_fn(theta.len(), theta.len(), |i, j| identity(i, j) - eta * local.hessian[(i, j)]);
                let (left, noise) = (product(A.as_ref(), C.as_ref()), eta * eta * self.variance_factor());
                let contracted = product(left.as_ref(), A.as_ref());
                C = Mat::from_fn(theta.len(), theta.len(), |i, j| {
                    0.5 * (contracted[(i, j)] + contracted[(j, i)]) + noise * local.noise[(i, j)]
                });
                theta.iter_mut().zip(&local.gradient).for_each(|(theta, g)| *theta -= eta * g);
                k += 1;
            }
            laws.push(self.moments(&theta, C.clone()));
        }
        laws
    }

    /// θ̄ and Cov at step 0.
    fn first_moments(&self) -> (Vec<f64>, Mat<f64>) {
        let Moments { mean, covariance } = self.start.moments();
        (mean.iter().zip(self.problem.minimiser()).map(|(e, minimiser)| e + minimiser).collect(), covariance)
    }

    fn moments(&self, theta: &[f64], covariance: Mat<f64>) -> Moments {
        let mean = theta.iter().zip(self.problem.minimiser()).map(|(theta, minimiser)| theta - minimiser).collect();
        Moments { mean, covariance }
    }

    /// ZM Theorem 5.7 for constant steps: one pass of the integrator over y = (θ̄, P).
    fn fluctuation_limit(&self, eta: StepSize, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let (theta, Cov_0) = self.first_moments();
        let d = theta.len();
        // Without noise (b = n) the covariance itself takes the place of P.
        let temperature = eta.get() * self.variance_factor();
        let (unit, noise) = if temperature > 0.0 { (temperature, 1.0) } else { (1.0, 0.0) };
        let mut y = theta;
        y.extend((0..d * d).map(|c| Cov_0[(c % d, c / d)] / unit));
        let mut field = |_: f64, y: &[f64], slope: &mut [f64]| {
            let (theta, P) = y.split_at(d);
            let local = self.problem.local(theta);
            for (slope, g) in slope.iter_mut().zip(&local.gradient) {
                *slope = -g;
            }
            let P = |i: usize, j: usize| P[i + d * j];
            for j in 0..d {
                for i in 0..d {
                    let drift = |m: usize| local.hessian[(i, m)] * P(m, j) + P(i, m) * local.hessian[(m, j)];
                    slope[d + i + d * j] = noise * local.noise[(i, j)] - (0..d).map(drift).sum::<f64>();
                }
            }
        };
        let mut integrator = DormandPrince::new(TOLERANCE, &self.typical_sizes(&y, noise)?);
        let mut t = 0.0;
        let mut laws = Vec::with_capacity(steps.len());
        for &step in steps {
            let to = self.schedule.time(step);
            integrator.integrate(&mut field, t, to, &mut y)?;
            t = to;
            let P = &y[d..];
            laws.push(self.moments(&y[..d], Mat::from_fn(d, d, |i, j| 0.5 * unit * (P[i + d * j] + P[j + d * i]))));
        }
        Ok(laws)
    }

    /// The sizes against which small components of y are measured: of e₀ or θ*, and of P₀ or G(θ*)/λ_max(H).
    fn typical_sizes(&self, y: &[f64], noise: f64) -> Result<Vec<f64>, DynamicsError> {
        let largest = |v: &[f64]| v.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
        let (theta, P) = y.split_at(self.problem.dimension());
        let G = self.problem.noise(self.problem.minimiser());
        let diagonal: Vec<f64> = (0..G.nrows()).map(|i| noise * G[(i, i)]).collect();
        let of_theta = largest(self.start.mean()).max(largest(theta)).max(f64::MIN_POSITIVE);
        let of_P = largest(P).max(largest(&diagonal) / self.problem.curvature().max_eigenvalue()?);
        let mut sizes = vec![of_theta; theta.len()];
        sizes.resize(y.len(), of_P.max(f64::MIN_POSITIVE));
        Ok(sizes)
    }
}

impl<P: SmoothProblem> Process for MiniBatch<P> {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut walk = Walk::new(self, &mut streams);
        let mut errors = vec![[0.0; WIDTH]; self.frame.dimension()];
        for (n, &step) in recorded.iter().enumerate() {
            while walk.k < step {
                walk.step(&mut streams);
            }
            for ((e, theta), minimiser) in errors.iter_mut().zip(&walk.parameters).zip(self.problem.minimiser()) {
                for lane in 0..WIDTH {
                    e[lane] = theta[lane] - minimiser;
                }
            }
            if !observe(n, &errors) {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.schedule.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        let formula = &[
            "θ̄' = −∇L(θ̄), P' = −H(t)P − PH(t) + G(t), H(t) = ∇²L(θ̄(t)), G(t) = G(θ̄(t)), t = ηk",
            "E e_k ≈ θ̄(t) − θ*, Cov e_k ≈ ησ²P(t)",
        ];
        (law == Law::Limit).then(|| Source::new(formula, "ZM Theorem 5.7", file!()))
    }

    /// None: the drift is not linear. [`MiniBatch::linear_noise`] and [`limit`](Process::limit) hold for small noise.
    fn exact(&self, _steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let reason = "the gradient is not linear in θ; a claim can be made against `limit`";
        Err(DynamicsError::NoLaw { law: "exact law", reason })
    }

    /// ZM Theorem 5.7: fluid limit and fluctuations, for constant steps. Cost O(nd² + d³) an evaluation.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        match self.schedule {
            Schedule::Constant(eta) => self.fluctuation_limit(eta, steps),
            Schedule::RobbinsMonro(_) | Schedule::Cyclical(_) => {
                Err(DynamicsError::NoLaw { law: "limit", reason: "it is implemented for constant steps" })
            }
        }
    }
}

/// A block of replicates on its way.
pub(crate) struct Walk<'a, P> {
    process: &'a MiniBatch<P>,
    /// θ (d rows).
    pub(crate) parameters: Vec<Row>,
    /// How many steps were taken.
    pub(crate) k: u64,
    picks: Picks,
    scores: Vec<Row>,
    scratch: Vec<Row>,
}

impl<'a, P: SmoothProblem> Walk<'a, P> {
    /// The start of a block; all that a walk allocates.
    pub(crate) fn new(process: &'a MiniBatch<P>, streams: &mut BlockStreams) -> Self {
        let d = process.frame.dimension();
        let mut parameters = vec![[0.0; WIDTH]; d];
        process.start.draw(&mut streams.start, &mut parameters);
        for (theta, minimiser) in parameters.iter_mut().zip(process.problem.minimiser()) {
            theta.iter_mut().for_each(|theta| *theta += minimiser);
        }
        let scratch = vec![[0.0; WIDTH]; process.problem.scratch_rows()];
        Walk { process, parameters, k: 0, picks: Picks::new(process.batch), scores: vec![[0.0; WIDTH]; d], scratch }
    }

    /// θ ← θ − (η_k/b)Σ_{B} s_i(θ).
    pub(crate) fn step(&mut self, streams: &mut BlockStreams) {
        let picks = self.picks.draw(&mut streams.noise);
        self.scores.fill([0.0; WIDTH]);
        self.process.problem.add_scores(picks, &self.parameters, &mut self.scratch, &mut self.scores);
        let share = self.process.schedule.at(self.k) / f64::from(self.process.batch.size());
        subtract_scaled(share, &self.scores, &mut self.parameters);
        self.k += 1;
    }
}

/// parameters ← parameters − share·scores.
fn subtract_scaled(share: f64, scores: &[Row], parameters: &mut [Row]) {
    for (theta, score) in parameters.as_flattened_mut().iter_mut().zip(scores.as_flattened()) {
        *theta -= share * score;
    }
}

/// AB (d×d) in plain loops of fixed order.
fn product(A: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Mat<f64> {
    Mat::from_fn(A.nrows(), B.ncols(), |i, j| (0..A.ncols()).map(|m| A[(i, m)] * B[(m, j)]).sum())
}
