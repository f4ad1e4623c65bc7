//! Lyapunov solutions that can be written down by hand; each would move if a formula lost a factor or a term.

use faer::{Mat, MatRef, mat};
use geometry::lyapunov::{
    Solution, continuous, continuous_symmetric, discrete, discrete_symmetric, flow_covariance, ou_stationary,
    recursion_covariance, sgd_stationary, shifted, spectral_abscissa, spectral_radius,
};
use geometry::{Psd, Spd, Symmetric, trace_of_product};

use crate::common::{Outcome, assert_close, assert_near, distance, random, spd};

#[track_caller]
fn check(solution: &Solution, expected: MatRef<'_, f64>, separation: f64) {
    assert_close(solution.matrix.as_ref(), expected, 1e-14);
    assert!(solution.relative_residual < 1e-15, "{}", solution.relative_residual);
    assert_near(solution.separation, separation, 1e-13);
}

#[test]
fn scalars_solve_their_equation() -> Outcome {
    let (h, g) = (Spd::diagonal(&[5.0])?, Psd::diagonal(&[3.0])?);
    let a = Symmetric::new(mat![[0.5]])?;
    let q = Symmetric::new(mat![[3.0]])?;
    check(&continuous_symmetric(&a, &q)?, mat![[3.0]].as_ref(), 1.0);
    check(&continuous(a.as_mat(), &q)?, mat![[3.0]].as_ref(), 1.0);
    check(&discrete_symmetric(&a, &q)?, mat![[4.0]].as_ref(), 0.75);
    check(&discrete(a.as_mat(), &q)?, mat![[4.0]].as_ref(), 0.75);
    check(&ou_stationary(&h, &g, 0.1)?, mat![[0.03]].as_ref(), 10.0);
    // (η/b)G/(2h − ηh²) with η = 0.1, b = 4; and 1 − (1 − ηh)² = 0.75.
    check(&sgd_stationary(&h, &g, 0.1, 4)?, mat![[0.025 * 3.0 / 7.5]].as_ref(), 0.75);
    // c²G/(2ch − 1) with c = 0.2.
    check(&shifted(0.2, &h, &g)?, mat![[0.04 * 3.0 / 1.0]].as_ref(), 1.0);
    Ok(())
}

#[test]
fn a_nonnormal_pair_solves_both_equations_by_hand() -> Outcome {
    let q = Symmetric::new(mat![[0.0, 0.0], [0.0, 1.0]])?;
    // x11 = 1/(2·2), x01 = -x11/(1+2), x00 = -x01/1: the signs and places tell A from Aᵀ.
    let a = mat![[1.0, 1.0], [0.0, 2.0]];
    let x = mat![[1.0 / 12.0, -1.0 / 12.0], [-1.0 / 12.0, 1.0 / 4.0]];
    check(&continuous(a.as_ref(), &q)?, x.as_ref(), 2.0);
    // A nilpotent A ends the series X = Q + AQAᵀ after two terms.
    let a = mat![[0.0, 1.0], [0.0, 0.0]];
    check(&discrete(a.as_ref(), &q)?, mat![[1.0, 0.0], [0.0, 1.0]].as_ref(), 1.0);
    Ok(())
}

#[test]
fn a_spiral_keeps_isotropic_noise_isotropic() -> Outcome {
    let q = Symmetric::new(Mat::identity(2, 2))?;
    let a = mat![[0.5, -3.0], [3.0, 0.5]];
    check(&continuous(a.as_ref(), &q)?, Mat::<f64>::identity(2, 2).as_ref(), 1.0);
    let a = mat![[0.3, -0.4], [0.4, 0.3]];
    check(&discrete(a.as_ref(), &q)?, (Mat::<f64>::identity(2, 2) * faer::Scale(1.0 / 0.75)).as_ref(), 0.75);
    assert_near(spectral_radius(a.as_ref())?, 0.5, 1e-15);
    assert_near(spectral_abscissa(a.as_ref())?, 0.3, 1e-15);
    Ok(())
}

