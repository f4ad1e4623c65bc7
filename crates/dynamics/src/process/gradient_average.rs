//! The running average of squared gradient norms along SGD: what the oracle complexity of nonconvex problems bounds.
//!
//! ```text
//! a_T = (1/T)Σ_{t<T} ∇L(θ_t)ᵀF⁻¹∇L(θ_t),   a_0 = 0;   the observed state is the one number √a_T
//! ```
//!
//! So the squared observable is the average itself. ∇L is the full gradient, over all n samples, at every step.
//!
//! Source: ZM Theorem 7.3 (ZM = arXiv 2603.02417v4).

use faer::Mat;
use geometry::Spd;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::SmoothProblem;
use crate::process::minibatch::{MiniBatch, Walk};
use crate::process::{BlockStreams, Observe, Process};

/// A [`MiniBatch`] descent of which only √a_T is observed: one coordinate.
///
/// The descent reads the same streams and takes the same steps as without this wrapper.
#[derive(Debug, Clone)]
pub struct GradientAverage<P> {
    process: MiniBatch<P>,
    frame: Frame,
    /// F⁻¹.
    dual: Mat<f64>,
}

impl<P: SmoothProblem> GradientAverage<P> {
    /// The average along `process` in the dual of the metric F = `fisher` (d×d): usually the problem's Fisher information,
    /// or the identity for the Euclidean norm.
    ///
    /// # Errors
    /// [`DynamicsError::Dimension`] for a metric of another dimension, [`DynamicsError::Geometry`] if it cannot be
    /// inverted.
    pub fn new(process: MiniBatch<P>, fisher: &Spd) -> Result<Self, DynamicsError> {
        let (given, expected) = (fisher.dimension(), process.problem().dimension());
        if given != expected {
            return Err(DynamicsError::Dimension { part: "Fisher metric F", given, expected });
        }
        Ok(GradientAverage { process, frame: Frame::coordinates(1), dual: fisher.inverse()?.as_mat().to_owned() })
    }

    /// The descent itself.
    #[must_use]
    pub fn process(&self) -> &MiniBatch<P> {
        &self.process
    }
}

impl<P: SmoothProblem> Process for GradientAverage<P> {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut walk = Walk::new(&self.process, &mut streams);
        let mut gradients = vec![[0.0; WIDTH]; self.process.problem().dimension()];
        let mut sums = [0.0; WIDTH];
        for (n, &step) in recorded.iter().enumerate() {
            while walk.k < step {
                self.process.problem().full_gradients(&walk.parameters, &mut gradients);
                add_square(&self.dual, &gradients, &mut sums);
                walk.step(&mut streams);
            }
            let averaged = step.max(1) as f64;
            if !observe(n, &[sums.map(|sum| (sum / averaged).sqrt())]) {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.process.time(step)
    }

    /// None: a theorem bounds the average, and none states it.
    fn exact(&self, _steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Err(DynamicsError::NoLaw { law: "exact law", reason: "the average of squared gradients is only bounded" })
    }
}

/// Adds gᵀF⁻¹g to the sum of each replicate.
fn add_square(dual: &Mat<f64>, gradients: &[Row], sums: &mut Row) {
    for (j, g_j) in gradients.iter().enumerate() {
        for (i, g_i) in gradients.iter().enumerate() {
            let weight = dual[(i, j)];
            for lane in 0..WIDTH {
                sums[lane] += g_i[lane] * weight * g_j[lane];
            }
        }
    }
}
