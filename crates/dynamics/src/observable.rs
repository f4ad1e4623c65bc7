//! What is measured on a block of errors, beside what its law predicts for it.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::ops::Range;

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
/// along.add(&errors, &errors, WIDTH, &mut sums);
/// let n = WIDTH as f64;
/// assert!((sums[0] / n - 1.0).abs() < 1e-14 && (sums[1] / n - 4.84).abs() < 1e-14);
/// ```
#[derive(Debug, Clone)]
pub enum Observable {
    /// eᵀMe for a symmetric M (d×d), of which the upper triangle is read: one component.
    Quadratic(Mat<f64>),
    /// (uᵀe)² along each of some unit vectors u (d): a component each.
    Directional(Vec<Vec<f64>>),
    /// (u_iᵀe)(u_jᵀe) for i ≥ j, row by row of the lower triangle: the second moment in some directions.
    Products(Vec<Vec<f64>>),
    /// uᵀe along each of some vectors u (d).
    Linear(Vec<Vec<f64>>),
    /// The coordinates in a range themselves, as numbers: what the others are does not touch them.
    Rows(Range<usize>),
    /// (u_iᵀe)(u_jᵀe′) for all i, j (j runs faster), where e′ is the error at an earlier recorded step.
    Lagged(Vec<Vec<f64>>),
    /// Whether uᵀe ≤ s·z, for the standard deviation s of uᵀe and each of some points z: a distribution function.
    Below {
        /// u/s (d).
        direction: Vec<f64>,
        /// The points z.
        points: Vec<f64>,
    },
    /// Whether eᵀMe > bound, for a symmetric M (d×d): one component, a proportion.
    Exceeds {
        /// M.
        metric: Mat<f64>,
        /// The bound.
        bound: f64,
    },
}

/// The expectation of a component, and the size that an error of it is relative to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expectation {
    /// The expected value.
    pub value: f64,
    /// What deviations are measured in: the value itself for a square, √(E x²·E y²) for a product xy, √E x² for a
    /// mean.
    pub unit: f64,
}

impl Expectation {
    /// A quantity whose errors are relative to itself.
    #[must_use]
    pub fn relative(value: f64) -> Self {
        Expectation { value, unit: value }
    }
}

impl Observable {
    /// How many numbers it records.
    #[must_use]
    pub fn n_components(&self) -> usize {
        match self {
            Observable::Quadratic(_) | Observable::Exceeds { .. } => 1,
            Observable::Directional(directions) | Observable::Linear(directions) => directions.len(),
            Observable::Products(directions) => directions.len() * (directions.len() + 1) / 2,
            Observable::Rows(rows) => rows.len(),
            Observable::Lagged(directions) => directions.len() * directions.len(),
            Observable::Below { points, .. } => points.len(),
        }
    }

    /// Whether its components are frequencies of an event.
    #[must_use]
    pub fn is_proportion(&self) -> bool {
        matches!(self, Observable::Below { .. } | Observable::Exceeds { .. })
    }

    /// Adds to `sums[c]` the sum of component c over the replicates of a block, which are its first `lanes`, in fixed
    /// order; `earlier` is the block at the earlier step that a lagged observable looks back to.
    ///
    /// Cost O(d) a replicate for a diagonal M or a direction, O(d²) for a dense M.
    pub fn add(&self, errors: &[Row], earlier: &[Row], lanes: usize, sums: &mut [f64]) {
        let total = |row: Row| row[..lanes].iter().sum::<f64>();
        let dot = |x: &Row, y: &Row| x[..lanes].iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        match self {
            Observable::Quadratic(M) => sums[0] += total(quadratic(M, errors)),
            Observable::Directional(directions) => {
                for (u, sum) in directions.iter().zip(sums) {
                    let along = combination(u, errors);
                    *sum += dot(&along, &along);
                }
            }
            Observable::Products(directions) => {
                let along = projections(directions, errors);
                let pairs = along.iter().enumerate().flat_map(|(i, x)| along[..=i].iter().map(move |y| (x, y)));
                pairs.zip(sums).for_each(|((x, y), sum)| *sum += dot(x, y));
            }
            Observable::Linear(directions) => {
                for (u, sum) in directions.iter().zip(sums) {
                    *sum += total(combination(u, errors));
                }
            }
            Observable::Rows(rows) => {
                errors[rows.clone()].iter().zip(sums).for_each(|(row, sum)| *sum += total(*row));
            }
            Observable::Lagged(directions) => {
                let (now, then) = (projections(directions, errors), projections(directions, earlier));
                let pairs = now.iter().flat_map(|x| then.iter().map(move |y| (x, y)));
                pairs.zip(sums).for_each(|((x, y), sum)| *sum += dot(x, y));
            }
            Observable::Below { direction, points } => {
                let along = combination(direction, errors);
                for (z, sum) in points.iter().zip(sums) {
                    *sum += frequency(&along[..lanes], |x| x <= *z);
                }
            }
            Observable::Exceeds { metric, bound } => {
                sums[0] += frequency(&quadratic(metric, errors)[..lanes], |value| value > *bound);
            }
        }
    }

