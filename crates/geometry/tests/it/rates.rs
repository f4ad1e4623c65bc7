//! The rate laws: against each other, against minimisation over a grid, and their refusals.

use faer::Mat;
use geometry::rates::{
    StationarityBound, averaging_constant, dual_norm_factor, dual_norm_factor_of_smoothness, dual_norm_squared,
    upper_bound_constant, van_trees,
};
use geometry::{FisherGeometry, GeometryError, Psd, Spd, lyapunov::shifted, trace_of_product};

use crate::common::{Outcome, assert_near, normals, spd};

fn times(m: &Spd, v: &[f64]) -> Vec<f64> {
    (0..v.len()).map(|i| (0..v.len()).map(|j| m.as_mat()[(i, j)] * v[j]).sum()).collect()
}

/// tr(F·A), A the exact limit constant, is at most the bound; they meet where F = G, H is a multiple of I.
#[test]
fn the_upper_bound_is_above_the_exact_constant() -> Outcome {
    let mut n_checked = 0;
    for seed in 1..40 {
        let (f, g, h) = (spd(seed, 4, 3.0)?, spd(seed + 100, 4, 20.0)?, spd(seed + 200, 4, 3.0)?);
        let mu = FisherGeometry::new(f.clone(), (&g).into(), h.clone())?.fisher_strong_convexity()?;
        if mu <= 0.0 {
            continue;
        }
        let trace = trace_of_product(f.as_mat(), g.as_mat())?;
        for c in [0.51 / mu, 1.0 / mu, 3.0 / mu] {
            let exact = trace_of_product(f.as_mat(), shifted(c, &h, &(&g).into())?.matrix.as_ref())?;
            let bound = upper_bound_constant(c, mu, trace)?;
            assert!(exact <= bound * (1.0 + 1e-12), "seed {seed}: {exact} > {bound}");
            assert!(upper_bound_constant(1.0 / mu, mu, trace)? <= bound * (1.0 + 1e-12));
            n_checked += 1;
        }
    }
    assert!(n_checked > 60, "{n_checked}");
    let (h, g) = (Spd::scaled_identity(3, 2.0)?, spd(1, 3, 5.0)?);
    let exact = trace_of_product(g.as_mat(), shifted(0.7, &h, &(&g).into())?.matrix.as_ref())?;
    assert_near(upper_bound_constant(0.7, 2.0, trace_of_product(g.as_mat(), g.as_mat())?)?, exact, 1e-13);
    Ok(())
}

#[test]
fn the_upper_bound_is_refused_where_it_has_no_constant() {
    assert_eq!(upper_bound_constant(1.0, -0.1, 1.0), Err(GeometryError::NotFisherConvex { value: -0.1 }));
    assert_eq!(upper_bound_constant(1.0, 0.0, 1.0), Err(GeometryError::NotFisherConvex { value: 0.0 }));
    assert_eq!(upper_bound_constant(1.0, 0.5, 1.0), Err(GeometryError::SlowFisherRegime { product: 1.0 }));
    assert_eq!(upper_bound_constant(0.1, 0.5, 1.0), Err(GeometryError::SlowFisherRegime { product: 0.1 }));
    assert!(matches!(upper_bound_constant(0.0, 0.5, 1.0), Err(GeometryError::NotPositive { .. })));
    for trace in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(matches!(upper_bound_constant(2.0, 0.5, trace), Err(GeometryError::Negative { .. })));
    }
}

