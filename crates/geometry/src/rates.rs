//! The rate laws of stochastic approximation and of the oracle complexity, as pure functions.
//!
//! ```text
//! upper bound      N·R_N ≤ c² tr(FG)/(2cμ_F − 1)                        steps c/k; R = E eᵀFe, N = bT
//! lower bound      R_N ≥ tr(F(NF + J₀)⁻¹)                               any estimator; prior of information J₀
//! averaging        N·R_N → tr(F·H⁻¹GH⁻¹)                                Polyak–Ruppert
//! stationarity     (1/T)Σ‖∇L‖²_{F⁻¹} ≲ Δ₀/(λ_min ηT) + Mη tr F/(λ_min b),   λ_min = λ_min(F), η ≤ 1/M
//! dual norm        ‖∇L(θ)‖_{F⁻¹} ≤ (M/λ_min)·‖θ − θ*‖_F                 ‖g‖²_{F⁻¹} = gᵀF⁻¹g
//! ```
//!
//! Source: ZM §6–7.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::Mat;

use crate::cholesky::solve_lower;
use crate::dense::{require_length, require_positive, require_shape, trace, trace_of_product};
use crate::{FisherGeometry, GeometryError, Psd, Spd, Symmetric};

/// c² tr(FG)/(2cμ_F − 1), the leading constant of the upper bound on N·R_N for steps c/(k + k₀).
///
/// `c` > 0 is in the unit of 1/H, `mu_F` is [`FisherGeometry::fisher_strong_convexity`] and `trace_FG` ≥ 0 is tr(FG),
/// at most λ_max(F)²·d_eff for G = F. It is smallest at c = 1/μ_F, where it is tr(FG)/μ_F². Source: ZM Theorem 6.5.
///
/// # Errors
///
/// [`GeometryError::NotFisherConvex`] when μ_F ≤ 0, [`GeometryError::SlowFisherRegime`] when 2cμ_F ≤ 1,
/// [`GeometryError::NotPositive`] for c, and [`GeometryError::Negative`] for a trace that is negative or not finite.
///
/// ```
/// # use geometry::rates::upper_bound_constant;
/// assert_eq!(upper_bound_constant(0.5, 2.0, 12.0)?, 3.0);
/// assert!(upper_bound_constant(0.25, 2.0, 12.0).is_err());
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn upper_bound_constant(c: f64, mu_F: f64, trace_FG: f64) -> Result<f64, GeometryError> {
    require_positive("gain", c)?;
    if !(trace_FG.is_finite() && trace_FG >= 0.0) {
        return Err(GeometryError::Negative { name: "trace tr(FG)", value: trace_FG });
    }
    if mu_F.is_nan() || mu_F <= 0.0 {
        return Err(GeometryError::NotFisherConvex { value: mu_F });
    }
    let product = 2.0 * c * mu_F;
    if product <= 1.0 {
        return Err(GeometryError::SlowFisherRegime { product });
    }
    Ok(c * c * trace_FG / (product - 1.0))
}

/// tr(F(NF + J₀)⁻¹), below which no estimator from N samples can bring the risk R = E eᵀFe averaged over a prior.
///
/// F (d×d) is the Fisher information of one sample, the same at every θ; `n_samples` is N > 0; `prior` is J₀ (d×d), the
/// information of the prior, 0 for none, where the bound is d/N. A Gaussian prior and Gaussian samples attain it.
/// Source: ZM Proposition 6.8; H. L. van Trees, Detection, Estimation, and Modulation Theory I (1968). Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::NotPositive`] for N, [`GeometryError::ShapeMismatch`] for J₀, and those of [`Spd::new`].
///
/// ```
/// # use geometry::{Psd, Spd, rates::van_trees};
/// let f = Spd::diagonal(&[4.0, 16.0])?;
/// assert_eq!(van_trees(&f, 4.0, &Psd::diagonal(&[0.0, 0.0])?)?, 0.5);
/// assert_eq!(van_trees(&f, 4.0, &Psd::diagonal(&[48.0, 0.0])?)?, 0.0625 + 0.25);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn van_trees(F: &Spd, n_samples: f64, prior: &Psd) -> Result<f64, GeometryError> {
    require_positive("number of samples", n_samples)?;
    let d = F.dimension();
    require_shape("prior information", prior.as_mat(), d, d)?;
    let (F, J0) = (F.as_mat(), prior.as_mat());
    let information = Spd::new(Mat::from_fn(d, d, |i, j| n_samples * F[(i, j)] + J0[(i, j)]))?;
    Ok(trace(information.solve(F)?.as_ref()))
}

