//! Steps at which the second moment grows: only where they are asked for, with a law that is the same recursion.

use dynamics::process::{Averaged, Sgd, Stability, StreamingLeastSquares};
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use geometry::Spd;
use sampling::designs::Gaussian;

use crate::common::{Dense, at, case, constant, distance, distance_from};
use crate::studentised::{assert_followed, assert_refused, measure};

#[test]
fn a_diverging_descent_has_the_moments_of_explicit_steps() {
    for name in ["diagonal H, dense G", "dense H and G"] {
        let case = case(name);
        // Beyond 2/λ_max by a fifth, and exactly on it, where the closed form of stable steps has a pole.
        for eta in [2.4 / case.largest_curvature(), 2.0 / case.largest_curvature()] {
            let (start, design) = (&case.starts()[1], Gaussian::new(4).expect("positive"));
            let refused = Sgd::new(&case.problem(), constant(eta), design, start);
            assert!(matches!(refused, Err(DynamicsError::Unstable { .. })));
            let law = Sgd::with_stability(&case.problem(), constant(eta), design, start, Stability::Any);
            let law = law.expect("asked for");
            let Moments { mean, covariance } = start.moments();
            let mut explicit = Dense { mean: Mat::from_fn(mean.len(), 1, |i, _| mean[i]), covariance };
            for k in 0..30 {
                let gap = distance_from(&law, &at(&law, k), &explicit.part(0, case.dimension(), 1.0));
                assert!(gap < 1e-11, "{name}, η = {eta}, k = {k}: {gap:e}");
                explicit.step(&case.contraction(eta), &(Scale(eta * eta / 4.0) * case.noise.as_mat()));
            }
            assert!(law.leading_order(case.problem().fisher().as_mat(), 9).is_err());
            let average = Averaged::new(law, 0);
            assert!(average.stationary_average_covariance(9).is_err() && average.limit(&[9]).is_err());
        }
    }
}

/// The largest root of 1 = (η²/b)Σλ_i²/(ρ − (1 − ηλ_i)² − η²λ_i²/b), by bisection from the right of the last pole.
fn growth(lambda: &[f64], eta: f64, b: f64) -> f64 {
    let pole = |l: &f64| (1.0 - eta * l).powi(2) + (eta * l).powi(2) / b;
    let sum = |rho: f64| lambda.iter().map(|l| (eta * l).powi(2) / b / (rho - pole(l))).sum::<f64>();
    let last = lambda.iter().map(pole).fold(0.0, f64::max);
    let (mut low, mut high) = (last, last + 100.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle > last && sum(middle) < 1.0 { high = middle } else { low = middle }
    }
    high
}

fn escaping(lambda: &[f64], eta: f64, b: u64, start: &Start) -> StreamingLeastSquares {
    let features = Spd::diagonal(lambda).expect("positive");
    StreamingLeastSquares::with_stability(&features, 0.0, constant(eta), b, start, Stability::Any).expect("asked for")
}

/// SGD escapes although the descent of the mean is stable (ηλ_1 = 1.2 < 2), at the rate of the secular equation.
#[test]
fn the_second_moment_grows_at_the_rate_of_the_secular_equation() {
    let (lambda, eta, b) = ([4.0, 2.0, 1.0, 0.5], 0.3, 2);
    let start = Start::new(vec![1.0, -0.5, 2.0, 1.0], 0.2).expect("finite");
    let process = escaping(&lambda, eta, b, &start);
    assert!(process.feedback() > 1.0 && process.stationary_covariance()[(2, 2)] == f64::INFINITY);
    let rho = growth(&lambda, eta, 2.0);
    assert!(rho > 1.05, "{rho}");
    let laws = process.exact(&[400, 401]).expect("a law");
    for (i, l) in lambda.iter().enumerate() {
        let [before, after] = [0, 1].map(|n: usize| laws[n].covariance[(i, i)]);
        assert!((after / before / rho - 1.0).abs() < 1e-12, "{i}: {} for {rho}", after / before);
        // The profile: E e_i² ∝ λ_i/(ρ − …).
        let share = |l: f64| l / (rho - (1.0 - eta * l).powi(2) - (eta * l).powi(2) / 2.0);
        let expected = share(*l) / share(lambda[0]);
        assert!((after / laws[1].covariance[(0, 0)] / expected - 1.0).abs() < 1e-10);
    }
}

