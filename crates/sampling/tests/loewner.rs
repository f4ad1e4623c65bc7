//! ZM Remark 9.1: which designs have less noise than independent samples, in every direction.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, mat};
use geometry::lyapunov::ou_stationary;
use geometry::{Psd, Spd, Symmetric, loewner_le, trace_of_product};
use sampling::Design;
use sampling::designs::{Antithetic, AnyDesign, ControlVariate, Correlated, Gaussian, Inflated, Stratified};

const B: u64 = 12;

fn noise() -> Spd {
    Spd::new(mat![[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]]).expect("diagonally dominant")
}

fn curvature() -> Spd {
    Spd::new(mat![[1.0, -0.3, 0.1], [-0.3, 3.0, 0.7], [0.1, 0.7, 9.0]]).expect("diagonally dominant")
}

fn batch_covariance(design: &dyn Design) -> Symmetric {
    Symmetric::new(design.batch_covariance(noise().lower_factor().as_ref())).expect("symmetric")
}

fn at_most(a: &Symmetric, b: &Symmetric) -> bool {
    loewner_le(a, b).expect("eigenvalues").holds()
}

fn stationary(batch_covariance: &Symmetric) -> Mat<f64> {
    let G = Psd::try_from(batch_covariance.clone()).expect("a covariance");
    ou_stationary(&curvature(), &G, 1.0).expect("H is positive").matrix
}

fn independent() -> Symmetric {
    batch_covariance(&Gaussian::new(B).expect("positive"))
}

#[test]
fn designs_below_independent_sampling_have_smaller_stationary_covariances() {
    let designs = [
        AnyDesign::Stratified(Stratified::new(B, 4).expect("a multiple")),
        AnyDesign::Stratified(Stratified::new(B, 1).expect("a multiple")),
        AnyDesign::ControlVariate(ControlVariate::optimal(B, -0.8).expect("in range")),
        AnyDesign::ControlVariate(ControlVariate::with_coefficient(B, 0.5, 0.9).expect("in range")),
        AnyDesign::Antithetic(Antithetic::new(B, 3).expect("even")),
        AnyDesign::Correlated(Correlated::new(B, -0.05).expect("in range")),
        AnyDesign::Inflated(Inflated::new(B, -0.2).expect("in range")),
    ];
    let G = independent();
    for design in designs {
        let reduced = batch_covariance(&design);
        assert!(at_most(&reduced, &G), "{design:?}");
        let (Sigma_reduced, Sigma) = (stationary(&reduced), stationary(&G));
        let heat = |Sigma: &Mat<f64>| trace_of_product(curvature().as_mat(), Sigma.as_ref()).expect("3×3");
        assert!(heat(&Sigma_reduced) <= heat(&Sigma) * (1.0 + 1e-14), "{design:?}");
        let [Sigma_reduced, Sigma] = [Sigma_reduced, Sigma].map(|m| Symmetric::new(m).expect("symmetric"));
        assert!(at_most(&Sigma_reduced, &Sigma), "{design:?}");
    }
}

#[test]
fn one_even_coordinate_takes_antithetic_sampling_out_of_the_order() {
    for odd in 0..3 {
        let antithetic = batch_covariance(&Antithetic::new(B, odd).expect("even"));
        assert!(!at_most(&antithetic, &independent()), "{odd} of 3 coordinates are odd");
        assert_eq!(
            at_most(&independent(), &antithetic),
            odd == 0,
            "with none odd it is above, with some it is neither"
        );
    }
}

/// With G = I and as many odd coordinates as even ones, the trace of the noise, and with it tr(HΣ) = ½tr G, is that of
/// independent samples: the trace does not see what the order sees.
#[test]
fn the_trace_does_not_tell_antithetic_from_independent_samples() {
    let L = Mat::<f64>::identity(4, 4);
    let covariance = |design: &dyn Design| Symmetric::new(design.batch_covariance(L.as_ref())).expect("symmetric");
    let antithetic = covariance(&Antithetic::new(B, 2).expect("even"));
    let independent = covariance(&Gaussian::new(B).expect("positive"));
    assert_eq!(antithetic.trace(), independent.trace());
    assert!(!at_most(&antithetic, &independent) && !at_most(&independent, &antithetic));
}

#[test]
fn designs_above_independent_sampling_are_recognised() {
    let above = [
        AnyDesign::ControlVariate(ControlVariate::with_coefficient(B, 0.5, 1.1).expect("in range")),
        AnyDesign::ControlVariate(ControlVariate::with_coefficient(B, 0.5, -0.1).expect("in range")),
        AnyDesign::Correlated(Correlated::new(B, 0.1).expect("in range")),
        AnyDesign::Inflated(Inflated::new(B, 0.2).expect("in range")),
    ];
    for design in above {
        let more = batch_covariance(&design);
        assert!(!at_most(&more, &independent()) && at_most(&independent(), &more), "{design:?}");
    }
}
