//! Small experiments that the tests share.

#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod cli;

use engine::Spec;
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
