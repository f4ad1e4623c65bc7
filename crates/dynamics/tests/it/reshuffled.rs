//! Reshuffled epochs: the exact law against all orders of a pool, the plateau, and the sum of the noises of an epoch.

use dynamics::block::{Row, WIDTH};
use dynamics::process::Reshuffled;
use dynamics::schedule::Schedule;
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use geometry::frobenius_norm;
use sampling::designs::Gaussian;

use crate::common::{Case, at, case, cases, constant, distance, normals, streams};
use crate::statistics::{Broken, check_process, scaled_noise};

/// n×d numbers with lighter tails than normals, so that the standard errors of `statistics` hold from above.
fn samples(n: usize, d: usize) -> Mat<f64> {
    let normals = normals("pool", n * d);
    Mat::from_fn(n, d, |s, i| libm::sin(3.0 * normals[s * d + i]))
}

fn process(case: &Case, schedule: Schedule, n: usize, b: usize, start: &Start) -> Reshuffled {
    let samples = samples(n, case.dimension());
    Reshuffled::new(&case.problem(), schedule, b, samples.as_ref(), start)
        .unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

#[test]
fn the_pool_has_mean_zero_and_unit_covariance() {
    for (n, d) in [(2, 1), (6, 3), (6, 5), (500, 12)] {
        let case = cases().into_iter().find(|case| case.dimension() == d).expect("a case");
        let process = process(&case, constant(0.1 / case.largest_curvature()), n, 1, &case.starts()[0]);
        let pool = Mat::from_fn(n, d, |s, i| process.pool()[s * d + i]);
        let covariance = pool.transpose() * &pool * Scale(1.0 / n as f64);
        assert!(
            distance(covariance.as_ref(), Mat::<f64>::identity(d, d).as_ref()) < 1e-14 * d as f64,
            "n = {n}, d = {d}"
        );
        assert!((0..d).all(|i| (0..n).map(|s| pool[(s, i)]).sum::<f64>().abs() < 1e-12 * n as f64));
    }
}

/// All orders of n items.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let insert = |shorter: Vec<usize>| {
        (0..n).map(move |place| {
            let mut order = shorter.clone();
            order.insert(place, n - 1);
            order
        })
    };
    permutations(n - 1).into_iter().flat_map(insert).collect()
}

/// The covariances of the batch noises (ξ_0, …, ξ_{m−1}) of an epoch, stacked, over all orders of the pool.
fn epoch_covariance(process: &Reshuffled, L: &Mat<f64>, n: usize, b: usize) -> Mat<f64> {
    let (d, m) = (L.nrows(), n / b);
    let orders = permutations(n);
    let mut second = Mat::<f64>::zeros(m * d, m * d);
    for order in &orders {
        let mut whitened = Mat::<f64>::zeros(d, m);
        for (place, &sample) in order.iter().enumerate() {
            for i in 0..d {
                whitened[(i, place / b)] += process.pool()[sample * d + i] / b as f64;
            }
        }
        let xi = L * whitened;
        let stacked = Mat::from_fn(m * d, 1, |row, _| xi[(row % d, row / d)]);
        second += &stacked * stacked.transpose();
    }
    Scale(1.0 / orders.len() as f64) * second
}

/// Cov(e_l, e_k) by summing over all pairs of noises: e_k = Π A e_0 − Σ_j (A_{k−1}…A_{j+1})η_jξ_j.
fn explicit(case: &Case, schedule: Schedule, epoch: &Mat<f64>, start: &Start, l: u64, k: u64) -> Mat<f64> {
    let d = case.dimension();
    let m = epoch.nrows() / d;
    let carried = |from: u64, to: u64| {
        (from..to).fold(Mat::<f64>::identity(d, d), |P, step| case.contraction(schedule.at(step)) * P)
    };
    let mut covariance = carried(0, l) * start.moments().covariance * carried(0, k).transpose();
    let places = |n: u64| (0..n).zip((0..m).cycle()).enumerate().map(move |(at, (k, p))| (k, at / m, p * d));
    let pairs = places(l).flat_map(|first| places(k).map(move |second| (first, second)));
    for ((i, epoch_of_i, row), (j, epoch_of_j, column)) in pairs {
        if epoch_of_i != epoch_of_j {
            continue;
        }
        let noise = Scale(schedule.at(i) * schedule.at(j)) * epoch.submatrix(row, column, d, d);
        covariance += carried(i + 1, l) * noise * carried(j + 1, k).transpose();
    }
    covariance
}

