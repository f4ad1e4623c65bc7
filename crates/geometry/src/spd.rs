//! Symmetric positive definite matrices, proven by a Cholesky factorisation.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::cholesky::{prove_positive_definite, solve_lower, solve_lower_transposed};
use crate::dense::{gram, require_shape};
use crate::{GeometryError, Psd, Symmetric, SymmetricEigen};

/// A symmetric positive definite matrix together with its Cholesky factor.
///
/// Invariant: exactly symmetric, finite, d ≥ 1, and the Cholesky factorisation succeeds even after the diagonal was
/// lowered by the relative amount 8dε ([`rounding`](crate::rounding)). The test does not depend on the units of the
/// coordinates: G and DGD, D a positive diagonal, are accepted or refused together.
///
/// ```
/// # use geometry::{Spd, frobenius_norm};
/// # use faer::{Mat, mat};
/// let h = Spd::new(mat![[4.0, 1.0], [1.0, 3.0]])?;
/// let residual = h.as_mat() * h.inverse()?.as_mat() - Mat::<f64>::identity(2, 2);
/// assert!(frobenius_norm(residual.as_ref()) < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Spd {
    symmetric: Symmetric,
    factor: Mat<f64>,
}

impl Spd {
    /// Proves a d×d matrix symmetric (see [`Symmetric::new`]) and positive definite. Cost: 2d³/3 flops.
    ///
    /// # Errors
    ///
    /// Those of [`Symmetric::new`], and [`GeometryError::NotPositiveDefinite`] with the pivot.
    pub fn new(A: Mat<f64>) -> Result<Self, GeometryError> {
        Symmetric::new(A)?.try_into()
    }

