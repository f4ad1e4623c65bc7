//! Every refusal: the variant, the numbers in it, and the sentence that the user reads.

use faer::{Mat, mat};
use geometry::generators::{haar_orthogonal, log_spaced, plane_rotation, random_spd, rotated};
use geometry::lyapunov::{
    continuous, continuous_symmetric, discrete, flow_covariance, ou_stationary, recursion_covariance, sgd_stationary,
    shifted,
};
use geometry::{
    Alignment, Escape, EscapeNoise, FisherGeometry, GaussianAlignment, GeometryError, NoiseCurvature, PerSample,
    Projector, Psd, Spd, Suppression, Symmetric, relative_commutator, stability_norm_bound, trace_of_product,
};

use crate::common::{Outcome, random_symmetric, spd};

/// Checks that the message holds every fragment, and returns the error.
#[track_caller]
fn check<T: std::fmt::Debug>(result: Result<T, GeometryError>, fragments: &[&str]) {
    let message = result.expect_err("a refusal").to_string();
    for fragment in fragments {
        assert!(message.contains(fragment), "{fragment:?} is missing in {message:?}");
    }
    assert!(message.starts_with(|c: char| c.is_lowercase()), "{message:?}");
}

#[test]
fn matrices_without_the_right_shape_or_entries_are_refused() {
    check(Spd::new(Mat::zeros(2, 3)), &["2×3", "square"]);
    check(Spd::new(Mat::zeros(0, 0)), &["empty"]);
    check(Spd::diagonal(&[]), &["empty"]);
    check(Spd::new(mat![[1.0, 0.0], [f64::NAN, 1.0]]), &["(1, 0)", "NaN", "finite"]);
    check(Psd::diagonal(&[1.0, f64::INFINITY]), &["(1, 1)", "inf", "finite"]);
    // Nowhere in a column, whose entries are looked at eight at a time, does one that is not finite pass.
    for row in [0, 3, 7, 8, 10] {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let entry = |i: usize, j: usize| if i == row && j == row { value } else { 1.0 };
            check(Symmetric::new(Mat::from_fn(11, 11, entry)), &[&*format!("({row}, {row})"), "finite"]);
        }
    }
    check(Symmetric::new(Mat::from_fn(16, 16, |_, _| f64::NAN)), &["(0, 0)", "NaN", "finite"]);
    check(Symmetric::new(mat![[1.0, 2.0], [2.5, 1.0]]), &["(1, 0) is 2.5e0", "(0, 1) is 2e0", "at most"]);
    check(Spd::scaled_identity(2, 0.0), &["scale of the identity", "> 0"]);
}

#[test]
fn matrices_that_are_not_positive_definite_are_refused_with_their_pivot() {
    check(Spd::new(mat![[1.0, 2.0], [2.0, 1.0]]), &["pivot 1", "-3", "tolerance"]);
    check(Spd::diagonal(&[1.0, 0.0]), &["pivot 1 is 0e0"]);
    check(Spd::new(mat![[1.0, 1.0], [1.0, 1.0]]), &["pivot 1"]);
    let hilbert = |d: usize| Mat::from_fn(d, d, |i, j| 1.0 / (1.0 + i as f64 + j as f64));
    assert!(Spd::new(hilbert(9)).is_ok());
    check(Spd::new(hilbert(12)), &["pivot 11", "positive definite"]);
}

#[test]
fn units_of_the_coordinates_do_not_decide_about_definiteness() -> Outcome {
    let units = [1e-100, 1.0, 1e100];
    let in_units = |a: Mat<f64>| Mat::from_fn(3, 3, |i, j| units[i] * a[(i, j)] * units[j]);
    assert!(Spd::new(in_units(spd(1, 3, 100.0)?.as_mat().to_owned())).is_ok());
    check(Spd::new(in_units(Mat::full(3, 3, 1.0))), &["pivot 1"]);
    Ok(())
}

#[test]
fn eigenvalues_below_the_resolution_are_refused() -> Outcome {
    let graded = Spd::new(mat![[1.0, 1e-12], [1e-12, 1e-20]])?;
    check(graded.eigen(), &["eigenvalue 0", "resolution"]);
    check(graded.sqrt(), &["eigenvalue 0", "resolution"]);
    check(Psd::from(graded).pseudo_inverse(), &["eigenvalue 0", "resolution"]);
    Ok(())
}