#[test]
fn the_moments_are_those_of_all_orders_of_the_pool() {
    for case in cases().into_iter().filter(|case| case.curvature.is_diagonal()) {
        let L = case.noise.lower_factor().expect("semidefinite");
        for (schedule, (n, b)) in
            case.schedules().into_iter().flat_map(|s| [(6, 1), (6, 2), (6, 3), (6, 6), (4, 1)].map(|pool| (s, pool)))
        {
            let start = &case.starts()[1];
            let law = process(&case, schedule, n, b, start);
            let epoch = epoch_covariance(&law, &L, n, b);
            for k in 0..=8 {
                let moments = at(&law, k);
                let expected = explicit(&case, schedule, &epoch, start, k, k);
                let gap = frobenius_norm((&moments.covariance - expected).as_ref());
                assert!(gap < 1e-13, "{}, n = {n}, b = {b}, k = {k}: {gap:e}", case.name);
                for (i, h) in law.frame().rates().iter().enumerate() {
                    let contraction: f64 = (0..k).map(|k| 1.0 - schedule.at(k) * h).product();
                    assert!((moments.mean[i] - contraction * start.mean()[i]).abs() < 1e-13);
                }
                for l in [k, k + 1, k + 2, k + 7] {
                    let expected = explicit(&case, schedule, &epoch, start, l, k);
                    let gap = frobenius_norm((law.cross_covariance(k, l).expect("a law") - expected).as_ref());
                    assert!(gap < 1e-13, "{}, n = {n}, b = {b}, {k} to {l}: {gap:e}", case.name);
                }
            }
        }
    }
}

#[test]
fn the_stationary_covariance_is_that_at_the_end_of_late_epochs() {
    for case in cases() {
        let law = process(&case, constant(1.4 / case.largest_curvature()), 24, 4, &case.starts()[1]);
        let late = law.exact(&[12_000, 12_003]).expect("a law");
        let [end, middle] = [0, 1].map(|n| distance(late[n].covariance.as_ref(), law.stationary_covariance().as_ref()));
        assert!(end < 1e-11, "{}: {end:e}", case.name);
        assert!(case.noise.rank() == 0 || middle > 1e-3, "{}: an epoch's middle is another law", case.name);
    }
}

/// tr(HΣ) of the plateau with replacement over that of reshuffling, at the end and in the middle of an epoch.
fn drops(case: &Case, eta: f64, n: usize, b: usize) -> [f64; 2] {
    let law = process(case, constant(eta), n, b, &case.starts()[0]);
    let sgd = case.process(eta, Gaussian::new(b as u64).expect("positive"), &case.starts()[0]);
    let risk = |C: &Mat<f64>| law.frame().rates().iter().enumerate().map(|(i, h)| h * C[(i, i)]).sum::<f64>();
    let m = (n / b) as u64;
    // e^{−2ηhk} is below 10⁻²⁶ at t = ηk = 30, and what the start has left so below 10⁻¹³ of the plateau.
    let long = (0..).map(|epoch| epoch * m).find(|&k| k as f64 * eta >= 30.0).expect("an epoch");
    let laws = law.exact(&[long, long + m / 2]).expect("a law");
    [0, 1].map(|i| risk(&sgd.stationary_covariance()) / risk(&laws[i].covariance))
}

/// Where sampling with replacement is at O(η), reshuffling is at O(η²) within an epoch and at O(η³) at its end.
#[test]
fn reshuffling_lowers_the_plateau_by_one_order_within_an_epoch_and_by_two_at_its_end() {
    let case = case("diagonal H and G");
    let (n, b) = (64, 8);
    let [end, middle] = drops(&case, 0.01, n, b);
    assert!((end - 90.86).abs() < 0.01 && (middle - 8.94).abs() < 0.01, "drops by {end} and {middle}");
    let [end_half, middle_half] = drops(&case, 1e-4, n, b);
    let [end_quarter, middle_quarter] = drops(&case, 5e-5, n, b);
    assert!((end_quarter / end_half - 4.0).abs() < 0.02, "{}", end_quarter / end_half);
    assert!((middle_quarter / middle_half - 2.0).abs() < 0.02, "{}", middle_quarter / middle_half);
    // The leading order (η³/24)·κ·m(m + 1)·h_iG_ii that the module states.
    let eta = 1e-4;
    let law = process(&case, constant(eta), n, b, &case.starts()[0]);
    let Sigma = law.stationary_covariance();
    for i in 0..3 {
        let (h, g) = (law.frame().rates()[i], case.noise.as_mat()[(i, i)]);
        let leading = eta.powi(3) / 24.0 * law.variance_factor() * 72.0 * h * g;
        assert!((Sigma[(i, i)] / leading - 1.0).abs() < 0.01, "{}", Sigma[(i, i)] / leading);
    }
}

