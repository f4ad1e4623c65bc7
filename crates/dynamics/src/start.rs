//! Where the replicates begin: the law of the initial error e₀ = θ₀ − θ*.

use faer::Mat;
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::block::Row;
use crate::error::DynamicsError;
use crate::moments::Moments;
use crate::schedule::non_negative;

/// e₀ ~ N(m, s²I): one point for all replicates (s = 0), or a Gaussian cloud.
///
/// The law is isotropic around m, so it reads the same in every orthonormal frame once m is rotated.
///
/// # Example
/// ```
/// use dynamics::start::Start;
/// let law = Start::new(vec![1.0, -1.0], 0.5)?.moments();
/// assert_eq!(law.mean, [1.0, -1.0]);
/// assert_eq!((law.covariance[(0, 0)], law.covariance[(0, 1)]), (0.25, 0.0));
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    mean: Vec<f64>,
    spread: f64,
}

impl Start {
    /// Start at m = `mean` (d) with standard deviation s = `spread` ≥ 0 along each coordinate.
    ///
    /// # Errors
    /// [`DynamicsError::NotFinite`] for a NaN or infinite coordinate, [`DynamicsError::Negative`] for a spread
    /// that is negative or not finite.
    pub fn new(mean: Vec<f64>, spread: f64) -> Result<Self, DynamicsError> {
        if let Some(&given) = mean.iter().find(|x| !x.is_finite()) {
            return Err(DynamicsError::NotFinite { what: "a coordinate of the start", given });
        }
        Ok(Start { mean, spread: non_negative("spread s of the start", spread)? })
    }

    /// The same law in other coordinates, where the mean is `mean`.
    #[must_use]
    pub(crate) fn with_mean(&self, mean: Vec<f64>) -> Self {
        Start { mean, spread: self.spread }
    }

    /// m (d).
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Draws e₀ for a block of replicates. A single point draws no numbers.
    pub fn draw(&self, stream: &mut Stream, errors: &mut [Row]) {
        if self.spread == 0.0 {
            for (row, &m) in errors.iter_mut().zip(&self.mean) {
                row.fill(m);
            }
            return;
        }
        fill_normals(stream, errors.as_flattened_mut());
        for (row, &m) in errors.iter_mut().zip(&self.mean) {
            for e in row {
                *e = self.spread * *e + m;
            }
        }
    }

    /// The law of what [`draw`](Start::draw) draws: mean m, covariance s²I.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let variance = self.spread * self.spread;
        let dimension = self.mean.len();
        Moments {
            mean: self.mean.clone(),
            covariance: Mat::from_fn(dimension, dimension, |i, j| if i == j { variance } else { 0.0 }),
        }
    }
}
