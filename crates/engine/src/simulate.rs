//! Runs the blocks of a cell in parallel and reduces them, in fixed order, to one mean per section and row.

use std::sync::atomic::{AtomicBool, Ordering};

use dynamics::Process as _;
use dynamics::process::BlockStreams;
use rayon::prelude::*;
use sampling::{Purpose, Stream, StreamKey};

use crate::progress::{Event, Progress};
use crate::spec::{Cell, Spec};

/// The measured values of a cell: for each section, the mean over its replicates of every row, before scaling.
///
/// Rows are ordered by measure, component and recorded step ([`Spec::row`]).
#[derive(Debug, Clone, PartialEq)]
pub struct CellData {
    /// K sections of equally many rows.
    pub sections: Vec<Vec<f64>>,
}

impl CellData {
    /// The values of one row in all sections.
    pub fn row(&self, row: usize) -> impl Iterator<Item = f64> {
        self.sections.iter().map(move |section| section[row])
    }
}

/// Simulates a cell; `None` if `stop` was raised on the way.
///
/// The result depends on the spec and the seed alone: a block reads its own streams, a section adds its blocks in
/// order, and threads only share out sections.
pub fn simulate(spec: &Spec, cell: &Cell, stop: &AtomicBool, progress: &dyn Progress) -> Option<CellData> {
    let sections: Option<Vec<Vec<f64>>> = (0..spec.layout.sections)
        .into_par_iter()
        .map(|section| simulate_section(spec, cell, section, stop, progress))
        .collect();
    Some(CellData { sections: sections? })
}

fn simulate_section(
    spec: &Spec,
    cell: &Cell,
    section: usize,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; spec.n_rows(cell)];
    let block_work =
        cell.work(&spec.layout).unwrap_or(u64::MAX) / (spec.layout.sections as u64 * spec.layout.blocks_per_section);
    for block in spec.layout.blocks(section) {
        if !add_block(spec, cell, block, stop, &mut sums) {
            return None;
        }
        progress.event(&Event::Advanced { coordinate_steps: block_work });
    }
    let replicates = spec.layout.replicates_per_section() as f64;
    sums.iter_mut().for_each(|sum| *sum /= replicates);
    Some(sums)
}

/// Simulates one block and adds its observables to `sums`; `false` if `stop` was raised on the way.
fn add_block(spec: &Spec, cell: &Cell, block: u64, stop: &AtomicBool, sums: &mut [f64]) -> bool {
    let stream = |purpose| Stream::new(StreamKey { seed: spec.seed, cell: &cell.key, block, purpose });
    let streams = BlockStreams { start: stream(Purpose::Start), noise: stream(Purpose::Noise) };
    let widest = cell.observables.iter().map(dynamics::Observable::n_components).max().unwrap_or(0);
    let mut block_sums = vec![0.0; widest];
    let mut finished = true;
    cell.process.simulate(streams, &cell.recorded, |n, errors| {
        for (measure, observable) in cell.observables.iter().enumerate() {
            let block_sums = &mut block_sums[..observable.n_components()];
            block_sums.fill(0.0);
            observable.add(errors, block_sums);
            for (component, sum) in block_sums.iter().enumerate() {
                sums[spec.row(cell, measure, component, n)] += sum;
            }
        }
        finished = !stop.load(Ordering::Relaxed);
        finished
    });
    finished
}
