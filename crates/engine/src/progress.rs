//! What a run tells about itself while it goes on.

use std::time::Duration;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The work up to the next look at the verdicts is known; it is all of it for a fixed number of replicates.
    Planned {
        /// Which look, from 1.
        look: usize,
        /// Cells that are wanted: all of the experiment, and at later looks those that are undecided.
        cells: usize,
        /// Cells whose stored results are used as they are.
        stored: usize,
        /// Coordinate-steps still to be simulated.
        coordinate_steps: u64,
    },
    /// Some work was done.
    Advanced {
        /// How much.
        coordinate_steps: u64,
        /// What it took of one thread.
        time: Duration,
    },
    /// A cell was finished and stored.
    CellDone {
        /// Cells finished so far, with the stored ones.
        done: usize,
    },
    /// A stored file was not used.
    Ignored {
        /// Why, in a sentence that names the file.
        reason: String,
    },
    /// All cells are simulated and stored.
    Simulated,
    /// What is no simulation goes on to its next stage.
    Began(Stage),
}

/// What is done before all cells are simulated, and once they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The laws of all cells are evaluated.
    Predicting,
    /// Figures are drawn, tables and the report written.
    Writing,
}

/// Hears the events of a run, from any thread.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: &Event);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Quiet;

impl Progress for Quiet {
    fn event(&self, _: &Event) {}
}
