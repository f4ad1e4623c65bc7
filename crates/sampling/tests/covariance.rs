//! The covariance estimators against values by hand, against each other, and against their stated errors.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, mat};
use geometry::{Psd, Symmetric};
use sampling::covariance::{
    CovarianceError, Diagonal, LowRank, LowRankEstimate, Streaming, anisotropy, expected_squared_error,
    isotropic_squared_anisotropy_bound, sample_covariance,
};
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
/// standard deviation of 2.6 times its mean or less (R = 2 is the worst), so the band of 5 % is 8.7 standard errors
/// wide: a false-alarm rate below 10⁻¹⁰ also with the heavy tail of a quartic. An expectation wrong by 10 % is surely
/// caught; R in place of R − 1 is wrong by 17 % or more, and a missing trace by two thirds.
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

fn draws(cell: &str, d: usize, n: usize) -> Mat<f64> {
    let mut normals = vec![0.0; d * n];
    fill_normals(&mut Stream::new(StreamKey { seed: 3, cell, block: 0, purpose: Purpose::Noise }), &mut normals);
    Mat::from_fn(d, n, |i, r| normals[d * r + i])
}

fn column(draws: &Mat<f64>, r: usize) -> Vec<f64> {
    (0..draws.nrows()).map(|i| draws[(i, r)]).collect()
}

fn streamed(draws: &Mat<f64>, columns: std::ops::Range<usize>) -> Streaming {
    let mut estimator = Streaming::new(draws.nrows());
    for r in columns {
        estimator.push(&column(draws, r)).expect("finite");
    }
    estimator
}

/// Means up to 10⁶ deviations away: the raw moments E xxᵀ − x̄x̄ᵀ would lose twelve digits.
#[test]
fn streaming_estimates_agree_with_two_passes_and_merge() {
    let n = 500;
    let z = draws("streaming", 3, n);
    for shift in [0.0, 10.0, 1e6] {
        let x = Mat::from_fn(3, n, |i, r| shift * (1.0 - i as f64) + z[(i, r)] + 0.5 * z[(0, r)]);
        let law = sample_covariance(x.as_ref()).expect("many");
        let close = |C: &Mat<f64>| (C - &law).norm_max() < 1e-13 * (10.0 + shift);
        let whole = streamed(&x, 0..n);
        assert!(close(&whole.covariance().expect("many")), "shift {shift}");
        for cut in [0, 1, 200, n] {
            let mut merged = streamed(&x, 0..cut);
            merged.merge(&streamed(&x, cut..n)).expect("the same dimension");
            assert_eq!(merged.count(), n as u64);
            assert!(close(&merged.covariance().expect("many")), "shift {shift}, cut at {cut}");
            assert!(merged.mean().iter().zip(whole.mean()).all(|(a, b)| (a - b).abs() < 1e-14 * (10.0 + shift)));
        }
        let raw = Mat::from_fn(3, 3, |i, j| {
            let moment = (0..n).map(|r| x[(i, r)] * x[(j, r)]).sum::<f64>();
            (moment - n as f64 * whole.mean()[i] * whole.mean()[j]) / (n as f64 - 1.0)
        });
        assert!(shift < 1e6 || !close(&raw), "raw moments must be caught");
        let (mut diagonal, mut second) = (Diagonal::new(3), Diagonal::new(3));
        for r in 0..n {
            if r < 123 { &mut diagonal } else { &mut second }.push(&column(&x, r)).expect("finite");
        }
        diagonal.merge(&second).expect("the same dimension");
        assert_eq!(diagonal.count(), n as u64);
        assert!(diagonal.mean().iter().zip(whole.mean()).all(|(a, b)| (a - b).abs() < 1e-14 * (10.0 + shift)));
        assert!(close(&Mat::from_fn(3, 3, |i, j| {
            if i == j { diagonal.variances().expect("many")[i] } else { law[(i, j)] }
        })));
    }
}

