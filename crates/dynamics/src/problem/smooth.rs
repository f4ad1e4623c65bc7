//! The contract of a smooth finite-sum problem: its local geometry at every θ, and the kernel that SGD runs on.

use std::sync::Arc;

use faer::Mat;
use geometry::{Psd, Spd};

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::problem::Quadratic;

/// ∇L, ∇²L and the gradient covariance of a problem at one θ.
#[derive(Debug, Clone)]
pub struct Local {
    /// ∇L(θ) (d).
    pub gradient: Vec<f64>,
    /// ∇²L(θ) (d×d), exactly symmetric.
    pub hessian: Mat<f64>,
    /// G(θ) = (1/n)Σ(s_i − s̄)(s_i − s̄)ᵀ (d×d), exactly symmetric.
    pub noise: Mat<f64>,
}

/// L(θ) = (1/n)Σ ℓ_i(θ) with scores s_i = ∇ℓ_i, and a local minimiser θ*.
///
/// Per-sample quantities are finite-population ones: G is S_n of ZM §4, with the divisor n.
pub trait SmoothProblem: std::fmt::Debug + Send + Sync {
    /// θ* (d), a local minimiser of L.
    fn minimiser(&self) -> &[f64];

    /// H = ∇²L(θ*).
    fn curvature(&self) -> &Spd;

    /// F, the Fisher information of one sample at θ*, the metric of the risk.
    fn fisher(&self) -> &Spd;

    /// n.
    fn samples(&self) -> usize;

    /// L(θ). Cost: one pass over the data, as for all that follow.
    fn loss(&self, theta: &[f64]) -> f64;

    /// ∇L(θ), ∇²L(θ) and G(θ) in one go.
    fn local(&self, theta: &[f64]) -> Local;

    /// The scores s_i(θ) in rows (n×d).
    fn scores(&self, theta: &[f64]) -> Mat<f64>;

    /// How many rows of scratch [`add_scores`](SmoothProblem::add_scores) needs.
    fn scratch_rows(&self) -> usize;

    /// For every replicate of a block adds Σ_{picks} s_pick(θ) to `sums` (d rows): `picks[t][lane]` is the t-th sample of
    /// that replicate's batch, `parameters` (d rows) its θ. No allocation.
    fn add_scores(&self, picks: &[[u32; WIDTH]], parameters: &[Row], scratch: &mut [Row], sums: &mut [Row]);

    /// ∇L(θ) (d rows) for every replicate of a block, from all n samples. No allocation.
    fn full_gradients(&self, parameters: &[Row], gradients: &mut [Row]);

    /// d.
    fn dimension(&self) -> usize {
        self.minimiser().len()
    }

    /// ∇L(θ) (d).
    fn gradient(&self, theta: &[f64]) -> Vec<f64> {
        self.local(theta).gradient
    }

    /// ∇²L(θ) (d×d).
    fn hessian(&self, theta: &[f64]) -> Mat<f64> {
        self.local(theta).hessian
    }

    /// G(θ), the covariance of the score of a sample drawn at random (d×d).
    fn noise(&self, theta: &[f64]) -> Mat<f64> {
        self.local(theta).noise
    }

    /// The local model at θ*: curvature H, noise G(θ*), metric F.
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] if G(θ*) loses its proof in rounding.
    fn quadratic(&self) -> Result<Quadratic, DynamicsError> {
        let noise = Psd::new(self.noise(self.minimiser()))?;
        Quadratic::new(self.curvature().clone(), noise, self.fisher().clone(), self.minimiser().to_vec())
    }
}

/// A problem that several processes share.
impl<P: SmoothProblem + ?Sized> SmoothProblem for Arc<P> {
    fn minimiser(&self) -> &[f64] {
        (**self).minimiser()
    }

    fn curvature(&self) -> &Spd {
        (**self).curvature()
    }

    fn fisher(&self) -> &Spd {
        (**self).fisher()
    }

    fn samples(&self) -> usize {
        (**self).samples()
    }

    fn loss(&self, theta: &[f64]) -> f64 {
        (**self).loss(theta)
    }

    fn local(&self, theta: &[f64]) -> Local {
        (**self).local(theta)
    }

    fn scores(&self, theta: &[f64]) -> Mat<f64> {
        (**self).scores(theta)
    }

    fn scratch_rows(&self) -> usize {
        (**self).scratch_rows()
    }

    fn add_scores(&self, picks: &[[u32; WIDTH]], parameters: &[Row], scratch: &mut [Row], sums: &mut [Row]) {
        (**self).add_scores(picks, parameters, scratch, sums);
    }

    fn full_gradients(&self, parameters: &[Row], gradients: &mut [Row]) {
        (**self).full_gradients(parameters, gradients);
    }
}
