//! Householder reflections in plain loops of fixed order: the QR factorisation and the Hessenberg form built on them.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::binary_scale;

/// Q (n×n orthogonal) and R (upper triangular with diagonal ≥ 0) with A = QR, for a square A.
///
/// For an invertible A the pair is unique because of the sign of the diagonal.
pub(crate) fn qr(mut A: Mat<f64>) -> (Mat<f64>, Mat<f64>) {
    let n = A.nrows();
    let reflections = triangularise(&mut A);
    let mut Q = Mat::identity(n, n);
    for (j, v) in reflections.iter().enumerate().rev() {
        reflect_rows(&mut Q, v, j, j);
    }
    for j in 0..n {
        if A[(j, j)] < 0.0 {
            for i in 0..n {
                Q[(i, j)] = -Q[(i, j)];
            }
        }
    }
    make_diagonal_nonnegative(&mut A);
    (Q, A)
}

/// R with diagonal ≥ 0 such that AᵀA = RᵀR; m×n like A, zero below the diagonal.
pub(crate) fn upper_triangular(mut A: Mat<f64>) -> Mat<f64> {
    triangularise(&mut A);
    make_diagonal_nonnegative(&mut A);
    A
}

/// Q orthogonal and K upper Hessenberg (zero below the first subdiagonal) with A = QKQᵀ.
pub(crate) fn hessenberg(A: MatRef<'_, f64>) -> (Mat<f64>, Mat<f64>) {
    let d = A.nrows();
    let mut K = A.to_owned();
    let mut Q = Mat::identity(d, d);
    for j in 0..d.saturating_sub(2) {
        let v = reflection(&K, j + 1, j);
        reflect_rows(&mut K, &v, j + 1, j);
        reflect_columns(&mut K, &v, j + 1);
        reflect_columns(&mut Q, &v, j + 1);
        for i in j + 2..d {
            K[(i, j)] = 0.0;
        }
    }
    (Q, K)
}

/// Reduces A to upper triangular form and returns the unit vectors of the reflections, in order.
fn triangularise(A: &mut Mat<f64>) -> Vec<Vec<f64>> {
    let (m, n) = (A.nrows(), A.ncols());
    let mut reflections = Vec::with_capacity(m.min(n));
    for j in 0..m.min(n) {
        let v = reflection(A, j, j);
        reflect_rows(A, &v, j, j);
        for i in j + 1..m {
            A[(i, j)] = 0.0;
        }
        reflections.push(v);
    }
    reflections
}

/// The unit vector v for which I − 2vvᵀ maps A[row.., column] to a multiple of e_0; zero when it already is one.
fn reflection(A: &Mat<f64>, row: usize, column: usize) -> Vec<f64> {
    let x: Vec<f64> = (row..A.nrows()).map(|i| A[(i, column)]).collect();
    let scale = binary_scale(x.iter().fold(0.0_f64, |m, x| m.max(x.abs())));
    let mut v: Vec<f64> = x.iter().map(|x| x * scale).collect();
    if v[1..].iter().all(|&x| x == 0.0) {
        return vec![0.0; v.len()];
    }
    // Away from zero, so that the first entry adds up without cancellation.
    v[0] += norm(&v).copysign(v[0]);
    let length = norm(&v);
    v.iter_mut().for_each(|x| *x /= length);
    v
}

/// A ← (I − 2vvᵀ)A on rows from `row` and columns from `column`.
fn reflect_rows(A: &mut Mat<f64>, v: &[f64], row: usize, column: usize) {
    for j in column..A.ncols() {
        let mut dot = 0.0;
        for (i, v) in v.iter().enumerate() {
            dot += v * A[(row + i, j)];
        }
        for (i, v) in v.iter().enumerate() {
            A[(row + i, j)] -= 2.0 * dot * v;
        }
    }
}

/// A ← A(I − 2vvᵀ) on columns from `column`.
fn reflect_columns(A: &mut Mat<f64>, v: &[f64], column: usize) {
    let mut dots = vec![0.0; A.nrows()];
    for (j, v) in v.iter().enumerate() {
        for i in 0..A.nrows() {
            dots[i] += v * A[(i, column + j)];
        }
    }
    for (j, v) in v.iter().enumerate() {
        for i in 0..A.nrows() {
            A[(i, column + j)] -= 2.0 * dots[i] * v;
        }
    }
}

fn make_diagonal_nonnegative(R: &mut Mat<f64>) {
    for i in 0..R.nrows().min(R.ncols()) {
        if R[(i, i)] < 0.0 {
            for j in i..R.ncols() {
                R[(i, j)] = -R[(i, j)];
            }
        }
    }
}

fn norm(v: &[f64]) -> f64 {
    let mut sum = 0.0;
    for x in v {
        sum += x * x;
    }
    sum.sqrt()
}
