//! How parameters θ make a linear predictor F(θ).

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::product;

use crate::model::linear::kernel::{add_scaled, dot};

/// A map F from parameters θ (p) to a predictor (m), with J = ∂F/∂θ (m×p).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parametrisation {
    /// F = θ, p = m.
    Linear,
    /// F = u∘v with θ = (u, v), p = 2m.
    Diagonal,
    /// F = Wᵀa with θ = (W, a), W (w×m) row by row, a (w): p = w(m + 1).
    Factorised {
        /// w.
        width: usize,
    },
}

impl Parametrisation {
    /// p for predictors of m numbers, or the largest integer where p is beyond it.
    #[must_use]
    pub fn n_parameters(self, m: usize) -> usize {
        match self {
            Parametrisation::Linear => m,
            Parametrisation::Diagonal => m.saturating_mul(2),
            Parametrisation::Factorised { width } => width.saturating_mul(m.saturating_add(1)),
        }
    }

    /// How often F multiplies parameters: F(cθ) = c^degree·F(θ).
    #[must_use]
    pub fn degree(self) -> u32 {
        if self == Parametrisation::Linear { 1 } else { 2 }
    }

    /// Writes F(θ) into `predictor` (m). Cost O(p).
    pub fn predict(self, theta: &[f64], predictor: &mut [f64]) {
        pulp::Arch::new().dispatch(Predict { parametrisation: self, theta, predictor });
    }

    /// Adds Jᵀu to `gradient` (p), for u (m). Cost O(p).
    pub fn pull_back(self, theta: &[f64], u: &[f64], gradient: &mut [f64]) {
        pulp::Arch::new().dispatch(PullBack { parametrisation: self, theta, u, gradient });
    }

    /// A = JJᵀ (m×m): I, diag(u² + v²), or WᵀW + ‖a‖²I. Cost: one product of W by its transpose, m²w.
    #[must_use]
    pub fn gram(self, theta: &[f64], m: usize) -> Mat<f64> {
        match self {
            Parametrisation::Linear => Mat::identity(m, m),
            Parametrisation::Diagonal => {
                Mat::from_fn(m, m, |i, j| if i == j { theta[i] * theta[i] + theta[m + i] * theta[m + i] } else { 0.0 })
            }
            Parametrisation::Factorised { width } => {
                let (W, a) = theta.split_at(width * m);
                let squares: f64 = a.iter().map(|a| a * a).sum();
                let W = MatRef::from_row_major_slice(W, width, m);
                let mut A = product(W.transpose(), W);
                for j in 0..m {
                    A[(j, j)] += squares;
                    // Rounding may tell a product from its transpose.
                    (0..j).for_each(|i| A[(i, j)] = A[(j, i)]);
                }
                A
            }
        }
    }
}

/// [`Parametrisation::predict`], compiled for the vector instructions of the running processor.
struct Predict<'a> {
    parametrisation: Parametrisation,
    theta: &'a [f64],
    predictor: &'a mut [f64],
}

impl pulp::WithSimd for Predict<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Predict<'_> {
    #[inline(always)]
    fn run(self) {
        let Predict { parametrisation, theta, predictor } = self;
        let m = predictor.len();
        match parametrisation {
            Parametrisation::Linear => predictor.copy_from_slice(theta),
            Parametrisation::Diagonal => {
                let (u, v) = theta.split_at(m);
                predictor.iter_mut().zip(u).zip(v).for_each(|((F, u), v)| *F = u * v);
            }
            Parametrisation::Factorised { width } => {
                let (W, a) = theta.split_at(width * m);
                predictor.fill(0.0);
                for (row, a) in W.chunks_exact(m).zip(a) {
                    add_scaled(*a, row, predictor);
                }
            }
        }
    }
}

/// [`Parametrisation::pull_back`], compiled for the vector instructions of the running processor.
struct PullBack<'a> {
    parametrisation: Parametrisation,
    theta: &'a [f64],
    u: &'a [f64],
    gradient: &'a mut [f64],
}

impl pulp::WithSimd for PullBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl PullBack<'_> {
    #[inline(always)]
    fn run(self) {
        let PullBack { parametrisation, theta, u, gradient } = self;
        let m = u.len();
        match parametrisation {
            Parametrisation::Linear => gradient.iter_mut().zip(u).for_each(|(g, u)| *g += u),
            Parametrisation::Diagonal => {
                let ((first, second), (of_first, of_second)) = (theta.split_at(m), gradient.split_at_mut(m));
                for (of_one, other) in [(of_first, second), (of_second, first)] {
                    for ((g, u), factor) in of_one.iter_mut().zip(u).zip(other) {
                        *g = u.mul_add(*factor, *g);
                    }
                }
            }
            Parametrisation::Factorised { width } => {
                let ((W, a), (of_W, of_a)) = (theta.split_at(width * m), gradient.split_at_mut(width * m));
                for (g, a) in of_W.chunks_exact_mut(m).zip(a) {
                    add_scaled(*a, u, g);
                }
                for (g, row) in of_a.iter_mut().zip(W.chunks_exact(m)) {
                    *g += dot(row, u);
                }
            }
        }
    }
}
