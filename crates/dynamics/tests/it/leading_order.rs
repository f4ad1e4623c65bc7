//! The leading-order law and its proven remainder, bracketed against the exact law.

use dynamics::{DynamicsError, LeadingOrder, Observable, Process as _};
use faer::Mat;
use sampling::designs::Gaussian;

use crate::common::{Case, at, case, cases, diagonal_matrix};

/// Metrics that are diagonal in the frame: one along each axis, the identity, H, and weights that fall with h.
fn metrics(h: &[f64]) -> Vec<Vec<f64>> {
    let axis = |i: usize| (0..h.len()).map(|j| if i == j { 3.0 } else { 0.0 }).collect();
    let mut metrics: Vec<Vec<f64>> = (0..h.len()).map(axis).collect();
    metrics.extend([vec![1.0; h.len()], h.to_vec(), h.iter().map(|h| 1.0 / (h * h)).collect()]);
    metrics
}

fn cases_with_noise_in_every_direction() -> impl Iterator<Item = Case> {
    cases().into_iter().filter(|case| case.noise.rank() == case.dimension() || case.name == "diagonal H, G of rank 1")
}

/// Whether the exact value lies in [ℓ(1 − below), ℓ(1 + above)], up to rounding.
fn brackets(law: LeadingOrder, exact: f64) -> bool {
    let rounding = 1e-12 * (exact.abs() + law.value.abs());
    law.value * (1.0 - law.below) <= exact + rounding && exact <= law.value * (1.0 + law.above) + rounding
}

#[test]
fn the_exact_value_lies_within_the_remainder_at_every_step_size_and_step() {
    for case in cases_with_noise_in_every_direction() {
        for stiffness in [1e-3, 0.1, 0.5, 1.0, 1.5, 1.9] {
            for start in case.starts() {
                let eta = stiffness / case.largest_curvature();
                let process = case.process(eta, Gaussian::new(2).expect("positive"), &start);
                for (metric, k) in metrics(process.frame().rates())
                    .iter()
                    .flat_map(|m| [0, 1, 2, 5, 20, 1000, 1 << 40].map(|k| (m, k)))
                {
                    let M = diagonal_matrix(metric);
                    let law = process.leading_order(M.as_ref(), k).expect("diagonal in the frame");
                    let exact = at(&process, k).expected_quadratic(M.as_ref()).expect("same dimension");
                    let context = || format!("{}, ηλ_max = {stiffness}, k = {k}, {metric:?}: {law:?}", case.name);
                    assert!(law.below >= 0.0 && law.above >= 0.0, "{}", context());
                    assert!(brackets(law, exact), "{}, exact {exact}", context());
                }
            }
        }
    }
}

/// The remainder is attained at stationarity by the metric along the sharpest direction, so no smaller one is valid.
#[test]
fn the_remainder_above_is_attained_along_the_sharpest_direction() {
    for case in cases_with_noise_in_every_direction() {
        for stiffness in [1e-3, 0.1, 1.0, 1.9] {
            let eta = stiffness / case.largest_curvature();
            let process = case.process(eta, Gaussian::new(2).expect("positive"), &case.starts()[0]);
            let h = process.frame().rates();
            let sharpest = (0..h.len()).max_by(|&i, &j| h[i].total_cmp(&h[j])).expect("d ≥ 1");
            let M = Mat::from_fn(h.len(), h.len(), |i, j| if i == sharpest && j == sharpest { 1.0 } else { 0.0 });
            let law = process.leading_order(M.as_ref(), 1 << 40).expect("diagonal in the frame");
            let exact = at(&process, 1 << 40).expected_quadratic(M.as_ref()).expect("same dimension");
            let attained = law.value * (1.0 + law.above);
            assert!((exact - attained).abs() < 1e-12 * exact, "{}: {exact} against {attained}", case.name);
            assert_eq!(law.below, 0.0);
            let narrower = LeadingOrder { above: law.above * (1.0 - 1e-6), ..law };
            assert!(!brackets(narrower, exact), "{}: a remainder smaller by 1e-6 of itself must fail", case.name);
        }
    }
}

