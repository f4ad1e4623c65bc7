//! Second moments of per-sample derivatives along a few directions V (oi×k), without the moments themselves.
//!
//! ```text
//! g_pᵀv = δ_pᵀX a_p,   h_pv = M_pX a_p ⊗ a_p,   X (o×i): the coordinates of v in the shape of the weights
//! VᵀCV = (1/n)Σ VᵀP g_p(VᵀPg_p)ᵀ,   P: less the mean,   VᵀE h²V = (1/n)Σ |a_p|²U_pᵀU_p,   U_p = M_p[X_1a_p, …, X_ka_p]
//! n‖(1/n)Σ g_pg_pᵀ‖_F = ‖K‖_F,   K_pq = g_p·g_q = (δ_p·δ_q)(a_p·a_q)
//! ```
//!
//! Sums of squares, all of them: no direction sees the rounding of another one.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use super::{CHUNK, GradientNoise, PerSample, add_products, places};
use crate::GeometryError;
use crate::dense::{add_product, frobenius_norm, gram, product, require_shape, rounding, scaled, symmetric_part};

/// How large the noise C of some gradients is, and how far it may be from the exact one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseSize {
    /// ‖C‖_F.
    pub norm: f64,
    /// As [`GradientNoise::resolution`](super::GradientNoise::resolution).
    pub resolution: f64,
}

impl NoiseSize {
    /// Whether there is something to tell of C.
    pub fn is_resolved(&self) -> bool {
        self.norm > self.resolution
    }
}

impl PerSample {
    /// ‖C‖_F of the centred [`noise`](PerSample::noise): for n < oi by the inner products of the gradients, at a cost of
    /// n²(o + i), otherwise by C.
    pub fn noise_size(&self) -> NoiseSize {
        let n = self.count();
        if self.dimension() <= n {
            let GradientNoise { matrix, resolution } = self.noise(true);
            return NoiseSize { norm: frobenius_norm(matrix.as_ref()), resolution };
        }
        let mut kernel = gram(self.deltas.as_ref());
        let of_inputs = gram(self.activations.as_ref());
        for q in 0..n {
            kernel.col_as_slice_mut(q).iter_mut().zip(of_inputs.col_as_slice(q)).for_each(|(k, a)| *k *= a);
        }
        let resolution = rounding(self.dimension().max(n)) * frobenius_norm(kernel.as_ref()) / n as f64;
        if n == 1 {
            return NoiseSize { norm: 0.0, resolution };
        }
        let means: Vec<f64> = (0..n).map(|q| kernel.col_as_slice(q).iter().sum::<f64>() / n as f64).collect();
        let mean = means.iter().sum::<f64>() / n as f64;
        for q in 0..n {
            let column = kernel.col_as_slice_mut(q).iter_mut().zip(&means);
            column.for_each(|(k, mean_p)| *k = (*k - mean_p) - (means[q] - mean));
        }
        NoiseSize { norm: frobenius_norm(kernel.as_ref()) / n as f64, resolution }
    }

