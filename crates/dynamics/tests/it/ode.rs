//! The integrator against closed forms, its order of convergence, and its control of the error.

use dynamics::DynamicsError;
use dynamics::ode::DormandPrince;

/// y' = y cos t from 1, whose solution is e^{sin t}.
fn swinging(t: f64, y: &[f64], slope: &mut [f64]) {
    slope[0] = y[0] * libm::cos(t);
}

/// The error at t = 4 after n equal steps.
fn error_of_equal_steps(n: u32) -> f64 {
    let mut integrator = DormandPrince::new(1.0, &[1.0]);
    let (h, mut y) = (4.0 / f64::from(n), [1.0]);
    for k in 0..n {
        integrator.advance(&mut swinging, f64::from(k) * h, h, &mut y);
    }
    (y[0] - libm::exp(libm::sin(4.0))).abs()
}

#[test]
fn halving_the_step_divides_the_error_by_two_to_the_fifth() {
    for n in [32, 64, 128] {
        let ratio = error_of_equal_steps(n) / error_of_equal_steps(2 * n);
        assert!((26.0..40.0).contains(&ratio), "{n} steps: the error shrinks by {ratio}, 32 is order 5");
    }
}

#[test]
fn a_tighter_tolerance_leaves_a_smaller_error() {
    let error = |tolerance: f64| {
        let (mut integrator, mut y) = (DormandPrince::new(tolerance, &[0.0]), [1.0]);
        integrator.integrate(&mut swinging, 0.0, 20.0, &mut y).expect("smooth");
        (y[0] / libm::exp(libm::sin(20.0)) - 1.0).abs()
    };
    for tolerance in [1e-4, 1e-6, 1e-8, 1e-10] {
        let error = error(tolerance);
        assert!(error < 10.0 * tolerance && error > 1e-4 * tolerance, "τ = {tolerance}: {error:e}");
    }
}

/// y₁' = −y₁, y₂' = −50y₂ + 49y₁ + 1: two rates, and a rest that does not vanish. y₂ = y₁ + 1/50 + ce^{−50t}.
#[test]
fn calls_that_stop_on_the_way_agree_with_one_call() {
    let mut f = |_: f64, y: &[f64], slope: &mut [f64]| {
        slope[0] = -y[0];
        slope[1] = -50.0 * y[1] + 49.0 * y[0] + 1.0;
    };
    let exact = |t: f64| [libm::exp(-t), libm::exp(-t) + 0.02 - 0.52 * libm::exp(-50.0 * t)];
    for stops in [1, 3, 100, 1001] {
        let (mut integrator, mut y, mut t) = (DormandPrince::new(1e-9, &[1e-3, 1e-3]), [1.0, 0.5], 0.0);
        for stop in 1..=stops {
            let to = 10.0 * f64::from(stop) / f64::from(stops);
            integrator.integrate(&mut f, t, to, &mut y).expect("smooth");
            t = to;
            let exact = exact(t);
            for c in 0..2 {
                assert!((y[c] - exact[c]).abs() < 1e-8 * (0.02 + exact[c]), "{stops} stops, t = {t}: {y:?} {exact:?}");
            }
        }
    }
}

#[test]
fn a_solution_that_explodes_is_an_error_and_no_endless_loop() {
    // y' = y² from 1 is infinite at t = 1.
    let (mut integrator, mut y) = (DormandPrince::new(1e-8, &[1.0]), [1.0]);
    let error =
        integrator.integrate(&mut |_, y, slope| slope[0] = y[0] * y[0], 0.0, 2.0, &mut y).expect_err("explodes");
    let DynamicsError::OdeStuck { time, .. } = error else { panic!("{error}") };
    assert!((time - 1.0).abs() < 1e-6, "stuck at t = {time}");
}
