//! The first two moments of an iterate, and the expectations that follow from them.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::GeometryError;

/// Mean m (d) and covariance C (d×d) of the error e = θ − θ*.
///
/// # Example
/// ```
/// use dynamics::Moments;
/// use faer::mat;
/// let moments = Moments { mean: vec![1.0, 2.0], covariance: mat![[3.0, 0.5], [0.5, 4.0]] };
/// assert_eq!(moments.expected_quadratic(mat![[1.0, 0.0], [0.0, 10.0]].as_ref())?, 41.0 + 43.0);
/// assert_eq!(moments.expected_square_along(&[1.0, 1.0])?, 9.0 + 8.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Moments {
    /// m = E e.
    pub mean: Vec<f64>,
    /// C = Cov e.
    pub covariance: Mat<f64>,
}

impl Moments {
    /// E eᵀMe = mᵀMm + tr(MC) for a symmetric M (d×d). Cost O(d²).
    ///
    /// # Errors
    /// [`GeometryError`] if M has another dimension.
    pub fn expected_quadratic(&self, M: MatRef<'_, f64>) -> Result<f64, GeometryError> {
        Ok(geometry::quadratic_form(M, &self.mean)? + geometry::trace_of_product(M, self.covariance.as_ref())?)
    }

    /// E (uᵀe)² = (uᵀm)² + uᵀCu for a vector u (d). Cost O(d²).
    ///
    /// # Errors
    /// [`GeometryError`] if u has another dimension.
    pub fn expected_square_along(&self, u: &[f64]) -> Result<f64, GeometryError> {
        let along: f64 = u.iter().zip(&self.mean).map(|(u, m)| u * m).sum();
        Ok(along * along + geometry::quadratic_form(self.covariance.as_ref(), u)?)
    }
}
