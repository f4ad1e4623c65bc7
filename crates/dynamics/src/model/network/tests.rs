//! Networks against finite differences, closed forms and the laws of what they draw.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::sync::Arc;

use sampling::{Purpose, Stream, StreamKey};

use super::trained::{Derivatives, TrainedNetwork};
use super::*;
use crate::reading::{Block, Centring, CurvatureMatrix, FitPart, Hessians, NoiseSource, Size};

mod data;
mod derivatives;
mod refusals;

const ACTIVATIONS: [Activation; 4] = [Activation::Relu, Activation::Tanh, Activation::Softplus, Activation::Identity];
const LOSSES: [Loss; 3] = [Loss::CrossEntropy, Loss::SquaredSoftmax, Loss::Squared];

fn stream(block: u64) -> Stream {
    Stream::new(StreamKey { seed: 11, cell: "", block, purpose: Purpose::Start })
}

/// n samples of m features in [−1, 1] without pattern; sample i is of class i mod `classes`.
fn labelled(n: usize, m: usize, classes: u32) -> Arc<LabelledData> {
    let features = (0..n * m).map(|k| libm::sin(1.0 + 12.9 * k as f64)).collect();
    let labels = (0..classes).cycle().take(n).collect();
    Arc::new(LabelledData::new(m, features, Targets::Labels(labels)).unwrap())
}

fn whole(data: &Arc<LabelledData>) -> DataSource {
    DataSource::Subset { data: data.clone(), classes: None, samples: None }
}

/// A smooth classifier of three classes with five features, to be changed by a test.
fn spec() -> NetworkSpec {
    NetworkSpec {
        data: whole(&labelled(7, 5, 3)),
        hidden: vec![4, 3],
        activation: Activation::Tanh,
        loss: Loss::CrossEntropy,
        trained: Trained::All,
        gain: 1.5,
        output: OutputWeights::InverseRootWidth(1.5),
        analysed: None,
    }
}

fn draw(spec: &NetworkSpec) -> TrainedNetwork {
    Network::new(spec).unwrap().model(&mut stream(0))
}

fn gradient(model: &mut TrainedNetwork, theta: &[f64], batch: &[u32]) -> Vec<f64> {
    let mut gradient = vec![0.0; theta.len()];
    model.add_gradients(theta, batch, &mut gradient);
    gradient
}

/// (8(v(θ + he_k) − v(θ − he_k)) − (v(θ + 2he_k) − v(θ − 2he_k)))/12h, whose error is of order h⁴.
fn difference(theta: &[f64], k: usize, mut value: impl FnMut(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let h = 1e-4;
    let mut at = |shift: f64| {
        let mut theta = theta.to_vec();
        theta[k] += shift;
        value(&theta)
    };
    let near = at(h).into_iter().zip(at(-h)).map(|(up, down)| up - down);
    let far = at(2.0 * h).into_iter().zip(at(-2.0 * h)).map(|(up, down)| up - down);
    near.zip(far).map(|(near, far)| (8.0 * near - far) / (12.0 * h)).collect()
}

/// Equal up to what [`difference`] misses.
#[track_caller]
fn assert_close(given: &[f64], expected: &[f64], what: &str) {
    assert_eq!(given.len(), expected.len(), "{what}");
    for (k, (given, expected)) in given.iter().zip(expected).enumerate() {
        assert!(
            (given - expected).abs() < 1e-9 * (1.0 + expected.abs()),
            "{what}: entry {k} is {given}, not {expected}"
        );
    }
}
