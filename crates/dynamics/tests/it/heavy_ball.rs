//! SGD with momentum: its law against the recursion of (e, m), its simulation against its law.

use dynamics::process::{HeavyBall, Sgd};
use dynamics::schedule::StepSize;
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process};
use faer::{Mat, Scale};
use geometry::frobenius_norm;
use sampling::designs::{Gaussian, Iid, Population};
use sampling::{Design, Stream};

use crate::common::{Case, at, case, cases, constant, diagonal_matrix, distance, vector_distance};
use crate::joint::{check, forgetful, joint_law, k_steps, matrix_power, scaled};

const TOLERANCE: f64 = 1e-10;
const BATCH: u64 = 4;
const BETAS: [f64; 4] = [0.0, 0.3, 0.9, 0.99];
/// ηλ_max/(2(1 + β)).
const STIFFNESS: [f64; 4] = [0.01, 0.3, 0.7, 0.95];

fn process<D: Design>(case: &Case, eta: f64, beta: f64, design: D, start: &Start) -> HeavyBall<D> {
    HeavyBall::new(&case.problem(), StepSize::new(eta).expect("positive"), beta, design, start)
        .unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

fn gaussian(case: &Case, eta: f64, beta: f64, start: &Start) -> HeavyBall<Gaussian> {
    process(case, eta, beta, Gaussian::new(BATCH).expect("positive"), start)
}

fn step_size(case: &Case, stiffness: f64, beta: f64) -> f64 {
    stiffness * 2.0 * (1.0 + beta) / case.largest_curvature()
}

/// A and Q of the recursion of (e, m) in the problem's coordinates:
/// m' = βm + He + ξ and e' = e − ηm' = (I − ηH)e − ηβm − ηξ.
fn augmented(case: &Case, eta: f64, beta: f64) -> [Mat<f64>; 2] {
    let d = case.dimension();
    let (H, G) = (case.curvature.as_mat(), case.noise.as_mat());
    let identity = |i: usize, j: usize| f64::from(u8::from(i == j));
    let A = Mat::from_fn(2 * d, 2 * d, |i, j| match (i < d, j < d) {
        (true, true) => identity(i, j) - eta * H[(i, j)],
        (true, false) => -eta * beta * identity(i, j - d),
        (false, true) => H[(i - d, j)],
        (false, false) => beta * identity(i - d, j - d),
    });
    let Q = Mat::from_fn(2 * d, 2 * d, |i, j| {
        let sign = |i: usize| if i < d { -eta } else { 1.0 };
        sign(i) * sign(j) * G[(i % d, j % d)] / BATCH as f64
    });
    [A, Q]
}

/// (e_0, 0).
fn augmented_start(start: &Start) -> Moments {
    let Moments { mean, covariance } = start.moments();
    let d = mean.len();
    Moments {
        mean: mean.iter().copied().chain(vec![0.0; d]).collect(),
        covariance: Mat::from_fn(2 * d, 2 * d, |i, j| if i < d && j < d { covariance[(i, j)] } else { 0.0 }),
    }
}

/// The e-part.
fn observed(law: &Moments) -> Moments {
    let d = law.mean.len() / 2;
    Moments { mean: law.mean[..d].to_vec(), covariance: Mat::from_fn(d, d, |i, j| law.covariance[(i, j)]) }
}

#[test]
fn the_law_is_that_of_the_recursion_of_error_and_momentum() {
    for case in cases() {
        for (beta, stiffness) in BETAS.into_iter().flat_map(|beta| STIFFNESS.map(|s| (beta, s))) {
            let eta = step_size(&case, stiffness, beta);
            let [A, Q] = augmented(&case, eta, beta);
            let [_, start] = case.starts();
            let law = gaussian(&case, eta, beta, &start);
            for k in [0, 1, 2, 3, 7, 50] {
                let expected = observed(&k_steps(A.as_ref(), Q.as_ref(), &augmented_start(&start), k));
                let law = (at(&law, k), law.frame());
                let gap = vector_distance(&law.0.mean, &law.1.vector(&expected.mean))
                    + distance(law.0.covariance.as_ref(), law.1.matrix(expected.covariance.as_ref()).as_ref());
                assert!(gap < TOLERANCE, "{}, β = {beta}, {stiffness}, k = {k}: {gap:e}", case.name);
            }
        }
    }
}

#[test]
fn the_law_across_time_is_that_of_the_recursion_of_error_and_momentum() {
    for name in ["diagonal H, dense G", "dense H and G"] {
        let case = case(name);
        let ([_, start], eta, beta) = (case.starts(), 0.1, 0.8);
        let law = gaussian(&case, eta, beta, &start);
        let [A, Q] = augmented(&case, eta, beta);
        for (from, to) in [(0, 0), (0, 3), (1, 2), (5, 5), (4, 11)] {
            let at_from = k_steps(A.as_ref(), Q.as_ref(), &augmented_start(&start), from);
            let across = matrix_power(A.as_ref(), to - from) * &at_from.covariance;
            let d = case.dimension();
            let turned = turned(&law, &Mat::from_fn(d, d, |i, j| across[(i, j)]));
            let gap = distance(law.cross_covariance(from, to).expect("a law across time").as_ref(), turned.as_ref());
            assert!(gap < TOLERANCE, "{name}, {from} to {to}: {gap:e}");
            if to > from + 1 && from > 0 {
                let memoryless = matrix_power(A.as_ref(), to - from);
                let memoryless = Mat::from_fn(d, d, |i, j| memoryless[(i, j)])
                    * Mat::from_fn(d, d, |i, j| at_from.covariance[(i, j)]);
                let gap = distance(memoryless.as_ref(), Mat::from_fn(d, d, |i, j| across[(i, j)]).as_ref());
                assert!(gap > 1e-3, "{name}: the momentum at {from} matters, {gap:e}");
            }
        }
    }
}

/// QᵀCQ for any C, column by column and row by row.
fn turned(process: &dyn Process, C: &Mat<f64>) -> Mat<f64> {
    let (d, frame) = (C.nrows(), process.frame());
    let columns: Vec<Vec<f64>> = (0..d).map(|j| frame.vector(&(0..d).map(|i| C[(i, j)]).collect::<Vec<_>>())).collect();
    let rows: Vec<Vec<f64>> =
        (0..d).map(|i| frame.vector(&(0..d).map(|j| columns[j][i]).collect::<Vec<_>>())).collect();
    Mat::from_fn(d, d, |i, j| rows[i][j])
}

#[test]
fn the_stationary_covariance_solves_its_equation_and_ends_the_recursion() {
    for case in cases() {
        for (beta, stiffness) in BETAS.into_iter().flat_map(|beta| STIFFNESS.map(|s| (beta, s))) {
            let eta = step_size(&case, stiffness, beta);
            let law = gaussian(&case, eta, beta, &case.starts()[1]);
            let (Sigma, h) = (law.stationary_covariance(), law.frame().rates());
            let H = diagonal_matrix(h);
            let Q = Scale(eta / BATCH as f64) * law.frame().matrix(case.noise.as_mat());
            let squares = 1.0 - beta * beta;
            let residual = |S: &Mat<f64>| {
                let left = Scale(1.0 - beta) * (&H * S + S * &H)
                    - Scale((1.0 + beta * beta) / squares * eta) * (&H * S * &H)
                    + Scale(beta / squares * eta) * (&H * &H * S + S * &H * &H);
                distance(left.as_ref(), Q.as_ref())
            };
            let name = format!("{}, β = {beta}, ηλ_max/2(1+β) = {stiffness}", case.name);
            assert!(residual(&Sigma) < TOLERANCE, "{name}: {:e}", residual(&Sigma));
            if case.noise.rank() > 0 {
                assert!(residual(&law.continuous_covariance()) > 1e-4, "{name}: the terms in η must be seen");
            }
            for (i, h) in h.iter().enumerate() {
                let diagonal = (1.0 + beta) / (1.0 - beta) * Q[(i, i)] / (h * (2.0 * (1.0 + beta) - eta * h));
                assert!((Sigma[(i, i)] - diagonal).abs() <= TOLERANCE * diagonal, "{name}, Σ_{i}{i}");
            }
            for k in [1 << 30, u64::MAX] {
                let Moments { mean, covariance } = at(&law, k);
                assert!(distance(covariance.as_ref(), Sigma.as_ref()) < TOLERANCE, "{name}, k = {k}");
                assert!(mean.iter().all(|m| m.abs() < 1e-200), "{name}: {mean:?}");
            }
        }
    }
}

#[test]
fn without_momentum_it_is_plain_sgd() {
    for case in cases() {
        for start in case.starts() {
            let eta = 0.7 / case.largest_curvature();
            let design = Gaussian::new(BATCH).expect("positive");
            let plain = Sgd::new(&case.problem(), constant(eta), design, &start).expect("stable");
            let law = gaussian(&case, eta, 0.0, &start);
            let (ours, theirs) = (joint_law(&law, &[0, 1, 9]), joint_law(&plain, &[0, 1, 9]));
            assert!(vector_distance(&ours.mean, &theirs.mean) < TOLERANCE, "{}", case.name);
            assert!(distance(ours.covariance.as_ref(), theirs.covariance.as_ref()) < TOLERANCE, "{}", case.name);
        }
    }
}

/// At a fixed time t = η̃k the law has the limit's mean and covariance up to a first-order gap in η.
#[test]
fn the_limit_is_approached_at_first_order_in_the_step_size() {
    for name in ["diagonal H, dense G", "dense H and G"] {
        for beta in [0.0, 0.5, 0.9] {
            let case = case(name);
            for start in case.starts() {
                let gaps = |k: u64| {
                    let eta = (1.0 - beta) * 0.5 / k as f64;
                    let process = gaussian(&case, eta, beta, &start);
                    assert!((process.time(k) - 0.5).abs() < 1e-14);
                    let (exact, limit) = (at(&process, k), process.limit(&[k]).expect("a limit").remove(0));
                    let mean = vector_distance(&exact.mean, &limit.mean);
                    [
                        mean,
                        frobenius_norm((exact.covariance - &limit.covariance).as_ref())
                            / frobenius_norm(limit.covariance.as_ref()),
                    ]
                };
                let k = 1 << 13;
                for (gap, half) in gaps(k).into_iter().zip(gaps(2 * k)) {
                    assert!(gap < 0.02 && (gap / half - 2.0).abs() < 0.02, "{name}, β = {beta}: {gap:e}, {half:e}");
                }
            }
        }
    }
}

const STEPS: [u64; 3] = [1, 3, 12];

#[test]
fn gaussian_batches_with_momentum_follow_the_law() {
    let case = case("diagonal H, dense G");
    let ([start, _], eta, beta) = (case.starts(), 0.1, 0.7);
    let process = gaussian(&case, eta, beta, &start);
    let law = joint_law(&process, &STEPS);
    let other = |eta, beta| joint_law(&gaussian(&case, eta, beta, &start), &STEPS);
    let plain = |eta| joint_law(&case.process(eta, Gaussian::new(BATCH).expect("positive"), &start), &STEPS);
    // Only the start of the mean helps to see a wrong step; the covariance must see it alone too.
    let covariance_alone = |broken: Moments| Moments { mean: law.mean.clone(), ..broken };
    let broken = [
        ("G halved", scaled(&law, 0.5)),
        ("G wrong by 6 %", scaled(&law, 1.06)),
        ("η wrong by 5 %", other(1.05 * eta, beta)),
        ("η wrong by 5 % in the covariance", covariance_alone(other(1.05 * eta, beta))),
        ("β wrong by 0.05 in the covariance", covariance_alone(other(eta, beta + 0.05))),
        ("momentum dropped", plain(eta)),
        ("plain SGD of the same step in the covariance", covariance_alone(plain(eta))),
        ("no memory", forgetful(&law, case.dimension())),
    ];
    check(&process, "heavy ball", &STEPS, &broken);
}

#[test]
fn random_signs_with_momentum_follow_the_law_with_a_dense_curvature() {
    let case = case("dense H and G");
    let design = Iid::new(Population::Rademacher, 2).expect("positive");
    let process = process(&case, 0.2, 0.5, design, &case.starts()[1]);
    let law = joint_law(&process, &STEPS);
    check(&process, "heavy ball, signs", &STEPS, &[("G wrong by 6 %", scaled(&law, 1.06))]);
}

/// Noise that is not random, ζ = 1 and σ² = ¼.
#[derive(Debug)]
struct Ones;

impl Design for Ones {
    fn draw(&self, _: &mut Stream, whitened: &mut [f64], _width: usize) {
        whitened.fill(1.0);
    }

    fn variance_factor(&self) -> f64 {
        0.25
    }
}

#[test]
fn each_record_holds_the_error_after_that_many_steps() {
    let case = case("diagonal H, dense G");
    let L = case.noise.lower_factor().expect("positive definite");
    let (eta, beta) = (0.1, 0.7);
    let process = process(&case, eta, beta, Ones, &case.starts()[0]);
    let (mut e, mut m) = (case.starts()[0].mean().to_vec(), vec![0.0; 3]);
    let mut k = 0;
    let recorded = [0, 1, 4, 30];
    process.simulate(crate::common::streams("heavy ball", 0), &recorded, &mut |n, errors| {
        while k < recorded[n] {
            for (i, h) in [1.0, 4.0, 10.0].into_iter().enumerate() {
                let noise: f64 = (0..=i).map(|j| L[(i, j)]).sum();
                m[i] = beta * m[i] + h * e[i] + 0.5 * noise;
                e[i] -= eta * m[i];
            }
            k += 1;
        }
        for (row, e) in errors.iter().zip(&e) {
            assert!(row.iter().all(|x| (x - e).abs() < 1e-12), "step {k}");
        }
        true
    });
    assert_eq!(k, 30);
}

#[test]
fn what_cannot_be_built_is_refused_with_its_numbers() {
    let case = case("diagonal H and G");
    let build = |eta, beta| {
        let design = Gaussian::new(1).expect("positive");
        HeavyBall::new(&case.problem(), StepSize::new(eta).expect("positive"), beta, design, &case.starts()[0])
    };
    let unstable = build(0.3, 0.5).unwrap_err();
    assert!(matches!(unstable, DynamicsError::UnstableRecursion { .. }));
    let message = unstable.to_string();
    assert!(message.contains("step size η is 0.3") && message.contains("2(1+β)/λ_max(H) = 0.3"), "{message}");
    assert!(build(0.3 * (1.0 - 1e-12), 0.5).is_ok());
    for beta in [-0.1, 1.0, 1.5, f64::NAN] {
        let message = build(0.1, beta).unwrap_err().to_string();
        assert!(message.contains(&format!("momentum β is {beta}")), "{message}");
    }
}
