//! Test matrices with a prescribed spectrum and orientation, in plain loops of fixed order.
//!
//! These matrices define pinned simulations, so nothing here uses faer's kernels, which depend on the CPU, or a
//! transcendental function from outside `libm`. Random matrices get their standard normals from the caller.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef, mat};

use crate::dense::{require_length, require_positive, require_shape};
use crate::householder::qr;
use crate::projector::require_orthonormal;
use crate::{GeometryError, Spd, Symmetric};

/// d values from `from` to `to`, evenly spaced on a logarithmic scale; both ends are exact.
///
/// x_k = exp(ln from + k/(d−1)·(ln to − ln from)). For d = 1 the ends must be equal.
///
/// # Errors
///
/// [`GeometryError::NotPositive`] when an end is not finite and > 0, [`GeometryError::Empty`] for d = 0,
/// [`GeometryError::SpectrumEnds`] for d = 1 with different ends.
///
/// ```
/// let spectrum = geometry::generators::log_spaced(1.0, 100.0, 3)?;
/// assert_eq!((spectrum[0], spectrum[2]), (1.0, 100.0));
/// assert!((spectrum[1] - 10.0).abs() < 1e-14);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn log_spaced(from: f64, to: f64, d: usize) -> Result<Vec<f64>, GeometryError> {
    require_positive("first value of a spectrum", from)?;
    require_positive("last value of a spectrum", to)?;
    if d == 0 {
        return Err(GeometryError::Empty { what: "spectrum" });
    }
    if d == 1 && from != to {
        return Err(GeometryError::SpectrumEnds { from, to });
    }
    let (start, span) = (libm::log(from), libm::log(to) - libm::log(from));
    let value = |k| match k {
        0 => from,
        k if k == d - 1 => to,
        k => libm::exp(start + span * (k as f64 / (d - 1) as f64)),
    };
    Ok((0..d).map(value).collect())
}

/// An orthogonal d×d matrix with exactly the Haar law on O(d), from d² independent standard normals.
///
/// The orthogonal factor of N = QR, where N has the normals as its columns one after the other and R has a positive
/// diagonal. That sign makes Q unique, so Q(UN) = U·Q(N) for every orthogonal U: since UN and N have the same law, so
/// have UQ and Q. Source: F. Mezzadri, *How to generate random matrices from the classical compact groups*, Notices AMS
/// 54 (2007) 592–604. Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::Empty`] for d = 0, [`GeometryError::WrongLength`] when there are not d² normals,
/// [`GeometryError::NotFinite`], and [`GeometryError::DependentNormals`] when they have no full rank, an event of
/// probability zero.
pub fn haar_orthogonal(d: usize, normals: &[f64]) -> Result<Mat<f64>, GeometryError> {
    if d == 0 {
        return Err(GeometryError::Empty { what: "orthogonal matrix" });
    }
    require_length("slice of standard normals", normals, d * d)?;
    let N = Mat::from_fn(d, d, |i, j| normals[j * d + i]);
    crate::dense::require_finite("matrix of standard normals", N.as_ref())?;
    let (Q, R) = qr(N);
    if let Some(column) = (0..d).find(|&j| R[(j, j)] == 0.0) {
        return Err(GeometryError::DependentNormals { column });
    }
    Ok(Q)
}

/// The rotation of the plane by `angle` radians, counter-clockwise: [[cos, −sin], [sin, cos]].
///
/// # Errors
///
/// [`GeometryError::NotFinite`] when the angle is not finite.
pub fn plane_rotation(angle: f64) -> Result<Mat<f64>, GeometryError> {
    if !angle.is_finite() {
        return Err(GeometryError::NotFinite { what: "angle", row: 0, column: 0, value: angle });
    }
    let (sin, cos) = libm::sincos(angle);
    Ok(mat![[cos, -sin], [sin, cos]])
}

/// Q diag(spectrum) Qᵀ with a Haar-distributed Q, exactly symmetric; d is the length of the spectrum.
///
/// # Errors
///
/// Those of [`haar_orthogonal`] and [`Spd::diagonal`], and of [`Spd::new`] when the spectrum is too wide (beyond about
/// 1/(8dε)) to survive the rotation.
///
/// ```
/// let normals = [0.3, -1.2, 0.7, 0.4];
/// let g = geometry::generators::random_spd(&[1.0, 9.0], &normals)?;
/// assert!((g.trace() - 10.0).abs() < 1e-14);
/// assert!((g.condition_number()? - 9.0).abs() < 1e-13);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn random_spd(spectrum: &[f64], normals: &[f64]) -> Result<Spd, GeometryError> {
    let D = Spd::diagonal(spectrum)?;
    let Q = haar_orthogonal(spectrum.len(), normals)?;
    rotated(D.as_symmetric(), Q.as_ref())?.try_into()
}

/// The matrix in a rotated basis, QAQᵀ, exactly symmetric; Q must be d×d and orthogonal within 8dε. Cost: O(d³).
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], [`GeometryError::NotOrthonormal`], [`GeometryError::NotFinite`].
pub fn rotated(A: &Symmetric, Q: MatRef<'_, f64>) -> Result<Symmetric, GeometryError> {
    let d = A.dimension();
    require_shape("rotation", Q, d, d)?;
    require_orthonormal(Q)?;
    let rotated = plain_product(plain_product(Q, A.as_mat()).as_ref(), Q.transpose());
    crate::dense::require_finite("rotated matrix", rotated.as_ref())?;
    Ok(Symmetric::from_symmetric_part(rotated.as_ref()))
}

/// AB with every sum in the order of its index.
fn plain_product(A: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Mat<f64> {
    let mut C = Mat::zeros(A.nrows(), B.ncols());
    for j in 0..B.ncols() {
        for k in 0..A.ncols() {
            let b = B[(k, j)];
            for i in 0..A.nrows() {
                C[(i, j)] += A[(i, k)] * b;
            }
        }
    }
    C
}
