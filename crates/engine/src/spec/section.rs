//! What measures, claims and figures share: names and expressions resolved, and errors put where they stand.

use std::collections::BTreeSet;

use super::cell::Cell;
use super::diagnostic::{Problems, nearest, quote};
use super::expression::evaluate;
use super::is_name;
use super::node::Node;
use super::scalars::Scalars;

/// One `[[claim]]` or `[[figure]]` while it is resolved.
pub(super) struct Section<'a> {
    pub(super) root: &'a Node,
    pub(super) cells: &'a [Cell],
    /// The path of the section at hand.
    pub(super) path: String,
    pub(super) problems: &'a mut Problems,
}

impl Section<'_> {
    pub(super) fn add(&mut self, key: &str, message: String, help: Option<String>) {
        let span = self.root.locate(&format!("{}.{key}", self.path)).span.clone();
        self.problems.add(&span, message, help);
    }

    pub(super) fn fail(&mut self, key: &str, message: String) {
        self.add(key, message, None);
    }

    pub(super) fn find<'n>(
        &mut self,
        key: &str,
        kind: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> Option<usize> {
        let known: Vec<&str> = known.collect();
        let found = known.iter().position(|candidate| *candidate == name);
        if found.is_none() {
            let help = nearest(name, known.iter().copied()).unwrap_or_else(|| format!("known: {}", known.join(", ")));
            self.add(key, format!("there is no {kind} named \"{}\"", quote(name)), Some(help));
        }
        found
    }

    pub(super) fn evaluate(&mut self, key: &str, text: &str, scalars: &Scalars) -> Option<f64> {
        evaluate(text, scalars).map_err(|error| self.add(key, error.message, error.help)).ok()
    }

    /// The value of an expression in each cell.
    pub(super) fn in_each_cell(&mut self, key: &str, text: &str) -> Option<Vec<f64>> {
        let cells = self.cells;
        let values: Vec<f64> = cells.iter().map_while(|cell| self.evaluate(key, text, &cell.scalars)).collect();
        (values.len() == cells.len()).then_some(values)
    }

    /// The cells where a condition is above 0; `None` for all of them, also where it has no value.
    pub(super) fn kept(&mut self, key: &str, condition: Option<&str>) -> Option<Vec<bool>> {
        let values = self.in_each_cell(key, condition?)?;
        Some(values.into_iter().map(|value| value > 0.0).collect())
    }
}

/// Names must be plain, because they become files and columns, and differ.
pub(super) fn check_names(kind: &str, names: &[&str], root: &Node, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (i, name) in names.iter().enumerate() {
        let span = &root.locate(&format!("{kind}.{i}.name")).span;
        if !is_name(name) {
            let help = "use at most 64 characters a-z, 0-9, - and _: names become files and columns";
            problems.add(span, format!("\"{}\" cannot name a {kind}", quote(name)), Some(help.to_owned()));
        }
        if !seen.insert(name) {
            problems.add(span, format!("a {kind} named \"{}\" exists already", quote(name)), None);
        }
    }
}
