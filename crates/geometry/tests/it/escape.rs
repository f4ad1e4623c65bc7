//! The second-moment map of escape: its growth and profile against the eigensolver, its stability, its limit.

use faer::Mat;
use geometry::generators::log_spaced;
use geometry::{Escape, EscapeNoise, Symmetric};
use proptest::prelude::*;

use crate::common::{Outcome, assert_near};

const NOISES: [EscapeNoise; 2] = [EscapeNoise::Aligned, EscapeNoise::GaussianFeatures];

#[test]
fn equal_curvatures_have_a_growth_in_closed_form() -> Outcome {
    // All directions share v = 1/√d: ρ = (1 − ηλ)² + (η²λ²/b)d, and one more η²λ²/b with Gaussian features.
    for (noise, extra) in NOISES.into_iter().zip([0.0, 1.0]) {
        let escape = Escape::new(&[3.0; 4], 0.25, 2, noise)?;
        assert_near(escape.growth(), 0.0625 + 0.28125 * (4.0 + extra), 1e-15);
        assert_near(escape.energy_beyond(1)?, 3.0, 1e-15);
        assert_eq!(escape.energy_beyond(4)?, 0.0);
    }
    Ok(())
}

#[test]
fn two_directions_are_a_quadratic_equation() -> Outcome {
    // η = 1, b = 1, λ = 1, ½: T = [[1, ½], [½, ½]], ρ = (3 + √5)/4, v ∝ (1, (√5 − 1)/2).
    let escape = Escape::new(&[0.5, 1.0], 1.0, 1, EscapeNoise::Aligned)?;
    let root = 5.0_f64.sqrt();
    assert_near(escape.growth(), (3.0 + root) / 4.0, 1e-15);
    assert_near(escape.profile()[0] / escape.profile()[1], (root - 1.0) / 2.0, 1e-15);
    // In sharpest-first order e = (1, (√5 − 1)/4).
    assert_near(escape.energy_beyond(1)?, (root - 1.0) / 4.0, 1e-15);
    assert_near(escape.energy_shares().iter().sum(), 1.0, 1e-15);
    Ok(())
}

#[test]
fn growth_of_exactly_one_is_not_stable() -> Outcome {
    // η = λ = b = 1: ρ = (1 − ηλ)² + η²λ²/b = 1.
    let escape = Escape::new(&[1.0], 1.0, 1, EscapeNoise::Aligned)?;
    assert_eq!((escape.growth(), escape.is_stable()), (1.0, false));
    Ok(())
}

#[test]
fn moments_approach_the_limit_at_the_rate_of_the_second_eigenvalue() -> Outcome {
    let curvatures = log_spaced(0.01, 1.0, 8)?;
    for noise in NOISES {
        let escape = Escape::new(&curvatures, 1.3, 2, noise)?;
        assert!(!escape.is_stable());
        let eigen = Symmetric::new(escape.matrix())?.eigen()?;
        let start = [1.0; 8];
        let mut x = start.to_vec();
        for _ in 0..60 {
            x = escape.step(&x)?;
        }
        let limit = escape.limit(&start, 60)?;
        let rest = 8.0_f64.sqrt() * libm::pow(eigen.values()[6].abs(), 60.0);
        let gap: f64 = x.iter().zip(&limit).map(|(x, limit)| (x - limit) * (x - limit)).sum::<f64>().sqrt();
        let size: f64 = limit.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!(gap <= rest + 1e-13 * size && rest < 0.1 * size, "{gap:e} {rest:e} {size:e}");
    }
    Ok(())
}

#[test]
fn gradient_descent_leaves_along_one_direction_and_sgd_along_all() -> Outcome {
    let curvatures = [2.0, 1.5, 1.0, 0.5];
    // Gradient descent multiplies x_i by (1 − ηλ_i)², below 1 for all ηλ_i < 2: with η = 0.55 it converges, while SGD with
    // single samples leaves, and its loss stays spread out.
    let escape = Escape::new(&curvatures, 0.55, 1, EscapeNoise::Aligned)?;
    assert!(escape.growth() > 1.0 && escape.energy_beyond(1)? > 0.5, "{escape:?}");
    Ok(())
}

#[test]
fn nothing_stays_nothing_however_long_it_is_let_grow() -> Outcome {
    let escape = Escape::new(&[2.0, 1.0], 2.0, 1, EscapeNoise::GaussianFeatures)?;
    assert_eq!(escape.limit(&[0.0, 0.0], 1_000_000)?, [0.0, 0.0]);
    assert!(escape.limit(&[1.0, 0.0], 1_000_000).is_err());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn growth_and_profile_are_the_leading_eigenpair_and_decide_about_stability(
        seed in 0_u64..10_000, d in 1_usize..12, step_size in 0.01_f64..3.0, batch_size in 1_u64..64, gaussian: bool,
    ) {
        let curvatures: Vec<f64> = crate::common::normals(seed, d).iter().map(|z| libm::exp(*z)).collect();
        let noise = NOISES[usize::from(gaussian)];
        let escape = Escape::new(&curvatures, step_size, batch_size, noise).unwrap();
        let t = escape.matrix();
        let largest = Symmetric::new(t.clone()).unwrap().eigen().unwrap().max_value();
        prop_assert!((escape.growth() - largest).abs() < 1e-13 * largest);
        prop_assert_eq!(escape.is_stable(), escape.growth() < 1.0);
        let v = Mat::from_fn(d, 1, |i, _| escape.profile()[i]);
        prop_assert!(escape.profile().iter().all(|v| *v > 0.0));
        let residual = &t * &v - escape.growth() * &v;
        prop_assert!(geometry::frobenius_norm(residual.as_ref()) < 1e-13 * largest);
        let stepped = escape.step(escape.profile()).unwrap();
        prop_assert!((0..d).all(|i| (stepped[i] - (&t * &v)[(i, 0)]).abs() < 1e-13 * largest));
    }
}
