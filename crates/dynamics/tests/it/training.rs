//! Training: steps and batches against definitions, what is read when, and what is known of it.

use std::sync::Arc;

use dynamics::model::linear::{LinearModels, Parametrisation};
use dynamics::model::{Family, Model};
use dynamics::process::{Replacement, Training};
use dynamics::reading::{Reading, Room};
use dynamics::schedule::Schedule;
use dynamics::{DynamicsError, Process as _};
use geometry::Spd;
use sampling::Stream;

use crate::common::{constant, cyclical, streams};

fn family() -> Arc<dyn Family> {
    let features = Spd::diagonal(&[1.0, 2.0]).expect("positive");
    let family = LinearModels::new(&features, 6, Parametrisation::Diagonal, vec![1.0; 2], vec![1.5; 4], 0.1);
    Arc::new(family.expect("a family"))
}

fn training(schedule: Schedule, b: u64, replacement: Replacement, measured: &[u64]) -> Training {
    Training::new(family(), schedule, b, replacement, vec![Reading::Loss], measured.to_vec()).expect("a process")
}

/// The first lane of the first row at each of some steps.
fn losses(training: &Training, block: u64, recorded: &[u64]) -> Vec<f64> {
    let mut losses = Vec::new();
    training.simulate(streams("training", block), recorded, &mut |n, rows| {
        assert_eq!((n, rows.len()), (losses.len(), 1));
        assert!(rows[0][1..].iter().all(|lane| *lane == 0.0));
        losses.push(rows[0][0]);
        true
    });
    losses
}

#[test]
fn full_batches_without_replacement_are_gradient_descent() {
    let schedule = cyclical(0.2, 0.05, 1, 3);
    let steps: Vec<u64> = (0..10).collect();
    let measured = losses(&training(schedule, 6, Replacement::Without, &steps), 3, &steps);
    let mut model = family().draw(&mut streams("training", 3).start);
    let mut theta = model.start().to_vec();
    for (k, measured) in steps.into_iter().zip(measured) {
        assert_eq!(measured, model.loss(&theta), "k = {k}");
        let mut gradient = vec![0.0; 4];
        model.add_gradients(&theta, &[0, 1, 2, 3, 4, 5], &mut gradient);
        theta.iter_mut().zip(&gradient).for_each(|(theta, g)| *theta -= schedule.at(k) / 6.0 * g);
    }
}

/// A family whose gradient counts how often each sample is drawn, in θ itself.
#[derive(Debug)]
struct Counting;

struct Counts;

impl Family for Counting {
    fn draw(&self, _: &mut Stream) -> Box<dyn Model> {
        Box::new(Counts)
    }

    fn n_parameters(&self) -> usize {
        5
    }

    fn n_samples(&self) -> usize {
        5
    }

    fn refuses(&self, _: &Reading) -> Option<String> {
        None
    }

    fn room(&self, _: &[Reading]) -> Room {
        Room::default()
    }
}

impl Model for Counts {
    fn start(&self) -> &[f64] {
        &[0.0; 5]
    }

    fn add_gradients(&mut self, _: &[f64], batch: &[u32], gradient: &mut [f64]) {
        batch.iter().for_each(|i| gradient[*i as usize] -= batch.len() as f64);
    }

    /// A set of samples as a number: digit i counts sample i.
    fn loss(&mut self, theta: &[f64]) -> f64 {
        theta.iter().rev().fold(0.0, |number, count| 100.0 * number + count)
    }
}

/// How often each pair of batches came up in 20 000 blocks.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of samples are whole")]
fn pairs_of_batches(b: u64, replacement: Replacement) -> std::collections::BTreeMap<u64, f64> {
    let training = Training::new(Arc::new(Counting), constant(1.0), b, replacement, vec![Reading::Loss], vec![2]);
    let training = training.expect("a process");
    let mut counts = std::collections::BTreeMap::new();
    for block in 0..20_000 {
        // Two steps: the second batch is as random as the first, whatever order the first left behind.
        *counts.entry(losses(&training, block, &[2])[0] as u64).or_insert(0.0) += 1.0;
    }
    counts
}

/// The χ² of 20 000 pairs of batches against their chances stays below its mean + 6.5 standard deviations.
#[test]
fn batches_are_uniform_with_and_without_replacement() {
    let digits = |number: u64| (0..5).map(move |i| number / 100_u64.pow(i) % 100);
    for replacement in [Replacement::With, Replacement::Without] {
        let mut chances = std::collections::BTreeMap::new();
        let batches: Vec<u64> = (0..25_u32)
            .filter(|code| replacement == Replacement::With || code / 5 != code % 5)
            .map(|code| 100_u64.pow(code / 5) + 100_u64.pow(code % 5))
            .collect();
        for first in &batches {
            for second in &batches {
                *chances.entry(first + second).or_insert(0.0) += 20_000.0 / (batches.len() as f64).powi(2);
            }
        }
        let counts = pairs_of_batches(2, replacement);
        assert!(counts.keys().all(|number| digits(*number).sum::<u64>() == 4 && chances.contains_key(number)));
        let chi: f64 =
            chances.iter().map(|(number, due)| (counts.get(number).unwrap_or(&0.0) - due).powi(2) / due).sum();
        let freedom = chances.len() as f64 - 1.0;
        assert!(chi < freedom + 6.5 * (2.0 * freedom).sqrt(), "{replacement:?}: χ² = {chi} with {freedom}");
    }
}

