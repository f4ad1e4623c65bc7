//! Mean and covariance of vectors that arrive one at a time.

use faer::Mat;

use super::{CovarianceError, require_vector};

/// The mean x̄ and the scatter S = Σ(x_r − x̄)(x_r − x̄)ᵀ of the vectors so far, in O(d²) memory.
///
/// ```text
/// δ = x_n − x̄_{n−1},    x̄_n = x̄_{n−1} + δ/n,    S_n = S_{n−1} + ((n−1)/n) δδᵀ
/// ```
///
/// Agrees with [`sample_covariance`](super::sample_covariance) to rounding, also when the mean is far from 0. Two
/// estimators of parts of the data [merge](Streaming::merge) into that of the whole.
///
/// Source: B. P. Welford, Technometrics 4 (1962) 419–420; D. H. D. West, Comm. ACM 22 (1979) 532–535; merging T. F.
/// Chan, G. H. Golub, R. J. LeVeque, Amer. Statist. 37 (1983) 242–247.
///
/// # Example
/// ```
/// use sampling::covariance::Streaming;
/// let mut estimator = Streaming::new(2);
/// estimator.push(&[1.0, 5.0])?;
/// assert_eq!(estimator.covariance(), None);
/// estimator.push(&[3.0, 1.0])?;
/// assert_eq!(estimator.mean(), [2.0, 3.0]);
/// assert_eq!(estimator.covariance(), Some(faer::mat![[2.0, -4.0], [-4.0, 8.0]]));
/// # Ok::<(), sampling::covariance::CovarianceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Streaming {
    count: u64,
    mean: Vec<f64>,
    /// The lower triangle of S, row after row.
    scatter: Vec<f64>,
    delta: Vec<f64>,
}

impl Streaming {
    /// An estimator in dimension d = `dimension` that has seen nothing.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        let scatter = vec![0.0; dimension * (dimension + 1) / 2];
        Streaming { count: 0, mean: vec![0.0; dimension], scatter, delta: vec![0.0; dimension] }
    }

    /// Takes in a vector. Cost O(d²), without allocation.
    ///
    /// # Errors
    /// [`CovarianceError::WrongLength`] and [`CovarianceError::NotFinite`]; the estimator is then unchanged.
    pub fn push(&mut self, x: &[f64]) -> Result<(), CovarianceError> {
        require_vector(x, self.dimension())?;
        let before = self.count as f64;
        self.count += 1;
        let n = self.count as f64;
        self.shift(x, 1.0 / n, before / n);
        Ok(())
    }

    /// Takes in what another estimator has seen. Cost O(d²).
    ///
    /// # Errors
    /// [`CovarianceError::WrongLength`] for another dimension.
    pub fn merge(&mut self, other: &Streaming) -> Result<(), CovarianceError> {
        require_vector(&other.mean, self.dimension())?;
        if other.count == 0 {
            return Ok(());
        }
        let (before, added) = (self.count as f64, other.count as f64);
        self.count += other.count;
        let n = self.count as f64;
        self.shift(&other.mean, added / n, before / n * added);
        for (sum, scatter) in self.scatter.iter_mut().zip(&other.scatter) {
            *sum += scatter;
        }
        Ok(())
    }

    /// The number of vectors so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The dimension d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// x̄, the mean of the vectors so far; 0 before the first.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The unbiased sample covariance S/(n − 1); `None` for fewer than two vectors.
    #[must_use]
    pub fn covariance(&self) -> Option<Mat<f64>> {
        let freedom = self.count.checked_sub(1).filter(|&freedom| freedom > 0)? as f64;
        let d = self.dimension();
        let entry = |i: usize, j: usize| {
            let (row, column) = (i.max(j), i.min(j));
            self.scatter[row * (row + 1) / 2 + column] / freedom
        };
        Some(Mat::from_fn(d, d, entry))
    }

    /// With δ = x − x̄, moves the mean by `share`·δ and adds `weight`·δδᵀ to the scatter.
    fn shift(&mut self, x: &[f64], share: f64, weight: f64) {
        for ((delta, x), mean) in self.delta.iter_mut().zip(x).zip(&mut self.mean) {
            *delta = x - *mean;
            *mean += share * *delta;
        }
        let mut entries = self.scatter.iter_mut();
        for (i, row) in self.delta.iter().enumerate() {
            for (column, entry) in self.delta[..=i].iter().zip(&mut entries) {
                *entry += weight * row * column;
            }
        }
    }
}
