//! Damped Newton descent to a local minimiser of an empirical risk.
//!
//! ```text
//! θ' = θ − tΔ,   Δ = (∇²L)⁻¹∇L where ∇²L is positive definite, ∇L/M' elsewhere (M' ≥ M);   t halved until L decreases enough
//! ```
//!
//! It stops on the length of Δ and not on ∇L: on separable data ∇L vanishes at infinity while Δ does not.

use faer::Mat;
use geometry::Spd;

use crate::error::DynamicsError;
use crate::problem::empirical::{EmpiricalRisk, MarginLoss};
use crate::problem::samples::dot;

const MOST_ITERATIONS: u32 = 200;
/// A Newton step this short, relative to 1 + ‖θ‖_∞, is the last one.
const SHORT: f64 = 1e-11;

/// The local minimiser below `start` (d); cost O(nd² + d³) a step. `hint` explains a failure at the last θ.
pub(crate) fn minimise<L: MarginLoss>(
    risk: &EmpiricalRisk<L>,
    start: &[f64],
    hint: impl Fn(&EmpiricalRisk<L>, &[f64]) -> &'static str,
) -> Result<Vec<f64>, DynamicsError> {
    // tr ≥ λ_max, and unlike λ_max it passes through no processor-dependent eigensolver.
    let smoothness = risk.smoothness_bound();
    let mut theta = start.to_vec();
    let mut gradient_norm = f64::NAN;
    for iterations in 0..MOST_ITERATIONS {
        let local = risk.local(&theta);
        gradient_norm = dot(&local.gradient, &local.gradient).sqrt();
        let stuck = |theta: &[f64]| DynamicsError::NewtonFailed { iterations, gradient_norm, hint: hint(risk, theta) };
        let gradient_step = || local.gradient.iter().map(|g| g / smoothness).collect::<Vec<_>>();
        let (step, is_newton) = match Spd::new(local.hessian) {
            Ok(hessian) => {
                let right = Mat::from_fn(theta.len(), 1, |i, _| local.gradient[i]);
                let step = hessian.solve(right.as_ref())?;
                ((0..theta.len()).map(|i| step[(i, 0)]).collect(), true)
            }
            Err(_) => (gradient_step(), false),
        };
        let moved = |t: f64| -> Vec<f64> { theta.iter().zip(&step).map(|(theta, step)| theta - t * step).collect() };
        if is_newton && largest(&step) <= SHORT * (1.0 + largest(&theta)) {
            return Ok(moved(1.0));
        }
        let (value, descent) = (risk.value(&theta), dot(&local.gradient, &step));
        // Close to the minimum the decrease drowns in the rounding of a sum of n terms.
        let rounding = (8.0 + risk.samples.count() as f64) * f64::EPSILON * value.abs();
        let enough = |&t: &f64| risk.value(&moved(t)) <= value - 1e-4 * t * descent + rounding;
        let t = std::iter::successors(Some(1.0), |t| Some(0.5 * t)).take(40).find(enough);
        theta = moved(t.ok_or_else(|| stuck(&theta))?);
    }
    Err(DynamicsError::NewtonFailed { iterations: MOST_ITERATIONS, gradient_norm, hint: hint(risk, &theta) })
}

/// ‖v‖_∞.
fn largest(v: &[f64]) -> f64 {
    v.iter().fold(0.0, |largest, x| x.abs().max(largest))
}
