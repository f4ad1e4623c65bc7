//! Averages of iterates: the exact law against explicit steps of (e, S), the closed form, the limit, the simulation.

use dynamics::block::{Row, WIDTH};
use dynamics::process::Averaged;
use dynamics::schedule::Schedule;
use dynamics::start::Start;
use dynamics::{DynamicsError, Process};
use faer::{Mat, Scale};
use geometry::{Symmetric, loewner_le};
use sampling::designs::Gaussian;

use crate::common::{Case, Dense, at, blocks, case, cases, constant, decreasing, distance, distance_from, streams};
use crate::statistics::{Broken, check_process, scaled_noise};

const TOLERANCE: f64 = 1e-11;

fn averaged(case: &Case, schedule: Schedule, from: u64, start: &Start) -> Averaged<Gaussian> {
    Averaged::new(case.sgd(schedule, Gaussian::new(4).expect("positive"), start), from)
}

/// The transition of (e, S) at step k, and the covariance of its noise.
fn transition(case: &Case, schedule: Schedule, from: u64, k: u64) -> (Mat<f64>, Mat<f64>) {
    let d = case.dimension();
    let (zero, one) = (Mat::zeros(d, d), Mat::identity(d, d));
    let eta = schedule.at(k);
    let (A, W) = (case.contraction(eta), Scale(0.25 * eta * eta) * case.noise.as_mat());
    if k < from {
        (blocks([[&A, &zero], [&zero, &zero]]), blocks([[&W, &zero], [&zero, &zero]]))
    } else {
        (blocks([[&A, &zero], [&A, &one]]), blocks([[&W, &W], [&W, &W]]))
    }
}

fn explicit(case: &Case, schedule: Schedule, from: u64, start: &Start, k: u64) -> Dense {
    let d = case.dimension();
    let mut law = Dense::augmented(start, &Mat::zeros(d, d));
    for k in 0..k {
        let (M, N) = transition(case, schedule, from, k);
        law.step(&M, &N);
    }
    law
}

/// Where the observed state stands in (e, S), and the factor on it.
fn observed(d: usize, from: u64, k: u64) -> (usize, f64) {
    if k <= from { (0, 1.0) } else { (d, 1.0 / (k - from) as f64) }
}

#[test]
fn the_moments_of_an_average_are_those_of_explicit_sums() {
    for case in cases() {
        let d = case.dimension();
        for (schedule, from) in case.schedules().into_iter().flat_map(|s| [(s, 0), (s, 3)]) {
            for start in case.starts() {
                let law = averaged(&case, schedule, from, &start);
                let recorded = [0, 1, 2, 3, 4, 5, 40];
                for (moments, k) in law.exact(&recorded).expect("a law").iter().zip(recorded) {
                    let (first, scale) = observed(d, from, k);
                    let explicit = explicit(&case, schedule, from, &start, k);
                    let distance = distance_from(&law, moments, &explicit.part(first, d, scale));
                    assert!(distance < TOLERANCE, "{}, s = {from}, k = {k}: {distance:e}", case.name);
                    if k > from + 1 && case.noise.rank() > 0 {
                        let wrong = explicit.part(first, d, scale * (1.0 + 1e-9));
                        assert!(distance_from(&law, moments, &wrong) > 10.0 * TOLERANCE, "{}", case.name);
                    }
                }
            }
        }
    }
}

