//! Matrices to test with, and one way to compare two of them.

use faer::{Mat, MatRef};
use geometry::generators::{haar_orthogonal, log_spaced, random_spd};
use geometry::{GeometryError, Spd, Symmetric, frobenius_norm};

pub(crate) type Outcome = Result<(), GeometryError>;

/// `count` standard normals: splitmix64 and Box–Muller.
pub(crate) fn normals(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x5851_f42d_4c95_7f2d);
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count)
        .map(|_| {
            let (u, v) = (1.0 - uniform(), uniform());
            (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
        })
        .collect()
}

pub(crate) fn random(seed: u64, rows: usize, columns: usize) -> Mat<f64> {
    let normals = normals(seed, rows * columns);
    Mat::from_fn(rows, columns, |i, j| normals[j * rows + i])
}

pub(crate) fn random_symmetric(seed: u64, d: usize) -> Result<Symmetric, GeometryError> {
    let a = random(seed, d, d);
    Symmetric::new(Mat::from_fn(d, d, |i, j| a[(i, j)] + a[(j, i)]))
}

/// A rotated matrix with eigenvalues log-spaced from 1 to `condition`.
pub(crate) fn spd(seed: u64, d: usize, condition: f64) -> Result<Spd, GeometryError> {
    let spectrum = if d == 1 { vec![condition] } else { log_spaced(1.0, condition, d)? };
    random_spd(&spectrum, &normals(seed, d * d))
}

/// QTQᵀ with Haar Q and T upper triangular with the given diagonal and entries of size `coupling` above it.
pub(crate) fn nonnormal(seed: u64, diagonal: &[f64], coupling: f64) -> Result<Mat<f64>, GeometryError> {
    let d = diagonal.len();
    let upper = random(seed, d, d);
    let t = Mat::from_fn(d, d, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => coupling * upper[(i, j)],
        std::cmp::Ordering::Equal => diagonal[i],
        std::cmp::Ordering::Greater => 0.0,
    });
    let q = haar_orthogonal(d, &normals(seed + 1, d * d))?;
    Ok(&q * t * q.transpose())
}

/// Relative distance ‖A − B‖_F/‖B‖_F, or ‖A‖_F where B = 0.
pub(crate) fn distance(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let norm = frobenius_norm(b);
    frobenius_norm((a - b).as_ref()) / if norm == 0.0 { 1.0 } else { norm }
}

#[track_caller]
pub(crate) fn assert_close(actual: MatRef<'_, f64>, expected: MatRef<'_, f64>, tolerance: f64) {
    assert_eq!(actual.shape(), expected.shape());
    let distance = distance(actual, expected);
    assert!(distance <= tolerance, "distance {distance:e} > {tolerance:e}\n{actual:?}\n{expected:?}");
}

#[track_caller]
pub(crate) fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance * expected.abs().max(1e-300), "{actual:e} is not {expected:e}");
}
