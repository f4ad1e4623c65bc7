//! How much memory an experiment will need, summed as its cells are built, so that too large a one is refused early.

use dynamics::block::WIDTH;
use dynamics::reading::Room;

use super::raw::{RawProblem, RawSampling, RawSpec};
use crate::layout::Layout;

/// How many models are counted as trained and read at a time, on as many threads.
const MODELS_AT_A_TIME: f64 = 2.0;

/// What models take while they are trained and read, in gigabytes.
pub(super) fn gigabytes_of_models(room: Room) -> f64 {
    8e-9 * MODELS_AT_A_TIME * room.model
}

/// Bytes that stay for the whole run, and the most that a cell needs besides while it is predicted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    kept: f64,
    transient: f64,
}

impl Memory {
    /// Counts a cell whose process has `dimension` coordinates, `records` recorded steps and models that take `room`, with
    /// `components` numbers recorded at each step by `measures` measures.
    pub(super) fn add(&mut self, raw: &RawSpec, size: Size, layout: &Layout) {
        let Size { dimension, records, room, components, measures } = size;
        let (d2, records) = ((dimension * dimension) as f64, records as f64);
        // Section means, and three laws a row.
        let rows = components * records * (layout.sections as f64 + 8.0);
        // About eight matrices a process, one a measure, and what a measure subtracts.
        let matrices = 8.0 * d2 + measures as f64 * (d2 + records * dimension as f64);
        let data = match (&raw.problem, &raw.sampling) {
            (RawProblem::Logistic(data), _) => 3.0 * (data.samples * data.dimension) as f64,
            (RawProblem::RobustRegression(data), _) => 3.0 * (data.samples * data.dimension) as f64,
            (_, RawSampling::Pool(pool)) => 2.0 * pool.samples as f64 * dimension as f64,
            (_, RawSampling::Reshuffled(pool)) => (2 * dimension + WIDTH) as f64 * pool.samples as f64,
            _ => 0.0,
        };
        self.kept += 8.0 * (rows + matrices + data + room.family);
        // The moments of two laws at every recorded step, or the models at a time.
        self.transient = self.transient.max(16.0 * records * d2).max(1e9 * gigabytes_of_models(room));
    }

    /// All of it, in bytes.
    pub(super) fn bytes(&self) -> f64 {
        self.kept + self.transient
    }
}

/// The size of a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) dimension: usize,
    pub(super) records: usize,
    pub(super) room: Room,
    pub(super) components: f64,
    pub(super) measures: usize,
}
