//! Simulated moments against the exact law, and against broken laws, which must be told apart from them.
//!
//! Every entry of the mean and of the covariance is compared at every recorded step, in standard errors of the law
//! that is being tested: m_i has the standard error √(C_ii/n) and Ĉ_ij has √((C_iiC_jj + C_ij²)/(n − 1)), exactly for
//! Gaussian errors and from above for the other populations, whose fourth cumulants are negative.
//!
//! [`BOUND`] = 6.5 standard errors is a false-alarm rate of 8·10⁻¹¹ an entry; the tests compare fewer than 2 500
//! entries, so 2·10⁻⁷ for all of them, with a margin of five for the skewness of squares. With n = 262 144 replicates
//! an entry of the variance passes within ±1.8 %, and an error of 3.6 % in it is surely caught (miss rate 8·10⁻¹¹).
//! Each broken law is asserted to be as surely caught, 13 standard errors from the true one, and to be caught.

use dynamics::block::{Row, WIDTH};
use dynamics::process::{BlockStreams, Sgd};
use dynamics::start::Start;
use dynamics::{Moments, Process};
use faer::{Mat, Scale};
use geometry::Psd;
use sampling::Design;
use sampling::designs::{Gaussian, Iid, Population};

use crate::common::{Case, at, case, diagonal_matrix, streams};

const BLOCKS: u64 = 8192;
const REPLICATES: f64 = BLOCKS as f64 * WIDTH as f64;
const BOUND: f64 = 6.5;
const RECORDED: [u64; 5] = [0, 1, 2, 7, 24];

/// Sums over replicates of δ = e − (a fixed reference) and δδᵀ, and over blocks of (Σ_lane δ)(Σ_lane δ)ᵀ.
struct Sums {
    reference: Vec<f64>,
    first: Vec<f64>,
    second: Mat<f64>,
    between: Mat<f64>,
}

impl Sums {
    fn new(reference: Vec<f64>) -> Self {
        let d = reference.len();
        Sums { reference, first: vec![0.0; d], second: Mat::zeros(d, d), between: Mat::zeros(d, d) }
    }

    fn add(&mut self, errors: &[Row]) {
        let d = errors.len();
        let deviations: Vec<Row> = errors.iter().zip(&self.reference).map(|(row, r)| row.map(|e| e - r)).collect();
        let sums: Vec<f64> = deviations.iter().map(|row| row.iter().sum()).collect();
        for i in 0..d {
            self.first[i] += sums[i];
            for j in 0..d {
                self.second[(i, j)] += deviations[i].iter().zip(&deviations[j]).map(|(a, b)| a * b).sum::<f64>();
                self.between[(i, j)] += sums[i] * sums[j];
            }
        }
    }

    /// The unbiased estimates of mean and covariance.
    fn moments(&self) -> Moments {
        let d = self.reference.len();
        let mean = (0..d).map(|i| self.reference[i] + self.first[i] / REPLICATES).collect();
        let products = |i, j| self.second[(i, j)] - self.first[i] * self.first[j] / REPLICATES;
        Moments { mean, covariance: Mat::from_fn(d, d, |i, j| products(i, j) / (REPLICATES - 1.0)) }
    }

    /// The largest |measured − C|, in standard errors, of the covariance of a sum over a block of independent
    /// replicates, in units of their number. A correlation of 1 % between any two replicates of a block is surely
    /// caught: it moves each entry by 31 %, and 2·6.5 standard errors are 20 %.
    fn worst_between_replicates(&self, law: &Moments) -> f64 {
        let (d, C) = (self.reference.len(), &law.covariance);
        let blocks = BLOCKS as f64;
        let mut worst = 0.0_f64;
        for i in 0..d {
            for j in 0..=i {
                let measured = self.between[(i, j)] / (blocks * WIDTH as f64);
                let variance = (C[(i, i)] * C[(j, j)] + C[(i, j)] * C[(i, j)]) / blocks;
                worst = worst.max(in_errors(measured - C[(i, j)], variance));
            }
        }
        worst
    }
}

