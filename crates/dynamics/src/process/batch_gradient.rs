//! The noise of single batch gradients, batch after independent batch, with no dynamics.
//!
//! ```text
//! ξ_k = ĝ_{B_k} − ∇L,   E ξ_k = 0,   Cov ξ_k = σ²L diag(κ) Lᵀ,   Cov(ξ_k, ξ_l) = 0 for k ≠ l
//! ```
//!
//! with LLᵀ = G, and σ² and the variances κ of the whitened coordinates those of the design: G/b for designs that treat
//! all directions alike.
//!
//! Source: ZM Theorem 4.3 (ZM = arXiv 2603.02417v4).

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use sampling::Design;

use crate::block::{PackedLower, WIDTH, advance};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::in_frame::check_design;
use crate::process::{BlockStreams, Observe, Process};
use crate::source::{Law, Source};

/// The state at step k is the noise ξ_k of a fresh batch, in the problem's own coordinates.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::BatchGradient};
/// # use geometry::Spd;
/// let (curvature, noise) = (Spd::diagonal(&[1.0, 2.0])?, Spd::diagonal(&[3.0, 8.0])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0, 0.0])?;
/// let gradient = BatchGradient::new(&problem, sampling::designs::Gaussian::new(4)?)?;
/// let law = &gradient.exact(&[0])?[0];
/// assert!((law.covariance[(1, 1)] - 2.0).abs() < 1e-15);
/// assert_eq!(gradient.cross_covariance(0, 1)?[(1, 1)], 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BatchGradient<D> {
    coordinates: Frame,
    factor: PackedLower,
    covariance: Mat<f64>,
    design: D,
}

impl<D: Design> BatchGradient<D> {
    /// Batches drawn by `design` from the per-sample gradients of `problem`, of covariance G. Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] if G cannot be factored.
    pub fn new(problem: &Quadratic, design: D) -> Result<Self, DynamicsError> {
        check_design(problem, &design)?;
        let L = problem.noise().lower_factor()?;
        let product = design.batch_covariance(L.as_ref());
        let d = problem.dimension();
        let covariance = Mat::from_fn(d, d, |i, j| 0.5 * (product[(i, j)] + product[(j, i)]));
        Ok(BatchGradient {
            coordinates: Frame::coordinates(d),
            factor: PackedLower::new(L.as_ref()),
            covariance,
            design,
        })
    }

    /// Cov ξ (d×d).
    #[must_use]
    pub fn covariance(&self) -> &Mat<f64> {
        &self.covariance
    }
}

impl<D: Design> Process for BatchGradient<D> {
    fn frame(&self) -> &Frame {
        &self.coordinates
    }

    /// Each recorded step draws one batch; the steps between draw nothing, since no state remembers them.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.coordinates.dimension();
        let mut gradient = vec![[0.0; WIDTH]; d];
        let mut whitened = vec![[0.0; WIDTH]; d];
        let forget = vec![0.0; d];
        let deviation = self.design.variance_factor().sqrt();
        for n in 0..recorded.len() {
            self.design.draw(&mut streams.noise, whitened.as_flattened_mut(), WIDTH);
            // The kernel subtracts its noise.
            advance(&forget, &self.factor, -deviation, &whitened, &mut gradient);
            if !observe(n, &gradient) {
                return;
            }
        }
    }

    /// t = k: the number of the batch.
    fn time(&self, step: u64) -> f64 {
        step as f64
    }

    fn source(&self, law: Law) -> Option<Source> {
        let formula = &["E ξ_k = 0, Cov ξ_k = σ²L diag(κ) Lᵀ, Cov(ξ_k, ξ_l) = 0 for k ≠ l"];
        matches!(law, Law::Exact | Law::AcrossTime).then(|| Source::new(formula, "ZM Theorem 4.3", file!()))
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let law = Moments { mean: vec![0.0; self.coordinates.dimension()], covariance: self.covariance.clone() };
        Ok(vec![law; steps.len()])
    }

    /// 0 between batches.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let d = self.coordinates.dimension();
        Ok(if from == to { self.covariance.clone() } else { Mat::zeros(d, d) })
    }
}
