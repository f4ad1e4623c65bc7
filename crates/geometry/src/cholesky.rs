//! Triangular factors G = LLᵀ in plain loops of fixed order, so that their bits do not depend on the CPU.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::GeometryError;
use crate::dense::{largest_magnitude, rounding};
use crate::householder::upper_triangular;

/// Proves G positive definite and returns its Cholesky factor.
///
/// The proof is the factorisation of G with its diagonal lowered by the relative amount 8dε: by Higham, *Accuracy
/// and Stability of Numerical Algorithms*, Theorem 10.7, rounding alone cannot make that succeed for a matrix that is
/// not positive definite, up to the constant. Both G and DGD, for any diagonal D > 0, get the same answer.
pub(crate) fn prove_positive_definite(G: MatRef<'_, f64>) -> Result<Mat<f64>, GeometryError> {
    let tolerance = rounding(G.nrows());
    let lowered =
        Mat::from_fn(G.nrows(), G.ncols(), |i, j| if i == j { G[(i, j)] * (1.0 - tolerance) } else { G[(i, j)] });
    let refuse = |(pivot, value)| GeometryError::NotPositiveDefinite { pivot, value, tolerance };
    factor(lowered.as_ref()).map_err(refuse)?;
    factor(G).map_err(refuse)
}

/// L with G = LLᵀ of a positive semidefinite G of any rank.
///
/// Where G is numerically positive definite this is its Cholesky factor. Otherwise G = BBᵀ by Cholesky with diagonal
/// pivoting, which stops when no pivot exceeds 8dε·max G_ii, and L = Rᵀ from B = (QR)ᵀ. Without the pivoting a pivot
/// of rounding size early in the matrix would be divided by.
pub(crate) fn semidefinite_factor(G: MatRef<'_, f64>) -> Result<Mat<f64>, GeometryError> {
    if let Ok(L) = prove_positive_definite(G) {
        return Ok(L);
    }
    let d = G.nrows();
    let B = pivoted_factor(G);
    let R = upper_triangular(B.transpose().to_owned());
    let L = Mat::from_fn(d, d, |i, j| if j <= i && j < R.nrows() { R[(j, i)] } else { 0.0 });
    let residual = factor_residual(G, L.as_ref());
    let tolerance = 8.0 * rounding(d) * largest_magnitude(G);
    if residual <= tolerance { Ok(L) } else { Err(GeometryError::FactorResidual { residual, tolerance }) }
}

/// X with LX = B, by forward substitution.
pub(crate) fn solve_lower(L: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Mat<f64> {
    let mut X = B.to_owned();
    for c in 0..X.ncols() {
        for j in 0..L.nrows() {
            let x = X[(j, c)] / L[(j, j)];
            X[(j, c)] = x;
            for i in j + 1..L.nrows() {
                X[(i, c)] -= L[(i, j)] * x;
            }
        }
    }
    X
}

/// X with LᵀX = B, by back substitution.
pub(crate) fn solve_lower_transposed(L: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Mat<f64> {
    let mut X = B.to_owned();
    for c in 0..X.ncols() {
        for j in (0..L.nrows()).rev() {
            let mut x = X[(j, c)];
            for i in j + 1..L.nrows() {
                x -= L[(i, j)] * X[(i, c)];
            }
            X[(j, c)] = x / L[(j, j)];
        }
    }
    X
}

/// The Cholesky factor, or the first pivot that is not positive.
fn factor(G: MatRef<'_, f64>) -> Result<Mat<f64>, (usize, f64)> {
    let d = G.nrows();
    let mut L = Mat::from_fn(d, d, |i, j| if i >= j { G[(i, j)] } else { 0.0 });
    for j in 0..d {
        for k in 0..j {
            let l = L[(j, k)];
            for i in j..d {
                L[(i, j)] -= L[(i, k)] * l;
            }
        }
        let pivot = L[(j, j)];
        if pivot.is_nan() || pivot <= 0.0 {
            return Err((j, pivot));
        }
        let root = pivot.sqrt();
        L[(j, j)] = root;
        for i in j + 1..d {
            L[(i, j)] /= root;
        }
    }
    Ok(L)
}

/// B (d×r) with G ≈ BBᵀ, r the number of pivots above 8dε·max G_ii.
fn pivoted_factor(G: MatRef<'_, f64>) -> Mat<f64> {
    let d = G.nrows();
    let mut rest = G.to_owned();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let threshold = rounding(d) * (0..d).fold(0.0_f64, |m, i| m.max(G[(i, i)]));
    while columns.len() < d {
        // Ties go to the first index, so the order of the pivots is a function of the entries alone.
        let p = (1..d).fold(0, |best, i| if rest[(i, i)] > rest[(best, best)] { i } else { best });
        let pivot = rest[(p, p)];
        if pivot <= threshold {
            break;
        }
        let root = pivot.sqrt();
        let b: Vec<f64> = (0..d).map(|i| rest[(i, p)] / root).collect();
        for j in 0..d {
            for i in 0..d {
                rest[(i, j)] -= b[i] * b[j];
            }
        }
        // Their exact value; rounding would leave a remainder that later steps could pick up.
        for i in 0..d {
            rest[(i, p)] = 0.0;
            rest[(p, i)] = 0.0;
        }
        columns.push(b);
    }
    Mat::from_fn(d, columns.len(), |i, j| columns[j][i])
}

fn factor_residual(G: MatRef<'_, f64>, L: MatRef<'_, f64>) -> f64 {
    let d = G.nrows();
    let mut residual = 0.0_f64;
    for j in 0..d {
        for i in j..d {
            let rebuilt: f64 = (0..=j).map(|k| L[(i, k)] * L[(j, k)]).sum();
            residual = residual.max((G[(i, j)] - rebuilt).abs());
        }
    }
    residual
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;

    #[test]
    fn the_residual_is_the_largest_entry_that_a_factor_misses() {
        let (G, L) = (mat![[4.0, 2.0], [2.0, 5.0]], mat![[2.0, 0.0], [1.0, 2.0]]);
        assert_eq!(factor_residual(G.as_ref(), L.as_ref()), 0.0);
        let missed = mat![[4.0, 2.5], [2.5, 4.0]];
        assert_eq!(factor_residual(missed.as_ref(), L.as_ref()), 1.0);
    }

    #[test]
    fn a_matrix_that_has_no_factor_is_refused_with_its_residual() {
        // Both pivots are zero, and what stands beside them is 3: 64dε·max|G| = 384ε.
        let refused = semidefinite_factor(mat![[0.0, 3.0], [3.0, 0.0]].as_ref());
        let tolerance = 384.0 * f64::EPSILON;
        assert_eq!(refused, Err(GeometryError::FactorResidual { residual: 3.0, tolerance }));
    }
}
