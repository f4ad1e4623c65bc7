//! SGD on random quadratics: the exact law against an enumeration of every batch, its stationary point, its stability,
//! and simulations that tell it from the frozen noise.

use dynamics::model::ensemble::{Ensemble, Members};
use dynamics::problem::Quadratic;
use dynamics::process::{EnsembleDescent, Sgd, Stability};
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use geometry::{Psd, Spd};
use sampling::designs::Gaussian;

use crate::common::{at, constant, cyclical, decreasing, diagonal_matrix, distance, orthogonal, spd};
use crate::studentised::{assert_followed, assert_refused, measure};

const MEMBERS: [Members; 2] = [Members::Independent, Members::RankOne];

fn ensemble(s: &[f64], c: f64, members: Members, sigma: f64) -> Ensemble {
    Ensemble::new(&Spd::diagonal(s).expect("positive"), c, members, sigma).expect("an ensemble")
}

fn process(ensemble: &Ensemble, eta: f64, b: u64, start: &Start) -> EnsembleDescent {
    EnsembleDescent::new(ensemble.clone(), constant(eta), b, start, Stability::Required).expect("stable")
}

fn start(mean: &[f64], spread: f64) -> Start {
    Start::new(mean.to_vec(), spread).expect("finite")
}

/// All samples in two dimensions, as (chance, ξλ, w_p): every ξ, and ±σ for each entry of w_p, which has the mean and
/// variance of N(0, σ²). The chances are worked out here: p_i ∝ s_i^{1−c}, with p_max = 1 or Σp_i = 1, and λ_i = s_i/p_i.
fn every_sample(s: [f64; 2], c: f64, members: Members, sigma: f64) -> Vec<(f64, [f64; 2], [f64; 2])> {
    let weights = s.map(|s| libm::pow(s, 1.0 - c));
    let total = match members {
        Members::Independent => weights[0].max(weights[1]),
        Members::RankOne => weights[0] + weights[1],
    };
    let p = weights.map(|w| w / total);
    let mut samples = Vec::new();
    for code in 0..16_u32 {
        let bit = |place: u32| code >> place & 1 == 1;
        let xi = [bit(0), bit(1)];
        let chance = match members {
            Members::Independent => (0..2).map(|i| if xi[i] { p[i] } else { 1.0 - p[i] }).product(),
            Members::RankOne if xi[0] == xi[1] => 0.0,
            Members::RankOne => p[usize::from(xi[1])],
        };
        let curvature = std::array::from_fn(|i| if xi[i] { s[i] / p[i] } else { 0.0 });
        samples.push((0.25 * chance, curvature, [bit(2), bit(3)].map(|up| if up { sigma } else { -sigma })));
    }
    samples
}

/// The mean and covariance of e' over all batches of b ≤ 2 samples.
fn enumerated(samples: &[(f64, [f64; 2], [f64; 2])], eta: f64, b: u32, e: [f64; 2]) -> Moments {
    let (mut mean, mut second) = ([0.0; 2], [[0.0; 2]; 2]);
    for code in 0..samples.len().pow(b) {
        let batch = (0..b).map(|place| samples[code / samples.len().pow(place) % samples.len()]);
        let (mut weight, mut next) = (1.0, e);
        for (chance, curvature, minimum) in batch {
            weight *= chance;
            for i in 0..2 {
                next[i] -= eta / f64::from(b) * curvature[i] * (e[i] - minimum[i]);
            }
        }
        for i in 0..2 {
            mean[i] += weight * next[i];
            for j in 0..2 {
                second[i][j] += weight * next[i] * next[j];
            }
        }
    }
    Moments { mean: mean.to_vec(), covariance: Mat::from_fn(2, 2, |i, j| second[i][j] - mean[i] * mean[j]) }
}

#[test]
fn one_step_of_the_law_is_the_average_over_every_batch() {
    let (s, eta, e) = ([1.0, 3.0], 0.2, [1.0, -0.5]);
    for members in MEMBERS {
        for (c, b, sigma) in [(0.0, 1, 0.7), (0.0, 2, 0.7), (0.4, 1, 0.7), (0.4, 2, 0.0), (1.0, 2, 0.7)] {
            let samples = every_sample(s, c, members, sigma);
            assert!((samples.iter().map(|sample| sample.0).sum::<f64>() - 1.0).abs() < 1e-15);
            let process = process(&ensemble(&s, c, members, sigma), eta, u64::from(b), &start(&e, 0.0));
            let (law, brute) = (at(&process, 1), enumerated(&samples, eta, b, e));
            let case = format!("{members:?}, c = {c}, b = {b}, σ = {sigma}");
            assert!((0..2).all(|i| (law.mean[i] - brute.mean[i]).abs() < 1e-15), "{case}: {law:?} {brute:?}");
            let gap = distance(law.covariance.as_ref(), brute.covariance.as_ref());
            assert!(gap < 1e-13, "{case}: {gap:e}, {law:?} {brute:?}");
        }
    }
}