#[test]
fn the_noises_of_an_epoch_add_up_to_zero_in_every_replicate_and_in_another_order_each() {
    let case = case("diagonal H, dense G");
    let eta = 0.13;
    let law = process(&case, constant(eta), 12, 3, &case.starts()[1]);
    let mut seen: Vec<Vec<Row>> = Vec::new();
    let recorded: Vec<u64> = (0..=12).collect();
    law.simulate(streams("reshuffled", 0), &recorded, &mut |_, errors| {
        seen.push(errors.to_vec());
        true
    });
    let h = law.frame().rates();
    let noise = |k: usize, i: usize, lane: usize| ((1.0 - eta * h[i]) * seen[k][i][lane] - seen[k + 1][i][lane]) / eta;
    for (i, lane) in (0..3).flat_map(|i| (0..WIDTH).map(move |lane| (i, lane))) {
        for epoch in 0..3 {
            let sum: f64 = (4 * epoch..4 * epoch + 4).map(|k| noise(k, i, lane)).sum();
            assert!(sum.abs() < 1e-12, "{sum}");
            let across: f64 = (4 * epoch..4 * epoch + 3).map(|k| noise(k, i, lane)).sum();
            assert!(across.abs() > 1e-9, "a part of an epoch must not cancel");
        }
    }
    assert!((1..WIDTH).all(|lane| noise(0, 0, lane) != noise(0, 0, 0) || noise(1, 0, lane) != noise(1, 0, 0)));
}

#[test]
fn a_batch_of_the_whole_pool_has_no_noise() {
    let case = case("diagonal H, dense G");
    let law = process(&case, constant(0.1), 6, 6, &case.starts()[0]);
    law.simulate(streams("reshuffled", 0), &[3], &mut |_, errors| {
        for (row, mean) in errors.iter().zip(at(&law, 3).mean) {
            assert!(row.iter().all(|e| (e - mean).abs() < 1e-14));
        }
        true
    });
    assert_eq!(at(&law, 3).covariance, Mat::<f64>::zeros(3, 3));
}

#[test]
fn a_pool_must_span_the_space_and_be_a_number_of_batches() {
    let case = case("diagonal H and G");
    let build = |b: usize, samples: Mat<f64>| {
        Reshuffled::new(&case.problem(), constant(0.1), b, samples.as_ref(), &case.starts()[0]).map(|_| ())
    };
    let message = |result: Result<(), DynamicsError>| result.expect_err("refused").to_string();
    assert!(message(build(1, samples(3, 3))).contains("n = 3 samples: it must be more than d = 3"));
    assert!(message(build(1, samples(4097, 3))).contains("at most 4096"));
    assert!(message(build(4, samples(10, 3))).contains("n = 10 samples cannot be cut into batches of b = 4"));
    assert!(message(build(0, samples(10, 3))).contains("b = 0"));
    assert!(message(build(2, samples(10, 2))).contains("pool of samples has dimension 2"));
    assert!(message(build(2, Mat::from_fn(10, 3, |s, _| s as f64))).contains("singular"));
    assert!(build(2, samples(10, 3)).is_ok());
}

/// False alarms and the smallest error surely caught: as in `statistics`.
#[test]
fn simulated_epochs_follow_the_law() {
    let case = case("diagonal H, dense G");
    let start = &case.starts()[0];
    let (n, b) = (15, 3);
    let law = process(&case, constant(0.12), n, b, start);
    let law_of = |case: Case, eta: f64| {
        let law = process(&case, constant(eta), n, b, start);
        move |k| at(&law, k)
    };
    let white = |factor: f64| {
        let sgd = case.process(0.12, Gaussian::new(b as u64).expect("positive"), start);
        let covariance = move |k: u64| (at(&sgd, k), factor);
        move |k: u64| {
            let (Moments { mean, covariance }, factor) = covariance(k);
            Moments { mean, covariance: Scale(factor) * covariance }
        }
    };
    let broken: [Broken<'_>; 5] = [
        ("sampling with replacement", &white(1.0)),
        ("no memory of the epoch", &white(law.variance_factor() * b as f64)),
        ("G wrong by 5 %", &law_of(scaled_noise(&case, 1.05), 0.12)),
        ("G doubled", &law_of(scaled_noise(&case, 2.0), 0.12)),
        ("η wrong by 5 %", &law_of(scaled_noise(&case, 1.0), 0.126)),
    ];
    check_process("reshuffled", &law, &broken);
}

#[test]
fn time_is_the_sum_of_the_steps() {
    let case = case("one dimension");
    for schedule in case.schedules() {
        assert_eq!(process(&case, schedule, 6, 2, &case.starts()[0]).time(9), schedule.time(9));
    }
}
