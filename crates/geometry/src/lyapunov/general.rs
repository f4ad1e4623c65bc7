//! Lyapunov equations with any real A, solved by substitution on its complex Schur form.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par, c64};

use super::schur::ComplexSchur;
use super::{Equation, Solution, magnitude};
use crate::dense::{
    binary_scale, frobenius_norm, largest_magnitude, require_finite, require_shape, require_square, rounding, scaled,
    symmetric_part,
};
use crate::{GeometryError, Psd, Symmetric};

/// Solves AX + XAᵀ = Q for any square A and symmetric Q by the method of Bartels and Stewart.
///
/// Shapes: d×d each. The solution exists for every Q and is unique iff λ_i + λ_j ≠ 0 for every pair of eigenvalues of A,
/// and is then symmetric. A need not be stable: see [`flow_covariance`] for that. Cost: O(d³), dominated by the Schur form
/// A = UTUᴴ; then TY + YTᴴ = UᴴQU from the last column to the first.
///
/// Source: R. H. Bartels, G. W. Stewart, *Algorithm 432*, Comm. ACM 15 (1972) 820–826.
///
/// # Errors
///
/// The errors of [`Symmetric::new`] for the shape and entries of A, [`GeometryError::ShapeMismatch`],
/// [`GeometryError::Unsolvable`] when |λ_i + λ_j| ≤ 8dε‖A‖_F, [`GeometryError::NotFinite`] when X overflows,
/// [`GeometryError::NoConvergence`].
///
/// ```
/// # use geometry::{Symmetric, lyapunov::continuous};
/// # use faer::mat;
/// // A spiral: eigenvalues 1 ± 2i.
/// let a = mat![[1.0, -2.0], [2.0, 1.0]];
/// let q = Symmetric::new(mat![[1.0, 0.0], [0.0, 3.0]])?;
/// let solution = continuous(a.as_ref(), &q)?;
/// assert!(solution.relative_residual < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn continuous(A: MatRef<'_, f64>, Q: &Symmetric) -> Result<Solution, GeometryError> {
    solve(Equation::Continuous, A, Q, |_, _| Ok(()))
}

/// Solves X = AXAᵀ + Q for any square A and symmetric Q by Kitagawa's method.
///
/// Shapes: d×d each. The solution exists for every Q and is unique iff λ_i λ_j ≠ 1 for every pair of eigenvalues of A,
/// and is then symmetric. A need not be stable: see [`recursion_covariance`] for that. Cost: O(d³), dominated by the Schur
/// form A = UTUᴴ; then Y − TYTᴴ = UᴴQU from the last column to the first.
///
/// Source: G. Kitagawa, *An algorithm for solving the matrix equation X = FXF' + S*, Int. J. Control 25 (1977) 745–753.
///
/// # Errors
///
/// Those of [`continuous`], with [`GeometryError::Unsolvable`] when |1 − λ_i λ_j| ≤ 8dε·max(1, ‖A‖_F²).
///
/// ```
/// # use geometry::{Symmetric, lyapunov::discrete};
/// # use faer::mat;
/// // A Jordan block: no basis of eigenvectors.
/// let a = mat![[0.5, 1.0], [0.0, 0.5]];
/// let q = Symmetric::new(mat![[1.0, 0.0], [0.0, 1.0]])?;
/// let solution = discrete(a.as_ref(), &q)?;
/// assert!(solution.relative_residual < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn discrete(A: MatRef<'_, f64>, Q: &Symmetric) -> Result<Solution, GeometryError> {
    solve(Equation::Discrete, A, Q, |_, _| Ok(()))
}

/// Stationary covariance of the flow dX = −AX dt + Q^{1/2} dW: AΣ + ΣAᵀ = Q with A checked to be stable.
///
/// Unique and positive semidefinite iff every eigenvalue of A has a positive real part.
///
/// # Errors
///
/// [`GeometryError::UnstableFlow`] with the spectral abscissa of −A when it is not below −8dε‖A‖_F, and those of
/// [`continuous`].
pub fn flow_covariance(A: MatRef<'_, f64>, Q: &Psd) -> Result<Solution, GeometryError> {
    solve(Equation::Continuous, A, Q.as_symmetric(), |eigenvalues, norm| {
        let abscissa = eigenvalues.iter().map(|z| -z.re).fold(f64::NEG_INFINITY, f64::max);
        let tolerance = rounding(eigenvalues.len()) * norm;
        if abscissa < -tolerance { Ok(()) } else { Err(GeometryError::UnstableFlow { abscissa, tolerance }) }
    })
}

/// Stationary covariance of the recursion x' = Ax + ξ, Cov ξ = Q: Σ = AΣAᵀ + Q with A checked to be stable.
///
/// Unique and positive semidefinite iff the spectral radius of A is below 1.
///
/// # Errors
///
/// [`GeometryError::UnstableRecursion`] with the spectral radius when it is not below 1 − 8dε, and those of [`discrete`].
pub fn recursion_covariance(A: MatRef<'_, f64>, Q: &Psd) -> Result<Solution, GeometryError> {
    solve(Equation::Discrete, A, Q.as_symmetric(), |eigenvalues, _| {
        let radius = eigenvalues.iter().map(|&z| magnitude(z)).fold(0.0, f64::max);
        let tolerance = rounding(eigenvalues.len());
        if radius < 1.0 - tolerance { Ok(()) } else { Err(GeometryError::UnstableRecursion { radius, tolerance }) }
    })
}