    /// The expectation of component `c` under a law's moments; `cross` is Cov(e, e′) for an earlier error e′ of moments
    /// `earlier`. Cost O(d²).
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] if the dimensions differ, [`DynamicsError::NoLaw`] for an event, whose
    /// probability no moments tell.
    pub fn expected(
        &self,
        moments: &Moments,
        earlier: &Moments,
        cross: MatRef<'_, f64>,
        c: usize,
    ) -> Result<Expectation, DynamicsError> {
        let mean_along = |law: &Moments, u: &[f64]| u.iter().zip(&law.mean).map(|(u, m)| u * m).sum::<f64>();
        let product = |law: &Moments, other: &Moments, C: MatRef<'_, f64>, u: &[f64], v: &[f64]| {
            let covariance: f64 =
                (0..u.len()).map(|i| u[i] * (0..v.len()).map(|j| C[(i, j)] * v[j]).sum::<f64>()).sum();
            mean_along(law, u) * mean_along(other, v) + covariance
        };
        Ok(match self {
            Observable::Quadratic(M) => Expectation::relative(moments.expected_quadratic(M.as_ref())?),
            Observable::Directional(directions) => {
                Expectation::relative(moments.expected_square_along(&directions[c])?)
            }
            Observable::Products(directions) => {
                let (i, j) = lower_pair(c);
                let value = product(moments, moments, moments.covariance.as_ref(), &directions[i], &directions[j]);
                let (x, y) =
                    (moments.expected_square_along(&directions[i])?, moments.expected_square_along(&directions[j])?);
                Expectation { value, unit: (x * y).sqrt() }
            }
            Observable::Linear(directions) => {
                let unit = moments.expected_square_along(&directions[c])?.sqrt();
                Expectation { value: mean_along(moments, &directions[c]), unit }
            }
            Observable::Rows(rows) => Expectation::relative(moments.mean[rows.start + c]),
            Observable::Lagged(directions) => {
                let (u, v) = (&directions[c / directions.len()], &directions[c % directions.len()]);
                let (x, y) = (moments.expected_square_along(u)?, earlier.expected_square_along(v)?);
                Expectation { value: product(moments, earlier, cross, u, v), unit: (x * y).sqrt() }
            }
            Observable::Below { .. } | Observable::Exceeds { .. } => {
                let reason = "moments do not tell the probability of an event";
                return Err(DynamicsError::NoLaw { law: "exact law", reason });
            }
        })
    }

    /// The expectation of component `c` to leading order, with what is known of the remainder.
    ///
    /// # Errors
    /// As [`Process::leading_order`]; [`DynamicsError::NoLaw`] for anything but squares.
    pub fn leading_order(&self, process: &dyn Process, c: usize, step: u64) -> Result<LeadingOrder, DynamicsError> {
        match self {
            Observable::Quadratic(M) => process.leading_order(M.as_ref(), step),
            Observable::Directional(directions) => {
                let u = &directions[c];
                process.leading_order(Mat::from_fn(u.len(), u.len(), |i, j| u[i] * u[j]).as_ref(), step)
            }
            _ => {
                let reason = "it is known for quadratic and directional measures";
                Err(DynamicsError::NoLaw { law: "leading-order law", reason })
            }
        }
    }
}

