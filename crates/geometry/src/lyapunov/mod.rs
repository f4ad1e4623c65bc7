//! Lyapunov equations: what all solvers return, and how a solution is judged.
//!
//! | equation | symmetric A | any A | covariance law |
//! |---|---|---|---|
//! | AX + XAᵀ = Q | [`continuous_symmetric`] | [`continuous`] | [`flow_covariance`], [`ou_stationary`] |
//! | X = AXAᵀ + Q | [`discrete_symmetric`] | [`discrete`] | [`recursion_covariance`], [`sgd_stationary`] |
//! | (cH−½I)X + X(cH−½I) = c²G | [`shifted`] | | [`shifted`] |
//!
//! The symmetric solvers divide entrywise in the eigenbasis of A; the general ones work on a complex Schur form, which
//! exists for every matrix, also for one without a basis of eigenvectors. All cost O(d³).

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef, c64};

use crate::GeometryError;
use crate::dense::{binary_scale, frobenius_norm, largest_magnitude, product, require_finite, scaled};

mod general;
mod schur;
mod sgd;
mod symmetric;

pub use general::{continuous, discrete, flow_covariance, recursion_covariance, spectral_abscissa, spectral_radius};
pub use sgd::{ou_stationary, sgd_stationary, shifted};
pub use symmetric::{continuous_symmetric, discrete_symmetric};

/// The solution of a Lyapunov equation with two numbers that tell how far to trust it.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The solution X, d×d, finite and exactly symmetric.
    pub matrix: Mat<f64>,
    /// How well X satisfies the equation: ‖AX+XAᵀ−Q‖_F/(2‖A‖_F‖X‖_F+‖Q‖_F), or
    /// ‖X−AXAᵀ−Q‖_F/(‖X‖_F(1+‖A‖_F²)+‖Q‖_F). Of order dε whatever the conditioning; 0 for X = Q = 0.
    pub relative_residual: f64,
    /// How far the equation is from being unsolvable: min_ij |λ_i + λ̄_j|, in the unit of A, or min_ij |1 − λ_i λ̄_j|,
    /// dimensionless, over the eigenvalues λ of A (the conjugate changes nothing: they come in conjugate pairs). An error in Q is magnified by at least 1/separation, and for a
    /// symmetric A by no more.
    pub separation: f64,
}

/// Which of the two equations, so that residual and separation are each defined in one place.
#[derive(Clone, Copy)]
enum Equation {
    /// AX + XAᵀ = Q.
    Continuous,
    /// X − AXAᵀ = Q.
    Discrete,
}

impl Equation {
    /// Checks X for overflow and measures its residual.
    fn solution(
        self,
        A: MatRef<'_, f64>,
        Q: MatRef<'_, f64>,
        X: Mat<f64>,
        separation: f64,
    ) -> Result<Solution, GeometryError> {
        require_finite("solution", X.as_ref())?;
        let relative_residual = self.relative_residual(A, Q, X.as_ref());
        Ok(Solution { matrix: X, relative_residual, separation })
    }

    /// The residual of the equation after A and X were scaled by powers of two to entries near one.
    fn relative_residual(self, A: MatRef<'_, f64>, Q: MatRef<'_, f64>, X: MatRef<'_, f64>) -> f64 {
        let x = binary_scale(largest_magnitude(X));
        let a = match self {
            Self::Continuous => binary_scale(largest_magnitude(A)),
            Self::Discrete => 1.0,
        };
        let (A, X) = (scaled(A, a), scaled(X, x));
        // One factor at a time, the one that shrinks Q first: their product may leave the range of f64.
        let Q = scaled(scaled(Q, a.min(x)).as_ref(), a.max(x));
        let AX = product(A.as_ref(), X.as_ref());
        let (norm_A, norm_X) = (frobenius_norm(A.as_ref()), frobenius_norm(X.as_ref()));
        let (residual, weight) = match self {
            Self::Continuous => (&AX + AX.transpose() - &Q, 2.0 * norm_A * norm_X),
            Self::Discrete => (&X - product(AX.as_ref(), A.transpose()) - &Q, norm_X * (1.0 + norm_A * norm_A)),
        };
        let weight = weight + frobenius_norm(Q.as_ref());
        if weight == 0.0 { 0.0 } else { frobenius_norm(residual.as_ref()) / weight }
    }

    /// The combination of two eigenvalues that divides the right-hand side in the Schur basis.
    fn divisor(self, first: c64, second: c64) -> c64 {
        match self {
            Self::Continuous => first + second.conj(),
            Self::Discrete => c64::new(1.0, 0.0) - first * second.conj(),
        }
    }

    /// min_ij |divisor(λ_i, λ_j)|, or an error when it is not above the tolerance.
    fn separation(self, eigenvalues: &[c64], tolerance: f64) -> Result<f64, GeometryError> {
        let quantity = match self {
            Self::Continuous => "λ_i + conj(λ_j)",
            Self::Discrete => "1 - λ_i·conj(λ_j)",
        };
        let mut closest = (0, 0, f64::INFINITY);
        for (i, &first) in eigenvalues.iter().enumerate() {
            for (j, &second) in eigenvalues.iter().enumerate().skip(i) {
                let value = magnitude(self.divisor(first, second));
                if value < closest.2 {
                    closest = (i, j, value);
                }
            }
        }
        let (i, j, value) = closest;
        if value <= tolerance {
            let (first, second) = (eigenvalues[i], eigenvalues[j]);
            return Err(GeometryError::Unsolvable { quantity, i, first, j, second, value, tolerance });
        }
        Ok(value)
    }
}

/// |z| without overflow, from libm like every function here that is not correctly rounded by IEEE 754.
fn magnitude(z: c64) -> f64 {
    libm::hypot(z.re, z.im)
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::Equation;

    #[test]
    fn a_wrong_solution_has_the_residual_of_the_definition_at_every_scale() {
        for (a, q) in [(1.0, 1.0), (1e150, 1.0), (1e-150, 1.0), (1.0, 1e150), (1e-150, 1e150), (1e150, 1e-150)] {
            // x = 2q/a instead of q/(2a): |2ax − q|/(2ax + q) = 3/5.
            let (A, Q, X) = (mat![[a]], mat![[q]], mat![[2.0 * q / a]]);
            let residual = Equation::Continuous.relative_residual(A.as_ref(), Q.as_ref(), X.as_ref());
            assert!((residual - 0.6).abs() < 1e-15, "{residual}");
            // a = ½, x = 5q/3 instead of 4q/3: |x − x/4 − q|/(5x/4 + q) = (1/4)/(37/12) = 3/37.
            let (A, X) = (mat![[0.5]], mat![[5.0 * q / 3.0]]);
            let residual = Equation::Discrete.relative_residual(A.as_ref(), Q.as_ref(), X.as_ref());
            assert!((residual - 3.0 / 37.0).abs() < 1e-15, "{residual}");
        }
    }

    #[test]
    fn the_residual_tells_a_matrix_from_its_transpose() {
        let (A, X) = (mat![[0.5, 0.25], [0.0, 0.5]], mat![[1.0, 0.5], [0.5, 2.0]]);
        let (flow, step) = (&A * &X + &X * A.transpose(), &X - &A * &X * A.transpose());
        for (equation, Q) in [(Equation::Continuous, flow), (Equation::Discrete, step)] {
            assert!(equation.relative_residual(A.as_ref(), Q.as_ref(), X.as_ref()) < 1e-16);
            assert!(equation.relative_residual(A.transpose(), Q.as_ref(), X.as_ref()) > 0.01);
        }
    }
}
