//! Alignment on samples against the definitions, and in a Gaussian population against Isserlis and draws.

use faer::{Mat, mat};
use geometry::{Alignment, GaussianAlignment, Psd, Symmetric, quadratic_form, trace_of_product};
use proptest::prelude::*;

use crate::common::{Outcome, assert_close, assert_near, normals, random, spd};

/// 𝒢, Σ₁ and ∇L of n samples with gradients ∇f (n×p).
fn definitions(residuals: &[f64], gradients: &Mat<f64>) -> (Mat<f64>, Mat<f64>, Mat<f64>) {
    let n = residuals.len() as f64;
    let weighted = |power: i32| {
        Mat::from_fn(gradients.nrows(), gradients.ncols(), |i, j| residuals[i].powi(power) * gradients[(i, j)] / n)
    };
    let slope = gradients.transpose() * Mat::from_fn(residuals.len(), 1, |i, _| residuals[i] / n);
    (gradients.transpose() * weighted(0), gradients.transpose() * weighted(2), slope)
}

#[test]
fn kernel_and_slopes_give_what_the_definitions_give() -> Outcome {
    for (n, p) in [(6, 10), (10, 3), (1, 4)] {
        let (residuals, gradients) = (normals(1, n), random(2, n, p));
        let (gauss_newton, noise, slope) = definitions(&residuals, &gradients);
        for alignment in [
            Alignment::new(residuals.clone(), &gradients * gradients.transpose())?,
            Alignment::from_gradients(residuals.clone(), gradients.clone())?,
        ] {
            let loss = residuals.iter().map(|r| r * r).sum::<f64>() / (2.0 * n as f64);
            assert_near(alignment.loss(), loss, 1e-15);
            let squared_norm = trace_of_product(gauss_newton.as_ref(), gauss_newton.as_ref())?;
            assert_near(alignment.frobenius_norm(), squared_norm.sqrt(), 1e-14);
            assert_near(alignment.trace(), (0..p).map(|i| gauss_newton[(i, i)]).sum(), 1e-14);
            let top = Symmetric::new(gauss_newton.clone())?.eigen()?;
            let sharpest = alignment.sharpest()?;
            assert_near(sharpest.curvature, top.max_value(), 1e-13);
            let v = gradients.transpose() * Mat::from_fn(n, 1, |i, _| sharpest.weights[i]);
            assert_near(geometry::frobenius_norm(v.as_ref()), 1.0, 1e-13);
            let gradient_slopes = &gradients * &slope;
            for i in 0..n {
                assert!((alignment.gradient_slopes()[i] - gradient_slopes[(i, 0)]).abs() < 1e-13);
                assert!(((&gradients * &v)[(i, 0)] - sharpest.slopes[i]).abs() < 1e-13);
            }
            for centred in [true, false] {
                let noise = if centred { &noise - &slope * slope.transpose() } else { noise.clone() };
                let expected = trace_of_product(noise.as_ref(), gauss_newton.as_ref())? / (2.0 * loss * squared_norm);
                let tolerance = 1e-13 * (1.0 + expected.abs());
                assert!((alignment.average(centred)? - expected).abs() < tolerance);
                for (direction, slopes) in [(&slope, &alignment.gradient_slopes()), (&v, &sharpest.slopes)] {
                    let direction: Vec<f64> = (0..p).map(|i| direction[(i, 0)]).collect();
                    let curvature = quadratic_form(gauss_newton.as_ref(), &direction)?;
                    let expected = quadratic_form(noise.as_ref(), &direction)? / (2.0 * loss * curvature);
                    assert!(
                        (alignment.directional(slopes, centred)? - expected).abs() < 1e-13 * (1.0 + expected.abs())
                    );
                }
            }
        }
    }
    Ok(())
}

#[test]
fn one_sample_has_no_noise_about_its_mean() -> Outcome {
    let alignment = Alignment::new(vec![0.7], mat![[2.3]])?;
    assert_eq!((alignment.average(true)?, alignment.directional(&[0.3], true)?), (0.0, 0.0));
    assert_near(alignment.average(false)?, 1.0, 1e-15);
    // Two samples of one parameter: 𝒢 = 5/2, Σ₁ = (1·1 + 4·4)/2, 2L = 5/2.
    let alignment = Alignment::from_gradients(vec![1.0, 2.0], mat![[1.0], [2.0]])?;
    assert_near(alignment.average(false)?, 8.5 / (2.5 * 2.5), 1e-15);
    assert!(Alignment::from_gradients(vec![1.0], mat![[1.0], [2.0]]).is_err());
    assert!(Alignment::from_gradients(vec![1.0, f64::NAN], mat![[1.0], [2.0]]).is_err());
    Ok(())
}

