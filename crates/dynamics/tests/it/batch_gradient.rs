//! Single batch gradients: their covariance, and that nothing connects two of them.

use dynamics::Process as _;
use dynamics::process::BatchGradient;
use faer::Scale;
use sampling::designs::{Gaussian, Iid, Population};
use sampling::{Design, Stream};

use crate::common::{at, case, cases, distance, streams};
use crate::joint::{check, joint_law, scaled};

const STEPS: [u64; 3] = [0, 1, 10];

#[test]
fn the_covariance_is_that_of_the_samples_over_the_batch_size() {
    for case in cases() {
        let process = BatchGradient::new(&case.problem(), Gaussian::new(4).expect("positive")).expect("factored");
        let expected = Scale(0.25) * case.noise.as_mat();
        assert!(distance(at(&process, 3).covariance.as_ref(), expected.as_ref()) < 1e-14, "{}", case.name);
        assert!(at(&process, 0).mean.iter().all(|&m| m == 0.0));
        assert_eq!(process.cross_covariance(2, 2).expect("a law"), *process.covariance());
    }
}

/// Gaussian noise with the variances 1, 4, 9, … of the whitened coordinates.
#[derive(Debug)]
struct Shaped;

impl Design for Shaped {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        sampling::normal::fill_normals(stream, whitened);
        for (i, row) in whitened.chunks_mut(width).enumerate() {
            row.iter_mut().for_each(|zeta| *zeta *= 1.0 + i as f64);
        }
    }

    fn variance_factor(&self) -> f64 {
        0.5
    }

    fn shape(&self, i: usize) -> f64 {
        (1.0 + i as f64) * (1.0 + i as f64)
    }
}

#[test]
fn batch_gradients_follow_the_law_of_their_design() {
    let case = case("dense H and G");
    let process = BatchGradient::new(&case.problem(), Gaussian::new(4).expect("positive")).expect("factored");
    let law = joint_law(&process, &STEPS);
    check(&process, "Gaussian", &STEPS, &[("G halved", scaled(&law, 0.5)), ("G wrong by 6 %", scaled(&law, 1.06))]);
}

#[test]
fn sums_of_random_signs_follow_the_law_with_singular_noise() {
    let case = case("diagonal H, G of rank 1");
    let process = BatchGradient::new(&case.problem(), Iid::new(Population::Rademacher, 3).expect("positive"));
    let process = process.expect("factored");
    let law = joint_law(&process, &STEPS);
    check(&process, "signs", &STEPS, &[("b off by one", scaled(&law, 3.0 / 4.0))]);
}

#[test]
fn a_shaped_design_follows_its_shape() {
    let case = case("diagonal H, dense G");
    let process = BatchGradient::new(&case.problem(), Shaped).expect("factored");
    let unshaped = BatchGradient::new(&case.problem(), Gaussian::new(2).expect("positive")).expect("factored");
    check(&process, "shaped", &STEPS, &[("the shape dropped", joint_law(&unshaped, &STEPS))]);
}

#[test]
fn a_record_draws_one_batch_and_a_skipped_step_none() {
    let case = case("diagonal H, dense G");
    let process = BatchGradient::new(&case.problem(), Gaussian::new(4).expect("positive")).expect("factored");
    let seen = |recorded: &[u64]| {
        let mut seen = Vec::new();
        process.simulate(streams("batches", 0), recorded, &mut |n, gradient| {
            seen.push(gradient.to_vec());
            n < 2
        });
        seen
    };
    let all = seen(&[0, 1, 2, 3]);
    assert_eq!(all.len(), 3, "the third record ends the simulation");
    assert_eq!(all, seen(&[5, 100, 1 << 60]));
    assert_ne!(all[0], all[1]);
    assert_eq!(process.time(7), 7.0);
}
