//! Power laws of noise and curvature: lines by hand, ensembles with known exponents, the bounds of E[h²].

use faer::{Mat, mat};
use geometry::generators::haar_orthogonal;
use geometry::{NoiseCurvature, PerSample, Suppression, Symmetric};
use proptest::prelude::*;

use crate::common::{Outcome, assert_near, normals, random};

fn diagonal(entries: &[f64]) -> Result<Symmetric, geometry::GeometryError> {
    Symmetric::new(Mat::from_fn(entries.len(), entries.len(), |i, j| if i == j { entries[i] } else { 0.0 }))
}

/// The samples of an ensemble in which h_p are the given matrices, with the noise of no use here.
fn ensemble(hessians: &[Mat<f64>]) -> Result<PerSample, geometry::GeometryError> {
    let (n, d) = (hessians.len(), hessians[0].nrows());
    let places: Vec<(usize, usize)> = (0..d).flat_map(|r| (0..=r).map(move |c| (r, c))).collect();
    let lower = Mat::from_fn(n, places.len(), |p, t| hessians[p][places[t]]);
    PerSample::new(Mat::zeros(n, d), Mat::full(n, 1, 1.0), lower)
}

/// E[h²] along all eigenvectors of E[h].
fn along(samples: &PerSample) -> Result<NoiseCurvature, geometry::GeometryError> {
    let h = Symmetric::new(samples.mean_hessian())?;
    let squares = Symmetric::new(samples.mean_squared_hessian())?;
    NoiseCurvature::new(&squares, &h.leading_eigen(h.dimension())?)
}

#[test]
fn the_line_is_that_of_least_squares() -> Outcome {
    // In logarithms to base 2: (4, 5), (3, 3), (2, 3), (1, 1). Means 2.5 and 3, xx = 5, xy = 6, yy = 8: γ = 6/5,
    // remaining 8 − 36/5 = 0.8, standard error √(0.4/5), R² = 0.9, intercept (3 − 3)·ln 2 = 0.
    let h = diagonal(&[8.0, 16.0, 4.0, 2.0])?;
    let c = diagonal(&[8.0, 32.0, 8.0, 2.0])?;
    let relation = NoiseCurvature::new(&c, &h.leading_eigen(4)?)?;
    assert_eq!((relation.curvatures(), relation.noises()), (&[16.0, 8.0, 4.0, 2.0][..], vec![32.0, 8.0, 8.0, 2.0]));
    let fit = relation.fit()?;
    assert_near(fit.exponent, 1.2, 1e-14);
    assert_near(fit.standard_error, 0.08_f64.sqrt(), 1e-13);
    assert_near(fit.r_squared, 0.9, 1e-14);
    assert!(fit.intercept.abs() < 1e-14 && fit.directions == 4);
    Ok(())
}

#[test]
fn the_standard_error_counts_two_degrees_of_freedom_for_the_line() -> Outcome {
    // In logarithms to base 2: x = 2, 1, 0, −1, −2 and y = 4x + (1, −2, 0, 2, −1), which is orthogonal to 1 and to x:
    // γ = 4 with remaining 10, xx = 10, and 5 − 2 degrees of freedom: 1/√3.
    let h = diagonal(&[4.0, 2.0, 1.0, 0.5, 0.25])?;
    let c = diagonal(&[9.0, 2.0, 0.0, -2.0, -9.0].map(libm::exp2))?;
    let fit = NoiseCurvature::new(&c, &h.leading_eigen(5)?)?.fit()?;
    assert_near(fit.exponent, 4.0, 1e-14);
    assert_near(fit.standard_error, (1.0 / 3.0_f64).sqrt(), 1e-13);
    Ok(())
}

#[test]
fn the_unit_of_the_noise_moves_only_the_intercept() -> Outcome {
    let h = diagonal(&[8.0, 4.0, 2.0, 1.0])?;
    let fit = |unit: f64| {
        let c = diagonal(&[32.0, 8.0, 8.0, 2.0].map(|c| unit * c))?;
        NoiseCurvature::new(&c, &h.leading_eigen(4)?)?.fit()
    };
    for unit in [1e-20, 1e20] {
        let (scaled, expected) = (fit(unit)?, fit(1.0)?);
        assert_eq!(scaled.directions, 4);
        assert_near(scaled.exponent, expected.exponent, 1e-13);
        assert_near(scaled.intercept - libm::log(unit), expected.intercept, 1e-13);
    }
    Ok(())
}

#[test]
fn directions_without_a_logarithm_are_left_out() -> Outcome {
    let h = diagonal(&[4.0, 2.0, 1.0, 0.5, 0.0, -1.0])?;
    let c = diagonal(&[16.0, 4.0, 1.0, 0.0, 1.0, 1.0])?;
    let fit = NoiseCurvature::new(&c, &h.leading_eigen(6)?)?.fit()?;
    assert_eq!(fit.directions, 3);
    assert_near(fit.exponent, 2.0, 1e-14);
    Ok(())
}

