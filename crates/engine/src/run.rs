//! A run from a spec to its folder of results: whole, or shard by shard and then merged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use dynamics::DynamicsError;

use crate::bounds::{Bounds, TooMuchWork};
use crate::judge::Trial;
use crate::looks::{all_cells, follow};
use crate::plan;
use crate::predict::{Prediction, predict, predict_cells};
use crate::progress::{Event, Progress, Stage};
use crate::publish::publish;
use crate::shard::{Shard, named};
use crate::simulate::CellData;
use crate::simulation::Simulation;
use crate::spec::Spec;
use crate::store::atomic::Writer;
use crate::store::parts::Parts;
use crate::store::{Costs, Lock, Manifest, ShardPlan, StoreError, atomic, refuse_link, shards, space};
use crate::verdict::Judgement;

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The folder of this spec's results.
    pub out: PathBuf,
    /// Simulate even what is stored, and replace what belongs to another spec or version.
    pub force: bool,
    /// Threads; `None` for one per core. The results do not depend on it.
    pub threads: Option<usize>,
    /// How much work is done.
    pub bounds: Bounds,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The verdicts.
    pub judgement: Judgement,
    /// Cells that were simulated; the others were stored.
    pub simulated: usize,
}

/// A finished shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardOutcome {
    /// Its cells, all of them stored.
    pub cells: usize,
    /// Those that were simulated now.
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
    /// A command that stores nothing was told to stop.
    #[error("interrupted: nothing was written")]
    Stopped,
    /// The simulation of some cells panicked; the others are stored.
    #[error(
        "{} panicked, and the others are stored. This is a bug of ours: please report it with the spec, the message above, \
         and `cargo xtask replay {file} --cell {} --block 0`", named("cell", cells), cells.first().unwrap_or(&0)
    )]
    Panicked {
        /// The cells, ascending.
        cells: Vec<usize>,
        /// The file of the spec.
        file: String,
    },
    /// It would take too long.
    #[error(transparent)]
    TooMuchWork(#[from] TooMuchWork),
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
    make_folder(spec, options)?;
    let _lock = Lock::take(out)?;
    atomic::clean(out, Writer::Alone)?;
    if !options.force {
        belongs_here(spec, out)?;
    }
    space::require(out, plan::bytes(spec))?;
    let parts = Parts::open(out)?;
    let pool = threads(options.threads)?;
    progress.event(&Event::Began(Stage::Predicting));
    let predictions = pool.install(|| predict(spec))?;
    let costs = Mutex::new(Costs::read(out));
    let simulation = Simulation { spec, parts: &parts, force: options.force, stop, progress, costs: &costs };
    let mut simulated = BTreeSet::new();
    let decided = pool.install(|| {
        let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
            simulated.extend(simulation.complete(look, wanted, data)?);
            Ok(Vec::new())
        };
        follow(spec, Trial::new(spec), all_cells(spec), complete, &mut |_, trial, data| {
            trial.look(data, &predictions);
            Ok(())
        })
    });
    // Noted of an interrupted run too, whose cells are not simulated again.
    let costs = costs.into_inner().unwrap_or_else(PoisonError::into_inner);
    costs.write(out, spec.cells.iter().map(|cell| &cell.hash))?;
    let (trial, data) = decided?;
    progress.event(&Event::Simulated);
    let judgement = trial.end();
    progress.event(&Event::Began(Stage::Writing));
    publish(spec, out, &data, &predictions, &judgement)?;
    Ok(Outcome { judgement, simulated: simulated.len() })
}

/// Simulates and stores what is not stored yet of the cells of `shard`, beside other shards that write into the same folder.
///
/// # Errors
/// [`EngineError`], of it [`StoreError::Foreign`] if the folder holds shards of another spec, version or number.
pub fn run_shard(
    spec: &Spec,
    shard: Shard,
    options: &RunOptions,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<ShardOutcome, EngineError> {
    let out = &options.out;
    make_folder(spec, options)?;
    let plan = ShardPlan::new(spec, shard.of);
    if options.force { plan.replace(out) } else { plan.agree(out) }?;
    let parts = Parts::share(out)?;
    let (pool, cells) = (threads(options.threads)?, shard.cells(spec));
    let predictions = match spec.is_sequential() {
        false => Vec::new(),
        true => {
            progress.event(&Event::Began(Stage::Predicting));
            pool.install(|| predict_cells(spec, &cells))?
        }
    };
    // Many processes would write into one file, and none of them knows the others' numbers.
    let costs = Mutex::new(Costs::default());
    let simulation = Simulation { spec, parts: &parts, force: options.force, stop, progress, costs: &costs };
    let mut simulated = BTreeSet::new();
    pool.install(|| {
        let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
            simulated.extend(simulation.complete(look, wanted, data)?);
            Ok(Vec::new())
        };
        let trial = Trial::of_shard(spec, &cells);
        follow(spec, trial, cells.clone(), complete, &mut |look, trial, data| {
            if look != spec.layout {
                trial.look(data, &predictions);
            }
            Ok(())
        })
    })?;
    progress.event(&Event::Simulated);
    Ok(ShardOutcome { cells: cells.len(), simulated: simulated.len() })
}

