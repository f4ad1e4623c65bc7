//! Finite sums of losses that see θ through a margin u = xᵀθ: risk, local geometry, and the batched kernel.
//!
//! ```text
//! L(θ) = (1/n)Σ φ(x_iᵀθ; y_i) + ½λ‖θ‖²
//! s_i = φ'x_i + λθ,    ∇²L = (1/n)Σ φ''x_ix_iᵀ + λI,    G = (1/n)Σ(s_i − s̄)(s_i − s̄)ᵀ
//! ```

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use geometry::{Spd, Symmetric};

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::problem::newton;
use crate::problem::samples::{Samples, dot};
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

    /// φ' for a block of replicates. Must be inlined into the kernel and free of branches to become vector code.
    fn slopes(&self, margins: &Row, targets: &Row) -> Row;
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
        let total: f64 = self.samples.iter().map(|(x, y)| self.loss.value(dot(x, theta), y)).sum();
        total / self.samples.count() as f64 + 0.5 * self.ridge * dot(theta, theta)
    }

    /// φ''(x_iᵀθ; y_i) for all i (n).
    pub(crate) fn curvatures(&self, theta: &[f64]) -> Vec<f64> {
        self.samples.iter().map(|(x, y)| self.loss.curvature(dot(x, theta), y)).collect()
    }

    fn slopes(&self, theta: &[f64]) -> Vec<f64> {
        self.samples.iter().map(|(x, y)| self.loss.slope(dot(x, theta), y)).collect()
    }

    /// ∇L(θ), ∇²L(θ) and G(θ). Cost O(nd²).
    #[must_use]
    pub fn local(&self, theta: &[f64]) -> Local {
        let (d, n) = (self.samples.dimension(), self.samples.count() as f64);
        let slopes = self.slopes(theta);
        let mut mean = vec![0.0; d];
        for ((x, _), slope) in self.samples.iter().zip(&slopes) {
            mean.iter_mut().zip(x).for_each(|(mean, x)| *mean += slope * x / n);
        }
        // The ridge is common to all scores, so it leaves no noise.
        let (mut G, mut centred) = (Mat::<f64>::zeros(d, d), vec![0.0; d]);
        for ((x, _), slope) in self.samples.iter().zip(&slopes) {
            for ((c, x), mean) in centred.iter_mut().zip(x).zip(&mean) {
                *c = slope * x - mean;
            }
            for j in 0..d {
                for i in j..d {
                    G[(i, j)] += centred[j] * centred[i] / n;
                }
            }
        }
        let mut hessian = self.samples.weighted_gram(&self.curvatures(theta));
        for i in 0..d {
            hessian[(i, i)] += self.ridge;
        }
        Local {
            gradient: mean.iter().zip(theta).map(|(mean, theta)| mean + self.ridge * theta).collect(),
            hessian,
            noise: Mat::from_fn(d, d, |i, j| G[(i.max(j), i.min(j))]),
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

struct AddScores<'a, L> {
    risk: &'a EmpiricalRisk<L>,
    picks: &'a [[u32; WIDTH]],
    parameters: &'a [Row],
    scratch: &'a mut [Row],
    sums: &'a mut [Row],
}

impl<L: MarginLoss> pulp::WithSimd for AddScores<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let EmpiricalRisk { samples, loss, ridge } = self.risk;
        let mut targets = [0.0; WIDTH];
        for picks in self.picks {
            for (lane, &pick) in picks.iter().enumerate() {
                targets[lane] = samples.targets()[pick as usize];
                for (row, &x) in self.scratch.iter_mut().zip(samples.features(pick as usize)) {
                    row[lane] = x;
                }
            }
            let mut margins = [0.0; WIDTH];
            for (x, theta) in self.scratch.iter().zip(self.parameters) {
                for lane in 0..WIDTH {
                    margins[lane] = x[lane].mul_add(theta[lane], margins[lane]);
                }
            }
            let slopes = loss.slopes(&margins, &targets);
            for (sum, x) in self.sums.iter_mut().zip(&*self.scratch) {
                for lane in 0..WIDTH {
                    sum[lane] = slopes[lane].mul_add(x[lane], sum[lane]);
                }
            }
        }
        add_scaled(self.picks.len() as f64 * ridge, self.parameters, self.sums);
    }
}

struct FullGradients<'a, L> {
    risk: &'a EmpiricalRisk<L>,
    parameters: &'a [Row],
    gradients: &'a mut [Row],
}

impl<L: MarginLoss> pulp::WithSimd for FullGradients<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let EmpiricalRisk { samples, loss, ridge } = self.risk;
        self.gradients.fill([0.0; WIDTH]);
        for (x, y) in samples.iter() {
            let mut margins = [0.0; WIDTH];
            for (&x, theta) in x.iter().zip(self.parameters) {
                for lane in 0..WIDTH {
                    margins[lane] = x.mul_add(theta[lane], margins[lane]);
                }
            }
            let slopes = loss.slopes(&margins, &[y; WIDTH]);
            for (gradient, &x) in self.gradients.iter_mut().zip(x) {
                for lane in 0..WIDTH {
                    gradient[lane] = slopes[lane].mul_add(x, gradient[lane]);
                }
            }
        }
        let share = 1.0 / samples.count() as f64;
        self.gradients.as_flattened_mut().iter_mut().for_each(|gradient| *gradient *= share);
        add_scaled(*ridge, self.parameters, self.gradients);
    }
}

/// sums ← sums + factor·rows, where a factor of 0 costs nothing.
#[inline(always)]
fn add_scaled(factor: f64, rows: &[Row], sums: &mut [Row]) {
    if factor == 0.0 {
        return;
    }
    for (sum, row) in sums.as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
        *sum = factor.mul_add(*row, *sum);
    }
}
