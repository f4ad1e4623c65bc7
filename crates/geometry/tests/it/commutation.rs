//! Commutators, alone, beside their baseline and in blocks; the Loewner order.

use faer::{Mat, mat};
use geometry::generators::{haar_orthogonal, plane_rotation, rotated};
use geometry::lyapunov::{ou_stationary, sgd_stationary};
use geometry::{Commutation, Psd, Symmetric, loewner_le, relative_commutator, rotated_commutator};

use crate::common::{Outcome, assert_near, normals, random, random_symmetric, spd};

#[test]
fn commuting_matrices_have_a_commutator_of_rounding_size() -> Outcome {
    let a = spd(1, 10, 100.0)?;
    assert!(relative_commutator(a.as_mat(), a.inverse()?.as_mat())? < 1e-14);
    Ok(())
}

#[test]
fn the_commutator_is_the_same_at_every_scale() -> Outcome {
    let (c, h) = (mat![[1.0, 0.0], [0.0, 3.0]], mat![[2.0, 1.0], [1.0, 2.0]]);
    // CH − HC = [[0, −2], [2, 0]].
    let expected = 8.0_f64.sqrt() / 100.0_f64.sqrt();
    for scale in [1.0, 1e-200, 1e200] {
        let scaled = Mat::from_fn(2, 2, |i, j| scale * c[(i, j)]);
        assert_near(relative_commutator(scaled.as_ref(), h.as_ref())?, expected, 1e-15);
    }
    Ok(())
}

#[test]
fn the_baseline_in_the_plane_is_a_mean_over_angles() -> Outcome {
    // C₀ = diag(1, −1), ‖C‖² = 10, H₀ of norm √10, ‖H‖² = 10 + 2·¼: the mean square of the commutator is ‖C₀‖²‖H₀‖² = 20.
    let c = Symmetric::new(mat![[3.0, 0.0], [0.0, 1.0]])?;
    let h = Symmetric::new(mat![[1.5, 2.0], [2.0, -0.5]])?;
    assert_near(rotated_commutator(&c, &h)?, (20.0_f64 / (10.0 * 10.5)).sqrt(), 1e-15);
    // The commutator of a rotated H goes through its period four times on the circle: equal angles average exactly.
    let mut sum = 0.0;
    for k in 0..16 {
        let q = plane_rotation(std::f64::consts::TAU * f64::from(k) / 16.0)?;
        sum += relative_commutator(c.as_mat(), rotated(&h, q.as_ref())?.as_mat())?.powi(2);
    }
    assert_near(rotated_commutator(&c, &h)?, (sum / 16.0).sqrt(), 1e-14);
    Ok(())
}

#[test]
fn the_baseline_is_the_root_mean_square_over_haar_rotations() -> Outcome {
    for d in [3, 6] {
        // One matrix with a large trace and one without.
        let (c, h) = (spd(31, d, 20.0)?, random_symmetric(32, d)?);
        let draws = 4000;
        let mut squares = Vec::with_capacity(draws);
        for k in 0..draws as u64 {
            let q = haar_orthogonal(d, &normals(1000 + k, d * d))?;
            squares.push(relative_commutator(c.as_mat(), rotated(&h, q.as_ref())?.as_mat())?.powi(2));
        }
        let mean = squares.iter().sum::<f64>() / draws as f64;
        let variance = squares.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / draws as f64;
        let z = (mean - rotated_commutator(c.as_symmetric(), &h)?.powi(2)) / (variance / draws as f64).sqrt();
        // |z| > 3.5 has a probability below 0.05 %.
        assert!(z.abs() < 3.5, "{z}");
    }
    Ok(())
}

#[test]
fn multiples_of_the_identity_commute_with_every_rotation() -> Outcome {
    let identity = Symmetric::new(Mat::from_fn(5, 5, |i, j| if i == j { 0.1 } else { 0.0 }))?;
    assert_eq!(rotated_commutator(&identity, &random_symmetric(1, 5)?)?, 0.0);
    assert_eq!(rotated_commutator(&Symmetric::new(mat![[2.0]])?, &Symmetric::new(mat![[3.0]])?)?, 0.0);
    Ok(())
}

