//! A covariance of low rank from vectors that arrive one at a time, with a bound on what it misses.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::Symmetric;

use super::{CovarianceError, require_vector};

/// A sketch of the sample covariance by frequent directions, in 2r vectors of length d.
///
/// Welford's increments a_n = √((n−1)/n)·(x_n − x̄_{n−1}) are the rows of a matrix A with AᵀA = Σ(x − x̄)(x − x̄)ᵀ,
/// whatever the mean is. The sketch B holds up to 2r rows; when full, it is rotated to its singular directions and all
/// squared singular values are lowered by the (r+1)-th, which leaves r rows. With Δ the sum of these,
///
/// ```text
/// 0 ⪯ AᵀA − BᵀB ⪯ Δ·I,    Δ ≤ ‖A − A_k‖_F²/(r + 1 − k)    for every k ≤ r,
/// ```
///
/// A_k being the best approximation of rank k. The bounds hold for every sequence of vectors, not on average; data of
/// rank r or less is reproduced to rounding.
///
/// Source: E. Liberty, *Simple and deterministic matrix sketching*, KDD 2013, 581–588; M. Ghashami, E. Liberty,
/// J. M. Phillips, D. P. Woodruff, SIAM J. Comput. 45 (2016) 1762–1792, Theorem 1.1 with ℓ = r + 1.
///
/// For r > 4 the last bits may depend on the processor, as those of a larger eigenvalue decomposition do.
///
/// # Example
/// ```
/// use sampling::covariance::LowRank;
/// let mut sketch = LowRank::new(3, 1)?;
/// for t in [-2.0, 0.0, 1.0, 5.0] {
///     sketch.push(&[t, 2.0 * t, 7.0])?; // a line
/// }
/// let estimate = sketch.estimate()?.expect("two vectors or more");
/// // The variance of t is (9 + 1 + 0 + 16)/3.
/// assert!((estimate.covariance()[(0, 1)] - 2.0 * 26.0 / 3.0).abs() < 1e-13);
/// assert!(estimate.missed < 1e-13);
/// # Ok::<(), sampling::covariance::CovarianceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LowRank {
    rank: usize,
    count: u64,
    mean: Vec<f64>,
    /// The rows of B in use, each of length d.
    rows: Vec<f64>,
    /// Δ so far.
    lowered: f64,
}

/// An estimate Ĝ = WWᵀ of rank r or less, and how far it can be off.
#[derive(Debug, Clone, PartialEq)]
pub struct LowRankEstimate {
    /// W (d×r), with orthogonal columns, the longest first.
    pub factor: Mat<f64>,
    /// Δ/(n − 1): the sample covariance exceeds Ĝ, in the Loewner order, by something between 0 and this times I.
    pub missed: f64,
}

impl LowRankEstimate {
    /// Ĝ = WWᵀ, d×d. Cost O(d²r).
    #[must_use]
    pub fn covariance(&self) -> Mat<f64> {
        let W = &self.factor;
        Mat::from_fn(W.nrows(), W.nrows(), |i, j| (0..W.ncols()).map(|k| W[(i, k)] * W[(j, k)]).sum())
    }
}

impl LowRank {
    /// A sketch of rank r = `rank` in dimension d = `dimension` that has seen nothing.
    ///
    /// # Errors
    /// [`CovarianceError::Rank`] unless 1 ≤ r ≤ d.
    pub fn new(dimension: usize, rank: usize) -> Result<Self, CovarianceError> {
        if rank == 0 || rank > dimension {
            return Err(CovarianceError::Rank { rank, dimension });
        }
        let rows = Vec::with_capacity(2 * rank * dimension);
        Ok(LowRank { rank, count: 0, mean: vec![0.0; dimension], rows, lowered: 0.0 })
    }

    /// Takes in a vector. Cost O(rd + r²) on average: every r vectors or so one decomposition of a 2r×2r matrix.
    ///
    /// # Errors
    /// [`CovarianceError::WrongLength`] and [`CovarianceError::NotFinite`], which leave the sketch unchanged;
    /// [`CovarianceError::Geometry`] if the decomposition fails.
    pub fn push(&mut self, x: &[f64]) -> Result<(), CovarianceError> {
        let d = self.mean.len();
        require_vector(x, d)?;
        if self.rows.len() == 2 * self.rank * d {
            self.compress()?;
        }
        let before = self.count as f64;
        self.count += 1;
        let n = self.count as f64;
        let weight = (before / n).sqrt();
        for (x, mean) in x.iter().zip(&mut self.mean) {
            let delta = x - *mean;
            *mean += delta / n;
            self.rows.push(weight * delta);
        }
        Ok(())
    }

    /// The number of vectors so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// x̄, the mean of the vectors so far; 0 before the first.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The estimate of rank r from the vectors so far; `None` for fewer than two. The sketch itself is left as it is.
    ///
    /// # Errors
    /// [`CovarianceError::Geometry`] if the decomposition fails.
    pub fn estimate(&self) -> Result<Option<LowRankEstimate>, CovarianceError> {
        let Some(freedom) = self.count.checked_sub(1).filter(|&freedom| freedom > 0) else {
            return Ok(None);
        };
        let mut last = self.clone();
        last.compress()?;
        let B = last.sketch();
        let freedom = freedom as f64;
        let factor =
            Mat::from_fn(B.ncols(), self.rank, |i, k| if k < B.nrows() { B[(k, i)] / freedom.sqrt() } else { 0.0 });
        Ok(Some(LowRankEstimate { factor, missed: last.lowered / freedom }))
    }

    /// B, with as many rows as are in use.
    fn sketch(&self) -> MatRef<'_, f64> {
        let d = self.mean.len();
        MatRef::from_row_major_slice(&self.rows, self.rows.len() / d, d)
    }

    /// Leaves r rows or fewer, orthogonal and the longest first: B' = diag(√(1 − δ/λ_k)) U_rᵀB with BBᵀ = U diag(λ) Uᵀ
    /// and δ = λ_{r+1}, the largest value that is dropped.
    fn compress(&mut self) -> Result<(), CovarianceError> {
        let d = self.mean.len();
        let B: Vec<&[f64]> = self.rows.chunks_exact(d).collect();
        let n_rows = B.len();
        let gram = |i: usize, j: usize| B[i].iter().zip(B[j]).map(|(x, y)| x * y).sum::<f64>();
        let eigen = Symmetric::new(Mat::from_fn(n_rows, n_rows, gram))?.eigen()?;
        // Eigenvalues ascend.
        let (values, U) = (eigen.values(), eigen.vectors());
        let threshold = n_rows.checked_sub(self.rank + 1).map_or(0.0, |place| values[place].max(0.0));
        let mut rows = Vec::with_capacity(2 * self.rank * d);
        for k in (n_rows.saturating_sub(self.rank)..n_rows).rev().filter(|&k| values[k] > threshold) {
            let shrinkage = (1.0 - threshold / values[k]).sqrt();
            rows.extend((0..d).map(|j| shrinkage * (0..n_rows).map(|i| U[(i, k)] * B[i][j]).sum::<f64>()));
        }
        self.rows = rows;
        self.lowered += threshold;
        Ok(())
    }
}
