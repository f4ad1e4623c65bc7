//! The coordinates of a simulation and of its law: an orthonormal eigenbasis of the curvature, in which a quadratic
//! problem decouples, or the problem's own.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::{GeometryError, Spd};

/// An orthonormal basis Q with QᵀHQ = diag(h), or the coordinate basis Q = I whatever H is.
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
    dimension: usize,
    /// h, or nothing for a frame that belongs to no curvature.
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
        let dimension = curvature.dimension();
        if curvature.is_diagonal() {
            let H = curvature.as_mat();
            return Ok(Frame { dimension, rates: (0..dimension).map(|i| H[(i, i)]).collect(), basis: None });
        }
        let eigen = curvature.eigen()?;
        Ok(Frame { dimension, rates: eigen.values().to_vec(), basis: Some(eigen.vectors().to_owned()) })
    }

    /// The problem's own coordinates in d = `dimension` dimensions, for a process whose state no eigenbasis of H
    /// decouples. It has no [`rates`](Frame::rates).
    ///
    /// # Example
    /// ```
    /// use dynamics::frame::Frame;
    /// let frame = Frame::coordinates(2);
    /// assert_eq!(frame.vector(&[1.0, -2.0]), [1.0, -2.0]);
    /// assert_eq!((frame.dimension(), frame.rates()), (2, &[][..]));
    /// ```
    #[must_use]
    pub fn coordinates(dimension: usize) -> Self {
        Frame { dimension, rates: Vec::new(), basis: None }
    }

    /// h: the d curvatures along the axes of the frame; empty for [`Frame::coordinates`], which diagonalises none.
    #[must_use]
    pub fn rates(&self) -> &[f64] {
        &self.rates
    }

    /// κ = h_max/h_min ≥ 1 of the curvature; `None` for [`Frame::coordinates`].
    ///
    /// # Example
    /// ```
    /// use dynamics::frame::Frame;
    /// use geometry::Spd;
    /// assert_eq!(Frame::new(&Spd::diagonal(&[2.0, 8.0])?)?.condition_number(), Some(4.0));
    /// assert_eq!(Frame::coordinates(2).condition_number(), None);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    #[must_use]
    pub fn condition_number(&self) -> Option<f64> {
        let (low, high) = self.range()?;
        Some(high / low)
    }

    /// About how far rounding may move a law of a linear process at time t, relative to its unit: 10 d ε κ (1 + h_min t),
    /// with ε = 2⁻⁵²; `None` for [`Frame::coordinates`].
    ///
    /// An eigensolver finds each h up to a small multiple of d ε h_max, so up to d ε κ of itself. A stationary covariance is
    /// proportional to 1/(hᵢ + hⱼ) and moves by as much, and e^{−ht} by ht times that; a step size changes neither order.
    #[must_use]
    pub fn law_error(&self, time: f64) -> Option<f64> {
        let (low, high) = self.range()?;
        Some(10.0 * self.dimension as f64 * f64::EPSILON * (high / low) * (1.0 + low * time))
    }

    fn range(&self) -> Option<(f64, f64)> {
        let low = self.rates.iter().copied().reduce(f64::min)?;
        Some((low, self.rates.iter().copied().fold(low, f64::max)))
    }

    /// d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
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
