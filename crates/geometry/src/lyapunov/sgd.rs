//! The three closed forms for SGD near a minimum: the OU limit, the constant-step recursion, the Robbins–Monro shift.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::Mat;

use super::symmetric::divide_in_eigenbasis;
use super::{Equation, Solution};
use crate::dense::{require_positive, require_shape, rounding, scaled};
use crate::{GeometryError, Psd, Spd};

/// Stationary covariance of dX = −HX dt + √τ G^{1/2} dW: HΣ + ΣH = τG, so Σ_ij = τG_ij/(h_i + h_j) in the eigenbasis of H.
///
/// Shapes: H and G are d×d. `temperature` is τ > 0, η/b for SGD, and 1 for the fluctuations scaled by √(b/η). Always
/// unique, because H ≻ 0. tr(HΣ) = ½τ tr G. Source: ZM Theorem 5.10. Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], [`GeometryError::NotPositive`] for τ, the errors of [`Spd::eigen`], and
/// [`GeometryError::NotFinite`] when Σ overflows.
///
/// ```
/// # use geometry::{Psd, Spd, lyapunov::ou_stationary, trace_of_product};
/// # use faer::mat;
/// let h = Spd::new(mat![[2.0, 1.0], [1.0, 3.0]])?;
/// let g = Psd::new(mat![[1.0, 0.5], [0.5, 2.0]])?;
/// let law = ou_stationary(&h, &g, 0.1)?;
/// assert!(law.relative_residual < 1e-15);
/// assert!((trace_of_product(h.as_mat(), law.matrix.as_ref())? - 0.05 * g.trace()).abs() < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn ou_stationary(H: &Spd, G: &Psd, temperature: f64) -> Result<Solution, GeometryError> {
    require_positive("temperature", temperature)?;
    require_noise_shape(H, G)?;
    let eigen = H.eigen()?;
    let Q = scaled(G.as_mat(), temperature);
    let Sigma = divide_in_eigenbasis(&eigen, Q.as_ref(), |h, k| h + k);
    Equation::Continuous.solution(H.as_mat(), Q.as_ref(), Sigma, 2.0 * eigen.min_value())
}

/// Stationary covariance of the linear SGD recursion e' = (I−ηH)e − ηξ with Cov ξ = G/b.
///
/// Σ = (I−ηH)Σ(I−ηH) + (η²/b)G, that is HΣ + ΣH − ηHΣH = (η/b)G, so in the eigenbasis of H
/// Σ_ij = (η/b) G_ij/(h_i + h_j − η h_i h_j). Source: ZM Proposition 5.13. The trace identity
/// 2tr(HΣ) − η tr(HΣH) = (η/b) tr G follows.
///
/// Shapes: H and G are d×d. `step_size` is η and `batch_size` is b ≥ 1. The law exists and is unique iff
/// 0 < η < 2/λ_max(H). The reported residual and separation min_ij |1 − (1−ηh_i)(1−ηh_j)| are those of the discrete
/// equation. Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::UnstableStepSize`] when ηλ_max ≥ 2 − 16dε, [`GeometryError::ShapeMismatch`],
/// [`GeometryError::NotPositive`] for η or b, the errors of [`Spd::eigen`], and [`GeometryError::NotFinite`] when Σ
/// overflows.
///
/// ```
/// # use geometry::{Psd, Spd, lyapunov::sgd_stationary};
/// let h = Spd::diagonal(&[1.0, 10.0])?;
/// let g = Psd::diagonal(&[1.0, 3.0])?;
/// let law = sgd_stationary(&h, &g, 0.1, 4)?;
/// assert!(law.relative_residual < 1e-15);
/// assert!((law.matrix[(1, 1)] - (0.1 / 4.0) * 3.0 / (20.0 - 0.1 * 100.0)).abs() < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn sgd_stationary(H: &Spd, G: &Psd, step_size: f64, batch_size: usize) -> Result<Solution, GeometryError> {
    let (eta, b) = (step_size, batch_size as f64);
    require_positive("step size", eta)?;
    require_positive("batch size", b)?;
    require_noise_shape(H, G)?;
    let d = H.dimension();
    let eigen = H.eigen()?;
    let largest_eigenvalue = eigen.max_value();
    if eta * largest_eigenvalue >= 2.0 * (1.0 - rounding(d)) {
        let limit = 2.0 / largest_eigenvalue;
        return Err(GeometryError::UnstableStepSize { step_size, largest_eigenvalue, limit });
    }
    let Sigma = divide_in_eigenbasis(&eigen, scaled(G.as_mat(), eta / b).as_ref(), |h, k| h + k - eta * h * k);
    // 1 − (1−ηh)(1−ηk) without cancellation for small η; over pairs it is smallest on the diagonal.
    let separation = eigen.values().iter().map(|h| eta * h * (2.0 - eta * h)).fold(f64::INFINITY, f64::min);
    let H = H.as_mat();
    let A = Mat::from_fn(d, d, |i, j| if i == j { 1.0 - eta * H[(i, j)] } else { -eta * H[(i, j)] });
    let Q = scaled(G.as_mat(), eta * eta / b);
    Equation::Discrete.solution(A.as_ref(), Q.as_ref(), Sigma, separation)
}

