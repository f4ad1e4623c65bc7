//! Finite sums of losses that see θ through a margin u = xᵀθ: risk, local geometry, and the batched kernel.
//!
//! ```text
//! L(θ) = (1/n)Σ φ(x_iᵀθ; y_i) + ½λ‖θ‖²
//! s_i = φ'x_i + λθ,    ∇²L = (1/n)Σ φ''x_ix_iᵀ + λI,    G = (1/n)Σ(s_i − s̄)(s_i − s̄)ᵀ
//! ```

use faer::Mat;
use geometry::{Spd, Symmetric};

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::problem::kernel::{AddScores, AtSamples, Derivative, FullGradients};
use crate::problem::newton;
use crate::problem::samples::{LowerSums, Samples, dot};
use crate::problem::smooth::{Local, SmoothProblem};

/// φ(u; y), the loss of a sample with margin u = xᵀθ and target y, and its derivatives in u.
pub trait MarginLoss: std::fmt::Debug + Copy + Send + Sync {
    /// sup_u |φ''(u; y)| over all y.
    const LARGEST_CURVATURE: f64;

    /// φ(u; y).
    fn value(&self, u: f64, y: f64) -> f64;

    /// φ'(u; y).
    fn slope(&self, u: f64, y: f64) -> f64;

    /// φ''(u; y).
    fn curvature(&self, u: f64, y: f64) -> f64;

    /// φ of 32 samples at a time. This and the two that follow must be inlined into their kernel and free of branches, as
    /// must what they call, to become vector code.
    #[inline(always)]
    fn values(&self, margins: &Row, targets: &Row) -> Row {
        each(margins, targets, |u, y| self.value(u, y))
    }

    /// φ' of 32 samples at a time.
    #[inline(always)]
    fn slopes(&self, margins: &Row, targets: &Row) -> Row {
        each(margins, targets, |u, y| self.slope(u, y))
    }

    /// φ'' of 32 samples at a time.
    #[inline(always)]
    fn curvatures(&self, margins: &Row, targets: &Row) -> Row {
        each(margins, targets, |u, y| self.curvature(u, y))
    }
}

#[inline(always)]
fn each(margins: &Row, targets: &Row, value: impl Fn(f64, f64) -> f64) -> Row {
    let mut values = [0.0; WIDTH];
    for lane in 0..WIDTH {
        values[lane] = value(margins[lane], targets[lane]);
    }
    values
}

/// The risk of a margin loss on a data set, with a ridge λ ≥ 0.
#[derive(Debug, Clone)]
pub struct EmpiricalRisk<L> {
    pub(crate) samples: Samples,
    pub(crate) loss: L,
    pub(crate) ridge: f64,
}

impl<L: MarginLoss> EmpiricalRisk<L> {
    /// The data.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// M = sup|φ''|·λ_max((1/n)XᵀX) + λ: ∇L is M-Lipschitz everywhere. Cost O(nd² + d³).
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] if the eigensolver fails.
    pub fn smoothness(&self) -> Result<f64, DynamicsError> {
        let gram = self.samples.weighted_gram(&vec![1.0; self.samples.count()]);
        Ok(L::LARGEST_CURVATURE * Symmetric::new(gram)?.eigen()?.max_value() + self.ridge)
    }

    /// sup|φ''|·tr((1/n)XᵀX) + λ ≥ M, in plain loops. Cost O(nd).
    pub(crate) fn smoothness_bound(&self) -> f64 {
        let squares: f64 = self.samples.iter().map(|(x, _)| dot(x, x)).sum();
        L::LARGEST_CURVATURE * squares / self.samples.count() as f64 + self.ridge
    }

    /// L(θ).
    #[must_use]
    pub fn value(&self, theta: &[f64]) -> f64 {
        let total: f64 = self.at_samples(theta, Derivative::Value).iter().sum();
        total / self.samples.count() as f64 + 0.5 * self.ridge * dot(theta, theta)
    }

    /// φ''(x_iᵀθ; y_i) for all i (n).
    pub(crate) fn curvatures(&self, theta: &[f64]) -> Vec<f64> {
        self.at_samples(theta, Derivative::Curvature)
    }

    /// φ'(x_iᵀθ; y_i) for all i (n).
    fn slopes(&self, theta: &[f64]) -> Vec<f64> {
        self.at_samples(theta, Derivative::Slope)
    }

    fn at_samples(&self, theta: &[f64], derivative: Derivative) -> Vec<f64> {
        let mut values = vec![0.0; self.samples.count()];
        pulp::Arch::new().dispatch(AtSamples { risk: self, theta, derivative, values: &mut values });
        values
    }

    /// ∇L(θ), ∇²L(θ) and G(θ). Cost O(nd²).
    #[must_use]
    pub fn local(&self, theta: &[f64]) -> Local {
        let (d, n) = (self.samples.dimension(), self.samples.count() as f64);
        let slopes = self.slopes(theta);
        let mut mean = vec![0.0; d];
        for ((x, _), slope) in self.samples.iter().zip(&slopes) {
            mean.iter_mut().zip(x).for_each(|(mean, x)| *mean += slope * x);
        }
        mean.iter_mut().for_each(|mean| *mean /= n);
        // The ridge is common to all scores, so it leaves no noise.
        let (mut noise, mut centred) = (LowerSums::new(d), vec![0.0; d]);
        for ((x, _), slope) in self.samples.iter().zip(&slopes) {
            for ((c, x), mean) in centred.iter_mut().zip(x).zip(&mean) {
                *c = slope * x - mean;
            }
            noise.add(1.0, &centred);
        }
        let mut hessian = self.samples.weighted_gram(&self.curvatures(theta));
        for i in 0..d {
            hessian[(i, i)] += self.ridge;
        }
        Local {
            gradient: mean.iter().zip(theta).map(|(mean, theta)| mean + self.ridge * theta).collect(),
            hessian,
            noise: noise.over(n),
        }
    }
}

