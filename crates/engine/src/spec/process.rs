//! `[sampling]` and `[process]` of a spec: the design, the schedule, the start and the recorded steps.

use std::sync::Arc;

use dynamics::process::Sgd;
use dynamics::schedule::{RobbinsMonro, Schedule, StepSize};
use dynamics::start::Start;
use dynamics::{DynamicsError, Process};
use sampling::Design as _;
use sampling::designs::{AnyDesign, Gaussian, Iid, Population};
use sampling::normal::fill_normals;

use super::context::{Context, problem_stream, short};
use super::problem::Problem;
use super::raw::{
    RawHorizon, RawIid, RawPopulation, RawProcess, RawRecord, RawRobbinsMonro, RawSampling, RawSchedule, RawSgd,
    RawSpec, RawStart,
};

/// The most steps of a path.
const MOST_STEPS: u64 = 1 << 40;
/// The most recorded steps of a path.
const MOST_RECORDS: u64 = 100_000;

/// What a process is made of, apart from its problem.
pub(super) struct Parts {
    design: AnyDesign,
    batch_size: u64,
    schedule: Schedule,
    start: Start,
    recorded: Vec<u64>,
}

/// A process, and what belongs to it.
pub(super) struct Built {
    pub(super) process: Arc<dyn Process>,
    /// The steps that are recorded, ascending.
    pub(super) recorded: Vec<u64>,
    /// What expressions may say about it.
    pub(super) scalars: Vec<(&'static str, f64)>,
}

impl Context<'_> {
    /// The parts of a process that can be checked without the matrices of the problem.
    pub(super) fn parts(&mut self, raw: &RawSpec) -> Option<Parts> {
        let RawProcess::Sgd(sgd) = &raw.process;
        let d = self.point.raw.problem.dimension();
        let (design, batch_size) = self.design(&raw.sampling);
        let schedule = self.schedule(sgd);
        let start = self.start("process.sgd.start", &sgd.start, d);
        let recorded = schedule.and_then(|schedule| self.recorded(sgd, schedule));
        Some(Parts { design: design?, batch_size, schedule: schedule?, start: start?, recorded: recorded? })
    }

    /// The process of a cell.
    pub(super) fn process(&mut self, parts: Parts, problem: &Problem) -> Option<Built> {
        let Parts { design, batch_size, schedule, start, recorded } = parts;
        let mut scalars = vec![("b", batch_size as f64)];
        match schedule {
            Schedule::RobbinsMonro(steps) => scalars.extend([("c", steps.scale()), ("k0", steps.offset())]),
            _ => {
                let eta = schedule.largest();
                scalars.extend([("eta", eta), ("tau", eta * design.variance_factor())]);
            }
        }
        let process = self.stable(Sgd::new(&problem.local, schedule, design, &start))?;
        Some(Built { process: Arc::new(process), recorded, scalars })
    }

    fn design(&mut self, raw: &RawSampling) -> (Option<AnyDesign>, u64) {
        match raw {
            RawSampling::Gaussian(raw) => {
                let design = self.ok("sampling.gaussian.batch_size", Gaussian::new(raw.batch_size));
                (design.map(AnyDesign::Gaussian), raw.batch_size)
            }
            RawSampling::Iid(RawIid { batch_size, population }) => {
                let population = match population {
                    RawPopulation::Gaussian => Population::Gaussian,
                    RawPopulation::Rademacher => Population::Rademacher,
                    RawPopulation::Uniform => Population::Uniform,
                };
                let design = self.ok("sampling.iid.batch_size", Iid::new(population, *batch_size));
                (design.map(AnyDesign::Iid), *batch_size)
            }
        }
    }

    fn schedule(&mut self, raw: &RawSgd) -> Option<Schedule> {
        match &raw.step_size {
            RawSchedule::Constant(step_size) => {
                self.ok("process.sgd.step_size.constant", StepSize::new(*step_size)).map(Schedule::Constant)
            }
            RawSchedule::RobbinsMonro(RawRobbinsMonro { scale, offset, exponent }) => {
                let path = "process.sgd.step_size.robbins_monro";
                let key = match RobbinsMonro::new(*scale, *offset, 1.0) {
                    Ok(_) => "exponent",
                    Err(_) if *scale > 0.0 && scale.is_finite() => "offset",
                    Err(_) => "scale",
                };
                let schedule = RobbinsMonro::new(*scale, *offset, exponent.unwrap_or(1.0));
                self.ok(&format!("{path}.{key}"), schedule).map(Schedule::RobbinsMonro)
            }
        }
    }