#[test]
fn matrices_that_are_not_positive_semidefinite_are_refused_with_their_eigenvalue() {
    check(Psd::new(mat![[1.0, 2.0], [2.0, 1.0]]), &["eigenvalue 0", "≥ -"]);
    check(Psd::diagonal(&[3.0, -1e-30]), &["eigenvalue 0 is -1e-30", "≥ -0e0"]);
    assert!(Psd::new(mat![[1.0, 1.0], [1.0, 1.0 - f64::EPSILON]]).is_ok());
    check(Spd::try_from(Psd::new(mat![[1.0, 1.0], [1.0, 1.0]]).expect("semidefinite")), &["pivot 1"]);
}

#[test]
fn projectors_with_wrong_bases_or_eigenvalues_are_refused() {
    check(Projector::from_orthonormal_basis(mat![[1.0], [1.0]]), &["(0, 0)", "1e0", "orthonormal"]);
    check(Projector::from_orthonormal_basis(Mat::zeros(0, 0)), &["empty"]);
    check(Projector::new(mat![[1.0, 0.0], [0.0, 0.5]]), &["eigenvalue 0 is 5e-1", "0 or 1"]);
    check(Projector::new(mat![[1.0, 0.2], [0.0, 0.0]]), &["not symmetric"]);
}

#[test]
fn shapes_that_do_not_fit_are_refused() -> Outcome {
    let (h, g) = (Spd::identity(2)?, Psd::diagonal(&[1.0; 3])?);
    check(ou_stationary(&h, &g, 1.0), &["noise covariance is 3×3", "2×2 is required"]);
    check(continuous(h.as_mat(), g.as_symmetric()), &["right-hand side is 3×3", "2×2"]);
    check(FisherGeometry::new(h.clone(), g.clone(), h.clone()), &["gradient covariance is 3×3", "2×2"]);
    check(h.solve(g.as_mat()), &["right-hand side is 3×3", "2×3"]);
    check(h.quadratic_form(&[1.0]), &["1 entries", "2 are required"]);
    check(trace_of_product(h.as_mat(), g.as_mat()), &["3×3", "2×2"]);
    check(relative_commutator(h.as_mat(), g.as_mat()), &["3×3", "2×2"]);
    check(relative_commutator(h.as_mat(), Mat::zeros(2, 2).as_ref()), &["norm", "> 0"]);
    Ok(())
}

#[test]
fn unsolvable_equations_name_the_pair_of_eigenvalues() -> Outcome {
    let q = random_symmetric(1, 2)?;
    let a = Symmetric::new(mat![[-2.0, 0.0], [0.0, 2.0]])?;
    check(continuous_symmetric(&a, &q), &["λ_0 = -2", "λ_1 = 2", "λ_i + conj(λ_j)", "0e0"]);
    check(continuous(mat![[0.0, -1.0], [1.0, 0.0]].as_ref(), &q), &["no unique solution", "λ_i + conj(λ_j)"]);
    check(discrete(mat![[2.0, 0.0], [0.0, 0.5]].as_ref(), &q), &["1 - λ_i·conj(λ_j)"]);
    check(continuous(mat![[1.0, f64::NAN], [0.0, 1.0]].as_ref(), &q), &["(0, 1)", "NaN"]);
    check(continuous(Mat::zeros(2, 1).as_ref(), &q), &["2×1"]);
    Ok(())
}

#[test]
fn unstable_dynamics_have_no_covariance() -> Outcome {
    let q = Psd::diagonal(&[1.0, 1.0])?;
    check(flow_covariance(mat![[-0.5, 0.0], [0.0, 2.0]].as_ref(), &q), &["spectral abscissa of -A is 5e-1"]);
    check(flow_covariance(mat![[0.0, -1.0], [1.0, 0.0]].as_ref(), &q), &["spectral abscissa"]);
    check(recursion_covariance(mat![[0.0, -1.5], [1.5, 0.0]].as_ref(), &q), &["spectral radius of A is 1.5"]);
    check(recursion_covariance(mat![[1.0, 0.0], [0.0, 0.0]].as_ref(), &q), &["spectral radius of A is 1;"]);
    Ok(())
}