/// A risk with a local minimiser, and the matrices there.
///
/// [`Logistic`](crate::problem::Logistic) and [`Robust`](crate::problem::Robust) are its two kinds.
#[derive(Debug, Clone)]
pub struct Fitted<L> {
    risk: EmpiricalRisk<L>,
    minimiser: Vec<f64>,
    curvature: Spd,
    fisher: Spd,
}

impl<L: MarginLoss> Fitted<L> {
    /// Goes downhill from `start` to a local minimiser; `fisher` gives F there, `hint` explains a failure.
    pub(crate) fn from_start(
        risk: EmpiricalRisk<L>,
        start: &[f64],
        fisher: impl FnOnce(&EmpiricalRisk<L>, &[f64]) -> Mat<f64>,
        hint: impl Fn(&EmpiricalRisk<L>, &[f64]) -> &'static str,
    ) -> Result<Self, DynamicsError> {
        let minimiser = newton::minimise(&risk, start, hint)?;
        let curvature = Spd::new(risk.local(&minimiser).hessian)?;
        let fisher = Spd::new(fisher(&risk, &minimiser))?;
        Ok(Fitted { risk, minimiser, curvature, fisher })
    }

    /// L, with the data.
    #[must_use]
    pub fn risk(&self) -> &EmpiricalRisk<L> {
        &self.risk
    }
}

impl<L: MarginLoss> SmoothProblem for Fitted<L> {
    fn minimiser(&self) -> &[f64] {
        &self.minimiser
    }

    fn curvature(&self) -> &Spd {
        &self.curvature
    }

    fn fisher(&self) -> &Spd {
        &self.fisher
    }

    fn samples(&self) -> usize {
        self.risk.samples.count()
    }

    fn loss(&self, theta: &[f64]) -> f64 {
        self.risk.value(theta)
    }

    fn local(&self, theta: &[f64]) -> Local {
        self.risk.local(theta)
    }

    fn scores(&self, theta: &[f64]) -> Mat<f64> {
        let (samples, slopes) = (&self.risk.samples, self.risk.slopes(theta));
        let score = |i: usize, j: usize| slopes[i] * samples.features(i)[j] + self.risk.ridge * theta[j];
        Mat::from_fn(samples.count(), samples.dimension(), score)
    }

    fn scratch_rows(&self) -> usize {
        self.risk.samples.dimension()
    }

    fn add_scores(&self, picks: &[[u32; WIDTH]], parameters: &[Row], scratch: &mut [Row], sums: &mut [Row]) {
        pulp::Arch::new().dispatch(AddScores { risk: &self.risk, picks, parameters, scratch, sums });
    }

    fn full_gradients(&self, parameters: &[Row], gradients: &mut [Row]) {
        pulp::Arch::new().dispatch(FullGradients { risk: &self.risk, parameters, gradients });
    }
}
