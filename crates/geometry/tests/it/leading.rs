//! Leading eigenpairs against spectra that are known by construction.

use faer::Mat;
use geometry::{LeadingEigen, Symmetric, frobenius_norm};

use crate::common::{Outcome, assert_close, assert_near, normals, random_symmetric};

/// (I − 2uuᵀ) diag(values) (I − 2uuᵀ) with a random u, and the eigenvectors.
fn reflected(values: &[f64]) -> Result<(Symmetric, Mat<f64>), geometry::GeometryError> {
    let d = values.len();
    let u = normals(3, d);
    let length: f64 = u.iter().map(|u| u * u).sum();
    let reflection = Mat::from_fn(d, d, |i, j| f64::from(i == j) - 2.0 * u[i] * u[j] / length);
    let scaled = Mat::from_fn(d, d, |i, j| values[j] * reflection[(i, j)]);
    Ok((Symmetric::new(scaled * reflection.transpose())?, reflection))
}

/// Checks that the vectors are orthonormal and the residuals within the resolution, itself 2·10⁻¹⁰ of the largest |λ|.
fn check(a: &Symmetric, leading: &LeadingEigen, largest: f64) {
    let (v, k) = (leading.vectors(), leading.count());
    let lambda = Mat::from_fn(k, k, |i, j| if i == j { leading.values()[i] } else { 0.0 });
    let residual = a.as_mat() * v - v * lambda;
    assert!(leading.resolution() <= 2.001e-10 * largest);
    for j in 0..k {
        assert!(frobenius_norm(residual.subcols(j, 1)) <= leading.resolution(), "pair {j}");
    }
    assert_close((v.transpose() * v).as_ref(), Mat::identity(k, k).as_ref(), 1e-13);
}

#[test]
fn a_decaying_spectrum_is_found_from_the_top() -> Outcome {
    let values: Vec<f64> = (0..600).map(|j| libm::pow(1.0 + j as f64, -1.5)).collect();
    let (a, vectors) = reflected(&values)?;
    let leading = a.leading_eigen(30)?;
    check(&a, &leading, 1.0);
    for j in 0..30 {
        assert_near(leading.values()[j], values[j], 1e-12);
        // The residual over the gap to the next eigenvalue bounds the angle.
        let gap = values[j] - values[j + 1];
        let overlap: f64 = (0..600).map(|i| vectors[(i, j)] * leading.vectors()[(i, j)]).sum();
        assert!(1.0 - overlap.abs() <= (2e-10 / gap) * (2e-10 / gap) + 1e-13, "vector {j}");
    }
    Ok(())
}

#[test]
fn large_means_by_value_and_not_by_magnitude() -> Outcome {
    let values: Vec<f64> = (0..400).map(|j| if j < 100 { -1e3 } else { f64::from(j) / 400.0 }).collect();
    let (a, _) = reflected(&values)?;
    let leading = a.leading_eigen(3)?;
    check(&a, &leading, 1e3);
    for (j, value) in leading.values().iter().enumerate() {
        assert!((value - (399 - j) as f64 / 400.0).abs() <= leading.resolution());
    }
    Ok(())
}

#[test]
fn equal_eigenvalues_are_all_found() -> Outcome {
    // 5 once, 3 twenty times, 1 for the rest: the 30 largest are these 21 and 9 of the rest.
    let values: Vec<f64> = (0..500).map(|j| [5.0, 3.0, 1.0][usize::from(j > 0) + usize::from(j > 20)]).collect();
    let (a, _) = reflected(&values)?;
    let leading = a.leading_eigen(30)?;
    check(&a, &leading, 5.0);
    for (value, expected) in leading.values().iter().zip(&values) {
        assert_near(*value, *expected, 1e-12);
    }
    Ok(())
}

#[test]
fn more_equal_eigenvalues_than_a_block_has_columns_are_all_found() -> Outcome {
    // 3 thirty times between 5 and a decaying rest, so that a block of 24 columns meets 24 of them.
    let values: Vec<f64> = (0..700_u32)
        .map(|j| match j {
            0 => 5.0,
            1..=30 => 3.0,
            _ => 60.0 / f64::from(j),
        })
        .collect();
    let (a, _) = reflected(&values)?;
    let leading = a.leading_eigen(40)?;
    check(&a, &leading, 5.0);
    for (value, expected) in leading.values().iter().zip(&values) {
        assert_near(*value, *expected, 1e-12);
    }
    Ok(())
}

#[test]
fn a_matrix_of_low_rank_has_zeros_after_its_rank() -> Outcome {
    let values: Vec<f64> = (0..300).map(|j| if j < 4 { 1e-200 * (4 - j) as f64 } else { 0.0 }).collect();
    let (a, _) = reflected(&values)?;
    let leading = a.leading_eigen(9)?;
    check(&a, &leading, 4e-200);
    for (value, expected) in leading.values().iter().zip(&values) {
        assert!((value - expected).abs() < 1e-212);
    }
    let zero = Symmetric::new(Mat::zeros(300, 300))?.leading_eigen(2)?;
    assert_eq!(zero.values(), [0.0, 0.0]);
    Ok(())
}

#[test]
fn a_crowded_spectrum_agrees_with_the_full_decomposition() -> Outcome {
    let a = random_symmetric(11, 320)?;
    let (leading, full) = (a.leading_eigen(20)?, a.eigen()?);
    check(&a, &leading, full.max_value().max(-full.min_value()));
    for j in 0..20 {
        assert_near(leading.values()[j], full.values()[319 - j], 1e-12);
    }
    Ok(())
}

#[test]
fn small_matrices_take_the_full_decomposition() -> Outcome {
    let a = random_symmetric(12, 6)?;
    let (leading, full) = (a.leading_eigen(6)?, a.eigen()?);
    let ascending: Vec<f64> = leading.values().iter().rev().copied().collect();
    assert_eq!(ascending, full.values());
    assert_eq!(leading.vectors().col(0).to_owned(), full.vectors().col(5).to_owned());
    Ok(())
}
