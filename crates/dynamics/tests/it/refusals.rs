//! What cannot be built, and what the message says about it.

use dynamics::DynamicsError;
use dynamics::problem::Quadratic;
use dynamics::process::{BatchGradient, HeavyBall, Preconditioned, Preconditioner, Sgd};
use dynamics::schedule::StepSize;
use dynamics::start::Start;
use geometry::{Psd, Spd};
use sampling::designs::{Gaussian, Pool, WithReplacement};

use crate::common::{case, constant, normals, orthogonal, spd};

/// The refusal, whose message names every one of `fragments`.
#[track_caller]
fn check<T>(result: Result<T, DynamicsError>, expected: fn(&DynamicsError) -> bool, fragments: &[&str]) {
    let error = result.err().expect("it must be refused");
    assert!(expected(&error), "{error:?}");
    let message = error.to_string();
    for fragment in fragments {
        assert!(message.contains(fragment), "`{message}` does not name `{fragment}`");
    }
}

fn sgd(curvature: Spd, eta: f64) -> Result<Sgd<Gaussian>, DynamicsError> {
    let d = curvature.dimension();
    let identity = Spd::identity(d).expect("d ≥ 1");
    let problem = Quadratic::new(curvature, identity.clone().into(), identity, vec![0.0; d]).expect("fits");
    let start = Start::new(vec![1.0; d], 0.0).expect("finite");
    Sgd::new(&problem, constant(eta), Gaussian::new(1).expect("positive"), &start)
}

#[test]
fn a_step_size_at_or_above_the_limit_is_refused_with_its_numbers() {
    let curvature = || Spd::diagonal(&[1.0, 8.0]).expect("positive");
    let unstable = |e: &DynamicsError| matches!(e, DynamicsError::Unstable { .. });
    check(sgd(curvature(), 0.25), unstable, &["η = 0.25", "2/λ_max(H) = 0.25", "λ_max(H) = 8"]);
    check(sgd(curvature(), 0.5), unstable, &["η = 0.5", "2/λ_max(H) = 0.25", "λ_max(H) = 8"]);
    check(sgd(curvature(), 1e300), unstable, &["2/λ_max(H) = 0.25"]);
    assert!(sgd(curvature(), 0.249_999_999).is_ok());
    // 2/λ rounds to either side of the limit: (2/49)·49 is below 2 in floating point.
    for largest in (1..=200).map(f64::from) {
        let curvature = || Spd::diagonal(&[0.5, largest]).expect("positive");
        check(sgd(curvature(), 2.0 / largest), unstable, &["must be below"]);
        assert!(sgd(curvature(), (2.0 / largest) * (1.0 - 1e-12)).is_ok(), "λ_max = {largest}");
    }
    for largest in [3.0, 7.0, 49.0, 100.0] {
        let curvature = || spd(&[1.0, 2.0, largest], &orthogonal("refusals", 3));
        check(sgd(curvature(), 2.0 / largest), unstable, &["must be below"]);
        assert!(sgd(curvature(), (2.0 / largest) * (1.0 - 1e-12)).is_ok(), "λ_max = {largest}");
    }
}