/// The law forgets all but the size of its start, at the rate of the second eigenvalue of the map.
#[test]
fn exact_laws_of_an_escape_tend_to_its_limit() {
    let (lambda, eta, b) = ([4.0, 2.0, 1.0, 0.5], 0.3, 2);
    let start = Start::new(vec![1.0, -0.5, 2.0, 1.0], 0.2).expect("finite");
    let process = escaping(&lambda, eta, b, &start);
    let gaps: Vec<f64> = [5, 10, 20, 400]
        .into_iter()
        .map(|k| {
            let (exact, limit) = (at(&process, k), process.limit(&[k]).expect("a limit").remove(0));
            assert_eq!(limit.mean, [0.0; 4]);
            distance(exact.covariance.as_ref(), limit.covariance.as_ref())
        })
        .collect();
    let shrinks = gaps[..3].windows(2).all(|pair| pair[1] < 0.03 * pair[0]);
    assert!(shrinks && gaps[0] < 0.1 && gaps[0] > 1e-4 && gaps[3] < 1e-12, "{gaps:?}");
    // Far enough out the moments are beyond all numbers, and so is their limit; what starts at the minimum stays there.
    let far = process.limit(&[5, 1_000_000]).expect("a limit");
    assert!(far[0].covariance[(0, 0)].is_finite() && far[1].covariance[(0, 0)] == f64::INFINITY);
    let still = escaping(&lambda, eta, b, &Start::new(vec![0.0; 4], 0.0).expect("finite"));
    assert_eq!(still.limit(&[1_000_000]).expect("a limit")[0].covariance, Mat::<f64>::zeros(4, 4));
    let wild = escaping(&[1e200], 1e10, 1, &Start::new(vec![1.0], 0.0).expect("finite"));
    assert!(matches!(wild.limit(&[1]), Err(DynamicsError::NoLaw { .. })));
    // Decreasing steps have no map of their own: the frozen noise is their limit, here none at all.
    let features = Spd::diagonal(&lambda).expect("positive");
    let schedule = crate::common::decreasing(1.0, 10.0, 1.0);
    let decreasing = StreamingLeastSquares::new(&features, 0.0, schedule, b, &start).expect("stable");
    let (frozen, limit) = (decreasing.frozen_noise(&[7]), decreasing.limit(&[7]).expect("a limit"));
    assert_eq!(frozen[0].covariance, limit[0].covariance);
}

/// 131 072 replicates over 6 steps of an escape; see `studentised` for the false-alarm rate.
#[test]
fn simulations_of_an_escape_follow_the_exact_law() {
    let start = Start::new(vec![1.0, -0.5, 0.5], 0.3).expect("finite");
    let (lambda, recorded) = ([4.0, 2.0, 1.0], [0, 1, 6]);
    let law = |eta| escaping(&lambda, eta, 8, &start).exact(&recorded).expect("a law");
    let (process, laws) = (escaping(&lambda, 0.48, 8, &start), law(0.48));
    assert!(process.feedback() > 1.0);
    let measured = measure(&process, "escape", 4096, &recorded, &laws);
    assert_followed("escape", &measured, &laws);
    assert_refused("η wrong by 5 %", &measured, &law(1.05 * 0.48));
}

#[test]
fn the_law_of_stable_steps_is_the_same_whether_they_are_required_or_not() {
    let case = case("dense H and G");
    let (eta, start, design) = (1.4 / case.largest_curvature(), &case.starts()[1], Gaussian::new(4).expect("positive"));
    let required = case.process(eta, design, start);
    let any = Sgd::with_stability(&case.problem(), constant(eta), design, start, Stability::Any).expect("stable");
    for (required, any) in required.exact(&[0, 9]).expect("a law").iter().zip(&any.exact(&[0, 9]).expect("a law")) {
        assert_eq!((&required.mean, distance(required.covariance.as_ref(), any.covariance.as_ref())), (&any.mean, 0.0));
    }
}
