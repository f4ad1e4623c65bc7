//! The running average of squared gradients against the path that it averages, and inside the bound of the descent lemma.

use dynamics::block::{Row, WIDTH};
use dynamics::problem::{Robust, RobustData, SmoothProblem as _};
use dynamics::process::{GradientAverage, MiniBatch, Replacement};
use dynamics::start::Start;
use dynamics::{DynamicsError, Process as _};
use geometry::Spd;
use std::sync::Arc;

use crate::common::{constant, problem_stream, streams};

fn robust() -> Arc<Robust> {
    let truth = [1.0, -1.0, 0.5, 0.5];
    let data = RobustData::generate(128, &truth, 0.5, 0.3, &mut problem_stream("average")).expect("valid");
    Arc::new(Robust::fit(data, &truth).expect("a minimum"))
}

fn process(problem: &Arc<Robust>, eta: f64, b: u64) -> MiniBatch<Arc<Robust>> {
    let start = Start::new(vec![-0.5, 1.0, 0.5, 1.0], 0.0).expect("finite");
    MiniBatch::new(problem.clone(), constant(eta), b, Replacement::With, &start).expect("stable")
}

#[test]
fn the_observed_number_is_the_root_of_the_average_along_the_same_path() {
    let problem = robust();
    let descent = process(&problem, 0.3, 4);
    let steps: Vec<u64> = (0..=20).collect();
    let mut path: Vec<Vec<Row>> = Vec::new();
    descent.simulate(streams("average", 0), &steps, &mut |_, errors| {
        path.push(errors.to_vec());
        true
    });
    for metric in [problem.fisher().clone(), Spd::identity(4).expect("positive")] {
        let dual = metric.inverse().expect("invertible");
        let squared = |step: usize, lane: usize| {
            let theta: Vec<f64> = (0..4).map(|i| path[step][i][lane] + problem.minimiser()[i]).collect();
            dual.quadratic_form(&problem.gradient(&theta)).expect("four")
        };
        let average = GradientAverage::new(descent.clone(), &metric).expect("fits");
        assert_eq!(average.frame().dimension(), 1);
        for recorded in [&steps[..], &[20], &[3, 11]] {
            average.simulate(streams("average", 0), recorded, &mut |n, rows| {
                let step = usize::try_from(recorded[n]).expect("small");
                assert_eq!(rows.len(), 1);
                for lane in 0..WIDTH {
                    let total: f64 = (0..step).map(|t| squared(t, lane)).sum();
                    let expected = if step == 0 { 0.0 } else { (total / step as f64).sqrt() };
                    assert!((rows[0][lane] - expected).abs() < 1e-12 * (1.0 + expected), "step {step}, lane {lane}");
                }
                true
            });
        }
    }
    assert!(matches!(
        GradientAverage::new(descent, &Spd::identity(3).expect("positive")),
        Err(DynamicsError::Dimension { .. })
    ));
}

/// The descent lemma for η ≤ 1/M: E(1/T)Σ‖∇L‖² ≤ 2Δ₀/(ηT) + Mη·sup tr G/b, here with sup tr G ≤ (27/256)tr((1/n)XᵀX). The
/// average over 4096 replicates has a standard error of about 1 % of it, and the bound a slack of more than that; without
/// its noise term it is exceeded, tenfold at the largest T.
#[test]
fn the_average_stays_below_the_descent_lemma_and_not_without_its_noise_term() {
    let problem = robust();
    let M = problem.risk().smoothness().expect("converges");
    let (eta, b, horizons) = (0.5 / M, 1, [1, 10, 100, 1000]);
    let average = GradientAverage::new(process(&problem, eta, b), &Spd::identity(4).expect("positive")).expect("fits");
    let mut sums = [0.0; 4];
    for block in 0..128 {
        average.simulate(streams("descent lemma", block), &horizons, &mut |n, rows| {
            sums[n] += rows[0].iter().map(|root| root * root).sum::<f64>();
            true
        });
    }
    let theta_0: Vec<f64> = problem.minimiser().iter().zip([-0.5, 1.0, 0.5, 1.0]).map(|(m, e)| m + e).collect();
    let noise = M * eta * problem.noise_bound().expect("independent").trace() / b as f64;
    for (sum, T) in sums.into_iter().zip(horizons) {
        let (measured, transient) = (sum / 4096.0, 2.0 * problem.loss(&theta_0) / (eta * T as f64));
        assert!(measured < 0.95 * (transient + noise), "T = {T}: {measured} against {transient} + {noise}");
        if T == 1000 {
            assert!(measured > 1.5 * transient, "T = {T}: {measured} must exceed {transient}");
        }
    }
}
