//! Brings the cells of a spec to a look: reads the parts that are stored, simulates and stores the others, and tells of each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rayon::prelude::*;

use crate::layout::Layout;
use crate::progress::{Event, Progress};
use crate::run::EngineError;
use crate::simulate::{CellData, extend};
use crate::spec::Spec;
use crate::store::Costs;
use crate::store::parts::Parts;

/// What simulates cells.
pub(crate) struct Simulation<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) parts: &'a Parts,
    /// Simulate even what is stored.
    pub(crate) force: bool,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) costs: &'a Mutex<Costs>,
}

/// What became of a cell.
enum Ended {
    At(CellData),
    Interrupted,
    Panicked,
}

impl Simulation<'_> {
    /// Brings the data of `wanted` to a look, on the threads of the caller's pool, and returns those that were simulated.
    pub(crate) fn complete(
        &self,
        look: Layout,
        wanted: &[usize],
        data: &mut [CellData],
    ) -> Result<Vec<usize>, EngineError> {
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
        let simulate = |c: usize| -> Result<(usize, Ended), EngineError> {
            let (cell, watch) = (&spec.cells[c], Stopwatch { progress, nanoseconds: AtomicU64::new(0) });
            // A bug in one cell leaves the others to be finished and stored.
            let extended = catch_unwind(AssertUnwindSafe(|| extend(spec, cell, &data[c], look, &keep_going, &watch)));
            let extended = match extended {
                Ok(Some(extended)) => extended,
                Ok(None) => return Ok((c, Ended::Interrupted)),
                Err(_) => return Ok((c, Ended::Panicked)),
            };
            if let Err(error) = parts.publish(spec, cell, &extended) {
                failed.store(true, Ordering::Relaxed);
                return Err(error.into());
            }
            let is_first = data[c].replicates() == 0;
            self.costs.lock().unwrap_or_else(PoisonError::into_inner).note(&cell.hash, watch.seconds(), is_first);
            progress.event(&Event::CellDone { done: done.fetch_add(1, Ordering::Relaxed) + 1 });
            Ok((c, Ended::At(extended)))
        };
        let ended: Vec<_> = missing.par_iter().map(|c| simulate(*c)).collect::<Result<_, EngineError>>()?;
        let mut panicked = Vec::new();
        for (c, ended) in ended {
            match ended {
                Ended::At(extended) => data[c] = extended,
                Ended::Interrupted => {}
                Ended::Panicked => panicked.push(c),
            }
        }
        let done = done.into_inner();
        if !panicked.is_empty() {
            return Err(EngineError::Panicked { cells: panicked, file: spec.file.clone() });
        }
        if done < cells { Err(EngineError::Interrupted { done, cells }) } else { Ok(missing) }
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
