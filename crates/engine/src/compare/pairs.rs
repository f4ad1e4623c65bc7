//! The rows that two results have in common, matched by what they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use stats::welch::Measured;

use super::{Incomparable, Quantity, only};
use crate::report::label::of_point;
use crate::store::Results;
use crate::store::results::ValueRow;

/// Where a value was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The measure.
    pub measure: String,
    /// Its component, from 1.
    pub component: u64,
    /// What the sweep sets in the cell, and its variant.
    pub cell: String,
    /// The step.
    pub step: u64,
}

/// A row of both sides.
pub(super) struct Pair {
    pub(super) place: Place,
    pub(super) before: Measured,
    pub(super) after: Measured,
    /// Whether both values are of the same random numbers, and so should be the same.
    pub(super) same_draws: bool,
    /// The size of what errors of the exact law are relative to; 0 where it is not known.
    pub(super) unit: f64,
    laws: [[Option<f64>; 2]; 3],
}

/// All rows of two results.
pub(super) struct Pairs {
    pub(super) common: Vec<Pair>,
    pub(super) only_before: Vec<String>,
    pub(super) only_after: Vec<String>,
}

/// Swept parameters (sorted), variant, measure, component and step.
type Key<'a> = (&'a [String], &'a str, &'a str, u64, u64);

/// One side: what its cells are, and its rows.
struct Side<'a> {
    results: &'a Results,
    /// The swept parameters of each cell, sorted.
    points: Vec<Vec<String>>,
}

impl Pair {
    /// Whether the measured values are equal bit by bit, with their errors.
    pub(super) fn is_identical(&self) -> bool {
        let bits = |measured: &Measured| (measured.mean.to_bits(), measured.standard_error.to_bits());
        bits(&self.before) == bits(&self.after)
    }

    /// The laws on both sides.
    pub(super) fn laws(&self) -> [(Quantity, Option<f64>, Option<f64>); 3] {
        let quantities = [Quantity::Exact, Quantity::Limit, Quantity::LeadingOrder];
        std::array::from_fn(|i| (quantities[i], self.laws[i][0], self.laws[i][1]))
    }
}

impl Pairs {
    pub(super) fn new(before: &Results, after: &Results) -> Result<Self, Incomparable> {
        let (before, after) = (Side::new(before)?, Side::new(after)?);
        let (rows, others) = (before.rows(), after.rows());
        let pair = |(key, row): (&Key<'_>, &&ValueRow)| Some(before.pair(row, &after, others.get(key)?));
        let common: Vec<Pair> = rows.iter().filter_map(pair).collect();
        let (left, right) = (rows.len() - common.len(), others.len() - common.len());
        Ok(Pairs { common, only_before: before.only(&after, left), only_after: after.only(&before, right) })
    }
}

impl<'a> Side<'a> {
    fn new(results: &'a Results) -> Result<Self, Incomparable> {
        let manifest = &results.manifest;
        let is_named = manifest.points.len() == manifest.cells.len() && manifest.sections > 0;
        if !is_named || results.values.iter().any(|row| row.cell >= manifest.points.len()) {
            return Err(Incomparable::Unnamed { folder: results.folder.display().to_string() });
        }
        let sorted = |point: &Vec<String>| {
            let mut point = point.clone();
            point.sort();
            point
        };
        Ok(Side { results, points: manifest.points.iter().map(sorted).collect() })
    }

    fn rows(&self) -> BTreeMap<Key<'_>, &'a ValueRow> {
        let key = |row: &'a ValueRow| -> Key<'_> {
            (&self.points[row.cell], &row.variant, &row.measure, row.component, row.step)
        };
        self.results.values.iter().map(|row| (key(row), row)).collect()
    }

    fn pair(&self, row: &ValueRow, other: &Side<'_>, of_other: &ValueRow) -> Pair {
        let measured = |row: &ValueRow, side: &Side<'_>| Measured {
            mean: row.estimate,
            standard_error: row.standard_error,
            sections: side.results.manifest.sections,
        };
        let draws = |row: &ValueRow, side: &Side<'_>| {
            let manifest = &side.results.manifest;
            (manifest.cells[row.cell].clone(), manifest.replicates_of(row.cell))
        };
        let laws = |row: &ValueRow| [row.exact, row.limit, row.leading_order];
        let (a, b) = (laws(row), laws(of_other));
        let unit = |row: &ValueRow| row.unit.filter(|unit| unit.is_finite()).map_or(0.0, f64::abs);
        Pair {
            place: Place {
                measure: row.measure.clone(),
                component: row.component,
                cell: self.label(row),
                step: row.step,
            },
            before: measured(row, self),
            after: measured(of_other, other),
            // The scale is applied after the simulation, so that the hash of a cell does not know it.
            same_draws: draws(row, self) == draws(of_other, other) && row.scale.to_bits() == of_other.scale.to_bits(),
            unit: unit(row).max(unit(of_other)),
            laws: std::array::from_fn(|i| [a[i], b[i]]),
        }
    }

    /// A cell in words.
    fn label(&self, row: &ValueRow) -> String {
        let point = of_point(&self.results.manifest.points[row.cell]);
        match (point.is_empty(), row.variant.as_str()) {
            (true, variant) => variant.to_owned(),
            (false, "base") => point,
            (false, variant) => format!("{point}, {variant}"),
        }
    }

    /// The measures and cells that the other side lacks, and how many rows of this side it lacks besides.
    fn only(&self, other: &Side<'_>, missing: usize) -> Vec<String> {
        let measures = |side: &Side<'_>| -> BTreeSet<String> {
            side.results.values.iter().map(|row| row.measure.clone()).collect()
        };
        let cells = |side: &Side<'_>| -> BTreeSet<(Vec<String>, String)> {
            side.results.values.iter().map(|row| (side.points[row.cell].clone(), row.variant.clone())).collect()
        };
        let (own_measures, other_measures) = (measures(self), measures(other));
        let other_cells = cells(other);
        let is_alone = |row: &&ValueRow| !other_cells.contains(&(self.points[row.cell].clone(), row.variant.clone()));
        let alone: BTreeSet<String> = self.results.values.iter().filter(is_alone).map(|row| self.label(row)).collect();
        let mut names = only(&own_measures, &other_measures, "measure");
        names.extend(alone.iter().map(|cell| format!("the cell {cell}")));
        let explained =
            self.results.values.iter().filter(|row| is_alone(row) || !other_measures.contains(&row.measure));
        let rest = missing.saturating_sub(explained.count());
        names.extend((rest > 0).then(|| format!("{rest} values at steps or components that the other has not")));
        names
    }
}
