//! Proven matrices: functions of them, their factors, their tolerances.

use faer::{Mat, MatRef, mat};
use geometry::generators::{haar_orthogonal, rotated};
use geometry::{GeometryError, Projector, Psd, Spd, Symmetric, frobenius_norm, quadratic_form, trace_of_product};

use crate::common::{Outcome, assert_close, assert_near, normals, random, random_symmetric, spd};

/// A rotated matrix with `rank` eigenvalues in 1..=rank and the others zero.
fn singular(seed: u64, d: usize, rank: usize) -> Result<Psd, GeometryError> {
    let spectrum: Vec<f64> = (0..d).map(|k| if k < rank { (k + 1) as f64 } else { 0.0 }).collect();
    let q = haar_orthogonal(d, &normals(seed, d * d))?;
    rotated(Psd::diagonal(&spectrum)?.as_symmetric(), q.as_ref())?.try_into()
}

fn assert_lower_factor(l: MatRef<'_, f64>, g: MatRef<'_, f64>) {
    for j in 0..l.ncols() {
        assert!(l[(j, j)] >= 0.0);
        assert!((0..j).all(|i| l[(i, j)] == 0.0), "column {j} reaches above the diagonal");
    }
    assert_close((l * l.transpose()).as_ref(), g, 8.0 * f64::EPSILON * l.nrows() as f64);
}

#[test]
fn functions_of_a_definite_matrix_satisfy_their_equations() -> Outcome {
    for d in [1, 2, 5, 20, 100] {
        let a = spd(1, d, 1e3)?;
        let identity = Mat::<f64>::identity(d, d);
        let (root, inverse_root, inverse) = (a.sqrt()?, a.inverse_sqrt()?, a.inverse()?);
        assert_close((root.as_mat() * root.as_mat()).as_ref(), a.as_mat(), 1e-13);
        assert_close((root.as_mat() * inverse_root.as_mat()).as_ref(), identity.as_ref(), 1e-12);
        assert_close((inverse.as_mat() * a.as_mat()).as_ref(), identity.as_ref(), 1e-12);
        let b = random(2, d, 3);
        assert_close((a.as_mat() * a.solve(b.as_ref())?).as_ref(), b.as_ref(), 1e-12);
        let expected = if d == 1 { 1.0 } else { 1e3 };
        assert_near(a.condition_number()?, expected, 1e-11);
    }
    Ok(())
}

#[test]
fn eigenvalues_ascend_and_eigenvectors_are_orthonormal_with_a_fixed_sign() -> Outcome {
    let a = random_symmetric(3, 30)?;
    let eigen = a.eigen()?;
    let v = eigen.vectors();
    assert!(eigen.values().is_sorted());
    assert_close((v.transpose() * v).as_ref(), Mat::<f64>::identity(30, 30).as_ref(), 1e-13);
    let d = Mat::from_fn(30, 30, |i, j| if i == j { eigen.values()[i] } else { 0.0 });
    assert_close((v * d * v.transpose()).as_ref(), a.as_mat(), 1e-13);
    for j in 0..30 {
        let largest = v.col(j).iter().copied().max_by(|x, y| x.abs().total_cmp(&y.abs()));
        assert!(largest.is_some_and(|x| x > 0.0));
    }
    // Entries of equal size: the first one decides.
    let eigen = Symmetric::new(mat![[2.0, 1.0], [1.0, 2.0]])?.eigen()?;
    assert!(eigen.vectors()[(0, 0)] > 0.0 && eigen.vectors()[(1, 0)] < 0.0);
    Ok(())
}

