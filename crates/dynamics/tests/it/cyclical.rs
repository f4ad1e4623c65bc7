//! SGD with cyclical steps: time and law against explicit steps, and what is refused.

use dynamics::schedule::{Cyclical, Schedule, StepSize};
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use sampling::designs::Gaussian;

use crate::common::{Dense, at, case, cases, cyclical, distance_from};

#[test]
fn time_is_the_sum_of_the_steps() {
    for (high_steps, period) in [(1, 2), (3, 7), (6, 7)] {
        // Powers of two: all sums are exact.
        let schedule = cyclical(0.5, 0.125, high_steps, period);
        let mut sum = 0.0;
        for k in 0..40 {
            assert_eq!(schedule.time(k), sum, "{high_steps} of {period}, k = {k}");
            sum += schedule.at(k);
        }
        let Schedule::Cyclical(cycle) = schedule else { panic!("{schedule:?} is no cycle") };
        assert_eq!((cycle.high().get(), cycle.low().get()), (0.5, 0.125));
        assert_eq!((cycle.high_steps(), cycle.period()), (high_steps, period));
        let high = (0..period).filter(|&k| schedule.at(k) == 0.5).count();
        assert_eq!((high as u64, schedule.largest()), (high_steps, 0.5));
    }
}

#[test]
fn the_moments_after_k_cyclical_steps_are_k_steps_of_the_moments() {
    for case in cases() {
        let (largest, start) = (case.largest_curvature(), &case.starts()[1]);
        let (high, low) = (1.8 / largest, 0.3 / largest);
        let law = case.sgd(cyclical(high, low, 2, 5), Gaussian::new(4).expect("positive"), start);
        let Moments { mean, covariance } = start.moments();
        let mut explicit = Dense { mean: Mat::from_fn(mean.len(), 1, |i, _| mean[i]), covariance };
        for k in 0..23 {
            let gap = distance_from(&law, &at(&law, k), &explicit.part(0, case.dimension(), 1.0));
            assert!(gap < 1e-12, "{}, k = {k}: {gap:e}", case.name);
            let eta = if k % 5 < 2 { high } else { low };
            explicit.step(&case.contraction(eta), &(Scale(eta * eta / 4.0) * case.noise.as_mat()));
        }
    }
}

#[test]
fn steps_that_do_not_cycle_are_refused_and_so_are_limits_for_those_that_do() {
    let step_size = |eta| StepSize::new(eta).expect("positive");
    let error = Cyclical::new(step_size(0.1), step_size(0.2), 1, 2).expect_err("in the wrong order");
    assert_eq!(error.to_string(), "low step size is 0.2: it must be at most the high one, which is 0.1");
    for (high_steps, period) in [(0, 4), (4, 4), (5, 4), (0, 0)] {
        let error = Cyclical::new(step_size(0.2), step_size(0.1), high_steps, period).expect_err("no cycle");
        assert!(matches!(error, DynamicsError::Period { .. }), "{error}");
    }
    let case = case("dense H and G");
    let schedule = cyclical(0.2, 0.1, 1, 4);
    let sgd = case.sgd(schedule, Gaussian::new(4).expect("positive"), &case.starts()[0]);
    assert!(matches!(sgd.limit(&[3]), Err(DynamicsError::NoLaw { law: "limit", .. })));
    assert!(sgd.leading_order(case.problem().fisher().as_mat(), 3).is_err());
}