#[test]
fn a_step_size_is_finite_and_above_zero() {
    let not_positive = |e: &DynamicsError| matches!(e, DynamicsError::NotPositive { .. });
    for (given, text) in [
        (0.0, "0"),
        (-0.0, "-0"),
        (-0.1, "-0.1"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        check(StepSize::new(given), not_positive, &["step size η is ", text]);
    }
    assert_eq!(StepSize::new(0.1).expect("positive").get(), 0.1);
}

#[test]
fn a_start_is_finite_and_has_the_dimension_of_its_problem() {
    let not_finite = |e: &DynamicsError| matches!(e, DynamicsError::NotFinite { .. });
    let negative = |e: &DynamicsError| matches!(e, DynamicsError::Negative { .. });
    let dimension = |e: &DynamicsError| matches!(e, DynamicsError::Dimension { .. });
    check(Start::new(vec![0.0, f64::NAN], 0.0), not_finite, &["coordinate of the start", "NaN"]);
    check(Start::new(vec![f64::INFINITY], 1.0), not_finite, &["coordinate of the start", "inf"]);
    check(Start::new(vec![0.0], -0.5), negative, &["spread s", "-0.5"]);
    check(Start::new(vec![0.0], f64::NAN), negative, &["spread s", "NaN"]);
    check(Start::new(vec![0.0], f64::INFINITY), negative, &["spread s", "inf"]);
    for given in [0, 2, 4] {
        let start = Start::new(vec![1.0; given], 0.0).expect("finite");
        let design = Gaussian::new(1).expect("positive");
        let result = Sgd::new(&case("diagonal H and G").problem(), constant(0.1), design, &start);
        check(result, dimension, &["start e₀", &format!("dimension {given}"), "dimension 3"]);
    }
}

#[test]
fn the_parts_of_a_problem_share_one_dimension() {
    let spd = |d: usize| Spd::identity(d).expect("d ≥ 1");
    let build = |noise: usize, fisher: usize, minimiser: Vec<f64>| {
        Quadratic::new(spd(3), Psd::from(spd(noise)), spd(fisher), minimiser)
    };
    let dimension = |e: &DynamicsError| matches!(e, DynamicsError::Dimension { .. });
    check(build(2, 3, vec![0.0; 3]), dimension, &["noise covariance G", "dimension 2", "dimension 3"]);
    check(build(3, 4, vec![0.0; 3]), dimension, &["Fisher metric F", "dimension 4", "dimension 3"]);
    check(build(3, 3, vec![0.0; 1]), dimension, &["minimiser θ*", "dimension 1", "dimension 3"]);
    let not_finite = |e: &DynamicsError| matches!(e, DynamicsError::NotFinite { .. });
    check(build(3, 3, vec![0.0, f64::NAN, 0.0]), not_finite, &["minimiser θ*", "NaN"]);
    let problem = build(3, 3, vec![1.0, 2.0, 3.0]).expect("fits");
    assert_eq!((problem.dimension(), problem.minimiser()), (3, &[1.0, 2.0, 3.0][..]));
}

#[test]
fn a_metric_of_another_dimension_is_refused() {
    let case = case("diagonal H and G");
    let moments = case.starts()[0].moments();
    let geometry = |e: &DynamicsError| matches!(e, DynamicsError::Geometry(_));
    let wrong = dynamics::Observable::Quadratic(crate::common::diagonal_matrix(&[1.0, 1.0]));
    check(wrong.expected(&moments, &moments, moments.covariance.as_ref(), 0), geometry, &["2"]);
}

#[test]
fn a_pool_of_another_dimension_is_refused_by_every_process_that_draws_from_one() {
    let (problem, start) = (case("diagonal H and G").problem(), Start::new(vec![0.0; 3], 0.0).expect("finite"));
    let pool = std::sync::Arc::new(Pool::from_normals(2, 8, &normals("pool of two", 16)).expect("spans the plane"));
    let design = || WithReplacement::new(pool.clone(), 2).expect("a batch");
    let eta = StepSize::new(0.01).expect("positive");
    let newton = Preconditioner::Newton;
    let errors = [
        Sgd::new(&problem, constant(0.01), design(), &start).map(|_| ()),
        HeavyBall::new(&problem, eta, 0.5, design(), &start).map(|_| ()),
        Preconditioned::new(&problem, &newton, eta, design(), &start).map(|_| ()),
        BatchGradient::new(&problem, design()).map(|_| ()),
    ];
    for result in errors {
        let error = result.expect_err("a plane is no space");
        assert_eq!(error.to_string(), "the pool of the design has dimension 2, but the curvature H has dimension 3");
    }
}
