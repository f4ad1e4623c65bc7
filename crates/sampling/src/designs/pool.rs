//! A finite pool of per-sample gradients, whitened: its mean is 0 and its covariance I.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::cell::RefCell;
use std::fmt;

use faer::{Mat, MatRef};
use geometry::Psd;

use crate::design::DesignError;

/// The n whitened per-sample gradients r_1, …, r_n of a fixed data set, in dimension d.
///
/// (1/n)Σr_i = 0 and (1/n)Σr_ir_iᵀ = I, both to rounding (a few ε√n). Immutable, so designs and threads can share one
/// behind an [`Arc`](std::sync::Arc).
///
/// # Example
/// ```
/// use faer::mat;
/// use sampling::designs::Pool;
/// let gradients = mat![[1.0, 2.0], [3.0, 2.0], [2.0, 5.0], [2.0, 3.0]];
/// let whitened = Pool::whiten(gradients.as_ref())?;
/// assert_eq!(whitened.mean, [2.0, 3.0]);
/// // s_i = s̄ + L r_i, and LLᵀ = S_n, whose first entry is (1 + 1 + 0 + 0)/4.
/// assert!((whitened.factor[(0, 0)] * whitened.pool.sample(1)[0] - 1.0).abs() < 1e-15);
/// assert!((whitened.factor[(0, 0)] - 0.5_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Pool {
    /// Sample after sample.
    entries: Vec<f64>,
    dimension: usize,
}

/// A pool and the map back to the gradients that it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Whitened {
    /// The whitened gradients r_i.
    pub pool: Pool,
    /// s̄ = (1/n)Σs_i, of length d.
    pub mean: Vec<f64>,
    /// The lower triangular L (d×d) with LLᵀ = S_n = (1/n)Σ(s_i − s̄)(s_i − s̄)ᵀ, so that s_i = s̄ + L r_i.
    pub factor: Mat<f64>,
}

impl Pool {
    /// The largest pool: indices into one are uniform within a relative 2⁻⁴⁰.
    pub const LARGEST: usize = 1 << 24;

    /// A pool of `samples` = n points in dimension d, whitened from n·d numbers, sample after sample.
    ///
    /// From independent standard normals this is the data set of a Gaussian population, centred and scaled to what
    /// Lemma 4.1 asks for. Cost O(nd²).
    ///
    /// # Errors
    /// [`DesignError::WrongLength`], and those of [`Pool::whiten`].
    pub fn from_normals(dimension: usize, samples: usize, normals: &[f64]) -> Result<Self, DesignError> {
        let expected = samples.saturating_mul(dimension);
        if normals.len() != expected {
            return Err(DesignError::WrongLength { given: normals.len(), expected });
        }
        Ok(Self::whiten(MatRef::from_row_major_slice(normals, samples, dimension))?.pool)
    }

    /// Whitens the rows s_1, …, s_n of `samples` (n×d): r_i = L⁻¹(s_i − s̄).
    ///
    /// The first pass leaves an error of ε times the condition number of L; a second one removes it from the pool.
    /// Plain loops of fixed order, so the pool has the same bits on every processor. Cost O(nd²).
    ///
    /// # Errors
    /// [`DesignError::PoolTooSmall`] unless n > d ≥ 1, [`DesignError::PoolTooLarge`] beyond [`Pool::LARGEST`],
    /// [`DesignError::NotFinite`], and [`DesignError::SingularPool`] when the gradients span fewer than d dimensions.
    pub fn whiten(samples: MatRef<'_, f64>) -> Result<Whitened, DesignError> {
        let (n, d) = (samples.nrows(), samples.ncols());
        if d == 0 || n <= d {
            return Err(DesignError::PoolTooSmall { samples: n, dimension: d });
        }
        if n > Self::LARGEST {
            return Err(DesignError::PoolTooLarge { given: n, limit: Self::LARGEST });
        }
        let mut entries = Vec::with_capacity(n * d);
        for i in 0..n {
            for j in 0..d {
                let value = samples[(i, j)];
                if value.is_nan() || value.abs() >= 1e150 {
                    return Err(DesignError::NotFinite { sample: i, coordinate: j, value });
                }
                entries.push(value);
            }
        }
        let mut pool = Pool { entries, dimension: d };
        let (mut mean, mut factor) = (vec![0.0; d], Mat::identity(d, d));
        for _ in 0..2 {
            // s̄ + L(c + M r) = (s̄ + Lc) + (LM) r.
            for shift in [pool.centre(), pool.centre()] {
                for i in 0..d {
                    mean[i] += (0..=i).map(|j| factor[(i, j)] * shift[j]).sum::<f64>();
                }
            }
            let M = pool.factor()?;
            pool.solve(&M);
            factor = Mat::from_fn(d, d, |i, j| (j..=i).map(|k| factor[(i, k)] * M[(k, j)]).sum());
        }
        Ok(Whitened { pool, mean, factor })
    }

