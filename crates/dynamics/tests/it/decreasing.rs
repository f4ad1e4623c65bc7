//! SGD with decreasing steps: the exact law against explicit steps, the limit theorem and its rate, the slow regimes.

use dynamics::process::Sgd;
use dynamics::schedule::{RobbinsMonro, Schedule};
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process as _};
use faer::{Mat, Scale};
use geometry::lyapunov::shifted;
use geometry::{Psd, Spd, Symmetric, frobenius_norm, loewner_le};
use sampling::designs::Gaussian;

use crate::common::{Case, Dense, at, case, cases, decreasing, diagonal_matrix, distance, distance_from};
use crate::statistics::{Broken, check_process, scaled_noise};

const TOLERANCE: f64 = 1e-12;

fn process(case: &Case, schedule: Schedule, b: u64, start: &Start) -> Sgd<Gaussian> {
    case.sgd(schedule, Gaussian::new(b).expect("positive"), start)
}

/// k explicit steps with η_k = c(k + k₀)^−α and noise σ²G.
fn k_steps(case: &Case, [c, offset, exponent]: [f64; 3], variance_factor: f64, start: &Start, k: u64) -> Dense {
    let d = case.dimension();
    let Moments { mean, covariance } = start.moments();
    let mut law = Dense { mean: Mat::from_fn(d, 1, |i, _| mean[i]), covariance };
    for k in 0..k {
        let eta = c * libm::pow(k as f64 + offset, -exponent);
        law.step(&case.contraction(eta), &(Scale(eta * eta * variance_factor) * case.noise.as_mat()));
    }
    law
}

fn steps(case: &Case) -> [[f64; 3]; 3] {
    let largest = case.largest_curvature();
    [[6.0 / largest, 4.0, 1.0], [1.9 / largest, 1.0, 1.0], [2.0 / largest, 1.5, 0.75]]
}

#[test]
fn the_moments_after_k_decreasing_steps_are_k_steps_of_the_moments() {
    for case in cases() {
        for [c, offset, exponent] in steps(&case) {
            for start in case.starts() {
                let law = process(&case, decreasing(c, offset, exponent), 4, &start);
                let distance_from_steps = |c: f64, variance_factor: f64, k: u64| {
                    let explicit = k_steps(&case, [c, offset, exponent], variance_factor, &start, k);
                    distance_from(&law, &at(&law, k), &explicit.part(0, case.dimension(), 1.0))
                };
                for k in [0, 1, 2, 7, 100] {
                    let distance = distance_from_steps(c, 0.25, k);
                    assert!(distance < TOLERANCE, "{}, α = {exponent}, k = {k}: {distance:e}", case.name);
                }
                if case.noise.rank() > 0 {
                    assert!(distance_from_steps(c * (1.0 + 1e-9), 0.25, 7) > 10.0 * TOLERANCE, "{}", case.name);
                    assert!(distance_from_steps(c, 0.25 * (1.0 + 1e-9), 100) > 10.0 * TOLERANCE, "{}", case.name);
                }
            }
        }
    }
}

#[test]
fn all_recorded_steps_of_one_call_have_the_moments_of_calls_of_their_own() {
    let case = case("dense H and G");
    let law = process(&case, case.schedules()[1], 4, &case.starts()[1]);
    let recorded = [0, 3, 3, 50, 400];
    for (moments, k) in law.exact(&recorded).expect("a law").iter().zip(recorded) {
        assert_eq!((&moments.mean, &moments.covariance), (&at(&law, k).mean, &at(&law, k).covariance), "k = {k}");
        assert_eq!(moments.covariance, moments.covariance.transpose());
    }
}

#[test]
fn the_covariance_across_time_is_contracted_step_by_step() {
    for case in cases() {
        for schedule in case.schedules() {
            let law = process(&case, schedule, 4, &case.starts()[1]);
            for (from, to) in [(0, 0), (0, 9), (5, 5), (5, 6), (5, 60)] {
                let mut expected = at(&law, from).covariance;
                for k in from..to {
                    let a: Vec<f64> = law.frame().rates().iter().map(|h| 1.0 - schedule.at(k) * h).collect();
                    expected = diagonal_matrix(&a) * expected;
                }
                let distance = distance(law.cross_covariance(from, to).expect("a law").as_ref(), expected.as_ref());
                assert!(distance < TOLERANCE, "{}, {from} to {to}: {distance:e}", case.name);
            }
        }
    }
}

