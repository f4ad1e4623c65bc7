//! What a run would do, without doing it: its size, what is stored already, and about how long the rest takes.

mod calibrate;

use std::time::Duration;

use serde::Serialize;

use crate::run::{EngineError, RunOptions, stored, threads};
use crate::spec::{Cell, Spec};
use crate::store::StoreError;
use crate::store::parts::Parts;

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
    /// Cells whose stored results a run would use as they are.
    pub stored: usize,
    /// Replicates of each cell.
    pub replicates: u64,
    /// Sections of each cell.
    pub sections: usize,
    /// Recorded steps of all cells together.
    pub recorded_steps: u64,
    /// Rows of `cells.parquet`: a value of each component of each measure at each recorded step.
    pub rows: u64,
    /// Dimension × steps × replicates, summed over all cells.
    pub coordinate_steps: u64,
    /// The same over the cells that are not stored.
    pub coordinate_steps_left: u64,
    /// About how many bytes of memory a run needs at once.
    pub memory_bytes: u64,
    /// About how many bytes `cells.parquet` and `claims.parquet` take.
    pub table_bytes: u64,
    /// How many bytes the parts of all cells take, at most about.
    pub part_bytes: u64,
    /// Threads that the time is for.
    pub threads: usize,
    /// About how many seconds the simulation of what is not stored takes.
    pub seconds: f64,
}

/// What `run` would do with the same options; and stored files that it would not use, with the reason.
///
/// Simulates blocks of the cells that are not stored on all threads for about `patience`, and writes nothing. A single
/// reading of a large network may take longer than that.
///
/// # Errors
/// [`EngineError::Store`] if the folder of results cannot be read, [`EngineError::Threads`].
pub fn plan(spec: &Spec, options: &RunOptions, patience: Duration) -> Result<(Plan, Vec<StoreError>), EngineError> {
    let (found, damaged) = match options.force {
        true => Default::default(),
        false => stored(spec, &Parts::of(&options.out))?,
    };
    let pool = threads(options.threads)?;
    let left: Vec<&Cell> =
        spec.cells.iter().enumerate().filter(|(c, _)| !found.contains_key(c)).map(|(_, cell)| cell).collect();
    let stored = found.len();
    // Their memory is for the blocks that are simulated now.
    drop(found);
    let seconds = calibrate::seconds(spec, &left, &pool, patience);
    let work = |cells: &mut dyn Iterator<Item = &Cell>| {
        cells.filter_map(|cell| cell.work(&spec.layout)).fold(0, u64::saturating_add)
    };
    let (rows, cells) = (spec.cells.iter().map(|cell| spec.n_rows(cell) as f64).sum::<f64>(), spec.cells.len() as f64);
    let plan = Plan {
        spec: spec.place(),
        title: spec.title.clone(),
        cells: spec.cells.len(),
        stored,
        replicates: spec.layout.replicates(),
        sections: spec.layout.sections,
        recorded_steps: spec.cells.iter().map(|cell| cell.recorded.len() as u64).sum(),
        rows: whole(rows),
        coordinate_steps: work(&mut spec.cells.iter()),
        coordinate_steps_left: work(&mut left.iter().copied()),
        memory_bytes: whole(PROGRAM + spec.memory_bytes),
        table_bytes: whole(TABLE + TABLE_ROW * rows),
        part_bytes: whole(PART * cells + PART_VALUE * rows * spec.layout.sections as f64),
        threads: pool.current_num_threads(),
        seconds,
    };
    Ok((plan, damaged))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an amount, and saturating")]
fn whole(amount: f64) -> u64 {
    amount.round() as u64
}
