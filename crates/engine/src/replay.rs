//! One block of one cell alone, with every value that it adds to its section: what to look at when a number is doubted.

use serde::Serialize;

use crate::simulate::{add_block, pauses};
use crate::spec::Spec;

/// One recorded value of a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlockValue {
    /// The measure.
    pub measure: String,
    /// Its component, from 1.
    pub component: usize,
    /// k.
    pub step: u64,
    /// t.
    pub time: f64,
    /// The mean over the replicates of the block, scaled as in `cells.parquet`; no finite number if a path has diverged.
    pub mean: f64,
    /// The sum over the replicates as it enters the section, before scaling.
    pub sum: f64,
}

/// Why there is no such block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// There is no such cell.
    #[error("there is no cell {cell}: {name} has the cells 0 to {last}")]
    NoCell {
        /// The one that was asked for.
        cell: usize,
        /// The spec.
        name: String,
        /// The last one.
        last: usize,
    },
    /// There is no such block.
    #[error("there is no block {block}: each cell has at most the blocks 0 to {last}")]
    NoBlock {
        /// The one that was asked for.
        block: u64,
        /// The last one.
        last: u64,
    },
}

/// Simulates a block, counted from 0 over all sections: block n belongs to section n mod K.
///
/// # Errors
/// [`ReplayError`] if the spec has no such cell or block.
pub fn replay(spec: &Spec, cell: usize, block: u64) -> Result<Vec<BlockValue>, ReplayError> {
    let last = spec.cells.len().saturating_sub(1);
    let no_cell = || ReplayError::NoCell { cell, name: spec.name.clone(), last };
    let cell = spec.cells.get(cell).ok_or_else(no_cell)?;
    let layout = spec.layout;
    let blocks = layout.sections as u64 * layout.blocks_per_section;
    if block >= blocks {
        return Err(ReplayError::NoBlock { block, last: blocks - 1 });
    }
    let mut sums = vec![0.0; spec.n_rows(cell)];
    add_block(spec, cell, block, &pauses(&cell.recorded), &mut |_| true, &mut sums);
    let value = |(sum, (m, c, n)): (&f64, (usize, usize, usize))| BlockValue {
        measure: spec.measures[m].name.clone(),
        component: c + 1,
        step: cell.recorded[n],
        time: cell.times[n],
        mean: cell.observers[m].scales[n] * (sum / layout.lanes as f64),
        sum: *sum,
    };
    Ok(sums.iter().zip(spec.rows(cell)).map(value).collect())
}