#[test]
fn step_sizes_at_and_above_the_limit_are_refused_and_just_below_it_accepted() -> Outcome {
    let (h, g) = (Spd::diagonal(&[1.0, 8.0])?, Psd::diagonal(&[1.0, 1.0])?);
    let expected = |step_size| GeometryError::UnstableStepSize { step_size, largest_eigenvalue: 8.0, limit: 0.25 };
    for eta in [0.25, 0.2500001, 3.0] {
        assert_eq!(sgd_stationary(&h, &g, eta, 1), Err(expected(eta)));
    }
    let below = sgd_stationary(&h, &g, 0.25 * (1.0 - 1e-9), 1)?;
    assert!(below.relative_residual < 1e-15 && below.matrix[(1, 1)] > 1e7);
    for eta in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        check(sgd_stationary(&h, &g, eta, 1), &["step size", "> 0"]);
    }
    check(sgd_stationary(&h, &g, 0.1, 0), &["batch size is 0"]);
    check(ou_stationary(&h, &g, -1.0), &["temperature is -1"]);
    Ok(())
}

#[test]
fn the_robbins_monro_regimes_are_told_apart() -> Outcome {
    let (h, g) = (Spd::diagonal(&[0.5, 8.0])?, Psd::diagonal(&[1.0, 1.0])?);
    check(shifted(1.0, &h, &g), &["critical regime", "c·λ_min(H) = 0.5", "log"]);
    check(shifted(0.5, &h, &g), &["slow regime", "c·λ_min(H) = 0.25"]);
    check(shifted(0.0, &h, &g), &["gain is 0"]);
    let rotated = spd(5, 6, 100.0)?;
    let g = Psd::from(&rotated);
    assert!(matches!(shifted(0.5, &rotated, &g), Err(GeometryError::CriticalRegime { .. })));
    assert!(shifted(0.5 + 1e-9, &rotated, &g)?.relative_residual < 1e-15);
    // Rounding moves cλ_min in proportion to cλ_max, whatever the unit of time.
    let wide = spd(5, 6, 1e6)?;
    assert!(matches!(shifted(0.5, &wide, &(&wide).into()), Err(GeometryError::CriticalRegime { .. })));
    let slow = Spd::diagonal(&[0.5e12 * (1.0 + 1e-9), 1e12])?;
    assert!(shifted(1e-12, &slow, &(&slow).into()).is_ok());
    Ok(())
}

#[test]
fn overflow_is_reported_and_not_returned() -> Outcome {
    let (h, g) = (Spd::diagonal(&[1e-200])?, Psd::diagonal(&[1e200])?);
    check(ou_stationary(&h, &g, 1.0), &["solution", "inf"]);
    check(continuous(h.as_mat(), g.as_symmetric()), &["solution", "inf"]);
    check(Spd::diagonal(&[1e-310])?.inverse(), &["inf"]);
    Ok(())
}

#[test]
fn generators_refuse_what_does_not_define_a_matrix() {
    check(log_spaced(0.0, 1.0, 3), &["first value of a spectrum is 0"]);
    check(log_spaced(1.0, 2.0, 0), &["empty"]);
    check(log_spaced(1.0, 2.0, 1), &["1 value", "1 and 2"]);
    check(haar_orthogonal(2, &[1.0; 3]), &["3 entries", "4 are required"]);
    check(haar_orthogonal(2, &[1.0, 0.0, 2.0, 0.0]), &["column 1"]);
    check(haar_orthogonal(1, &[f64::NAN]), &["NaN"]);
    check(haar_orthogonal(0, &[]), &["empty"]);
    check(random_spd(&[1.0, -1.0], &[1.0, 0.0, 0.0, 1.0]), &["pivot 1"]);
    check(plane_rotation(f64::NAN), &["angle", "NaN"]);
    let identity = Symmetric::new(Mat::identity(2, 2)).expect("symmetric");
    check(rotated(&identity, mat![[1.0, 0.1], [0.0, 1.0]].as_ref()), &["orthonormal"]);
}

