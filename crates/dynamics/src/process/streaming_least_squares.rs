//! Streaming least squares, every sample fresh: noise that depends on the state, and its exact second moment.
//!
//! ```text
//! x ~ N(0, S),   y = xᵀθ* + σε,   ĝ = (1/b)Σ x(xᵀe − σε),   e' = e − ηĝ
//!
//! E e'    = A·E e,                                            A = I − ηS
//! Cov e'  = A(Cov e)A + (η²/b)[σ²S + SMS + tr(SM)S],           M = E eeᵀ = Cov e + (E e)(E e)ᵀ
//! Σ_ii    = (η/b)(σ² + R)/(2 − η(1 + 1/b)s_i),                 stationary, diagonal in the eigenbasis of S
//! R = tr(SΣ) = σ²A₁/(1 − A₁),   A₁ = (η/b)Σ s_i/(2 − η(1 + 1/b)s_i)
//! ```
//!
//! mean-square stable iff η(1 + 1/b)s_max < 2 and A₁ < 1. The bracket is E xxᵀMxxᵀ = 2SMS + tr(SM)S (Isserlis) less the
//! SMS that the mean already has. Freezing the noise at θ* keeps σ²S alone: the linearisation of ZM §5
//! (ZM = arXiv 2603.02417v4). Without residuals (σ² = 0) and for constant steps, x_i = E e_i² obeys x' = Tx with
//! T = diag((1 − ηs_i)² + η²s_i²/b) + (η²/b)ssᵀ, whether it shrinks or grows (WWS = arXiv 2207.02628): in the long run by
//! its largest eigenvalue ρ a step, Cov e_k ≈ diag(ρᵏ(vᵀx)v).
//!
//! Source: derived from the recursion.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use geometry::{Escape, EscapeNoise, GeometryError, Spd};

use crate::block::WIDTH;
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::process::batch::Batch;
use crate::process::fresh_batch::FreshBatch;
use crate::process::fresh_samples::{FreshSamples, Noise};
use crate::process::{BlockStreams, Observe, Process, Stability};
use crate::schedule::{Schedule, StepSize};
use crate::source::{Law, Source};
use crate::start::Start;

/// Mini-batch SGD on ½E(xᵀθ − y)² with Gaussian features, in the eigenbasis of S.
///
/// # Example
/// ```
/// use dynamics::process::StreamingLeastSquares;
/// use dynamics::schedule::{Schedule, StepSize};
/// use dynamics::start::Start;
/// use geometry::Spd;
/// // ηs = ½, b = 1, σ² = 1 in one dimension: A₁ = ½, so R = 1, and Σ = ½·2/(2 − 1) = 1; frozen noise says ½/(2 − ½) = ⅓.
/// let schedule = Schedule::Constant(StepSize::new(0.5)?);
/// let start = Start::new(vec![0.0], 0.0)?;
/// let process = StreamingLeastSquares::new(&Spd::diagonal(&[1.0])?, 1.0, schedule, 1, &start)?;
/// assert_eq!(process.stationary_covariance()[(0, 0)], 1.0);
/// assert!((process.frozen_noise(&[100])[0].covariance[(0, 0)] - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct StreamingLeastSquares {
    frame: Frame,
    /// σ².
    residual_variance: f64,
    schedule: Schedule,
    batch_size: u32,
    /// The law of e₀ in the frame.
    start: Start,
}

impl StreamingLeastSquares {
    /// Features with covariance S = `features`, residual variance σ² ≥ 0, batches of b = `batch_size` fresh samples.
    ///
    /// # Errors
    /// [`DynamicsError::MeanSquareUnstable`] unless the second moment contracts at η_0, [`DynamicsError::Negative`] for a
    /// σ² that is negative or not finite, [`DynamicsError::BatchSize`] unless 1 ≤ b ≤ [`Batch::LARGEST`],
    /// [`DynamicsError::Dimension`] for a start of another dimension, [`DynamicsError::Geometry`] if the eigensolver fails.
    pub fn new(
        features: &Spd,
        residual_variance: f64,
        schedule: Schedule,
        batch_size: u64,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        Self::with_stability(features, residual_variance, schedule, batch_size, start, Stability::Required)
    }