    /// The number n of samples.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.entries.len() / self.dimension
    }

    /// The dimension d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The whitened gradient r_i, of length d.
    ///
    /// # Panics
    /// Unless `i` < n.
    #[must_use]
    pub fn sample(&self, i: usize) -> &[f64] {
        &self.entries[i * self.dimension..][..self.dimension]
    }

    /// Fills each of the `width` columns of `whitened` with `scale` times the sum of the samples that `choose` lists.
    ///
    /// # Panics
    /// Unless `whitened` holds d rows of `width` numbers.
    pub(super) fn fill_sums(
        &self,
        whitened: &mut [f64],
        width: usize,
        scale: f64,
        mut choose: impl FnMut(&mut Chosen),
    ) {
        let (given, expected) = (whitened.len(), self.dimension * width);
        assert!(given == expected, "{given} numbers for {width} replicates of a pool of dimension {}", self.dimension);
        SCRATCH.with_borrow_mut(|Scratch { chosen, sum }| {
            sum.resize(self.dimension, 0.0);
            for replicate in 0..width {
                choose(chosen);
                pulp::Arch::new().dispatch(Sum { pool: self, indices: &chosen.indices, sum });
                for (row, sum) in whitened.chunks_exact_mut(width).zip(sum.iter()) {
                    row[replicate] = scale * sum;
                }
            }
        });
    }

    /// The sum of N coordinates, from the `first` on, of the samples with these indices: in registers for a small N.
    #[inline(always)]
    fn sum_of<const N: usize>(&self, indices: &[u32], first: usize) -> [f64; N] {
        let mut sum = [0.0; N];
        for &i in indices {
            let entries = &self.entries[i as usize * self.dimension + first..][..N];
            for (sum, entry) in sum.iter_mut().zip(entries) {
                *sum += entry;
            }
        }
        sum
    }

    /// Subtracts the mean from every sample, and returns it.
    fn centre(&mut self) -> Vec<f64> {
        let n = self.n_samples() as f64;
        let mut mean = vec![0.0; self.dimension];
        for sample in self.entries.chunks(self.dimension) {
            for (sum, entry) in mean.iter_mut().zip(sample) {
                *sum += entry / n;
            }
        }
        for sample in self.entries.chunks_mut(self.dimension) {
            for (entry, mean) in sample.iter_mut().zip(&mean) {
                *entry -= mean;
            }
        }
        mean
    }

    /// The lower factor of the covariance of centred samples; rank is judged on correlations, whatever the units.
    fn factor(&self) -> Result<Mat<f64>, DesignError> {
        let (n, d) = (self.n_samples() as f64, self.dimension);
        let mut S = Mat::<f64>::zeros(d, d);
        for sample in self.entries.chunks(d) {
            for j in 0..d {
                for i in j..d {
                    S[(i, j)] += sample[i] * sample[j] / n;
                }
            }
        }
        let deviations: Vec<f64> = (0..d).map(|i| S[(i, i)].sqrt()).collect();
        let varying = deviations.iter().filter(|&&deviation| deviation > 0.0).count();
        if varying < d {
            return Err(DesignError::SingularPool { rank: varying, dimension: d });
        }
        let correlation = |i: usize, j: usize| match i.cmp(&j) {
            std::cmp::Ordering::Equal => 1.0,
            std::cmp::Ordering::Greater => S[(i, j)] / deviations[i] / deviations[j],
            std::cmp::Ordering::Less => S[(j, i)] / deviations[i] / deviations[j],
        };
        let correlations = Psd::new(Mat::from_fn(d, d, correlation))?;
        if correlations.rank() < d {
            return Err(DesignError::SingularPool { rank: correlations.rank(), dimension: d });
        }
        let factor = correlations.lower_factor()?;
        Ok(Mat::from_fn(d, d, |i, j| deviations[i] * factor[(i, j)]))
    }

    /// Replaces every sample s by the solution r of Lr = s.
    fn solve(&mut self, L: &Mat<f64>) {
        for sample in self.entries.chunks_mut(self.dimension) {
            for i in 0..sample.len() {
                let known: f64 = (0..i).map(|j| L[(i, j)] * sample[j]).sum();
                sample[i] = (sample[i] - known) / L[(i, i)];
            }
        }
    }
}