#[test]
fn the_lower_bound_is_the_sum_over_generalised_eigenvalues() -> Outcome {
    for d in [1, 3, 10] {
        let (f, j) = (spd(3, d, 50.0)?, spd(4, d, 50.0)?);
        let prior = Psd::from(&j);
        // tr(F(NF + J)⁻¹) = Σ 1/(N + λ_i(F⁻¹J)), and λ of F^{−1/2}JF^{−1/2} needs no solve with NF + J.
        let root = f.inverse_sqrt()?;
        let reduced = root.as_mat() * j.as_mat() * root.as_mat();
        let reduced = geometry::Symmetric::new(Mat::from_fn(d, d, |i, k| 0.5 * (reduced[(i, k)] + reduced[(k, i)])))?;
        for n in [0.1, 1.0, 1e3] {
            let expected: f64 = reduced.eigen()?.values().iter().map(|value| 1.0 / (n + value)).sum();
            assert_near(van_trees(&f, n, &prior)?, expected, 1e-11);
            assert!(van_trees(&f, n, &prior)? < d as f64 / n);
        }
        let none = Psd::diagonal(&vec![0.0; d])?;
        assert_near(van_trees(&f, 7.0, &none)?, d as f64 / 7.0, 1e-13);
        assert!(matches!(van_trees(&f, 0.0, &none), Err(GeometryError::NotPositive { .. })));
        let other = Psd::diagonal(&vec![0.0; d + 1])?;
        assert!(matches!(van_trees(&f, 1.0, &other), Err(GeometryError::ShapeMismatch { .. })));
    }
    Ok(())
}

#[test]
fn averaging_attains_the_lower_bound_when_well_specified_and_no_gain_does_better() -> Outcome {
    let (f, g, h) = (spd(5, 4, 10.0)?, spd(6, 4, 10.0)?, spd(7, 4, 10.0)?);
    let well = averaging_constant(&FisherGeometry::new(f.clone(), (&f).into(), f.clone())?)?;
    assert_near(well, 4.0, 1e-12);
    let averaged = averaging_constant(&FisherGeometry::new(f.clone(), (&g).into(), h.clone())?)?;
    let v = h.inverse()?.as_mat() * g.as_mat() * h.inverse()?.as_mat();
    assert_near(averaged, trace_of_product(f.as_mat(), v.as_ref())?, 1e-12);
    for slowest in [0.51, 0.7, 1.0, 2.0, 10.0] {
        let law = shifted(slowest / h.min_eigenvalue()?, &h, &(&g).into())?;
        assert!(trace_of_product(f.as_mat(), law.matrix.as_ref())? > averaged, "cλ_min = {slowest}");
    }
    Ok(())
}

#[test]
fn the_balanced_step_minimises_the_bound() -> Outcome {
    let unit = spd(8, 5, 10.0)?;
    // λ_min = 2, so that a quotient by it is told from a product.
    let f = Spd::new(Mat::from_fn(5, 5, |i, j| 2.0 * unit.as_mat()[(i, j)]))?;
    let bound = StationarityBound::new(3.0, 4.0, &f)?;
    for (b, t) in [(1.0, 100.0), (8.0, 1e4), (64.0, 30.0), (1e4, 10.0)] {
        let step = bound.balanced_step(b, t)?;
        let best = bound.value(step, b, t)?;
        for n in 1..=1000 {
            assert!(bound.value(0.25 * f64::from(n) / 1000.0, b, t)? >= best * (1.0 - 1e-12), "b = {b}, T = {t}");
        }
        let by_hand = (3.0 / (step * t) + 4.0 * step * f.trace() / b) / f.min_eigenvalue()?;
        assert_near(best, by_hand, 1e-13);
    }
    let above = GeometryError::StepAboveSmoothness { step_size: 0.3, limit: 0.25 };
    assert_eq!(bound.value(0.3, 1.0, 1.0), Err(above));
    assert!(matches!(bound.balanced_step(0.0, 1.0), Err(GeometryError::NotPositive { .. })));
    assert!(matches!(StationarityBound::new(0.0, 1.0, &f), Err(GeometryError::NotPositive { .. })));
    Ok(())
}

