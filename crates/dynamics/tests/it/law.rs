//! The exact law of SGD against the matrix recursion it solves, against `geometry`, and against its identities.

use dynamics::problem::Quadratic;
use dynamics::process::{OrnsteinUhlenbeck, Sgd, Transition};
use dynamics::start::Start;
use dynamics::{Moments, Process as _};
use faer::{Mat, MatRef, Scale};
use geometry::lyapunov::{ou_stationary, sgd_stationary};
use geometry::{Spd, Symmetric, frobenius_norm, loewner_le, trace_of_product};
use sampling::Design as _;
use sampling::designs::{ControlVariate, Gaussian};

use crate::common::{Case, at, case, cases, constant, diagonal_matrix, distance, vector_distance};

/// ηλ_max: slow, usual, without memory along the sharpest direction, and with an overshoot (1 − ηh < 0).
const STIFFNESS: [f64; 5] = [0.1, 0.7, 1.0, 1.4, 1.9];
const TOLERANCE: f64 = 1e-12;

fn process(case: &Case, eta: f64, b: usize, start: &Start) -> Sgd<Gaussian> {
    case.process(eta, Gaussian::new(b as u64).expect("positive"), start)
}

/// k explicit steps mean' = A·mean, Cov' = A·Cov·A + η²σ²G in the problem's own coordinates.
fn k_steps(case: &Case, eta: f64, variance_factor: f64, start: &Start, k: u64) -> Moments {
    let d = case.dimension();
    let A = Mat::<f64>::identity(d, d) - Scale(eta) * case.curvature.as_mat();
    let Moments { mean, mut covariance } = start.moments();
    let mut mean = Mat::from_fn(d, 1, |i, _| mean[i]);
    for _ in 0..k {
        mean = &A * mean;
        covariance = &A * covariance * &A + Scale(eta * eta * variance_factor) * case.noise.as_mat();
    }
    Moments { mean: (0..d).map(|i| mean[(i, 0)]).collect(), covariance }
}

/// The relative distances of mean and covariance after k steps from explicit steps with the given step size and σ²,
/// added up.
fn distance_from_k_steps(
    law: &Sgd<Gaussian>,
    case: &Case,
    eta: f64,
    variance_factor: f64,
    start: &Start,
    k: u64,
) -> f64 {
    let explicit = k_steps(case, eta, variance_factor, start, k);
    let (frame, law) = (law.frame(), at(law, k));
    let mean = vector_distance(&law.mean, &frame.vector(&explicit.mean));
    mean + distance(law.covariance.as_ref(), frame.matrix(explicit.covariance.as_ref()).as_ref())
}

#[test]
fn the_moments_after_k_steps_are_k_steps_of_the_moments() {
    for case in cases() {
        for (stiffness, b) in STIFFNESS.into_iter().flat_map(|s| [(s, 1), (s, 64)]) {
            let (eta, sigma_squared) = (stiffness / case.largest_curvature(), 1.0 / b as f64);
            for start in case.starts() {
                let law = process(&case, eta, b, &start);
                for k in [0, 1, 2, 7, 100] {
                    let distance = distance_from_k_steps(&law, &case, eta, sigma_squared, &start, k);
                    assert!(
                        distance < TOLERANCE,
                        "{}, ηλ_max = {stiffness}, b = {b}, {start:?}, k = {k}: {distance:e}",
                        case.name
                    );
                }
            }
        }
    }
}

#[test]
fn steps_with_another_noise_or_step_size_are_told_apart_from_the_law() {
    let wrong = 1.0 + 1e-10;
    for case in cases().into_iter().filter(|case| case.noise.rank() > 0) {
        let eta = 0.7 / case.largest_curvature();
        let [start, _] = case.starts();
        let law = process(&case, eta, 4, &start);
        for k in [1, 7, 100] {
            for (eta, sigma_squared) in [(eta * wrong, 0.25), (eta, 0.25 * wrong)] {
                let distance = distance_from_k_steps(&law, &case, eta, sigma_squared, &start, k);
                assert!(distance > 10.0 * TOLERANCE, "{}, k = {k}: {distance:e}", case.name);
            }
        }
    }
}

#[test]
fn the_moments_forget_the_start_and_end_at_the_stationary_covariance() {
    for case in cases() {
        for stiffness in STIFFNESS {
            for start in case.starts() {
                let law = process(&case, stiffness / case.largest_curvature(), 3, &start);
                for k in [1 << 20, u64::MAX] {
                    let Moments { mean, covariance } = at(&law, k);
                    assert_eq!(covariance, law.stationary_covariance(), "{}, ηλ_max = {stiffness}", case.name);
                    assert!(mean.iter().all(|&m| m == 0.0), "{}: {mean:?}", case.name);
                }
            }
        }
    }
}

