//! Simulated moments against a law, in standard errors that are measured with them, for errors that are not Gaussian.
//!
//! With δ = e − m under the law's mean m, the averages of δ_i and of δ_iδ_j over R replicates are compared with 0 and C_ij,
//! in units of their own measured standard deviations divided by √R. With R ≥ 65 536 these ratios are standard normal up
//! to a skewness of order R^{−1/2}; [`BOUND`] = 6.5 of them is a false alarm of 8·10⁻¹¹ an entry, below 10⁻⁷ for all
//! entries of the tests that use this file.

use dynamics::block::{Row, WIDTH};
use dynamics::{Moments, Process};
use faer::Mat;

use crate::common::streams;

pub(crate) const BOUND: f64 = 6.5;

/// Sums over replicates of δ, δδᵀ and the squares of the entries of δδᵀ.
pub(crate) struct Measured {
    reference: Vec<f64>,
    replicates: f64,
    first: Vec<f64>,
    second: Mat<f64>,
    squares: Mat<f64>,
}

impl Measured {
    fn new(reference: &[f64]) -> Self {
        let d = reference.len();
        let reference = reference.to_vec();
        let (first, second, squares) = (vec![0.0; d], Mat::zeros(d, d), Mat::zeros(d, d));
        Measured { reference, replicates: 0.0, first, second, squares }
    }

    fn add(&mut self, errors: &[Row]) {
        let deviations: Vec<Row> = errors.iter().zip(&self.reference).map(|(row, r)| row.map(|e| e - r)).collect();
        for i in 0..errors.len() {
            self.first[i] += deviations[i].iter().sum::<f64>();
            for j in 0..=i {
                let products = deviations[i].iter().zip(&deviations[j]).map(|(a, b)| a * b);
                let (sum, squares) = products.fold((0.0, 0.0), |(sum, squares), p| (sum + p, squares + p * p));
                self.second[(i, j)] += sum;
                self.squares[(i, j)] += squares;
            }
        }
        self.replicates += WIDTH as f64;
    }

    /// The largest |measured − law| in measured standard errors, over the mean and the covariance.
    pub(crate) fn worst(&self, law: &Moments) -> f64 {
        let (n, mut worst) = (self.replicates, 0.0_f64);
        let shift = |i: usize| law.mean[i] - self.reference[i];
        let mean = |i: usize| self.first[i] / n;
        for i in 0..law.mean.len() {
            let variance = self.second[(i, i)] / n - mean(i) * mean(i);
            worst = worst.max((mean(i) - shift(i)).abs() / (variance / n).sqrt());
            for j in 0..=i {
                let product = self.second[(i, j)] / n;
                let variance = self.squares[(i, j)] / n - product * product;
                let around = product - shift(i) * mean(j) - mean(i) * shift(j) + shift(i) * shift(j);
                worst = worst.max((around - law.covariance[(i, j)]).abs() / (variance / n).sqrt());
            }
        }
        worst
    }
}

/// What `blocks` blocks of a process show at the `recorded` steps; `laws` gives the references of the deviations.
pub(crate) fn measure(
    process: &impl Process,
    name: &str,
    blocks: u64,
    recorded: &[u64],
    laws: &[Moments],
) -> Vec<Measured> {
    let mut measured: Vec<Measured> = laws.iter().map(|law| Measured::new(&law.mean)).collect();
    for block in 0..blocks {
        process.simulate(streams(name, block), recorded, &mut |n, errors| {
            measured[n].add(errors);
            true
        });
    }
    measured
}

/// Asserts that every record follows its law.
#[track_caller]
pub(crate) fn assert_followed(name: &str, measured: &[Measured], laws: &[Moments]) {
    for (n, (measured, law)) in measured.iter().zip(laws).enumerate() {
        let worst = measured.worst(law);
        assert!(worst < BOUND, "{name}, record {n}: {worst} standard errors");
    }
}

/// Asserts that some record refuses a wrong law by a margin that no luck could close.
#[track_caller]
pub(crate) fn assert_refused(name: &str, measured: &[Measured], laws: &[Moments]) {
    let worst = measured.iter().zip(laws).map(|(measured, law)| measured.worst(law)).fold(0.0, f64::max);
    assert!(worst > 2.0 * BOUND, "{name} must be caught: {worst} standard errors");
}
