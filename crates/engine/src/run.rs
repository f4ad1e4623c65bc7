//! A run from a spec to its folder of results, and the check of results that are already there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dynamics::DynamicsError;
use rayon::prelude::*;

use crate::predict::{Prediction, predict};
use crate::progress::{Event, Progress, Stage};
use crate::report;
use crate::simulate::{CellData, simulate};
use crate::spec::{Cell, LANGUAGE_VERSION, Spec};
use crate::store::parts::{Found, Parts};
use crate::store::{Costs, Lock, Manifest, StoreError, atomic};
use crate::table;
use crate::verdict::{Judgement, judge};

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The folder of this spec's results.
    pub out: PathBuf,
    /// Simulate even what is stored.
    pub force: bool,
    /// Threads; `None` for one per core. The results do not depend on it.
    pub threads: Option<usize>,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The verdicts.
    pub judgement: Judgement,
    /// Cells that were simulated; the others were stored.
    pub simulated: usize,
}

/// Why there are no verdicts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The folder of results fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A law cannot be evaluated.
    #[error("cannot predict: {0}")]
    Law(#[from] DynamicsError),
    /// The run was told to stop.
    #[error("interrupted with {done} of {cells} cells stored: the same command goes on from there")]
    Interrupted {
        /// Cells that are stored.
        done: usize,
        /// All cells.
        cells: usize,
    },
    /// The threads cannot be started.
    #[error("cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Simulates what is not stored yet, judges, and publishes tables and report in `options.out`.
///
/// `stop` may be raised at any time: cells that are finished stay stored, and the next run goes on from there.
///
/// # Errors
/// [`EngineError`]; cells that are stored stay stored, and a manifest stands only beside the files that it vouches for.
pub fn run(
    spec: &Spec,
    options: &RunOptions,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Outcome, EngineError> {
    let out = &options.out;
    std::fs::create_dir_all(out).map_err(StoreError::io("make the folder", out))?;
    let _lock = Lock::take(out)?;
    atomic::clean(out)?;
    let parts = Parts::open(out)?;
    let pool = threads(options.threads)?;
    let costs = Mutex::new(Costs::read(out));
    let completed = pool.install(|| complete(spec, &parts, options.force, stop, progress, &costs));
    // Noted of an interrupted run too, whose cells are not simulated again.
    let costs = costs.into_inner().unwrap_or_else(PoisonError::into_inner);
    costs.write(out, spec.cells.iter().map(|cell| &cell.hash))?;
    let (data, simulated) = completed?;
    progress.event(&Event::Began(Stage::Predicting));
    let predictions = pool.install(|| predict(spec))?;
    progress.event(&Event::Began(Stage::Judging));
    let judgement = judge(spec, &data, &predictions);
    progress.event(&Event::Began(Stage::Writing));
    publish(spec, out, &data, &predictions, &judgement)?;
    Ok(Outcome { judgement, simulated })
}

/// Judges stored results again with today's theory, without simulating or writing.
///
/// # Errors
/// [`EngineError::Store`] if results are missing, incomplete or corrupt.
pub fn check(spec: &Spec, out: &Path) -> Result<Judgement, EngineError> {
    Manifest::read(out)?.verify(out)?;
    let (data, damaged) = stored(spec, &Parts::of(out))?;
    if let Some(error) = damaged.into_iter().next() {
        return Err(error.into());
    }
    let data: Vec<CellData> = data.into_values().collect();
    if data.len() < spec.cells.len() {
        let (missing, cells) = (spec.cells.len() - data.len(), spec.cells.len());
        return Err(StoreError::Incomplete { path: out.to_owned(), missing, cells }.into());
    }
    Ok(judge(spec, &data, &predict(spec)?))
}

/// So many threads; `None` for one per core.
pub(crate) fn threads(number: Option<usize>) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new();
    number.into_iter().fold(pool, rayon::ThreadPoolBuilder::num_threads).build()
}

/// The cells whose results are stored, by their order, and what is wrong with files that cannot be used.
pub(crate) fn stored(spec: &Spec, parts: &Parts) -> Result<(BTreeMap<usize, CellData>, Vec<StoreError>), StoreError> {
    let (mut stored, mut damaged) = (BTreeMap::new(), Vec::new());
    for (c, cell) in spec.cells.iter().enumerate() {
        match parts.find(spec, cell)? {
            Found::Whole(data) => _ = stored.insert(c, data),
            Found::Nothing => {}
            Found::Damaged(error) => damaged.push(error),
        }
    }
    Ok((stored, damaged))
}

/// The data of all cells, from the store or simulated and stored; and how many were simulated.
fn complete(
    spec: &Spec,
    parts: &Parts,
    force: bool,
    stop: &AtomicBool,
    progress: &dyn Progress,
    costs: &Mutex<Costs>,
) -> Result<(Vec<CellData>, usize), EngineError> {
    let (stored, damaged) = if force { Default::default() } else { stored(spec, parts)? };
    for error in damaged {
        progress.event(&Event::Ignored { reason: error.to_string() });
    }
    let missing: Vec<(usize, &Cell)> = spec.cells.iter().enumerate().filter(|(c, _)| !stored.contains_key(c)).collect();
    let work = missing.iter().filter_map(|(_, cell)| cell.work(&spec.layout)).sum();
    progress.event(&Event::Planned { cells: spec.cells.len(), stored: stored.len(), coordinate_steps: work });
    let simulated = missing.len();
    let all = Mutex::new(stored);
    // A cell that cannot be stored ends this run, but raises no flag of the caller's.
    let failed = AtomicBool::new(false);
    let keep_going = || !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed);
    let finished: Result<(), EngineError> = missing.into_par_iter().try_for_each(|(c, cell)| {
        let watch = Stopwatch { progress, nanoseconds: AtomicU64::new(0) };
        let Some(data) = simulate(spec, cell, &keep_going, &watch) else { return Ok(()) };
        if let Err(error) = parts.publish(spec, cell, &data) {
            failed.store(true, Ordering::Relaxed);
            return Err(error.into());
        }
        costs.lock().unwrap_or_else(PoisonError::into_inner).note(&cell.hash, watch.seconds());
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(c, data);
        progress.event(&Event::CellDone { done: all.len() });
        Ok(())
    });
    finished?;
    let all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    if all.len() < spec.cells.len() {
        return Err(EngineError::Interrupted { done: all.len(), cells: spec.cells.len() });
    }
    progress.event(&Event::Simulated);
    Ok((all.into_values().collect(), simulated))
}

