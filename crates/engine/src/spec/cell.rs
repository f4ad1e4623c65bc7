//! One cell: a point of the sweep in one variant, built into a process that can be simulated and predicted.

use std::sync::Arc;

use dynamics::{Observable, Process};
use sampling::stream::STREAM_VERSION;

use super::chance::{self, Chance};
use super::context::Context;
use super::diagnostic::Problems;
use super::files::DataFiles;
use super::memory::Size;
use super::observe::Setting;
use super::points::Point;
use super::problem::Fits;
use super::raw::{RawMeasure, RawProcess};
use super::scalars::Scalars;
use crate::layout::Layout;
use crate::observer::Observer;

/// One variant at one point of the sweep.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What the sweep sets: dotted keys and values.
    pub coordinates: Vec<(String, String)>,
    /// The coordinates as the name of the cell's random streams; variants share it.
    pub key: String,
    /// Which variant, as an index into [`super::Spec::variants`].
    pub variant: usize,
    /// What expressions may speak of.
    pub scalars: Scalars,
    /// Coordinates that a step of one replicate reads: d, or for a model p for each sample.
    pub dimension: usize,
    /// How many samples a step of one replicate draws one by one, where `dimension` does not count them.
    pub samples: u64,
    /// About how many numbers a record of one replicate is read from.
    pub reading: f64,
    /// The steps that are recorded, ascending.
    pub recorded: Vec<u64>,
    /// t at each recorded step.
    pub times: Vec<f64>,
    /// Steps that tell whether there is an exact law: none for a process that has one at every step or at none.
    pub probe: Vec<u64>,
    /// What chance does to its numbers.
    pub chance: Chance,
    /// How many sections it has.
    pub sections: u64,
    /// What is simulated, and predicts.
    pub process: Arc<dyn Process>,
    /// What is observed, measure by measure, in the coordinates of the process.
    pub observers: Vec<Observer>,
    /// BLAKE3 of all that the cell's numbers depend on.
    pub hash: String,
}

impl Cell {
    /// Coordinate-steps of the whole cell: d × steps × replicates, where a reading counts as a step; `None` if that
    /// overflows.
    #[must_use]
    pub fn work(&self, layout: &Layout) -> Option<u64> {
        let steps = self.recorded.last().copied().unwrap_or(0).max(1);
        let replicates =
            layout.blocks_per_section.checked_mul(layout.lanes as u64)?.checked_mul(layout.sections as u64)?;
        steps.checked_mul(self.dimension as u64)?.checked_mul(replicates)
    }

    /// The scalars at the n-th recorded step.
    #[must_use]
    pub fn scalars_at(&self, n: usize) -> Scalars {
        self.scalars.at(self.recorded[n], self.times[n])
    }
}

/// Builds the cell of `point`, or reports all that is wrong with it; `count` refuses a cell for which there is no memory
/// left.
pub(super) fn resolve(
    point: &Point,
    measures: &[RawMeasure],
    seed: u64,
    layout: &Layout,
    problems: &mut Problems,
    (files, fits): (&DataFiles, &Fits),
    count: impl FnOnce(Size) -> Option<String>,
) -> Option<Cell> {
    let mut cx = Context { point, problems, files, fits };
    // Comes first, because all else allocates by it.
    cx.dimension(&point.raw.problem)?;
    cx.models_are_trained(&point.raw)?;
    let problem = cx.problem(&point.raw.problem);
    let parts = cx.parts(&point.raw);
    let (problem, parts) = (problem?, parts?);
    let built = cx.process(&point.raw, parts, &problem, measures)?;
    cx.same_lanes(built.process.as_ref(), layout)?;
    let (dimension, records) = (built.process.frame().dimension(), built.recorded.len());
    if let Some(message) = count(Size { dimension, records, room: built.room, components: 0.0, measures: 0 }) {
        cx.fail("replicates", message, Some("record fewer steps or directions, or sweep fewer cells; `run` and `plan` lift the limit by --unbounded"));
        return None;
    }
    let times: Vec<f64> = built.recorded.iter().map(|&step| built.process.time(step)).collect();
    let last_step = built.recorded.last().copied().unwrap_or(0);
    let values = [("last_step", last_step as f64)].into_iter().chain(built.scalars).collect();
    let scalars = match &problem.known {
        Some(known) => Scalars::of(&known.local, values),
        None => Scalars::new(values),
    };
    let setting = Setting {
        problem: &problem,
        process: built.process.as_ref(),
        readings: &built.readings,
        recorded: &built.recorded,
        times: &times,
        scalars: &scalars,
        is_estimate: matches!(point.raw.process, RawProcess::CovarianceEstimate(_)),
    };
    let observers: Vec<Option<Observer>> =
        measures.iter().enumerate().map(|(i, measure)| cx.observer(&setting, measure, i)).collect();
    let observers = observers.into_iter().collect::<Option<Vec<_>>>()?;
    let components: usize = observers.iter().map(|observer| observer.observable.n_components()).sum();
    Some(Cell {
        coordinates: point.coordinates.clone(),
        key: point.key(),
        variant: point.variant,
        dimension: built.work,
        samples: if built.readings.is_empty() { point.raw.sampling.samples() } else { 1 },
        reading: built.room.model + (dimension * dimension) as f64 * components as f64,
        chance: chance::of(&point.raw, &problem, &built.recorded),
        sections: layout.sections as u64,
        probe: if setting.is_estimate { built.recorded.clone() } else { Vec::new() },
        hash: hash(point, measures, &observers, seed, layout, problem.data_hash.as_deref()),
        scalars,
        recorded: built.recorded,
        times,
        process: built.process,
        observers,
    })
}

/// BLAKE3 of all that the simulated numbers depend on; comments, the order of keys, claims and figures do not count.
fn hash(
    point: &Point,
    measures: &[RawMeasure],
    observers: &[Observer],
    seed: u64,
    layout: &Layout,
    data: Option<&str>,
) -> String {
    let observed: Vec<_> = measures.iter().map(|measure| (&measure.observe, &measure.centre)).collect();
    let raw = &point.raw;
    let layout = (layout.sections, layout.blocks_per_section, layout.lanes);
    let content = serde_json::json!([
        STREAM_VERSION,
        seed,
        layout,
        point.key(),
        raw.problem.without_paths(),
        raw.sampling,
        raw.process,
        observed
    ]);
    let mut content = content.to_string();
    content += data.unwrap_or_default();
    // What a law puts into an observation, to the digits that all processors share.
    for observer in observers {
        let laws = observer.centres.iter().flatten().flatten().chain(observer.gains.iter().flatten());
        laws.for_each(|value| content += &format!("{value:.9e};"));
        if let Observable::Exceeds { bound, .. } = &observer.observable {
            content += &format!("{bound:.9e};");
        }
    }
    blake3::hash(content.as_bytes()).to_hex().to_string()
}
