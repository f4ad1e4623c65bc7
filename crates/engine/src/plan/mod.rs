//! What a run would do, without doing it: its size, what is stored already, and about how long the rest takes.

mod calibrate;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::judge::Trial;
use crate::layout::Layout;
use crate::looks::{all_cells, follow};
use crate::predict::Prediction;
use crate::run::{EngineError, RunOptions, predicted, threads};
use crate::simulate::CellData;
use crate::spec::{Cell, Spec};
use crate::store::StoreError;
use crate::store::parts::Parts;
use calibrate::Prices;

/// Bytes of both tables for each row of `cells.parquet`, and without any: a fit to the specs shipped, of which nine in ten
/// take 0.5 to 1.3 times that.
const TABLE_ROW: f64 = 21.0;
const TABLE: f64 = 13_000.0;
/// Bytes of a part for each of its values, and without any. Values that occur often, such as frequencies, take less.
const PART_VALUE: f64 = 7.6;
const PART: f64 = 3_000.0;
/// Bytes of memory that the program takes whatever it runs.
const PROGRAM: f64 = 6e7;

/// The size of an experiment, and what of it is left to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Where its results stand below the folder of reports.
    pub spec: String,
    /// Its title.
    pub title: String,
    /// Points of the sweep × variants.
    pub cells: usize,
    /// Cells of which a run would simulate nothing.
    pub stored: usize,
    /// Replicates of each cell, the most that it gets.
    pub replicates: u64,
    /// The fewest: those of its first look.
    pub replicates_at_least: u64,
    /// Sections of each cell.
    pub sections: usize,
    /// Recorded steps of all cells together.
    pub recorded_steps: u64,
    /// Rows of `cells.parquet`: a value of each component of each measure at each recorded step.
    pub rows: u64,
    /// Dimension × steps × replicates, summed over all cells.
    pub coordinate_steps: u64,
    /// The same of what is not stored, at most.
    pub coordinate_steps_left: u64,
    /// At least: what is sure to be simulated.
    pub coordinate_steps_left_at_least: u64,
    /// About how many bytes of memory a run needs at once.
    pub memory_bytes: u64,
    /// About how many bytes `cells.parquet` and `claims.parquet` take.
    pub table_bytes: u64,
    /// How many bytes the parts of all cells take, at most about.
    pub part_bytes: u64,
    /// Threads that the time is for.
    pub threads: usize,
    /// About how many seconds the simulation of what is not stored takes, at most.
    pub seconds: f64,
    /// At least.
    pub seconds_at_least: f64,
}

/// What `run` would do with the same options; and stored files that it would not use, with the reason.
///
/// Simulates blocks of the cells that are not stored on all threads for about `patience`, and writes nothing. A single
/// reading of a large network may take longer than that. Of cells that go on until they are decided the least is what is
/// sure to be simulated, and the most what is if no more of them is decided before the last look.
///
/// # Errors
/// [`EngineError::Store`] if the folder of results cannot be read, [`EngineError::Threads`], [`EngineError::Law`].
pub fn plan(spec: &Spec, options: &RunOptions, patience: Duration) -> Result<(Plan, Vec<StoreError>), EngineError> {
    let (left, damaged) = match options.force {
        true => (Left::all(spec), Vec::new()),
        false => left(spec, &Parts::own(&options.out))?,
    };
    let pool = threads(options.threads)?;
    let cells: Vec<&Cell> = left.most.iter().map(|(cell, _)| *cell).collect();
    let prices = Prices::new(spec, &cells, &pool, patience);
    let work = |blocks: &mut dyn Iterator<Item = (&Cell, u64)>| {
        blocks.filter_map(|(cell, blocks)| cell.work(&spec.layout.with_blocks(blocks))).fold(0, u64::saturating_add)
    };
    let rows = rows(spec);
    let whole_cells = spec.cells.iter().map(|cell| (cell, spec.layout.blocks_per_section));
    let plan = Plan {
        spec: spec.place(),
        title: spec.title.clone(),
        cells: spec.cells.len(),
        stored: spec.cells.len() - left.most.len(),
        replicates: spec.layout.replicates(),
        replicates_at_least: spec.looks.first().unwrap_or(&spec.layout).replicates(),
        sections: spec.layout.sections,
        recorded_steps: spec.cells.iter().map(|cell| cell.recorded.len() as u64).sum(),
        rows: whole(rows),
        coordinate_steps: work(&mut { whole_cells }),
        coordinate_steps_left: work(&mut left.most.iter().copied()),
        coordinate_steps_left_at_least: work(&mut left.least.iter().copied()),
        memory_bytes: whole(PROGRAM + spec.memory_bytes),
        table_bytes: whole(table_bytes(spec)),
        part_bytes: whole(part_bytes(spec)),
        threads: pool.current_num_threads(),
        seconds: prices.seconds(&left.most),
        seconds_at_least: prices.seconds(&left.least),
    };
    Ok((plan, damaged))
}

