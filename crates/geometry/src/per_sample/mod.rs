//! First and second derivatives of n per-sample losses in one matrix of weights, in factored form.
//!
//! ```text
//! z = Wa,   g_p = δ_p ⊗ a_p,   h_p = M_p ⊗ a_pa_pᵀ,   δ_p = ∂ℓ_p/∂z,   M_p = ∂²ℓ_p/∂z²
//! ```
//!
//! Exact, because a loss sees the weights W (o×i) of a layer through z alone. Weight (r, c) is coordinate r·i + c. With
//! i = 1 and a = 1 any g_p and h_p have this form.
//!
//! All second moments have the form (1/n)Σ S_p ⊗ a_pa_pᵀ with symmetric S_p: S = δδᵀ gives that of the gradients, S = M the
//! mean Hessian, S = M²|a|² the mean square. Such a sum is one product of two matrices with a row for each sample, its
//! lower triangles of S_p and of a_pa_pᵀ, whose entries then go to their four places: an eighth of the multiplications
//! that (oi)×(oi) matrices for each sample take, and none of their memory.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

mod suppression;

pub use suppression::{HessianMoments, Suppression};

use faer::{Mat, MatRef};

use crate::GeometryError;
use crate::dense::{frobenius_norm, product, require_finite, require_shape, rounding};

/// g_p and h_p of n samples.
///
/// ```
/// # use geometry::PerSample;
/// # use faer::mat;
/// // One output, two inputs, two samples: δ = 1, −1, a = (1, 2), (1, 0), M = 3, 5.
/// let samples = PerSample::new(mat![[1.0], [-1.0]], mat![[1.0, 2.0], [1.0, 0.0]], mat![[3.0], [5.0]])?;
/// assert_eq!(samples.mean_gradient(), [0.0, 1.0]);
/// assert_eq!(samples.noise(true).matrix, mat![[1.0, 1.0], [1.0, 1.0]]);
/// assert_eq!(samples.mean_hessian(), mat![[4.0, 3.0], [3.0, 6.0]]);
/// // h_1² = 3²·5·aaᵀ and h_2² = 5²·1·aaᵀ.
/// assert_eq!(samples.mean_squared_hessian(), mat![[35.0, 45.0], [45.0, 90.0]]);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PerSample {
    /// δ (n×o).
    deltas: Mat<f64>,
    /// a (n×i).
    activations: Mat<f64>,
    /// M, a row for each sample: its lower triangle, row by row (n × o(o+1)/2).
    hessians: Mat<f64>,
}

/// A second moment of gradients, and how far it may be from the exact one.
#[derive(Debug, Clone)]
pub struct GradientNoise {
    /// C, exactly symmetric.
    pub matrix: Mat<f64>,
    /// 8·max(d, n)·ε·‖(1/n)Σ g_pg_pᵀ‖_F, in the unit of the entries: where the mean is nearly all of the gradients, what
    /// is left of C without it can be nothing but rounding.
    pub resolution: f64,
}

impl GradientNoise {
    /// Whether ‖C‖_F is above the resolution, so that there is something to tell of C.
    pub fn is_resolved(&self) -> bool {
        frobenius_norm(self.matrix.as_ref()) > self.resolution
    }
}

impl PerSample {
    /// The derivatives with δ = `deltas` (n×o), a = `activations` (n×i) and M = `hessians` (n × o(o+1)/2), a row of which
    /// is the lower triangle of a symmetric o×o matrix, row by row.
    ///
    /// # Errors
    /// [`GeometryError::ShapeMismatch`], [`GeometryError::NotFinite`], [`GeometryError::Empty`] for no samples, outputs or
    /// inputs.
    pub fn new(deltas: Mat<f64>, activations: Mat<f64>, hessians: Mat<f64>) -> Result<Self, GeometryError> {
        let (n, o) = (deltas.nrows(), deltas.ncols());
        if n == 0 || o == 0 || activations.ncols() == 0 {
            return Err(GeometryError::Empty { what: "per-sample derivatives" });
        }
        require_shape("activations", activations.as_ref(), n, activations.ncols())?;
        require_shape("per-sample Hessians", hessians.as_ref(), n, triangle(o))?;
        require_finite("gradients of the outputs", deltas.as_ref())?;
        require_finite("activations", activations.as_ref())?;
        require_finite("per-sample Hessians", hessians.as_ref())?;
        Ok(PerSample { deltas, activations, hessians })
    }

    /// n.
    pub fn count(&self) -> usize {
        self.deltas.nrows()
    }

    /// o·i.
    pub fn dimension(&self) -> usize {
        self.deltas.ncols() * self.activations.ncols()
    }