    fn stable<T>(&mut self, result: Result<T, DynamicsError>) -> Option<T> {
        let message = match result {
            Ok(process) => return Some(process),
            Err(DynamicsError::Unstable { step_size, largest_curvature, limit }) => format!(
                "step size η = {step_size} is not stable: it must be below 2/λ_max(H) = {}, because λ_max(H) = {}",
                short(limit),
                short(largest_curvature)
            ),
            Err(error) => error.to_string(),
        };
        let kind = match self.point.raw.process {
            RawProcess::Sgd(RawSgd { step_size: RawSchedule::RobbinsMonro(_), .. }) => "robbins_monro.offset",
            RawProcess::Sgd(_) => "constant",
        };
        let help = (kind != "constant").then_some("the first step is scale/offset^exponent: raise the offset");
        self.fail(&format!("process.sgd.step_size.{kind}"), message, help);
        None
    }

    fn start(&mut self, path: &str, raw: &RawStart, d: usize) -> Option<Start> {
        match raw {
            RawStart::Point(point) => {
                if point.len() != d {
                    let message = format!("point has {} coordinates, but dimension is {d}", point.len());
                    self.fail(&format!("{path}.point"), message, None);
                    return None;
                }
                self.ok(&format!("{path}.point"), Start::new(point.clone(), 0.0))
            }
            RawStart::RandomPoint(random) => {
                self.positive(&format!("{path}.random_point.radius"), "radius", random.radius)?;
                let mut point = vec![0.0; d];
                fill_normals(&mut problem_stream(random.seed, "start"), &mut point);
                let length = point.iter().map(|x| x * x).sum::<f64>().sqrt();
                point.iter_mut().for_each(|x| *x *= random.radius / length);
                self.ok(&format!("{path}.random_point"), Start::new(point, 0.0))
            }
            RawStart::Gaussian(gaussian) => {
                self.ok(&format!("{path}.gaussian.spread"), Start::new(vec![0.0; d], gaussian.spread))
            }
        }
    }

    /// The steps that are recorded, ascending.
    fn recorded(&mut self, raw: &RawSgd, schedule: Schedule) -> Option<Vec<u64>> {
        let path = match raw.horizon {
            RawHorizon::Steps(_) => "process.sgd.horizon.steps",
            RawHorizon::Time(_) => "process.sgd.horizon.time",
        };
        let horizon = match raw.horizon {
            RawHorizon::Steps(steps) => steps as f64,
            RawHorizon::Time(time) => {
                self.positive(path, "time", time)?;
                let Schedule::Constant(_) = schedule else {
                    let help = "write horizon.steps = …";
                    self.fail(path, "a horizon in time needs constant steps", Some(help));
                    return None;
                };
                // A time that is a whole number of steps up to rounding takes that many.
                let steps = time / schedule.largest();
                if (steps - steps.round()).abs() < 1e-9 * steps { steps.round() } else { steps.ceil() }
            }
        };
        if !(1.0..=MOST_STEPS as f64).contains(&horizon) {
            let message = format!("the horizon is {} steps: it must lie between 1 and {MOST_STEPS}", short(horizon));
            self.fail(path, message, None);
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and between 1 and 2⁴⁰")]
        let horizon = horizon as u64;
        let mut recorded = match &raw.record {
            RawRecord::Logarithmic(n) => {
                self.record_count("logarithmic", *n)?;
                let ratio = libm::log(horizon as f64) / (*n as f64 - 1.0).max(1.0);
                (0..*n).map(|i| nearest_step(libm::exp(ratio * i as f64), horizon)).chain([horizon]).collect()
            }
            RawRecord::Linear(n) => {
                self.record_count("linear", *n)?;
                let distance = horizon as f64 / *n as f64;
                (1..=*n).map(|i| nearest_step(distance * i as f64, horizon)).chain([horizon]).collect()
            }
            RawRecord::Steps(steps) => {
                self.record_count("steps", steps.len() as u64)?;
                if let Some(i) = steps.iter().position(|step| *step > horizon) {
                    let message = format!("step {} is beyond the horizon of {horizon} steps", steps[i]);
                    self.fail(&format!("process.sgd.record.steps.{i}"), message, None);
                    return None;
                }
                steps.clone()
            }
        };
        recorded.sort_unstable();
        recorded.dedup();
        Some(recorded)
    }

    fn record_count(&mut self, key: &str, n: u64) -> Option<()> {
        if (1..=MOST_RECORDS).contains(&n) {
            return Some(());
        }
        let message = format!("{key} asks for {n} recorded steps: it must be between 1 and {MOST_RECORDS}");
        self.fail(&format!("process.sgd.record.{key}"), message, None);
        None
    }
}

fn nearest_step(step: f64, horizon: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, positive, and at most 2⁴⁰")]
    let rounded = step.round().max(1.0) as u64;
    rounded.min(horizon)
}
