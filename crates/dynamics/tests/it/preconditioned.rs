//! Preconditioned SGD: its law against the recursion in the problem's coordinates, its simulation against its law.

use dynamics::problem::Quadratic;
use dynamics::process::{Preconditioned, Preconditioner};
use dynamics::schedule::StepSize;
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, MatRef, Scale};
use geometry::Spd;
use sampling::designs::Gaussian;

use crate::common::{Case, at, case, cases, constant, distance, orthogonal, spd, vector_distance};
use crate::joint::{check, forgetful, identity_minus, joint_law, k_steps, matrix_power, scaled};

const TOLERANCE: f64 = 1e-10;
const BATCH: u64 = 4;

/// The case's problem with a Fisher metric of its own, which commutes with nothing.
fn problem(case: &Case) -> Quadratic {
    let d = case.dimension();
    let spectrum: Vec<f64> = (0..d).map(|i| 0.5 + i as f64).collect();
    let fisher = spd(&spectrum, &orthogonal("fisher", d));
    Quadratic::new(case.curvature.clone(), case.noise.clone(), fisher, vec![0.0; d]).expect("fits")
}

/// The preconditioners, each with its matrix P.
fn preconditioners(case: &Case) -> Vec<(&'static str, Preconditioner, Mat<f64>)> {
    let (problem, d) = (problem(case), case.dimension());
    let spectrum: Vec<f64> = (0..d).map(|i| 2.0 / (1.0 + i as f64)).collect();
    let matrix = spd(&spectrum, &orthogonal("preconditioner", d));
    let inverse = |M: &Spd| M.inverse().expect("well conditioned").as_mat().to_owned();
    vec![
        ("Newton", Preconditioner::Newton, inverse(problem.curvature())),
        ("natural gradient", Preconditioner::NaturalGradient, inverse(problem.fisher())),
        ("a matrix", Preconditioner::Matrix(matrix.clone()), matrix.as_mat().to_owned()),
        ("the identity", Preconditioner::Matrix(Spd::identity(d).expect("d ≥ 1")), Mat::identity(d, d)),
    ]
}

