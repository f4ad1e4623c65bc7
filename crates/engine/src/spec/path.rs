//! Where a path begins, how its steps decrease, how long it is and where it is recorded.

use dynamics::DynamicsError;
use dynamics::schedule::{Cyclical, RobbinsMonro, Schedule, StepSize};
use dynamics::start::Start;

use super::context::{Context, short, sphere_point};
use super::raw::{
    RawBatchGradient, RawCovarianceEstimate, RawCyclical, RawHorizon, RawProcess, RawRecord, RawRobbinsMonro,
    RawSchedule, RawSpec, RawStart,
};

/// The most steps of a path.
const MOST_STEPS: u64 = 1 << 40;
/// The most recorded steps of a path.
const MOST_RECORDS: u64 = 100_000;

impl Context<'_> {
    pub(super) fn schedule(&mut self, kind: &str, raw: &RawSchedule) -> Option<Schedule> {
        let path = format!("process.{kind}.step_size");
        match raw {
            RawSchedule::Constant(step_size) => {
                self.ok(&format!("{path}.constant"), StepSize::new(*step_size)).map(Schedule::Constant)
            }
            RawSchedule::RobbinsMonro(RawRobbinsMonro { scale, offset, exponent }) => {
                let schedule = RobbinsMonro::new(*scale, *offset, exponent.unwrap_or(1.0));
                let key = match &schedule {
                    Err(DynamicsError::NotPositive { what, .. }) if what.contains("scale") => "scale",
                    Err(DynamicsError::NotPositive { .. }) => "offset",
                    _ => "exponent",
                };
                self.ok(&format!("{path}.robbins_monro.{key}"), schedule).map(Schedule::RobbinsMonro)
            }
            RawSchedule::Cyclical(RawCyclical { low, high, period, high_steps }) => {
                let at = |key: &str| format!("{path}.cyclical.{key}");
                let low = self.ok(&at("low"), StepSize::new(*low));
                let high = self.ok(&at("high"), StepSize::new(*high));
                let schedule = Cyclical::new(high?, low?, *high_steps, *period);
                let key = if matches!(schedule, Err(DynamicsError::StepOrder { .. })) { "low" } else { "high_steps" };
                self.ok(&at(key), schedule).map(Schedule::Cyclical)
            }
        }
    }

    pub(super) fn start(&mut self, path: &str, raw: &RawStart, d: usize) -> Option<Start> {
        match raw {
            RawStart::Minimiser => self.ok(path, Start::new(vec![0.0; d], 0.0)),
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
                let point = sphere_point(random.radius, random.seed, "start", d);
                self.ok(&format!("{path}.random_point"), Start::new(point, 0.0))
            }
            RawStart::Gaussian(gaussian) => {
                self.ok(&format!("{path}.gaussian.spread"), Start::new(vec![0.0; d], gaussian.spread))
            }
        }
    }

    /// The recorded steps of a process that starts at no error of the spec's choosing.
    pub(super) fn steps_without_path(
        &mut self,
        raw: &RawSpec,
        schedule: &Option<Option<Schedule>>,
    ) -> Option<Vec<u64>> {
        match &raw.process {
            RawProcess::BatchGradient(batch_gradient) => self.batches(batch_gradient),
            RawProcess::CovarianceEstimate(estimate) => self.sample_counts(estimate),
            RawProcess::Training(training) => {
                let constant = match schedule {
                    Some(Some(Schedule::Constant(eta))) => Some(eta.get()),
                    _ => None,
                };
                self.recorded("training", &training.horizon, &training.record, constant)
            }
            _ => Some(vec![0]),
        }
    }

    /// The batches of a process that is nothing else.
    fn batches(&mut self, batch_gradient: &RawBatchGradient) -> Option<Vec<u64>> {
        let batches = batch_gradient.batches.unwrap_or(1);
        if !(1..=MOST_RECORDS).contains(&batches) {
            let message = format!("batches is {batches}: it must be between 1 and {MOST_RECORDS}");
            self.fail("process.batch_gradient.batches", message, None);
            return None;
        }
        Some((1..=batches).collect())
    }

    pub(super) fn sample_counts(&mut self, estimate: &RawCovarianceEstimate) -> Option<Vec<u64>> {
        self.record_count("covariance_estimate", "samples", estimate.samples.len() as u64)?;
        let mut samples = estimate.samples.clone();
        if let Some(i) = samples.iter().position(|n| !(2..=MOST_STEPS).contains(n)) {
            let message = format!("samples has {}: a covariance needs from 2 to {MOST_STEPS}", samples[i]);
            self.fail(&format!("process.covariance_estimate.samples.{i}"), message, None);
            return None;
        }
        if let Some(eta) = estimate.candidate_step_size {
            self.positive("process.covariance_estimate.candidate_step_size", "candidate_step_size", eta)?;
        }
        samples.sort_unstable();
        samples.dedup();
        Some(samples)
    }

    /// The steps that are recorded, ascending; `interval` is the time of a step, if all take the same.
    pub(super) fn recorded(
        &mut self,
        kind: &str,
        horizon: &RawHorizon,
        record: &RawRecord,
        interval: Option<f64>,
    ) -> Option<Vec<u64>> {
        let path = match horizon {
            RawHorizon::Steps(_) => format!("process.{kind}.horizon.steps"),
            RawHorizon::Time(_) => format!("process.{kind}.horizon.time"),
        };
        let horizon = match horizon {
            RawHorizon::Steps(steps) => *steps as f64,
            RawHorizon::Time(time) => {
                self.positive(&path, "time", *time)?;
                let Some(interval) = interval else {
                    self.fail(&path, "a horizon in time needs constant steps", Some("write horizon.steps = …"));
                    return None;
                };
                // A time that is a whole number of steps up to rounding takes that many.
                let steps = time / interval;
                if (steps - steps.round()).abs() < 1e-9 * steps { steps.round() } else { steps.ceil() }
            }
        };
        if !(1.0..=MOST_STEPS as f64).contains(&horizon) {
            let message = format!("the horizon is {} steps: it must lie between 1 and {MOST_STEPS}", short(horizon));
            self.fail(&path, message, None);
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and between 1 and 2⁴⁰")]
        let horizon = horizon as u64;
        let mut recorded = match record {
            RawRecord::Logarithmic(n) => {
                self.record_count(kind, "logarithmic", *n)?;
                let ratio = libm::log(horizon as f64) / (*n as f64 - 1.0).max(1.0);
                (0..*n).map(|i| nearest_step(libm::exp(ratio * i as f64), horizon)).chain([horizon]).collect()
            }
            RawRecord::Linear(n) => {
                self.record_count(kind, "linear", *n)?;
                let distance = horizon as f64 / *n as f64;
                (1..=*n).map(|i| nearest_step(distance * i as f64, horizon)).chain([horizon]).collect()
            }
            RawRecord::Steps(steps) => {
                self.record_count(kind, "steps", steps.len() as u64)?;
                if let Some(i) = steps.iter().position(|step| *step > horizon) {
                    let message = format!("step {} is beyond the horizon of {horizon} steps", steps[i]);
                    self.fail(&format!("process.{kind}.record.steps.{i}"), message, None);
                    return None;
                }
                steps.clone()
            }
        };
        recorded.sort_unstable();
        recorded.dedup();
        Some(recorded)
    }

    pub(super) fn record_count(&mut self, kind: &str, key: &str, n: u64) -> Option<()> {
        if (1..=MOST_RECORDS).contains(&n) {
            return Some(());
        }
        let message = format!("{key} asks for {n} recorded steps: it must be between 1 and {MOST_RECORDS}");
        let path = if key == "samples" { key.to_owned() } else { format!("record.{key}") };
        self.fail(&format!("process.{kind}.{path}"), message, None);
        None
    }
}

fn nearest_step(step: f64, horizon: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, positive, and at most 2⁴⁰")]
    let rounded = step.round().max(1.0) as u64;
    rounded.min(horizon)
}
