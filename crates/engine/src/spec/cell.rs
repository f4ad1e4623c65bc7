//! One cell: a point of the sweep in one variant, built into a process that can be simulated and predicted.

use dynamics::block::WIDTH;
use dynamics::problem::Quadratic;
use dynamics::{Observable, Process as _, process};
use sampling::designs::AnyDesign;
use sampling::stream::STREAM_VERSION;

use super::context::Context;
use super::diagnostic::Problems;
use super::expression::Scalars;
use super::points::Point;
use super::raw::{RawMeasure, RawObservable, RawProblem, RawProcess};
use crate::layout::Layout;

/// The process of a cell.
pub type Process = process::Sgd<AnyDesign>;

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
    /// d.
    pub dimension: usize,
    /// The steps that are recorded, ascending.
    pub recorded: Vec<u64>,
    /// What is simulated, and predicts.
    pub process: Process,
    /// What is observed, measure by measure, in the coordinates of the process.
    pub observables: Vec<Observable>,
    /// The value of each measure's scale.
    pub scales: Vec<f64>,
    /// BLAKE3 of all that the cell's numbers depend on.
    pub hash: String,
}

impl Cell {
    /// Coordinate-steps of the whole cell: d × steps × replicates; `None` if that overflows.
    #[must_use]
    pub fn work(&self, layout: &Layout) -> Option<u64> {
        let steps = self.recorded.last().copied().unwrap_or(0);
        let replicates = layout.blocks_per_section.checked_mul(WIDTH as u64)?.checked_mul(layout.sections as u64)?;
        steps.checked_mul(self.dimension as u64)?.checked_mul(replicates)
    }

    /// t = Σ η_k at the n-th recorded step.
    #[must_use]
    pub fn time(&self, n: usize) -> f64 {
        self.recorded[n] as f64 * self.scalars.get("eta").unwrap_or(f64::NAN)
    }
}

/// Builds the cell of `point`, or reports all that is wrong with it.
pub fn resolve(
    point: &Point,
    measures: &[RawMeasure],
    seed: u64,
    layout: &Layout,
    problems: &mut Problems,
) -> Option<Cell> {
    let mut cx = Context { point, problems };
    let RawProblem::Quadratic(quadratic) = &point.raw.problem;
    let RawProcess::Sgd(sgd) = &point.raw.process;
    cx.dimension(quadratic.dimension)?;
    let parts = cx.quadratic(quadratic);
    let (design, batch_size) = cx.design(&point.raw.sampling);
    let schedule = cx.schedule(sgd);
    let start = cx.start(&sgd.start, quadratic.dimension);
    let recorded = schedule.and_then(|schedule| cx.recorded(sgd, schedule));
    let (parts, design, schedule, start, recorded) = (parts?, design?, schedule?, start?, recorded?);
    let step_size = schedule.largest();
    let problem =
        cx.ok("problem.quadratic", Quadratic::new(parts.curvature, parts.noise, parts.fisher, parts.minimiser))?;
    let process = cx.stable(process::Sgd::new(&problem, schedule, design, &start))?;
    let last_step = recorded.last().copied().unwrap_or(0);
    let (h_min, h_max) = extremes(process.frame().rates());
    let scalars = Scalars::new(vec![
        ("b", batch_size as f64),
        ("d", quadratic.dimension as f64),
        ("eta", step_size),
        ("lambda_max", h_max),
        ("lambda_min", h_min),
        ("last_step", last_step as f64),
        ("tau", step_size * process.variance_factor()),
        ("trace_G", problem.noise().trace()),
        ("trace_H", problem.curvature().trace()),
    ]);
    let mut observables = Vec::new();
    let mut scales = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        let observable = cx.observable(&problem, &parts.given_noise, &process, step_size, &measure.observe, i);
        let scale = cx.scale(&format!("measure.{i}.scale"), measure.scale.as_deref(), &scalars);
        observables.push(observable?);
        scales.push(scale?);
    }
    Some(Cell {
        coordinates: point.coordinates.clone(),
        key: point.key(),
        variant: point.variant,
        dimension: quadratic.dimension,
        hash: hash(point, measures, seed, layout),
        scalars,
        recorded,
        process,
        observables,
        scales,
    })
}

/// BLAKE3 of all that the simulated numbers depend on; comments, the order of keys, claims and figures do not count.
fn hash(point: &Point, measures: &[RawMeasure], seed: u64, layout: &Layout) -> String {
    let observed: Vec<&RawObservable> = measures.iter().map(|measure| &measure.observe).collect();
    let raw = &point.raw;
    let layout = (layout.sections, layout.blocks_per_section, WIDTH);
    let content = serde_json::json!([
        STREAM_VERSION,
        seed,
        layout,
        point.key(),
        raw.problem,
        raw.sampling,
        raw.process,
        observed
    ]);
    blake3::hash(content.to_string().as_bytes()).to_hex().to_string()
}

fn extremes(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, 0.0), |(low, high), &value| (value.min(low), value.max(high)))
}
