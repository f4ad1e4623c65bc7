//! Fisher and Godambe geometry: identities, inequalities, and what happens on a singular G.

use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, mat};
use geometry::{FisherGeometry, GeometryError, Psd, Spd, Symmetric};

use crate::common::{Outcome, assert_close, assert_near, normals, random, spd};

/// The smallest vᵀFHv/vᵀFv, from the generalised eigenvalue problem reduced by Cholesky: no square root of F.
fn smallest_quotient(f: &Spd, h: &Spd) -> Result<f64, GeometryError> {
    let d = f.dimension();
    let fh = f.as_mat() * h.as_mat();
    let sym = Mat::from_fn(d, d, |i, j| 0.5 * (fh[(i, j)] + fh[(j, i)]));
    let inverse = f.lower_factor().partial_piv_lu().inverse();
    Ok(Symmetric::new(&inverse * sym * inverse.transpose())?.eigen()?.min_value())
}

fn geometry(f: &Spd, g: &Spd, h: &Spd) -> Result<FisherGeometry, GeometryError> {
    FisherGeometry::new(f.clone(), g.into(), h.clone())
}

#[test]
fn the_strong_convexity_constant_is_the_smallest_quotient_and_below_the_smallest_curvature() -> Outcome {
    for (seed, d) in [(1, 2), (2, 3), (3, 5), (4, 10), (5, 40)] {
        let (f, h) = (spd(seed, d, 20.0)?, spd(seed + 100, d, 20.0)?);
        let mu = geometry(&f, &f, &h)?.fisher_strong_convexity()?;
        let quotient = smallest_quotient(&f, &h)?;
        assert!((mu - quotient).abs() < 1e-11, "{mu} is not {quotient}");
        assert!(mu < h.min_eigenvalue()?, "{mu} is not below {}", h.min_eigenvalue()?);
        let numbers = normals(seed + 200, 100 * d);
        for v in numbers.chunks(d) {
            let fh = f.as_mat() * h.as_mat();
            assert!(geometry::quadratic_form(fh.as_ref(), v)? / f.quadratic_form(v)? >= mu - 1e-11);
        }
    }
    Ok(())
}

#[test]
fn the_strong_convexity_constant_is_the_smallest_curvature_when_fisher_commutes() -> Outcome {
    let h = spd(7, 6, 50.0)?;
    let inverse = h.inverse()?;
    let f = Spd::new(Mat::from_fn(6, 6, |i, j| h.as_mat()[(i, j)] + 3.0 * inverse.as_mat()[(i, j)]))?;
    assert_near(geometry(&f, &f, &h)?.fisher_strong_convexity()?, h.min_eigenvalue()?, 1e-12);
    assert_near(geometry(&f, &f, &h)?.positive_fisher_strong_convexity()?, h.min_eigenvalue()?, 1e-12);
    let scaled = Spd::new(Mat::from_fn(6, 6, |i, j| 1e3 * f.as_mat()[(i, j)]))?;
    assert_near(geometry(&scaled, &f, &h)?.fisher_strong_convexity()?, h.min_eigenvalue()?, 1e-12);
    Ok(())
}

#[test]
fn a_negative_strong_convexity_constant_is_returned_and_refused_where_it_must_be_positive() -> Outcome {
    // sym(F^{1/2}HF^{-1/2}) = [[2, 1.5·t], [1.5·t, 2]] with t = (√f + 1/√f)/2 = 5.05 for f = 100.
    let (f, h) = (Spd::diagonal(&[100.0, 1.0])?, Spd::new(mat![[2.0, 1.5], [1.5, 2.0]])?);
    let geometry = geometry(&f, &f, &h)?;
    let mu = geometry.fisher_strong_convexity()?;
    assert_near(mu, 2.0 - 1.5 * 5.05, 1e-14);
    let error = geometry.positive_fisher_strong_convexity();
    assert_eq!(error, Err(GeometryError::NotFisherConvex { value: mu }));
    Ok(())
}