    /// diag(a_0, …, a_{d−1}).
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`], [`GeometryError::NotFinite`], or [`GeometryError::NotPositiveDefinite`].
    pub fn diagonal(entries: &[f64]) -> Result<Self, GeometryError> {
        let d = entries.len();
        Self::new(Mat::from_fn(d, d, |i, j| if i == j { entries[i] } else { 0.0 }))
    }

    /// The identity I, d×d.
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`] for d = 0.
    pub fn identity(d: usize) -> Result<Self, GeometryError> {
        Self::scaled_identity(d, 1.0)
    }

    /// sI, d×d, with s > 0.
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`] for d = 0, [`GeometryError::NotPositive`] for a scale that is not finite and > 0.
    pub fn scaled_identity(d: usize, scale: f64) -> Result<Self, GeometryError> {
        crate::dense::require_positive("scale of the identity", scale)?;
        Self::diagonal(&vec![scale; d])
    }

    /// The matrix, d×d.
    pub fn as_mat(&self) -> MatRef<'_, f64> {
        self.symmetric.as_mat()
    }

    /// The matrix without its proof.
    pub fn as_symmetric(&self) -> &Symmetric {
        &self.symmetric
    }

    pub(crate) fn into_symmetric(self) -> Symmetric {
        self.symmetric
    }

    /// Number of rows d ≥ 1.
    pub fn dimension(&self) -> usize {
        self.symmetric.dimension()
    }

    /// Trace Σ_i A_ii.
    pub fn trace(&self) -> f64 {
        self.symmetric.trace()
    }

    /// Whether every entry off the diagonal is exactly zero.
    pub fn is_diagonal(&self) -> bool {
        self.symmetric.is_diagonal()
    }

    /// Quadratic form vᵀAv > 0 for v ≠ 0.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`] when v does not have d entries.
    pub fn quadratic_form(&self, v: &[f64]) -> Result<f64, GeometryError> {
        self.symmetric.quadratic_form(v)
    }

    /// Eigenvalue decomposition with every eigenvalue above the resolution of the eigensolver, so positive.
    ///
    /// Exact for diagonal matrices, whatever their condition number. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// [`GeometryError::UnresolvedEigenvalue`] when λ_min ≤ 8dε·λ_max for a matrix that is not diagonal,
    /// [`GeometryError::NoConvergence`].
    pub fn eigen(&self) -> Result<SymmetricEigen, GeometryError> {
        let eigen = self.symmetric.eigen()?;
        let (value, tolerance) = (eigen.min_value(), eigen.resolution());
        if value <= tolerance {
            return Err(GeometryError::UnresolvedEigenvalue { index: 0, value, tolerance });
        }
        Ok(eigen)
    }

    /// Smallest eigenvalue λ_min > 0.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`].
    pub fn min_eigenvalue(&self) -> Result<f64, GeometryError> {
        Ok(self.eigen()?.min_value())
    }

    /// Largest eigenvalue λ_max > 0.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`].
    pub fn max_eigenvalue(&self) -> Result<f64, GeometryError> {
        Ok(self.eigen()?.max_value())
    }

    /// Condition number λ_max/λ_min ≥ 1.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`].
    pub fn condition_number(&self) -> Result<f64, GeometryError> {
        let eigen = self.eigen()?;
        Ok(eigen.max_value() / eigen.min_value())
    }

    /// The positive definite square root A^{1/2} = V diag(√λ) Vᵀ.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`] and [`Spd::new`].
    pub fn sqrt(&self) -> Result<Spd, GeometryError> {
        self.eigen()?.map(|_, value| value.sqrt()).try_into()
    }

    /// The inverse of the square root, A^{−1/2} = V diag(1/√λ) Vᵀ.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`] and [`Spd::new`].
    pub fn inverse_sqrt(&self) -> Result<Spd, GeometryError> {
        self.eigen()?.map(|_, value| 1.0 / value.sqrt()).try_into()
    }

    /// The inverse A⁻¹ = L⁻ᵀL⁻¹.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::new`], when rounding or overflow makes the inverse lose its proof.
    pub fn inverse(&self) -> Result<Spd, GeometryError> {
        let d = self.dimension();
        let inverse_factor = solve_lower(self.factor.as_ref(), Mat::<f64>::identity(d, d).as_ref());
        Spd::new(gram(inverse_factor.transpose()))
    }

    /// X with AX = B, for B of d rows, from the stored factor: two triangular solves in fixed order.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] when B does not have d rows.
    pub fn solve(&self, B: MatRef<'_, f64>) -> Result<Mat<f64>, GeometryError> {
        require_shape("right-hand side", B, self.dimension(), B.ncols())?;
        let L = self.factor.as_ref();
        Ok(solve_lower_transposed(L, solve_lower(L, B).as_ref()))
    }

    /// The lower triangular L with positive diagonal and A = LLᵀ.
    ///
    /// Computed by plain sequential loops in fixed order and not by faer: faer picks its kernels by CPU, and the last
    /// bits of this factor would enter every random draw that it shapes. The same matrix gives the same bits on every
    /// machine.
    pub fn lower_factor(&self) -> Mat<f64> {
        self.factor.clone()
    }
}

impl TryFrom<Symmetric> for Spd {
    type Error = GeometryError;

    /// Proves a symmetric matrix positive definite.
    fn try_from(symmetric: Symmetric) -> Result<Self, GeometryError> {
        // Functions of a proven matrix arrive here too, and those can overflow.
        crate::dense::require_finite("matrix", symmetric.as_mat())?;
        let factor = prove_positive_definite(symmetric.as_mat())?;
        Ok(Self { symmetric, factor })
    }
}

impl AsRef<Symmetric> for Spd {
    fn as_ref(&self) -> &Symmetric {
        &self.symmetric
    }
}

impl From<&Spd> for Psd {
    fn from(matrix: &Spd) -> Self {
        Psd::of_full_rank(matrix.symmetric.clone())
    }
}

impl From<Spd> for Psd {
    fn from(matrix: Spd) -> Self {
        Psd::of_full_rank(matrix.symmetric)
    }
}