#[test]
fn one_vector_has_a_mean_and_no_variance() {
    let mut diagonal = Diagonal::new(2);
    let mut sketch = LowRank::new(2, 1).expect("in range");
    assert_eq!((diagonal.mean(), diagonal.variances(), sketch.count()), (&[0.0, 0.0][..], None, 0));
    diagonal.push(&[3.0, -1.0]).expect("finite");
    sketch.push(&[3.0, -1.0]).expect("finite");
    assert_eq!((diagonal.mean(), diagonal.variances()), (&[3.0, -1.0][..], None));
    // Four vectors fill the sketch more than once.
    for x in [[1.0, 3.0], [-4.0, 0.0], [2.0, 2.0]] {
        diagonal.push(&x).expect("finite");
        sketch.push(&x).expect("finite");
    }
    let close = |values: &[f64], [x, y]: [f64; 2]| {
        values.len() == 2 && (values[0] - x).abs().max((values[1] - y).abs()) < 1e-14
    };
    assert!(sketch.count() == 4 && close(sketch.mean(), [0.5, 1.0]));
    assert!(
        close(diagonal.mean(), [0.5, 1.0]) && close(&diagonal.variances().expect("four"), [29.0 / 3.0, 10.0 / 3.0])
    );
}

#[test]
fn estimators_refuse_what_would_spoil_them_and_stay_as_they_were() {
    let mut estimator = streamed(&draws("refusal", 2, 5), 0..5);
    let before = estimator.clone();
    let error = estimator.push(&[1.0]).expect_err("one entry of two");
    assert_eq!(error.to_string(), "vector of length 1: the estimator was made for dimension 2");
    let error = estimator.push(&[1.0, f64::INFINITY]).expect_err("not finite");
    assert_eq!(error.to_string(), "entry 1 of a vector is inf: finite entries are required");
    assert!(estimator.merge(&Streaming::new(3)).is_err() && Diagonal::new(2).merge(&Diagonal::new(3)).is_err());
    assert_eq!(estimator, before);
    for rank in [0, 4] {
        assert_eq!(LowRank::new(3, rank), Err(CovarianceError::Rank { rank, dimension: 3 }));
    }
    let mut sketch = LowRank::new(2, 1).expect("in range");
    assert!(sketch.push(&[f64::NAN, 0.0]).is_err());
    sketch.push(&[1.0, 0.0]).expect("finite");
    assert_eq!(sketch.estimate(), Ok(None));
}

/// n vectors in dimension 12 with deviations about 0.7ⁱ, a drifting mean, and a sketch of rank r.
fn sketched(rank: usize, n: usize) -> (Mat<f64>, LowRankEstimate) {
    let z = draws("sketch", 12, n);
    let scale = |i: usize| (0..i).fold(1.0, |s, _| 0.7 * s);
    // A shear, so that the directions are not the axes.
    let x =
        Mat::from_fn(12, n, |i, r| 5.0 + 0.01 * r as f64 + scale(i) * z[(i, r)] + 0.3 * scale(i / 2) * z[(i / 2, r)]);
    let mut sketch = LowRank::new(12, rank).expect("in range");
    for r in 0..n {
        sketch.push(&column(&x, r)).expect("finite");
    }
    (sample_covariance(x.as_ref()).expect("many"), sketch.estimate().expect("converges").expect("many"))
}

fn symmetric(C: Mat<f64>) -> Symmetric {
    Symmetric::new(C).expect("symmetric")
}