#[test]
fn sandwich_and_godambe_information_are_inverse_to_each_other() -> Outcome {
    for d in [1, 3, 10, 50] {
        let (g, h) = (spd(8, d, 30.0)?, spd(9, d, 30.0)?);
        let geometry = geometry(&g, &g, &h)?;
        let product = geometry.sandwich()?.as_mat() * geometry.godambe_information()?.as_mat();
        assert_close(product.as_ref(), Mat::<f64>::identity(d, d).as_ref(), 1e-11);
        let direct = h.as_mat() * g.inverse()?.as_mat() * h.as_mat();
        assert_close(geometry.godambe_information()?.as_mat(), direct.as_ref(), 1e-12);
    }
    Ok(())
}

#[test]
fn a_well_specified_model_has_one_matrix_and_its_inverse() -> Outcome {
    let f = spd(10, 5, 40.0)?;
    let geometry = geometry(&f, &f, &f)?;
    assert_close(geometry.sandwich()?.as_mat(), f.inverse()?.as_mat(), 1e-12);
    assert_close(geometry.godambe_information()?.as_mat(), f.as_mat(), 1e-12);
    assert_close(geometry.gradient_dual_norm()?.as_mat(), f.as_mat(), 1e-12);
    Ok(())
}

#[test]
fn the_gradient_dual_norm_is_curvature_inverse_fisher_curvature() -> Outcome {
    let (f, h) = (spd(11, 6, 40.0)?, spd(12, 6, 40.0)?);
    let expected = h.as_mat() * f.inverse()?.as_mat() * h.as_mat();
    assert_close(geometry(&f, &f, &h)?.gradient_dual_norm()?.as_mat(), expected.as_ref(), 1e-13);
    Ok(())
}

#[test]
fn a_singular_noise_lives_on_its_range() -> Outcome {
    let b = random(13, 5, 2);
    let g = Psd::new(&b * b.transpose())?;
    let geometry = FisherGeometry::new(spd(14, 5, 10.0)?, g.clone(), spd(15, 5, 10.0)?)?;
    let projector = g.range_projector()?;
    let (p, h) = (projector.as_mat(), geometry.curvature().as_mat());
    let j = geometry.godambe_information()?;
    assert_eq!((g.rank(), j.rank(), geometry.sandwich()?.rank()), (2, 2, 2));
    let expected = p * h * g.pseudo_inverse()?.as_mat() * h * p;
    assert_close(j.as_mat(), expected.as_ref(), 1e-12);
    assert_close(geometry.projected_gradient_covariance(&projector)?.as_mat(), g.as_mat(), 1e-13);
    let fisher = geometry.projected_fisher(&projector)?;
    assert_eq!(fisher.rank(), 2);
    assert_close(fisher.as_mat(), (p * geometry.fisher().as_mat() * p).as_ref(), 1e-13);
    let restricted = Spd::try_from(projector.restrict(geometry.fisher().as_symmetric())?)?;
    assert_near(restricted.trace(), fisher.trace(), 1e-13);
    Ok(())
}

#[test]
fn condition_number_and_effective_dimension_multiply_to_the_complexity_factor() -> Outcome {
    // At every scale of F: with λ_min = 1 alone, a quotient by it would not be told from a product.
    for scale in [1.0, 4.0] {
        let f = Spd::diagonal(&[2.0, 1.0, 8.0, 5.0].map(|value| scale * value))?;
        let geometry = geometry(&f, &f, &f)?;
        assert_near(geometry.fisher_condition_number()?, 8.0, 1e-15);
        assert_near(geometry.effective_dimension()?, 2.0, 1e-15);
        assert_near(geometry.complexity_factor()?, 16.0, 1e-15);
        assert_eq!(geometry.isotropic_surrogate()?, Psd::diagonal(&[4.0 * scale; 4])?);
    }
    Ok(())
}
