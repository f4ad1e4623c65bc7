//! Processes of models: what is read off them, and the training that changes them.

use std::ops::Range;
use std::sync::Arc;

use dynamics::DynamicsError;
use dynamics::model::Family;
use dynamics::process::Training;
use dynamics::reading::{Block, Centring, CurvatureMatrix, Direction, FitPart, Hessians, NoiseSource, Reading, Size};
use dynamics::schedule::{Schedule, StepSize};

use super::context::{Context, short};
use super::memory::gigabytes_of_models;
use super::problem::Problem;
use super::process::{Built, Parts};
use super::raw::{
    RawBlock, RawCentring, RawCommutation, RawCurvatureMatrix, RawDirection, RawDirectionalAlignment, RawEnsemble,
    RawFitPart, RawHessians, RawLeading, RawMeasure, RawNoiseAlong, RawNoiseCurvature, RawNoiseSource, RawObservable,
    RawProblem, RawProcess, RawReading, RawSharpness, RawSize, RawSpec,
};
use crate::bounds::MOST_GIGABYTES;

/// The fewest directions of a fit.
const FEWEST_DIRECTIONS: usize = 3;

impl Context<'_> {
    /// Models are trained or read; problems with a known minimiser have processes that move around it.
    pub(super) fn models_are_trained(&mut self, raw: &RawSpec) -> Option<()> {
        let is_training = matches!(raw.process, RawProcess::Training(_) | RawProcess::Evaluation(_));
        let (process, problem) = (raw.process.kind(), raw.problem.kind());
        let (path, message, help) = match (&raw.problem, is_training) {
            (RawProblem::LinearModel(_) | RawProblem::Network(_), false) => (
                format!("process.{process}"),
                format!("process.{process} moves around a known minimiser, and problem.{problem} has none"),
                "train it by process.training, or read it by process.evaluation",
            ),
            (RawProblem::Ensemble(RawEnsemble { samples: None, .. }), true) => (
                "problem.ensemble".to_owned(),
                format!(
                    "process.{process} takes models with samples of their own, and `samples` does not say how many"
                ),
                "write samples = … in this table",
            ),
            (RawProblem::LinearModel(_) | RawProblem::Network(_) | RawProblem::Ensemble(_), _) | (_, false) => {
                return Some(());
            }
            (_, true) => (
                format!("process.{process}"),
                format!("process.{process} takes models, and problem.{problem} is none"),
                "use process.sgd, or problem.ensemble, linear_model or network",
            ),
        };
        self.fail(&path, message, Some(help));
        None
    }

    /// The process of a model that is trained, or only read.
    pub(super) fn training(
        &mut self,
        raw: &RawSpec,
        parts: Parts,
        problem: &Problem,
        measures: &[RawMeasure],
    ) -> Option<Built> {
        let family = problem.family.as_ref()?;
        let n = family.n_samples();
        let (batch_size, replacement) = self.batches_of_data(raw, n)?;
        let (readings, rows) = self.readings(family.as_ref(), measures)?;
        let schedule = match parts.schedule {
            Some(schedule) => schedule,
            // Of a model that takes no steps.
            None => Schedule::Constant(self.ok("process", StepSize::new(1.0))?),
        };
        let mut scalars = vec![("b", batch_size as f64), ("n", n as f64), ("p", family.n_parameters() as f64)];
        if let (RawProcess::Training(_), Schedule::Constant(eta)) = (&raw.process, schedule) {
            scalars.push(("eta", eta.get()));
        }
        let measured = parts.recorded.clone();
        let room = family.room(&readings);
        let training = Training::new(family.clone(), schedule, batch_size, replacement, readings, measured);
        let training = self.ok(&format!("sampling.{}.batch_size", raw.sampling.kind()), training)?;
        let samples_a_step = usize::try_from(batch_size).unwrap_or(usize::MAX);
        let work = family.n_parameters().saturating_mul(samples_a_step);
        Some(Built { process: Arc::new(training), recorded: parts.recorded, scalars, readings: rows, work, room })
    }

    /// What the measures read, and which rows belong to each.
    fn readings(&mut self, family: &dyn Family, measures: &[RawMeasure]) -> Option<(Vec<Reading>, Vec<Range<usize>>)> {
        let (mut readings, mut rows, mut end) = (Vec::new(), Vec::new(), 0);
        for (i, measure) in measures.iter().enumerate() {
            let RawObservable::Reading(raw) = &measure.observe else {
                rows.push(end..end);
                continue;
            };
            let path = format!("measure.{i}.observe.reading");
            let reading = self.reading_of(raw, &path)?;
            if let Some(message) = refusal(family, &reading) {
                self.fail(&format!("{path}.{}", raw.kind()), message, None);
                return None;
            }
            rows.push(end..end + raw.n_components());
            end += raw.n_components();
            readings.push(reading);
        }
        Some((readings, rows))
    }

    fn reading_of(&mut self, raw: &RawReading, path: &str) -> Option<Reading> {
        Some(match raw {
            RawReading::Loss => Reading::Loss,
            RawReading::Accuracy => Reading::Accuracy,
            RawReading::SquaredHessianDistance => Reading::SquaredHessianDistance,
            RawReading::NoiseCurvature(RawNoiseCurvature { part, directions, noise, hessians }) => {
                let path = format!("{path}.noise_curvature");
                if *directions < FEWEST_DIRECTIONS {
                    let message = format!("directions is {directions}: a fit needs at least {FEWEST_DIRECTIONS}");
                    self.fail(&format!("{path}.directions"), message, None);
                    return None;
                }
                let hessians = self.hessians(hessians.as_ref(), &format!("{path}.hessians"))?;
                let part = match part {
                    RawFitPart::Exponent => FitPart::Exponent,
                    RawFitPart::StandardError => FitPart::StandardError,
                    RawFitPart::RSquared => FitPart::RSquared,
                };
                Reading::NoiseCurvature { part, directions: *directions, noise: source(*noise), hessians }
            }
            RawReading::NoiseAlong(RawNoiseAlong { directions, noise }) => {
                let directions = self.directions_read(*directions, &format!("{path}.noise_along"))?;
                Reading::NoiseAlong { directions, noise: source(*noise) }
            }
            RawReading::CurvatureAlong(RawLeading { directions }) => {
                let directions = self.directions_read(*directions, &format!("{path}.curvature_along"))?;
                Reading::CurvatureAlong { directions }
            }
            RawReading::Commutation(RawCommutation { part, directions, over_baseline }) => {
                let part = match part {
                    None | Some(RawBlock::Total) => Block::Total,
                    Some(RawBlock::Top) => Block::Top,
                    Some(RawBlock::Bulk) => Block::Bulk,
                };
                let directions = self.directions_read(*directions, &format!("{path}.commutation"))?;
                Reading::Commutation { part, directions, over_baseline: over_baseline.unwrap_or(true) }
            }
            RawReading::DiagonalEnergy(RawLeading { directions }) => {
                let directions = self.directions_read(*directions, &format!("{path}.diagonal_energy"))?;
                Reading::DiagonalEnergy { directions }
            }
            RawReading::Alignment(noise) => Reading::Alignment(centring(*noise)),
            RawReading::DirectionalAlignment(RawDirectionalAlignment { direction, noise }) => {
                let direction = match direction {
                    RawDirection::Gradient => Direction::Gradient,
                    RawDirection::Sharpest => Direction::Sharpest,
                    RawDirection::Random => Direction::Random,
                };
                Reading::DirectionalAlignment { direction, centring: centring(*noise) }
            }
            RawReading::Sharpness(RawSharpness { size, of }) => {
                let size = match size {
                    RawSize::Top => Size::Top,
                    RawSize::Trace => Size::Trace,
                    RawSize::Frobenius => Size::Frobenius,
                };
                let of = match of {
                    RawCurvatureMatrix::GaussNewton => CurvatureMatrix::GaussNewton,
                    RawCurvatureMatrix::Layer => CurvatureMatrix::Layer,
                };
                Reading::Sharpness { size, of }
            }
        })
    }

    fn hessians(&mut self, raw: Option<&RawHessians>, path: &str) -> Option<Hessians> {
        let (hessians, share, key) = match raw {
            None | Some(RawHessians::AsTheyAre) => return Some(Hessians::AsTheyAre),
            Some(RawHessians::Top) => return Some(Hessians::Top),
            Some(RawHessians::Damped(share)) => (Hessians::Damped(*share), share, "damped"),
            Some(RawHessians::Equalised(share)) => (Hessians::Equalised(*share), share, "equalised"),
        };
        if (0.0..1.0).contains(share) {
            return Some(hessians);
        }
        let message = format!("{key} is {share}: a share of the largest eigenvalue must be at least 0 and below 1");
        self.fail(&format!("{path}.{key}"), message, None);
        None
    }

    fn directions_read(&mut self, directions: usize, path: &str) -> Option<usize> {
        if directions > 0 {
            return Some(directions);
        }
        self.fail(&format!("{path}.directions"), "directions is 0: it must be at least 1", None);
        None
    }
}

