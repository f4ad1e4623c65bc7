//! The gradient step on a batch of fresh Gaussian samples, drawn through what the step needs of the batch.
//!
//! With x = S^{1/2}z and u = S^{1/2}e a residual r = xᵀe − σε = zᵀu − σε is normal with variance τ² = |u|² + σ². Given r, z is
//! normal with mean ru/τ² and covariance I − uuᵀ/τ², which has the root I − uuᵀ/(τ(τ + σ)). So the sum over
//! a batch is
//!
//! ```text
//! Σ_p x_pr_p = S^{1/2}[Qu + √Q·(τw − u(uᵀw)/(τ + σ))],    Q = Σ_p r_p²/τ² ~ χ²_b,    w ~ N(0, I),
//! ```
//!
//! in law, exactly: b + d normals do what b(d + 1) would. A test of `streaming_least_squares` compares it
//! with batches that are drawn sample by sample.

use sampling::Stream;
use sampling::normal::fill_normals;

use crate::block::{Row, WIDTH};

/// Residuals of a batch that are drawn in one go.
const DRAWN_TOGETHER: u32 = 64;

/// Draws batches for a block of replicates, and steps on them.
pub(super) struct FreshBatch {
    /// The diagonal of S^{1/2} (d).
    deviations: Vec<f64>,
    sigma: f64,
    size: u32,
    /// Room for residuals over τ.
    residuals: Vec<Row>,
    /// w (d rows).
    direction: Vec<Row>,
}

impl FreshBatch {
    /// Batches of b = `size` samples with features of covariance diag(s) and residual variance σ²; all that is allocated.
    pub(super) fn new(s: &[f64], residual_variance: f64, size: u32) -> Self {
        FreshBatch {
            deviations: s.iter().map(|s| s.sqrt()).collect(),
            sigma: residual_variance.sqrt(),
            size,
            residuals: vec![[0.0; WIDTH]; size.min(DRAWN_TOGETHER) as usize],
            direction: vec![[0.0; WIDTH]; s.len()],
        }
    }

    /// e ← e − (η/b)Σ x(xᵀe − σε) for every replicate, η = `step_size`; draws b + d normals a replicate.
    pub(super) fn step(&mut self, step_size: f64, stream: &mut Stream, errors: &mut [Row]) {
        let chi_squared = self.chi_squared(stream);
        fill_normals(stream, self.direction.as_flattened_mut());
        let FreshBatch { deviations, sigma, size, direction, .. } = self;
        let (sigma, share) = (*sigma, step_size / f64::from(*size));
        pulp::Arch::new().dispatch(Step { deviations, sigma, share, chi_squared, direction, errors });
    }

    /// Q: the squares of b normals a replicate, added up.
    fn chi_squared(&mut self, stream: &mut Stream) -> Row {
        let (mut sums, mut left) = ([0.0; WIDTH], self.size as usize);
        while left > 0 {
            let drawn = left.min(self.residuals.len());
            let normals = &mut self.residuals[..drawn];
            fill_normals(stream, normals.as_flattened_mut());
            pulp::Arch::new().dispatch(AddSquares { normals, sums: &mut sums });
            left -= drawn;
        }
        sums
    }
}

/// e ← e − share·S^{1/2}[Qu + √Q(τw − u(uᵀw)/(τ + σ))] with u = S^{1/2}e, where share = η/b.
struct Step<'a> {
    /// The diagonal of S^{1/2} (d).
    deviations: &'a [f64],
    sigma: f64,
    share: f64,
    /// Q.
    chi_squared: Row,
    /// w (d rows).
    direction: &'a [Row],
    errors: &'a mut [Row],
}

impl pulp::WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Step<'_> {
    #[inline(always)]
    fn run(self) {
        let Step { deviations, sigma, share, chi_squared, direction, errors } = self;
        let (mut square, mut along) = ([sigma * sigma; WIDTH], [0.0; WIDTH]);
        for ((deviation, w), e) in deviations.iter().zip(direction).zip(&*errors) {
            for lane in 0..WIDTH {
                let u = deviation * e[lane];
                square[lane] = u.mul_add(u, square[lane]);
                along[lane] = u.mul_add(w[lane], along[lane]);
            }
        }
        let (mut of_error, mut of_direction) = ([0.0; WIDTH], [0.0; WIDTH]);
        for lane in 0..WIDTH {
            let (tau, root) = (square[lane].sqrt(), chi_squared[lane].sqrt());
            // Where e = 0 without residuals, u and with it the quotient is 0.
            let quotient = along[lane] / (tau + sigma + f64::MIN_POSITIVE);
            of_error[lane] = share * (chi_squared[lane] - root * quotient);
            of_direction[lane] = share * (root * tau);
        }
        for ((deviation, w), e) in deviations.iter().zip(direction).zip(errors) {
            for lane in 0..WIDTH {
                let step = of_direction[lane].mul_add(w[lane], of_error[lane] * (deviation * e[lane]));
                e[lane] = deviation.mul_add(-step, e[lane]);
            }
        }
    }
}

/// sums ← sums + Σ n² over rows of normals.
struct AddSquares<'a> {
    normals: &'a [Row],
    sums: &'a mut Row,
}

impl pulp::WithSimd for AddSquares<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl AddSquares<'_> {
    #[inline(always)]
    fn run(self) {
        for row in self.normals {
            for lane in 0..WIDTH {
                self.sums[lane] = row[lane].mul_add(row[lane], self.sums[lane]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of no pattern, in [−1, 1].
    fn rows(first: f64, n: usize) -> Vec<Row> {
        (0..n).map(|i| std::array::from_fn(|lane| libm::sin(first + 12.9 * i as f64 + 78.2 * lane as f64))).collect()
    }

    #[test]
    fn a_step_has_the_same_bits_with_and_without_vector_instructions() {
        for (d, sigma) in [(1, 0.0), (3, 1.3), (13, 0.0)] {
            let (deviations, direction) = (rows(0.3, d), rows(1.7, d));
            let deviations: Vec<f64> = deviations.iter().map(|row| row[0].abs()).collect();
            let mut outcomes: [Vec<Row>; 2] = [true, false].map(|vectorised| {
                let (mut errors, mut chi_squared) = (rows(2.9, d), [0.0; WIDTH]);
                errors[0][1] = f64::INFINITY;
                errors.iter_mut().for_each(|row| row[2] = 0.0);
                let (normals, sums) = (&rows(4.1, 5)[..], &mut chi_squared);
                let squares = AddSquares { normals, sums };
                if vectorised {
                    pulp::Arch::new().dispatch(squares)
                } else {
                    squares.run()
                }
                let (deviations, direction) = (&deviations[..], &direction[..]);
                let step = Step { deviations, sigma, share: 0.2, chi_squared, direction, errors: &mut errors };
                if vectorised {
                    pulp::Arch::new().dispatch(step)
                } else {
                    step.run()
                }
                errors
            });
            assert!(outcomes[0].iter().all(|row| row[1].is_nan()), "one replicate has diverged");
            assert!(sigma > 0.0 || outcomes[0].iter().all(|row| row[2] == 0.0), "the minimum is left alone");
            // Which NaN it is means nothing.
            outcomes.iter_mut().flatten().for_each(|row| row[1] = 0.0);
            let [vectorised, portable] =
                outcomes.map(|rows| rows.concat().into_iter().map(f64::to_bits).collect::<Vec<_>>());
            assert_eq!(vectorised, portable);
        }
    }
}