/// S (3×3), J (3×5), e.
fn population() -> Result<(geometry::Spd, Mat<f64>, Vec<f64>), geometry::GeometryError> {
    Ok((spd(4, 3, 9.0)?, random(5, 3, 5), vec![0.4, -1.1, 0.8]))
}

/// E[(eᵀx)²xxᵀ] as the sum over the three pairings of E x_ax_bx_ix_j.
fn fourth_moment(s: &Symmetric, e: &[f64]) -> Mat<f64> {
    let s = s.as_mat();
    let pairings = |a, b, i, j| s[(a, b)] * s[(i, j)] + s[(a, i)] * s[(b, j)] + s[(a, j)] * s[(b, i)];
    let sum =
        |i, j| (0..3).flat_map(|a| (0..3).map(move |b| (a, b))).map(|(a, b)| e[a] * e[b] * pairings(a, b, i, j)).sum();
    Mat::from_fn(3, 3, sum)
}

#[test]
fn the_population_law_is_that_of_the_definitions() -> Outcome {
    let (s, j, e) = population()?;
    let law = GaussianAlignment::new(&s, &Psd::new(&j * j.transpose())?, &e)?;
    let gauss_newton = j.transpose() * s.as_mat() * &j;
    let slope = j.transpose() * s.as_mat() * Mat::from_fn(3, 1, |i, _| e[i]);
    let noise = j.transpose() * fourth_moment(s.as_symmetric(), &e) * &j;
    let rank_one = &slope * slope.transpose();
    let twice_loss = 2.0 * law.loss();
    assert_close((twice_loss * &gauss_newton + 2.0 * &rank_one).as_ref(), noise.as_ref(), 1e-14);
    let squared_norm = trace_of_product(gauss_newton.as_ref(), gauss_newton.as_ref())?;
    let v = normals(6, 5);
    let w: Vec<f64> = (0..3).map(|r| (0..5).map(|c| j[(r, c)] * v[c]).sum()).collect();
    for centred in [true, false] {
        let noise = if centred { &noise - &rank_one } else { noise.clone() };
        let average = trace_of_product(noise.as_ref(), gauss_newton.as_ref())? / (twice_loss * squared_norm);
        assert_near(law.average(centred), average, 1e-13);
        let curvature = quadratic_form(gauss_newton.as_ref(), &v)?;
        let directional = quadratic_form(noise.as_ref(), &v)? / (twice_loss * curvature);
        assert_near(law.directional(&w, centred)?, directional, 1e-13);
    }
    Ok(())
}

#[test]
fn draws_have_the_noise_of_the_population() -> Outcome {
    let (s, j, e) = population()?;
    let n = 40_000;
    let features = random(7, n, 3) * s.lower_factor().transpose();
    let gradients = &features * &j;
    let residual = |p: usize| (0..3).map(|i| e[i] * features[(p, i)]).sum::<f64>();
    let expected = j.transpose() * fourth_moment(s.as_symmetric(), &e) * &j;
    for row in 0..5 {
        for column in 0..=row {
            let term = |p: usize| residual(p) * residual(p) * gradients[(p, row)] * gradients[(p, column)];
            let mean = (0..n).map(term).sum::<f64>() / n as f64;
            let variance = (0..n).map(|p| (term(p) - mean) * (term(p) - mean)).sum::<f64>() / n as f64;
            let deviation = (mean - expected[(row, column)]) / (variance / n as f64).sqrt();
            // 15 entries: |z| > 4 in one of them has a probability below 0.1 %.
            assert!(deviation.abs() < 4.0, "({row}, {column}): {deviation}");
        }
    }
    Ok(())
}

#[test]
fn the_norm_bound_of_linear_stability_is_its_formula() -> Outcome {
    // (1/η)√(b/μ₀) with all three different from 1.
    assert_eq!(geometry::stability_norm_bound(0.5, 4, 0.25)?, 8.0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn alignment_in_a_gaussian_population_is_bounded(
        seed in 0_u64..10_000, m in 1_usize..6, p in 1_usize..9, condition in 1.0_f64..1e3,
    ) {
        let (s, j) = (spd(seed, m, condition.max(1.0 + 1e-9)).unwrap(), random(seed + 1, m, p));
        let a = Psd::new(&j * j.transpose()).unwrap();
        let law = GaussianAlignment::new(&s, &a, &normals(seed + 2, m)).unwrap();
        let w: Vec<f64> = (&j * random(seed + 3, p, 1)).col(0).iter().copied().collect();
        for (centred, largest) in [(true, 2.0), (false, 3.0)] {
            for value in [law.average(centred), law.directional(&w, centred).unwrap()] {
                prop_assert!((1.0..=largest + 1e-12).contains(&value), "{value}");
            }
        }
    }
}