/// Spectral abscissa max_i Re λ_i(A) of a square matrix, in the unit of its entries. Cost: O(d³).
///
/// # Errors
///
/// The errors of [`Symmetric::new`] for the shape and entries, [`GeometryError::NoConvergence`].
pub fn spectral_abscissa(A: MatRef<'_, f64>) -> Result<f64, GeometryError> {
    let (schur, scale) = scaled_schur(A)?;
    Ok(schur.eigenvalues().iter().map(|z| z.re / scale).fold(f64::NEG_INFINITY, f64::max))
}

/// Spectral radius max_i |λ_i(A)| of a square matrix, in the unit of its entries. Cost: O(d³).
///
/// # Errors
///
/// The errors of [`Symmetric::new`] for the shape and entries, [`GeometryError::NoConvergence`].
pub fn spectral_radius(A: MatRef<'_, f64>) -> Result<f64, GeometryError> {
    let (schur, scale) = scaled_schur(A)?;
    Ok(schur.eigenvalues().iter().map(|&z| magnitude(z) / scale).fold(0.0, f64::max))
}

/// Schur form, the caller's stability check on the eigenvalues, separation, substitution, residual.
fn solve(
    equation: Equation,
    A: MatRef<'_, f64>,
    Q: &Symmetric,
    check: impl Fn(&[c64], f64) -> Result<(), GeometryError>,
) -> Result<Solution, GeometryError> {
    let (schur, scale) = scaled_schur(A)?;
    let d = A.nrows();
    require_shape("right-hand side", Q.as_mat(), d, d)?;
    let eigenvalues: Vec<c64> = schur.eigenvalues().iter().map(|&z| z / scale).collect();
    let norm = frobenius_norm(A);
    check(&eigenvalues, norm)?;
    let tolerance = match equation {
        Equation::Continuous => rounding(d) * norm,
        Equation::Discrete => rounding(d) * (norm * norm).max(1.0),
    };
    let separation = equation.separation(&eigenvalues, tolerance)?;
    let (U, U_adjoint) = (schur.unitary.as_ref(), adjoint(schur.unitary.as_ref()));
    let q = binary_scale(largest_magnitude(Q.as_mat()));
    let C = Mat::from_fn(d, d, |i, j| c64::new(q * Q.as_mat()[(i, j)], 0.0));
    let C = complex_product(complex_product(U_adjoint.as_ref(), C.as_ref()).as_ref(), U);
    let (Y, unscale) = match equation {
        Equation::Continuous => (continuous_substitution(schur.triangular.as_ref(), C), scale / q),
        Equation::Discrete => {
            let T = Mat::from_fn(d, d, |i, j| schur.triangular[(i, j)] / scale);
            (discrete_substitution(T.as_ref(), C), 1.0 / q)
        }
    };
    let X = complex_product(complex_product(U, Y.as_ref()).as_ref(), U_adjoint.as_ref());
    let X = Mat::from_fn(d, d, |i, j| X[(i, j)].re * unscale);
    equation.solution(A, Q.as_mat(), symmetric_part(X.as_ref()), separation)
}

/// Schur form of sA for the power of two s that brings the entries near one, and s.
fn scaled_schur(A: MatRef<'_, f64>) -> Result<(ComplexSchur, f64), GeometryError> {
    require_square(A)?;
    if A.nrows() == 0 {
        return Err(GeometryError::Empty { what: "matrix" });
    }
    require_finite("matrix", A)?;
    let scale = binary_scale(largest_magnitude(A));
    Ok((ComplexSchur::new(scaled(A, scale).as_ref())?, scale))
}

/// Y with TY + YTᴴ = C, T upper triangular: column j solves (T + t̄_jj I)y_j = c_j − Σ_{k>j} t̄_jk y_k.
fn continuous_substitution(T: MatRef<'_, c64>, C: Mat<c64>) -> Mat<c64> {
    let d = T.nrows();
    let mut Y = C;
    for j in (0..d).rev() {
        for k in j + 1..d {
            let t = T[(j, k)].conj();
            for i in 0..d {
                let y = Y[(i, k)];
                Y[(i, j)] -= t * y;
            }
        }
        let t = T[(j, j)].conj();
        for i in (0..d).rev() {
            let y = Y[(i, j)] / (T[(i, i)] + t);
            Y[(i, j)] = y;
            for l in 0..i {
                Y[(l, j)] -= T[(l, i)] * y;
            }
        }
    }
    Y
}

/// Y with Y − TYTᴴ = C, T upper triangular: column j solves (I − t̄_jj T)y_j = c_j + T Σ_{k>j} t̄_jk y_k.
fn discrete_substitution(T: MatRef<'_, c64>, C: Mat<c64>) -> Mat<c64> {
    let d = T.nrows();
    let mut Y = C;
    for j in (0..d).rev() {
        let mut known = vec![c64::new(0.0, 0.0); d];
        for k in j + 1..d {
            let t = T[(j, k)].conj();
            for i in 0..d {
                known[i] += t * Y[(i, k)];
            }
        }
        for k in 0..d {
            for i in 0..=k {
                Y[(i, j)] += T[(i, k)] * known[k];
            }
        }
        let t = T[(j, j)].conj();
        for i in (0..d).rev() {
            let y = Y[(i, j)] / (c64::new(1.0, 0.0) - t * T[(i, i)]);
            Y[(i, j)] = y;
            for l in 0..i {
                Y[(l, j)] += t * T[(l, i)] * y;
            }
        }
    }
    Y
}

fn adjoint(U: MatRef<'_, c64>) -> Mat<c64> {
    Mat::from_fn(U.ncols(), U.nrows(), |i, j| U[(j, i)].conj())
}

fn complex_product(A: MatRef<'_, c64>, B: MatRef<'_, c64>) -> Mat<c64> {
    let mut C = Mat::zeros(A.nrows(), B.ncols());
    matmul(&mut C, Accum::Replace, A, B, c64::new(1.0, 0.0), Par::Seq);
    C
}
