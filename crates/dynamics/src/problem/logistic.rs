//! Logistic regression on a finite data set: well specified for logit labels, misspecified for probit ones.
//!
//! ```text
//! φ(u; y) = log(1 + eᵘ) − yu,   φ' = p − y,   φ'' = p(1 − p),   p = 1/(1 + e⁻ᵘ)
//! F = (1/n)Σ p_i(1 − p_i)x_ix_iᵀ = H − λI,    G = (1/n)Σ(p_i − y_i)²x_ix_iᵀ at θ* for λ = 0
//! ```
//!
//! Bartlett: E(p − y)² = p(1 − p) if p is the true chance, so G ≈ F = H for logit labels, and G ≠ H for probit ones.
//!
//! Source: ZM Remark 4.7 and Appendix B (ZM = arXiv 2603.02417v4).

use std::sync::Arc;

use faer::MatRef;
use geometry::GeometryError;
use sampling::Stream;

use crate::block::{Row, WIDTH};
use crate::elementary;
use crate::error::DynamicsError;
use crate::problem::SmoothProblem;
use crate::problem::empirical::{EmpiricalRisk, Fitted, MarginLoss};
use crate::problem::samples::{Samples, check_scales, dot, gaussian_features, uniforms};

/// A logistic regression with its minimiser θ*.
///
/// # Example
/// ```
/// use dynamics::problem::{Logistic, LogisticData, SmoothProblem as _};
/// use faer::mat;
/// // One feature, always 1, and three labels of four: p = ¾ at θ* = log 3, so H = F = p(1 − p) = G.
/// let data = LogisticData::new(mat![[1.0], [1.0], [1.0], [1.0]].as_ref(), &[1.0, 0.0, 1.0, 1.0])?;
/// let problem = Logistic::fit(data, 0.0)?;
/// assert!((problem.minimiser()[0] - libm::log(3.0)).abs() < 1e-14);
/// assert!((problem.curvature().as_mat()[(0, 0)] - 0.1875).abs() < 1e-15);
/// assert!((problem.noise(problem.minimiser())[(0, 0)] - 0.1875).abs() < 1e-15);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
pub type Logistic = Fitted<LogLoss>;

impl Fitted<LogLoss> {
    /// θ* by damped Newton from 0, for a ridge λ ≥ 0. Cost O(nd² + d³) a step, some ten steps.
    ///
    /// # Errors
    /// [`DynamicsError::NewtonFailed`] for separable data without ridge, [`DynamicsError::Negative`] for a λ that is
    /// negative or not finite, [`DynamicsError::Geometry`] for linearly dependent features.
    pub fn fit(data: LogisticData, ridge: f64) -> Result<Self, DynamicsError> {
        if !ridge.is_finite() || ridge < 0.0 {
            return Err(DynamicsError::Negative { what: "ridge λ", given: ridge });
        }
        let start = vec![0.0; data.samples.dimension()];
        let risk = EmpiricalRisk { samples: data.samples, loss: LogLoss, ridge };
        // The features must be independent: otherwise H is singular for another reason than separation.
        if ridge == 0.0 {
            geometry::Spd::new(risk.local(&start).hessian)?;
        }
        let fisher = |risk: &EmpiricalRisk<LogLoss>, theta: &[f64]| risk.samples.weighted_gram(&risk.curvatures(theta));
        Fitted::from_start(risk, &start, fisher, hint)
    }
}

impl From<Logistic> for Arc<dyn SmoothProblem> {
    /// A pointer to the problem, whose kernels are compiled with this crate and not with the one that asks for it.
    fn from(problem: Logistic) -> Self {
        Arc::new(problem)
    }
}

fn hint(risk: &EmpiricalRisk<LogLoss>, theta: &[f64]) -> &'static str {
    if risk.samples.iter().all(|(x, y)| (2.0 * y - 1.0) * dot(x, theta) > 0.0) {
        "a plane separates the labels, so L has no minimiser; give more samples or a ridge λ > 0"
    } else {
        "L may be too flat or badly conditioned; give more samples, a ridge λ > 0 or scaled features"
    }
}

/// Features X (n×d) with labels y ∈ {0, 1}.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticData {
    samples: Samples,
}

/// The chance of label 1 at the true margin m = xᵀθ₀.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Φ(m), the normal distribution function: the logistic model is wrong.
    Probit,
    /// 1/(1 + e^{−m}): the logistic model is right.
    Logit,
}

