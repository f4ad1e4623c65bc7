//! Processes driven by dense Gaussian noise: curvatures from 1 to 100, and a noise covariance that does not commute with them.

use dynamics::problem::Quadratic;
use dynamics::process::{Averaged, HeavyBall, OrnsteinUhlenbeck, Sgd, Transition};
use dynamics::schedule::{RobbinsMonro, Schedule, StepSize};
use dynamics::start::Start;
use dynamics::{DynamicsError, Process};
use faer::Mat;
use geometry::generators::log_spaced;
use geometry::{Psd, Spd};
use sampling::designs::Gaussian;
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};

use crate::workload::{Expected, Parameters};
use crate::{Cost, Error, Workload};

/// η, and Δt of the Ornstein–Uhlenbeck process.
const STEP_SIZE: f64 = 0.01;
/// c and k₀ of decreasing steps c/(k + k₀).
const DECREASING: [f64; 2] = [1.0, 100.0];
/// β.
const MOMENTUM: f64 = 0.9;

/// H = diag(1 … 100), G_ij = 0.9^|i−j|, so that tr G = d, and |e₀| = 0.2. Cost O(d³/3).
///
/// # Errors
/// For d = 0.
pub fn problem(d: usize) -> Result<(Quadratic, Start), DynamicsError> {
    let curvature = Spd::diagonal(&if d == 1 { vec![1.0] } else { log_spaced(1.0, 100.0, d)? })?;
    let powers: Vec<f64> = std::iter::successors(Some(1.0), |power| Some(0.9 * power)).take(d).collect();
    let noise = Psd::from(&Spd::new(Mat::from_fn(d, d, |i, j| powers[i.abs_diff(j)]))?);
    let start = Start::new(vec![0.2 / (d as f64).sqrt(); d], 0.0)?;
    Ok((Quadratic::new(curvature.clone(), noise, curvature, vec![0.0; d])?, start))
}

/// Standard normals for the problems, always the same.
#[must_use]
pub fn normals(count: usize) -> Vec<f64> {
    let mut normals = vec![0.0; count];
    let key = StreamKey { seed: 6, cell: "benches", block: 0, purpose: Purpose::Problem };
    fill_normals(&mut Stream::new(key), &mut normals);
    normals
}

/// SGD with constant steps, batches of one sample: what most of `specs/exp6.toml` is.
///
/// # Errors
/// For d = 0.
pub fn sgd(d: usize) -> Result<Workload, Error> {
    let (problem, start) = problem(d)?;
    let process = descent(&problem, constant()?, &start)?;
    finish("sgd", &problem, &start, Box::new(process), Cost::triangular_step(d))
}

/// The Ornstein–Uhlenbeck process by its exact transition.
///
/// # Errors
/// For d = 0.
pub fn ornstein_uhlenbeck(d: usize) -> Result<Workload, Error> {
    let (problem, start) = problem(d)?;
    let process = OrnsteinUhlenbeck::new(&problem, 1.0, STEP_SIZE, Transition::Exact, &start)?;
    finish("ornstein-uhlenbeck", &problem, &start, Box::new(process), Cost::triangular_step(d))
}

/// SGD with steps c/(k + k₀).
///
/// # Errors
/// For d = 0.
pub fn robbins_monro(d: usize) -> Result<Workload, Error> {
    let (problem, start) = problem(d)?;
    let [scale, offset] = DECREASING;
    let schedule = Schedule::RobbinsMonro(RobbinsMonro::new(scale, offset, 1.0)?);
    let process = descent(&problem, schedule, &start)?;
    finish("robbins-monro", &problem, &start, Box::new(process), Cost::triangular_step(d).and_operations(2.0))
}

/// The average of all iterates of SGD.
///
/// # Errors
/// For d = 0.
pub fn averaging(d: usize) -> Result<Workload, Error> {
    let (problem, start) = problem(d)?;
    let process = Averaged::new(descent(&problem, constant()?, &start)?, 0);
    finish("averaging", &problem, &start, Box::new(process), Cost::triangular_step(d).and_operations(d as f64))
}

/// SGD with momentum.
///
/// # Errors
/// For d = 0.
pub fn heavy_ball(d: usize) -> Result<Workload, Error> {
    let (problem, start) = problem(d)?;
    let process = HeavyBall::new(&problem, StepSize::new(STEP_SIZE)?, MOMENTUM, Gaussian::new(1)?, &start)?;
    finish("heavy-ball", &problem, &start, Box::new(process), Cost::triangular_step(d).and_operations(3.0 * d as f64))
}

fn descent(problem: &Quadratic, schedule: Schedule, start: &Start) -> Result<Sgd<Gaussian>, Error> {
    Ok(Sgd::new(problem, schedule, Gaussian::new(1)?, start)?)
}

fn constant() -> Result<Schedule, DynamicsError> {
    Ok(Schedule::Constant(StepSize::new(STEP_SIZE)?))
}

fn finish(
    name: &'static str,
    problem: &Quadratic,
    start: &Start,
    process: Box<dyn Process>,
    cost: Cost,
) -> Result<Workload, Error> {
    let steps = 400;
    let h: Vec<f64> = problem.curvature().as_mat().diagonal().column_vector().iter().copied().collect();
    let [scale, offset] = DECREASING;
    let parameters = Parameters::default()
        .list("curvatures", &h)
        .matrix("noise", problem.noise().as_mat())
        .list("start", start.mean())
        .number("step_size", STEP_SIZE)
        .number("scale", scale)
        .number("offset", offset)
        .number("momentum", MOMENTUM);
    let expected = Expected::exact(&*process, steps)?;
    Ok(Workload { name, process, steps, blocks: 128, cost, expected, parameters })
}