#[test]
fn blocks_are_those_in_a_basis_of_the_whole_space() -> Outcome {
    // For d = 300 the leading eigenvectors come from the iteration.
    for (d, k) in [(9, 3), (9, 8), (300, 12)] {
        let b = random(41, d, 2 * d);
        let c = Symmetric::new(&b * b.transpose())?;
        let h = Symmetric::new(random_symmetric(42, d)?.as_mat() + c.as_mat())?;
        let commutation = Commutation::new(&c, &h, &h.leading_eigen(k)?)?;
        assert_near(commutation.total.value, relative_commutator(c.as_mat(), h.as_mat())?, 1e-13);
        assert_near(commutation.total.baseline, rotated_commutator(&c, &h)?, 1e-14);
        let quotient = commutation.total.value / rotated_commutator(&c, &h)?;
        assert_near(commutation.total.over_baseline()?, quotient, 1e-14);
        let eigen = h.eigen()?;
        let part = |from: usize, count: usize| {
            let v = eigen.vectors().subcols(from, count);
            let within = |a: &Symmetric| Symmetric::new(v.transpose() * a.as_mat() * v);
            Ok::<_, geometry::GeometryError>((within(&c)?, within(&h)?))
        };
        for (commutator, (c, h)) in [(commutation.top, part(d - k, k)?), (commutation.bulk, part(0, d - k)?)] {
            let commutator = commutator.unwrap();
            let expected = relative_commutator(c.as_mat(), h.as_mat())?;
            assert!((commutator.value - expected).abs() < 1e-9, "{commutator:?} {expected}");
            assert!((commutator.baseline - rotated_commutator(&c, &h)?).abs() < 1e-9);
        }
    }
    Ok(())
}

#[test]
fn dimensions_in_which_both_are_zero_need_not_be_given() -> Outcome {
    let (c, h) = (random_symmetric(61, 6)?, spd(62, 6, 9.0)?.as_symmetric().clone());
    let padded = |a: &Symmetric| {
        Symmetric::new(Mat::from_fn(9, 9, |i, j| if i < 6 && j < 6 { a.as_mat()[(i, j)] } else { 0.0 }))
    };
    let whole = Commutation::new(&padded(&c)?, &padded(&h)?, &padded(&h)?.leading_eigen(2)?)?;
    let embedded = Commutation::embedded(9, &c, 0.0, &h, &h.leading_eigen(2)?)?;
    let pairs = [(Some(whole.total), Some(embedded.total)), (whole.top, embedded.top), (whole.bulk, embedded.bulk)];
    for (whole, embedded) in pairs {
        let (whole, embedded) = (whole.unwrap(), embedded.unwrap());
        assert_near(embedded.value, whole.value, 1e-13);
        assert_near(embedded.baseline, whole.baseline, 1e-13);
    }
    let alone = Commutation::new(&c, &h, &h.leading_eigen(2)?)?;
    assert!((alone.total.baseline / whole.total.baseline - 1.0).abs() > 0.01);
    assert!(Commutation::embedded(5, &c, 0.0, &h, &h.leading_eigen(2)?).is_err());
    Ok(())
}

#[test]
fn blocks_are_the_same_at_every_scale() -> Outcome {
    let (c, h) = (random_symmetric(71, 6)?, spd(72, 6, 9.0)?.as_symmetric().clone());
    let split = |(scale_c, scale_h): (f64, f64)| {
        let scaled = |a: &Symmetric, scale| Symmetric::new(Mat::from_fn(6, 6, |i, j| scale * a.as_mat()[(i, j)]));
        let (c, h) = (scaled(&c, scale_c)?, scaled(&h, scale_h)?);
        Commutation::with_resolution(&c, 1e-9 * scale_c, &h, &h.leading_eigen(2)?)
    };
    let expected = split((1.0, 1.0))?;
    for scales in [(1e-30, 1.0), (1.0, 1e-30), (1e-200, 1.0), (1.0, 1e-200), (1e200, 1e-200), (1e200, 1e200)] {
        let scaled = split(scales)?;
        let pairs =
            [(Some(scaled.total), Some(expected.total)), (scaled.top, expected.top), (scaled.bulk, expected.bulk)];
        for (scaled, expected) in pairs {
            let (scaled, expected) = (scaled.unwrap(), expected.unwrap());
            assert_near(scaled.value, expected.value, 1e-12);
            assert_near(scaled.baseline, expected.baseline, 1e-12);
        }
    }
    Ok(())
}

