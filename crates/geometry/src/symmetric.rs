//! Symmetric matrices and their eigenvalue decomposition.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatRef, Par};

use crate::dense::{
    binary_scale, largest_magnitude, product, quadratic_form, require_finite, require_square, rounding, scaled,
    symmetric_part, trace,
};
use crate::passes::is_exactly_symmetric;
use crate::{GeometryError, Psd, Spd, jacobi};

/// A square, non-empty, finite matrix that equals its transpose bit for bit.
///
/// The parent of [`Spd`] and [`Psd`], and the type of right-hand sides and other matrices that are symmetric
/// without being positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetric {
    matrix: Mat<f64>,
}

impl Symmetric {
    /// Accepts A when |A_ij − A_ji| ≤ 8dε·max|A| for every pair, and stores (A + Aᵀ)/2.
    ///
    /// The tolerance is what rounding leaves in a product such as QDQᵀ; one unit in the last place is accepted, a
    /// difference in the tenth digit is not. An exactly symmetric matrix is stored unchanged. Cost: O(d²).
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`], [`GeometryError::NotSquare`], [`GeometryError::NotFinite`], or
    /// [`GeometryError::NotSymmetric`] with the worst pair of entries.
    pub fn new(A: Mat<f64>) -> Result<Self, GeometryError> {
        require_square(A.as_ref())?;
        if A.nrows() == 0 {
            return Err(GeometryError::Empty { what: "matrix" });
        }
        require_finite("matrix", A.as_ref())?;
        if is_exactly_symmetric(A.as_ref()) {
            return Ok(Self { matrix: A });
        }
        let tolerance = rounding(A.nrows()) * largest_magnitude(A.as_ref());
        let pairs = (0..A.ncols()).flat_map(|j| (j + 1..A.nrows()).map(move |i| (i, j)));
        let asymmetries = pairs.map(|(i, j)| ((A[(i, j)] - A[(j, i)]).abs(), (i, j)));
        let worst = asymmetries.max_by(|(first, _), (second, _)| first.total_cmp(second));
        if let Some((_, (row, column))) = worst.filter(|&(asymmetry, _)| asymmetry > tolerance) {
            let (value, mirrored) = (A[(row, column)], A[(column, row)]);
            return Err(GeometryError::NotSymmetric { row, column, value, mirrored, tolerance });
        }
        Ok(Self::from_symmetric_part(A.as_ref()))
    }

    /// (A + Aᵀ)/2 of a finite, square, non-empty A that is symmetric in exact arithmetic.
    pub(crate) fn from_symmetric_part(A: MatRef<'_, f64>) -> Self {
        Self { matrix: symmetric_part(A) }
    }

    /// The matrix, d×d.
    pub fn as_mat(&self) -> MatRef<'_, f64> {
        self.matrix.as_ref()
    }

    /// Number of rows d ≥ 1.
    pub fn dimension(&self) -> usize {
        self.matrix.nrows()
    }

    /// Trace Σ_i A_ii.
    pub fn trace(&self) -> f64 {
        trace(self.as_mat())
    }

    /// Whether every entry off the diagonal is exactly zero.
    pub fn is_diagonal(&self) -> bool {
        let d = self.dimension();
        (0..d).all(|j| (0..d).all(|i| i == j || self.matrix[(i, j)] == 0.0))
    }

    /// Quadratic form vᵀAv.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`] when v does not have d entries.
    pub fn quadratic_form(&self, v: &[f64]) -> Result<f64, GeometryError> {
        quadratic_form(self.as_mat(), v)
    }

    /// Eigenvalue decomposition A = V diag(λ) Vᵀ.
    ///
    /// Exact for a diagonal matrix: sorted entries and unit vectors. Otherwise with absolute errors of order dε·max|λ|: by
    /// rotations in plain loops up to d = 8, by faer on one thread beyond, where the last bits may depend on the CPU.
    /// Cost: O(d³).
    ///
    /// # Errors
    ///
    /// [`GeometryError::NoConvergence`].
    ///
    /// ```
    /// # use geometry::{Symmetric, frobenius_norm};
    /// # use faer::{Mat, mat};
    /// let a = Symmetric::new(mat![[2.0, 1.0], [1.0, 2.0]])?;
    /// let eigen = a.eigen()?;
    /// let (values, v) = (eigen.values(), eigen.vectors());
    /// let rebuilt = Mat::from_fn(2, 2, |i, j| (0..2).map(|k| v[(i, k)] * values[k] * v[(j, k)]).sum::<f64>());
    /// assert!(frobenius_norm((rebuilt - a.as_mat()).as_ref()) < 1e-15);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn eigen(&self) -> Result<SymmetricEigen, GeometryError> {
        if self.is_diagonal() { Ok(self.diagonal_eigen()) } else { self.dense_eigen() }
    }

    fn diagonal_eigen(&self) -> SymmetricEigen {
        let d = self.dimension();
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|&i, &j| self.matrix[(i, i)].total_cmp(&self.matrix[(j, j)]));
        let values = order.iter().map(|&i| self.matrix[(i, i)]).collect();
        let vectors = Mat::from_fn(d, d, |i, j| if order[j] == i { 1.0 } else { 0.0 });
        SymmetricEigen { values, vectors, resolution: 0.0 }
    }

    fn dense_eigen(&self) -> Result<SymmetricEigen, GeometryError> {
        let d = self.dimension();
        let scale = binary_scale(largest_magnitude(self.as_mat()));
        let A = scaled(self.as_mat(), scale);
        let not_converged = || GeometryError::NoConvergence { method: "eigenvalue decomposition", dimension: d };
        if d <= jacobi::LARGEST {
            let (values, vectors) = jacobi::eigen(A.as_ref()).ok_or_else(not_converged)?;
            return Ok(SymmetricEigen::scaled_back(values, scale, vectors));
        }
        let (mut S, mut V) = (Diag::zeros(d), Mat::zeros(d, d));
        let scratch = self_adjoint_evd_scratch::<f64>(d, ComputeEigenvectors::Yes, Par::Seq, faer::prelude::default());
        let mut buffer = MemBuffer::new(scratch);
        self_adjoint_evd(
            A.as_ref(),
            S.as_mut(),
            Some(V.as_mut()),
            Par::Seq,
            MemStack::new(&mut buffer),
            faer::prelude::default(),
        )
        .map_err(|_| not_converged())?;
        Ok(SymmetricEigen::scaled_back(S.column_vector().iter().copied().collect(), scale, V))
    }
}