/// A cloud is a mixture of points, here ±s in each coordinate: they have its mean and covariance.
#[test]
fn the_law_from_a_cloud_is_the_mixture_of_its_laws_from_points() {
    for members in MEMBERS {
        let (ensemble, m, spread) = (ensemble(&[1.0, 3.0], 0.4, members, 0.7), [1.0, -0.5], 0.3);
        let law = at(&process(&ensemble, 0.2, 2, &start(&m, spread)), 1);
        let (mut mean, mut second) = ([0.0; 2], Mat::<f64>::zeros(2, 2));
        for signs in [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]] {
            let point = [m[0] + spread * signs[0], m[1] + spread * signs[1]];
            let point = at(&process(&ensemble, 0.2, 2, &start(&point, 0.0)), 1);
            for i in 0..2 {
                mean[i] += 0.25 * point.mean[i];
                for j in 0..2 {
                    second[(i, j)] += 0.25 * (point.covariance[(i, j)] + point.mean[i] * point.mean[j]);
                }
            }
        }
        let covariance = Mat::from_fn(2, 2, |i, j| second[(i, j)] - mean[i] * mean[j]);
        assert!(distance(law.covariance.as_ref(), covariance.as_ref()) < 1e-13, "{members:?}");
    }
}

#[test]
fn the_law_ends_at_the_stationary_covariance() {
    for members in MEMBERS {
        for (c, eta, b) in [(0.0, 0.02, 1), (0.5, 0.2, 4), (1.0, 0.3, 64)] {
            let ensemble = ensemble(&[0.5, 1.0, 3.0], c, members, 1.3);
            let process = process(&ensemble, eta, b, &start(&[1.0, -1.0, 2.0], 0.3));
            let (law, stationary) = (at(&process, 20_000), process.stationary_covariance().expect("stable"));
            let gap = distance(law.covariance.as_ref(), stationary.as_ref());
            assert!(gap < 1e-11 && law.mean.iter().all(|m| m.abs() < 1e-20), "{members:?}, c = {c}: {gap:e}");
        }
    }
}

#[test]
fn steps_that_are_not_constant_have_no_stationary_covariance() {
    for schedule in [cyclical(0.2, 0.1, 1, 3), decreasing(1.0, 10.0, 1.0)] {
        let ensemble = ensemble(&[1.0], 1.0, Members::Independent, 1.0);
        let process = EnsembleDescent::new(ensemble, schedule, 8, &start(&[0.0], 0.0), Stability::Required);
        let law = process.expect("stable").stationary_covariance();
        assert!(matches!(law, Err(DynamicsError::NoLaw { .. })), "{schedule:?}");
    }
}

/// In the coordinates of a dense H, and for steps that cycle.
#[test]
fn frozen_noise_is_the_law_of_sgd_with_the_noise_of_the_minimum() {
    let H = spd(&[0.5, 1.0, 3.0], &orthogonal("basis", 3));
    let start = start(&[1.0, -1.0, 2.0], 0.3);
    for (members, schedule) in MEMBERS.into_iter().flat_map(|m| [(m, constant(0.1)), (m, cyclical(0.2, 0.1, 1, 3))]) {
        let ensemble = Ensemble::new(&H, 0.5, members, 1.3).expect("an ensemble");
        // σ²E h² = σ²q⁻¹H^{1+c}, and H^{3/2} = H·H^{1/2}.
        let root = H.sqrt().expect("positive");
        let (s, magnitude) = (ensemble.frame().rates(), ensemble.magnitudes()[0]);
        let power = H.as_mat() * root.as_mat();
        let noise =
            Scale(1.69 * magnitude / s[0].sqrt()) * Mat::from_fn(3, 3, |i, j| 0.5 * (power[(i, j)] + power[(j, i)]));
        let problem = Quadratic::new(H.clone(), Psd::new(noise).expect("positive"), H.clone(), vec![0.0; 3]);
        let sgd = Sgd::new(&problem.expect("fits"), schedule, Gaussian::new(8).expect("positive"), &start);
        let descent = EnsembleDescent::new(ensemble, schedule, 8, &start, Stability::Required).expect("stable");
        let steps = [0, 1, 7, 300];
        let (expected, frozen) = (sgd.expect("stable").exact(&steps), descent.limit(&steps));
        for (expected, frozen) in expected.expect("a law").iter().zip(&frozen.expect("a law")) {
            assert!(distance(frozen.covariance.as_ref(), expected.covariance.as_ref()) < 1e-11, "{members:?}");
        }
    }
}

