//! Commutators and the Loewner order.

use faer::{Mat, mat};
use geometry::lyapunov::{ou_stationary, sgd_stationary};
use geometry::{Psd, Symmetric, loewner_le, relative_commutator};

use crate::common::{Outcome, assert_near, spd};

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
fn the_loewner_gap_is_the_smallest_eigenvalue_of_the_difference() -> Outcome {
    let a = Symmetric::new(mat![[1.0, 0.0], [0.0, 5.0]])?;
    let b = Symmetric::new(mat![[2.0, 0.0], [0.0, 4.0]])?;
    let gap = loewner_le(&a, &b)?;
    assert_eq!((gap.smallest_eigenvalue, gap.holds()), (-1.0, false));
    assert!(loewner_le(&a, &a)?.holds());
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