/// ‖Σ − AΣA − η²σ²G‖_F/‖η²σ²G‖_F in the frame, where A is diagonal.
fn recursion_residual(law: &Sgd<Gaussian>, case: &Case, eta: f64, Sigma: MatRef<'_, f64>) -> f64 {
    let A = diagonal_matrix(&law.frame().rates().iter().map(|h| 1.0 - eta * h).collect::<Vec<_>>());
    let noise = Scale(eta * eta * law.variance_factor()) * law.frame().matrix(case.noise.as_mat());
    distance((Sigma - &A * Sigma * &A).as_ref(), noise.as_ref())
}

/// |2tr(HΣ) − η tr(HΣH) − ησ² tr G|/(ησ² tr G).
fn trace_identity_residual(law: &Sgd<Gaussian>, case: &Case, eta: f64, Sigma: MatRef<'_, f64>) -> f64 {
    let H = diagonal_matrix(law.frame().rates());
    let trace = |M: MatRef<'_, f64>| trace_of_product(M, Sigma).expect("same shape");
    let right = eta * law.variance_factor() * case.noise.trace();
    ((2.0 * trace(H.as_ref()) - eta * trace((&H * &H).as_ref())) - right).abs() / if right == 0.0 { 1.0 } else { right }
}

#[test]
fn the_stationary_covariance_solves_the_discrete_lyapunov_equation_and_its_trace() {
    for case in cases() {
        for stiffness in STIFFNESS {
            let eta = stiffness / case.largest_curvature();
            let law = process(&case, eta, 3, &case.starts()[0]);
            let Sigma_d = law.stationary_covariance();
            for residual in [recursion_residual, trace_identity_residual] {
                let residual = |Sigma: &Mat<f64>| residual(&law, &case, eta, Sigma.as_ref());
                assert!(residual(&Sigma_d) < TOLERANCE, "{}, ηλ_max = {stiffness}", case.name);
                if case.noise.rank() > 0 {
                    let dropped = law.continuous_covariance();
                    assert!(residual(&dropped) > 1e-3, "{}: −ηHΣH dropped must be seen", case.name);
                }
            }
        }
    }
}

#[test]
fn the_stationary_covariances_are_those_of_the_geometry() {
    for case in cases() {
        for (stiffness, b) in STIFFNESS.into_iter().flat_map(|s| [(s, 1), (s, 64)]) {
            let eta = stiffness / case.largest_curvature();
            let law = process(&case, eta, b, &case.starts()[0]);
            let discrete = sgd_stationary(&case.curvature, &case.noise, eta, b).expect("stable");
            let continuous = ou_stationary(&case.curvature, &case.noise, eta / b as f64).expect("positive");
            for (ours, theirs) in [(law.stationary_covariance(), discrete), (law.continuous_covariance(), continuous)] {
                let theirs = law.frame().matrix(theirs.matrix.as_ref());
                let distance = distance(ours.as_ref(), theirs.as_ref());
                assert!(distance < TOLERANCE, "{}, ηλ_max = {stiffness}, b = {b}: {distance:e}", case.name);
            }
        }
    }
}

#[test]
fn the_continuous_covariance_is_below_the_discrete_one() {
    for case in cases() {
        for stiffness in STIFFNESS {
            let law = process(&case, stiffness / case.largest_curvature(), 3, &case.starts()[0]);
            let [discrete, continuous] = [law.stationary_covariance(), law.continuous_covariance()]
                .map(|M| Symmetric::new(M).expect("symmetric"));
            assert!(loewner_le(&continuous, &discrete).expect("same dimension").holds(), "{}", case.name);
            if case.noise.rank() > 0 {
                assert!(!loewner_le(&discrete, &continuous).expect("same dimension").holds(), "{}", case.name);
            }
        }
    }
}