/// ℓ = m·ησ²g/(2h), and with u = ½ηh and a = 1 − ηh: u/(1 − u) above, plus what the start leaves, a²ᵏ·m·E e₀²/ℓ; below
/// what the noise has not filled in, a²ᵏ/(1 − u).
#[test]
fn in_one_dimension_the_remainder_is_its_closed_form() {
    let (case, m, h, g) = (case("one dimension"), 5.0, 2.0, 3.0);
    for (eta, b) in [(0.05, 1), (0.3, 4), (0.9, 64)] {
        for (start, second_moment) in case.starts().into_iter().zip([1.0, 1.0 + 0.7 * 0.7]) {
            let process = case.process(eta, Gaussian::new(b).expect("positive"), &start);
            for k in [0, 1, 3] {
                let law = process.leading_order(diagonal_matrix(&[m]).as_ref(), k).expect("diagonal");
                let value = m * eta / b as f64 * g / (2.0 * h);
                let (u, a) = (0.5 * eta * h, 1.0 - eta * h);
                let left = (0..2 * k).fold(1.0, |left, _| left * a);
                let above = u / (1.0 - u) + left * m * second_moment / value;
                for (given, expected) in [(law.value, value), (law.below, left / (1.0 - u)), (law.above, above)] {
                    assert!((given - expected).abs() <= 1e-13 * expected, "η = {eta}, k = {k}: {given}, {expected}");
                }
            }
        }
    }
}

#[test]
fn before_the_noise_has_filled_in_the_value_lies_below_and_the_remainder_says_so() {
    let case = case("diagonal H and G");
    let eta = 0.1 / case.largest_curvature();
    let origin = dynamics::start::Start::new(vec![0.0; 3], 0.0).expect("finite");
    let process = case.process(eta, Gaussian::new(1).expect("positive"), &origin);
    for k in [0, 1, 10, 100] {
        let M = diagonal_matrix(&[1.0; 3]);
        let law = process.leading_order(M.as_ref(), k).expect("diagonal in the frame");
        let exact = at(&process, k).expected_quadratic(M.as_ref()).expect("same dimension");
        assert!(brackets(law, exact), "k = {k}");
        assert!(!brackets(LeadingOrder { below: 0.0, ..law }, exact), "k = {k}: it must be needed");
    }
}