/// The largest |measured − law| in standard errors of the law, over the mean and the covariance.
fn worst(measured: &Moments, law: &Moments) -> f64 {
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

/// The sums at every recorded step, over all blocks; `streams` makes the streams of a block.
fn simulated(process: &impl Process, streams: impl Fn(u64) -> BlockStreams) -> Vec<Sums> {
    let mut sums: Vec<Sums> = RECORDED.iter().map(|&k| Sums::new(at(process, k).mean)).collect();
    for block in 0..BLOCKS {
        process.simulate(streams(block), &RECORDED, &mut |n, errors| {
            sums[n].add(errors);
            true
        });
    }
    sums
}

/// The law with the continuous covariance in place of Σ_d: the recursion without −ηHΣH.
fn without_second_order<D: Design>(process: &Sgd<D>, eta: f64, start: &Start, k: u64) -> Moments {
    let h = process.frame().rates();
    let A_k = diagonal_matrix(&h.iter().map(|h| (0..k).fold(1.0, |a, _| a * (1.0 - eta * h))).collect::<Vec<_>>());
    let (Sigma, Cov_0) = (process.continuous_covariance(), start.moments().covariance);
    Moments { mean: at(process, k).mean, covariance: &Sigma - &A_k * (&Sigma - Cov_0) * &A_k }
}

pub(crate) fn scaled_noise(case: &Case, factor: f64) -> Case {
    let noise = Psd::new(Scale(factor) * case.noise.as_mat()).expect("positive semidefinite");
    Case { noise, curvature: case.curvature.clone(), ..*case }
}

fn isotropic_noise(case: &Case) -> Case {
    let d = case.dimension();
    let noise = Psd::diagonal(&vec![case.noise.trace() / d as f64; d]).expect("non-negative");
    Case { noise, curvature: case.curvature.clone(), ..*case }
}

/// A name and the law of a process that is not quite the one under test.
pub(crate) type Broken<'a> = (&'a str, &'a dyn Fn(u64) -> Moments);

/// Asserts that a process follows its law, and that each of the broken laws is surely caught.
#[track_caller]
pub(crate) fn check_process(name: &str, process: &impl Process, broken: &[Broken<'_>]) {
    let sums = simulated(process, |block| streams(name, block));
    for (sums, k) in sums.iter().zip(RECORDED) {
        let law = at(process, k);
        let (worst, between) = (worst(&sums.moments(), &law), sums.worst_between_replicates(&law));
        assert!(worst < BOUND && between < BOUND, "{name}, k = {k}: {worst} and {between} standard errors");
    }
    for (broken, law) in broken {
        let apart = RECORDED.iter().fold(0.0_f64, |apart, &k| apart.max(worst(&at(process, k), &law(k))));
        assert!(apart.is_finite() && apart > 2.0 * BOUND, "{name}: {broken} is only {apart} standard errors away");
        let measured = sums.iter().zip(RECORDED).map(|(sums, k)| worst(&sums.moments(), &law(k)));
        assert!(measured.fold(0.0, f64::max) > BOUND, "{name}: {broken} must be caught");
    }
}

#[track_caller]
fn check(case: &Case, eta: f64, design: impl Design + Clone, start: &Start) {
    let process = case.process(eta, design.clone(), start);
    let law_of = |case: Case, eta: f64| {
        let process = case.process(eta, design.clone(), start);
        move |k| at(&process, k)
    };
    // The same without the help of the mean, which forgets where it began.
    let covariance_alone = |k| Moments { mean: at(&process, k).mean, ..law_of(scaled_noise(case, 1.0), 1.05 * eta)(k) };
    let broken: [Broken<'_>; 7] = [
        ("−ηHΣH dropped", &|k| without_second_order(&process, eta, start, k)),
        ("G halved", &law_of(scaled_noise(case, 0.5), eta)),
        ("G doubled", &law_of(scaled_noise(case, 2.0), eta)),
        ("G wrong by 5 %", &law_of(scaled_noise(case, 1.05), eta)),
        ("η wrong by 5 %", &law_of(scaled_noise(case, 1.0), 1.05 * eta)),
        ("isotropic noise", &law_of(isotropic_noise(case), eta)),
        ("η wrong by 5 % in the covariance", &covariance_alone),
    ];
    check_process(case.name, &process, &broken);
}

fn iid(population: Population, b: u64) -> Iid {
    Iid::new(population, b).expect("positive")
}

#[test]
fn gaussian_batches_follow_the_law_from_a_point() {
    let case = case("diagonal H, dense G");
    check(&case, 0.12, Gaussian::new(4).expect("positive"), &case.starts()[0]);
}

#[test]
fn gaussian_batches_follow_the_law_with_a_dense_curvature_from_a_cloud() {
    let case = case("dense H and G");
    check(&case, 0.2, Gaussian::new(1).expect("positive"), &case.starts()[1]);
}

#[test]
fn gaussian_batches_follow_the_law_with_singular_noise() {
    let case = case("dense H, G of rank 2");
    check(&case, 0.1, Gaussian::new(2).expect("positive"), &case.starts()[0]);
}

#[test]
fn averaged_gaussian_samples_follow_the_law() {
    let case = case("dense H and G");
    check(&case, 0.15, iid(Population::Gaussian, 3), &case.starts()[0]);
}

#[test]
fn single_random_signs_follow_the_law() {
    let case = case("diagonal H, dense G");
    check(&case, 0.12, iid(Population::Rademacher, 1), &case.starts()[1]);
}

#[test]
fn averaged_random_signs_follow_the_law_with_a_dense_curvature() {
    let case = case("dense H and G");
    check(&case, 0.2, iid(Population::Rademacher, 100), &case.starts()[0]);
}

#[test]
fn averaged_uniform_samples_follow_the_law() {
    let case = case("diagonal H, G of rank 1");
    check(&case, 0.15, iid(Population::Uniform, 3), &case.starts()[1]);
}

#[test]
fn noise_that_is_shared_by_neighbouring_blocks_is_caught() {
    let case = case("diagonal H, dense G");
    let process = case.process(0.12, Gaussian::new(4).expect("positive"), &case.starts()[0]);
    // Every block reads the stream of block 0, as if the block's number were left out of the key.
    let sums = simulated(&process, |_| streams(case.name, 0));
    let worst = sums.iter().zip(RECORDED).map(|(sums, k)| worst(&sums.moments(), &at(&process, k)));
    assert!(worst.fold(0.0, f64::max) > BOUND);
}

#[test]
fn replicates_of_a_block_that_share_their_noise_are_caught() {
    /// Every replicate gets the noise of the first one with a weight of 0.1: a correlation of 1 %, variance 1.
    #[derive(Clone, Copy, Debug)]
    struct Shared(Gaussian);
    impl Design for Shared {
        fn draw(&self, stream: &mut sampling::Stream, whitened: &mut [f64], width: usize) {
            self.0.draw(stream, whitened, width);
            for row in whitened.as_chunks_mut::<WIDTH>().0 {
                let mut common = [0.0; 1];
                self.0.draw(stream, &mut common, width);
                for zeta in row {
                    *zeta = 0.99_f64.sqrt() * *zeta + 0.1 * common[0];
                }
            }
        }
        fn variance_factor(&self) -> f64 {
            self.0.variance_factor()
        }
    }
    let case = case("diagonal H, dense G");
    let process = case.process(0.12, Shared(Gaussian::new(4).expect("positive")), &case.starts()[0]);
    let sums = simulated(&process, |block| streams(case.name, block));
    let worst = sums[4].worst_between_replicates(&at(&process, RECORDED[4]));
    assert!(worst > BOUND, "{worst}");
}
