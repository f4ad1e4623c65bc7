//! Processes that draw samples: batches from a finite pool, of generalised linear models, fresh ones, and of an ensemble.

use std::sync::Arc;

use dynamics::model::ensemble::{Ensemble, Members};
use dynamics::problem::{Link, Logistic, LogisticData, Quadratic, Robust, RobustData, Samples, SmoothProblem};
use dynamics::process::{EnsembleDescent, MiniBatch, Replacement, Sgd, Stability, StreamingLeastSquares};
use dynamics::schedule::{Schedule, StepSize};
use dynamics::start::Start;
use geometry::generators::{log_spaced, random_spd};
use geometry::{Psd, Spd};
use sampling::designs::{Pool, WithoutReplacement};
use sampling::{Purpose, Stream, StreamKey};

use crate::workload::{Expected, Parameters, square};
use crate::{Cost, Error, Workload, gaussian};

const DIMENSION: usize = 20;
const SAMPLES: usize = 1_000;
const BATCH: u64 = 16;
const STEPS: u64 = 200;

/// SGD on a quadratic whose gradients come from a finite pool, batches of 16 of 1 000 without replacement.
///
/// # Errors
/// None for these numbers.
pub fn pool() -> Result<Workload, Error> {
    let d = DIMENSION;
    let curvature = Spd::diagonal(&log_spaced(1.0, 10.0, d)?)?;
    let noise = random_spd(&log_spaced(1.0, 10.0, d)?, &gaussian::normals(d * d))?;
    let pool = Arc::new(Pool::from_normals(d, SAMPLES, &gaussian::normals(d * SAMPLES))?);
    let rows: Vec<f64> = (0..SAMPLES).flat_map(|i| pool.sample(i).to_vec()).collect();
    let problem = Quadratic::new(curvature.clone(), Psd::from(&noise), curvature, vec![0.0; d])?;
    let (eta, start) = (0.05, Start::new(vec![0.5; d], 0.0)?);
    let process = Sgd::new(&problem, constant(eta)?, WithoutReplacement::new(pool, BATCH)?, &start)?;
    let parameters = Parameters::default()
        .list("curvatures", &log_spaced(1.0, 10.0, d)?)
        .matrix("noise", noise.as_mat())
        .list("pool", &rows)
        .list("start", start.mean())
        .number("step_size", eta)
        .number("batch", BATCH as f64);
    let expected = Expected::exact(&process, STEPS)?;
    let cost = Cost {
        normals: 0.0,
        words: BATCH as f64,
        ..Cost::triangular_step(d).and_operations((d as u64 * BATCH) as f64)
    };
    Ok(Workload { name: "pool", process: Box::new(process), steps: STEPS, blocks: 64, cost, expected, parameters })
}

/// Logistic regression on 1 000 samples, batches of 16 without replacement.
///
/// # Errors
/// None for these numbers.
pub fn logistic() -> Result<Workload, Error> {
    let data = LogisticData::generate(SAMPLES, &[0.3; DIMENSION], Link::Logit, &mut stream())?;
    let problem = Logistic::fit(data, 0.0)?;
    // An exponential and a division are about forty operations.
    regression("logistic", problem.risk().samples().clone(), problem, 0.1, 40.0)
}

/// Robust regression on 1 000 samples, batches of 16 without replacement.
///
/// # Errors
/// None for these numbers.
pub fn robust() -> Result<Workload, Error> {
    let data = RobustData::generate(SAMPLES, &[0.3; DIMENSION], 0.5, 0.0, &mut stream())?;
    let problem = Robust::fit(data, &[0.3; DIMENSION])?;
    regression("robust", problem.risk().samples().clone(), problem, 0.05, 10.0)
}

fn regression<P: SmoothProblem + 'static>(
    name: &'static str,
    samples: Samples,
    problem: P,
    eta: f64,
    operations_of_slope: f64,
) -> Result<Workload, Error> {
    let d = DIMENSION;
    let start = Start::new(vec![0.1; d], 0.0)?;
    let features: Vec<f64> = samples.iter().flat_map(|(x, _)| x.to_vec()).collect();
    let parameters = Parameters::default()
        .list("features", &features)
        .list("targets", samples.targets())
        .list("minimiser", problem.minimiser())
        .list("start", start.mean())
        .number("step_size", eta)
        .number("batch", BATCH as f64);
    let process = MiniBatch::new(problem, constant(eta)?, BATCH, Replacement::Without, &start)?;
    let law = process.linear_noise(&[STEPS]).remove(0);
    let value = law.covariance.diagonal().column_vector().iter().sum::<f64>() + square(&law.mean);
    let expected = Expected { value, error: 0.05 };
    let operations = BATCH as f64 * (4.0 * d as f64 + operations_of_slope) + 2.0 * d as f64;
    let cost = Cost { normals: 0.0, words: BATCH as f64, operations };
    Ok(Workload { name, process: Box::new(process), steps: STEPS, blocks: 64, cost, expected, parameters })
}

/// Least squares on fresh samples, batches of 8.
///
/// # Errors
/// None for these numbers.
pub fn streaming() -> Result<Workload, Error> {
    let (d, batch, eta) = (DIMENSION, 8, 0.02);
    let features = log_spaced(0.1, 1.0, d)?;
    let start = Start::new(vec![0.5; d], 0.0)?;
    let process = StreamingLeastSquares::new(&Spd::diagonal(&features)?, 1.0, constant(eta)?, batch, &start)?;
    let parameters = Parameters::default()
        .list("variances", &features)
        .list("start", start.mean())
        .number("step_size", eta)
        .number("batch", batch as f64);
    let expected = Expected::exact(&process, STEPS)?;
    let (d, batch) = (d as f64, batch as f64);
    let cost = Cost { normals: batch * (d + 1.0), words: 0.0, operations: batch * (5.0 * d + 1.0) + 2.0 * d };
    Ok(Workload { name: "streaming", process: Box::new(process), steps: STEPS, blocks: 64, cost, expected, parameters })
}

/// SGD on an ensemble of random quadratics, batches of 4 fresh ones with independent members.
///
/// # Errors
/// None for these numbers.
pub fn ensemble() -> Result<Workload, Error> {
    let (d, batch, eta) = (DIMENSION, 4, 0.02);
    let law = Ensemble::new(&Spd::diagonal(&log_spaced(1.0, 10.0, d)?)?, 0.5, Members::Independent, 1.0)?;
    let start = Start::new(vec![0.5; d], 0.0)?;
    let parameters = Parameters::default()
        .list("chances", law.chances())
        .list("magnitudes", law.magnitudes())
        .list("start", start.mean())
        .number("step_size", eta)
        .number("batch", batch as f64);
    let process = EnsembleDescent::new(law, constant(eta)?, batch, &start, Stability::Required)?;
    let expected = Expected::exact(&process, STEPS)?;
    let (d, batch) = (d as f64, batch as f64);
    let cost = Cost { normals: d, words: batch * d, operations: 2.0 * batch * d + 7.0 * d };
    Ok(Workload { name: "ensemble", process: Box::new(process), steps: STEPS, blocks: 64, cost, expected, parameters })
}

fn constant(eta: f64) -> Result<Schedule, Error> {
    Ok(Schedule::Constant(StepSize::new(eta)?))
}

fn stream() -> Stream {
    Stream::new(StreamKey { seed: 7, cell: "benches", block: 0, purpose: Purpose::Problem })
}