#[test]
fn a_metric_is_read_alike_by_observables_and_by_the_process() {
    let case = case("dense H and G");
    let process = case.process(0.05, Gaussian::new(2).expect("positive"), &case.starts()[1]);
    let axes: Vec<Vec<f64>> = (0..5).map(|i| (0..5).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let directional = Observable::Directional(axes.clone());
    for (c, axis) in axes.iter().enumerate() {
        let M = diagonal_matrix(axis);
        let quadratic = Observable::Quadratic(M.clone()).leading_order(&process, 0, 7).expect("diagonal");
        assert_eq!(quadratic, directional.leading_order(&process, c, 7).expect("an axis"));
        assert_eq!(quadratic, process.leading_order(M.as_ref(), 7).expect("diagonal"));
    }
    // F = H is diagonal in the frame up to the rounding of the rotation, and counts as diagonal.
    let fisher = process.frame().matrix(case.curvature.as_mat());
    assert!(Observable::Quadratic(fisher).leading_order(&process, 0, 7).is_ok());
}

#[test]
fn a_metric_that_does_not_commute_has_no_known_remainder_and_the_largest_coupling_is_named() {
    let case = case("diagonal H, dense G");
    let process = case.process(0.05, Gaussian::new(2).expect("positive"), &case.starts()[0]);
    let coupled = |couplings: &[(usize, usize, f64)]| {
        let mut M = diagonal_matrix(&[1.0, 2.0, 3.0]);
        for &(i, j, entry) in couplings {
            M[(i, j)] = entry;
            M[(j, i)] = entry;
        }
        Observable::Quadratic(M).leading_order(&process, 0, 7)
    };
    for (couplings, largest) in [
        (vec![(0, 1, 0.5)], (0, 1, 0.5)),
        (vec![(0, 1, 0.25), (1, 2, -0.5)], (1, 2, -0.5)),
        (vec![(0, 1, 0.5), (0, 2, 0.75), (1, 2, 0.25)], (0, 2, 0.75)),
        (vec![(0, 2, 1e-9)], (0, 2, 1e-9)),
    ] {
        match coupled(&couplings) {
            Err(DynamicsError::RemainderUnknown { row, column, entry }) => assert_eq!((row, column, entry), largest),
            other => panic!("{couplings:?}: {other:?}"),
        }
    }
    assert!(coupled(&[(0, 2, 1e-12)]).is_ok(), "rounding of a rotation is no coupling");
    let error = coupled(&[(0, 2, 0.75)]).expect_err("couples").to_string();
    assert!(error.contains("eigendirections 0 and 2") && error.contains("0.75"), "{error}");
    let diagonal_direction = Observable::Directional(vec![vec![0.6, 0.8, 0.0]]);
    assert!(matches!(diagonal_direction.leading_order(&process, 0, 7), Err(DynamicsError::RemainderUnknown { .. })));
}

#[test]
fn no_unit_of_the_metric_or_of_time_hides_a_coupling() {
    let case = case("diagonal H, dense G");
    for (of_metric, of_time) in [(1e-30, 1.0), (1e30, 1.0), (1.0, 1e-30), (1.0, 1e30)] {
        let curvature = geometry::Spd::diagonal(&[1.0, 4.0, 10.0].map(|h| h * of_time)).expect("positive");
        let case = Case { name: "another unit", curvature, noise: case.noise.clone() };
        let process = case.process(0.1 / of_time, Gaussian::new(2).expect("positive"), &case.starts()[0]);
        let law = |coupling: f64| {
            let entries = [[1.0, coupling, 0.0], [coupling, 2.0, 0.0], [0.0, 0.0, 3.0]];
            process.leading_order(Mat::from_fn(3, 3, |i, j| of_metric * entries[i][j]).as_ref(), 7)
        };
        assert!(law(1e-13).is_ok(), "rounding is no coupling");
        assert!(matches!(law(0.1), Err(DynamicsError::RemainderUnknown { .. })));
    }
}

#[test]
fn an_indefinite_metric_is_refused() {
    let mut case = case("diagonal H, dense G");
    case.curvature = geometry::Spd::diagonal(&[1.0, 1.0, 1.0]).expect("positive");
    let process = case.process(0.2, Gaussian::new(2).expect("positive"), &case.starts()[0]);
    let law = |diagonal: [f64; 3], beside: f64| {
        let M = Mat::from_fn(3, 3, |i, j| if i == j { diagonal[i] } else { beside });
        process.leading_order(M.as_ref(), 7)
    };
    assert!(law([1.0, 1.0, 1.0], 0.5).is_ok() && law([0.0, 1.0, 2.0], 0.0).is_ok());
    for (diagonal, beside) in [([-1.0; 3], 0.0), ([1.0, -1.0, 1.0], 0.0), ([1.0; 3], 2.0)] {
        assert!(matches!(law(diagonal, beside), Err(DynamicsError::Geometry(_))), "{diagonal:?}, {beside}");
    }
}

#[test]
fn equal_curvatures_may_be_coupled() {
    // H = diag(1, 1, 4): a metric inside the first eigenspace commutes with H although it is not diagonal.
    let mut case = case("diagonal H, dense G");
    case.curvature = geometry::Spd::diagonal(&[1.0, 1.0, 4.0]).expect("positive");
    let process = case.process(0.2, Gaussian::new(2).expect("positive"), &case.starts()[0]);
    let M = Mat::from_fn(3, 3, |i, j| [[2.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 0.5]][i][j]);
    for step in [0, 1, 5, 1_000] {
        let law = process.leading_order(M.as_ref(), step).expect("commutes");
        let exact = at(&process, step).expected_quadratic(M.as_ref()).expect("same dimension");
        assert!(law.value * (1.0 - law.below) <= exact * (1.0 + 1e-14), "step {step}");
        assert!(exact <= law.value * (1.0 + law.above) * (1.0 + 1e-14), "step {step}");
    }
}

#[test]
fn a_metric_without_a_relative_remainder_is_an_error() {
    let case = case("diagonal H, dense G");
    let process = case.process(0.05, Gaussian::new(2).expect("positive"), &case.starts()[0]);
    let nothing = process.leading_order(diagonal_matrix(&[0.0, 0.0, 0.0]).as_ref(), 7);
    assert!(matches!(nothing, Err(DynamicsError::NothingToLeadingOrder { value: 0.0 })), "{nothing:?}");
    let indefinite = process.leading_order(diagonal_matrix(&[1.0, -5.0, 1.0]).as_ref(), 7);
    assert!(matches!(indefinite, Err(DynamicsError::Geometry(_))), "{indefinite:?}");
}
