//! Orthogonal projectors on identifiable subspaces.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{gram, product, require_finite, require_shape, rounding};
use crate::{GeometryError, Psd, Symmetric};

/// An orthogonal projector Π = Πᵀ = Π², kept with an orthonormal basis B of its range: Π = BBᵀ.
///
/// In ZM Π projects on the identifiable tangent space, and G* = ΠGΠ, F* = ΠFΠ.
///
/// ```
/// # use geometry::{Psd, frobenius_norm};
/// # use faer::mat;
/// let g = Psd::new(mat![[1.0, 1.0], [1.0, 1.0]])?;
/// let projector = g.range_projector()?;
/// let residual = projector.as_mat() * projector.as_mat() - projector.as_mat();
/// assert!(frobenius_norm(residual.as_ref()) < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Projector {
    basis: Mat<f64>,
    matrix: Mat<f64>,
}

impl Projector {
    /// Π = BBᵀ from B (d×r, r ≤ d, r = 0 allowed) whose columns are orthonormal within 8dε. Cost: O(d²r).
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`] when d = 0, [`GeometryError::NotFinite`], or [`GeometryError::NotOrthonormal`].
    pub fn from_orthonormal_basis(B: Mat<f64>) -> Result<Self, GeometryError> {
        if B.nrows() == 0 {
            return Err(GeometryError::Empty { what: "basis" });
        }
        require_finite("basis", B.as_ref())?;
        require_orthonormal(B.as_ref())?;
        let matrix = gram(B.as_ref());
        Ok(Self { basis: B, matrix })
    }

    /// Proves that P = Pᵀ (see [`Symmetric::new`]) and P² = P, the latter as eigenvalues within 8dε of 0 or 1.
    ///
    /// The stored matrix is rebuilt from the eigenvectors, and so differs from P by rounding. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// Those of [`Symmetric::new`], and [`GeometryError::NotProjector`] with the eigenvalue.
    pub fn new(P: Mat<f64>) -> Result<Self, GeometryError> {
        let symmetric = Symmetric::new(P)?;
        let eigen = symmetric.eigen()?;
        let tolerance = rounding(symmetric.dimension());
        let off = |value: f64| value.abs().min((value - 1.0).abs()) > tolerance;
        if let Some((index, &eigenvalue)) = eigen.values().iter().enumerate().find(|&(_, &value)| off(value)) {
            return Err(GeometryError::NotProjector { index, eigenvalue, tolerance });
        }
        let rank = eigen.values().iter().filter(|&&value| value > 0.5).count();
        Self::from_orthonormal_basis(eigen.vectors().subcols(symmetric.dimension() - rank, rank).to_owned())
    }

    /// The projector Π, d×d, exactly symmetric.
    pub fn as_mat(&self) -> MatRef<'_, f64> {
        self.matrix.as_ref()
    }

    /// Orthonormal basis B of the range, d×r.
    pub fn basis(&self) -> MatRef<'_, f64> {
        self.basis.as_ref()
    }

    /// Number of rows d ≥ 1.
    pub fn dimension(&self) -> usize {
        self.matrix.nrows()
    }

    /// Dimension r of the range, 0 ≤ r ≤ d.
    pub fn rank(&self) -> usize {
        self.basis.ncols()
    }

    /// The projected covariance ΠGΠ, d×d, formed as (ΠL)(ΠL)ᵀ with G = LLᵀ so that it stays semidefinite.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] when the dimensions differ, and the errors of [`Psd::lower_factor`] and
    /// [`Psd::new`].
    pub fn project(&self, G: &Psd) -> Result<Psd, GeometryError> {
        require_shape("matrix to project", G.as_mat(), self.dimension(), self.dimension())?;
        Psd::new(gram(product(self.as_mat(), G.lower_factor()?.as_ref()).as_ref()))
    }

    /// The matrix BᵀAB of a symmetric A in coordinates of the range, r×r.
    ///
    /// With a full-rank result the identifiable problem becomes an ordinary one: positive definite matrices in r
    /// dimensions.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] when the dimensions differ, [`GeometryError::Empty`] when r = 0.
    pub fn restrict(&self, A: &Symmetric) -> Result<Symmetric, GeometryError> {
        require_shape("matrix to restrict", A.as_mat(), self.dimension(), self.dimension())?;
        if self.rank() == 0 {
            return Err(GeometryError::Empty { what: "range of the projector" });
        }
        let AB = product(A.as_mat(), self.basis());
        Ok(Symmetric::from_symmetric_part(product(self.basis().transpose(), AB.as_ref()).as_ref()))
    }
}

/// Checks that every entry of BᵀB − I is at most 8dε, d the number of rows.
pub(crate) fn require_orthonormal(B: MatRef<'_, f64>) -> Result<(), GeometryError> {
    let tolerance = rounding(B.nrows());
    for column in 0..B.ncols() {
        for row in 0..=column {
            let dot: f64 = (0..B.nrows()).map(|i| B[(i, row)] * B[(i, column)]).sum();
            let value = if row == column { dot - 1.0 } else { dot };
            if value.is_nan() || value.abs() > tolerance {
                return Err(GeometryError::NotOrthonormal { row, column, value, tolerance });
            }
        }
    }
    Ok(())
}
