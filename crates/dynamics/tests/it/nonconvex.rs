//! Robust regression: derivatives, the constants M, L* and sup G of the theorem, and minima that depend on the start.

use dynamics::DynamicsError;
use dynamics::problem::{Robust, RobustData, SmoothProblem as _};
use faer::Mat;
use geometry::{Symmetric, loewner_le};

use crate::common::{normals, problem_stream};
use crate::logistic::{check_derivatives, check_kernels};

const TRUTH: [f64; 3] = [2.0, -1.0, 1.0];

fn data() -> RobustData {
    RobustData::generate(200, &TRUTH, 0.3, 0.35, &mut problem_stream("robust")).expect("valid")
}

#[test]
fn derivatives_and_score_covariances_are_those_of_the_loss() {
    let problem = Robust::fit(data(), &TRUTH).expect("a minimum near the truth");
    for theta in [vec![0.0; 3], vec![1.0, -2.0, 0.5], vec![3.0, 3.0, 3.0]] {
        check_derivatives("robust", &problem, &theta);
        check_kernels("robust", &problem, &theta);
    }
}

#[test]
fn the_descent_ends_in_the_minimum_of_its_own_valley() {
    let near = Robust::fit(data(), &TRUTH).expect("a minimum near θ₀");
    let far = Robust::fit(data(), &TRUTH.map(|theta| -theta)).expect("a minimum near −θ₀");
    for (problem, sign) in [(&near, 1.0), (&far, -1.0)] {
        for (theta, truth) in problem.minimiser().iter().zip(TRUTH) {
            assert!((theta - sign * truth).abs() < 0.3, "{:?}", problem.minimiser());
        }
        assert!(problem.gradient(problem.minimiser()).iter().all(|g| g.abs() < 1e-14));
        assert!(problem.curvature().min_eigenvalue().expect("converges") > 0.0);
        assert_eq!(problem.minimum(), problem.loss(problem.minimiser()));
    }
    // The larger population has the deeper valley; between the two L is not convex.
    assert!(0.0 < near.minimum() && near.minimum() < far.minimum());
    let between = Symmetric::new(near.hessian(&[0.0; 3])).expect("symmetric").eigen().expect("converges");
    assert!(between.values()[0] < 0.0, "{:?}", between.values());
}

#[test]
fn the_smoothness_and_the_noise_bound_hold_everywhere_and_are_not_slack_by_much() {
    let problem = Robust::fit(data(), &TRUTH).expect("a minimum near the truth");
    let M = problem.risk().smoothness().expect("converges");
    let bound: Symmetric = problem.noise_bound().expect("independent").as_ref().clone();
    let (mut sharpest, mut noisiest) = (0.0_f64, 0.0_f64);
    for point in normals("places", 600).chunks(3) {
        let theta: Vec<f64> = point.iter().map(|x| 2.0 * x).collect();
        assert!(problem.loss(&theta) >= 0.0 && problem.loss(&theta) < 0.5);
        let H = Symmetric::new(problem.hessian(&theta)).expect("symmetric").eigen().expect("converges");
        sharpest = sharpest.max(H.values()[2].max(-H.values()[0]) / M);
        let G = Symmetric::new(problem.noise(&theta)).expect("symmetric");
        assert!(loewner_le(&G, &bound).expect("same dimension").holds(), "{theta:?}");
        noisiest = noisiest.max(G.trace() / bound.trace());
    }
    assert!(sharpest <= 1.0 && noisiest <= 1.0);
    assert!(sharpest > 0.1 && noisiest > 0.2, "M is {sharpest} reached, the noise bound {noisiest}");
    // Targets that are met exactly leave no scores at θ*, so no empirical Fisher metric.
    let exact = RobustData::generate(200, &TRUTH, 0.0, 0.0, &mut problem_stream("robust")).expect("valid");
    let error = Robust::fit(exact, &TRUTH).expect_err("without noise all scores vanish at θ*");
    assert!(matches!(error, DynamicsError::Geometry(_)), "{error}");
}

#[test]
fn a_descent_on_the_flat_and_bad_shares_are_refused() {
    let error = Robust::fit(data(), &[1e6; 3]).expect_err("flat");
    assert!(error.to_string().contains("start closer"), "{error}");
    let share = RobustData::generate(9, &TRUTH, 0.3, 1.5, &mut problem_stream("robust")).expect_err("no share");
    assert_eq!(share.to_string(), "contamination is 1.5: it must lie between 0 and 1");
    assert!(Robust::fit(data(), &[0.0; 2]).is_err());
    let X = Mat::from_fn(3, 1, |_, _| f64::NAN);
    assert!(matches!(RobustData::new(X.as_ref(), &[0.0; 3]), Err(DynamicsError::NotFinite { .. })));
}