/// Entrywise Σ_d = Σ/(1 − u) with u = η·h_ih_j/(h_i + h_j) ≤ ½ηλ_max, so halving η divides a relative gap of u/(1 − u)
/// by 2 + u/(1 − u), and the gap to Σ(1 + u), which is of second order, by 4 + 2u/(1 − u).
#[test]
fn the_gap_between_the_covariances_is_of_first_order_in_the_step_size() {
    for name in ["diagonal H, dense G", "dense H and G", "dense H, G of rank 2", "dense H of condition 100"] {
        let case = case(name);
        for stiffness in [1.0, 0.5, 0.1, 1e-2, 1e-3] {
            let gaps = |eta: f64| {
                let law = process(&case, eta, 1, &case.starts()[0]);
                let (Sigma_d, Sigma, h) =
                    (law.stationary_covariance(), law.continuous_covariance(), law.frame().rates());
                let corrected =
                    Mat::from_fn(h.len(), h.len(), |i, j| Sigma[(i, j)] * (1.0 + eta * h[i] * h[j] / (h[i] + h[j])));
                [&Sigma, &corrected].map(|S| frobenius_norm((&Sigma_d - S).as_ref()) / frobenius_norm(Sigma.as_ref()))
            };
            let eta = stiffness / case.largest_curvature();
            let ([first, second], [half_first, half_second]) = (gaps(eta), gaps(eta / 2.0));
            let above = 0.5 * stiffness / (1.0 - 0.5 * stiffness);
            for (ratio, order) in [(first / half_first, 2.0), (second / half_second, 4.0)] {
                assert!(ratio > order - 1e-6, "{name}, ηλ_max = {stiffness}: {ratio}");
                assert!(ratio < order * (1.0 + 0.5 * above) + 1e-6, "{name}, ηλ_max = {stiffness}: {ratio}");
            }
        }
    }
}

#[test]
fn a_frame_diagonalises_the_curvature_and_leaves_a_diagonal_one_alone() {
    for case in cases() {
        let law = process(&case, 0.1 / case.largest_curvature(), 1, &case.starts()[0]);
        let (frame, H) = (law.frame(), case.curvature.as_mat());
        assert!(distance(frame.matrix(H).as_ref(), diagonal_matrix(frame.rates()).as_ref()) < 1e-13, "{}", case.name);
        // A vector and a matrix are turned the same way: vvᵀ goes to (Qᵀv)(Qᵀv)ᵀ.
        let v = case.starts()[0].mean().to_vec();
        let outer = |v: &[f64]| Mat::from_fn(v.len(), v.len(), |i, j| v[i] * v[j]);
        let turned = frame.vector(&v);
        assert!(distance(frame.matrix(outer(&v).as_ref()).as_ref(), outer(&turned).as_ref()) < 1e-13, "{}", case.name);
        if case.curvature.is_diagonal() {
            assert_eq!((turned, frame.matrix(case.noise.as_mat())), (v, case.noise.as_mat().to_owned()));
        }
    }
}

#[test]
fn slow_contraction_loses_no_digits() {
    // One dimension: after one step from a point, Cov e_1 = η²σ²g exactly, however small ηh is.
    for eta in [1e-3, 1e-6, 1e-9, 1e-12] {
        let one = Spd::diagonal(&[1.0]).expect("positive");
        let problem = Quadratic::new(one.clone(), one.clone().into(), one, vec![0.0]).expect("same dimension");
        let start = Start::new(vec![1.0], 0.0).expect("finite");
        let process = Sgd::new(&problem, constant(eta), Gaussian::new(1).expect("positive"), &start).expect("stable");
        let variance = at(&process, 1).covariance[(0, 0)];
        assert!((variance / (eta * eta) - 1.0).abs() < 4.0 * f64::EPSILON, "η = {eta}: {variance}");
        assert_eq!(at(&process, 0).covariance[(0, 0)], 0.0);
    }
}

/// η → 0 at t = ηk: dX = −HX dt + (ησ²G)^{1/2} dW, whose law is held to its differential equation in `ou`.
#[test]
fn the_limit_is_the_ornstein_uhlenbeck_process_from_every_start() {
    for case in cases() {
        let (eta, b) = (0.7 / case.largest_curvature(), 3);
        for start in case.starts() {
            let sgd = process(&case, eta, b, &start);
            let diffusion =
                OrnsteinUhlenbeck::new(&case.problem(), eta / b as f64, eta, Transition::Exact, &start).expect("fits");
            for k in [0, 1, 7, 1000] {
                let (limit, flow) = (sgd.limit(&[k]).expect("a limit").remove(0), at(&diffusion, k));
                let gap = vector_distance(&limit.mean, &flow.mean)
                    + distance(limit.covariance.as_ref(), flow.covariance.as_ref());
                assert!(gap < TOLERANCE, "{}, k = {k}: {gap:e}", case.name);
            }
        }
    }
}

#[test]
fn a_design_that_shapes_the_noise_shapes_the_law() {
    let case = case("diagonal H, dense G");
    let design = ControlVariate::with_coefficient(4, 0.5, 2.0).expect("a design");
    let eta = 0.1;
    let law = case.process(eta, design, &case.starts()[0]);
    let batch = design.batch_covariance(case.noise.lower_factor().expect("factors").as_ref());
    let (Sigma, A) = (law.stationary_covariance(), case.contraction(eta));
    let stepped = &A * &Sigma * &A + Scale(eta * eta) * batch;
    assert!(distance(Sigma.as_ref(), stepped.as_ref()) < TOLERANCE);
}
