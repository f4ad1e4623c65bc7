//! Batches from pools from data sets: the three levels of their variance, and the pools they are drawn from.
//!
//! Two batches of one pool are Gaussian given how many samples they share, so jointly a mixture of Gaussians, and an
//! entry of their sample cross-covariance has a variance above that of the joint Gaussian, by 2Var(overlap)/b⁴·G_ij²/R.
//! For the settings here that is below 4 %, and leaves the bound of `joint.rs` at 6.3 standard errors: a false-alarm rate
//! of 3·10⁻¹⁰ an entry.

use dynamics::block::Row;
use dynamics::process::NestedBatches;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};

use crate::common::{Case, at, case, cases, distance, streams};
use crate::joint::{check, forgetful, joint_law, scaled};

fn process(case: &Case, n: u64, b: u64, spread: f64) -> NestedBatches {
    NestedBatches::new(&case.problem(), n, b, spread).expect("fits")
}

/// The batch gradients of one block at `recorded`.
fn gradients(process: &NestedBatches, recorded: &[u64]) -> Vec<Vec<Row>> {
    let mut seen = Vec::new();
    process.simulate(streams("nested", 0), recorded, &mut |_, gradient| {
        seen.push(gradient.to_vec());
        true
    });
    seen
}

/// Every subset of b out of n is a batch: the laws by going through all of them and all pairs of them, with G = 1. Each
/// batch mean is a row of weights on the independent (M, s_1 − M, …, s_n − M).
#[test]
fn the_law_is_that_of_all_subsets() {
    let (n, b, spread) = (6_u32, 2_u32, 0.5);
    let subsets: Vec<u32> = (0..1_u32 << n).filter(|set| set.count_ones() == b).collect();
    let number = subsets.len() as f64;
    let same: f64 = subsets.iter().map(|set| f64::from(set.count_ones()) / f64::from(b * b)).sum::<f64>() / number;
    let pairs = subsets.iter().flat_map(|first| subsets.iter().map(move |second| first & second));
    let shared: f64 =
        pairs.map(|both| f64::from(both.count_ones()) / f64::from(b * b)).sum::<f64>() / (number * number);
    let level = spread * spread;
    for case in cases() {
        let process = process(&case, u64::from(n), u64::from(b), spread);
        let across = process.cross_covariance(1, 4).expect("a law across time");
        let laws = [(at(&process, 4).covariance, same + level), (across, shared + level)];
        for (law, factor) in laws {
            let expected = Scale(factor) * case.noise.as_mat();
            assert!(distance(law.as_ref(), expected.as_ref()) < 1e-14, "{}", case.name);
        }
        let within = Scale(same - shared) * case.noise.as_mat();
        assert!(distance(process.within_pool_covariance().as_ref(), within.as_ref()) < 1e-13, "{}", case.name);
        let whole = process.within_pool_covariance() + process.between_pools_covariance();
        assert!(distance(whole.as_ref(), process.covariance().as_ref()) < 1e-14, "{}", case.name);
    }
}

/// The joint law of three batches with given covariances of a batch and between two, in units of G.
fn law_with(case: &Case, same: f64, shared: f64) -> Moments {
    let (d, G) = (case.dimension(), case.noise.as_mat());
    let entry = |i: usize, j: usize| if i / d == j / d { same } else { shared } * G[(i % d, j % d)];
    Moments { mean: vec![0.0; 3 * d], covariance: Mat::from_fn(3 * d, 3 * d, entry) }
}

const STEPS: [u64; 3] = [0, 1, 8];

#[test]
fn batches_from_a_pool_follow_the_three_levels() {
    let case = case("diagonal H, dense G");
    let (n, b, spread) = (12, 4, 0.5);
    let process = process(&case, n, b, spread);
    let law = joint_law(&process, &STEPS);
    let (per_b, per_n, level) = (1.0 / b as f64, 1.0 / n as f64, spread * spread);
    let broken = [
        ("G doubled", scaled(&law, 2.0)),
        ("the level of the data sets dropped", law_with(&case, per_b, per_n)),
        ("the pool taken for the population", law_with(&case, per_b + level, level)),
        ("no pool in common", forgetful(&law, case.dimension())),
        ("what resampling the pool shows, taken for all", law_with(&case, per_b - per_n + level, per_n + level)),
        ("n doubled", law_with(&case, per_b + level, 0.5 * per_n + level)),
        ("drawn with replacement", law_with(&case, per_b + per_n * (1.0 - per_b) + level, per_n + level)),
    ];
    check(&process, "nested batches", &STEPS, &broken);
}

