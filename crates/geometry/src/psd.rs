//! Symmetric positive semidefinite matrices, proven by their eigenvalues, with rank and pseudo-inverse.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::cholesky::semidefinite_factor;
use crate::{GeometryError, Projector, Spd, Symmetric, SymmetricEigen};

/// A symmetric positive semidefinite matrix of known rank: a noise covariance whose identifiable subspace is its range.
///
/// Invariant: exactly symmetric, finite, d ≥ 1, every eigenvalue ≥ −tolerance, and exactly `rank` of them above it. The
/// tolerance is the resolution of the eigensolver, 8dε·max|λ|, and zero for a diagonal matrix, whose eigenvalues are
/// exact. The entries are kept as given: eigenvalues within the tolerance are *treated* as zero, never overwritten.
///
/// ```
/// # use geometry::{Psd, frobenius_norm};
/// # use faer::mat;
/// let g = Psd::new(mat![[1.0, 2.0], [2.0, 4.0]])?;
/// assert_eq!(g.rank(), 1);
/// let pseudo_inverse = g.pseudo_inverse()?;
/// let residual = g.as_mat() * pseudo_inverse.as_mat() * g.as_mat() - g.as_mat();
/// assert!(frobenius_norm(residual.as_ref()) < 1e-14);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Psd {
    symmetric: Symmetric,
    rank: usize,
    tolerance: f64,
}

impl Psd {
    /// Proves a d×d matrix symmetric (see [`Symmetric::new`]) and positive semidefinite. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// Those of [`Symmetric::new`], and [`GeometryError::NotPositiveSemidefinite`] with the smallest eigenvalue.
    pub fn new(A: Mat<f64>) -> Result<Self, GeometryError> {
        Symmetric::new(A)?.try_into()
    }