/// Passes events on, and adds up what they took.
struct Stopwatch<'a> {
    progress: &'a dyn Progress,
    nanoseconds: AtomicU64,
}

impl Stopwatch<'_> {
    fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed)).as_secs_f64()
    }
}

impl Progress for Stopwatch<'_> {
    fn event(&self, event: &Event) {
        if let Event::Advanced { time, .. } = event {
            self.nanoseconds.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        self.progress.event(event);
    }
}

/// Writes tables, figures, README.md and, last, the manifest.
fn publish(
    spec: &Spec,
    out: &Path,
    data: &[CellData],
    predictions: &[Prediction],
    judgement: &Judgement,
) -> Result<(), EngineError> {
    let draw = |figure| report::figure::draw(spec, figure, data, predictions, judgement);
    let figures: Vec<_> = spec.figures.iter().map(draw).collect();
    let keys: Vec<Option<String>> = figures.iter().map(|drawn| drawn.as_ref().map(|drawn| drawn.key.clone())).collect();
    let readme = report::markdown::write(spec, data, predictions, judgement, &keys);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let tables =
        [("cells.parquet", table::cells(spec, data, predictions)), ("claims.parquet", table::claims(spec, judgement))];
    for (name, frame) in tables {
        let bytes = frame.and_then(|mut frame| table::to_parquet(spec, &[], &mut frame));
        let bytes = bytes.map_err(|source| StoreError::Table { path: out.join(name), source })?;
        files.push((name.to_owned(), bytes));
    }
    for (figure, drawn) in spec.figures.iter().zip(figures) {
        files.extend(drawn.map(|drawn| (format!("{}.svg", figure.name), drawn.svg.into_bytes())));
    }
    files.push(("README.md".to_owned(), readme.into_bytes()));
    let hashes: BTreeMap<String, String> =
        files.iter().map(|(name, content)| (name.clone(), atomic::hash(content))).collect();
    // Without a manifest nothing vouches for files that are being replaced.
    let replaced = Manifest::withdraw(out)?;
    for (name, content) in &files {
        atomic::write(&out.join(name), content)?;
    }
    let is_plain = |name: &str| Path::new(name).file_name().is_some_and(|file| file == name);
    for stale in replaced.iter().filter(|name| is_plain(name) && !hashes.contains_key(*name)) {
        atomic::remove(&out.join(stale))?;
    }
    let verdicts = spec.claims.iter().zip(&judgement.claims);
    let manifest = Manifest {
        spec: spec.name.clone(),
        spec_hash: spec.hash.clone(),
        schema: LANGUAGE_VERSION,
        engine: crate::VERSION.to_owned(),
        stream_version: sampling::stream::STREAM_VERSION,
        seed: spec.seed,
        replicates: spec.layout.replicates(),
        sections: spec.layout.sections as u64,
        verdict: judgement.overall().word().to_owned(),
        claims: verdicts.map(|(claim, judged)| (claim.name.clone(), judged.verdict.word().to_owned())).collect(),
        files: hashes,
        cells: spec.cells.iter().map(|cell| cell.hash.clone()).collect(),
        points: spec.cells.iter().map(|cell| point(&cell.coordinates)).collect(),
    };
    Ok(manifest.write(out)?)
}

/// What the sweep sets, a text for each key.
fn point(coordinates: &[(String, String)]) -> Vec<String> {
    coordinates.iter().map(|(key, value)| format!("{key}={value}")).collect()
}
