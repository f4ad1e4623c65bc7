//! Generated matrices: exact ends, exact symmetry, and the Haar law through the identities that define it.

use faer::{Mat, mat};
use geometry::generators::{haar_orthogonal, log_spaced, plane_rotation, random_spd, rotated};
use geometry::{Spd, Symmetric};

use crate::common::{Outcome, assert_close, assert_near, normals, random, random_symmetric};

#[test]
fn a_log_spaced_spectrum_has_exact_ends_and_constant_ratios() -> Outcome {
    for (from, to, d) in [(1.0, 100.0, 10), (0.1, 0.7, 2), (1e8, 1e-8, 33), (3.0, 3.0, 5), (2.5, 2.5, 1)] {
        let spectrum = log_spaced(from, to, d)?;
        assert_eq!((spectrum.len(), spectrum[0], spectrum[d - 1]), (d, from, to));
        for pair in spectrum.windows(2) {
            assert_near(pair[1] / pair[0], libm::pow(to / from, 1.0 / (d - 1) as f64), 1e-13);
        }
    }
    Ok(())
}

#[test]
fn a_haar_matrix_is_orthogonal() -> Outcome {
    for d in [1, 2, 3, 10, 100] {
        let q = haar_orthogonal(d, &normals(1, d * d))?;
        assert_close((q.transpose() * &q).as_ref(), Mat::<f64>::identity(d, d).as_ref(), 1e-14);
    }
    Ok(())
}

#[test]
fn the_length_of_the_normals_does_not_matter() -> Outcome {
    let numbers = normals(2, 25);
    let q = |scale: f64| haar_orthogonal(5, &numbers.iter().map(|z| scale * z).collect::<Vec<_>>());
    for power in [-600.0, 600.0] {
        assert_eq!(q(libm::exp2(power))?, q(1.0)?);
    }
    Ok(())
}

#[test]
fn rotating_the_normals_rotates_the_haar_matrix() -> Outcome {
    // Q(UN) = U·Q(N) is what makes the law invariant. It fails when the signs of R are left to the algorithm.
    for seed in 0..20 {
        let d = 4;
        let (n, u) = (random(seed, d, d), haar_orthogonal(d, &normals(seed + 100, d * d))?);
        let un = &u * &n;
        let columns = |m: &Mat<f64>| -> Vec<f64> { m.col_iter().flat_map(|c| c.iter().copied()).collect() };
        let (q, rotated) = (haar_orthogonal(d, &columns(&n))?, haar_orthogonal(d, &columns(&un))?);
        assert_close(rotated.as_ref(), (&u * q).as_ref(), 1e-12);
    }
    Ok(())
}

#[test]
fn haar_entries_have_the_moments_of_a_point_on_the_sphere() -> Outcome {
    // E q² = 1/d, E q⁴ = 3/(d(d+2)); both reflections and rotations occur. 4000 draws, five standard errors.
    let (d, draws) = (3, 4000);
    let (mut second, mut fourth, mut trace) = (0.0, 0.0, 0.0);
    for seed in 0..draws {
        let q = haar_orthogonal(d, &normals(seed + 1000, d * d))?;
        let square = q[(0, 0)] * q[(0, 0)];
        second += square / draws as f64;
        fourth += square * square / draws as f64;
        trace += (q[(0, 0)] + q[(1, 1)] + q[(2, 2)]) / draws as f64;
    }
    let error = 5.0 / (draws as f64).sqrt();
    assert!((second - 1.0 / 3.0).abs() < error * (1.0 / 5.0 - 1.0 / 9.0_f64).sqrt());
    assert!((fourth - 1.0 / 5.0).abs() < error * (1.0 / 9.0 - 1.0 / 25.0_f64).sqrt());
    // The trace of a Haar orthogonal matrix has mean 0 and variance 1.
    assert!(trace.abs() < error);
    Ok(())
}

#[test]
fn a_random_matrix_has_its_spectrum() -> Outcome {
    let spectrum = log_spaced(1.0, 100.0, 20)?;
    let g = random_spd(&spectrum, &normals(2, 400))?;
    assert_eq!(g.as_mat(), g.as_mat().transpose());
    for (value, expected) in g.eigen()?.values().iter().zip(&spectrum) {
        assert_near(*value, *expected, 1e-12);
    }
    Ok(())
}

#[test]
fn rotation_conjugates_with_the_matrix_on_the_left_and_its_transpose_on_the_right() -> Outcome {
    let quarter = plane_rotation(std::f64::consts::FRAC_PI_2)?;
    let turned = rotated(Spd::diagonal(&[1.0, 4.0])?.as_symmetric(), quarter.as_ref())?;
    assert_close(turned.as_mat(), mat![[4.0, 0.0], [0.0, 1.0]].as_ref(), 1e-15);
    // A turn by 30° moves the first axis to (cos 30°, sin 30°): the off-diagonal entry gets a plus sign.
    let turned =
        rotated(Spd::diagonal(&[5.0, 1.0])?.as_symmetric(), plane_rotation(std::f64::consts::FRAC_PI_6)?.as_ref())?;
    assert_near(turned.as_mat()[(1, 0)], 4.0 * 0.75_f64.sqrt() * 0.5, 1e-14);
    let (a, q) = (random_symmetric(3, 7)?, haar_orthogonal(7, &normals(4, 49))?);
    assert_close(rotated(&a, q.as_ref())?.as_mat(), (&q * a.as_mat() * q.transpose()).as_ref(), 1e-14);
    Ok(())
}

#[test]
fn generated_matrices_have_pinned_bits() -> Outcome {
    // (1, 2; 2, 1) in columns: R_00 = √5, Q = [[1, 2], [2, −1]]/√5 with the sign that makes R_11 = 3/√5 positive.
    let q = haar_orthogonal(2, &[1.0, 2.0, 2.0, 1.0])?;
    assert_close(
        q.as_ref(),
        mat![[0.4472135954999579, 0.8944271909999159], [0.8944271909999159, -0.4472135954999579]].as_ref(),
        1e-15,
    );
    let spectrum = log_spaced(1.0, 100.0, 4)?;
    let bits: Vec<u64> = spectrum.iter().map(|x| x.to_bits()).collect();
    assert_eq!(bits, [4607182418800017408, 4616911982862754296, 4626757412224142436, 4636737291354636288]);
    let g: Symmetric = random_spd(&[1.0, 10.0], &[0.5, -1.0, 2.0, 0.25])?.into();
    // q_0 = (1, −2)/√5 carries the eigenvalue 1.
    assert_close(g.as_mat(), mat![[8.2, 3.6], [3.6, 2.8]].as_ref(), 1e-15);
    assert_eq!(
        [g.as_mat()[(0, 0)], g.as_mat()[(1, 0)], g.as_mat()[(1, 1)]].map(f64::to_bits),
        [4620805807672813159, 4615288898129284302, 4613487458278336104]
    );
    Ok(())
}