fn process(case: &Case, P: &Preconditioner, eta: f64, start: &Start) -> Preconditioned<Gaussian> {
    let design = Gaussian::new(BATCH).expect("positive");
    Preconditioned::new(&problem(case), P, StepSize::new(eta).expect("positive"), design, start)
        .unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

/// The largest eigenvalue of PH, by powers of it.
fn largest_rate(P: &Mat<f64>, case: &Case) -> f64 {
    let PH = P * case.curvature.as_mat();
    let mut v = Mat::from_fn(PH.nrows(), 1, |i, _| 1.0 + 0.1 * i as f64);
    let mut rate = 0.0;
    for _ in 0..2000 {
        v = &PH * v;
        rate = v.norm_l2();
        v *= Scale(1.0 / rate);
    }
    rate
}

fn recursion(case: &Case, P: &Mat<f64>, eta: f64) -> [Mat<f64>; 2] {
    let A = identity_minus(&(Scale(eta) * (P * case.curvature.as_mat())));
    let Q = Scale(eta * eta / BATCH as f64) * (P * case.noise.as_mat() * P);
    [A, Q]
}

#[test]
fn the_law_is_that_of_the_recursion_in_the_coordinates_of_the_problem() {
    for case in cases() {
        for (name, preconditioner, P) in preconditioners(&case) {
            for stiffness in [0.05, 0.7, 1.8] {
                let eta = stiffness / largest_rate(&P, &case);
                let [A, Q] = recursion(&case, &P, eta);
                for start in case.starts() {
                    let process = process(&case, &preconditioner, eta, &start);
                    for k in [0, 1, 2, 7, 40] {
                        let (law, expected) = (at(&process, k), k_steps(A.as_ref(), Q.as_ref(), &start.moments(), k));
                        let gap = vector_distance(&law.mean, &expected.mean)
                            + distance(law.covariance.as_ref(), expected.covariance.as_ref());
                        assert!(gap < TOLERANCE, "{}, {name}, {stiffness}, k = {k}: {gap:e}", case.name);
                    }
                    let across = process.cross_covariance(2, 7).expect("a law across time");
                    let expected = matrix_power(A.as_ref(), 5) * at(&process, 2).covariance;
                    assert!(distance(across.as_ref(), expected.as_ref()) < TOLERANCE, "{}, {name}", case.name);
                }
            }
        }
    }
}

#[test]
fn the_stationary_covariances_solve_their_equations() {
    for case in cases() {
        for (name, preconditioner, P) in preconditioners(&case) {
            let eta = 0.7 / largest_rate(&P, &case);
            let process = process(&case, &preconditioner, eta, &case.starts()[0]);
            let H = case.curvature.as_mat();
            let Q = Scale(eta / BATCH as f64) * (&P * case.noise.as_mat() * &P);
            let continuous = |S: &Mat<f64>| &P * H * S + S * H * &P;
            let discrete = |S: &Mat<f64>| continuous(S) - Scale(eta) * (&P * H * S * H * &P);
            let residual = |left: Mat<f64>| distance(left.as_ref(), Q.as_ref());
            let (Sigma_d, Sigma) = (process.stationary_covariance(), process.continuous_covariance());
            assert!(residual(discrete(&Sigma_d)) < TOLERANCE, "{}, {name}", case.name);
            assert!(residual(continuous(&Sigma)) < TOLERANCE, "{}, {name}", case.name);
            if case.noise.rank() > 0 {
                assert!(residual(discrete(&Sigma)) > 1e-3, "{}, {name}: −ηPHΣHP dropped must be seen", case.name);
            }
            for k in [1 << 20, u64::MAX] {
                assert!(distance(at(&process, k).covariance.as_ref(), Sigma_d.as_ref()) < TOLERANCE);
            }
        }
    }
}

#[test]
fn newton_ends_at_a_multiple_of_the_sandwich() {
    for case in cases() {
        for eta in [0.1, 1.0, 1.9] {
            let process = process(&case, &Preconditioner::Newton, eta, &case.starts()[0]);
            let H_inverse = case.curvature.inverse().expect("well conditioned");
            let sandwich = H_inverse.as_mat() * case.noise.as_mat() * H_inverse.as_mat();
            let expected = Scale(eta / ((2.0 - eta) * BATCH as f64)) * sandwich;
            let gap = distance(process.stationary_covariance().as_ref(), expected.as_ref());
            assert!(gap < TOLERANCE, "{}, η = {eta}: {gap:e}", case.name);
            // Every direction forgets at the pace of 1 − η.
            let start = case.starts()[0].mean().to_vec();
            let left: Vec<f64> = start.iter().map(|e| (1.0 - eta) * (1.0 - eta) * e).collect();
            assert!(vector_distance(&at(&process, 2).mean, &left) < TOLERANCE, "{}", case.name);
        }
    }
}

#[test]
fn natural_gradient_in_the_metric_of_the_curvature_is_newton() {
    let case = case("dense H and G");
    let build = |P| {
        let (step, design) = (StepSize::new(0.5).expect("positive"), Gaussian::new(BATCH).expect("positive"));
        Preconditioned::new(&case.problem(), &P, step, design, &case.starts()[1]).expect("stable")
    };
    let [natural, newton] = [Preconditioner::NaturalGradient, Preconditioner::Newton].map(build);
    assert_eq!(at(&natural, 3).covariance, at(&newton, 3).covariance);
}

/// Halving η at fixed t = ηk halves the gap between the law and its limit.
#[test]
fn the_limit_is_approached_at_first_order_in_the_step_size() {
    let case = case("dense H and G");
    for (name, preconditioner, _) in preconditioners(&case) {
        let gaps = |k: u64| {
            let process = process(&case, &preconditioner, 0.5 / k as f64, &case.starts()[0]);
            let (exact, limit) = (at(&process, k), process.limit(&[k]).expect("a limit").remove(0));
            let covariance = distance(exact.covariance.as_ref(), limit.covariance.as_ref());
            [vector_distance(&exact.mean, &limit.mean), covariance]
        };
        for (gap, half) in gaps(1 << 12).into_iter().zip(gaps(1 << 13)) {
            assert!(gap < 0.02 && (gap / half - 2.0).abs() < 0.02, "{name}: {gap:e}, {half:e}");
        }
    }
}

const STEPS: [u64; 3] = [1, 2, 9];

fn check_preconditioner(case: &Case, name: &str, start: &Start) {
    let (_, preconditioner, P) =
        preconditioners(case).into_iter().find(|(of, _, _)| *of == name).expect("a preconditioner of that name");
    let eta = 0.6 / largest_rate(&P, case);
    let process = process(case, &preconditioner, eta, start);
    let law = joint_law(&process, &STEPS);
    let other = |eta| joint_law(&self::process(case, &preconditioner, eta, start), &STEPS);
    let plain = || {
        let (problem, design) = (problem(case), Gaussian::new(BATCH).expect("positive"));
        let sgd = dynamics::process::Sgd::new(&problem, constant(0.6 / case.largest_curvature()), design, start);
        in_coordinates(&joint_law(&sgd.expect("stable"), &STEPS), case)
    };
    let covariance_alone = |broken: Moments| Moments { mean: law.mean.clone(), ..broken };
    let broken = [
        ("G doubled", scaled(&law, 2.0)),
        ("G wrong by 6 %", scaled(&law, 1.06)),
        ("η wrong by 5 %", other(1.05 * eta)),
        ("η wrong by 5 % in the covariance", covariance_alone(other(1.05 * eta))),
        ("the preconditioner dropped", plain()),
        ("no memory", forgetful(&law, case.dimension())),
    ];
    check(&process, name, &STEPS, &broken);
}

/// A joint law in the frame of the case's H, turned back into the problem's coordinates.
fn in_coordinates(law: &Moments, case: &Case) -> Moments {
    let frame = dynamics::frame::Frame::new(&case.curvature).expect("converges");
    let (d, size) = (case.dimension(), law.mean.len());
    // Row i of Q is Qᵀ's image of the i-th unit vector.
    let rows: Vec<Vec<f64>> =
        (0..d).map(|i| frame.vector(&(0..d).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>())).collect();
    let Q = Mat::from_fn(size, size, |i, j| if i / d == j / d { rows[i % d][j % d] } else { 0.0 });
    let mean = &Q * Mat::from_fn(size, 1, |i, _| law.mean[i]);
    let turned = |C: MatRef<'_, f64>| &Q * C * Q.transpose();
    Moments { mean: (0..size).map(|i| mean[(i, 0)]).collect(), covariance: turned(law.covariance.as_ref()) }
}

#[test]
fn newton_steps_follow_the_law() {
    let case = case("dense H and G");
    check_preconditioner(&case, "Newton", &case.starts()[0]);
}

#[test]
fn natural_gradient_steps_follow_the_law_from_a_cloud() {
    let case = case("diagonal H, dense G");
    check_preconditioner(&case, "natural gradient", &case.starts()[1]);
}

#[test]
fn steps_with_a_matrix_follow_the_law_with_singular_noise() {
    let case = case("diagonal H, G of rank 1");
    check_preconditioner(&case, "a matrix", &case.starts()[1]);
}

#[test]
fn what_cannot_be_built_is_refused_with_its_numbers() {
    let case = case("diagonal H and G");
    let build = |P: &Preconditioner, eta: f64| {
        let (step, design) = (StepSize::new(eta).expect("positive"), Gaussian::new(1).expect("positive"));
        Preconditioned::new(&case.problem(), P, step, design, &case.starts()[0])
    };
    let unstable = build(&Preconditioner::Newton, 2.0).unwrap_err();
    assert!(matches!(unstable, DynamicsError::UnstableRecursion { .. }));
    let message = unstable.to_string();
    assert!(message.contains("step size η is 2") && message.contains("2/λ_max(PH) = 2"), "{message}");
    assert!(build(&Preconditioner::Newton, 1.999).is_ok());
    let half = Preconditioner::Matrix(Spd::scaled_identity(3, 0.5).expect("positive"));
    assert!(build(&half, 0.399).is_ok() && build(&half, 0.401).is_err(), "λ_max(PH) = 5");
    let small = Preconditioner::Matrix(Spd::identity(2).expect("d ≥ 1"));
    let message = build(&small, 0.1).unwrap_err().to_string();
    assert!(message.contains("preconditioner P has dimension 2"), "{message}");
}

#[test]
fn the_noise_of_a_batch_does_not_depend_on_the_preconditioner() {
    let case = case("dense H and G");
    for (name, P, _) in preconditioners(&case) {
        assert_eq!(process(&case, &P, 0.01, &case.starts()[0]).variance_factor(), 1.0 / BATCH as f64, "{name}");
    }
}