#[test]
fn the_covariance_of_averages_across_time_is_that_of_explicit_sums() {
    for case in cases() {
        let d = case.dimension();
        for schedule in case.schedules() {
            let (from, start) = (3, &case.starts()[1]);
            let law = averaged(&case, schedule, from, start);
            for (k, l) in [(0, 0), (0, 3), (1, 2), (1, 9), (3, 4), (4, 4), (4, 5), (6, 30)] {
                let mut cross = explicit(&case, schedule, from, start, k).covariance;
                for step in k..l {
                    cross = transition(&case, schedule, from, step).0 * cross;
                }
                let ((row, row_scale), (column, column_scale)) = (observed(d, from, l), observed(d, from, k));
                let cross = Scale(row_scale * column_scale) * cross.submatrix(row, column, d, d);
                // Not symmetric, so rotated in two parts: `Frame::matrix` symmetrises.
                let law_cross = law.cross_covariance(k, l).expect("a law");
                let symmetric = |M: &Mat<f64>| Scale(0.5) * (M + M.transpose());
                let expected = law.frame().matrix(symmetric(&cross).as_ref());
                let gap = distance(symmetric(&law_cross).as_ref(), expected.as_ref());
                assert!(gap < TOLERANCE, "{}, {k} to {l}: {gap:e}", case.name);
                if case.curvature.is_diagonal() {
                    assert!(distance(law_cross.as_ref(), cross.as_ref()) < TOLERANCE, "{}, {k} to {l}", case.name);
                }
            }
        }
    }
}

/// After 2²⁰ steps the error is stationary to the last bit, and what is averaged from there on has the closed form.
#[test]
fn the_average_of_stationary_iterates_has_the_closed_form() {
    for case in cases() {
        for stiffness in [0.1, 1.0, 1.4] {
            let (from, eta) = (1 << 20, stiffness / case.largest_curvature());
            let law = averaged(&case, constant(eta), from, &case.starts()[1]);
            for n in [1, 2, 5, 60] {
                let closed = law.stationary_average_covariance(n).expect("constant steps");
                let recursive = at(&law, from + n).covariance;
                let gap = distance(recursive.as_ref(), closed.as_ref());
                assert!(gap < 1e-10, "{}, ηλ_max = {stiffness}, n = {n}: {gap:e}", case.name);
                if case.noise.rank() > 0 && stiffness == 0.1 {
                    let limit = law.limit(&[from + n]).expect("a limit").remove(0).covariance;
                    assert!(distance(recursive.as_ref(), limit.as_ref()) > 1e-3, "{}: the edges count", case.name);
                }
            }
        }
    }
    let case = case("diagonal H and G");
    let error = averaged(&case, case.schedules()[1], 0, &case.starts()[0]).stationary_average_covariance(3);
    assert!(matches!(error, Err(DynamicsError::NoLaw { .. })));
}

/// n‖Cov − limit‖_F/‖limit‖_F at n and 2n averaged iterates.
fn gaps(law: &Averaged<Gaussian>, n: u64) -> [f64; 2] {
    let steps = [law.from() + n, law.from() + 2 * n];
    let (exact, limit) = (law.exact(&steps).expect("a law"), law.limit(&steps).expect("a limit"));
    [0, 1].map(|i| distance(exact[i].covariance.as_ref(), limit[i].covariance.as_ref()))
}

#[test]
fn averages_approach_the_sandwich_at_the_known_rate() {
    let case = case("dense H and G");
    let rate = |schedule: Schedule, from: u64| {
        let [gap, next] = gaps(&averaged(&case, schedule, from, &case.starts()[1]), 1 << 15);
        (gap, -libm::log2(next / gap))
    };
    // Constant steps, also with an overshoot: the edges are of order 1/n.
    for (stiffness, from) in [(0.3, 0), (1.0, 0), (1.9, 0), (0.3, 20)] {
        let (gap, slope) = rate(constant(stiffness / case.largest_curvature()), from);
        assert!(gap < 1e-2 && (slope - 1.0).abs() < 0.01, "ηλ_max = {stiffness}, s = {from}: {gap}, {slope}");
    }
    // Decreasing steps: the last iterate weighs 1/(nη_n) = n^(α−1)/c.
    for exponent in [0.6, 0.75] {
        let (gap, slope) = rate(decreasing(1.0, 32.0, exponent), 0);
        assert!(gap < 0.2 && (slope - (1.0 - exponent)).abs() < 0.05, "α = {exponent}: {gap}, {slope}");
    }
    // c/k: the factor (h_i + h_j)/(h_i + h_j − 1/c), met up to log n/n.
    let (gap, slope) = rate(decreasing(2.0, 20.0, 1.0), 0);
    assert!(gap < 1e-2 && slope > 0.8, "α = 1: {gap}, {slope}");
}