impl fmt::Debug for Pool {
    /// The size, not the samples.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("n_samples", &self.n_samples())
            .field("dimension", &self.dimension)
            .finish_non_exhaustive()
    }
}

/// `sum` ← Σ r_i over `indices`, added in their order.
struct Sum<'a> {
    pool: &'a Pool,
    indices: &'a [u32],
    sum: &'a mut [f64],
}

impl pulp::WithSimd for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let (eights, rest) = self.sum.as_chunks_mut::<8>();
        let (fours, ones) = rest.as_chunks_mut::<4>();
        let (first_four, first_one) = (8 * eights.len(), 8 * eights.len() + 4 * fours.len());
        for (n, sum) in eights.iter_mut().enumerate() {
            *sum = self.pool.sum_of(self.indices, 8 * n);
        }
        for sum in fours {
            *sum = self.pool.sum_of(self.indices, first_four);
        }
        for (n, sum) in ones.iter_mut().enumerate() {
            [*sum] = self.pool.sum_of(self.indices, first_one + n);
        }
    }
}

/// The indices of a batch, and what drawing them takes.
#[derive(Default)]
pub(super) struct Chosen {
    /// The batch.
    pub(super) indices: Vec<u32>,
    /// A bit for each sample of the largest pool so far, all of them 0 between draws.
    taken: Vec<u64>,
}

impl Chosen {
    /// Chooses `count` different indices below `n`, all subsets with equal chance, by Floyd's algorithm: of 0, …, j the
    /// index is taken that `below(j + 1)` names, or j itself where that one is taken already, for the last `count` values
    /// of j. `below(m)` must be uniform on 0, …, m − 1. Cost O(count); the bits of a pool fit in a cache that its samples
    /// do not.
    ///
    /// Source: J. Bentley, R. W. Floyd, Comm. ACM 30 (1987) 754–757.
    pub(super) fn distinct(&mut self, n: u32, count: u32, mut below: impl FnMut(u32) -> u32) {
        let place = |index: u32| (index as usize / 64, 1_u64 << (index % 64));
        self.taken.resize(self.taken.len().max(place(n).0 + 1), 0);
        self.indices.clear();
        self.indices.extend((n - count..n).map(|last| below(last + 1)));
        for (chosen, last) in self.indices.iter_mut().zip(n - count..n) {
            let (word, bit) = place(*chosen);
            if self.taken[word] & bit != 0 {
                *chosen = last;
            }
            let (word, bit) = place(*chosen);
            self.taken[word] |= bit;
        }
        for &index in &self.indices {
            self.taken[place(index).0] = 0;
        }
    }
}

#[derive(Default)]
struct Scratch {
    chosen: Chosen,
    sum: Vec<f64>,
}

thread_local! {
    /// Grows to the size of the largest pool drawn from on a thread, and is then reused.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coordinates by eights, fours and ones, and each of these alone.
    #[test]
    fn sums_have_the_bits_of_one_addition_after_the_other() {
        for dimension in [1, 4, 7, 8, 13, 20] {
            let entries = (0..5 * dimension).map(|k| libm::sin(1.0 + k as f64)).collect();
            let pool = Pool { entries, dimension };
            let indices = [3, 0, 4, 3, 1];
            let mut sum = vec![f64::NAN; dimension];
            pulp::Arch::new().dispatch(Sum { pool: &pool, indices: &indices, sum: &mut sum });
            let one_by_one = |i: usize| indices.iter().fold(0.0, |sum, s| sum + pool.sample(*s as usize)[i]);
            assert_eq!(sum, (0..dimension).map(one_by_one).collect::<Vec<f64>>());
        }
    }
}