#[test]
fn the_balanced_bound_does_not_depend_on_the_batch_up_to_the_feasible_one_and_grows_beyond() -> Outcome {
    let bound = StationarityBound::new(3.0, 4.0, &spd(9, 5, 10.0)?)?;
    let budget = 1e5;
    let balanced = |b: f64| bound.value(bound.balanced_step(b, budget / b)?, b, budget / b);
    let feasible = bound.feasible_batch(budget)?;
    for share in [1e-3, 0.1, 0.5, 1.0] {
        assert_near(balanced(share * feasible)?, balanced(1.0)?, 1e-12);
    }
    let mut last = balanced(feasible)?;
    for share in [1.1, 1.5, 3.0, 10.0] {
        let next = balanced(share * feasible)?;
        assert!(next > last * 1.001, "{share}: {next}");
        last = next;
    }
    // The squared gap falls like N^(−½).
    let at = |n: f64| bound.value(bound.balanced_step(1.0, n)?, 1.0, n);
    assert_near(at(1e6)? / at(1e4)?, 0.1, 1e-12);
    Ok(())
}

#[test]
fn the_dual_norm_is_the_inverse_quadratic_form() -> Outcome {
    for d in [1, 4, 20] {
        let (f, g) = (spd(10, d, 100.0)?, normals(11, d));
        assert_near(dual_norm_squared(&g, &f)?, f.inverse()?.quadratic_form(&g)?, 1e-11);
    }
    assert!(matches!(dual_norm_squared(&[1.0], &spd(10, 4, 2.0)?), Err(GeometryError::WrongLength { .. })));
    Ok(())
}

/// The largest ‖He‖_{F⁻¹}/‖e‖_F over random directions, some of them improved by power steps e ← F⁻¹He.
fn largest_ratio(h: &Spd, f: &Spd) -> Result<f64, GeometryError> {
    let d = f.dimension();
    let mut largest = 0.0_f64;
    for e in normals(13, 200 * d).chunks(d) {
        let mut e = e.to_vec();
        for _ in 0..60 {
            largest = largest.max((dual_norm_squared(&times(h, &e), f)? / f.quadratic_form(&e)?).sqrt());
            let he = times(h, &e);
            let next = f.solve(Mat::from_fn(d, 1, |i, _| he[i]).as_ref())?;
            let size = (0..d).map(|i| next[(i, 0)].abs()).fold(0.0, f64::max);
            e = (0..d).map(|i| next[(i, 0)] / size).collect();
        }
    }
    Ok(largest)
}

#[test]
fn the_gradient_is_bounded_by_the_distance_and_the_sharp_factor_is_attained() -> Outcome {
    for seed in 20..30 {
        let (f, h) = (spd(seed, 4, 30.0)?, spd(seed + 100, 4, 30.0)?);
        let (sharp, ratio) = (dual_norm_factor(&h, &f)?, largest_ratio(&h, &f)?);
        assert!(ratio <= sharp * (1.0 + 1e-12), "{ratio} > {sharp}");
        assert_near(ratio, sharp, 1e-6);
        assert!(sharp < dual_norm_factor_of_smoothness(h.max_eigenvalue()?, &f)?);
    }
    Ok(())
}

/// Lemma 7.2 has the right constant: H = M along the flattest direction of F attains it. For F = H it is κ_F times too
/// large.
#[test]
fn the_factor_of_smoothness_is_attained_across_and_loose_along_the_fisher_metric() -> Outcome {
    let (f, across) = (Spd::diagonal(&[0.5, 3.0, 10.0])?, Spd::diagonal(&[7.0, 2.0, 1.0])?);
    let factor = dual_norm_factor_of_smoothness(7.0, &f)?;
    assert_near(factor, 14.0, 1e-15);
    let e = [1.0, 0.0, 0.0];
    let ratio = (dual_norm_squared(&times(&across, &e), &f)? / f.quadratic_form(&e)?).sqrt();
    assert_near(ratio, factor, 1e-14);
    assert_near(dual_norm_factor(&across, &f)?, factor, 1e-14);
    // A factor with √λ_min, as if only one of the two norms had been bounded, would be violated.
    assert!(ratio > 1.4 * 7.0 / 0.5_f64.sqrt());
    let loose = dual_norm_factor_of_smoothness(f.max_eigenvalue()?, &f)? / dual_norm_factor(&f, &f)?;
    assert_near(loose, f.condition_number()?, 1e-14);
    Ok(())
}