impl Link {
    /// P(y = 1) at margin m.
    ///
    /// # Example
    /// ```
    /// use dynamics::problem::Link;
    /// assert_eq!((Link::Probit.chance(0.0), Link::Logit.chance(0.0)), (0.5, 0.5));
    /// assert!((Link::Probit.chance(1.959_963_984_540_054) - 0.975).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn chance(self, margin: f64) -> f64 {
        match self {
            Link::Probit => 0.5 * libm::erfc(-margin * std::f64::consts::FRAC_1_SQRT_2),
            Link::Logit => sigmoid(margin),
        }
    }
}

impl LogisticData {
    /// The data set of `features` X (n×d) and `labels` y (n).
    ///
    /// # Errors
    /// [`DynamicsError::Label`] for a label that is not 0 or 1, and those of [`Samples::new`].
    pub fn new(features: MatRef<'_, f64>, labels: &[f64]) -> Result<Self, DynamicsError> {
        if let Some((sample, &given)) = labels.iter().enumerate().find(|&(_, &y)| y != 0.0 && y != 1.0) {
            return Err(DynamicsError::Label { sample, given });
        }
        Ok(LogisticData { samples: Samples::new(features, labels.to_vec())? })
    }

    /// n samples with x ~ N(0, I) and labels drawn by `link` at the true parameter `truth` (d).
    ///
    /// # Errors
    /// As [`LogisticData::generate_scaled`].
    pub fn generate(n: usize, truth: &[f64], link: Link, stream: &mut Stream) -> Result<Self, DynamicsError> {
        Self::generate_scaled(n, &vec![1.0; truth.len()], truth, link, stream)
    }

    /// The same with x ~ N(0, diag(scales²)). Draws n·d normals, then n words.
    ///
    /// # Errors
    /// [`DynamicsError::NotPositive`] for a scale that is not above 0, [`DynamicsError::Geometry`] for another number
    /// of scales than d, and those of [`Samples::new`].
    pub fn generate_scaled(
        n: usize,
        scales: &[f64],
        truth: &[f64],
        link: Link,
        stream: &mut Stream,
    ) -> Result<Self, DynamicsError> {
        if truth.is_empty() {
            return Err(GeometryError::Empty { what: "true parameter" }.into());
        }
        check_scales(scales, truth)?;
        let features = gaussian_features(n, scales, stream);
        let chances = features.chunks_exact(truth.len()).map(|x| link.chance(dot(x, truth)));
        let labels = chances.zip(uniforms(n, stream)).map(|(p, u)| if u < p { 1.0 } else { 0.0 }).collect();
        Ok(LogisticData { samples: Samples::from_rows(truth.len(), features, labels)? })
    }

    /// Features and labels.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }
}

/// φ(u; y) = log(1 + eᵘ) − yu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLoss;

impl MarginLoss for LogLoss {
    const LARGEST_CURVATURE: f64 = 0.25;

    fn value(&self, u: f64, y: f64) -> f64 {
        u.max(0.0) + libm::log1p(libm::exp(-u.abs())) - y * u
    }

    fn slope(&self, u: f64, y: f64) -> f64 {
        sigmoid(u) - y
    }

    fn curvature(&self, u: f64, _y: f64) -> f64 {
        let t = libm::exp(-u.abs());
        t / ((1.0 + t) * (1.0 + t))
    }

    #[inline(always)]
    fn values(&self, margins: &Row, targets: &Row) -> Row {
        let mut values = [0.0; WIDTH];
        for lane in 0..WIDTH {
            values[lane] = elementary::softplus(margins[lane]) - targets[lane] * margins[lane];
        }
        values
    }

    #[inline(always)]
    fn slopes(&self, margins: &Row, targets: &Row) -> Row {
        let mut slopes = [0.0; WIDTH];
        for lane in 0..WIDTH {
            slopes[lane] = elementary::sigmoid(margins[lane]) - targets[lane];
        }
        slopes
    }

    #[inline(always)]
    fn curvatures(&self, margins: &Row, _targets: &Row) -> Row {
        let mut curvatures = [0.0; WIDTH];
        for lane in 0..WIDTH {
            let t = elementary::exp_minus_magnitude(margins[lane]);
            curvatures[lane] = t / ((1.0 + t) * (1.0 + t));
        }
        curvatures
    }
}

/// 1/(1 + e⁻ᵘ), without overflow.
fn sigmoid(u: f64) -> f64 {
    let t = libm::exp(-u.abs());
    (if u >= 0.0 { 1.0 } else { t }) / (1.0 + t)
}
