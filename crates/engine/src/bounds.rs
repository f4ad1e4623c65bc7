//! How much an experiment may ask of a machine, unless its user says that it may ask for more.
//!
//! Specs may come from strangers, so memory and work have limits that no shipped spec comes near. What is asked for is counted
//! before it is done: the memory while cells are built, the work before the first law is evaluated.

use crate::spec::{Cell, Spec};

/// The most memory that the results and laws of an experiment may need, in gigabytes.
pub const MOST_GIGABYTES: f64 = 16.0;

/// The most numbers that a simulation may compute: a few days on a few cores.
pub const MOST_WORK: f64 = 1e14;

/// Which limits hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// Those of this module.
    Usual,
    /// None: the user has seen the plan.
    Lifted,
}

/// An experiment that would keep a machine busy for too long.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{spec} asks for {work:.1e} numbers (steps × coordinates × samples × replicates, and what is read): at most {MOST_WORK:.0e} \
     are computed; see how long it takes with `cargo xtask plan`, and run it with --unbounded"
)]
pub struct TooMuchWork {
    /// Where its results would stand below the folder of reports.
    pub spec: String,
    /// What it asks for.
    pub work: f64,
}

impl Bounds {
    /// Refuses more memory than there may be, in bytes.
    pub(crate) fn excess_of_memory(self, bytes: f64) -> Option<String> {
        let gigabytes = bytes / 1e9;
        (self == Bounds::Usual && gigabytes > MOST_GIGABYTES).then(|| {
            format!("the results and laws of all cells need about {gigabytes:.0} GB: at most {MOST_GIGABYTES} are used")
        })
    }

    /// Refuses more work than may be done.
    ///
    /// # Errors
    /// [`TooMuchWork`].
    pub fn check_work(self, spec: &Spec) -> Result<(), TooMuchWork> {
        let work = work(spec);
        match self == Bounds::Usual && work > MOST_WORK {
            true => Err(TooMuchWork { spec: spec.place(), work }),
            false => Ok(()),
        }
    }
}

/// About how many numbers a simulation of all cells computes: coordinates of each sample at each step, and what readings
/// hold at each record.
#[must_use]
pub fn work(spec: &Spec) -> f64 {
    let of_replicate = |cell: &Cell| {
        let steps = cell.recorded.last().copied().unwrap_or(0).max(1) as f64;
        steps * cell.dimension as f64 * cell.samples as f64 + cell.recorded.len() as f64 * cell.reading
    };
    spec.cells.iter().map(of_replicate).sum::<f64>() * spec.layout.replicates() as f64
}