/// Limit covariance of Robbins–Monro SGD with steps c/(k+k₀): (cH−½I)A + A(cH−½I) = c²G, k·Cov_k → A/b.
///
/// In the eigenbasis of H, A_ij = c²G_ij/(c h_i + c h_j − 1). Exists and is unique as a covariance iff c·λ_min(H) > ½;
/// the reported separation is 2cλ_min − 1. Source: ZM §6 (stochastic-approximation central limit theorem).
///
/// Shapes: H and G are d×d. `gain` is c > 0, in the unit of 1/H. Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::CriticalRegime`] when |cλ_min − ½| ≤ 8dε·max(1, cλ_max) (log k/k decay),
/// [`GeometryError::SlowRegime`] when cλ_min is smaller still (decay like k^{−2cλ_min}),
/// [`GeometryError::ShapeMismatch`], [`GeometryError::NotPositive`] for c, the errors of [`Spd::eigen`], and
/// [`GeometryError::NotFinite`] when A overflows.
///
/// ```
/// # use geometry::{Psd, Spd, lyapunov::shifted};
/// let law = shifted(2.0, &Spd::diagonal(&[1.0])?, &Psd::diagonal(&[3.0])?)?;
/// assert!(law.relative_residual < 1e-15);
/// assert_eq!(law.matrix[(0, 0)], 4.0 * 3.0 / (2.0 * 2.0 - 1.0));
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn shifted(gain: f64, H: &Spd, G: &Psd) -> Result<Solution, GeometryError> {
    let c = gain;
    require_positive("gain", c)?;
    require_noise_shape(H, G)?;
    let d = H.dimension();
    let eigen = H.eigen()?;
    let product = c * eigen.min_value();
    let tolerance = rounding(d) * (c * eigen.max_value()).max(1.0);
    if (product - 0.5).abs() <= tolerance {
        return Err(GeometryError::CriticalRegime { product, tolerance });
    }
    if product < 0.5 {
        return Err(GeometryError::SlowRegime { product });
    }
    let Q = scaled(G.as_mat(), c * c);
    let X = divide_in_eigenbasis(&eigen, Q.as_ref(), |h, k| c * h + c * k - 1.0);
    let H = H.as_mat();
    let shift = Mat::from_fn(d, d, |i, j| if i == j { c * H[(i, j)] - 0.5 } else { c * H[(i, j)] });
    Equation::Continuous.solution(shift.as_ref(), Q.as_ref(), X, 2.0 * product - 1.0)
}

fn require_noise_shape(H: &Spd, G: &Psd) -> Result<(), GeometryError> {
    require_shape("noise covariance", G.as_mat(), H.dimension(), H.dimension())
}
