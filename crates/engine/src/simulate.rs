//! Runs the blocks of a cell in parallel and reduces them, in fixed order, to one mean per section and row.

use std::time::Instant;

use dynamics::process::BlockStreams;
use rayon::prelude::*;
use sampling::{Purpose, Stream, StreamKey};

use crate::progress::{Event, Progress};
use crate::spec::{Cell, Spec};
use crate::stats::Sample;

/// Asked now and then whether a simulation should go on.
pub type KeepGoing<'a> = &'a (dyn Fn() -> bool + Sync);

/// The measured values of a cell: for each section, the mean over its replicates of every row, before scaling.
///
/// Rows are ordered by measure, component and recorded step ([`Spec::row`]).
#[derive(Debug, Clone, PartialEq)]
pub struct CellData {
    /// K sections of equally many rows.
    pub sections: Vec<Vec<f64>>,
}

impl CellData {
    /// The values of a measure's component at the n-th recorded step in all sections, scaled.
    #[must_use]
    pub fn values(&self, spec: &Spec, cell: &Cell, measure: usize, component: usize, n: usize) -> Vec<f64> {
        let (row, scale) = (spec.row(cell, measure, component, n), cell.observers[measure].scales[n]);
        self.sections.iter().map(|section| scale * section[row]).collect()
    }

    /// The same as a sample.
    #[must_use]
    pub fn sample(&self, spec: &Spec, cell: &Cell, measure: usize, component: usize, n: usize) -> Sample {
        Sample::new(&self.values(spec, cell, measure, component, n))
    }
}

/// Simulates a cell; `None` if `keep_going` said no on the way. It is asked every 4 096 steps,
/// or, on paths of more than 4·10⁸ steps, a hundred thousand times.
///
/// The result depends on the spec and the seed alone: a block reads its own streams, a section adds its blocks in
/// order, and threads only share out sections.
pub fn simulate(spec: &Spec, cell: &Cell, keep_going: KeepGoing<'_>, progress: &dyn Progress) -> Option<CellData> {
    let sections: Option<Vec<Vec<f64>>> = (0..spec.layout.sections)
        .into_par_iter()
        .map(|section| simulate_section(spec, cell, section, keep_going, progress))
        .collect();
    Some(CellData { sections: sections? })
}

fn simulate_section(
    spec: &Spec,
    cell: &Cell,
    section: usize,
    keep_going: KeepGoing<'_>,
    progress: &dyn Progress,
) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; spec.n_rows(cell)];
    let block_work =
        cell.work(&spec.layout).unwrap_or(u64::MAX) / (spec.layout.sections as u64 * spec.layout.blocks_per_section);
    let pauses = pauses(&cell.recorded);
    for block in spec.layout.blocks(section) {
        let started = Instant::now();
        if !add_block(spec, cell, block, &pauses, &mut |_| keep_going(), &mut sums) {
            return None;
        }
        progress.event(&Event::Advanced { coordinate_steps: block_work, time: started.elapsed() });
    }
    let replicates = spec.layout.replicates_per_section() as f64;
    sums.iter_mut().for_each(|sum| *sum /= replicates);
    Some(sums)
}

/// Simulates one block and adds its observables to `sums`; `false` if `go_on`, which hears the step at each of `pauses`
/// (ascending, with all recorded steps), said no.
pub(crate) fn add_block(
    spec: &Spec,
    cell: &Cell,
    block: u64,
    pauses: &[u64],
    go_on: &mut dyn FnMut(u64) -> bool,
    sums: &mut [f64],
) -> bool {
    let stream = |purpose| Stream::new(StreamKey { seed: spec.seed, cell: &cell.key, block, purpose });
    let streams = BlockStreams { start: stream(Purpose::Start), noise: stream(Purpose::Noise) };
    let widest = cell.observers.iter().map(|observer| observer.observable.n_components()).max().unwrap_or(0);
    let mut block_sums = vec![0.0; widest];
    let mut finished = true;
    let mut n = 0;
    let mut first = Vec::new();
    cell.process.simulate(streams, pauses, &mut |pause, errors| {
        if cell.recorded.get(n) != Some(&pauses[pause]) {
            finished = go_on(pauses[pause]);
            return finished;
        }
        if n == 0 {
            first = errors.to_vec();
        }
        for (measure, observer) in cell.observers.iter().enumerate() {
            let block_sums = &mut block_sums[..observer.observable.n_components()];
            block_sums.fill(0.0);
            observer.add(n, errors, &first, spec.layout.lanes, block_sums);
            for (component, sum) in block_sums.iter().enumerate() {
                sums[spec.row(cell, measure, component, n)] += sum;
            }
        }
        n += 1;
        finished = go_on(pauses[pause]);
        finished
    });
    finished
}

/// The recorded steps, and some between them where a block would otherwise go on for long without being asked.
pub(crate) fn pauses(recorded: &[u64]) -> Vec<u64> {
    let horizon = recorded.last().copied().unwrap_or(0);
    let stride = usize::try_from((horizon / 100_000).max(4_096)).unwrap_or(usize::MAX);
    let mut pauses: Vec<u64> = (stride as u64..horizon).step_by(stride).chain(recorded.iter().copied()).collect();
    pauses.sort_unstable();
    pauses.dedup();
    pauses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_pauses_between_its_records() {
        assert_eq!(pauses(&[0, 7, 400]), [0, 7, 400]);
        let recorded = [3, 10_000, 1_000_000_000];
        let pauses = pauses(&recorded);
        assert!(recorded.iter().all(|step| pauses.contains(step)));
        assert!(pauses.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 10_000));
        assert_eq!(pauses.last(), Some(&1_000_000_000));
    }
}