#[test]
fn noise_below_the_resolution_it_came_with_is_left_out() -> Outcome {
    let (h, c) = (diagonal(&[8.0, 4.0, 2.0, 1.0])?, diagonal(&[64.0, 16.0, 4.0, 1e-3])?);
    let leading = h.leading_eigen(4)?;
    assert_eq!(NoiseCurvature::new(&c, &leading)?.fit()?.directions, 4);
    for resolution in [1e-3, 2e-3] {
        let fit = NoiseCurvature::with_resolution(&c, resolution, &leading)?.fit()?;
        assert_eq!(fit.directions, 3);
        assert_near(fit.exponent, 2.0, 1e-14);
    }
    let rounded = NoiseCurvature::with_resolution(&c, 70.0, &leading)?;
    assert!(rounded.fit().is_err() && rounded.diagonal_energy().is_err());
    Ok(())
}

#[test]
fn a_constant_noise_has_exponent_0_and_no_residuals() -> Outcome {
    let fit = NoiseCurvature::new(&diagonal(&[1.0; 3])?, &diagonal(&[4.0, 2.0, 1.0])?.leading_eigen(3)?)?.fit()?;
    assert_eq!((fit.exponent, fit.standard_error, fit.r_squared), (0.0, 0.0, 1.0));
    Ok(())
}

#[test]
fn the_diagonal_energy_counts_what_the_eigenvectors_of_the_curvature_leave_off_the_diagonal() -> Outcome {
    let c = Symmetric::new(mat![[1.0, 2.0, 9.0], [2.0, 3.0, 9.0], [9.0, 9.0, 9.0]])?;
    let relation = NoiseCurvature::new(&c, &diagonal(&[3.0, 2.0, 1.0])?.leading_eigen(2)?)?;
    assert_near(relation.diagonal_energy()?, 10.0 / 18.0, 1e-15);
    Ok(())
}

#[test]
fn curvature_that_differs_in_frequency_has_exponent_1_and_in_magnitude_2() -> Outcome {
    let d = 6;
    let q = haar_orthogonal(d, &normals(8, d * d))?;
    let projector = |i: usize| Mat::from_fn(d, d, |r, c| q[(r.max(c), i)] * q[(r.min(c), i)]);
    // Direction i curves 2^i samples of 63, each by 3.
    let frequency: Vec<Mat<f64>> =
        (0..d).flat_map(|i| (0..1 << i).map(move |_| i)).map(|i| 3.0 * projector(i)).collect();
    let fit = along(&ensemble(&frequency)?)?.fit()?;
    assert!((fit.exponent - 1.0).abs() < 1e-13 && (fit.intercept - libm::log(3.0)).abs() < 1e-13, "{fit:?}");
    // Direction i curves every seventh sample, by 2^i.
    let magnitude: Vec<Mat<f64>> =
        (0..7).map(|i| if i < d { libm::exp2(i as f64) * projector(i) } else { Mat::zeros(d, d) }).collect();
    let fit = along(&ensemble(&magnitude)?)?.fit()?;
    assert!((fit.exponent - 2.0).abs() < 1e-13 && (fit.intercept - libm::log(7.0)).abs() < 1e-13, "{fit:?}");
    Ok(())
}

#[test]
fn equalised_curvature_has_exponent_1() -> Outcome {
    let hessians: Vec<Mat<f64>> = (0..40).map(|p| random(p, 5, 2)).map(|b| &b * b.transpose()).collect();
    let samples = ensemble(&hessians)?;
    assert!(along(&samples)?.fit()?.exponent > 1.1);
    let moments = samples.suppressed(Suppression::Equalised(0.2))?;
    let (h, squares) = (Symmetric::new(moments.mean)?, Symmetric::new(moments.mean_square)?);
    let fit = NoiseCurvature::new(&squares, &h.leading_eigen(5)?)?.fit()?;
    assert!((fit.exponent - 1.0).abs() < 1e-12 && 1.0 - fit.r_squared < 1e-12, "{fit:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mean_squares_lie_between_the_square_of_the_mean_and_its_product_with_the_largest_curvature(
        seed in 0_u64..10_000, n in 1_usize..12, d in 2_usize..7, rank in 1_usize..4,
    ) {
        let hessians: Vec<Mat<f64>> = (0..n as u64).map(|p| random(seed + p, d, rank)).map(|b| &b * b.transpose()).collect();
        let largest = hessians.iter().map(|h| Symmetric::new(h.clone()).unwrap().eigen().unwrap().max_value()).fold(0.0, f64::max);
        let relation = along(&ensemble(&hessians).unwrap()).unwrap();
        let rounding = 1e-13 * largest * largest;
        for (h, c) in relation.curvatures().iter().zip(relation.noises()) {
            prop_assert!(h * h <= c + rounding && c <= largest * h + rounding, "{h} {c} {largest}");
        }
    }
}
