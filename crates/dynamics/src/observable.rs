//! What is measured on a block of errors, beside what its law predicts for it.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::moments::Moments;
use crate::process::{LeadingOrder, Process};

/// One or several functions of the error e, in the coordinates of a process's frame.
///
/// # Example
/// ```
/// use dynamics::{Observable, block::WIDTH};
/// let along = Observable::Directional(vec![vec![1.0, 0.0], vec![0.6, 0.8]]);
/// // Two coordinates of WIDTH replicates, all at e = (1, 2).
/// let errors = [[1.0; WIDTH], [2.0; WIDTH]];
/// let mut sums = vec![0.0; along.n_components()];
/// along.add(&errors, &mut sums);
/// let n = WIDTH as f64;
/// assert!((sums[0] / n - 1.0).abs() < 1e-14 && (sums[1] / n - 4.84).abs() < 1e-14);
/// ```
#[derive(Debug, Clone)]
pub enum Observable {
    /// eᵀMe for a symmetric M (d×d): one component.
    Quadratic(Mat<f64>),
    /// (uᵀe)² along each of some unit vectors u (d): a component each.
    Directional(Vec<Vec<f64>>),
}

impl Observable {
    /// How many numbers it records.
    #[must_use]
    pub fn n_components(&self) -> usize {
        match self {
            Observable::Quadratic(_) => 1,
            Observable::Directional(directions) => directions.len(),
        }
    }

    /// Adds to `sums[c]` the sum of component c over the replicates of a block, in fixed order.
    ///
    /// Cost O(d) a replicate for a diagonal M or a direction, O(d²) for a dense M.
    pub fn add(&self, errors: &[Row], sums: &mut [f64]) {
        match self {
            Observable::Quadratic(M) => sums[0] += quadratic(M.as_ref(), errors).iter().sum::<f64>(),
            Observable::Directional(directions) => {
                for (u, sum) in directions.iter().zip(sums) {
                    let along = combination(u.iter().copied(), errors);
                    *sum += along.iter().map(|x| x * x).sum::<f64>();
                }
            }
        }
    }

    /// The expectation of component `c` under a law's exact moments. Cost O(d²).
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] if the dimensions differ.
    pub fn expected(&self, moments: &Moments, c: usize) -> Result<f64, DynamicsError> {
        Ok(match self {
            Observable::Quadratic(M) => moments.expected_quadratic(M.as_ref())?,
            Observable::Directional(directions) => moments.expected_square_along(&directions[c])?,
        })
    }

    /// The expectation of component `c` to leading order, with what is known of the remainder.
    ///
    /// # Errors
    /// As [`Process::leading_order`].
    pub fn leading_order(&self, process: &dyn Process, c: usize, step: u64) -> Result<LeadingOrder, DynamicsError> {
        match self {
            Observable::Quadratic(M) => process.leading_order(M.as_ref(), step),
            Observable::Directional(directions) => {
                let u = &directions[c];
                process.leading_order(Mat::from_fn(u.len(), u.len(), |i, j| u[i] * u[j]).as_ref(), step)
            }
        }
    }
}

/// eᵀMe for each replicate: Σ_i e_i (M_ii e_i + 2 Σ_{j<i} M_ij e_j), skipping zero rows of the strict triangle.
fn quadratic(M: MatRef<'_, f64>, errors: &[Row]) -> Row {
    let mut total = [0.0; WIDTH];
    for (i, row) in errors.iter().enumerate() {
        let mut product = [0.0; WIDTH];
        if (0..i).any(|j| M[(i, j)] != 0.0) {
            product = combination((0..i).map(|j| 2.0 * M[(i, j)]), errors);
        }
        for lane in 0..WIDTH {
            total[lane] += row[lane] * (product[lane] + M[(i, i)] * row[lane]);
        }
    }
    total
}

/// Σ_i c_i e_i for each replicate, in ascending order of i.
fn combination(coefficients: impl Iterator<Item = f64>, errors: &[Row]) -> Row {
    let mut total = [0.0; WIDTH];
    for (c, row) in coefficients.zip(errors) {
        for lane in 0..WIDTH {
            total[lane] += c * row[lane];
        }
    }
    total
}