/// Why a reading cannot be taken of the models of a family: it has no value, or takes too much memory.
fn refusal(family: &dyn Family, reading: &Reading) -> Option<String> {
    if let Some(reason) = family.refuses(reading) {
        return Some(DynamicsError::NotReadable { reading: reading.name(), reason }.to_string());
    }
    let looks_at_noise = match reading {
        Reading::NoiseCurvature { noise, .. } => *noise == NoiseSource::Gradients,
        Reading::Commutation { .. } | Reading::DiagonalEnergy { .. } | Reading::SquaredHessianDistance => true,
        _ => false,
    };
    if looks_at_noise && family.n_samples() < 2 {
        return Some(format!("the {} has no value for one sample, whose gradient has no noise", reading.name()));
    }
    let gigabytes = gigabytes_of_models(family.room(std::slice::from_ref(reading)));
    (gigabytes > MOST_GIGABYTES).then(|| {
        format!(
            "the {} of two models at a time takes about {} GB: at most {MOST_GIGABYTES} are used",
            reading.name(),
            short(gigabytes)
        )
    })
}

fn source(raw: Option<RawNoiseSource>) -> NoiseSource {
    match raw {
        None | Some(RawNoiseSource::Gradients) => NoiseSource::Gradients,
        Some(RawNoiseSource::SquaredHessians) => NoiseSource::SquaredHessians,
    }
}

fn centring(raw: RawCentring) -> Centring {
    match raw {
        RawCentring::Centred => Centring::Centred,
        RawCentring::Uncentred => Centring::Uncentred,
    }
}