#[test]
fn a_diagonal_matrix_has_exact_eigenvalues_at_any_conditioning() -> Outcome {
    let a = Spd::diagonal(&[3.0, 1e-150, 1e150])?;
    let eigen = a.eigen()?;
    assert_eq!(eigen.values(), [1e-150, 3.0, 1e150]);
    assert_eq!(eigen.vectors(), mat![[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
    assert_eq!(a.sqrt()?, Spd::diagonal(&[3.0_f64.sqrt(), 1e-150_f64.sqrt(), 1e150_f64.sqrt()])?);
    assert_eq!(Psd::diagonal(&[0.0, 1e-200, 1.0])?.rank(), 2);
    assert!(a.is_diagonal() && !spd(4, 3, 2.0)?.is_diagonal());
    Ok(())
}

#[test]
fn a_definite_matrix_keeps_its_lower_factor() -> Outcome {
    let g = Spd::new(mat![[4.0, 2.0], [2.0, 5.0]])?;
    assert_eq!(g.lower_factor(), mat![[2.0, 0.0], [1.0, 2.0]]);
    for d in [1, 2, 10, 100] {
        for condition in [10.0, 1e8] {
            let g = spd(5, d, condition)?;
            assert_lower_factor(g.lower_factor().as_ref(), g.as_mat());
            assert_eq!(Psd::from(&g).lower_factor()?, g.lower_factor());
        }
    }
    Ok(())
}

#[test]
fn a_singular_matrix_has_a_lower_factor_of_its_rank() -> Outcome {
    for (d, rank) in [(2, 1), (3, 1), (5, 0), (5, 3), (10, 9), (60, 20)] {
        let g = singular(6, d, rank)?;
        let l = g.lower_factor()?;
        assert_lower_factor(l.as_ref(), g.as_mat());
        let used = (0..d).filter(|&j| (0..d).any(|i| l[(i, j)] != 0.0)).count();
        assert_eq!((g.rank(), used), (rank, rank), "d = {d}");
    }
    // A power of four is its square root in the factor, to the bit.
    let (g, unit) = (singular(6, 5, 3)?, libm::exp2(-40.0));
    let scaled = Psd::new(Mat::from_fn(5, 5, |i, j| unit * unit * g.as_mat()[(i, j)]))?;
    let (l, expected) = (scaled.lower_factor()?, g.lower_factor()?);
    assert_eq!(l, Mat::from_fn(5, 5, |i, j| unit * expected[(i, j)]));
    // Zero pivots first: without pivoting this factor would divide by rounding errors.
    let g = Psd::diagonal(&[0.0, 4.0, 0.0, 9.0])?;
    assert_lower_factor(g.lower_factor()?.as_ref(), g.as_mat());
    let g = Psd::new(mat![[1e-18, 1e-9], [1e-9, 1.0]])?;
    assert_lower_factor(g.lower_factor()?.as_ref(), g.as_mat());
    Ok(())
}

#[test]
fn lower_factors_have_pinned_bits() -> Outcome {
    let g = Spd::new(Mat::from_fn(3, 3, |i, j| 1.0 / (1.0 + i as f64 + j as f64)))?;
    let bits = |l: Mat<f64>| [l[(1, 0)], l[(1, 1)], l[(2, 1)], l[(2, 2)]].map(f64::to_bits);
    let third = 1.0 / 3.0_f64;
    let pivot = (third - 0.25_f64).sqrt();
    let below = (0.25 - third * 0.5) / pivot;
    let last = (0.2 - third * third - below * below).sqrt();
    assert_eq!(bits(g.lower_factor()), [0.5, pivot, below, last].map(f64::to_bits));
    Ok(())
}

#[test]
fn a_semidefinite_matrix_tells_its_tolerance_and_its_form() -> Outcome {
    let diagonal = Psd::diagonal(&[0.0, 4.0])?;
    assert!(diagonal.is_diagonal() && diagonal.tolerance() == 0.0);
    let g = Psd::new(mat![[8.0, 4.0, 0.0], [4.0, 2.0, 0.0], [0.0, 0.0, 0.0]])?;
    assert!(!g.is_diagonal() && g.rank() == 1);
    // 8dε times the only eigenvalue that is not 0, here and of the root and the inverse.
    let unit = 24.0 * f64::EPSILON;
    assert_near(g.tolerance(), unit * 10.0, 1e-14);
    assert_near(g.sqrt()?.tolerance(), unit * 10.0_f64.sqrt(), 1e-14);
    assert_near(g.pseudo_inverse()?.tolerance(), unit / 10.0, 1e-14);
    // (2v₁ + v₂)²·2 for this rank one.
    assert_near(g.quadratic_form(&[1.0, 3.0, 7.0])?, 50.0, 1e-15);
    assert!(g.quadratic_form(&[1.0]).is_err());
    Ok(())
}

#[test]
fn the_pseudo_inverse_meets_the_four_penrose_conditions() -> Outcome {
    for (d, rank) in [(3, 1), (6, 4), (20, 20), (40, 7)] {
        let a = singular(7, d, rank)?;
        let pseudo = a.pseudo_inverse()?;
        let (a_mat, p_mat) = (a.as_mat(), pseudo.as_mat());
        assert_close((a_mat * p_mat * a_mat).as_ref(), a_mat, 1e-12);
        assert_close((p_mat * a_mat * p_mat).as_ref(), p_mat, 1e-12);
        let (ap, pa) = (a_mat * p_mat, p_mat * a_mat);
        assert_close(ap.as_ref(), ap.transpose(), 1e-12);
        assert_close(pa.as_ref(), pa.transpose(), 1e-12);
        let (root, pseudo_root) = (a.sqrt()?, a.pseudo_inverse_sqrt()?);
        assert_close((root.as_mat() * root.as_mat()).as_ref(), a_mat, 1e-13);
        assert_close((pseudo_root.as_mat() * pseudo_root.as_mat()).as_ref(), p_mat, 1e-12);
        let projector = a.range_projector()?;
        assert_close(ap.as_ref(), projector.as_mat(), 1e-12);
        assert_eq!((projector.rank(), pseudo.rank(), root.rank()), (rank, rank, rank));
    }
    Ok(())
}

#[test]
fn projectors_are_symmetric_idempotent_and_keep_their_range() -> Outcome {
    let basis = haar_orthogonal(8, &normals(8, 64))?.subcols(2, 3).to_owned();
    let projector = Projector::from_orthonormal_basis(basis.clone())?;
    let p = projector.as_mat();
    assert_eq!((projector.rank(), projector.dimension()), (3, 8));
    assert_eq!(p, p.transpose());
    assert_close((p * p).as_ref(), p, 1e-14);
    assert_close((p * &basis).as_ref(), basis.as_ref(), 1e-14);
    assert_close(Projector::new(p.to_owned())?.as_mat(), p, 1e-13);
    let g = Psd::from(spd(9, 8, 10.0)?);
    let projected = projector.project(&g)?;
    assert_close(projected.as_mat(), (p * g.as_mat() * p).as_ref(), 1e-13);
    assert_eq!(projected.rank(), 3);
    assert_eq!(Projector::from_orthonormal_basis(Mat::zeros(4, 0))?.as_mat(), Mat::<f64>::zeros(4, 4));
    Ok(())
}

#[test]
fn a_matrix_one_unit_in_the_last_place_from_symmetric_is_stored_exactly_symmetric() -> Outcome {
    let next = f64::from_bits(0.3_f64.to_bits() + 1);
    let a = Spd::new(mat![[1.0, 0.3], [next, 1.0]])?;
    assert_eq!(a.as_mat(), a.as_mat().transpose());
    assert!((a.as_mat()[(0, 1)] - 0.3).abs() <= next - 0.3);
    assert!(matches!(Spd::new(mat![[1.0, 0.3], [0.3 + 1e-13, 1.0]]), Err(GeometryError::NotSymmetric { .. })));
    // An exactly symmetric matrix is stored as it is.
    assert_eq!(spd(10, 5, 3.0)?, Spd::new(spd(10, 5, 3.0)?.as_mat().to_owned())?);
    Ok(())
}

#[test]
fn small_helpers_agree_with_their_definitions() -> Outcome {
    let (a, b) = (random(11, 3, 4), random(12, 4, 3));
    let product = &a * &b;
    let expected = product[(0, 0)] + product[(1, 1)] + product[(2, 2)];
    assert_near(trace_of_product(a.as_ref(), b.as_ref())?, expected, 1e-13);
    assert_near(frobenius_norm(mat![[3e200, 4e200]].as_ref()), 5e200, 1e-15);
    assert_near(frobenius_norm(mat![[3e-200, 4e-200]].as_ref()), 5e-200, 1e-15);
    assert_eq!(frobenius_norm(Mat::zeros(2, 2).as_ref()), 0.0);
    assert_eq!(quadratic_form(mat![[1.0, 2.0], [3.0, 4.0]].as_ref(), &[1.0, 10.0])?, 451.0);
    assert_eq!(Spd::scaled_identity(3, 2.0)?.trace(), 6.0);
    assert_eq!(Spd::identity(2)?.quadratic_form(&[3.0, 4.0])?, 25.0);
    Ok(())
}