#[test]
fn averages_of_one_over_k_steps_are_above_the_sandwich_and_refused_where_they_have_no_limit() {
    let case = case("dense H and G");
    let limit = |schedule| {
        let law = averaged(&case, schedule, 0, &case.starts()[1]);
        law.limit(&[1000]).map(|mut laws| Symmetric::new(laws.remove(0).covariance).expect("symmetric"))
    };
    let sandwich = limit(decreasing(2.0, 80.0, 0.75)).expect("a limit");
    let fast = limit(decreasing(2.0, 20.0, 1.0)).expect("a limit");
    assert!(loewner_le(&sandwich, &fast).expect("same dimension").holds());
    assert!(!loewner_le(&fast, &sandwich).expect("same dimension").holds());
    assert!(matches!(limit(decreasing(0.4, 4.0, 1.0)), Err(DynamicsError::SlowRate { .. })));
}

#[test]
fn the_limit_counts_the_averaged_iterates_and_time_all_steps() {
    let case = case("dense H and G");
    let law = |from| averaged(&case, constant(0.125), from, &case.starts()[1]);
    let limit = |process: &dyn Process, k| process.limit(&[k]).expect("a limit").remove(0).covariance;
    assert_eq!(limit(&law(7), 7 + 20), limit(&law(0), 20));
    assert_eq!(limit(&law(7), 7), limit(law(7).sgd(), 7));
    assert_eq!((law(7).from(), law(7).time(12)), (7, 1.5));
}

#[test]
fn what_is_recorded_is_the_average_of_the_iterates() {
    let case = case("dense H and G");
    for (schedule, from) in case.schedules().into_iter().flat_map(|s| [(s, 0), (s, 4)]) {
        let record = |process: &dyn Process| {
            let mut seen: Vec<Vec<Row>> = Vec::new();
            let recorded: Vec<u64> = (0..=12).collect();
            process.simulate(streams("averaged", 0), &recorded, &mut |_, errors| {
                seen.push(errors.to_vec());
                true
            });
            seen
        };
        let law = averaged(&case, schedule, from, &case.starts()[1]);
        let (iterates, averages) = (record(law.sgd()), record(&law));
        let averaged_from = (0..from).count();
        for k in 0..=12_usize {
            let first = if k <= averaged_from { k } else { averaged_from + 1 };
            let n = (k - first + 1) as f64;
            for (i, lane) in (0..5).flat_map(|i| (0..WIDTH).map(move |lane| (i, lane))) {
                let mean = (first..=k).map(|j| iterates[j][i][lane]).sum::<f64>() / n;
                assert!((averages[k][i][lane] - mean).abs() < 1e-14, "s = {from}, k = {k}");
            }
        }
    }
}

/// False alarms and the smallest error surely caught: as in `statistics`.
#[test]
fn simulated_averages_follow_the_law() {
    let case = case("diagonal H, dense G");
    let start = &case.starts()[0];
    let law_of = |case: Case, eta: f64, from: u64| {
        let law = averaged(&case, constant(eta), from, start);
        move |k| at(&law, k)
    };
    let same = || scaled_noise(&case, 1.0);
    let law = averaged(&case, constant(0.12), 3, start);
    let white = |k: u64| {
        let mut moments = at(&law, k);
        if k > 3 {
            // The variance of n independent iterates.
            moments.covariance = at(law.sgd(), k).covariance * Scale(1.0 / (k - 3) as f64);
        }
        moments
    };
    let broken: [Broken<'_>; 6] = [
        ("correlations dropped", &white),
        ("G wrong by 5 %", &law_of(scaled_noise(&case, 1.05), 0.12, 3)),
        ("G doubled", &law_of(scaled_noise(&case, 2.0), 0.12, 3)),
        ("η wrong by 5 %", &law_of(same(), 0.126, 3)),
        ("averaged from one step later", &law_of(same(), 0.12, 4)),
        ("averaged from one step earlier", &law_of(same(), 0.12, 2)),
    ];
    check_process("averaged", &law, &broken);
}