    /// The same, with steps at which the second moment may grow if `stability` says so: an escape, over finitely many
    /// steps.
    ///
    /// # Errors
    /// As [`StreamingLeastSquares::new`]; [`DynamicsError::MeanSquareUnstable`] where stability is required.
    pub fn with_stability(
        features: &Spd,
        residual_variance: f64,
        schedule: Schedule,
        batch_size: u64,
        start: &Start,
        stability: Stability,
    ) -> Result<Self, DynamicsError> {
        if !residual_variance.is_finite() || residual_variance < 0.0 {
            return Err(DynamicsError::Negative { what: "residual variance σ²", given: residual_variance });
        }
        let in_range = u32::try_from(batch_size).ok().filter(|&b| b > 0 && batch_size <= Batch::LARGEST);
        let too_large = DynamicsError::BatchSize { given: batch_size, largest: Batch::LARGEST };
        let (given, expected) = (start.mean().len(), features.dimension());
        if given != expected {
            return Err(DynamicsError::Dimension { part: "start e₀", given, expected });
        }
        let frame = Frame::new(features)?;
        let start = start.with_mean(frame.vector(start.mean()));
        let batch_size = in_range.ok_or(too_large)?;
        let process = StreamingLeastSquares { frame, residual_variance, schedule, batch_size, start };
        let (feedback, fastest) = (process.feedback(), process.fastest());
        if stability == Stability::Any || (feedback < 1.0 && fastest < 2.0) {
            return Ok(process);
        }
        let (step_size, batch_size) = (process.schedule.largest(), u64::from(batch_size));
        Err(DynamicsError::MeanSquareUnstable { step_size, batch_size, feedback, fastest })
    }

    /// A₁ = (η/b)Σ s_i/(2 − η(1 + 1/b)s_i) for η = η_0: the share of its own excess risk that a stationary error feeds
    /// back into itself, below 1; infinite where a term is not positive.
    #[must_use]
    pub fn feedback(&self) -> f64 {
        if self.fastest() >= 2.0 {
            return f64::INFINITY;
        }
        let s = self.frame.rates();
        (0..s.len()).map(|i| s[i] * self.share(i)).sum()
    }

