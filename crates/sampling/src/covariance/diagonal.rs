//! The variances of the coordinates of vectors that arrive one at a time.

use super::{CovarianceError, require_vector};

/// The diagonal of the sample covariance in O(d) memory: [`Streaming`](super::Streaming) without correlations.
///
/// As an estimate of G it is blind to the orientation of the noise: it is right exactly where G is diagonal.
///
/// # Example
/// ```
/// use sampling::covariance::Diagonal;
/// let mut estimator = Diagonal::new(2);
/// estimator.push(&[1.0, 5.0])?;
/// estimator.push(&[3.0, 1.0])?;
/// assert_eq!(estimator.variances(), Some(vec![2.0, 8.0]));
/// # Ok::<(), sampling::covariance::CovarianceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Diagonal {
    count: u64,
    mean: Vec<f64>,
    scatter: Vec<f64>,
}

impl Diagonal {
    /// An estimator in dimension d = `dimension` that has seen nothing.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Diagonal { count: 0, mean: vec![0.0; dimension], scatter: vec![0.0; dimension] }
    }

    /// Takes in a vector. Cost O(d).
    ///
    /// # Errors
    /// [`CovarianceError::WrongLength`] and [`CovarianceError::NotFinite`]; the estimator is then unchanged.
    pub fn push(&mut self, x: &[f64]) -> Result<(), CovarianceError> {
        require_vector(x, self.mean.len())?;
        let before = self.count as f64;
        self.count += 1;
        let n = self.count as f64;
        for ((x, mean), scatter) in x.iter().zip(&mut self.mean).zip(&mut self.scatter) {
            let delta = x - *mean;
            *mean += delta / n;
            *scatter += before / n * delta * delta;
        }
        Ok(())
    }

    /// Takes in what another estimator has seen. Cost O(d).
    ///
    /// # Errors
    /// [`CovarianceError::WrongLength`] for another dimension.
    pub fn merge(&mut self, other: &Diagonal) -> Result<(), CovarianceError> {
        require_vector(&other.mean, self.mean.len())?;
        if other.count == 0 {
            return Ok(());
        }
        let (before, added) = (self.count as f64, other.count as f64);
        self.count += other.count;
        let n = self.count as f64;
        for i in 0..self.mean.len() {
            let delta = other.mean[i] - self.mean[i];
            self.mean[i] += added / n * delta;
            self.scatter[i] += other.scatter[i] + before / n * added * delta * delta;
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

    /// The unbiased sample variance of each coordinate; `None` for fewer than two vectors.
    #[must_use]
    pub fn variances(&self) -> Option<Vec<f64>> {
        let freedom = self.count.checked_sub(1).filter(|&freedom| freedom > 0)? as f64;
        Some(self.scatter.iter().map(|sum| sum / freedom).collect())
    }
}