/// About how many bytes the results of a spec take on disk.
pub(crate) fn bytes(spec: &Spec) -> u64 {
    whole(table_bytes(spec) + part_bytes(spec))
}

fn rows(spec: &Spec) -> f64 {
    spec.cells.iter().map(|cell| spec.n_rows(cell) as f64).sum()
}

fn table_bytes(spec: &Spec) -> f64 {
    TABLE + TABLE_ROW * rows(spec)
}

/// A cell that goes to the last look leaves a part at each.
fn part_bytes(spec: &Spec) -> f64 {
    let of_look = PART * spec.cells.len() as f64 + PART_VALUE * rows(spec) * spec.layout.sections as f64;
    spec.looks.len() as f64 * of_look
}

/// The cells that a run would simulate, and how many blocks in each section of them.
struct Left<'a> {
    least: Vec<(&'a Cell, u64)>,
    most: Vec<(&'a Cell, u64)>,
}

impl<'a> Left<'a> {
    fn all(spec: &'a Spec) -> Self {
        let data: Vec<Layout> = spec.cells.iter().map(|_| spec.layout.with_blocks(0)).collect();
        let all: Vec<usize> = (0..spec.cells.len()).collect();
        let first = spec.looks.first().copied().unwrap_or(spec.layout);
        let lacking: Vec<(usize, Layout)> = all.iter().map(|c| (*c, first)).collect();
        Left::new(spec, &data, &lacking, &Trial::new(spec).undecided())
    }

    /// `lacking`: the cells of which the next look is not stored, and that look; `undecided`: those that undecided tests read.
    fn new(spec: &'a Spec, done: &[Layout], lacking: &[(usize, Layout)], undecided: &[usize]) -> Self {
        let beyond = |c: usize, look: &Layout| look.blocks_per_section - done[c].blocks_per_section;
        let least = lacking.iter().map(|(c, look)| (&spec.cells[*c], beyond(*c, look)));
        let mut most: BTreeMap<usize, u64> = lacking.iter().map(|(c, look)| (*c, beyond(*c, look))).collect();
        most.extend(undecided.iter().map(|c| (*c, beyond(*c, &spec.layout))).filter(|(_, blocks)| *blocks > 0));
        Left { least: least.collect(), most: most.into_iter().map(|(c, blocks)| (&spec.cells[c], blocks)).collect() }
    }
}

/// What is left once all that is stored has been looked at, and what is wrong with files that cannot be used.
fn left<'a>(spec: &'a Spec, parts: &Parts) -> Result<(Left<'a>, Vec<StoreError>), EngineError> {
    let mut predictions: Option<Vec<Prediction>> = None;
    let (mut all_lacking, mut damaged) = (Vec::new(), Vec::new());
    let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
        damaged.extend(parts.read_all(spec, wanted, look, data)?);
        let lacking: Vec<usize> = wanted.iter().copied().filter(|c| data[*c].layout != look).collect();
        all_lacking.extend(lacking.iter().map(|c| (*c, look)));
        Ok(lacking)
    };
    let (trial, data) = follow(spec, Trial::new(spec), all_cells(spec), complete, &mut |look, trial, data| {
        // After the last look nothing is left, whatever is decided there.
        if look != spec.layout && !trial.unsettled().is_empty() {
            trial.look(data, predicted(spec, &mut predictions)?);
        }
        Ok(())
    })?;
    let done: Vec<Layout> = data.iter().map(|data| data.layout).collect();
    Ok((Left::new(spec, &done, &all_lacking, &trial.undecided()), damaged))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an amount, and saturating")]
fn whole(amount: f64) -> u64 {
    amount.round() as u64
}
