//! Real mini-batches: which samples they hold, their exact first step, and the two laws for small noise against closed
//! forms, against each other and against simulations.

use dynamics::block::WIDTH;
use dynamics::problem::{Link, Logistic, LogisticData, Robust, RobustData, SmoothProblem};
use dynamics::process::batch::{Batch, Picks};
use dynamics::process::{MiniBatch, Replacement, Sgd};
use dynamics::schedule::{RobbinsMonro, Schedule};
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use sampling::designs::Gaussian;
use std::sync::Arc;

use crate::common::{constant, distance, problem_stream, streams, vector_distance};
use crate::studentised::{assert_followed, assert_refused, measure};

fn logistic(n: usize, truth: &[f64]) -> Arc<Logistic> {
    let data = LogisticData::generate(n, truth, Link::Probit, &mut problem_stream("mini-batch")).expect("valid");
    Arc::new(Logistic::fit(data, 0.0).expect("not separable"))
}

fn robust(n: usize) -> Robust {
    let data = RobustData::generate(n, &[1.0, -1.0], 0.5, 0.3, &mut problem_stream("mini-batch")).expect("valid");
    Robust::fit(data, &[1.0, -1.0]).expect("a minimum")
}

fn process<P: SmoothProblem>(problem: P, eta: f64, b: u64, replacement: Replacement, start: &[f64]) -> MiniBatch<P> {
    let start = Start::new(start.to_vec(), 0.0).expect("finite");
    MiniBatch::new(problem, constant(eta), b, replacement, &start).expect("stable")
}

/// Every set of 3 samples of 6 has the same chance: 20 sets, or 216 triples with replacement. χ² below 90 (19 degrees of
/// freedom, 6·10⁻¹¹) and 400 (215, 10⁻¹²); a chance that is 5 % off for one sample gives a χ² beyond 100 more.
#[test]
fn batches_are_uniform_over_sets_or_over_tuples() {
    let mut stream = streams("picks", 0).noise;
    for (replacement, n_kinds, bound) in [(Replacement::Without, 20.0, 90.0), (Replacement::With, 216.0, 400.0)] {
        let mut picks = Picks::new(Batch::new(6, 3, replacement).expect("valid"));
        let (mut counts, n_draws) = (std::collections::BTreeMap::new(), 10_000);
        for _ in 0..n_draws {
            let batch = picks.draw(&mut stream);
            for lane in 0..WIDTH {
                let mut kind = [batch[0][lane], batch[1][lane], batch[2][lane]];
                if replacement == Replacement::Without {
                    kind.sort_unstable();
                    assert!(kind[0] < kind[1] && kind[1] < kind[2] && kind[2] < 6, "{kind:?}");
                }
                *counts.entry(kind).or_insert(0.0) += 1.0;
            }
        }
        let expected = n_draws as f64 * WIDTH as f64 / n_kinds;
        let chi_squared = |counts: &mut dyn Iterator<Item = f64>| -> f64 {
            counts.map(|count| (count - expected) * (count - expected) / expected).sum()
        };
        assert_eq!(counts.len() as f64, n_kinds);
        let measured = chi_squared(&mut counts.values().copied());
        assert!(measured < bound, "{replacement:?}: χ² = {measured}");
        let biased = |(kind, count): (&[u32; 3], &f64)| if kind.contains(&0) { 1.05 * count } else { *count };
        assert!(chi_squared(&mut counts.iter().map(biased)) > bound + 100.0, "{replacement:?}");
    }
}

#[test]
fn a_batch_of_all_samples_is_gradient_descent() {
    let problem = logistic(40, &[1.0, -0.5]);
    let process = process(problem.clone(), 0.5, 40, Replacement::Without, &[1.0, 1.0]);
    assert_eq!(process.variance_factor(), 0.0);
    let mut theta: Vec<f64> = problem.minimiser().iter().map(|theta| theta + 1.0).collect();
    process.simulate(streams("descent", 0), &[0, 1, 2, 3, 4], &mut |_, errors| {
        for i in 0..2 {
            for lane in 0..WIDTH {
                assert!((errors[i][lane] + problem.minimiser()[i] - theta[i]).abs() < 1e-13);
            }
        }
        let gradient = problem.gradient(&theta);
        theta.iter_mut().zip(gradient).for_each(|(theta, g)| *theta -= 0.5 * g);
        true
    });
    let [law, limit] = [process.linear_noise(&[5]).remove(0), process.limit(&[5]).expect("a limit").remove(0)];
    let end: Vec<f64> = theta.iter().zip(problem.minimiser()).map(|(theta, minimiser)| theta - minimiser).collect();
    assert!(vector_distance(&law.mean, &end) < 1e-13);
    assert_eq!((law.covariance, limit.covariance), (Mat::zeros(2, 2), Mat::zeros(2, 2)));
}

