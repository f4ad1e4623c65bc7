//! Algebraic properties on random inputs (proptest).

use faer::Mat;
use geometry::generators::{haar_orthogonal, rotated};
use geometry::lyapunov::{continuous, discrete, ou_stationary, sgd_stationary};
use geometry::{FisherGeometry, Psd, Spd, Symmetric, loewner_le};
use proptest::prelude::*;

use crate::common::{distance, normals, random, random_symmetric, spd};

fn turned(a: &Symmetric, q: &Mat<f64>) -> Result<Symmetric, TestCaseError> {
    rotated(a, q.as_ref()).map_err(failed)
}

fn failed(error: geometry::GeometryError) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

fn times(s: f64, a: &Symmetric) -> Result<Symmetric, TestCaseError> {
    Symmetric::new(Mat::from_fn(a.dimension(), a.dimension(), |i, j| s * a.as_mat()[(i, j)])).map_err(failed)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_orthogonal_change_of_basis_turns_the_solution(seed in 0_u64..10_000, d in 1_usize..8, condition in 1.5_f64..1e4) {
        let q = haar_orthogonal(d, &normals(seed + 1, d * d)).map_err(failed)?;
        let (h, g) = (spd(seed, d, condition).map_err(failed)?, spd(seed + 2, d, 100.0).map_err(failed)?);
        let turned_h = Spd::try_from(turned(h.as_symmetric(), &q)?).map_err(failed)?;
        let turned_g = Psd::try_from(turned(g.as_symmetric(), &q)?).map_err(failed)?;
        let sigma = sgd_stationary(&h, &g.into(), 1.0 / condition, 2).map_err(failed)?;
        let sigma = turned(&Symmetric::new(sigma.matrix).map_err(failed)?, &q)?;
        let other = sgd_stationary(&turned_h, &turned_g, 1.0 / condition, 2).map_err(failed)?;
        prop_assert!(distance(other.matrix.as_ref(), sigma.as_mat()) < 1e-15 * condition.max(100.0) * d as f64);
    }

    #[test]
    fn solutions_are_linear_in_the_noise(seed in 0_u64..10_000, d in 1_usize..8, s in 1e-3_f64..1e3) {
        let noise = random(seed, d, d);
        let q = random_symmetric(seed + 1, d).map_err(failed)?;
        let stable = Mat::from_fn(d, d, |i, j| noise[(i, j)] + 6.0 * f64::from(i == j));
        let x = continuous(stable.as_ref(), &q).map_err(failed)?.matrix;
        let y = continuous(stable.as_ref(), &times(s, &q)?).map_err(failed)?.matrix;
        prop_assert!(distance(y.as_ref(), Mat::from_fn(d, d, |i, j| s * x[(i, j)]).as_ref()) < 1e-12);
        let stable = Mat::from_fn(d, d, |i, j| 0.1 * noise[(i, j)]);
        let x = discrete(stable.as_ref(), &q).map_err(failed)?.matrix;
        let y = discrete(stable.as_ref(), &times(s, &q)?).map_err(failed)?.matrix;
        prop_assert!(distance(y.as_ref(), Mat::from_fn(d, d, |i, j| s * x[(i, j)]).as_ref()) < 1e-12);
    }

    #[test]
    fn the_flow_law_depends_on_noise_over_curvature(seed in 0_u64..10_000, d in 1_usize..8, s in 1e-3_f64..1e3) {
        // Time units: (sH, sG) has the same stationary law as (H, G).
        let (h, g) = (spd(seed, d, 50.0).map_err(failed)?, spd(seed + 1, d, 50.0).map_err(failed)?);
        let fast_h = Spd::try_from(times(s, h.as_symmetric())?).map_err(failed)?;
        let fast_g = Psd::try_from(times(s, g.as_symmetric())?).map_err(failed)?;
        let sigma = ou_stationary(&h, &g.into(), 0.3).map_err(failed)?;
        let same = ou_stationary(&fast_h, &fast_g, 0.3).map_err(failed)?;
        prop_assert!(distance(same.matrix.as_ref(), sigma.matrix.as_ref()) < 1e-13);
    }

    #[test]
    fn the_finite_step_law_lies_above_the_flow_law_when_they_commute(seed in 0_u64..10_000, d in 1_usize..8, share in 0.01_f64..1.9) {
        let h = spd(seed, d, 20.0).map_err(failed)?;
        let eta = share / 20.0;
        let g = Psd::from(&h);
        let flow = Symmetric::new(ou_stationary(&h, &g, eta).map_err(failed)?.matrix).map_err(failed)?;
        let step = Symmetric::new(sgd_stationary(&h, &g, eta, 1).map_err(failed)?.matrix).map_err(failed)?;
        prop_assert!(loewner_le(&flow, &step).map_err(failed)?.smallest_eigenvalue > 0.0);
    }

    #[test]
    fn the_fisher_constant_does_not_see_scale_or_basis(seed in 0_u64..10_000, d in 1_usize..8, s in 1e-3_f64..1e3) {
        let (f, h) = (spd(seed, d, 30.0).map_err(failed)?, spd(seed + 1, d, 30.0).map_err(failed)?);
        let q = haar_orthogonal(d, &normals(seed + 2, d * d)).map_err(failed)?;
        let mu = |f: &Spd, h: &Spd| {
            FisherGeometry::new(f.clone(), f.into(), h.clone())
                .and_then(|geometry| geometry.fisher_strong_convexity())
                .map_err(failed)
        };
        let scaled = Spd::try_from(times(s, f.as_symmetric())?).map_err(failed)?;
        let turned_f = Spd::try_from(turned(f.as_symmetric(), &q)?).map_err(failed)?;
        let turned_h = Spd::try_from(turned(h.as_symmetric(), &q)?).map_err(failed)?;
        let value = mu(&f, &h)?;
        prop_assert!((mu(&scaled, &h)? - value).abs() < 1e-11);
        prop_assert!((mu(&turned_f, &turned_h)? - value).abs() < 1e-11);
        prop_assert!(value <= h.min_eigenvalue().map_err(failed)? * (1.0 + 1e-12));
    }
}
