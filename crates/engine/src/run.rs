//! A run from a spec to its folder of results, and the check of results that are already there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dynamics::DynamicsError;
use rayon::prelude::*;

use crate::judge::Trial;
use crate::layout::Layout;
use crate::predict::{Prediction, predict};
use crate::progress::{Event, Progress, Stage};
use crate::report;
use crate::simulate::{CellData, extend};
use crate::spec::{LANGUAGE_VERSION, Spec};
use crate::store::parts::Parts;
use crate::store::{Costs, Lock, Manifest, StoreError, atomic};
use crate::table;
use crate::verdict::Judgement;

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
    progress.event(&Event::Began(Stage::Predicting));
    let predictions = pool.install(|| predict(spec))?;
    let costs = Mutex::new(Costs::read(out));
    let simulation = Simulation { spec, parts: &parts, force: options.force, stop, progress, costs: &costs };
    let decided = pool.install(|| simulation.decide(&predictions));
    // Noted of an interrupted run too, whose cells are not simulated again.
    let costs = costs.into_inner().unwrap_or_else(PoisonError::into_inner);
    costs.write(out, spec.cells.iter().map(|cell| &cell.hash))?;
    let (data, judgement, simulated) = decided?;
    progress.event(&Event::Began(Stage::Writing));
    publish(spec, out, &data, &predictions, &judgement)?;
    Ok(Outcome { judgement, simulated })
}

/// Judges stored results again with today's theory, without simulating or writing.
///
/// # Errors
/// [`EngineError::Store`] if results are missing, incomplete or corrupt.
pub fn check(spec: &Spec, out: &Path) -> Result<Judgement, EngineError> {
    let manifest = Manifest::read(out)?;
    manifest.verify(out)?;
    check_against(spec, out, &manifest, &predict(spec)?)
}

/// Judges stored results by some laws; `manifest` is that of the folder, and has been verified.
pub(crate) fn check_against(
    spec: &Spec,
    out: &Path,
    manifest: &Manifest,
    predictions: &[Prediction],
) -> Result<Judgement, EngineError> {
    let parts = Parts::of(out);
    let mut trial = Trial::new(spec);
    let mut data: Vec<CellData> = spec.cells.iter().map(|cell| CellData::nothing(spec, cell)).collect();
    let mut wanted: Vec<usize> = (0..spec.cells.len()).collect();
    for look in &spec.looks {
        let damaged = parts.read_all(spec, &wanted, *look, &mut data)?;
        if let Some(error) = damaged.into_iter().next() {
            return Err(error.into());
        }
        let lacking: Vec<usize> = wanted.into_iter().filter(|c| data[*c].layout != *look).collect();
        // A cell that ended at an earlier look lacks nothing, though today's theory wants more of it.
        let missing = lacking.iter().filter(|c| data[**c].replicates() < manifest.replicates_of(**c)).count();
        if missing > 0 {
            return Err(StoreError::Incomplete { path: out.to_owned(), missing, cells: spec.cells.len() }.into());
        }
        trial.give_up(&lacking);
        trial.look(&data, predictions);
        wanted = trial.unsettled();
    }
    Ok(trial.end())
}

/// So many threads; `None` for one per core.
pub(crate) fn threads(number: Option<usize>) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new();
    number.into_iter().fold(pool, rayon::ThreadPoolBuilder::num_threads).build()
}

/// What simulates cells look by look, until their tests are decided.
struct Simulation<'a> {
    spec: &'a Spec,
    parts: &'a Parts,
    force: bool,
    stop: &'a AtomicBool,
    progress: &'a dyn Progress,
    costs: &'a Mutex<Costs>,
}

impl Simulation<'_> {
    /// The data of all cells, from the store or simulated and stored; their verdicts; and how many were simulated.
    ///
    /// Decisions fall between looks, when all data of one is there, so they do not depend on threads or interruptions.
    fn decide(&self, predictions: &[Prediction]) -> Result<(Vec<CellData>, Judgement, usize), EngineError> {
        let Simulation { spec, progress, .. } = self;
        let mut trial = Trial::new(spec);
        let mut data: Vec<CellData> = spec.cells.iter().map(|cell| CellData::nothing(spec, cell)).collect();
        let mut wanted: Vec<usize> = (0..spec.cells.len()).collect();
        let mut simulated = BTreeSet::new();
        for look in &spec.looks {
            simulated.extend(self.complete(*look, &wanted, &mut data)?);
            trial.look(&data, predictions);
            wanted = trial.unsettled();
            if wanted.is_empty() {
                break;
            }
        }
        progress.event(&Event::Simulated);
        Ok((data, trial.end(), simulated.len()))
    }

    /// Brings the data of `wanted` to a look, and returns those of them that were simulated.
    fn complete(&self, look: Layout, wanted: &[usize], data: &mut [CellData]) -> Result<Vec<usize>, EngineError> {
        let Simulation { spec, parts, progress, .. } = *self;
        let damaged = if self.force { Vec::new() } else { parts.read_all(spec, wanted, look, data)? };
        for error in damaged {
            progress.event(&Event::Ignored { reason: error.to_string() });
        }
        let missing: Vec<usize> = wanted.iter().copied().filter(|c| data[*c].layout != look).collect();
        let added = |c: usize| look.with_blocks(look.blocks_per_section - data[c].layout.blocks_per_section);
        let work = missing.iter().filter_map(|c| spec.cells[*c].work(&added(*c))).sum();
        let (cells, stored) = (wanted.len(), wanted.len() - missing.len());
        let number = spec.looks.iter().position(|other| *other == look).map_or(1, |n| n + 1);
        progress.event(&Event::Planned { look: number, cells, stored, coordinate_steps: work });
        let done = AtomicUsize::new(stored);
        // A cell that cannot be stored ends this run, but raises no flag of the caller's.
        let failed = AtomicBool::new(false);
        let keep_going = || !self.stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed);
        let simulate = |c: usize| -> Result<Option<(usize, CellData)>, EngineError> {
            let (cell, watch) = (&spec.cells[c], Stopwatch { progress, nanoseconds: AtomicU64::new(0) });
            let Some(extended) = extend(spec, cell, &data[c], look, &keep_going, &watch) else { return Ok(None) };
            if let Err(error) = parts.publish(spec, cell, &extended) {
                failed.store(true, Ordering::Relaxed);
                return Err(error.into());
            }
            let is_first = data[c].replicates() == 0;
            self.costs.lock().unwrap_or_else(PoisonError::into_inner).note(&cell.hash, watch.seconds(), is_first);
            progress.event(&Event::CellDone { done: done.fetch_add(1, Ordering::Relaxed) + 1 });
            Ok(Some((c, extended)))
        };
        let extended: Vec<_> = missing.par_iter().map(|c| simulate(*c)).collect::<Result<_, EngineError>>()?;
        for (c, extended) in extended.into_iter().flatten() {
            data[c] = extended;
        }
        match done.into_inner() {
            done if done < cells => Err(EngineError::Interrupted { done, cells }),
            _ => Ok(missing),
        }
    }
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
        replicates: data.iter().map(CellData::replicates).max().unwrap_or(0),
        cell_replicates: Manifest::differing(data.iter().map(CellData::replicates).collect()),
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
