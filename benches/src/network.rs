//! The network of `specs/noise-curvature/digits-mlp-*.toml` on generated data of the same sizes.

use std::sync::Arc;

use dynamics::model::network::{
    Activation, DataSource, LabelledData, Loss, Network, NetworkSpec, OutputWeights, Targets, Trained,
};
use dynamics::model::{Family as _, Model};

use crate::workload::Parameters;
use crate::{Error, gaussian, run};

/// n: samples.
pub const SAMPLES: usize = 1_000;
/// b: samples of a batch.
pub const BATCH: usize = 50;
/// η.
pub const STEP_SIZE: f64 = 0.1;
/// m: features of a sample.
const FEATURES: usize = 64;
const CLASSES: u32 = 10;
/// Two hidden layers of 50.
const HIDDEN: usize = 50;

/// A family of perceptrons 64–50–50–10 with ReLU and cross-entropy, read in the middle layer.
///
/// # Errors
/// None for these numbers.
pub fn family() -> Result<Network, Error> {
    let (features, labels) = samples();
    let data = LabelledData::new(FEATURES, features, Targets::Labels(labels))?;
    Ok(Network::new(&NetworkSpec {
        data: DataSource::Subset { data: Arc::new(data), classes: None, samples: None },
        hidden: vec![HIDDEN; 2],
        activation: Activation::Relu,
        loss: Loss::CrossEntropy,
        trained: Trained::All,
        gain: 1.0,
        output: OutputWeights::InverseRootWidth(1.0),
        analysed: Some(1),
    })?)
}

/// One network of the family.
///
/// # Errors
/// None for these numbers.
pub fn model() -> Result<Box<dyn Model>, Error> {
    Ok(family()?.draw(&mut run::streams("network", 0).start))
}

/// Clouds around ten centres, one a class: half a unit wide, so that the network learns them.
fn samples() -> (Vec<f64>, Vec<u32>) {
    let mut normals = gaussian::normals((SAMPLES + CLASSES as usize) * FEATURES);
    let centres = normals.split_off(SAMPLES * FEATURES);
    let labels: Vec<u32> = (0..CLASSES).cycle().take(SAMPLES).collect();
    for (x, &label) in normals.chunks_exact_mut(FEATURES).zip(&labels) {
        let centre = &centres[label as usize * FEATURES..][..FEATURES];
        x.iter_mut().zip(centre).for_each(|(x, c)| *x = 0.5 * (0.5 * *x + c));
    }
    (normals, labels)
}

/// `steps` steps of SGD: batch k holds samples bk to bk + b − 1, around and around.
pub fn train(model: &mut dyn Model, theta: &mut [f64], steps: usize) {
    let mut gradient = vec![0.0; theta.len()];
    let indices: Vec<u32> = (0..).take(SAMPLES).collect();
    for batch in indices.chunks_exact(BATCH).cycle().take(steps) {
        gradient.fill(0.0);
        model.add_gradients(theta, batch, &mut gradient);
        theta.iter_mut().zip(&gradient).for_each(|(theta, g)| *theta -= STEP_SIZE / BATCH as f64 * g);
    }
}

/// Multiply-adds and other operations of one step: forward, and backward two products a layer, one in the first.
#[must_use]
pub fn operations_of_step() -> f64 {
    let (m, h, q) = (FEATURES as f64, HIDDEN as f64, f64::from(CLASSES));
    let weights = [m * h, h * h, h * q];
    2.0 * BATCH as f64 * (3.0 * weights.iter().sum::<f64>() - weights[0])
}

/// The data, the first weights and the sizes.
///
/// # Errors
/// None for these numbers.
pub fn parameters() -> Result<Parameters, Error> {
    let (features, labels) = samples();
    let labels: Vec<f64> = labels.into_iter().map(f64::from).collect();
    Ok(Parameters::default()
        .list("features", &features)
        .list("labels", &labels)
        .list("weights", model()?.start())
        .number("hidden", HIDDEN as f64)
        .number("batch", BATCH as f64)
        .number("step_size", STEP_SIZE))
}