/// tr(F·H⁻¹GH⁻¹), the limit of N·R_N for averaged iterates; d for a well-specified likelihood, the lower bound itself.
///
/// Source: ZM §6. Cost: O(d³).
///
/// # Errors
///
/// Those of [`FisherGeometry::sandwich`].
///
/// ```
/// # use geometry::{FisherGeometry, Spd, rates::averaging_constant};
/// let f = Spd::diagonal(&[4.0, 16.0])?;
/// assert_eq!(averaging_constant(&FisherGeometry::new(f.clone(), f.clone().into(), f)?)?, 2.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn averaging_constant(geometry: &FisherGeometry) -> Result<f64, GeometryError> {
    trace_of_product(geometry.fisher().as_mat(), geometry.sandwich()?.as_mat())
}

/// The quantities of the stationarity bound at fixed problem: Δ₀, M, tr F and λ_min(F).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StationarityBound {
    gap: f64,
    smoothness: f64,
    fisher_trace: f64,
    smallest_fisher: f64,
}

impl StationarityBound {
    /// Δ₀ = L(θ₀) − L* = `gap` > 0, M = `smoothness` > 0 with ∇²L ⪯ MI, and F (d×d). Cost: O(d³).
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] for Δ₀ or M, and those of [`Spd::eigen`].
    pub fn new(gap: f64, smoothness: f64, F: &Spd) -> Result<Self, GeometryError> {
        require_positive("initial gap", gap)?;
        require_positive("smoothness", smoothness)?;
        Ok(Self { gap, smoothness, fisher_trace: F.trace(), smallest_fisher: F.min_eigenvalue()? })
    }

    /// Δ₀/(λ_min(F)·ηT) + Mη·tr F/(λ_min(F)·b), the bound without its universal constant and its terms log(1/δ)/T.
    ///
    /// `step_size` is η ∈ (0, 1/M], `batch_size` b > 0, `n_steps` T > 0. tr F/λ_min(F) is κ_F·d_eff. Source: ZM Theorem
    /// 7.3.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] for η, b or T, [`GeometryError::StepAboveSmoothness`] for η > 1/M.
    pub fn value(&self, step_size: f64, batch_size: f64, n_steps: f64) -> Result<f64, GeometryError> {
        require_positive("batch size", batch_size)?;
        require_positive("number of steps", n_steps)?;
        require_positive("step size", step_size)?;
        let limit = 1.0 / self.smoothness;
        if step_size > limit {
            return Err(GeometryError::StepAboveSmoothness { step_size, limit });
        }
        let descent = self.gap / (step_size * n_steps);
        let noise = self.smoothness * step_size * self.fisher_trace / batch_size;
        Ok((descent + noise) / self.smallest_fisher)
    }

    /// η = min(√(Δ₀b/(M tr F·T)), 1/M), where the two terms of the bound are equal, as far as the bound allows.
    ///
    /// It minimises [`StationarityBound::value`] over η. Source: ZM Theorem 7.3.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] for b or T.
    pub fn balanced_step(&self, batch_size: f64, n_steps: f64) -> Result<f64, GeometryError> {
        require_positive("batch size", batch_size)?;
        require_positive("number of steps", n_steps)?;
        let balanced = (self.gap * batch_size / (self.smoothness * self.fisher_trace * n_steps)).sqrt();
        Ok(balanced.min(1.0 / self.smoothness))
    }

    /// √(N tr F/(MΔ₀)), the batch size up to which the balanced bound at the budget N = bT does not depend on b.
    ///
    /// Beyond it the step is held at 1/M and the bound grows with b. Source: ZM Corollary 7.8.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] for N.
    ///
    /// ```
    /// # use geometry::{Spd, rates::StationarityBound};
    /// let bound = StationarityBound::new(4.0, 2.0, &Spd::diagonal(&[1.0, 7.0])?)?;
    /// let (budget, b) = (100.0, bound.feasible_batch(100.0)?);
    /// assert_eq!(b, 10.0);
    /// assert_eq!(bound.balanced_step(b, budget / b)?, 0.5);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn feasible_batch(&self, budget: f64) -> Result<f64, GeometryError> {
        require_positive("budget", budget)?;
        Ok((budget * self.fisher_trace / (self.smoothness * self.gap)).sqrt())
    }
}