/// The row and column of entry `c` of a lower triangle that is listed row by row.
#[must_use]
pub fn lower_pair(c: usize) -> (usize, usize) {
    let row = (0..).take_while(|row| row * (row + 1) / 2 <= c).last().unwrap_or(0);
    (row, c - row * (row + 1) / 2)
}

/// How many replicates show an event; NaN if one has no number, so that a divergence is not mistaken for an event that
/// did not happen.
fn frequency(row: &[f64], event: impl Fn(f64) -> bool) -> f64 {
    row.iter().map(|x| if x.is_nan() { f64::NAN } else { f64::from(event(*x)) }).sum()
}

/// eᵀMe for each replicate: Σ_i e_i (M_ii e_i + 2 Σ_{j<i} M_ij e_j), skipping zero rows of the strict triangle.
fn quadratic(M: &Mat<f64>, errors: &[Row]) -> Row {
    pulp::Arch::new().dispatch(QuadraticForm { M, errors })
}

/// Σ_i c_i e_i for each replicate, in ascending order of i.
fn combination(coefficients: &[f64], errors: &[Row]) -> Row {
    pulp::Arch::new().dispatch(Combination { factor: 1.0, coefficients, errors })
}

/// uᵀe for each direction and replicate.
fn projections(directions: &[Vec<f64>], errors: &[Row]) -> Vec<Row> {
    directions.iter().map(|u| combination(u, errors)).collect()
}

/// [`quadratic`], compiled for the vector instructions of the running processor.
struct QuadraticForm<'a> {
    M: &'a Mat<f64>,
    errors: &'a [Row],
}

impl pulp::WithSimd for QuadraticForm<'_> {
    type Output = Row;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Row {
        self.run()
    }
}

impl QuadraticForm<'_> {
    #[inline(always)]
    fn run(self) -> Row {
        let mut total = [0.0; WIDTH];
        for (i, row) in self.errors.iter().enumerate() {
            let column = self.M.col_as_slice(i);
            let mut product = [0.0; WIDTH];
            if column[..i].iter().any(|entry| *entry != 0.0) {
                product = Combination { factor: 2.0, coefficients: &column[..i], errors: self.errors }.run();
            }
            for lane in 0..WIDTH {
                total[lane] = row[lane].mul_add(column[i].mul_add(row[lane], product[lane]), total[lane]);
            }
        }
        total
    }
}

/// Σ_i (factor·c_i)e_i for each replicate.
struct Combination<'a> {
    factor: f64,
    coefficients: &'a [f64],
    errors: &'a [Row],
}

impl pulp::WithSimd for Combination<'_> {
    type Output = Row;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Row {
        self.run()
    }
}

impl Combination<'_> {
    #[inline(always)]
    fn run(self) -> Row {
        let mut total = [0.0; WIDTH];
        for (coefficient, row) in self.coefficients.iter().zip(self.errors) {
            let coefficient = self.factor * coefficient;
            for lane in 0..WIDTH {
                total[lane] = coefficient.mul_add(row[lane], total[lane]);
            }
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_over_coordinates_have_the_same_bits_with_and_without_vector_instructions() {
        let number = |k: usize| libm::sin(0.3 + 12.9 * k as f64);
        for d in [1, 5, 12] {
            let errors: Vec<Row> = (0..d).map(|i| std::array::from_fn(|lane| number(i * WIDTH + lane))).collect();
            let dense = Mat::from_fn(d, d, |i, j| number(i + j) + number(i * j));
            let diagonal = Mat::from_fn(d, d, |i, j| if i == j { number(i) } else { 0.0 });
            for M in [&dense, &diagonal] {
                let (value, portable) = (quadratic(M, &errors), QuadraticForm { M, errors: &errors }.run());
                assert_eq!(value.map(f64::to_bits), portable.map(f64::to_bits));
                let entry = |i: usize, j: usize| M[(i, j)] * errors[i][7] * errors[j][7];
                let exact: f64 = (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).sum();
                assert!((value[7] - exact).abs() < 1e-13 * (d * d) as f64, "{d}: {} {exact}", value[7]);
            }
        }
    }

    #[test]
    fn a_lower_triangle_is_listed_row_by_row() {
        let pairs: Vec<_> = (0..6).map(lower_pair).collect();
        assert_eq!(pairs, [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]);
    }
}
