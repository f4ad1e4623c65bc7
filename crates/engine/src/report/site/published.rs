//! The numbers that a paper printed, beside ours.

use maud::{Markup, html};

use super::unbroken;
use crate::spec::points::BASE;
use crate::spec::raw::{RawPublished, RawSpec};
use crate::store::rows::ValueRow;

/// A group of printed numbers with ours.
pub(super) struct Group {
    place: String,
    variant: String,
    rows: Vec<Row>,
}

/// measured / law at a recorded step, as the paper has it and as we do.
struct Row {
    step: u64,
    published: f64,
    here: Option<f64>,
    standard_error: Option<f64>,
    /// measured / limit.
    to_limit: Option<f64>,
}

/// Looks up among the rows of `cells.parquet` what stands beside each printed number.
pub(super) fn groups(raw: &RawSpec, rows: &[ValueRow]) -> Vec<Group> {
    let group = |published: &RawPublished| {
        let variant = published.variant.as_deref().or(raw.base.as_deref()).unwrap_or(BASE);
        let component = published.component.unwrap_or(1) as u64;
        let is_meant =
            |row: &&ValueRow| row.measure == published.measure && row.variant == variant && row.component == component;
        let meant: Vec<&ValueRow> = rows.iter().filter(is_meant).collect();
        // Printed numbers are about the first cell of their variant.
        let first = meant.iter().map(|row| row.cell).min();
        let in_first = meant.into_iter().filter(|row| Some(row.cell) == first);
        let rows = published.ratios.iter().zip(in_first).map(|(published, row)| Row {
            step: row.step,
            published: *published,
            here: row.agreement,
            standard_error: row.unit.map(|unit| row.standard_error / unit),
            to_limit: row.limit.map(|limit| row.estimate / limit),
        });
        Group { place: published.place.clone(), variant: variant.to_owned(), rows: rows.collect() }
    };
    raw.published.iter().map(group).collect()
}

/// A table for each group.
pub(super) fn write(groups: &[Group]) -> Markup {
    let or_dash = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    html! {
        @for group in groups {
            h3 { (group.place) " (" (group.variant) "), published and here" }
            .scroll tabindex="0" role="region" aria-label=(format!("{}, {}", group.place, group.variant)) {
                table.narrow {
                    thead { tr { @for title in ["step", "published", "here / exact law", "± s.e.", "here / limit"] { th scope="col" { (title) } } } }
                    tbody {
                        @for row in &group.rows {
                            tr {
                                th.number scope="row" { (unbroken(row.step)) }
                                td.number { (format!("{:.3}", row.published)) }
                                td.number { (or_dash(row.here)) }
                                td.number { (or_dash(row.standard_error)) }
                                td.number { (or_dash(row.to_limit)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