    /// Σ: the stationary covariance for η = η_0, diagonal in the frame, and infinite where the second moment grows.
    /// Cost O(d²).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        let feedback = self.feedback();
        let risk = if feedback < 1.0 { self.residual_variance / (1.0 - feedback) } else { f64::INFINITY };
        let d = self.frame.dimension();
        let variance = |i| if risk.is_finite() { risk * self.share(i) } else { risk };
        Mat::from_fn(d, d, |i, j| if i == j { variance(i) } else { 0.0 })
    }

    /// The moments with the noise frozen at θ*, Cov ĝ = σ²S/b, after each of some ascending `steps`: the law of
    /// [`Sgd`](crate::process::Sgd) with H = S and G = σ²S. Cost O(d²k).
    #[must_use]
    pub fn frozen_noise(&self, steps: &[u64]) -> Vec<Moments> {
        self.recursive_law(steps, Noise::Frozen)
    }

    /// The moments as the growth factor ρ and the profile v of the second-moment map have them, from x_i = E e_i² at the
    /// start (WWS); infinite where they are beyond all numbers.
    fn escape_limit(&self, eta: StepSize, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let (s, b) = (self.frame.rates(), u64::from(self.batch_size));
        let reason = "the growth factor of the second moment is too large for a number";
        let too_large = |_| DynamicsError::NoLaw { law: "limit", reason };
        let escape = Escape::new(s, eta.get(), b, EscapeNoise::GaussianFeatures).map_err(too_large)?;
        let Moments { mean, covariance } = self.start.moments();
        let squares: Vec<f64> = mean.iter().enumerate().map(|(i, m)| m * m + covariance[(i, i)]).collect();
        let at = |&step: &u64| {
            let limit = match escape.limit(&squares, step) {
                Err(GeometryError::NotFinite { .. }) => vec![f64::INFINITY; s.len()],
                limit => limit?,
            };
            let covariance = Mat::from_fn(s.len(), s.len(), |i, j| if i == j { limit[i] } else { 0.0 });
            Ok(Moments { mean: vec![0.0; s.len()], covariance })
        };
        steps.iter().map(at).collect()
    }

    /// (η/b)/(2 − η(1 + 1/b)s_i) for η = η_0.
    fn share(&self, i: usize) -> f64 {
        let (eta, b) = (self.schedule.largest(), f64::from(self.batch_size));
        eta / b / (2.0 - eta * (1.0 + 1.0 / b) * self.frame.rates()[i])
    }

    /// η(1 + 1/b)s_max for η = η_0.
    fn fastest(&self) -> f64 {
        let largest = self.frame.rates().iter().copied().fold(0.0, f64::max);
        self.schedule.largest() * (1.0 + 1.0 / f64::from(self.batch_size)) * largest
    }

    /// The moments with one of the two noises. Cost O(d²k).
    fn recursive_law(&self, steps: &[u64], noise: Noise) -> Vec<Moments> {
        let (s, sigma_squared) = (self.frame.rates(), self.residual_variance);
        self.recursion().law(steps, |risk, i, j, M_ij| {
            let isotropic = |variance: f64| if i == j { variance * s[i] } else { 0.0 };
            match noise {
                Noise::OfState => isotropic(sigma_squared + risk) + s[i] * M_ij * s[j],
                Noise::Frozen => isotropic(sigma_squared),
            }
        })
    }

    fn recursion(&self) -> FreshSamples<'_> {
        let StreamingLeastSquares { schedule, batch_size, start, .. } = self;
        FreshSamples { rates: self.frame.rates(), schedule, batch_size: *batch_size, start }
    }
}

impl Process for StreamingLeastSquares {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Draws b + d normals a replicate and step, see `fresh_batch`.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.frame.dimension();
        let mut errors = vec![[0.0; WIDTH]; d];
        let mut batch = FreshBatch::new(self.frame.rates(), self.residual_variance, self.batch_size);
        self.start.draw(&mut streams.start, &mut errors);
        let mut k = 0;
        for (n, &step) in recorded.iter().enumerate() {
            while k < step {
                batch.step(self.schedule.at(k), &mut streams.noise, &mut errors);
                k += 1;
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
        let source = |formula, statement| Some(Source::new(formula, statement, file!()));
        match (law, self.schedule) {
            (Law::Exact | Law::AcrossTime, _) => source(
                &["E e' = A·E e", "Cov e' = A(Cov e)A + (η²/b)[σ²S + SMS + tr(SM)S], M = E eeᵀ"],
                "derived from the recursion",
            ),
            (Law::Limit, Schedule::Constant(_)) if self.residual_variance == 0.0 => {
                source(&["Cov e_k ≈ diag(ρᵏ(vᵀx)v)", "T = diag((1 − ηs_i)² + η²s_i²/b) + (η²/b)ssᵀ"], "WWS")
            }
            (Law::Limit, _) => source(&["Freezing the noise at θ* keeps σ²S alone"], "the linearisation of ZM §5"),
            (Law::LeadingOrder, _) => None,
        }
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Ok(self.recursive_law(steps, Noise::OfState))
    }

    /// The linearisation at θ*, [`frozen_noise`](StreamingLeastSquares::frozen_noise); without residuals, where that has no
    /// noise at all, and for constant steps, what many steps make of any start: mean 0 and Cov e_k = diag(ρᵏ(vᵀx)v).
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        match self.schedule {
            Schedule::Constant(eta) if self.residual_variance == 0.0 => self.escape_limit(eta, steps),
            _ => Ok(self.frozen_noise(steps)),
        }
    }

    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let law = self.recursive_law(&[from], Noise::OfState).remove(0);
        Ok(self.recursion().across(law.covariance.as_ref(), from, to))
    }
}
