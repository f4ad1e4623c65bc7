//! A quadratic problem and a start in the eigenbasis of H: what every linear process on them begins with.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use sampling::Design;

use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::problem::Quadratic;
use crate::start::Start;

/// A problem and a start, seen in the frame of the problem's curvature.
pub(super) struct InFrame {
    pub(super) frame: Frame,
    /// G in the frame.
    pub(super) noise: Mat<f64>,
    /// The lower L with LLᵀ = G in the frame.
    pub(super) factor: Mat<f64>,
    /// The law of e₀ in the frame.
    pub(super) start: Start,
}

impl InFrame {
    /// Turns `problem` and `start` into the frame of H. Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::Dimension`] for a start of another dimension, [`DynamicsError::Geometry`] if H has no
    /// eigenbasis or G no factor.
    pub(super) fn new(problem: &Quadratic, start: &Start) -> Result<Self, DynamicsError> {
        check_start(problem, start)?;
        let frame = Frame::new(problem.curvature())?;
        let noise = frame.matrix(problem.noise().as_mat());
        let factor = geometry::Psd::new(noise.clone())?.lower_factor()?;
        let start = start.with_mean(frame.vector(start.mean()));
        Ok(InFrame { frame, noise, factor, start })
    }

    /// λ_max(H).
    pub(super) fn largest_curvature(&self) -> f64 {
        self.frame.rates().iter().copied().fold(0.0, f64::max)
    }

    /// L diag(k) Lᵀ: G as `design` shapes it, and G to the bit where it does not.
    pub(super) fn shaped_noise(&self, design: &impl Design) -> Mat<f64> {
        if is_shaped(design, self.factor.nrows()) { shaped(design, self.factor.as_ref()) } else { self.noise.clone() }
    }
}

/// Refuses a start that does not have the dimension of the problem.
pub(super) fn check_start(problem: &Quadratic, start: &Start) -> Result<(), DynamicsError> {
    let (given, expected) = (start.mean().len(), problem.dimension());
    if given == expected { Ok(()) } else { Err(DynamicsError::Dimension { part: "start e₀", given, expected }) }
}

/// Refuses a design whose pool has another dimension than the problem.
pub(super) fn check_design(problem: &Quadratic, design: &impl Design) -> Result<(), DynamicsError> {
    match (design.dimension(), problem.dimension()) {
        (Some(given), expected) if given != expected => {
            Err(DynamicsError::Dimension { part: "pool of the design", given, expected })
        }
        _ => Ok(()),
    }
}

/// Whether `product` is below `limit` by more than rounding: (2/λ)·λ can round to below 2, so a limit is refused with the
/// same margin as in `geometry`.
pub(super) fn is_below(product: f64, limit: f64, dimension: usize) -> bool {
    product < limit * (1.0 - geometry::rounding(dimension))
}

/// Whether a design treats the whitened coordinates differently.
fn is_shaped(design: &impl Design, d: usize) -> bool {
    (0..d).any(|i| design.shape(i) != 1.0)
}

/// L diag(k) Lᵀ.
fn shaped(design: &impl Design, L: MatRef<'_, f64>) -> Mat<f64> {
    let scaled = Mat::from_fn(L.nrows(), L.ncols(), |i, j| L[(i, j)] * design.shape(j));
    let product = scaled * L.transpose();
    Mat::from_fn(L.nrows(), L.nrows(), |i, j| 0.5 * (product[(i, j)] + product[(j, i)]))
}
