//! Partial reuse of batches: the exact law against explicit steps of (e, R), and what no scalar model can say.

use dynamics::process::PartialReuse;
use dynamics::schedule::Schedule;
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use sampling::designs::Gaussian;

use crate::common::{Case, Dense, at, blocks, case, cases, constant, decreasing, distance, distance_from};
use crate::statistics::{Broken, check_process, scaled_noise};

const TOLERANCE: f64 = 1e-11;

fn process(case: &Case, schedule: Schedule, b: u64, r: u64, start: &Start) -> PartialReuse {
    PartialReuse::new(&case.problem(), schedule, b, r, start).unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

/// e' = Ae − (η/b)(R + F), R' = the part of F that is kept: the transition of (e, R) and the covariance of its noise.
fn transition(case: &Case, eta: f64, b: f64, r: f64) -> (Mat<f64>, Mat<f64>) {
    let d = case.dimension();
    let (zero, G) = (Mat::zeros(d, d), case.noise.as_mat());
    let reused = Scale(-eta / b) * Mat::<f64>::identity(d, d);
    let fresh = Scale(eta * eta / (b * b) * (b - r)) * G;
    let (shared, kept) = (Scale(-eta / b * r) * G, Scale(r) * G);
    (blocks([[&case.contraction(eta), &reused], [&zero, &zero]]), blocks([[&fresh, &shared], [&shared, &kept]]))
}

fn explicit(case: &Case, schedule: Schedule, b: f64, r: f64, start: &Start, k: u64) -> Dense {
    let mut law = Dense::augmented(start, &(Scale(r) * case.noise.as_mat()));
    for k in 0..k {
        let (M, N) = transition(case, schedule.at(k), b, r);
        law.step(&M, &N);
    }
    law
}

const BATCHES: [(u64, u64); 4] = [(4, 0), (4, 1), (4, 2), (7, 3)];

#[test]
fn the_moments_are_those_of_explicit_steps_of_the_augmented_state() {
    for case in cases() {
        let d = case.dimension();
        for (schedule, (b, r)) in case.schedules().into_iter().flat_map(|s| BATCHES.map(|batch| (s, batch))) {
            for start in case.starts() {
                let law = process(&case, schedule, b, r, &start);
                let recorded = [0, 1, 2, 3, 50];
                for (moments, k) in law.exact(&recorded).expect("a law").iter().zip(recorded) {
                    let expected = explicit(&case, schedule, b as f64, r as f64, &start, k).part(0, d, 1.0);
                    let distance = distance_from(&law, moments, &expected);
                    assert!(distance < TOLERANCE, "{}, r = {r}, k = {k}: {distance:e}", case.name);
                    if k == 50 && case.noise.rank() > 0 {
                        let wrong = explicit(&case, schedule, b as f64, r as f64 + 1e-7, &start, k).part(0, d, 1.0);
                        assert!(distance_from(&law, moments, &wrong) > 10.0 * TOLERANCE, "{}: r", case.name);
                    }
                }
            }
        }
    }
}

#[test]
fn the_covariance_across_time_is_that_of_the_augmented_state() {
    for case in cases().into_iter().filter(|case| case.curvature.is_diagonal()) {
        let d = case.dimension();
        for schedule in case.schedules() {
            let start = &case.starts()[1];
            let law = process(&case, schedule, 7, 3, start);
            for (k, l) in [(0, 0), (0, 1), (0, 8), (1, 1), (1, 2), (5, 20)] {
                let mut cross = explicit(&case, schedule, 7.0, 3.0, start, k).covariance;
                for step in k..l {
                    cross = transition(&case, schedule.at(step), 7.0, 3.0).0 * cross;
                }
                let gap = distance(law.cross_covariance(k, l).expect("a law").as_ref(), cross.submatrix(0, 0, d, d));
                assert!(gap < TOLERANCE, "{}, {k} to {l}: {gap:e}", case.name);
            }
        }
    }
}

#[test]
fn the_stationary_covariance_is_where_the_moments_end() {
    for case in cases() {
        for stiffness in [0.1, 1.0, 1.9] {
            let law = process(&case, constant(stiffness / case.largest_curvature()), 4, 2, &case.starts()[1]);
            let gap = distance(at(&law, 1 << 20).covariance.as_ref(), law.stationary_covariance().as_ref());
            assert!(gap < 1e-13, "{}: {gap:e}", case.name);
        }
    }
}

#[test]
fn without_reuse_it_is_sgd() {
    let case = case("dense H and G");
    for schedule in case.schedules() {
        let (reuse, start) = (process(&case, schedule, 4, 0, &case.starts()[1]), &case.starts()[1]);
        let sgd = case.sgd(schedule, Gaussian::new(4).expect("positive"), start);
        assert_eq!(at(&reuse, 9).covariance, at(&sgd, 9).covariance);
    }
}

/// Diagonal entries are multiplied by 1 + 2(r/b)(1 − ηh). At r = b/2 and ηh from 0.14 to 1.4 that is 1.86 to 0.6: the
/// best scalar leaves (1.86 − 0.6)/(1.86 + 0.6) = 51 % of error in some direction.
#[test]
fn no_scalar_inflation_of_the_noise_reproduces_the_memory() {
    let case = case("diagonal H and G");
    let eta = 1.4 / case.largest_curvature();
    let law = process(&case, constant(eta), 4, 2, &case.starts()[0]);
    let (correlated, white) = (law.stationary_covariance(), law.white_noise_covariance());
    let ratios: Vec<f64> = (0..3).map(|i| correlated[(i, i)] / white[(i, i)]).collect();
    for (ratio, h) in ratios.iter().zip(law.frame().rates()) {
        assert!((ratio - (2.0 - eta * h)).abs() < 1e-12, "{ratio}");
    }
    let worst = |inflation: f64| ratios.iter().map(|r| (inflation / r - 1.0).abs()).fold(0.0, f64::max);
    let best = (0..=400).map(|n| worst(0.01 * f64::from(n))).fold(f64::INFINITY, f64::min);
    assert!((best - 0.51).abs() < 0.01, "{best}");
}

/// The scalar model with ρ = 2r/b is the limit of small steps: its gap is of first order.
#[test]
fn for_small_steps_the_long_run_variance_is_all_that_counts() {
    for case in cases().into_iter().filter(|case| case.noise.rank() > 0) {
        let gap = |stiffness: f64| {
            let law = process(&case, constant(stiffness / case.largest_curvature()), 4, 1, &case.starts()[0]);
            let limit = law.limit(&[u64::MAX]).expect("a limit").remove(0).covariance;
            distance(law.stationary_covariance().as_ref(), limit.as_ref())
        };
        let (gap_1, gap_2) = (gap(1e-3), gap(5e-4));
        assert!(gap_1 < 1e-2 && (gap_1 / gap_2 - 2.0).abs() < 0.01, "{}: {gap_1} {gap_2}", case.name);
    }
    let case = case("dense H and G");
    let law = process(&case, decreasing(2.0, 20.0, 1.0), 4, 2, &case.starts()[1]);
    let k = 1 << 16;
    let limit = law.limit(&[k]).expect("a limit").remove(0).covariance;
    assert!(distance(at(&law, k).covariance.as_ref(), limit.as_ref()) < 1e-3);
}

/// At r = b/2 the noise is a moving average of two equal parts, and 1 + a cancels the discretisation 2 − ηh: the
/// variances along the axes of H are those of the limit at every step size, though the correlations between them are
/// not.
#[test]
fn at_the_largest_reuse_the_variances_along_the_axes_have_no_discretisation_error() {
    let case = case("diagonal H, dense G");
    let law = process(&case, constant(0.14), 4, 2, &case.starts()[0]);
    let limit = law.limit(&[u64::MAX]).expect("a limit").remove(0).covariance;
    let ratio = |i: usize, j: usize| law.stationary_covariance()[(i, j)] / limit[(i, j)];
    assert!((0..3).all(|i| (ratio(i, i) - 1.0).abs() < 1e-13));
    assert!((ratio(0, 2) - 1.0).abs() > 0.1, "{}", ratio(0, 2));
}

#[test]
fn more_reuse_than_fresh_samples_is_refused() {
    let case = case("diagonal H and G");
    let build = |b, r| PartialReuse::new(&case.problem(), constant(0.1), b, r, &case.starts()[0]);
    for (b, r) in [(4, 3), (5, 3), (1, 1), (4, u64::MAX)] {
        let error = build(b, r).expect_err("too many");
        assert!(matches!(error, DynamicsError::ReuseTooLarge { .. }), "{error}");
        assert!(error.to_string().contains(&format!("r = {r} samples of a batch of b = {b}")), "{error}");
    }
    assert!(matches!(build(0, 0), Err(DynamicsError::NotPositive { .. })));
    assert!(build(5, 2).is_ok() && build(1, 0).is_ok());
}

/// False alarms and the smallest error surely caught: as in `statistics`.
#[test]
fn simulated_reuse_follows_the_law() {
    let case = case("diagonal H, dense G");
    let start = &case.starts()[0];
    let law = process(&case, constant(0.12), 4, 2, start);
    let law_of = |case: Case, eta: f64, r: u64| {
        let law = process(&case, constant(eta), 4, r, start);
        move |k| at(&law, k)
    };
    let same = || scaled_noise(&case, 1.0);
    let doubled_memory = |k: u64| {
        let (white, correlated) = (law_of(same(), 0.12, 0)(k), at(&law, k));
        Moments { covariance: Scale(2.0) * &correlated.covariance - &white.covariance, ..correlated }
    };
    let broken: [Broken<'_>; 6] = [
        ("white noise", &law_of(same(), 0.12, 0)),
        ("half of the reuse", &law_of(same(), 0.12, 1)),
        ("twice the memory", &doubled_memory),
        ("the scalar model", &law_of(scaled_noise(&case, 2.0), 0.12, 0)),
        ("G wrong by 5 %", &law_of(scaled_noise(&case, 1.05), 0.12, 2)),
        ("η wrong by 5 %", &law_of(same(), 0.126, 2)),
    ];
    check_process("partial reuse", &law, &broken);
}

/// b = 7 and r = 3 leave a sample that is in one batch only, of which b = 2r has none.
#[test]
fn simulated_reuse_with_samples_of_its_own_follows_the_law() {
    let case = case("diagonal H, dense G");
    let start = &case.starts()[0];
    let law_of = |case: Case, r: u64| {
        let law = process(&case, constant(0.12), 7, r, start);
        move |k| at(&law, k)
    };
    let broken: [Broken<'_>; 2] = [
        ("white noise", &law_of(scaled_noise(&case, 1.0), 0)),
        ("G wrong by 5 %", &law_of(scaled_noise(&case, 1.05), 3)),
    ];
    check_process("partial reuse with own samples", &process(&case, constant(0.12), 7, 3, start), &broken);
}

#[test]
fn time_is_the_sum_of_the_steps() {
    let case = case("one dimension");
    for schedule in case.schedules() {
        assert_eq!(process(&case, schedule, 4, 1, &case.starts()[0]).time(9), schedule.time(9));
    }
}
