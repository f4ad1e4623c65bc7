//! Logistic regression: derivatives against differences, covariances against scores, the fit, and what
//! misspecification does to G and H.

use dynamics::DynamicsError;
use dynamics::block::WIDTH;
use dynamics::problem::{Link, Logistic, LogisticData, SmoothProblem};
use faer::{Mat, Scale};
use sampling::covariance::sample_covariance;

use crate::common::{central_differences, distance, problem_stream, vector_distance};

const TRUTH: [f64; 3] = [1.0, -0.5, 0.25];

fn data(n: usize, link: Link) -> LogisticData {
    LogisticData::generate_scaled(n, &[1.0, 2.0, 0.5], &TRUTH, link, &mut problem_stream("logistic")).expect("valid")
}

fn problems() -> [(&'static str, Logistic); 3] {
    let fit = |link, ridge| Logistic::fit(data(150, link), ridge).expect("not separable");
    [("logit", fit(Link::Logit, 0.0)), ("probit", fit(Link::Probit, 0.0)), ("ridge", fit(Link::Logit, 0.3))]
}

/// What holds for every smooth problem, here and for the robust regression.
pub(crate) fn check_derivatives(name: &str, problem: &impl SmoothProblem, theta: &[f64]) {
    let gradient = problem.gradient(theta);
    let of_loss = central_differences(|theta| vec![problem.loss(theta)], theta, 1e-5);
    let of_gradient = central_differences(|theta| problem.gradient(theta), theta, 1e-5);
    let differences: Vec<f64> = (0..theta.len()).map(|j| of_loss[(0, j)]).collect();
    let gap = vector_distance(&gradient, &differences);
    assert!(gap < 1e-8, "{name}: the gradient is {gap:e} off");
    let gap = distance(problem.hessian(theta).as_ref(), of_gradient.as_ref());
    assert!(gap < 1e-8, "{name}: the Hessian is {gap:e} off");
    // The mean and the covariance of the scores, by another crate's estimator; its divisor is n − 1.
    let (scores, n) = (problem.scores(theta), problem.samples() as f64);
    let mean: Vec<f64> =
        (0..theta.len()).map(|j| (0..problem.samples()).map(|i| scores[(i, j)]).sum::<f64>() / n).collect();
    assert!(vector_distance(&mean, &gradient) < 1e-12, "{name}: the scores do not average to the gradient");
    let S_n = Scale((n - 1.0) / n) * sample_covariance(scores.transpose()).expect("two samples");
    assert!(distance(problem.noise(theta).as_ref(), S_n.as_ref()) < 1e-12, "{name}: G is not the covariance");
    assert!(distance((Scale(1.01) * problem.noise(theta)).as_ref(), S_n.as_ref()) > 5e-3, "{name}");
}

/// The block kernels against the scores, one lane at a time.
pub(crate) fn check_kernels(name: &str, problem: &impl SmoothProblem, theta: &[f64]) {
    let (d, n) = (problem.dimension(), problem.samples());
    let of_lane = |lane: usize| -> Vec<f64> { theta.iter().map(|theta| theta + 0.3 * (lane as f64 - 9.0)).collect() };
    let pick = |t: usize, lane: usize| (7 * t + 11 * lane) % n;
    let parameters: Vec<_> = (0..d).map(|i| std::array::from_fn(|lane| of_lane(lane)[i])).collect();
    let picks: Vec<[u32; WIDTH]> =
        (0..5).map(|t| std::array::from_fn(|lane| u32::try_from(pick(t, lane)).expect("small"))).collect();
    let (mut scratch, mut sums) = (vec![[9.0; WIDTH]; problem.scratch_rows()], vec![[1.0; WIDTH]; d]);
    problem.add_scores(&picks, &parameters, &mut scratch, &mut sums);
    let mut gradients = vec![[9.0; WIDTH]; d];
    problem.full_gradients(&parameters, &mut gradients);
    for lane in 0..WIDTH {
        let (scores, gradient) = (problem.scores(&of_lane(lane)), problem.gradient(&of_lane(lane)));
        for i in 0..d {
            let sum = 1.0 + (0..5).map(|t| scores[(pick(t, lane), i)]).sum::<f64>();
            assert!((sums[i][lane] - sum).abs() < 1e-13 * (1.0 + sum.abs()) * 5.0, "{name}, lane {lane}: scores");
            assert!((gradients[i][lane] - gradient[i]).abs() < 1e-13, "{name}, lane {lane}: gradient");
        }
    }
}

#[test]
fn derivatives_and_score_covariances_are_those_of_the_loss() {
    for (name, problem) in problems() {
        for theta in [vec![0.0; 3], vec![1.0, -2.0, 0.5], problem.minimiser().to_vec()] {
            // At the minimiser the gradient is 0, and has no relative error.
            if theta != problem.minimiser() {
                check_derivatives(name, &problem, &theta);
            }
            check_kernels(name, &problem, &theta);
        }
    }
}

#[test]
fn the_kernel_survives_margins_beyond_the_range_of_the_exponential() {
    let [(_, problem), ..] = problems();
    for scale in [30.0, 700.0, 1e4, 1e300] {
        let parameters: Vec<_> =
            (0..3).map(|i| std::array::from_fn(|lane| scale * TRUTH[i] * (lane as f64 - 16.0))).collect();
        let mut gradients = vec![[0.0; WIDTH]; 3];
        problem.full_gradients(&parameters, &mut gradients);
        for lane in 0..WIDTH {
            let theta: Vec<f64> = parameters.iter().map(|row: &[f64; WIDTH]| row[lane]).collect();
            for (i, expected) in problem.gradient(&theta).into_iter().enumerate() {
                assert!((gradients[i][lane] - expected).abs() < 1e-14, "scale {scale}, lane {lane}");
            }
        }
    }
}

#[test]
fn the_gradient_vanishes_at_the_minimiser_and_the_matrices_are_those_of_its_place() {
    for (name, problem) in problems() {
        let theta = problem.minimiser();
        assert!(problem.gradient(theta).iter().all(|g| g.abs() < 1e-14), "{name}: {:?}", problem.gradient(theta));
        let gap = distance(problem.curvature().as_mat(), problem.hessian(theta).as_ref());
        assert!(gap < 1e-15, "{name}");
        let ridge = if name == "ridge" { 0.3 } else { 0.0 };
        let unridged = problem.curvature().as_mat() - Scale(ridge) * Mat::<f64>::identity(3, 3);
        assert!(distance(problem.fisher().as_mat(), unridged.as_ref()) < 1e-13, "{name}: F = H − λI");
        let model = problem.quadratic().expect("valid");
        assert!(distance(model.noise().as_mat(), problem.noise(theta).as_ref()) < 1e-15, "{name}");
        assert_eq!((model.minimiser(), model.curvature()), (theta, problem.curvature()), "{name}");
    }
}

/// θ̂ − θ₀ against H⁻¹GH⁻¹/n: with 20 000 samples Wald's χ²₃ exceeds 52 with a chance of 3·10⁻¹¹; a
/// truth that is 25 % larger is some 200 away, and surely caught.
#[test]
fn logit_labels_give_back_the_true_parameter() {
    let n = 20_000;
    let problem = Logistic::fit(data(n, Link::Logit), 0.0).expect("not separable");
    let wald = |truth: [f64; 3]| {
        let gap: Vec<f64> = problem.minimiser().iter().zip(truth).map(|(fit, truth)| fit - truth).collect();
        n as f64 * problem.curvature().quadratic_form(&gap).expect("three")
    };
    assert!(wald(TRUTH) < 52.0, "{}", wald(TRUTH));
    let wrong = wald(TRUTH.map(|theta| 1.25 * theta));
    assert!(wrong > 52.0, "25 % off: {wrong}");
}

/// The largest |G_ij − H_ij| in standard errors: G − H is the mean over samples of ((p − y)² − p(1 − p))x_ix_j.
fn worst_bartlett(problem: &Logistic) -> f64 {
    let (theta, samples) = (problem.minimiser(), problem.risk().samples());
    let chances: Vec<f64> = samples.margins(theta).iter().map(|&u| Link::Logit.chance(u)).collect();
    let (n, mut worst) = (samples.count() as f64, 0.0_f64);
    let gap = problem.noise(theta) - problem.curvature().as_mat();
    for i in 0..theta.len() {
        for j in 0..=i {
            let terms =
                samples.iter().zip(&chances).map(|((x, y), p)| ((p - y) * (p - y) - p * (1.0 - p)) * x[i] * x[j]);
            let (sum, squares) = terms.fold((0.0, 0.0), |(sum, squares), t| (sum + t, squares + t * t));
            assert!((gap[(i, j)] - sum / n).abs() < 1e-12, "({i}, {j})");
            worst = worst.max(sum.abs() / squares.sqrt());
        }
    }
    worst
}

/// Bartlett's identity with 400 000 samples: 6.5 standard errors are a false alarm of 8·10⁻¹¹ an entry (the fitted θ only
/// makes the differences smaller). Probit labels at a margin of standard deviation 2 leave G 9.6 % below H along the
/// margin (by quadrature), which is 13.8 standard errors, so the same check surely refuses them.
#[test]
fn the_gradient_covariance_is_the_curvature_for_logit_labels_and_not_for_probit_ones() {
    let problem = |link| {
        let data = LogisticData::generate(400_000, &[2.0, 0.0], link, &mut problem_stream("Bartlett")).expect("valid");
        Logistic::fit(data, 0.0).expect("not separable")
    };
    let (logit, probit) = (problem(Link::Logit), problem(Link::Probit));
    assert!(worst_bartlett(&logit) < 6.5, "logit: {}", worst_bartlett(&logit));
    assert!(worst_bartlett(&probit) > 6.5, "probit: {}", worst_bartlett(&probit));
    let ratio = probit.noise(probit.minimiser())[(0, 0)] / probit.curvature().as_mat()[(0, 0)];
    assert!((ratio - (1.0 - 0.0957)).abs() < 0.05, "G/H along the margin is {ratio}");
    assert!((probit.minimiser()[0] / 2.0 - 1.764).abs() < 0.05, "{:?}", probit.minimiser());
}

/// The frequency of label 1 against the sum of the chances, given the features: 6.5 standard deviations for each of
/// three bands of the margin, and the other link is refused where its chances differ most.
#[test]
fn labels_come_up_as_often_as_their_link_says() {
    for (link, other) in [(Link::Probit, Link::Logit), (Link::Logit, Link::Probit)] {
        let data = data(100_000, link);
        let margins = data.samples().margins(&TRUTH);
        let deviations = |link: Link, band: std::ops::Range<f64>| {
            let (mut gap, mut variance) = (0.0, 0.0);
            for (u, y) in margins.iter().zip(data.samples().targets()).filter(|(u, _)| band.contains(u)) {
                let p = link.chance(*u);
                gap += y - p;
                variance += p * (1.0 - p);
            }
            (gap / f64::sqrt(variance)).abs()
        };
        for band in [-9.0..-1.0, -1.0..1.0, 1.0..9.0] {
            let deviations = deviations(link, band.clone());
            assert!(deviations < 6.5, "{link:?}, {band:?}: {deviations}");
        }
        assert!(deviations(other, 1.0..9.0) > 13.0, "{link:?} is not {other:?}: {}", deviations(other, 1.0..9.0));
    }
}

#[test]
fn separable_labels_are_refused_with_a_hint_and_a_ridge_helps() {
    let X = Mat::from_fn(6, 2, |i, j| if j == 0 { 1.0 } else { i as f64 });
    let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let data = LogisticData::new(X.as_ref(), &labels).expect("valid");
    let error = Logistic::fit(data.clone(), 0.0).expect_err("separable");
    assert!(matches!(error, DynamicsError::NewtonFailed { iterations: 10.., .. }), "{error:?}");
    assert!(error.to_string().contains("a plane separates the labels"), "{error}");
    let problem = Logistic::fit(data, 0.01).expect("the ridge makes it convex");
    assert!(problem.gradient(problem.minimiser()).iter().all(|g| g.abs() < 1e-13));
}

#[test]
fn bad_data_are_refused_with_what_was_given() {
    let X = Mat::from_fn(3, 1, |i, _| i as f64);
    let message = |labels: &[f64]| LogisticData::new(X.as_ref(), labels).expect_err("bad").to_string();
    assert_eq!(message(&[0.0, 0.5, 1.0]), "label 1 is 0.5: it must be 0 or 1");
    assert_eq!(message(&[0.0, 1.0]), "vector of targets has 2 entries: 3 are required");
    let wide = Mat::from_fn(2, 3, |i, j| (i + j) as f64);
    let error = LogisticData::new(wide.as_ref(), &[0.0, 1.0]).expect_err("too few");
    assert_eq!(error.to_string(), "the data set has 2 samples: from 3 to 4294967295 are supported");
    let twice = Mat::from_fn(9, 2, |i, _| i as f64);
    let labels: Vec<f64> = (0..9).map(|i| f64::from(i % 2)).collect();
    let data = LogisticData::new(twice.as_ref(), &labels).expect("valid");
    assert!(matches!(Logistic::fit(data.clone(), 0.0), Err(DynamicsError::Geometry(_))), "dependent features");
    assert!(matches!(Logistic::fit(data, -1.0), Err(DynamicsError::Negative { .. })));
}

/// M = ¼ λ_max((1/n)XᵀX) + λ, here with (1/n)XᵀX = diag(2, ½).
#[test]
fn the_smoothness_is_a_quarter_of_the_largest_eigenvalue_and_the_ridge() {
    let features = faer::mat![[2.0, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, -1.0]];
    let data = LogisticData::new(features.as_ref(), &[1.0, 1.0, 0.0, 1.0]).expect("valid");
    let problem = Logistic::fit(data, 0.3).expect("a minimum");
    assert!((problem.risk().smoothness().expect("converges") - 0.8).abs() < 1e-14);
}