#[test]
fn a_sketch_is_below_the_covariance_by_no_more_than_its_deterministic_bound() {
    for n in [2, 5, 30, 400] {
        for rank in [1, 2, 5, 11, 12] {
            let (C, estimate) = sketched(rank, n);
            let sketch = estimate.covariance();
            let spectrum = symmetric(C.clone()).eigen().expect("converges");
            let rounding = 1e-12 * C.norm_l2();
            let gap = symmetric(&C - &sketch).eigen().expect("converges");
            assert!(gap.min_value() > -rounding, "n = {n}, r = {rank}: not below");
            assert!(gap.max_value() < estimate.missed + rounding, "n = {n}, r = {rank}: misses more than stated");
            for k in 0..=rank {
                let tail: f64 = spectrum.values()[..12 - k].iter().sum();
                let bound = tail / (rank + 1 - k) as f64;
                assert!(estimate.missed <= bound + rounding, "n = {n}, r = {rank}, k = {k}: {}", estimate.missed);
            }
            assert_eq!((estimate.factor.nrows(), estimate.factor.ncols()), (12, rank));
            assert!(symmetric(sketch).eigen().expect("converges").values()[..12 - rank].iter().all(|v| *v < rounding));
        }
    }
    // A bound that forgets a half of what was taken away does not hold.
    let (C, estimate) = sketched(2, 400);
    let gap = symmetric(&C - estimate.covariance()).eigen().expect("converges");
    assert!(gap.max_value() > 0.5 * estimate.missed, "half the bound must be caught");
}

#[test]
fn a_sketch_of_full_rank_is_the_covariance() {
    let (C, estimate) = sketched(12, 400);
    assert!((C - estimate.covariance()).norm_max() < 1e-12 && estimate.missed < 1e-12);
}

#[test]
fn anisotropy_is_zero_for_a_sphere_largest_for_a_line_and_blind_to_scale_and_rotation() {
    assert_eq!(anisotropy(Mat::<f64>::identity(5, 5).as_ref()), 0.0);
    let line = Mat::from_fn(4, 4, |i, j| ((i + 1) * (j + 1)) as f64);
    assert!((anisotropy(line.as_ref()) - 0.75_f64.sqrt()).abs() < 1e-15);
    let (G, Q) = (mat![[3.0, 1.0], [1.0, 2.0]], geometry::generators::plane_rotation(0.7).expect("finite"));
    // ‖G‖² = 15, tr G = 5: 1 − 25/30.
    for G in [G.clone(), faer::Scale(1e-9) * &G, &Q * &G * Q.transpose()] {
        assert!((anisotropy(G.as_ref()) - (1.0_f64 / 6.0).sqrt()).abs() < 1e-14);
    }
    assert!(anisotropy(Mat::<f64>::zeros(2, 2).as_ref()).is_nan());
}

/// Mean square over 4 000 estimates. One square has a standard deviation below 0.25 in these cases, so 0.02 are five
/// standard errors for the worst of them (false-alarm rate 3·10⁻⁷ each, one-sided). The bound is at most 0.026 above
/// the mean for the sizes here, and a bound for half as many draws, 0.16 or more above it, is surely caught.
#[test]
fn estimates_of_isotropic_noise_are_as_anisotropic_as_expected() {
    let estimates = 4_000;
    for (d, n_draws) in [(2, 5), (3, 10), (6, 12)] {
        let z = draws("anisotropy", d, estimates * n_draws);
        let mut sum = 0.0;
        for k in 0..estimates {
            let part = z.subcols(k * n_draws, n_draws);
            sum += anisotropy(sample_covariance(part).expect("two or more").as_ref()).powi(2);
        }
        let (mean, bound) = (sum / estimates as f64, isotropic_squared_anisotropy_bound(d, n_draws as u64));
        assert!(mean < bound + 0.02 && bound < mean + 0.046, "d = {d}, R = {n_draws}: {mean} against {bound}");
        let half = isotropic_squared_anisotropy_bound(d, n_draws as u64 / 2);
        assert!(half > mean + 0.046, "d = {d}: the bound for half the draws must be caught");
        let elongated = Mat::from_fn(d, n_draws, |i, r| if i == 0 { 4.0 * z[(i, r)] } else { z[(i, r)] });
        let measured = anisotropy(sample_covariance(elongated.as_ref()).expect("two or more").as_ref());
        assert!(measured * measured > bound + 0.046, "d = {d}: a noise sixteen times as strong along one axis");
    }
    assert_eq!(isotropic_squared_anisotropy_bound(1, 7), 0.0);
    assert_eq!(isotropic_squared_anisotropy_bound(3, 1), f64::INFINITY);
    assert_eq!(isotropic_squared_anisotropy_bound(3, 2), 10.0 / 15.0);
}
