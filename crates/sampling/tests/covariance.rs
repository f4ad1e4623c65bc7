//! The covariance estimator against values by hand, and its expected error against simulation.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, mat};
use geometry::Psd;
use sampling::covariance::{expected_squared_error, sample_covariance};
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};

#[test]
fn the_estimator_gives_the_covariance_computed_by_hand() {
    // Means 2 and 4; deviations (−1, 1), (0, −3), (1, 2): Ĉ = ½[[2, 1], [1, 14]].
    let draws = mat![[1.0, 2.0, 3.0], [5.0, 1.0, 6.0]];
    assert_eq!(sample_covariance(draws.as_ref()), Some(mat![[1.0, 0.5], [0.5, 7.0]]));
    // Two draws: ½(x₁ − x₂)(x₁ − x₂)ᵀ. A far mean costs no digits, because it is subtracted first.
    let far = mat![[1e9 + 1.0, 1e9 - 1.0], [-1e9, -1e9 + 4.0]];
    assert_eq!(sample_covariance(far.as_ref()), Some(mat![[2.0, -4.0], [-4.0, 8.0]]));
    let constant = Mat::from_fn(3, 5, |i, _| i as f64);
    assert_eq!(sample_covariance(constant.as_ref()), Some(Mat::zeros(3, 3)));
}

#[test]
fn fewer_than_two_draws_have_no_covariance() {
    for n_draws in [0, 1] {
        assert_eq!(sample_covariance(Mat::<f64>::zeros(3, n_draws).as_ref()), None);
        assert_eq!(expected_squared_error(Mat::<f64>::identity(3, 3).as_ref(), n_draws as u64), f64::INFINITY);
    }
}

#[test]
fn the_expected_error_is_its_closed_form() {
    let C = mat![[2.0, 1.0], [1.0, 3.0]];
    assert_eq!(expected_squared_error(C.as_ref(), 2), 15.0 + 25.0);
    assert_eq!(expected_squared_error(C.as_ref(), 11), 4.0);
}

/// Mean of ‖Ĉ − C‖_F² over 200 000 estimates from few draws each, relative to what is expected. One such square has a
/// standard deviation of 2.6 times its mean or less (R = 2 is the worst), so the band of 5 % is 8.7 standard errors wide:
/// a false-alarm rate below 10⁻¹⁰ also with the heavy tail of a quartic. An expectation wrong by 10 % is surely caught;
/// R in place of R − 1 is wrong by 17 % or more, and a missing trace by two thirds.
#[test]
fn the_expected_error_is_the_mean_error_of_many_estimates() {
    let estimates = 200_000;
    let C = Psd::new(mat![[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]]).expect("diagonally dominant");
    let L = C.lower_factor().expect("positive definite");
    for n_draws in [2, 3, 5] {
        let key = StreamKey { seed: 3, cell: "covariance", block: n_draws as u64, purpose: Purpose::Noise };
        let mut stream = Stream::new(key);
        let mut sum = 0.0;
        let mut normals = vec![0.0; 3 * n_draws];
        for _ in 0..estimates {
            fill_normals(&mut stream, &mut normals);
            let draws = &L * Mat::from_fn(3, n_draws, |i, r| normals[3 * r + i]);
            sum += (sample_covariance(draws.as_ref()).expect("two draws") - C.as_mat()).squared_norm_l2();
        }
        let (mean, law) = (sum / f64::from(estimates), expected_squared_error(C.as_mat(), n_draws as u64));
        let relative = |expected: f64| (mean / expected - 1.0).abs();
        assert!(relative(law) < 0.05, "R = {n_draws}: {mean} against {law}");
        let one_too_many = expected_squared_error(C.as_mat(), n_draws as u64 + 1);
        let without_trace = law - C.trace() * C.trace() / (n_draws as f64 - 1.0);
        for broken in [one_too_many, without_trace] {
            assert!(relative(broken) > 0.05, "R = {n_draws}: {mean} against {broken}");
        }
    }
}