#[test]
fn fits_and_alignments_without_a_value_are_refused() -> Outcome {
    let h = Symmetric::new(mat![[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]])?;
    let leading = h.leading_eigen(3)?;
    let fit = |c: &Symmetric| NoiseCurvature::new(c, &leading)?.fit();
    check(fit(&h), &["2 of 3", "requires 3", "more directions"]);
    let identity = Symmetric::new(Mat::identity(3, 3))?;
    let equal = NoiseCurvature::new(&h, &identity.leading_eigen(3)?)?;
    check(equal.fit(), &["2 of 3"]);
    check(NoiseCurvature::new(&identity, &identity.leading_eigen(3)?)?.fit(), &["spread", "> 0"]);
    check(NoiseCurvature::new(&Symmetric::new(Mat::identity(2, 2))?, &leading), &["2×2", "3×3"]);
    check(h.leading_eigen(0), &["leading eigenvalues is 0", "1 to 3"]);
    check(h.leading_eigen(4), &["leading eigenvalues is 4"]);

    check(Alignment::new(vec![1.0], Mat::identity(2, 2)), &["1 entries", "2 are required"]);
    check(Alignment::new(vec![f64::NAN], Mat::identity(1, 1)), &["residuals", "NaN"]);
    check(Alignment::new(vec![0.0], Mat::identity(1, 1))?.average(true), &["loss is 0", "> 0"]);
    check(Alignment::new(vec![1.0], Mat::zeros(1, 1))?.average(true), &["Gauss–Newton"]);
    check(Alignment::new(vec![1.0], Mat::zeros(1, 1))?.sharpest(), &["Gauss–Newton"]);
    check(Alignment::new(vec![1.0], Mat::identity(1, 1))?.directional(&[0.0], true), &["curvature along a direction"]);
    let s = Spd::scaled_identity(2, 1.0)?;
    check(GaussianAlignment::new(&s, &Psd::from(&s), &[0.0, 0.0]), &["loss is 0"]);
    check(GaussianAlignment::new(&s, &Psd::diagonal(&[0.0, 0.0])?, &[1.0, 0.0]), &["Gauss–Newton"]);
    check(stability_norm_bound(0.1, 0, 1.0), &["batch size"]);
    Ok(())
}

#[test]
fn per_sample_derivatives_and_maps_out_of_range_are_refused() -> Outcome {
    let one = || Mat::full(1, 1, 1.0);
    check(PerSample::new(Mat::zeros(0, 1), Mat::zeros(0, 1), Mat::zeros(0, 1)), &["per-sample", "empty"]);
    check(PerSample::new(Mat::zeros(2, 1), Mat::zeros(1, 1), Mat::zeros(2, 1)), &["activations", "1×1", "2×1"]);
    check(PerSample::new(Mat::zeros(1, 2), one(), one()), &["Hessians", "1×1", "1×3"]);
    let convex = PerSample::new(one(), one(), one())?;
    check(convex.suppressed(Suppression::Damped(1.5)), &["1.5", "0 to 1"]);
    check(convex.suppressed(Suppression::Equalised(f64::NAN)), &["NaN"]);
    let concave = PerSample::new(one(), one(), Mat::full(1, 1, -1.0))?;
    check(concave.suppressed(Suppression::Top), &["positive curvature", "empty"]);

    check(Escape::new(&[], 0.1, 1, EscapeNoise::Aligned), &["spectrum", "empty"]);
    check(Escape::new(&[1.0, 0.0], 0.1, 1, EscapeNoise::Aligned), &["curvature is 0"]);
    check(Escape::new(&[1.0], 0.1, 0, EscapeNoise::Aligned), &["batch size"]);
    check(Escape::new(&[1e300], 1.0, 1, EscapeNoise::Aligned), &["secular equation"]);
    let escape = Escape::new(&[1.0], 3.0, 1, EscapeNoise::Aligned)?;
    check(escape.limit(&[1.0], 1000), &["second moments", "inf"]);
    check(escape.energy_beyond(2), &["sharpest directions is 2"]);
    Ok(())
}