/// Judges the parts that all shards have stored, and publishes what a single run would have published, byte for byte.
///
/// # Errors
/// [`StoreError::Unmerged`] if a cell is missing, [`StoreError::Foreign`] if the shards are those of another spec or version,
/// [`StoreError::Corrupt`] or [`StoreError::OtherEngine`] for a part that cannot be used, [`EngineError`] otherwise; nothing
/// is published then.
pub fn merge(spec: &Spec, options: &RunOptions, progress: &dyn Progress) -> Result<Outcome, EngineError> {
    let out = &options.out;
    if !out.is_dir() {
        return Err(StoreError::Missing { path: out.clone() }.into());
    }
    let _lock = Lock::take(out)?;
    let shards = ShardPlan::read(out)?;
    if !options.force {
        belongs_here(spec, out)?;
        let foreign = shards.as_ref().and_then(|plan| ShardPlan::new(spec, plan.shards).difference(plan));
        if let Some(of) = foreign {
            return Err(StoreError::foreign(out, of).into());
        }
    }
    let (parts, pool) = (Parts::own(out), threads(options.threads)?);
    progress.event(&Event::Began(Stage::Predicting));
    let predictions = pool.install(|| predict(spec))?;
    let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
        if let Some(damaged) = parts.read_all(spec, wanted, look, data)?.into_iter().next() {
            return Err(damaged.into());
        }
        let lacking: Vec<usize> = wanted.iter().copied().filter(|c| data[*c].layout != look).collect();
        if lacking.is_empty() { Ok(lacking) } else { Err(unmerged(spec, out, &lacking, shards.as_ref()).into()) }
    };
    let (trial, data) = follow(spec, Trial::new(spec), all_cells(spec), complete, &mut |_, trial, data| {
        trial.look(data, &predictions);
        Ok(())
    })?;
    let judgement = trial.end();
    progress.event(&Event::Began(Stage::Writing));
    publish(spec, out, &data, &predictions, &judgement)?;
    parts.clean_after_shards()?;
    atomic::remove(&out.join(shards::FILE))?;
    Ok(Outcome { judgement, simulated: 0 })
}

/// So many threads; `None` for one per core.
pub(crate) fn threads(number: Option<usize>) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new();
    number.into_iter().fold(pool, rayon::ThreadPoolBuilder::num_threads).build()
}

/// Evaluates predictions when they are asked for first.
pub(crate) fn predicted<'a>(
    spec: &Spec,
    predictions: &'a mut Option<Vec<Prediction>>,
) -> Result<&'a [Prediction], DynamicsError> {
    Ok(match predictions {
        Some(predictions) => predictions,
        none => none.insert(predict(spec)?),
    })
}

/// Makes the folder of results, unless the experiment is beyond bounds, or a link leads elsewhere.
fn make_folder(spec: &Spec, options: &RunOptions) -> Result<(), EngineError> {
    options.bounds.check_work(spec)?;
    let out = &options.out;
    // The folder of reports is the user's choice, and may be a link; those below it are named by the spec.
    for folder in out.ancestors().take(spec.place().split('/').count()) {
        refuse_link(folder)?;
    }
    std::fs::create_dir_all(out).map_err(StoreError::io("make the folder", out))?;
    Ok(())
}

/// Refuses a folder whose results are those of another spec or version. A damaged manifest vouches for nothing.
fn belongs_here(spec: &Spec, out: &Path) -> Result<(), StoreError> {
    match Manifest::read(out).ok().and_then(|manifest| manifest.belongs_elsewhere(&spec.name)) {
        Some(of) => Err(StoreError::foreign(out, of)),
        None => Ok(()),
    }
}

fn unmerged(spec: &Spec, out: &Path, lacking: &[usize], plan: Option<&ShardPlan>) -> StoreError {
    let remedy = match plan {
        None => "them".to_owned(),
        Some(plan) => {
            let of = |index| Shard { index, of: plan.shards };
            let lacks = |index: &usize| of(*index).cells(spec).iter().any(|cell| lacking.contains(cell));
            let shards: Vec<usize> = (0..plan.shards.min(spec.cells.len())).filter(lacks).collect();
            format!("{} of {}", named("shard", &shards), plan.shards)
        }
    };
    StoreError::Unmerged { path: out.to_owned(), cells: named("cell", lacking), of_cells: spec.cells.len(), remedy }
}
