//! One comparison for every process: the moments of all recorded states together, against a law for them.
//!
//! The states at the recorded steps are stacked to one long vector, so its covariance holds the law at each step and the
//! law across time. Mean and covariance are compared entry by entry, in standard errors of the law that is tested:
//! √(C_ii/n) and √((C_iiC_jj + C_ij²)/(n − 1)), exact for states that are jointly Gaussian.
//!
//! [`BOUND`] = 6.5 standard errors is a false-alarm rate of 8·10⁻¹¹ an entry; a test compares fewer than 200 entries, so
//! 2·10⁻⁸ a test, with a margin of five for the skewness of squares. With n = 131 072 replicates a variance passes within
//! ±2.5 %, and an error of 5.1 % in it is surely caught (miss rate 8·10⁻¹¹). A broken law is asserted to be as surely
//! caught, 13 standard errors from the true one, and to be caught.

use dynamics::block::{Row, WIDTH};
use dynamics::{Moments, Process};
use faer::{Mat, MatRef};

use crate::common::{at, streams};

const BLOCKS: u64 = 4096;
const REPLICATES: f64 = BLOCKS as f64 * WIDTH as f64;
pub(crate) const BOUND: f64 = 6.5;

/// Mean and covariance of the states at `steps` (ascending), stacked.
pub(crate) fn joint_law(process: &dyn Process, steps: &[u64]) -> Moments {
    let d = process.frame().dimension();
    let across = |from: usize, to: usize| process.cross_covariance(steps[from], steps[to]).expect("a law across time");
    let blocks: Vec<Vec<Mat<f64>>> =
        (0..steps.len()).map(|to| (0..=to).map(|from| across(from, to)).collect()).collect();
    Moments {
        mean: steps.iter().flat_map(|&step| at(process, step).mean).collect(),
        covariance: Mat::from_fn(d * steps.len(), d * steps.len(), |i, j| {
            // Row and column from the block below the diagonal, or from the diagonal one.
            let (i, j) = if i / d < j / d { (j, i) } else { (i, j) };
            blocks[i / d][j / d][(i % d, j % d)]
        }),
    }
}

/// The unbiased estimates of the same from simulated blocks.
pub(crate) fn joint_sample(process: &dyn Process, name: &str, steps: &[u64]) -> Moments {
    let d = process.frame().dimension();
    let size = d * steps.len();
    let reference: Vec<f64> = steps.iter().flat_map(|&step| at(process, step).mean).collect();
    let (mut first, mut second) = (vec![0.0; size], Mat::<f64>::zeros(size, size));
    let mut stacked: Vec<Row> = vec![[0.0; WIDTH]; size];
    for block in 0..BLOCKS {
        process.simulate(streams(name, block), steps, &mut |n, errors| {
            for (i, row) in errors.iter().enumerate() {
                stacked[n * d + i] = row.map(|e| e - reference[n * d + i]);
            }
            true
        });
        for i in 0..size {
            first[i] += stacked[i].iter().sum::<f64>();
            for j in 0..=i {
                second[(i, j)] += stacked[i].iter().zip(&stacked[j]).map(|(a, b)| a * b).sum::<f64>();
            }
        }
    }
    let covariance = |i: usize, j: usize| (second[(i, j)] - first[i] * first[j] / REPLICATES) / (REPLICATES - 1.0);
    Moments {
        mean: (0..size).map(|i| reference[i] + first[i] / REPLICATES).collect(),
        covariance: Mat::from_fn(size, size, |i, j| covariance(i.max(j), i.min(j))),
    }
}

/// The largest |measured − law| in standard errors of the law.
pub(crate) fn worst(measured: &Moments, law: &Moments) -> f64 {
    let C = &law.covariance;
    let mut worst = 0.0_f64;
    for i in 0..law.mean.len() {
        worst = worst.max(in_errors(measured.mean[i] - law.mean[i], C[(i, i)] / REPLICATES));
        for j in 0..=i {
            let variance = (C[(i, i)] * C[(j, j)] + C[(i, j)] * C[(i, j)]) / (REPLICATES - 1.0);
            worst = worst.max(in_errors(measured.covariance[(i, j)] - C[(i, j)], variance));
        }
    }
    worst
}

/// |difference|/√variance, where a quantity without variance must be met exactly and NaN is infinitely far.
fn in_errors(difference: f64, variance: f64) -> f64 {
    let errors = if difference == 0.0 { 0.0 } else { difference.abs() / variance.sqrt() };
    if errors.is_nan() { f64::INFINITY } else { errors }
}

/// The simulated process follows its own law at `steps`, and none of the `broken` ones.
#[track_caller]
pub(crate) fn check(process: &dyn Process, name: &str, steps: &[u64], broken: &[(&str, Moments)]) {
    let (measured, law) = (joint_sample(process, name, steps), joint_law(process, steps));
    let off = worst(&measured, &law);
    assert!(off < BOUND, "{name}: {off} standard errors");
    for (what, broken) in broken {
        let apart = worst(&law, broken);
        assert!(apart.is_finite() && apart > 2.0 * BOUND, "{name}: {what} is only {apart} standard errors away");
        assert!(worst(&measured, broken) > BOUND, "{name}: {what} must be caught");
    }
}

/// A law whose covariance is multiplied by `factor`.
pub(crate) fn scaled(law: &Moments, factor: f64) -> Moments {
    Moments { mean: law.mean.clone(), covariance: faer::Scale(factor) * &law.covariance }
}

/// A law without its blocks across time, each of d×d.
pub(crate) fn forgetful(law: &Moments, d: usize) -> Moments {
    let size = law.mean.len();
    let block = |i: usize, j: usize| if i / d == j / d { law.covariance[(i, j)] } else { 0.0 };
    Moments { mean: law.mean.clone(), covariance: Mat::from_fn(size, size, block) }
}

/// k explicit steps mean' = A·mean, Cov' = A·Cov·Aᵀ + Q.
pub(crate) fn k_steps(A: MatRef<'_, f64>, Q: MatRef<'_, f64>, start: &Moments, k: u64) -> Moments {
    let d = start.mean.len();
    let mut mean = Mat::from_fn(d, 1, |i, _| start.mean[i]);
    let mut covariance = start.covariance.clone();
    for _ in 0..k {
        mean = A * mean;
        covariance = A * covariance * A.transpose() + Q;
    }
    Moments { mean: (0..d).map(|i| mean[(i, 0)]).collect(), covariance }
}

/// Aᵏ, step by step.
pub(crate) fn matrix_power(A: MatRef<'_, f64>, k: u64) -> Mat<f64> {
    (0..k).fold(Mat::identity(A.nrows(), A.ncols()), |power, _| A * power)
}

/// I − M.
pub(crate) fn identity_minus(M: &Mat<f64>) -> Mat<f64> {
    Mat::<f64>::identity(M.nrows(), M.ncols()) - M
}
