//! The coordinates in which a quadratic problem decouples: an orthonormal eigenbasis of the curvature.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::{GeometryError, Spd};

/// An orthonormal basis Q with QᵀHQ = diag(h).
///
/// For a diagonal H it is the coordinate basis itself, untouched: then nothing that a simulation reads has passed
/// through a processor-dependent eigensolver.
///
/// # Example
/// ```
/// use dynamics::frame::Frame;
/// use faer::mat;
/// use geometry::Spd;
/// let frame = Frame::new(&Spd::new(mat![[2.0, 1.0], [1.0, 2.0]])?)?;
/// assert!((frame.rates()[0] - 1.0).abs() < 1e-14 && (frame.rates()[1] - 3.0).abs() < 1e-14);
/// // (1, 1) lies along the second axis of the frame, where H is 3.
/// let v = frame.vector(&[1.0, 1.0]);
/// assert!(v[0].abs() < 1e-14 && (v[1].abs() - 2.0_f64.sqrt()).abs() < 1e-14);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Frame {
    rates: Vec<f64>,
    /// Q, or `None` for the coordinate basis.
    basis: Option<Mat<f64>>,
}

impl Frame {
    /// The frame of a curvature H (d×d). Cost O(d³), or O(d) for a diagonal H.
    ///
    /// # Errors
    /// [`GeometryError`] if the eigensolver fails.
    pub fn new(curvature: &Spd) -> Result<Self, GeometryError> {
        if curvature.is_diagonal() {
            let H = curvature.as_mat();
            return Ok(Frame { rates: (0..H.nrows()).map(|i| H[(i, i)]).collect(), basis: None });
        }
        let eigen = curvature.eigen()?;
        Ok(Frame { rates: eigen.values().to_vec(), basis: Some(eigen.vectors().to_owned()) })
    }

    /// The plain coordinates of a process that no frame decouples; all its rates are 0. Cost O(d).
    #[must_use]
    pub fn coordinates(dimension: usize) -> Self {
        Frame { rates: vec![0.0; dimension], basis: None }
    }

    /// h: the curvatures along the axes of the frame.
    #[must_use]
    pub fn rates(&self) -> &[f64] {
        &self.rates
    }

    /// d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.rates.len()
    }

    /// Qᵀv: a vector (d) in the coordinates of the frame. Cost O(d²).
    #[must_use]
    pub fn vector(&self, v: &[f64]) -> Vec<f64> {
        match &self.basis {
            None => v.to_vec(),
            Some(Q) => (0..v.len()).map(|i| (0..v.len()).map(|j| Q[(j, i)] * v[j]).sum()).collect(),
        }
    }

    /// QᵀMQ: a symmetric matrix (d×d) in the coordinates of the frame, exactly symmetric. Cost O(d³).
    #[must_use]
    pub fn matrix(&self, M: MatRef<'_, f64>) -> Mat<f64> {
        match &self.basis {
            None => M.to_owned(),
            Some(Q) => {
                let rotated = Q.transpose() * M * Q;
                Mat::from_fn(M.nrows(), M.ncols(), |i, j| 0.5 * (rotated[(i, j)] + rotated[(j, i)]))
            }
        }
    }
}