    /// diag(a_0, …, a_{d−1}) with entries ≥ 0.
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`], [`GeometryError::NotFinite`], or [`GeometryError::NotPositiveSemidefinite`].
    pub fn diagonal(entries: &[f64]) -> Result<Self, GeometryError> {
        let d = entries.len();
        Self::new(Mat::from_fn(d, d, |i, j| if i == j { entries[i] } else { 0.0 }))
    }

    pub(crate) fn of_full_rank(symmetric: Symmetric) -> Self {
        Self { rank: symmetric.dimension(), symmetric, tolerance: 0.0 }
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

    /// Number of eigenvalues above the tolerance, 0 ≤ rank ≤ d.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Absolute tolerance, in the unit of the entries, below which an eigenvalue counts as zero; 0 for a diagonal
    /// matrix, and for an [`Spd`], whose full rank Cholesky has proven.
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// Trace Σ_i A_ii.
    pub fn trace(&self) -> f64 {
        self.symmetric.trace()
    }

    /// Whether every entry off the diagonal is exactly zero.
    pub fn is_diagonal(&self) -> bool {
        self.symmetric.is_diagonal()
    }

    /// Quadratic form vᵀAv.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`] when v does not have d entries.
    pub fn quadratic_form(&self, v: &[f64]) -> Result<f64, GeometryError> {
        self.symmetric.quadratic_form(v)
    }

    /// Eigenvalue decomposition; the identifiable subspace is spanned by the last `rank` vectors. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// [`GeometryError::NoConvergence`]; [`GeometryError::UnresolvedEigenvalue`] when one of the `rank` largest
    /// eigenvalues is not above the resolution of the eigensolver, which happens only to a badly conditioned matrix that
    /// was an [`Spd`].
    pub fn eigen(&self) -> Result<SymmetricEigen, GeometryError> {
        let eigen = self.symmetric.eigen()?;
        let first = self.first_positive();
        if let Some(&value) = eigen.values().get(first).filter(|&&value| value <= eigen.resolution()) {
            return Err(GeometryError::UnresolvedEigenvalue { index: first, value, tolerance: eigen.resolution() });
        }
        Ok(eigen)
    }

    /// The positive semidefinite square root A^{1/2} = Σ_{λ_k > tolerance} √λ_k v_k v_kᵀ.
    ///
    /// # Errors
    ///
    /// Those of [`Psd::eigen`].
    pub fn sqrt(&self) -> Result<Psd, GeometryError> {
        self.on_range(f64::sqrt)
    }

    /// The Moore–Penrose inverse A⁺ = Σ_{λ_k > tolerance} λ_k⁻¹ v_k v_kᵀ.
    ///
    /// # Errors
    ///
    /// Those of [`Psd::eigen`], and [`GeometryError::NotFinite`] when 1/λ overflows.
    pub fn pseudo_inverse(&self) -> Result<Psd, GeometryError> {
        self.on_range(f64::recip)
    }

    /// The square root of the Moore–Penrose inverse, (A⁺)^{1/2} = Σ_{λ_k > tolerance} λ_k^{−1/2} v_k v_kᵀ.
    ///
    /// # Errors
    ///
    /// Those of [`Psd::eigen`].
    pub fn pseudo_inverse_sqrt(&self) -> Result<Psd, GeometryError> {
        self.on_range(|value| 1.0 / value.sqrt())
    }

    /// The orthogonal projector Π on the range, of rank [`Psd::rank`].
    ///
    /// # Errors
    ///
    /// Those of [`Psd::eigen`].
    pub fn range_projector(&self) -> Result<Projector, GeometryError> {
        let eigen = self.eigen()?;
        let basis = eigen.vectors().subcols(self.first_positive(), self.rank);
        Projector::from_orthonormal_basis(basis.to_owned())
    }

    /// A lower triangular L with diagonal ≥ 0 and A = LLᵀ.
    ///
    /// Computed by plain sequential loops in fixed order and not by faer: faer picks its kernels by CPU, and the last
    /// bits of this factor would enter every random draw that it shapes. A numerically positive definite matrix gets the
    /// same bits as from [`Spd::lower_factor`]. A singular one is factored with diagonal pivoting, until no pivot exceeds
    /// 8dε·max A_ii, and brought back to triangular form by a QR factorisation; the columns of the pivots left out, d − rank
    /// of them but for borderline eigenvalues, are exactly zero and come last. Cost: O(d²·rank).
    ///
    /// # Errors
    ///
    /// [`GeometryError::FactorResidual`] when an entry of A − LLᵀ exceeds 64dε·max|A|.
    pub fn lower_factor(&self) -> Result<Mat<f64>, GeometryError> {
        semidefinite_factor(self.as_mat())
    }

    fn first_positive(&self) -> usize {
        self.dimension() - self.rank
    }

    /// Σ f(λ_k) v_k v_kᵀ over the eigenvalues above the tolerance, for f > 0, so with the same range.
    fn on_range(&self, f: impl Fn(f64) -> f64) -> Result<Psd, GeometryError> {
        let eigen = self.eigen()?;
        let first = self.first_positive();
        let symmetric = eigen.map(|k, value| if k < first { 0.0 } else { f(value) });
        crate::dense::require_finite("function of a matrix", symmetric.as_mat())?;
        let largest = eigen.values()[first..].iter().fold(0.0_f64, |m, &value| m.max(f(value)));
        let tolerance = if self.is_diagonal() { 0.0 } else { crate::rounding(self.dimension()) * largest };
        Ok(Psd { symmetric, rank: self.rank, tolerance })
    }
}

impl TryFrom<Symmetric> for Psd {
    type Error = GeometryError;

    /// Proves a symmetric matrix positive semidefinite.
    fn try_from(symmetric: Symmetric) -> Result<Self, GeometryError> {
        let eigen = symmetric.eigen()?;
        let (eigenvalue, tolerance) = (eigen.min_value(), eigen.resolution());
        if eigenvalue < -tolerance {
            return Err(GeometryError::NotPositiveSemidefinite { index: 0, eigenvalue, tolerance });
        }
        let rank = eigen.values().iter().filter(|&&value| value > tolerance).count();
        Ok(Self { symmetric, rank, tolerance })
    }
}

impl TryFrom<Psd> for Spd {
    type Error = GeometryError;

    /// Proves a positive semidefinite matrix positive definite.
    fn try_from(matrix: Psd) -> Result<Self, GeometryError> {
        matrix.symmetric.try_into()
    }
}

impl AsRef<Symmetric> for Psd {
    fn as_ref(&self) -> &Symmetric {
        &self.symmetric
    }
}