#[test]
fn power_laws_of_noise_and_curvature_have_the_exponent_asked_for() {
    let s = [0.25, 1.0, 4.0, 16.0];
    for members in MEMBERS {
        for c in [0.0, 0.3, 1.0] {
            let ensemble = ensemble(&s, c, members, 1.0);
            let squares = ensemble.squared_hessian();
            for i in 1..s.len() {
                let slope = libm::log(squares[i] / squares[0]) / libm::log(s[i] / s[0]);
                assert!((slope - 1.0 - c).abs() < 1e-14, "{members:?}, c = {c}: {slope}");
                let mean = ensemble.chances()[i] * ensemble.magnitudes()[i];
                assert!((mean / s[i] - 1.0).abs() < 1e-15);
            }
            let (sum, largest) = ensemble.chances().iter().fold((0.0, 0.0_f64), |(a, b), p| (a + p, b.max(*p)));
            let total = if members == Members::RankOne { sum } else { largest };
            assert!((total - 1.0).abs() < 1e-15);
        }
    }
    let curvature = Spd::diagonal(&s).expect("positive");
    for c in [-0.1, 1.1, f64::NAN] {
        let error = Ensemble::new(&curvature, c, Members::RankOne, 1.0).expect_err("no correlation");
        assert!(matches!(error, DynamicsError::NotAShare { .. }), "{error}");
    }
    assert!(Ensemble::new(&curvature, 0.5, Members::RankOne, -1.0).is_err());
}

/// One direction, b = 1, H = 1 and rank-one in two: λ = 2, so stable up to η = 1; the mean is stable up to 2.
#[test]
fn unstable_second_moments_are_refused_unless_they_are_asked_for() {
    let ensemble = ensemble(&[1.0, 1.0], 0.0, Members::RankOne, 0.0);
    let build =
        |eta, stability| EnsembleDescent::new(ensemble.clone(), constant(eta), 1, &start(&[1.0, 0.5], 0.0), stability);
    assert!(build(1.0 - 1e-9, Stability::Required).is_ok());
    let error = build(1.5, Stability::Required).expect_err("unstable");
    assert_eq!(
        error.to_string(),
        "step size η is 1.5: it must be below 2/max_i(s_i + (λ_i − s_i)/b) = 1, or the recursion is not stable"
    );
    // E e_i'² = ½(1 − 2η)²e_i² + ½e_i² = 2.5e_i² at η = 1.5.
    let escaping = build(1.5, Stability::Any).expect("asked for");
    let law = at(&escaping, 10);
    let second = law.covariance[(0, 0)] + law.mean[0] * law.mean[0];
    assert!((second / libm::pow(2.5, 10.0) - 1.0).abs() < 1e-13);
    assert!(escaping.stationary_covariance().is_err());
}

#[test]
fn the_law_across_time_contracts_the_covariance_of_the_earlier_time() {
    let process = process(&ensemble(&[1.0, 3.0], 0.5, Members::RankOne, 0.7), 0.1, 4, &start(&[1.0, 0.5], 0.2));
    let (early, cross) = (at(&process, 3).covariance, process.cross_covariance(3, 5).expect("a law"));
    assert!((cross[(1, 0)] - 0.7 * 0.7 * early[(1, 0)]).abs() < 1e-15);
    assert!((cross[(0, 1)] - 0.9 * 0.9 * early[(0, 1)]).abs() < 1e-15);
    let zero = diagonal_matrix(&[0.04, 0.04]);
    assert!(distance(process.cross_covariance(0, 0).expect("a law").as_ref(), zero.as_ref()) < 1e-15);
}

const BLOCKS: u64 = 4096;
const RECORDED: [u64; 4] = [0, 1, 4, 20];

/// 131 072 replicates, 4 records, 9 entries each; see `studentised` for the false-alarm rate. Errors of 5 % in the step
/// size are surely caught, and so are the noise frozen at the minimum and the other members.
#[test]
fn simulations_follow_the_exact_law_and_refuse_its_neighbours() {
    let (s, eta, b, c) = ([1.0, 2.0, 4.0], 0.1, 4, 0.3);
    let start = start(&[1.0, -0.5, 0.5], 0.3);
    let process_of = |members, eta, b, c| process(&ensemble(&s, c, members, 0.7), eta, b, &start);
    for (members, others) in [(MEMBERS[0], MEMBERS[1]), (MEMBERS[1], MEMBERS[0])] {
        let process = process_of(members, eta, b, c);
        let law = |members, eta, b, c| process_of(members, eta, b, c).exact(&RECORDED).expect("a law");
        let laws = law(members, eta, b, c);
        let measured = measure(&process, "ensemble", BLOCKS, &RECORDED, &laws);
        assert_followed("ensemble", &measured, &laws);
        assert_refused("frozen noise", &measured, &process.limit(&RECORDED).expect("a law"));
        assert_refused("η wrong by 5 %", &measured, &law(members, 1.05 * eta, b, c));
        assert_refused("b = 5 for 4", &measured, &law(members, eta, 5, c));
        assert_refused("c = 0.4 for 0.3", &measured, &law(members, eta, b, c + 0.1));
        assert_refused("other members", &measured, &law(others, eta, b, c));
    }
}