#[test]
fn diagonal_matrices_commute_exactly() -> Outcome {
    let diagonal = |entries: [f64; 3]| Symmetric::new(Mat::from_fn(3, 3, |i, j| if i == j { entries[i] } else { 0.0 }));
    let (c, h) = (diagonal([0.1, 0.7, 0.3])?, diagonal([3.0, 0.2, 1.1])?);
    let commutation = Commutation::new(&c, &h, &h.leading_eigen(1)?)?;
    assert_eq!((commutation.total.value, commutation.bulk.map(|bulk| bulk.value)), (0.0, Some(0.0)));
    assert_near(commutation.total.baseline, rotated_commutator(&c, &h)?, 1e-15);
    Ok(())
}

#[test]
fn blocks_that_are_not_there_are_absent() -> Outcome {
    let v = random(51, 6, 2);
    let h = Symmetric::new(&v * v.transpose())?;
    let c = random_symmetric(52, 6)?;
    let commutation = Commutation::new(&c, &h, &h.leading_eigen(2)?)?;
    assert!(commutation.top.is_some() && commutation.bulk.is_none(), "{commutation:?}");
    assert!(Commutation::new(&c, &c, &c.leading_eigen(6)?)?.bulk.is_none());
    // What is no larger than the resolution of C is not there either.
    let noise = Symmetric::new(mat![[9.0, 0.0, 0.0], [0.0, 0.0, 0.1], [0.0, 0.1, 0.0]])?;
    let curvature = Symmetric::new(mat![[5.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]])?;
    let split = |resolution| Commutation::with_resolution(&noise, resolution, &curvature, &curvature.leading_eigen(1)?);
    assert!(split(0.1)?.bulk.is_some() && split(0.2)?.bulk.is_none() && split(0.2)?.top.is_some());
    assert!(split(9.1).is_err());
    let one = Commutation::new(&c, &h, &h.leading_eigen(1)?)?.top.unwrap();
    assert_eq!((one.value, one.baseline, one.over_baseline().is_err()), (0.0, 0.0, true));
    Ok(())
}

#[test]
fn the_loewner_gap_is_the_smallest_eigenvalue_of_the_difference() -> Outcome {
    let a = Symmetric::new(mat![[1.0, 0.0], [0.0, 5.0]])?;
    let b = Symmetric::new(mat![[2.0, 0.0], [0.0, 4.0]])?;
    let gap = loewner_le(&a, &b)?;
    assert_eq!((gap.smallest_eigenvalue, gap.holds()), (-1.0, false));
    assert!(loewner_le(&a, &a)?.holds());
    // 8dε(‖A‖_F + ‖B‖_F): a gap of rounding size holds, any other does not.
    let (three, six) = (Symmetric::new(mat![[3.0, 0.0], [0.0, 4.0]])?, Symmetric::new(mat![[6.0, 0.0], [0.0, 8.0]])?);
    assert_near(loewner_le(&three, &six)?.tolerance, 16.0 * f64::EPSILON * 15.0, 1e-15);
    let c = Symmetric::new(mat![[2.0, 1.0], [1.0, 6.0]])?;
    assert!(loewner_le(&a, &c)?.holds() && !loewner_le(&c, &a)?.holds());
    Ok(())
}

#[test]
fn less_noise_gives_a_smaller_stationary_covariance() -> Outcome {
    let (h, g) = (spd(2, 6, 30.0)?, spd(3, 6, 30.0)?);
    // G' = G − ½λ_min(G)I ⪯ G.
    let reduction = 0.5 * g.min_eigenvalue()?;
    let less = Psd::new(Mat::from_fn(6, 6, |i, j| g.as_mat()[(i, j)] - reduction * f64::from(i == j)))?;
    let g = Psd::from(g);
    for (smaller, larger) in [
        (ou_stationary(&h, &less, 1.0)?, ou_stationary(&h, &g, 1.0)?),
        (sgd_stationary(&h, &less, 0.05, 1)?, sgd_stationary(&h, &g, 0.05, 1)?),
    ] {
        let gap = loewner_le(&Symmetric::new(smaller.matrix)?, &Symmetric::new(larger.matrix)?)?;
        assert!(gap.smallest_eigenvalue > 0.0, "{gap:?}");
    }
    Ok(())
}