/// From a point the first step is θ₀ − ηĝ_B: mean and covariance are exact, so 131 072 replicates must meet them (see
/// `studentised`), with the G of θ₀, and with the finite-population factor of the batch.
fn check_first_step(name: &str, problem: impl SmoothProblem + Clone, start: &[f64]) {
    let (n, b) = (problem.samples() as f64, 12);
    for replacement in [Replacement::With, Replacement::Without] {
        let process = process(problem.clone(), 0.3, b, replacement, start);
        let laws = process.linear_noise(&[1]);
        let measured = measure(&process, name, 4096, &[1], &laws);
        assert_followed(name, &measured, &laws);
        let scaled = |factor: f64| {
            let covariance = Scale(factor) * &laws[0].covariance;
            [Moments { mean: laws[0].mean.clone(), covariance }]
        };
        let wrong = if replacement == Replacement::With { (n - 12.0) / (n - 1.0) } else { (n - 1.0) / (n - 12.0) };
        assert_refused("the other kind of batch", &measured, &scaled(wrong));
        assert_refused("the covariance wrong by 6 %", &measured, &scaled(1.06));
        let G = problem.noise(problem.minimiser());
        let covariance = Scale(0.09 * process.variance_factor()) * G;
        assert_refused("the noise of θ*", &measured, &[Moments { mean: laws[0].mean.clone(), covariance }]);
    }
}

#[test]
fn the_first_step_from_a_point_has_exactly_the_moments_of_the_linear_noise() {
    check_first_step("logistic", logistic(50, &[1.0, -0.5, 0.2]), &[1.0, 1.0, -1.0]);
    check_first_step("robust", Arc::new(robust(50)), &[0.5, 1.0]);
}