/// (k + k₀)·Cov_k/σ² in the limit, in the frame.
fn constant_of(law: &Sgd<Gaussian>, offset: f64) -> Mat<f64> {
    let limit = law.limit(&[100]).expect("a limit").remove(0);
    assert!(limit.mean.iter().all(|&m| m == 0.0));
    Scale((100.0 + offset) / law.variance_factor()) * limit.covariance
}

/// ‖(cH − sI)C + C(cH − sI) − c²G‖_F/‖c²G‖_F.
fn shifted_residual(case: &Case, law: &Sgd<Gaussian>, c: f64, shift: f64, C: &Mat<f64>) -> f64 {
    let B = diagonal_matrix(&law.frame().rates().iter().map(|h| c * h - shift).collect::<Vec<_>>());
    let right = Scale(c * c) * law.frame().matrix(case.noise.as_mat());
    distance((&B * C + C * &B).as_ref(), right.as_ref())
}

#[test]
fn the_constant_of_one_over_k_solves_the_shifted_lyapunov_equation() {
    for case in cases().into_iter().filter(|case| case.noise.rank() > 0) {
        for slowest in [0.51, 0.7, 2.0] {
            let c = slowest / case.curvature.min_eigenvalue().expect("converges");
            let offset = c * case.largest_curvature();
            let law = process(&case, decreasing(c, offset, 1.0), 4, &case.starts()[0]);
            let C = constant_of(&law, offset);
            assert!(shifted_residual(&case, &law, c, 0.5, &C) < TOLERANCE, "{}", case.name);
            assert!(shifted_residual(&case, &law, c, 0.0, &C) > 1e-3, "{}: the shift must be seen", case.name);
            let theirs = shifted(c, &case.curvature, &case.noise).expect("above ½").matrix;
            let distance = distance(C.as_ref(), law.frame().matrix(theirs.as_ref()).as_ref());
            assert!(distance < 1e-11, "{}: {distance:e}", case.name);
        }
    }
}

/// The shift inflates: C is above the solution C₀ of cHC₀ + C₀cH = c²G, which would be a deflation if it were below.
#[test]
fn the_shift_makes_the_constant_larger_and_not_smaller() {
    for case in cases().into_iter().filter(|case| case.noise.rank() > 0) {
        let c = 0.8 / case.curvature.min_eigenvalue().expect("converges");
        let offset = c * case.largest_curvature();
        let law = process(&case, decreasing(c, offset, 1.0), 1, &case.starts()[0]);
        let h = law.frame().rates();
        let G = law.frame().matrix(case.noise.as_mat());
        let unshifted = Mat::from_fn(h.len(), h.len(), |i, j| c * G[(i, j)] / (h[i] + h[j]));
        let [shifted, unshifted] =
            [constant_of(&law, offset), unshifted].map(|M| Symmetric::new(M).expect("symmetric"));
        assert!(loewner_le(&unshifted, &shifted).expect("same dimension").holds(), "{}", case.name);
        assert!(!loewner_le(&shifted, &unshifted).expect("same dimension").holds(), "{}", case.name);
    }
}

/// ‖Cov_k − L_k‖_F/‖L_k‖_F for the limit law L_k, at k and 2k.
fn gaps(law: &Sgd<Gaussian>, k: u64) -> [f64; 2] {
    let steps = [k, 2 * k];
    let (exact, limit) = (law.exact(&steps).expect("a law"), law.limit(&steps).expect("a limit"));
    [0, 1].map(|n| distance(exact[n].covariance.as_ref(), limit[n].covariance.as_ref()))
}

/// The gap closes like k^−1 (the next order in the step), or like k^−(2cλ_min − 1) (what the start has left) if slower.
#[test]
fn the_exact_law_approaches_the_limit_at_the_known_rate() {
    let case = case("diagonal H, dense G");
    for (slowest, exponent) in [(0.7, 0.4), (0.6, 0.2), (1.5, 1.0), (3.0, 1.0)] {
        let law = process(&case, decreasing(slowest, 10.0 * slowest, 1.0), 4, &case.starts()[1]);
        let [gap, next] = gaps(&law, 1 << 16);
        let slope = -libm::log2(next / gap);
        assert!((slope - exponent).abs() < 0.01, "cλ_min = {slowest}: slope {slope}, gap {gap}");
    }
}

