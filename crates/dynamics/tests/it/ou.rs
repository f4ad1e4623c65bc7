//! The Ornstein–Uhlenbeck process: its law against the matrix equations, its simulation against its law.

use dynamics::problem::Quadratic;
use dynamics::process::{OrnsteinUhlenbeck, Transition};
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use geometry::lyapunov::ou_stationary;

use crate::common::{Case, at, case, cases, diagonal_matrix, distance, vector_distance};
use crate::joint::{check, forgetful, identity_minus, joint_law, k_steps, matrix_power, scaled};

const SIGMA_SQUARED: f64 = 0.25;
const TOLERANCE: f64 = 1e-10;

fn process(case: &Case, spacing: f64, transition: Transition, start: &Start) -> OrnsteinUhlenbeck {
    OrnsteinUhlenbeck::new(&case.problem(), SIGMA_SQUARED, spacing, transition, start)
        .unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

fn euler(substeps: u32) -> Transition {
    Transition::EulerMaruyama { substeps }
}

/// Distance of a law in the frame from moments in the problem's coordinates.
fn distance_in_frame(process: &OrnsteinUhlenbeck, law: &Moments, expected: &Moments) -> f64 {
    let frame = process.frame();
    vector_distance(&law.mean, &frame.vector(&expected.mean))
        + distance(law.covariance.as_ref(), frame.matrix(expected.covariance.as_ref()).as_ref())
}

/// Moments after some classical Runge–Kutta steps of mean' = −H·mean, P' = −HP − PH + σ²G.
fn flow(case: &Case, start: &Start, dt: f64, steps: u64) -> Moments {
    let (H, Q) = (case.curvature.as_mat(), Scale(SIGMA_SQUARED) * case.noise.as_mat());
    let Moments { mean, covariance: mut P } = start.moments();
    let mut m = Mat::from_fn(mean.len(), 1, |i, _| mean[i]);
    let mean_rate = |m: &Mat<f64>| -(H * m);
    let rate = |P: &Mat<f64>| &Q - (H * P + P * H);
    for _ in 0..steps {
        let m_1 = mean_rate(&m);
        let m_2 = mean_rate(&(&m + Scale(0.5 * dt) * &m_1));
        let m_3 = mean_rate(&(&m + Scale(0.5 * dt) * &m_2));
        let m_4 = mean_rate(&(&m + Scale(dt) * &m_3));
        m += Scale(dt / 6.0) * (m_1 + Scale(2.0) * (m_2 + m_3) + m_4);
        let P_1 = rate(&P);
        let P_2 = rate(&(&P + Scale(0.5 * dt) * &P_1));
        let P_3 = rate(&(&P + Scale(0.5 * dt) * &P_2));
        let P_4 = rate(&(&P + Scale(dt) * &P_3));
        P += Scale(dt / 6.0) * (P_1 + Scale(2.0) * (P_2 + P_3) + P_4);
    }
    Moments { mean: (0..mean.len()).map(|i| m[(i, 0)]).collect(), covariance: P }
}

#[test]
fn the_exact_law_solves_the_differential_equation_of_the_moments() {
    for name in ["diagonal H, dense G", "dense H and G", "dense H, G of rank 2"] {
        let case = case(name);
        for start in case.starts() {
            let process = process(&case, 0.05, Transition::Exact, &start);
            for k in [0, 1, 7, 20] {
                let expected = flow(&case, &start, 0.05 / 200.0, 200 * k);
                for law in [at(&process, k), process.limit(&[k]).expect("a limit").remove(0)] {
                    let distance = distance_in_frame(&process, &law, &expected);
                    assert!(distance < TOLERANCE, "{name}, k = {k}: {distance:e}");
                }
            }
        }
    }
}

#[test]
fn the_law_of_euler_maruyama_is_that_of_its_own_recursion() {
    for case in cases() {
        for (stiffness, substeps) in [(0.1, 1), (0.7, 3), (1.4, 2), (1.9, 1)] {
            let delta = stiffness / case.largest_curvature();
            let A = identity_minus(&(Scale(delta) * case.curvature.as_mat()));
            let Q = Scale(delta * SIGMA_SQUARED) * case.noise.as_mat();
            for start in case.starts() {
                let process = process(&case, delta * f64::from(substeps), euler(substeps), &start);
                for k in [0, 1, 2, 7, 40] {
                    let expected = k_steps(A.as_ref(), Q.as_ref(), &start.moments(), k * u64::from(substeps));
                    let distance = distance_in_frame(&process, &at(&process, k), &expected);
                    assert!(distance < TOLERANCE, "{}, δλ_max = {stiffness}, k = {k}: {distance:e}", case.name);
                }
            }
        }
    }
}

#[test]
fn the_stationary_covariances_solve_their_equations() {
    for case in cases() {
        for stiffness in [0.01, 0.7, 1.9] {
            let delta = stiffness / case.largest_curvature();
            let process = process(&case, 2.0 * delta, euler(2), &case.starts()[0]);
            let H = diagonal_matrix(process.frame().rates());
            let Q = Scale(SIGMA_SQUARED) * process.frame().matrix(case.noise.as_mat());
            let (Sigma_EM, Sigma) = (process.stationary_covariance(), process.continuous_covariance());
            let continuous = |S: &Mat<f64>| distance((&H * S + S * &H).as_ref(), Q.as_ref());
            let discrete =
                |S: &Mat<f64>| distance((&H * S + S * &H - Scale(delta) * (&H * S * &H)).as_ref(), Q.as_ref());
            assert!(discrete(&Sigma_EM) < TOLERANCE && continuous(&Sigma) < TOLERANCE, "{}", case.name);
            if case.noise.rank() > 0 {
                let bias = 1e-3 * stiffness;
                assert!(discrete(&Sigma) > bias && continuous(&Sigma_EM) > bias, "{}: the bias is seen", case.name);
            }
            let theirs = ou_stationary(&case.curvature, &case.noise, SIGMA_SQUARED).expect("solvable").matrix;
            assert!(distance(Sigma.as_ref(), process.frame().matrix(theirs.as_ref()).as_ref()) < TOLERANCE);
        }
    }
}

/// With δ halved the bias is halved: entrywise Σ_EM = Σ/(1 − u), u = δh_ih_j/(h_i + h_j).
#[test]
fn the_bias_of_euler_maruyama_is_of_first_order_in_the_substep() {
    let case = case("dense H and G");
    let gap = |substeps: u32| {
        let process = process(&case, 0.1, euler(substeps), &case.starts()[0]);
        let (Sigma_EM, Sigma) = (process.stationary_covariance(), process.continuous_covariance());
        distance(Sigma_EM.as_ref(), Sigma.as_ref())
    };
    for substeps in [16, 64, 256] {
        let ratio = gap(substeps) / gap(2 * substeps);
        assert!(ratio > 2.0 && ratio < 2.0 + 2.0 / f64::from(substeps), "{substeps}: {ratio}");
    }
}

#[test]
fn the_law_across_time_is_the_propagator_times_the_covariance() {
    for name in ["diagonal H, dense G", "dense H and G"] {
        let case = case(name);
        for start in case.starts() {
            // 3 000 Taylor steps of fourth order stand for e^{−HΔt}: their relative errors add up to below 10⁻¹³.
            for (transition, steps, order) in [(euler(3), 3, 1), (Transition::Exact, 3000, 4)] {
                let process = process(&case, 0.2, transition, &start);
                let A = taylor(&(Scale(-0.2 / steps as f64) * diagonal_matrix(process.frame().rates())), order);
                for (from, to) in [(0, 0), (0, 2), (3, 4), (2, 7)] {
                    let expected = matrix_power(A.as_ref(), steps * (to - from)) * at(&process, from).covariance;
                    let law = process.cross_covariance(from, to).expect("a law across time");
                    assert!(distance(law.as_ref(), expected.as_ref()) < TOLERANCE, "{name}, {from} to {to}");
                }
            }
        }
    }
}

/// I + X + … + Xᵐ/m! for m = `order`.
fn taylor(X: &Mat<f64>, order: u32) -> Mat<f64> {
    let one = Mat::<f64>::identity(X.nrows(), X.ncols());
    (1..=order).rev().fold(one.clone(), |sum, m| &one + Scale(1.0 / f64::from(m)) * (X * sum))
}

/// The law of a process with other numbers, at the steps of the test.
fn other(case: &Case, variance_factor: f64, spacing: f64, transition: Transition, start: &Start) -> Moments {
    let process = OrnsteinUhlenbeck::new(&case.problem(), variance_factor, spacing, transition, start).expect("stable");
    joint_law(&process, &STEPS)
}

const STEPS: [u64; 3] = [1, 2, 6];

#[test]
fn draws_from_the_transition_law_follow_the_law() {
    let case = case("dense H and G");
    let [_, start] = case.starts();
    let process = process(&case, 0.1, Transition::Exact, &start);
    let law = joint_law(&process, &STEPS);
    let other = |sigma_squared, spacing, transition| other(&case, sigma_squared, spacing, transition, &start);
    let broken = [
        ("σ² doubled", other(0.5, 0.1, Transition::Exact)),
        ("σ² wrong by 10 %", other(0.275, 0.1, Transition::Exact)),
        ("Δt wrong by 5 %", other(0.25, 0.105, Transition::Exact)),
        ("Euler–Maruyama in one step", other(0.25, 0.1, euler(1))),
        ("everything 6 % wider", scaled(&law, 1.06)),
        ("no memory", forgetful(&law, case.dimension())),
    ];
    check(&process, "transition law", &STEPS, &broken);
}

#[test]
fn euler_maruyama_follows_the_law_with_its_bias() {
    let case = case("diagonal H, G of rank 1");
    let [start, _] = case.starts();
    let process = process(&case, 0.2, euler(2), &start);
    let law = joint_law(&process, &STEPS);
    let other = |sigma_squared, spacing, transition| other(&case, sigma_squared, spacing, transition, &start);
    let broken = [
        ("the law without the bias", other(0.25, 0.2, Transition::Exact)),
        ("one substep fewer", other(0.25, 0.1, euler(1))),
        ("three substeps", other(0.25, 0.2, euler(3))),
        ("σ² halved", other(0.125, 0.2, euler(2))),
        ("Δt wrong by 5 %", other(0.25, 0.21, euler(2))),
        ("no memory", forgetful(&law, case.dimension())),
    ];
    check(&process, "Euler–Maruyama", &STEPS, &broken);
}

/// One dimension, two, and more rows than are drawn at once: the numbers do not depend on how many are drawn ahead.
#[test]
fn a_record_on_the_way_does_not_change_the_next() {
    for case in [case("one dimension"), case("dense H of condition 100")] {
        let process = process(&case, 0.01, euler(3), &case.starts()[1]);
        let last = |recorded: &[u64]| {
            let mut last = Vec::new();
            process.simulate(crate::common::streams("ou", 0), recorded, &mut |_, errors| {
                last = errors.to_vec();
                true
            });
            last
        };
        assert_eq!(last(&[50]), last(&(0..=50).collect::<Vec<_>>()), "{}", case.name);
        assert_ne!(last(&[50]), last(&[49]), "{}", case.name);
    }
}

#[test]
fn what_cannot_be_built_is_refused_with_its_numbers() {
    let case = case("diagonal H and G");
    let [start, _] = case.starts();
    let message = |sigma_squared, spacing, transition| {
        OrnsteinUhlenbeck::new(&case.problem(), sigma_squared, spacing, transition, &start).map(|_| ()).unwrap_err()
    };
    let unstable = message(1.0, 0.4, euler(2));
    assert!(matches!(unstable, DynamicsError::UnstableRecursion { .. }), "{unstable}");
    assert_eq!(
        unstable.to_string(),
        "Euler–Maruyama substep δ is 0.2: it must be below 2/λ_max(H) = 0.2, or the recursion is not stable"
    );
    assert!(message(1.0, 0.1, euler(0)).to_string().contains("number of substeps is 0"));
    assert!(message(-1.0, 0.1, euler(1)).to_string().contains("variance factor σ² is -1"));
    assert!(message(1.0, 0.0, Transition::Exact).to_string().contains("time spacing Δt is 0"));
    let short = Start::new(vec![0.0], 0.0).expect("finite");
    let problem: &Quadratic = &case.problem();
    assert!(OrnsteinUhlenbeck::new(problem, 1.0, 0.1, Transition::Exact, &short).is_err());
    // The transition law has no such limit.
    assert!(OrnsteinUhlenbeck::new(problem, 1.0, 10.0, Transition::Exact, &start).is_ok());
}
