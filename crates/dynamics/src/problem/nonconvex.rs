//! Robust regression by the loss of Geman and McClure: smooth, bounded, and not convex.
//!
//! ```text
//! L(θ) = (1/n)Σ ρ(x_iᵀθ − y_i),   ρ(r) = ½r²/(1 + r²),   ρ' = r/(1 + r²)²,   ρ'' = (1 − 3r²)/(1 + r²)³
//! 0 ≤ ρ < ½,   |ρ'| ≤ 3√3/16 at r² = ⅓,   −¼ ≤ ρ'' ≤ 1
//! M = λ_max((1/n)XᵀX),   L ≥ 0,   G(θ) ⪯ (27/256)(1/n)XᵀX at every θ
//! ```
//!
//! Source: S. Geman and D. E. McClure, Bull. Int. Stat. Inst. 52 (1987) 5–21; a case for ZM Theorem 7.3
//! (ZM = arXiv 2603.02417v4).

use std::sync::Arc;

use faer::{MatRef, Scale};
use geometry::{GeometryError, Spd};
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::error::DynamicsError;
use crate::problem::SmoothProblem;
use crate::problem::empirical::{EmpiricalRisk, Fitted, MarginLoss};
use crate::problem::samples::{Samples, check_scales, dot, gaussian_features, uniforms};

/// A robust regression with one of its local minimisers.
///
/// F is the empirical Fisher information G(θ*): exp(−ρ) is no density, so there is no likelihood to take it from.
///
/// # Example
/// ```
/// use dynamics::problem::{Robust, RobustData, SmoothProblem as _};
/// use faer::mat;
/// // Two targets at 1 and one at 9, too far off to be heard: the minimum is near 1, not at the mean.
/// let data = RobustData::new(mat![[1.0], [1.0], [1.0]].as_ref(), &[0.9, 1.1, 9.0])?;
/// let problem = Robust::fit(data, &[0.0])?;
/// assert!((problem.minimiser()[0] - 1.0).abs() < 0.01);
/// assert_eq!(problem.risk().smoothness()?, 1.0);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
pub type Robust = Fitted<GemanMcClure>;

impl Fitted<GemanMcClure> {
    /// The local minimiser below `start` (d), by gradient steps of size 1/M where L is not convex and damped Newton steps
    /// where it is.
    ///
    /// # Errors
    /// [`DynamicsError::NewtonFailed`] where the descent ends in no strict minimum, [`DynamicsError::Geometry`] for a
    /// start of another dimension or scores that span less than d directions.
    pub fn fit(data: RobustData, start: &[f64]) -> Result<Self, DynamicsError> {
        let (given, required) = (start.len(), data.samples.dimension());
        if given != required {
            return Err(GeometryError::WrongLength { name: "start of the descent", given, required }.into());
        }
        let risk = EmpiricalRisk { samples: data.samples, loss: GemanMcClure, ridge: 0.0 };
        let hint = "L is flat far from its minima; start closer to one";
        Fitted::from_start(risk, start, |risk, theta| risk.local(theta).noise, |_, _| hint)
    }

    /// L(θ*) at the local minimiser; the global infimum lies between 0 and this.
    #[must_use]
    pub fn minimum(&self) -> f64 {
        self.loss(self.minimiser())
    }

    /// (27/256)(1/n)XᵀX, which dominates G(θ) at every θ: (1/n)Σ(ρ')²x_ix_iᵀ ⪯ sup(ρ')²(1/n)XᵀX.
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] for linearly dependent features.
    pub fn noise_bound(&self) -> Result<Spd, DynamicsError> {
        let samples = self.risk().samples();
        Ok(Spd::new(Scale(27.0 / 256.0) * samples.weighted_gram(&vec![1.0; samples.count()]))?)
    }
}

impl From<Robust> for Arc<dyn SmoothProblem> {
    /// A pointer to the problem, whose kernels are compiled with this crate and not with the one that asks for it.
    fn from(problem: Robust) -> Self {
        Arc::new(problem)
    }
}

/// Features X (n×d) with targets y (n).
#[derive(Debug, Clone, PartialEq)]
pub struct RobustData {
    samples: Samples,
}

impl RobustData {
    /// The data set of `features` X (n×d) and `targets` y (n).
    ///
    /// # Errors
    /// Those of [`Samples::new`].
    pub fn new(features: MatRef<'_, f64>, targets: &[f64]) -> Result<Self, DynamicsError> {
        Ok(RobustData { samples: Samples::new(features, targets.to_vec())? })
    }

    /// n samples x ~ N(0, I), y = ±xᵀθ₀ + σ_ε·N(0, 1), where the sign is − with chance `contamination`.
    ///
    /// Two regressions in one data set: for a contamination that is not small L has a minimum near each of ±θ₀. Draws
    /// n·d normals, n normals, n words.
    ///
    /// # Errors
    /// [`DynamicsError::Negative`] for a σ_ε that is negative or not finite, [`DynamicsError::NotAShare`] unless
    /// 0 ≤ contamination ≤ 1, and those of [`Samples::new`].
    pub fn generate(
        n: usize,
        truth: &[f64],
        deviation: f64,
        contamination: f64,
        stream: &mut Stream,
    ) -> Result<Self, DynamicsError> {
        if !deviation.is_finite() || deviation < 0.0 {
            return Err(DynamicsError::Negative { what: "standard deviation σ_ε of the targets", given: deviation });
        }
        if !(0.0..=1.0).contains(&contamination) {
            return Err(DynamicsError::NotAShare { what: "contamination", given: contamination });
        }
        if truth.is_empty() {
            return Err(GeometryError::Empty { what: "true parameter" }.into());
        }
        let scales = vec![1.0; truth.len()];
        check_scales(&scales, truth)?;
        let features = gaussian_features(n, &scales, stream);
        let mut targets = vec![0.0; n];
        fill_normals(stream, &mut targets);
        for ((y, x), u) in targets.iter_mut().zip(features.chunks_exact(truth.len())).zip(uniforms(n, stream)) {
            let sign = if u < contamination { -1.0 } else { 1.0 };
            *y = sign * dot(x, truth) + deviation * *y;
        }
        Ok(RobustData { samples: Samples::from_rows(truth.len(), features, targets)? })
    }

    /// Features and targets.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }
}

/// φ(u; y) = ρ(u − y).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GemanMcClure;

impl MarginLoss for GemanMcClure {
    const LARGEST_CURVATURE: f64 = 1.0;

    #[inline(always)]
    fn value(&self, u: f64, y: f64) -> f64 {
        let square = (u - y) * (u - y);
        0.5 * square / (1.0 + square)
    }

    #[inline(always)]
    fn slope(&self, u: f64, y: f64) -> f64 {
        let r = u - y;
        let q = r.mul_add(r, 1.0);
        r / (q * q)
    }

    #[inline(always)]
    fn curvature(&self, u: f64, y: f64) -> f64 {
        let square = (u - y) * (u - y);
        let q = 1.0 + square;
        (1.0 - 3.0 * square) / (q * q * q)
    }
}
