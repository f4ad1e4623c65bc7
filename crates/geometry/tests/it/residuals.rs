//! Residuals of every solver over dimensions, conditioning, defectiveness and scale; agreement of the two paths.

use faer::Mat;
use geometry::generators::random_spd;
use geometry::lyapunov::{
    continuous, continuous_symmetric, discrete, discrete_symmetric, ou_stationary, sgd_stationary, spectral_abscissa,
    spectral_radius,
};
use geometry::{GeometryError, Psd, Symmetric};

use crate::common::{Outcome, assert_close, assert_near, nonnormal, normals, random, random_symmetric, spd};

const DIMENSIONS: [usize; 7] = [1, 2, 3, 5, 10, 50, 200];

/// Smallest relative residual demanded: a small multiple of the rounding unit.
fn bound(d: usize) -> f64 {
    4.0 * d.max(4) as f64 * f64::EPSILON
}

#[track_caller]
fn check(name: &str, d: usize, relative_residual: f64) {
    assert!(relative_residual <= bound(d), "{name}, d = {d}: residual {relative_residual:e} > {:e}", bound(d));
}

#[test]
fn symmetric_solvers_have_small_residuals_for_good_and_bad_conditioning() -> Outcome {
    for d in DIMENSIONS {
        for condition in [10.0, 1e8] {
            let (a, q) = (spd(1, d, condition)?, random_symmetric(2, d)?);
            check("continuous", d, continuous_symmetric(a.as_symmetric(), &q)?.relative_residual);
            let eta = 1.5 / condition;
            let step = Mat::from_fn(d, d, |i, j| f64::from(i == j) - eta * a.as_mat()[(i, j)]);
            check("discrete", d, discrete_symmetric(&Symmetric::new(step)?, &q)?.relative_residual);
            let g = Psd::from(spd(3, d, 1e3)?);
            check("ou", d, ou_stationary(&a, &g, 0.1)?.relative_residual);
            check("sgd", d, sgd_stationary(&a, &g, eta, 8)?.relative_residual);
        }
    }
    Ok(())
}

#[test]
fn general_solvers_have_small_residuals_for_nonsymmetric_matrices() -> Outcome {
    for d in DIMENSIONS {
        let (noise, q) = (random(4, d, d), random_symmetric(5, d)?);
        // Eigenvalues fill a disc of radius about √d: complex pairs, shifted to the stable side.
        let shift = 2.0 * (d as f64).sqrt() + 1.0;
        let a = Mat::from_fn(d, d, |i, j| noise[(i, j)] + shift * f64::from(i == j));
        check("continuous", d, continuous(a.as_ref(), &q)?.relative_residual);
        let a = Mat::from_fn(d, d, |i, j| 0.9 * noise[(i, j)] / (2.0 * (d as f64).sqrt() + 1.0));
        check("discrete", d, discrete(a.as_ref(), &q)?.relative_residual);
    }
    Ok(())
}

#[test]
fn unstable_but_solvable_equations_are_solved() -> Outcome {
    let q = random_symmetric(6, 6)?;
    let a = nonnormal(7, &[-3.0, -1.0, 0.5, 2.0, 4.0, 7.0], 1.0)?;
    check("continuous", 6, continuous(a.as_ref(), &q)?.relative_residual);
    let a = nonnormal(8, &[-3.0, -1.5, 0.1, 0.25, 4.5, 7.0], 1.0)?;
    check("discrete", 6, discrete(a.as_ref(), &q)?.relative_residual);
    Ok(())
}

#[test]
fn defective_jordan_blocks_are_solved() -> Outcome {
    for d in [2, 3, 5, 10, 50] {
        let q = random_symmetric(9, d)?;
        for lower in [false, true] {
            let block = |diagonal: f64| {
                Mat::from_fn(d, d, |i, j| {
                    let beside = if lower { i == j + 1 } else { j == i + 1 };
                    if i == j { diagonal } else { f64::from(beside) }
                })
            };
            check("continuous", d, continuous(block(2.0).as_ref(), &q)?.relative_residual);
            check("discrete", d, discrete(block(0.0).as_ref(), &q)?.relative_residual);
        }
    }
    for d in [3, 8] {
        let a = nonnormal(10, &vec![0.5; d], 1.0)?;
        let q = random_symmetric(11, d)?;
        check("rotated continuous", d, continuous(a.as_ref(), &q)?.relative_residual);
        check("rotated discrete", d, discrete(a.as_ref(), &q)?.relative_residual);
    }
    Ok(())
}