/// On the one-dimensional problem P solves P' = −2HP + G, so P(t) = g(t)²∫G/g³ dθ from θ(t) to θ₀ with g = L', and
/// t = ∫dθ/g: two quadratures, no differential equation.
#[test]
fn the_limit_in_one_dimension_is_a_quadrature() {
    let problem = logistic(60, &[1.5]);
    let (eta, b, e_0) = (0.05, 3, 2.0);
    let process = process(problem.clone(), eta, b, Replacement::With, &[e_0]);
    let theta = |e: f64| [problem.minimiser()[0] + e];
    let simpson = |f: &dyn Fn(f64) -> f64, from: f64| {
        let n = 4000;
        let h = (e_0 - from) / f64::from(n);
        let weight = |i: i32| if i == 0 || i == n { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
        (0..=n).map(|i| weight(i) * f(from + f64::from(i) * h)).sum::<f64>() * h / 3.0
    };
    let gradient = |e: f64| problem.gradient(&theta(e))[0];
    for step in [10, 100, 300] {
        let law = process.limit(&[step]).expect("a limit").remove(0);
        let e = law.mean[0];
        let time = simpson(&|e| 1.0 / gradient(e), e);
        assert!((time / process.time(step) - 1.0).abs() < 1e-7, "step {step}: {time} of {}", process.time(step));
        let integral = simpson(&|e| problem.noise(&theta(e))[(0, 0)] / gradient(e).powi(3), e);
        let variance = eta / b as f64 * gradient(e) * gradient(e) * integral;
        let gap = law.covariance[(0, 0)] / variance - 1.0;
        assert!(gap.abs() < 1e-7, "step {step}: {gap:e}");
    }
}

/// At the same t the two laws differ by the Euler bias, of first order in η; the noise of θ* alone is wrong at every η.
#[test]
fn the_linear_noise_tends_to_the_limit_as_steps_shrink() {
    let problem = logistic(80, &[2.0, -1.0]);
    // 0.02k is the time of the coarse steps, and of twice as many fine ones.
    for k in [25, 100, 500] {
        let gaps = |eta: f64, step: u64| {
            let process = process(problem.clone(), eta, 4, Replacement::Without, &[2.0, 1.0]);
            let (limit, discrete) = (process.limit(&[step]).expect("a limit").remove(0), process.linear_noise(&[step]));
            let mean = vector_distance(&discrete[0].mean, &limit.mean);
            [mean, distance(discrete[0].covariance.as_ref(), limit.covariance.as_ref())]
        };
        let (coarse, fine) = (gaps(0.02, k), gaps(0.01, 2 * k));
        for (coarse, fine) in coarse.into_iter().zip(fine) {
            assert!((1.9..2.1).contains(&(coarse / fine)) && coarse < 0.05, "k = {k}: {coarse:e} {fine:e}");
        }
    }
}

#[test]
fn both_laws_end_at_the_stationary_law_of_the_local_model() {
    let problem = logistic(80, &[1.0, -1.0]);
    let (eta, b) = (0.4, 4);
    let process = process(problem.clone(), eta, b, Replacement::With, &[1.0, 1.0]);
    let model = problem.quadratic().expect("valid");
    let start = Start::new(vec![0.0; 2], 0.0).expect("finite");
    let sgd = Sgd::new(&model, constant(eta), Gaussian::new(b).expect("positive"), &start).expect("stable");
    let in_frame = |law: &Moments| sgd.frame().matrix(law.covariance.as_ref());
    let (limit, discrete) = (process.limit(&[4000]).expect("a limit"), process.linear_noise(&[4000]));
    assert!(distance(in_frame(&limit[0]).as_ref(), sgd.continuous_covariance().as_ref()) < 1e-6);
    assert!(distance(in_frame(&discrete[0]).as_ref(), sgd.stationary_covariance().as_ref()) < 1e-12);
    assert!(distance(sgd.continuous_covariance().as_ref(), sgd.stationary_covariance().as_ref()) > 0.01);
}

#[test]
fn records_on_the_way_do_not_change_the_laws() {
    let process = process(logistic(60, &[1.0, -1.0]), 0.1, 4, Replacement::With, &[1.0, 1.0]);
    let steps: Vec<u64> = (0..=40).collect();
    let [all, alone] =
        [process.limit(&steps).expect("a limit").remove(40), process.limit(&[40]).expect("a limit").remove(0)];
    assert!(distance(all.covariance.as_ref(), alone.covariance.as_ref()) < 1e-7);
    let [all, alone] = [process.linear_noise(&steps).remove(40), process.linear_noise(&[40]).remove(0)];
    assert_eq!((all.mean, all.covariance), (alone.mean, alone.covariance));
}

/// Along the transient, with noise so small that what the laws neglect stays below one standard error: 60 of 64 samples a
/// batch, 32 768 replicates. The Ornstein–Uhlenbeck law of θ* and the limit's own Euler bias are both refused.
#[test]
fn simulations_follow_the_linear_noise_along_the_transient() {
    let problem = logistic(64, &[2.0, -1.0]);
    let recorded = [1, 4, 16];
    let process = process(problem.clone(), 0.25, 60, Replacement::Without, &[2.0, 1.5]);
    let laws = process.linear_noise(&recorded);
    let measured = measure(&process, "transient", 1024, &recorded, &laws);
    assert_followed("linear noise", &measured, &laws);
    assert_refused("the continuous path at η = ¼", &measured, &process.limit(&recorded).expect("a limit"));
    let (model, start) = (problem.quadratic().expect("valid"), Start::new(vec![0.0; 2], 0.0).expect("finite"));
    let sgd = Sgd::new(&model, constant(0.25), Gaussian::new(1).expect("positive"), &start).expect("stable");
    let of_theta_star = sgd.exact(&recorded).expect("a law");
    let frozen: Vec<Moments> = of_theta_star
        .iter()
        .zip(&laws)
        .map(|(local, law)| {
            // The trace does not depend on the frame, and a wrong total variance is enough.
            let factor = process.variance_factor() * (local.covariance[(0, 0)] + local.covariance[(1, 1)])
                / (law.covariance[(0, 0)] + law.covariance[(1, 1)]);
            Moments { mean: law.mean.clone(), covariance: Scale(factor) * &law.covariance }
        })
        .collect();
    assert_refused("the variance of the local model", &measured, &frozen);
}

#[test]
fn decreasing_steps_have_a_linear_noise_and_no_limit_here() {
    let schedule = Schedule::RobbinsMonro(RobbinsMonro::new(4.0, 10.0, 1.0).expect("positive"));
    let start = Start::new(vec![0.5, 0.5], 0.1).expect("finite");
    let process =
        MiniBatch::new(logistic(50, &[1.0, -0.5]), schedule, 40, Replacement::Without, &start).expect("stable");
    let laws = process.linear_noise(&[1, 8]);
    let measured = measure(&process, "Robbins–Monro", 1024, &[1, 8], &laws);
    assert_followed("decreasing steps", &measured, &laws);
    assert!(matches!(process.limit(&[1]), Err(DynamicsError::NoLaw { .. })));
    assert!(matches!(process.exact(&[1]), Err(DynamicsError::NoLaw { .. })));
    assert!(matches!(process.cross_covariance(1, 2), Err(DynamicsError::NoLaw { .. })));
}

#[test]
fn bad_batches_steps_and_starts_are_refused() {
    let problem = logistic(50, &[1.0, -0.5]);
    let build = |eta, b, replacement, d| {
        let start = Start::new(vec![0.0; d], 0.0).expect("finite");
        MiniBatch::new(problem.clone(), constant(eta), b, replacement, &start)
    };
    assert!(build(0.1, 50, Replacement::Without, 2).is_ok() && build(0.1, 51, Replacement::With, 2).is_ok());
    let error = build(0.1, 51, Replacement::Without, 2).expect_err("too large");
    assert_eq!(error.to_string(), "batch size is 51: it must be at least 1 and at most 50");
    assert!(matches!(build(0.1, 0, Replacement::With, 2), Err(DynamicsError::BatchSize { given: 0, .. })));
    assert!(matches!(build(100.0, 1, Replacement::With, 2), Err(DynamicsError::Unstable { .. })));
    assert!(matches!(build(0.1, 1, Replacement::With, 3), Err(DynamicsError::Dimension { .. })));
}
