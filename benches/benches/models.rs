//! Networks: steps of training, and what is read of them.

use benches::network;
use divan::Bencher;
use divan::counter::ItemsCount;
use dynamics::model::Model;
use dynamics::reading::{CurvatureMatrix, FitPart, Hessians, NoiseSource, Reading, Size, read};

fn main() {
    divan::main();
}

fn model() -> (Box<dyn Model>, Vec<f64>) {
    let model = network::model().expect("a network");
    let theta = model.start().to_vec();
    (model, theta)
}

/// Twenty steps with batches of 50, in samples.
#[divan::bench]
fn training(bencher: Bencher<'_, '_>) {
    let (mut model, mut theta) = model();
    bencher.counter(ItemsCount::new(20 * network::BATCH)).bench_local(|| network::train(&mut *model, &mut theta, 20));
}

/// The loss of 1 000 samples.
#[divan::bench]
fn loss(bencher: Bencher<'_, '_>) {
    let (mut model, theta) = model();
    bencher.counter(ItemsCount::new(network::SAMPLES)).bench_local(|| model.loss(&theta));
}

/// First and second derivatives of 1 000 samples in the middle layer, factored.
#[divan::bench(max_time = 2)]
fn derivatives(bencher: Bencher<'_, '_>) {
    let (mut model, theta) = model();
    bencher.counter(ItemsCount::new(network::SAMPLES)).bench_local(|| model.per_sample(&theta));
}

/// The trace of the Hessian of the middle layer (2 500 × 2 500).
#[divan::bench(sample_count = 3, sample_size = 1)]
fn trace_of_hessian(bencher: Bencher<'_, '_>) {
    let (mut model, theta) = model();
    let reading = [Reading::Sharpness { size: Size::Trace, of: CurvatureMatrix::Layer }];
    bencher.bench_local(|| read(&reading, &mut *model, &theta, &[]));
}

/// The exponent of noise against curvature over so many leading directions of that layer.
#[divan::bench(args = [30], sample_count = 2, sample_size = 1)]
fn noise_curvature(bencher: Bencher<'_, '_>, directions: usize) {
    let (mut model, theta) = model();
    let (part, noise, hessians) = (FitPart::Exponent, NoiseSource::Gradients, Hessians::AsTheyAre);
    let reading = [Reading::NoiseCurvature { part, directions, noise, hessians }];
    bencher.bench_local(|| read(&reading, &mut *model, &theta, &[]));
}