#[test]
fn single_samples_of_one_data_set_follow_the_law_with_singular_noise() {
    let case = case("diagonal H, G of rank 1");
    let process = process(&case, 64, 1, 0.0);
    check(&process, "single samples", &STEPS, &[("G wrong by 6 %", scaled(&joint_law(&process, &STEPS), 1.06))]);
}

#[test]
fn a_batch_of_the_whole_pool_is_its_mean_every_time() {
    let case = case("dense H and G");
    let process = process(&case, 7, 7, 1.0);
    let [first, second] = <[_; 2]>::try_from(gradients(&process, &[0, 1])).expect("two records");
    for (a, b) in first.as_flattened().iter().zip(second.as_flattened()) {
        assert!((a - b).abs() < 1e-13 && *a != 0.0, "the same up to the order of the sum: {a} and {b}");
    }
    assert_eq!(process.within_pool_covariance().norm_l2(), 0.0);
}

/// In one dimension and with b = n − 1 a batch names the sample it leaves out; over many batches every replicate leaves
/// out every sample about equally often. A count is binomial(N, 1/n): 6.5 of its standard errors, 5 × 32 counts, so a
/// false-alarm rate below 2·10⁻⁸.
#[test]
fn every_replicate_draws_every_sample_alike_and_its_own() {
    let case = case("one dimension");
    let (n, batches) = (5, 20_000);
    let process = process(&case, n, n - 1, 0.3);
    let seen = gradients(&process, &(0..batches).collect::<Vec<_>>());
    let mut orders = std::collections::HashSet::new();
    for lane in 0..dynamics::block::WIDTH {
        let mut counts: Vec<(f64, u64)> = Vec::new();
        let mut order = Vec::new();
        for gradient in &seen {
            let value = gradient[0][lane];
            let found = counts.iter().position(|(known, _)| (known - value).abs() < 1e-12);
            let index = found.unwrap_or(counts.len());
            if found.is_none() {
                counts.push((value, 0));
            }
            counts[index].1 += 1;
            order.push(index);
        }
        assert_eq!(counts.len() as u64, n, "replicate {lane}");
        let (number, share) = (batches as f64, 1.0 / n as f64);
        for (_, count) in counts {
            let errors = (count as f64 - number * share).abs() / (number * share * (1.0 - share)).sqrt();
            assert!(errors < 6.5, "replicate {lane}: {errors} standard errors");
        }
        orders.insert(order[..100].to_vec());
    }
    assert_eq!(orders.len(), dynamics::block::WIDTH, "each replicate draws its own batches");
}

#[test]
fn a_record_draws_one_batch_and_a_skipped_step_none() {
    let process = process(&case("dense H and G"), 9, 3, 0.5);
    let all = gradients(&process, &[0, 1, 2]);
    assert_eq!(all, gradients(&process, &[5, 100, 1 << 60]));
    assert_ne!(all[0], all[1]);
}

#[test]
fn what_cannot_be_built_is_refused_with_its_numbers() {
    let problem = case("diagonal H and G").problem();
    let refused = |n, b, spread| NestedBatches::new(&problem, n, b, spread).unwrap_err();
    assert!(matches!(refused(4, 5, 0.0), DynamicsError::BatchExceedsPool { batch_size: 5, pool_size: 4 }));
    assert!(refused(4, 5, 0.0).to_string().contains("b = 5 is above the pool size n = 4"));
    assert!(refused(0, 0, 0.0).to_string().contains("batch size b is 0"));
    assert!(refused(4, 2, -1.0).to_string().contains("spread s of the data sets is -1"));
    let largest = NestedBatches::LARGEST_POOL / 3;
    assert!(NestedBatches::new(&problem, largest, 1, 0.0).is_ok());
    for n in [largest + 1, u64::MAX] {
        assert!(matches!(refused(n, 1, 0.0), DynamicsError::PoolTooLarge { dimension: 3, .. }), "{n}");
    }
}