#[test]
fn both_paths_agree_on_symmetric_matrices() -> Outcome {
    for d in [1, 2, 5, 20, 60] {
        let (a, q) = (spd(12, d, 100.0)?, random_symmetric(13, d)?);
        let by_eigenbasis = continuous_symmetric(a.as_symmetric(), &q)?;
        let by_schur = continuous(a.as_mat(), &q)?;
        assert_close(by_schur.matrix.as_ref(), by_eigenbasis.matrix.as_ref(), 1e-11);
        assert_near(by_schur.separation, by_eigenbasis.separation, 1e-11);
        let step = Symmetric::new(Mat::from_fn(d, d, |i, j| f64::from(i == j) - 0.015 * a.as_mat()[(i, j)]))?;
        let by_eigenbasis = discrete_symmetric(&step, &q)?;
        let by_schur = discrete(step.as_mat(), &q)?;
        assert_close(by_schur.matrix.as_ref(), by_eigenbasis.matrix.as_ref(), 1e-11);
        assert_near(by_schur.separation, by_eigenbasis.separation, 1e-11);
    }
    Ok(())
}

#[test]
fn solutions_scale_with_their_data_at_extreme_magnitudes() -> Outcome {
    let (noise, q) = (random(14, 4, 4), random_symmetric(15, 4)?);
    let a = Mat::from_fn(4, 4, |i, j| noise[(i, j)] + 5.0 * f64::from(i == j));
    let symmetric = spd(16, 4, 30.0)?;
    let reference = continuous(a.as_ref(), &q)?;
    let reference_symmetric = continuous_symmetric(symmetric.as_symmetric(), &q)?;
    for (scale_a, scale_q) in
        [(1e150, 1.0), (1e-150, 1.0), (1.0, 1e150), (1.0, 1e-150), (1e150, 1e150), (1e-150, 1e-150)]
    {
        let times = |m: faer::MatRef<'_, f64>, s: f64| Mat::from_fn(4, 4, |i, j| s * m[(i, j)]);
        let q = Symmetric::new(times(q.as_mat(), scale_q))?;
        let back = scale_a / scale_q;
        let general = continuous(times(a.as_ref(), scale_a).as_ref(), &q)?;
        check("general", 4, general.relative_residual);
        assert_close(times(general.matrix.as_ref(), back).as_ref(), reference.matrix.as_ref(), 1e-13);
        assert_near(general.separation / scale_a, reference.separation, 1e-13);
        let solution = continuous_symmetric(&Symmetric::new(times(symmetric.as_mat(), scale_a))?, &q)?;
        check("symmetric", 4, solution.relative_residual);
        assert_close(times(solution.matrix.as_ref(), back).as_ref(), reference_symmetric.matrix.as_ref(), 1e-13);
        let half = Mat::from_fn(4, 4, |i, j| 0.1 * noise[(i, j)]);
        check("discrete", 4, discrete(half.as_ref(), &q)?.relative_residual);
    }
    Ok(())
}

#[test]
fn near_singular_equations_have_a_small_residual_and_singular_ones_are_refused() -> Outcome {
    let q = random_symmetric(17, 3)?;
    for gap in [1e-4, 1e-8, 1e-12] {
        let a = nonnormal(18, &[-1.0, 1.0 + gap, 3.0], 1.0)?;
        let solution = continuous(a.as_ref(), &q)?;
        check("continuous", 3, solution.relative_residual);
        assert!(solution.separation < 2.0 * gap);
        let a = nonnormal(19, &[0.5, 2.0 + gap, 0.1], 1.0)?;
        let solution = discrete(a.as_ref(), &q)?;
        check("discrete", 3, solution.relative_residual);
        assert!(solution.separation < 2.0 * gap);
    }
    let unsolvable = |error| matches!(error, Err(GeometryError::Unsolvable { .. }));
    assert!(unsolvable(continuous(nonnormal(18, &[-1.0, 1.0, 3.0], 1.0)?.as_ref(), &q)));
    assert!(unsolvable(discrete(nonnormal(19, &[0.5, 2.0, 0.1], 1.0)?.as_ref(), &q)));
    // 10⁴·10⁻⁴ = 1, where the small eigenvalue is known to ε·10⁴ only, and its product with the large one to ε·10⁸.
    assert!(unsolvable(discrete(nonnormal(20, &[1e4, 1e-4, 0.1], 1.0)?.as_ref(), &q)));
    assert!(unsolvable(discrete_symmetric(random_spd(&[1e4, 1e-4, 0.1], &normals(21, 9))?.as_symmetric(), &q)));
    Ok(())
}

#[test]
fn schur_eigenvalues_are_those_of_the_companion_polynomial() -> Outcome {
    // Roots of (z² + 4)(z − 3)(z + 1) = z⁴ − 2z³ + z² − 8z − 12.
    let coefficients = [12.0, 8.0, -1.0, 2.0];
    let companion = Mat::from_fn(4, 4, |i, j| if j == 3 { coefficients[i] } else { f64::from(i == j + 1) });
    assert_near(spectral_abscissa(companion.as_ref())?, 3.0, 1e-14);
    assert_near(spectral_radius(companion.as_ref())?, 3.0, 1e-14);
    // A cyclic shift: all eigenvalues on the unit circle, and no QR step without a shift moves it.
    let cycle = Mat::from_fn(9, 9, |i, j| f64::from(i == (j + 1) % 9));
    assert_near(spectral_radius(cycle.as_ref())?, 1.0, 1e-14);
    Ok(())
}
