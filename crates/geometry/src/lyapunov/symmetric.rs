//! Lyapunov equations with a symmetric A, solved entrywise in its eigenbasis.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef, c64};

use super::{Equation, Solution};
use crate::dense::{product, require_shape, rounding, symmetric_part};
use crate::{GeometryError, Symmetric, SymmetricEigen};

/// Solves AX + XA = Q for symmetric A and Q: in the eigenbasis of A, X_ij = Q_ij/(a_i + a_j).
///
/// Shapes: d×d each. The solution exists for every Q and is unique iff no two eigenvalues of A (nor one with itself)
/// add up to zero; it is a covariance for Q ⪰ 0 when A ≻ 0. Cost: one eigendecomposition and four products.
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], [`GeometryError::Unsolvable`] when |a_i + a_j| ≤ 8dε·max|a|,
/// [`GeometryError::NotFinite`] when X overflows, [`GeometryError::NoConvergence`].
///
/// ```
/// # use geometry::{Symmetric, lyapunov::continuous_symmetric};
/// # use faer::mat;
/// let a = Symmetric::new(mat![[2.0, 1.0], [1.0, 3.0]])?;
/// let q = Symmetric::new(mat![[1.0, 0.5], [0.5, 2.0]])?;
/// let solution = continuous_symmetric(&a, &q)?;
/// assert!(solution.relative_residual < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn continuous_symmetric(A: &Symmetric, Q: &Symmetric) -> Result<Solution, GeometryError> {
    solve(Equation::Continuous, A, Q, |a, b| a + b)
}

/// Solves X = AXA + Q for symmetric A and Q: in the eigenbasis of A, X_ij = Q_ij/(1 − a_i a_j).
///
/// Shapes: d×d each. The solution exists for every Q and is unique iff no product of two eigenvalues of A is 1; it is a
/// covariance for Q ⪰ 0 when max|a| < 1. Cost: one eigendecomposition and four products.
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], [`GeometryError::Unsolvable`] when |1 − a_i a_j| ≤ 8dε·max(1, max|a|²),
/// [`GeometryError::NotFinite`] when X overflows, [`GeometryError::NoConvergence`].
pub fn discrete_symmetric(A: &Symmetric, Q: &Symmetric) -> Result<Solution, GeometryError> {
    solve(Equation::Discrete, A, Q, |a, b| 1.0 - a * b)
}

/// V [(VᵀQV)_ij / divisor(λ_i, λ_j)] Vᵀ, exactly symmetric.
pub(super) fn divide_in_eigenbasis(
    eigen: &SymmetricEigen,
    Q: MatRef<'_, f64>,
    divisor: impl Fn(f64, f64) -> f64,
) -> Mat<f64> {
    let (V, values) = (eigen.vectors(), eigen.values());
    let C = product(product(V.transpose(), Q).as_ref(), V);
    let Y = Mat::from_fn(C.nrows(), C.ncols(), |i, j| C[(i, j)] / divisor(values[i], values[j]));
    symmetric_part(product(product(V, Y.as_ref()).as_ref(), V.transpose()).as_ref())
}

fn solve(
    equation: Equation,
    A: &Symmetric,
    Q: &Symmetric,
    divisor: impl Fn(f64, f64) -> f64,
) -> Result<Solution, GeometryError> {
    let d = A.dimension();
    require_shape("right-hand side", Q.as_mat(), d, d)?;
    let eigen = A.eigen()?;
    let largest = eigen.max_value().abs().max(eigen.min_value().abs());
    let tolerance = match equation {
        Equation::Continuous => rounding(d) * largest,
        Equation::Discrete => rounding(d) * (largest * largest).max(1.0),
    };
    let eigenvalues: Vec<c64> = eigen.values().iter().map(|&value| c64::new(value, 0.0)).collect();
    let separation = equation.separation(&eigenvalues, tolerance)?;
    let X = divide_in_eigenbasis(&eigen, Q.as_mat(), divisor);
    equation.solution(A.as_mat(), Q.as_mat(), X, separation)
}
