//! Small experiments that the tests share.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod cli;
pub(crate) mod markdown;
pub(crate) mod models;
pub(crate) mod page;
pub(crate) mod refusal;
pub(crate) mod slow;
pub(crate) mod valid;

use dynamics::frame::Frame;
use dynamics::process::{BlockStreams, Observe};
use dynamics::{DynamicsError, Moments, Process};
use engine::Spec;
use engine::predict::{Prediction, predict_as};
use engine::progress::Quiet;
use engine::simulate::{CellData, simulate};

/// Experiment 6 as it is shipped.
pub(crate) const EXP6: &str = include_str!("../../../specs/exp6.toml");

/// Text of a spec with some passages replaced; each must be there.
pub(crate) fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the spec no longer contains {from:?}");
        text.replace(from, to)
    })
}

/// A spec that must be valid.
pub(crate) fn parse(name: &str, text: &str) -> Spec {
    Spec::parse(name, &format!("specs/{name}.toml"), text, None).unwrap_or_else(|error| panic!("{error}"))
}

/// The simulated data of every cell.
pub(crate) fn simulate_all(spec: &Spec) -> Vec<CellData> {
    spec.cells.iter().map(|cell| simulate(spec, cell, &|| true, &Quiet).expect("nobody stops it")).collect()
}

/// A theory that is a process's own but for its exact law.
pub(crate) struct Broken<'a> {
    pub(crate) inner: &'a dyn Process,
    /// The moments after a step.
    pub(crate) law: &'a (dyn Fn(u64) -> Moments + Sync),
}

impl std::fmt::Debug for Broken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Broken({:?})", self.inner)
    }
}

impl Process for Broken<'_> {
    fn frame(&self) -> &Frame {
        self.inner.frame()
    }

    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        self.inner.simulate(streams, recorded, observe);
    }

    fn time(&self, step: u64) -> f64 {
        self.inner.time(step)
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Ok(steps.iter().map(|&step| (self.law)(step)).collect())
    }
}

/// What the laws of another spec's processes predict for the experiment `spec`, cell by cell.
pub(crate) fn predict_with_theory_of(spec: &Spec, other: &Spec) -> Vec<Prediction> {
    let theories = spec.cells.iter().zip(&other.cells);
    theories.map(|(cell, other)| predict_as(spec, cell, other.process.as_ref()).expect("a law")).collect()
}
