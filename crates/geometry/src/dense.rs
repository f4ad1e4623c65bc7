//! Norms, traces, quadratic forms and products of dense matrices, each safe against overflow where that is cheap.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par};

use crate::GeometryError;
use crate::passes::{LANES, add_squares, for_each_column, for_each_tile};

/// Frobenius norm ‖A‖_F = √Σ_ij A_ij².
///
/// The entries are scaled by a power of two first, so squares neither overflow nor vanish: it is right at
/// entries of 1e±300. Cost: one pass.
pub fn frobenius_norm(A: MatRef<'_, f64>) -> f64 {
    let scale = binary_scale(largest_magnitude(A));
    let mut sums = [0.0; LANES];
    for_each_column(A, |column| add_squares(column, scale, &mut sums));
    sums.iter().sum::<f64>().sqrt() / scale
}

/// Trace of a product, tr(AB) = Σ_ij A_ij B_ji, without forming the product.
///
/// Shapes: A is m×n and B is n×m. Cost: mn multiplications.
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`] when B is not n×m.
pub fn trace_of_product(A: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Result<f64, GeometryError> {
    require_shape("second factor of a trace", B, A.ncols(), A.nrows())?;
    let mut sum = 0.0;
    for j in 0..A.ncols() {
        sum += A.col(j).iter().zip(B.row(j).iter()).map(|(a, b)| a * b).sum::<f64>();
    }
    Ok(sum)
}

/// Quadratic form vᵀAv of a square matrix A, symmetric or not. Cost: d² multiplications.
///
/// # Errors
///
/// [`GeometryError::NotSquare`] when A is not square, [`GeometryError::WrongLength`] when v does not have d entries.
pub fn quadratic_form(A: MatRef<'_, f64>, v: &[f64]) -> Result<f64, GeometryError> {
    require_square(A)?;
    require_length("vector of a quadratic form", v, A.nrows())?;
    let mut sum = 0.0;
    for j in 0..A.ncols() {
        for i in 0..A.nrows() {
            sum += v[i] * A[(i, j)] * v[j];
        }
    }
    Ok(sum)
}

/// Unit roundoff times a dimension-dependent constant, 8dε: the relative tolerance of the whole crate.
///
/// A dense d×d computation commits relative errors of a few dε; the 8 is the margin.
pub fn rounding(d: usize) -> f64 {
    8.0 * d as f64 * f64::EPSILON
}

/// Sum of the diagonal.
pub(crate) fn trace(A: MatRef<'_, f64>) -> f64 {
    (0..A.nrows()).map(|i| A[(i, i)]).sum()
}

/// Largest |A_ij|; zero for a matrix without entries.
pub(crate) fn largest_magnitude(A: MatRef<'_, f64>) -> f64 {
    let mut largest = [0.0_f64; LANES];
    for_each_column(A, |column| {
        let (lanes, rest) = column.as_chunks::<LANES>();
        for entries in lanes {
            for (largest, entry) in largest.iter_mut().zip(entries) {
                *largest = largest.max(entry.abs());
            }
        }
        rest.iter().for_each(|entry| largest[0] = largest[0].max(entry.abs()));
    });
    largest.into_iter().fold(0.0, f64::max)
}

/// A power of two s with s·x in [½, 1), so that scaling by s is exact; 1 for x = 0.
pub(crate) fn binary_scale(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let (_, exponent) = libm::frexp(x);
    // Beyond ±1000 the scale itself would leave the range of normal numbers.
    libm::ldexp(1.0, (-exponent).clamp(-1000, 1000))
}

/// sA.
pub(crate) fn scaled(A: MatRef<'_, f64>, s: f64) -> Mat<f64> {
    let mut copy = A.to_owned();
    for j in 0..copy.ncols() {
        copy.col_as_slice_mut(j).iter_mut().for_each(|entry| *entry *= s);
    }
    copy
}

/// A itself, or a copy scaled by a power of two where products of its entries might overflow or vanish; with the scale.
pub(crate) fn in_range<'a>(A: MatRef<'a, f64>) -> (Cow<'a>, f64) {
    let scale = binary_scale(largest_magnitude(A));
    if (1e-60..1e60).contains(&scale) { (Cow::Borrowed(A), 1.0) } else { (Cow::Owned(scaled(A, scale)), scale) }
}

/// A matrix of someone else's, or a copy.
pub(crate) enum Cow<'a> {
    Borrowed(MatRef<'a, f64>),
    Owned(Mat<f64>),
}

impl Cow<'_> {
    pub(crate) fn as_ref(&self) -> MatRef<'_, f64> {
        match self {
            Cow::Borrowed(matrix) => *matrix,
            Cow::Owned(matrix) => matrix.as_ref(),
        }
    }
}

/// AB, on one thread whatever faer's global setting is, so that its bits do not depend on the number of threads.
///
/// Shapes: A is m×n and B is n×k; panics, as an index does, where they do not fit. Cost: mnk.
///
/// ```
/// # use faer::mat;
/// let a = mat![[1.0, 2.0], [0.0, 1.0]];
/// assert_eq!(geometry::product(a.as_ref(), a.as_ref()), mat![[1.0, 4.0], [0.0, 1.0]]);
/// ```
pub fn product(A: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Mat<f64> {
    let mut C = Mat::zeros(A.nrows(), B.ncols());
    matmul(&mut C, Accum::Replace, A, B, 1.0, Par::Seq);
    C
}

/// C ← C + αAB, on one thread as [`product`].
pub(crate) fn add_product(C: &mut Mat<f64>, alpha: f64, A: MatRef<'_, f64>, B: MatRef<'_, f64>) {
    matmul(C, Accum::Add, A, B, alpha, Par::Seq);
}

/// (A + Aᵀ)/2.
///
/// Called only where the exact result is symmetric, so that rounding is all that it removes; and by the Fisher
/// constant, whose definition contains it.
pub(crate) fn symmetric_part(A: MatRef<'_, f64>) -> Mat<f64> {
    let d = A.nrows();
    let mut part = Mat::zeros(d, d);
    for_each_tile(d, |rows, columns| {
        for j in columns {
            for i in rows.start.max(j)..rows.end {
                let mean = 0.5 * A[(i, j)] + 0.5 * A[(j, i)];
                (part[(i, j)], part[(j, i)]) = (mean, mean);
            }
        }
    });
    part
}

/// BBᵀ, exactly symmetric. Cost: half that of a product.
pub(crate) fn gram(B: MatRef<'_, f64>) -> Mat<f64> {
    let d = B.nrows();
    let mut gram = Mat::zeros(d, d);
    let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    triangular::matmul(&mut gram, lower, Accum::Replace, B, full, B.transpose(), full, 1.0, Par::Seq);
    for_each_tile(d, |rows, columns| {
        for j in columns {
            for i in rows.start.max(j + 1)..rows.end {
                gram[(j, i)] = gram[(i, j)];
            }
        }
    });
    gram
}

pub(crate) fn require_square(A: MatRef<'_, f64>) -> Result<(), GeometryError> {
    if A.nrows() == A.ncols() { Ok(()) } else { Err(GeometryError::NotSquare { rows: A.nrows(), columns: A.ncols() }) }
}

pub(crate) fn require_finite(what: &'static str, A: MatRef<'_, f64>) -> Result<(), GeometryError> {
    // Zero times a number that is not finite is NaN.
    let mut sums = [0.0; LANES];
    for_each_column(A, |column| {
        let (lanes, rest) = column.as_chunks::<LANES>();
        for entries in lanes {
            for (sum, entry) in sums.iter_mut().zip(entries) {
                *sum += 0.0 * entry;
            }
        }
        rest.iter().for_each(|entry| sums[0] += 0.0 * entry);
    });
    if sums.iter().all(|sum| *sum == 0.0) {
        return Ok(());
    }
    for column in 0..A.ncols() {
        for row in 0..A.nrows() {
            let value = A[(row, column)];
            if !value.is_finite() {
                return Err(GeometryError::NotFinite { what, row, column, value });
            }
        }
    }
    Ok(())
}

pub(crate) fn require_shape(
    what: &'static str,
    A: MatRef<'_, f64>,
    required_rows: usize,
    required_columns: usize,
) -> Result<(), GeometryError> {
    let (rows, columns) = (A.nrows(), A.ncols());
    if (rows, columns) == (required_rows, required_columns) {
        Ok(())
    } else {
        Err(GeometryError::ShapeMismatch { what, rows, columns, required_rows, required_columns })
    }
}

pub(crate) fn require_length(name: &'static str, values: &[f64], required: usize) -> Result<(), GeometryError> {
    if values.len() == required {
        Ok(())
    } else {
        Err(GeometryError::WrongLength { name, given: values.len(), required })
    }
}

pub(crate) fn require_positive(name: &'static str, value: f64) -> Result<(), GeometryError> {
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err(GeometryError::NotPositive { name, value }) }
}

pub(crate) fn require_count(
    name: &'static str,
    given: usize,
    smallest: usize,
    largest: usize,
) -> Result<(), GeometryError> {
    if (smallest..=largest).contains(&given) {
        Ok(())
    } else {
        Err(GeometryError::WrongCount { name, given, smallest, largest })
    }
}
