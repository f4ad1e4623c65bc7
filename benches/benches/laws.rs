//! Theory: Lyapunov equations, and the laws of processes after many steps.

#![expect(non_snake_case, reason = "matrices keep the names they have in the papers")]

use benches::{Workload, gaussian};
use divan::Bencher;
use geometry::lyapunov::{continuous, discrete, sgd_stationary};
use geometry::{FisherGeometry, Symmetric};

fn main() {
    divan::main();
}

/// HΣ + ΣH − ηHΣH = (η/b)G in the eigenbasis of H.
#[divan::bench(args = [10, 50, 200], max_time = 1)]
fn stationary_covariance(bencher: Bencher<'_, '_>, d: usize) {
    let (problem, _) = gaussian::problem(d).expect("a problem");
    bencher.bench_local(|| sgd_stationary(problem.curvature(), problem.noise(), 0.01, 1));
}

/// AX + XAᵀ = Q for a general A, by Bartels and Stewart.
#[divan::bench(args = [10, 50, 100], max_time = 1)]
fn bartels_stewart(bencher: Bencher<'_, '_>, d: usize) {
    let (A, Q) = general(d);
    bencher.bench_local(|| continuous(A.as_ref(), &Q));
}

/// X = AXAᵀ + Q for a general A, by Kitagawa.
#[divan::bench(args = [10, 50, 100], max_time = 1)]
fn kitagawa(bencher: Bencher<'_, '_>, d: usize) {
    let (A, Q) = general(d);
    bencher.bench_local(|| discrete(A.as_ref(), &Q));
}

/// A = 2I + N/√d and Q = I.
fn general(d: usize) -> (faer::Mat<f64>, Symmetric) {
    let normals = gaussian::normals(d * d);
    let root = (d as f64).sqrt();
    let A = faer::Mat::from_fn(d, d, |i, j| normals[i * d + j] / root + if i == j { 2.0 } else { 0.0 });
    (A, Symmetric::new(faer::Mat::identity(d, d)).expect("symmetric"))
}

/// Godambe information and its relations to F.
#[divan::bench(args = [10, 50, 200], max_time = 1)]
fn fisher_geometry(bencher: Bencher<'_, '_>, d: usize) {
    let (problem, _) = gaussian::problem(d).expect("a problem");
    let (fisher, noise, curvature) = (problem.fisher(), problem.noise(), problem.curvature());
    bencher.bench_local(|| FisherGeometry::new(fisher.clone(), noise.clone(), curvature.clone()));
}

/// The exact law of each workload at twenty steps on the way.
#[divan::bench(args = ["sgd", "ornstein-uhlenbeck", "robbins-monro", "averaging", "heavy-ball", "pool", "streaming", "ensemble"], max_time = 1)]
fn exact(bencher: Bencher<'_, '_>, name: &str) {
    let workload = Workload::named(name).expect("a workload");
    let steps: Vec<u64> = (1..=20).map(|n| n * workload.steps / 20).collect();
    bencher.bench_local(|| workload.process.exact(&steps));
}