    /// VᵀCV (k×k), exactly symmetric, with the centred [`noise`](PerSample::noise) C; 0 for one sample. Cost: n·k·(oi + k).
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] for a V that does not have oi rows.
    ///
    /// ```
    /// # use geometry::PerSample;
    /// # use faer::mat;
    /// let samples = PerSample::new(mat![[1.0], [-1.0]], mat![[1.0, 2.0], [1.0, 0.0]], mat![[3.0], [5.0]])?;
    /// // C = [[1, 1], [1, 1]].
    /// assert_eq!(samples.noise_along(mat![[1.0], [1.0]].as_ref())?, mat![[4.0]]);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn noise_along(&self, V: MatRef<'_, f64>) -> Result<Mat<f64>, GeometryError> {
        require_shape("directions", V, self.dimension(), V.ncols())?;
        let mut slopes = self.rows_along(&self.deltas, V);
        let n = self.count() as f64;
        for j in 0..slopes.ncols() {
            let mean = slopes.col_as_slice(j).iter().sum::<f64>() / n;
            slopes.col_as_slice_mut(j).iter_mut().for_each(|slope| *slope -= mean);
        }
        if self.count() == 1 {
            slopes.fill(0.0);
        }
        Ok(mean_outer(slopes.as_ref(), n))
    }

    /// VᵀE h²V (k×k), exactly symmetric. Cost: n·k·(oi + o² + ok).
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] for a V that does not have oi rows.
    pub fn mean_squared_hessian_along(&self, V: MatRef<'_, f64>) -> Result<Mat<f64>, GeometryError> {
        require_shape("directions", V, self.dimension(), V.ncols())?;
        let (n, o, i, k) = (self.count(), self.deltas.ncols(), self.activations.ncols(), V.ncols());
        let mut sum = Mat::zeros(k, k);
        let lengths: Vec<f64> = self.squared_activations().iter().map(|square| square.sqrt()).collect();
        for first in (0..n).step_by(CHUNK) {
            let chunk = first..n.min(first + CHUNK);
            let activations = self.activations.subrows(first, chunk.len());
            // Xa for each output: all samples and directions.
            let products: Vec<Mat<f64>> = (0..o).map(|r| product(activations, V.subrows(r * i, i))).collect();
            // |a|U, output after output.
            let mut stacked = Mat::zeros(chunk.len() * o, k);
            for (r, j) in (0..o).flat_map(|r| (0..k).map(move |j| (r, j))) {
                let image = &mut stacked.col_as_slice_mut(j)[r * chunk.len()..][..chunk.len()];
                for (c, of_output) in products.iter().enumerate() {
                    add_products(&self.entry(r, c)[chunk.clone()], of_output.col_as_slice(j), image);
                }
                image.iter_mut().zip(&lengths[chunk.clone()]).for_each(|(entry, length)| *entry *= length);
            }
            add_product(&mut sum, 1.0, stacked.transpose(), stacked.as_ref());
        }
        Ok(symmetric_part(scaled(sum.as_ref(), 1.0 / n as f64).as_ref()))
    }

    /// 8·oi·ε·tr E h²: how far rounding may take [`mean_squared_hessian_along`](PerSample::mean_squared_hessian_along) a
    /// unit vector from the exact one. Cost: n·o².
    pub fn mean_squared_hessian_resolution(&self) -> f64 {
        let mut squares = vec![0.0; self.count()];
        for (t, (r, c)) in places(self.deltas.ncols()).enumerate() {
            let (column, weight) = (self.hessians.col_as_slice(t), if r == c { 1.0 } else { 2.0 });
            squares.iter_mut().zip(column).for_each(|(square, entry)| *square += weight * entry * entry);
        }
        let trace: f64 =
            squares.iter().zip(self.squared_activations()).map(|(square, length)| length * length * square).sum();
        rounding(self.dimension()) * trace / self.count() as f64
    }

    /// (l_p ⊗ a_p)ᵀV (n×k) for the rows l_p of `left` (n×o).
    pub(super) fn rows_along(&self, left: &Mat<f64>, V: MatRef<'_, f64>) -> Mat<f64> {
        let (n, i) = (self.count(), self.activations.ncols());
        let mut rows = Mat::<f64>::zeros(n, V.ncols());
        for first in (0..n).step_by(CHUNK) {
            let count = CHUNK.min(n - first);
            let activations = self.activations.subrows(first, count);
            for r in 0..left.ncols() {
                let of_output = product(activations, V.subrows(r * i, i));
                let left = &left.col_as_slice(r)[first..][..count];
                for j in 0..V.ncols() {
                    let sums = &mut rows.col_as_slice_mut(j)[first..][..count];
                    let addends = left.iter().zip(of_output.col_as_slice(j));
                    sums.iter_mut().zip(addends).for_each(|(sum, (l, x))| *sum += l * x);
                }
            }
        }
        rows
    }
}

/// (1/n)BᵀB.
pub(super) fn mean_outer(B: MatRef<'_, f64>, n: f64) -> Mat<f64> {
    scaled(gram(B.transpose()).as_ref(), 1.0 / n)
}