#[test]
fn diagonal_curvature_divides_entry_by_entry() -> Outcome {
    let h = [1.0, 4.0, 9.0];
    let (curvature, g) = (Spd::diagonal(&h)?, spd(3, 3, 7.0)?);
    let noise = Psd::from(&g);
    let entry = |f: fn(f64, f64) -> f64| Mat::from_fn(3, 3, |i, j| g.as_mat()[(i, j)] / f(h[i], h[j]));
    let scaled = |s: f64, m: Mat<f64>| Mat::from_fn(3, 3, |i, j| s * m[(i, j)]);
    let ou = scaled(0.5, entry(|x, y| x + y));
    check(&ou_stationary(&curvature, &noise, 0.5)?, ou.as_ref(), 2.0);
    let sgd = scaled(0.2 / 5.0, entry(|x, y| x + y - 0.2 * x * y));
    check(&sgd_stationary(&curvature, &noise, 0.2, 5)?, sgd.as_ref(), 0.2 * 1.8);
    let robbins_monro = scaled(4.0, entry(|x, y| 2.0 * x + 2.0 * y - 1.0));
    check(&shifted(2.0, &curvature, &noise)?, robbins_monro.as_ref(), 3.0);
    Ok(())
}

#[test]
fn noise_equal_to_curvature_gives_half_the_identity() -> Outcome {
    let h = spd(11, 6, 100.0)?;
    let half = Mat::from_fn(6, 6, |i, j| if i == j { 0.5 } else { 0.0 });
    assert_close(ou_stationary(&h, &Psd::from(&h), 1.0)?.matrix.as_ref(), half.as_ref(), 1e-13);
    // Commuting matrices: (2 − ηH)Σ = (η/b)I.
    let sigma = sgd_stationary(&h, &Psd::from(&h), 0.01, 2)?.matrix;
    let left = Mat::from_fn(6, 6, |i, j| 2.0 * f64::from(i == j) - 0.01 * h.as_mat()[(i, j)]) * sigma;
    assert_close(left.as_ref(), Mat::from_fn(6, 6, |i, j| 0.005 * f64::from(i == j)).as_ref(), 1e-13);
    Ok(())
}

#[test]
fn the_sgd_law_satisfies_its_recursion_and_its_trace_identity() -> Outcome {
    for (d, condition) in [(2, 10.0), (5, 100.0), (30, 1e4)] {
        let (h, g) = (spd(21, d, condition)?, spd(22, d, 50.0)?);
        let (eta, b) = (1.3 / condition, 3.0);
        let law = sgd_stationary(&h, &Psd::from(&g), eta, 3)?;
        let (sigma, h) = (law.matrix.as_ref(), h.as_mat());
        let a = Mat::from_fn(d, d, |i, j| f64::from(i == j) - eta * h[(i, j)]);
        let image = &a * sigma * &a + Mat::from_fn(d, d, |i, j| eta * eta / b * g.as_mat()[(i, j)]);
        assert_close(image.as_ref(), sigma, 1e-13);
        let hs = h * sigma;
        let left = 2.0 * trace_of_product(h, sigma)? - eta * trace_of_product(hs.as_ref(), h)?;
        assert_near(left, eta / b * g.trace(), 1e-11);
    }
    Ok(())
}

#[test]
fn the_sgd_law_tends_to_the_flow_with_a_first_order_gap() -> Outcome {
    let (h, g) = (spd(31, 4, 10.0)?, Psd::from(spd(32, 4, 30.0)?));
    let gap = |eta: f64| {
        let exact = sgd_stationary(&h, &g, eta, 1)?.matrix;
        Ok(distance(exact.as_ref(), ou_stationary(&h, &g, eta)?.matrix.as_ref()))
    };
    let (coarse, fine) = (gap(1e-3)?, gap(1e-4)?);
    assert!(coarse > 1e-4, "the gap {coarse:e} must be visible");
    assert_near(coarse / fine, 10.0, 0.05);
    Ok(())
}

