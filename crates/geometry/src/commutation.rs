//! How two symmetric matrices relate: do they commute, and is one below the other.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::MatRef;

use crate::dense::{
    binary_scale, frobenius_norm, largest_magnitude, product, require_finite, require_shape, require_square, rounding,
    scaled,
};
use crate::{GeometryError, Symmetric};

/// Relative commutator ‖CH − HC‖_F/(‖C‖_F‖H‖_F), between 0 (they commute) and √2, for d×d matrices.
///
/// The bound √2 is the theorem of Böttcher and Wenzel (Linear Algebra Appl. 429 (2008) 1864–1885). Does not change when C
/// or H is scaled. Used by ZYT to compare gradient covariance and Hessian. Cost: two products.
///
/// # Errors
///
/// [`GeometryError::NotSquare`], [`GeometryError::ShapeMismatch`], [`GeometryError::NotFinite`], and
/// [`GeometryError::NotPositive`] when a norm is zero, as the ratio has no value then.
///
/// ```
/// # use geometry::relative_commutator;
/// # use faer::mat;
/// let c = mat![[1.0, 0.0], [0.0, -1.0]];
/// let h = mat![[0.0, 1.0], [1.0, 0.0]];
/// assert!((relative_commutator(c.as_ref(), h.as_ref())? - 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn relative_commutator(C: MatRef<'_, f64>, H: MatRef<'_, f64>) -> Result<f64, GeometryError> {
    require_square(C)?;
    require_shape("second matrix of a commutator", H, C.nrows(), C.ncols())?;
    require_finite("first matrix of a commutator", C)?;
    require_finite("second matrix of a commutator", H)?;
    let C = scaled(C, binary_scale(largest_magnitude(C)));
    let H = scaled(H, binary_scale(largest_magnitude(H)));
    let (norm_C, norm_H) = (frobenius_norm(C.as_ref()), frobenius_norm(H.as_ref()));
    crate::dense::require_positive("norm of the first matrix of a commutator", norm_C)?;
    crate::dense::require_positive("norm of the second matrix of a commutator", norm_H)?;
    let commutator = product(C.as_ref(), H.as_ref()) - product(H.as_ref(), C.as_ref());
    Ok(frobenius_norm(commutator.as_ref()) / (norm_C * norm_H))
}

/// The comparison A ⪯ B in the Loewner order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoewnerGap {
    /// Smallest eigenvalue of B − A; A ⪯ B iff it is ≥ 0.
    pub smallest_eigenvalue: f64,
    /// Error bound of that eigenvalue, 8dε(‖A‖_F + ‖B‖_F).
    pub tolerance: f64,
}

impl LoewnerGap {
    /// Whether A ⪯ B up to rounding: smallest eigenvalue ≥ −tolerance.
    pub fn holds(&self) -> bool {
        self.smallest_eigenvalue >= -self.tolerance
    }
}

/// Compares two symmetric matrices in the Loewner order, A ⪯ B iff B − A is positive semidefinite. Cost: O(d³).
///
/// By ZM Remark 9.1 a sampling design with G' ⪯ G has Σ' ⪯ Σ.
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], [`GeometryError::NotFinite`] when B − A overflows, [`GeometryError::NoConvergence`].
pub fn loewner_le(A: &Symmetric, B: &Symmetric) -> Result<LoewnerGap, GeometryError> {
    require_shape("second matrix of a comparison", B.as_mat(), A.dimension(), A.dimension())?;
    let difference = Symmetric::new(B.as_mat() - A.as_mat())?;
    let tolerance = rounding(A.dimension()) * (frobenius_norm(A.as_mat()) + frobenius_norm(B.as_mat()));
    Ok(LoewnerGap { smallest_eigenvalue: difference.eigen()?.min_value(), tolerance })
}