#[test]
fn readings_are_taken_at_measured_steps_and_repeated_between_them() {
    let measured = [0, 4, 8];
    let training = training(constant(0.1), 2, Replacement::With, &measured);
    let at_measured = losses(&training, 0, &measured);
    let with_pauses = losses(&training, 0, &[0, 1, 4, 6, 7, 8]);
    let [a, b, c] = at_measured[..] else { panic!("three losses") };
    assert_eq!(with_pauses, [a, a, b, b, b, c]);
    assert!(a != b && b != c);
    let mut seen = 0;
    training.simulate(streams("training", 0), &measured, &mut |_, _| {
        seen += 1;
        seen < 2
    });
    assert_eq!((seen, training.lanes(), training.frame().dimension()), (2, 1, 1));
}

#[test]
fn models_are_drawn_by_the_block_and_do_not_depend_on_the_schedule() {
    let (slow, fast) = (
        training(constant(0.01), 2, Replacement::With, &[0, 5]),
        training(constant(0.1), 2, Replacement::With, &[0, 5]),
    );
    assert_eq!(losses(&slow, 0, &[0]), losses(&fast, 0, &[0]));
    assert_ne!(losses(&slow, 0, &[0]), losses(&slow, 1, &[0]));
    assert_eq!(losses(&slow, 1, &[0, 5]), losses(&slow, 1, &[0, 5]));
}

#[test]
fn diverged_weights_have_no_readings() {
    let training = training(constant(50.0), 2, Replacement::With, &[0, 60]);
    let losses = losses(&training, 0, &[0, 60]);
    assert!(losses[0].is_finite() && losses[1].is_nan(), "{losses:?}");
}

/// L(θ_0) = ½(eᵀSe + σ²) with e = (1.25, 1.25) and S = diag(1, 2), known at step 0 only.
#[test]
fn the_law_is_what_the_family_knows_at_the_start() {
    let training = training(constant(0.1), 2, Replacement::With, &[0, 3]);
    let law = training.exact(&[0, 3]).expect("of the loss");
    assert!((law[0].mean[0] - 0.5 * (3.0 * 1.5625 + 0.01)).abs() < 1e-15);
    assert!(law[1].mean[0].is_nan() && law[1].covariance[(0, 0)] == 0.0);
    assert!((training.time(7) - 0.7).abs() < 1e-15);
    let nothing = Training::new(Arc::new(Counting), constant(1.0), 1, Replacement::With, vec![Reading::Loss], vec![0]);
    assert!(matches!(nothing.expect("a process").exact(&[0]), Err(DynamicsError::NoLaw { .. })));
}

/// 65 536 data sets against the exact mean: r_i² over a data set has a mean of variance 2(eᵀSe + σ²)²/n. In 6.5
/// standard errors the false-alarm rate is 8·10⁻¹¹; label noise of 0 instead of 0.1 moves the mean by 2·10⁻³ of itself
/// and would not be seen, but a loss without its ½, or a wrong S, is.
#[test]
fn the_mean_loss_at_the_start_is_the_exact_one() {
    let training = training(constant(0.1), 2, Replacement::With, &[0]);
    let exact = training.exact(&[0]).expect("of the loss")[0].mean[0];
    let n_blocks = 65_536_u32;
    let mean =
        (0..u64::from(n_blocks)).map(|block| losses(&training, block, &[0])[0]).sum::<f64>() / f64::from(n_blocks);
    let standard_error = exact * (2.0 / 6.0 / f64::from(n_blocks)).sqrt();
    assert!((mean - exact).abs() < 6.5 * standard_error, "{mean} for {exact}");
}

#[test]
fn readings_and_batches_that_cannot_be_are_refused() {
    let build =
        |b, replacement, reading| Training::new(family(), constant(0.1), b, replacement, vec![reading], vec![0]);
    let error = build(2, Replacement::With, Reading::Accuracy).expect_err("no labels");
    assert_eq!(error.to_string(), "the accuracy of this model cannot be read: it has no labels of classes");
    for (b, replacement) in [(0, Replacement::With), (7, Replacement::Without)] {
        let error = build(b, replacement, Reading::Loss).expect_err("no such batch");
        assert!(matches!(error, DynamicsError::BatchSize { .. }), "{error}");
    }
    assert!(build(7, Replacement::With, Reading::Loss).is_ok());
}