/// Eigenvalues in ascending order with orthonormal eigenvectors.
///
/// The sign of each vector is fixed: its first entry whose magnitude is within 10⁻⁸ of the largest is positive (the
/// margin keeps rounding from deciding between equal entries).
#[derive(Debug, Clone)]
pub struct SymmetricEigen {
    values: Vec<f64>,
    vectors: Mat<f64>,
    resolution: f64,
}

impl SymmetricEigen {
    /// Of A, from the values and vectors of `scale`·A.
    fn scaled_back(mut values: Vec<f64>, scale: f64, mut vectors: Mat<f64>) -> Self {
        fix_signs(&mut vectors);
        values.iter_mut().for_each(|value| *value /= scale);
        let d = values.len();
        let resolution = rounding(d) * values[0].abs().max(values[d - 1].abs());
        SymmetricEigen { values, vectors, resolution }
    }

    /// Eigenvalues λ_0 ≤ … ≤ λ_{d−1}.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Orthonormal eigenvectors as columns, d×d, in the order of the values.
    pub fn vectors(&self) -> MatRef<'_, f64> {
        self.vectors.as_ref()
    }

    /// Absolute error bound of the eigenvalues: 0 for a diagonal matrix, otherwise 8dε·max|λ|.
    pub fn resolution(&self) -> f64 {
        self.resolution
    }

    /// Smallest eigenvalue λ_0.
    pub fn min_value(&self) -> f64 {
        self.values[0]
    }

    /// Largest eigenvalue λ_{d−1}.
    pub fn max_value(&self) -> f64 {
        self.values[self.values.len() - 1]
    }

    /// V diag(f(λ)) Vᵀ, exactly symmetric.
    pub(crate) fn map(&self, f: impl Fn(usize, f64) -> f64) -> Symmetric {
        let V = self.vectors();
        let mapped: Vec<f64> = self.values.iter().enumerate().map(|(k, &value)| f(k, value)).collect();
        let W = Mat::from_fn(V.nrows(), V.ncols(), |i, j| V[(i, j)] * mapped[j]);
        Symmetric::from_symmetric_part(product(W.as_ref(), V.transpose()).as_ref())
    }
}

impl AsRef<Symmetric> for Symmetric {
    fn as_ref(&self) -> &Symmetric {
        self
    }
}

impl From<Spd> for Symmetric {
    fn from(matrix: Spd) -> Self {
        matrix.into_symmetric()
    }
}

impl From<Psd> for Symmetric {
    fn from(matrix: Psd) -> Self {
        matrix.into_symmetric()
    }
}

pub(crate) fn fix_signs(V: &mut Mat<f64>) {
    for j in 0..V.ncols() {
        let largest = V.col(j).iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        let leading = V.col(j).iter().copied().find(|v| v.abs() >= largest * (1.0 - 1e-8));
        if leading.is_some_and(|v| v < 0.0) {
            for i in 0..V.nrows() {
                V[(i, j)] = -V[(i, j)];
            }
        }
    }
}