/// ‖g‖²_{F⁻¹} = gᵀF⁻¹g for a vector g (d), as |L⁻¹g|² with F = LLᵀ. Source: ZM §7. Cost: O(d²).
///
/// # Errors
///
/// [`GeometryError::WrongLength`] when g does not have d entries.
///
/// ```
/// # use geometry::{Spd, rates::dual_norm_squared};
/// assert_eq!(dual_norm_squared(&[2.0, 3.0], &Spd::diagonal(&[4.0, 1.0])?)?, 10.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn dual_norm_squared(g: &[f64], F: &Spd) -> Result<f64, GeometryError> {
    require_length("gradient of a dual norm", g, F.dimension())?;
    let column = Mat::from_fn(g.len(), 1, |i, _| g[i]);
    let w = solve_lower(F.lower_factor().as_ref(), column.as_ref());
    Ok((0..g.len()).map(|i| w[(i, 0)] * w[(i, 0)]).sum())
}

/// M/λ_min(F), the factor of ‖∇L(θ)‖_{F⁻¹} ≤ (M/λ_min(F))·‖θ − θ*‖_F for an L with ∇²L ⪯ MI.
///
/// It is the best that M and F alone allow, and attained iff the gradient meets its bound M along an eigenvector of
/// λ_min(F). A known curvature allows more: see [`dual_norm_factor`]. Source: ZM Lemma 7.2.
///
/// # Errors
///
/// [`GeometryError::NotPositive`] for M, and those of [`Spd::eigen`].
pub fn dual_norm_factor_of_smoothness(smoothness: f64, F: &Spd) -> Result<f64, GeometryError> {
    require_positive("smoothness", smoothness)?;
    Ok(smoothness / F.min_eigenvalue()?)
}

/// ‖F^{−1/2}HF^{−1/2}‖ = λ_max(F⁻¹H), the best factor of ‖He‖_{F⁻¹} ≤ factor·‖e‖_F for the curvature H (d×d) of a
/// quadratic.
///
/// It is 1 for F = H, whatever the condition number, where ZM Lemma 7.2 has κ_F. *Derived*: with v = F^{1/2}e both
/// norms are Euclidean. Computed as the largest eigenvalue of L⁻¹HL⁻ᵀ, F = LLᵀ. Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`] when the dimensions differ, and those of [`Symmetric::eigen`].
///
/// ```
/// # use geometry::{Spd, rates::{dual_norm_factor, dual_norm_factor_of_smoothness}};
/// let f = Spd::diagonal(&[1.0, 100.0])?;
/// assert_eq!(dual_norm_factor(&f, &f)?, 1.0);
/// assert_eq!(dual_norm_factor_of_smoothness(100.0, &f)?, 100.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn dual_norm_factor(H: &Spd, F: &Spd) -> Result<f64, GeometryError> {
    require_shape("curvature", H.as_mat(), F.dimension(), F.dimension())?;
    let L = F.lower_factor();
    let half = solve_lower(L.as_ref(), H.as_mat());
    let whole = solve_lower(L.as_ref(), half.transpose());
    Ok(Symmetric::from_symmetric_part(whole.as_ref()).eigen()?.max_value())
}
