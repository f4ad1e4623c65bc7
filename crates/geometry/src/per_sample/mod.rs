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
//! that (oi)×(oi) matrices for each sample take, and none of their memory. Along a few directions ([`along`]) not even the
//! moments are formed.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

mod along;
mod suppression;

pub use along::NoiseSize;
pub use suppression::{HessianMoments, KeptCurvatures, Suppression, TopCurvatures};

use faer::{Mat, MatRef};

use crate::GeometryError;
use crate::dense::{frobenius_norm, product, require_finite, require_shape, rounding};

/// Samples taken together: few enough that what they need stays in the cache.
const CHUNK: usize = 64;

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

    /// The same without the weights that no sample sees: those of outputs whose δ and M, or inputs whose a, are 0 in all
    /// samples, as behind units that are never active. All moments are 0 there. At least one output and input stay.
    ///
    /// ```
    /// # use geometry::PerSample;
    /// # use faer::mat;
    /// let samples = PerSample::new(mat![[1.0], [-1.0]], mat![[1.0, 0.0], [2.0, 0.0]], mat![[3.0], [5.0]])?;
    /// assert_eq!((samples.dimension(), samples.live().dimension()), (2, 1));
    /// assert_eq!(samples.live().mean_hessian()[(0, 0)], samples.mean_hessian()[(0, 0)]);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn live(&self) -> PerSample {
        let is_zero = |matrix: &Mat<f64>, column: usize| matrix.col_as_slice(column).iter().all(|entry| *entry == 0.0);
        let mut sees: Vec<bool> = (0..self.deltas.ncols()).map(|r| !is_zero(&self.deltas, r)).collect();
        for (t, (r, c)) in places(sees.len()).enumerate() {
            if (!sees[r] || !sees[c]) && !is_zero(&self.hessians, t) {
                (sees[r], sees[c]) = (true, true);
            }
        }
        sees[0] |= sees.iter().all(|sees| !sees);
        let outputs: Vec<usize> = (0..sees.len()).filter(|&r| sees[r]).collect();
        let mut inputs: Vec<usize> =
            (0..self.activations.ncols()).filter(|&c| !is_zero(&self.activations, c)).collect();
        if inputs.is_empty() {
            inputs.push(0);
        }
        let triangles: Vec<usize> =
            places(sees.len()).enumerate().filter(|(_, (r, c))| sees[*r] && sees[*c]).map(|(t, _)| t).collect();
        PerSample {
            deltas: columns_of(&self.deltas, &outputs),
            activations: columns_of(&self.activations, &inputs),
            hessians: columns_of(&self.hessians, &triangles),
        }
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
        let mut matrix = self.mean_with_activations(outer_triangles(&self.deltas).as_ref());
        let resolution = rounding(self.dimension().max(self.count())) * frobenius_norm(matrix.as_ref());
        if centred && self.count() == 1 {
            matrix.fill(0.0);
        } else if centred {
            let mean = self.mean_gradient();
            for (j, mean_j) in mean.iter().enumerate() {
                for (entry, mean_i) in matrix.col_as_slice_mut(j).iter_mut().zip(&mean) {
                    *entry -= mean_i * mean_j;
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
        let lengths = self.squared_activations();
        for first in (0..self.count()).step_by(CHUNK) {
            let chunk = first..self.count().min(first + CHUNK);
            for (t, (r, c)) in places(self.deltas.ncols()).enumerate() {
                let square = &mut squares.col_as_slice_mut(t)[chunk.clone()];
                for k in 0..self.deltas.ncols() {
                    add_products(&self.entry(r, k)[chunk.clone()], &self.entry(k, c)[chunk.clone()], square);
                }
                square.iter_mut().zip(&lengths[chunk.clone()]).for_each(|(square, length)| *square *= length);
            }
        }
        self.mean_with_activations(squares.as_ref())
    }

    /// (M_p)_rc of all samples (n).
    fn entry(&self, r: usize, c: usize) -> &[f64] {
        let (r, c) = (r.max(c), r.min(c));
        self.hessians.col_as_slice(triangle(r) + c)
    }

    /// M_p (o×o).
    fn hessian(&self, p: usize) -> Mat<f64> {
        let o = self.deltas.ncols();
        let mut M = Mat::zeros(o, o);
        for (t, (r, c)) in places(o).enumerate() {
            (M[(r, c)], M[(c, r)]) = (self.hessians[(p, t)], self.hessians[(p, t)]);
        }
        M
    }

    /// |a_p|² (n).
    fn squared_activations(&self) -> Vec<f64> {
        let mut squares = vec![0.0; self.count()];
        for c in 0..self.activations.ncols() {
            let column = self.activations.col_as_slice(c);
            add_products(column, column, &mut squares);
        }
        squares
    }

    /// (1/n)Σ S_p ⊗ a_pa_pᵀ, where row p of `lower` (n × o(o+1)/2) is the lower triangle of S_p.
    fn mean_with_activations(&self, lower: MatRef<'_, f64>) -> Mat<f64> {
        let inputs = self.activations.ncols();
        let sums = product(outer_triangles(&self.activations).transpose(), lower);
        let (n, d) = (self.count() as f64, self.dimension());
        let mut mean = Mat::zeros(d, d);
        for (t, (r, s)) in places(self.deltas.ncols()).enumerate() {
            let sums = sums.col_as_slice(t);
            for (r, s) in [(r, s), (s, r)] {
                for c in 0..inputs {
                    let block = &mut mean.col_as_slice_mut(s * inputs + c)[r * inputs..][..inputs];
                    let before = triangle(c);
                    block[..c].iter_mut().zip(&sums[before..]).for_each(|(entry, sum)| *entry = sum / n);
                    let mut position = before + c;
                    for (a, entry) in block.iter_mut().enumerate().skip(c) {
                        *entry = sums[position] / n;
                        position += a + 1;
                    }
                }
            }
        }
        mean
    }
}

/// Some columns of a matrix.
fn columns_of(matrix: &Mat<f64>, columns: &[usize]) -> Mat<f64> {
    let mut chosen = Mat::zeros(matrix.nrows(), columns.len());
    for (to, from) in columns.iter().enumerate() {
        chosen.col_as_slice_mut(to).copy_from_slice(matrix.col_as_slice(*from));
    }
    chosen
}

/// For each row v of a matrix, the lower triangle of vvᵀ.
fn outer_triangles(rows: &Mat<f64>) -> Mat<f64> {
    let mut outer = Mat::zeros(rows.nrows(), triangle(rows.ncols()));
    for (t, (r, c)) in places(rows.ncols()).enumerate() {
        let factors = rows.col_as_slice(r).iter().zip(rows.col_as_slice(c));
        outer.col_as_slice_mut(t).iter_mut().zip(factors).for_each(|(entry, (x, y))| *entry = x * y);
    }
    outer
}

/// sums ← sums + x∘y.
fn add_products(x: &[f64], y: &[f64], sums: &mut [f64]) {
    for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
        *sum += x * y;
    }
}

/// Number of entries of a lower triangle of this size.
fn triangle(size: usize) -> usize {
    size * (size + 1) / 2
}

/// The places (r, c), c ≤ r, of a lower triangle that is written row by row.
fn places(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(|r| (0..=r).map(move |c| (r, c)))
}