    /// ḡ = (1/n)Σ g_p, of length oi. Cost: n·oi.
    pub fn mean_gradient(&self) -> Vec<f64> {
        let inputs = self.activations.ncols();
        let sum = product(self.deltas.transpose(), self.activations.as_ref());
        let n = self.count() as f64;
        (0..self.dimension()).map(|w| sum[(w / inputs, w % inputs)] / n).collect()
    }

    /// (1/n)Σ g_pg_pᵀ, less ḡḡᵀ if `centred`: the covariance C of the gradient of one sample drawn at random (ZYT, times
    /// the batch size). Exactly 0 for one sample, if `centred`. (oi)×(oi). Cost: n·(oi)²/2.
    pub fn noise(&self, centred: bool) -> GradientNoise {
        let outer = Mat::from_fn(self.count(), triangle(self.deltas.ncols()), |p, t| {
            let (r, c) = place(t);
            self.deltas[(p, r)] * self.deltas[(p, c)]
        });
        let mut matrix = self.mean_with_activations(outer.as_ref());
        let resolution = rounding(self.dimension().max(self.count())) * frobenius_norm(matrix.as_ref());
        if centred && self.count() == 1 {
            matrix.fill(0.0);
        } else if centred {
            let mean = self.mean_gradient();
            for j in 0..mean.len() {
                for i in 0..mean.len() {
                    matrix[(i, j)] -= mean[i] * mean[j];
                }
            }
        }
        GradientNoise { matrix, resolution }
    }

    /// H = (1/n)Σ h_p, exactly symmetric, (oi)×(oi). Cost: n·(oi)²/2.
    pub fn mean_hessian(&self) -> Mat<f64> {
        self.mean_with_activations(self.hessians.as_ref())
    }

    /// E h² = (1/n)Σ h_p² = (1/n)Σ |a_p|²M_p² ⊗ a_pa_pᵀ, exactly symmetric, (oi)×(oi). Cost: n·((oi)²/2 + o³).
    pub fn mean_squared_hessian(&self) -> Mat<f64> {
        let mut squares = Mat::zeros(self.count(), self.hessians.ncols());
        for p in 0..self.count() {
            let M = self.hessian(p);
            let square = product(M.as_ref(), M.as_ref());
            let length = self.squared_activation(p);
            for t in 0..squares.ncols() {
                squares[(p, t)] = length * square[place(t)];
            }
        }
        self.mean_with_activations(squares.as_ref())
    }

    /// M_p (o×o).
    fn hessian(&self, p: usize) -> Mat<f64> {
        let o = self.deltas.ncols();
        Mat::from_fn(o, o, |r, c| self.hessians[(p, index(r, c))])
    }

    /// |a_p|².
    fn squared_activation(&self, p: usize) -> f64 {
        (0..self.activations.ncols()).map(|c| self.activations[(p, c)] * self.activations[(p, c)]).sum()
    }

    /// (1/n)Σ S_p ⊗ a_pa_pᵀ, where row p of `lower` (n × o(o+1)/2) is the lower triangle of S_p.
    fn mean_with_activations(&self, lower: MatRef<'_, f64>) -> Mat<f64> {
        let inputs = self.activations.ncols();
        let outer = Mat::from_fn(self.count(), triangle(inputs), |p, t| {
            let (r, c) = place(t);
            self.activations[(p, r)] * self.activations[(p, c)]
        });
        let sums = product(outer.transpose(), lower);
        let (n, d) = (self.count() as f64, self.dimension());
        let mut mean = Mat::zeros(d, d);
        for t in 0..sums.ncols() {
            let (r, s) = place(t);
            for u in 0..sums.nrows() {
                let (a, c) = place(u);
                let value = sums[(u, t)] / n;
                for (r, s) in [(r, s), (s, r)] {
                    mean[(r * inputs + a, s * inputs + c)] = value;
                    mean[(r * inputs + c, s * inputs + a)] = value;
                }
            }
        }
        mean
    }
}

/// Number of entries of a lower triangle of this size.
fn triangle(size: usize) -> usize {
    size * (size + 1) / 2
}

/// Position of entry (r, c), or (c, r), in a lower triangle that is written row by row.
fn index(r: usize, c: usize) -> usize {
    let (r, c) = (r.max(c), r.min(c));
    r * (r + 1) / 2 + c
}

/// The row and column c ≤ r at a position in a lower triangle.
fn place(position: usize) -> (usize, usize) {
    // isqrt rounds down, as does the division, so that this is the largest r with r(r+1)/2 ≤ position.
    let r = ((8 * position + 1).isqrt() - 1) / 2;
    (r, position - triangle(r))
}