#[test]
fn a_long_iteration_reaches_the_discrete_solution() -> Outcome {
    for seed in 0..4 {
        let noise = random(seed, 5, 5);
        let radius = spectral_radius(noise.as_ref())?;
        let a = Mat::from_fn(5, 5, |i, j| 0.9 / radius * noise[(i, j)]);
        let q = Psd::from(spd(seed + 50, 5, 20.0)?);
        let mut x = q.as_mat().to_owned();
        for _ in 0..1000 {
            x = &a * x * a.transpose() + q.as_mat();
        }
        assert_close(recursion_covariance(a.as_ref(), &q)?.matrix.as_ref(), x.as_ref(), 1e-12);
    }
    Ok(())
}

#[test]
fn the_named_laws_agree_with_the_general_solvers() -> Outcome {
    let (h, g) = (spd(41, 7, 20.0)?, Psd::from(spd(42, 7, 5.0)?));
    let identity = Mat::<f64>::identity(7, 7);
    let flow = flow_covariance(h.as_mat(), &g)?;
    assert_close(ou_stationary(&h, &g, 1.0)?.matrix.as_ref(), flow.matrix.as_ref(), 1e-13);
    let (eta, c) = (0.07, 0.8);
    let step = Mat::from_fn(7, 7, |i, j| identity[(i, j)] - eta * h.as_mat()[(i, j)]);
    let noise = Psd::new(Mat::from_fn(7, 7, |i, j| eta * eta / 2.0 * g.as_mat()[(i, j)]))?;
    let recursion = recursion_covariance(step.as_ref(), &noise)?;
    let law = sgd_stationary(&h, &g, eta, 2)?;
    assert_close(law.matrix.as_ref(), recursion.matrix.as_ref(), 1e-13);
    assert_near(law.separation, recursion.separation, 1e-12);
    let drift = Mat::from_fn(7, 7, |i, j| c * h.as_mat()[(i, j)] - 0.5 * identity[(i, j)]);
    let noise = Psd::new(Mat::from_fn(7, 7, |i, j| c * c * g.as_mat()[(i, j)]))?;
    let flow = flow_covariance(drift.as_ref(), &noise)?;
    let law = shifted(c, &h, &g)?;
    assert_close(law.matrix.as_ref(), flow.matrix.as_ref(), 1e-12);
    assert_near(law.separation, flow.separation, 1e-11);
    Ok(())
}

#[test]
fn the_unit_of_time_does_not_decide_about_stability() -> Outcome {
    let (h, g) = (spd(43, 4, 20.0)?, Psd::from(spd(44, 4, 5.0)?));
    let expected = flow_covariance(h.as_mat(), &g)?.matrix;
    for unit in [1e-12, 1e12] {
        let drift = Mat::from_fn(4, 4, |i, j| unit * h.as_mat()[(i, j)]);
        let law = flow_covariance(drift.as_ref(), &g)?.matrix;
        assert_close(Mat::from_fn(4, 4, |i, j| unit * law[(i, j)]).as_ref(), expected.as_ref(), 1e-13);
    }
    Ok(())
}

#[test]
fn the_shift_makes_the_limit_covariance_larger_than_the_unshifted_one() -> Outcome {
    // ZM speaks of a deflation by the shift; dividing by 2ch − 1 instead of 2ch inflates.
    let (h, g) = (Spd::diagonal(&[1.0, 3.0])?, Psd::diagonal(&[1.0, 1.0])?);
    let with = shifted(1.0, &h, &g)?.matrix;
    let without = ou_stationary(&h, &g, 1.0)?.matrix;
    assert_near(with[(0, 0)] / without[(0, 0)], 2.0, 1e-15);
    assert_near(with[(1, 1)] / without[(1, 1)], 6.0 / 5.0, 1e-15);
    Ok(())
}
