//! Kernels and processes: words, normals, the triangular product, and a block of each workload.

use benches::{Workload, gaussian, run};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dynamics::block::{PackedLower, WIDTH, advance};
use dynamics::process::Replacement;
use dynamics::process::batch::{Batch, Picks};
use sampling::normal::fill_normals;

fn main() {
    divan::main();
}

#[divan::bench(args = [64, 1_600, 16_384])]
fn words(bencher: Bencher<'_, '_>, count: usize) {
    let (mut stream, mut words) = (run::streams("words", 0).noise, vec![0; count]);
    bencher.counter(ItemsCount::new(count)).bench_local(|| stream.fill_words(black_box(&mut words)));
}

#[divan::bench(args = [64, 1_600, 16_384])]
fn normals(bencher: Bencher<'_, '_>, count: usize) {
    let (mut stream, mut normals) = (run::streams("normals", 0).noise, vec![0.0; count]);
    bencher.counter(ItemsCount::new(count)).bench_local(|| fill_normals(&mut stream, black_box(&mut normals)));
}

/// Indices of batches of 16 of 1 000 for a block of replicates.
#[divan::bench(args = [Replacement::With, Replacement::Without])]
fn picks(bencher: Bencher<'_, '_>, replacement: Replacement) {
    let mut stream = run::streams("picks", 0).noise;
    let mut picks = Picks::new(Batch::new(1_000, 16, replacement).expect("a batch"));
    bencher.counter(ItemsCount::new(16 * WIDTH)).bench_local(|| picks.draw(&mut stream)[0][0]);
}

/// e ← diag(a)e − Lζ for a block, in coordinates.
#[divan::bench(args = [2, 10, 50, 200, 1_000])]
fn triangular_product(bencher: Bencher<'_, '_>, d: usize) {
    let factor = faer::Mat::from_fn(d, d, |i, j| 1.0 / (1 + i + j) as f64);
    let factor = PackedLower::new(factor.as_ref());
    let (decay, whitened, mut errors) = (vec![0.5; d], vec![[1.0; WIDTH]; d], vec![[0.0; WIDTH]; d]);
    bencher
        .counter(ItemsCount::new(d * WIDTH))
        .bench_local(|| advance(&decay, &factor, 0.5, black_box(&whitened), black_box(&mut errors)));
}

/// SGD with Gaussian noise in some dimensions, in coordinate-steps.
#[divan::bench(args = [2, 10, 50, 200, 1_000], max_time = 1)]
fn sgd(bencher: Bencher<'_, '_>, d: usize) {
    let workload = gaussian::sgd(d).expect("a workload");
    block(bencher, &workload, 20);
}

/// A block of each workload, in coordinate-steps.
#[divan::bench(args = benches::workload::NAMES, max_time = 1)]
fn process(bencher: Bencher<'_, '_>, name: &str) {
    let workload = Workload::named(name).expect("a workload");
    block(bencher, &workload, workload.steps);
}

fn block(bencher: Bencher<'_, '_>, workload: &Workload, steps: u64) {
    let items = workload.dimension() * workload.process.lanes() * usize::try_from(steps).expect("few steps");
    bencher.counter(ItemsCount::new(items)).bench_local(|| run::run(&*workload.process, steps, 1, 1));
}