#[test]
fn a_limit_without_the_shift_is_refused_by_the_exact_law() {
    let case = case("diagonal H, dense G");
    let law = process(&case, decreasing(1.5, 15.0, 1.0), 4, &case.starts()[1]);
    let k = 1 << 16;
    let exact = at(&law, k).covariance;
    let gap = |C: &Mat<f64>| distance(exact.as_ref(), C.as_ref());
    let limit = law.limit(&[k]).expect("a limit").remove(0).covariance;
    let h = law.frame().rates();
    let unshifted = Mat::from_fn(3, 3, |i, j| limit[(i, j)] * (1.0 - 1.0 / (1.5 * (h[i] + h[j]))));
    assert!(gap(&limit) < 1e-3, "{}", gap(&limit));
    for wrong in [unshifted, Scale(2.0) * &limit, Scale(1.05) * &limit] {
        assert!(gap(&wrong) > 0.04, "{}", gap(&wrong));
    }
}

fn one_dimension(c: f64, g: f64) -> Sgd<Gaussian> {
    let (curvature, noise) = (Spd::diagonal(&[1.0]).expect("positive"), Psd::diagonal(&[g]).expect("non-negative"));
    let start = Start::new(vec![1.0], 1.0).expect("finite");
    process(&Case { name: "one dimension", curvature, noise }, decreasing(c, 2.0, 1.0), 1, &start)
}

#[test]
fn at_one_half_and_below_the_error_names_the_regime() {
    let slow = |e: &DynamicsError| matches!(e, DynamicsError::SlowRate { .. });
    for (c, regime) in [(0.5, "logarithmic"), (0.5 - 1e-16, "logarithmic"), (0.4, "below ½"), (0.1, "below ½")] {
        let error = one_dimension(c, 3.0).limit(&[10]).expect_err("no limit");
        assert!(slow(&error) && error.to_string().contains(regime), "{error}");
    }
    assert!(one_dimension(0.51, 3.0).limit(&[10]).is_ok());
}

/// At ½: k·Cov_k = c²σ²g·log k + O(1), so doubling k adds c²σ²g·log 2.
#[test]
fn at_one_half_the_exact_law_has_the_logarithm() {
    let laws = one_dimension(0.5, 3.0).exact(&[1 << 17, 1 << 18]).expect("a law");
    let scaled = [0, 1].map(|n| ((1 << (17 + n)) as f64 + 2.0) * laws[n].covariance[(0, 0)]);
    let slope = (scaled[1] - scaled[0]) / std::f64::consts::LN_2;
    assert!((slope / (0.25 * 3.0) - 1.0).abs() < 1e-4, "{slope}");
}

#[test]
fn below_one_half_the_exact_law_has_the_slow_rate() {
    for c in [0.1, 0.2, 0.3] {
        let laws = one_dimension(c, 3.0).exact(&[1 << 17, 1 << 18]).expect("a law");
        let slope = -libm::log2(laws[1].covariance[(0, 0)] / laws[0].covariance[(0, 0)]);
        // The term of the noise, of order 1/k, is still c²g/(1 − 2c)·k^(2c − 1) of the whole.
        assert!((slope - 2.0 * c).abs() < 0.01, "c = {c}: {slope}");
    }
}

/// Cov_k = η_kσ²S(1 + ε) with ε = α/(k^(1−α)c(h_i + h_j)) + η_kh_ih_j/(h_i + h_j) + O(ε²): the lag behind the
/// decreasing steps, and the discretisation.
#[test]
fn slower_steps_have_the_unshifted_covariance_up_to_the_known_lag() {
    for exponent in [0.6, 0.75, 0.9] {
        let case = case("dense H and G");
        let (c, offset) = (4.0, 1000.0);
        let law = process(&case, decreasing(c, offset, exponent), 2, &case.starts()[1]);
        let k = 1 << 18;
        let (exact, limit) = (at(&law, k).covariance, law.limit(&[k]).expect("a limit").remove(0).covariance);
        let h = law.frame().rates();
        let eta = c * libm::pow(k as f64 + offset, -exponent);
        let lag = |i: usize, j: usize| exponent / ((k as f64 + offset) * eta * (h[i] + h[j]));
        let coarse = |i: usize, j: usize| eta * h[i] * h[j] / (h[i] + h[j]);
        let corrected = Mat::from_fn(5, 5, |i, j| limit[(i, j)] * (1.0 + lag(i, j) + coarse(i, j)));
        let largest = lag(0, 0).max(coarse(4, 4));
        assert!(distance(exact.as_ref(), corrected.as_ref()) < 3.0 * largest * largest, "α = {exponent}");
        assert!(distance(exact.as_ref(), limit.as_ref()) > 0.1 * largest, "α = {exponent}: the lag must be seen");
        let residual = (diagonal_matrix(h) * &limit + &limit * diagonal_matrix(h)) * Scale(2.0 / eta);
        let G = law.frame().matrix(case.noise.as_mat());
        assert!(distance(residual.as_ref(), G.as_ref()) < 1e-12, "α = {exponent}");
    }
}

