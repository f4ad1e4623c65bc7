//! Runs the blocks of a cell in parallel and reduces them, in fixed order, to one sum per section and row.

use std::time::Instant;

use dynamics::process::BlockStreams;
use rayon::prelude::*;
use sampling::{Purpose, Stream, StreamKey};
use stats::Sample;

use crate::layout::Layout;
use crate::progress::{Event, Progress, Quiet};
use crate::spec::{Cell, Spec};

/// Asked now and then whether a simulation should go on.
pub type KeepGoing<'a> = &'a (dyn Fn() -> bool + Sync);

/// The measured values of a cell: for each section, the sum over its replicates of every row, before scaling.
///
/// Rows are ordered by measure, component and recorded step ([`Spec::row`]). Sums, not means: more blocks can be added to
/// them, and give the bits that all blocks at once would have given.
#[derive(Debug, Clone, PartialEq)]
pub struct CellData {
    /// What replicates it is of.
    pub layout: Layout,
    /// K sections of equally many rows.
    pub sums: Vec<Vec<f64>>,
}

impl CellData {
    /// No replicates of a cell.
    #[must_use]
    pub fn nothing(spec: &Spec, cell: &Cell) -> Self {
        let layout = spec.layout.with_blocks(0);
        CellData { layout, sums: vec![vec![0.0; spec.n_rows(cell)]; layout.sections] }
    }

    /// The mean of a measure's component at the n-th recorded step in each section, scaled.
    #[must_use]
    pub fn values(&self, spec: &Spec, cell: &Cell, measure: usize, component: usize, n: usize) -> Vec<f64> {
        let (row, scale) = (spec.row(cell, measure, component, n), cell.observers[measure].scales[n]);
        let replicates = self.layout.replicates_per_section() as f64;
        self.sums.iter().map(|section| scale * (section[row] / replicates)).collect()
    }

    /// How many replicates it is of.
    #[must_use]
    pub fn replicates(&self) -> u64 {
        self.layout.replicates()
    }

    /// Whether all values are numbers. A path that has diverged is never one again, however many others are added.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.sums.iter().flatten().all(|sum| sum.is_finite())
    }

    /// The same as a sample.
    #[must_use]
    pub fn sample(&self, spec: &Spec, cell: &Cell, measure: usize, component: usize, n: usize) -> Sample {
        Sample::new(&self.values(spec, cell, measure, component, n))
    }
}

/// Simulates the blocks of a cell that `look` has beyond those of `data`, and adds them; `None` if `keep_going` said no on
/// the way. It is asked every 4 096 steps, or, on paths of more than 4·10⁸ steps, a hundred thousand times.
///
/// The result depends on the spec, the seed and `look` alone, not on where it was interrupted by other looks: a block reads
/// its own streams, a section adds its blocks in order, and threads only share out sections.
pub fn extend(
    spec: &Spec,
    cell: &Cell,
    data: &CellData,
    look: Layout,
    keep_going: KeepGoing<'_>,
    progress: &dyn Progress,
) -> Option<CellData> {
    let done = data.layout.blocks_per_section;
    let sums: Option<Vec<Vec<f64>>> = data
        .sums
        .par_iter()
        .enumerate()
        .map(|(section, sums)| {
            let blocks = look.blocks(section).skip(usize::try_from(done).unwrap_or(usize::MAX));
            add_blocks(spec, cell, blocks, sums.clone(), keep_going, progress)
        })
        .collect();
    Some(CellData { layout: look, sums: sums? })
}

/// Simulates all of a cell; see [`extend`].
pub fn simulate(spec: &Spec, cell: &Cell, keep_going: KeepGoing<'_>, progress: &dyn Progress) -> Option<CellData> {
    extend(spec, cell, &CellData::nothing(spec, cell), spec.layout, keep_going, progress)
}

/// The sums of one section of a cell, from its blocks alone; `None` if `keep_going` said no.
pub fn simulate_section(
    spec: &Spec,
    cell: &Cell,
    layout: Layout,
    section: usize,
    keep_going: KeepGoing<'_>,
) -> Option<Vec<f64>> {
    add_blocks(spec, cell, layout.blocks(section), vec![0.0; spec.n_rows(cell)], keep_going, &Quiet)
}

fn add_blocks(
    spec: &Spec,
    cell: &Cell,
    blocks: impl Iterator<Item = u64>,
    mut sums: Vec<f64>,
    keep_going: KeepGoing<'_>,
    progress: &dyn Progress,
) -> Option<Vec<f64>> {
    let all = spec.layout;
    let block_work = cell.work(&all).unwrap_or(u64::MAX) / (all.sections as u64 * all.blocks_per_section);
    let pauses = pauses(&cell.recorded);
    for block in blocks {
        let started = Instant::now();
        if !add_block(spec, cell, block, &pauses, &mut |_| keep_going(), &mut sums) {
            return None;
        }
        progress.event(&Event::Advanced { coordinate_steps: block_work, time: started.elapsed() });
    }
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