#[test]
fn the_limit_is_finite_at_every_step() {
    let law = process(&case("diagonal H and G"), decreasing(1.5, 15.0, 1.0), 4, &case("diagonal H and G").starts()[0]);
    assert!(frobenius_norm(law.limit(&[0]).expect("a limit")[0].covariance.as_ref()).is_finite());
}

/// False alarms and the smallest error surely caught: as in `statistics`.
#[test]
fn simulated_decreasing_steps_follow_the_law() {
    let case = case("diagonal H, dense G");
    let start = &case.starts()[0];
    let law_of = |case: Case, c: f64, offset: f64, exponent: f64| {
        let process = process(&case, decreasing(c, offset, exponent), 4, start);
        move |k| at(&process, k)
    };
    let same = || scaled_noise(&case, 1.0);
    for exponent in [1.0, 0.75] {
        let c = if exponent == 1.0 { 0.9 } else { 0.6 };
        let schedule = decreasing(c, 8.0, exponent);
        let broken: [Broken<'_>; 5] = [
            ("G wrong by 5 %", &law_of(scaled_noise(&case, 1.05), c, 8.0, exponent)),
            ("G doubled", &law_of(scaled_noise(&case, 2.0), c, 8.0, exponent)),
            ("η wrong by 5 %", &law_of(same(), 1.05 * c, 8.0, exponent)),
            ("steps shifted by one", &law_of(same(), c, 9.0, exponent)),
            ("another exponent", &law_of(same(), c, 8.0, exponent - 0.05)),
        ];
        check_process(&format!("decreasing {exponent}"), &process(&case, schedule, 4, start), &broken);
    }
}

#[test]
fn the_time_of_decreasing_steps_is_their_sum() {
    for (scale, offset, exponent) in [(1.0, 60.0, 1.0), (2.0, 0.5, 0.6), (0.3, 1e-3, 0.99), (5.0, 1e6, 0.51)] {
        let schedule = Schedule::RobbinsMonro(RobbinsMonro::new(scale, offset, exponent).expect("a schedule"));
        for step in [0_u64, 1, 63, 64, 65, 1000, 100_000] {
            // Added from the smallest step up, so that rounding stays small.
            let sum: f64 = (0..step).rev().map(|k| schedule.at(k)).sum();
            let time = schedule.time(step);
            assert!((time - sum).abs() <= 1e-12 * sum, "{exponent}: {time} at {step}, not {sum}");
        }
        assert!(schedule.time(1 << 40).is_finite());
    }
}

/// For α = 1 the last correction beyond the first 64 steps is 4.6·10⁻¹⁵ of the time, three times what is allowed here.
#[test]
fn the_time_of_decreasing_steps_is_right_to_rounding() {
    for exponent in [1.0, 0.75] {
        let schedule = RobbinsMonro::new(1.0, 0.5, exponent).expect("positive");
        assert_eq!((schedule.scale(), schedule.offset(), schedule.exponent()), (1.0, 0.5, exponent));
        let schedule = Schedule::RobbinsMonro(schedule);
        // Neumaier's sum, whose own rounding does not grow with the number of terms.
        let (mut sum, mut lost) = (0.0_f64, 0.0);
        for k in 0..20_000 {
            let (eta, before) = (schedule.at(k), sum);
            sum += eta;
            lost += if before >= eta { (before - sum) + eta } else { (eta - sum) + before };
        }
        let time = schedule.time(20_000);
        assert!((time - (sum + lost)).abs() < 1.5e-15 * time, "{exponent}: {:e}", time - (sum + lost));
    }
}
