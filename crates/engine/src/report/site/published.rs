//! The numbers that a paper printed, beside ours.

use maud::{Markup, html};
use polars::error::PolarsResult;
use polars::prelude::DataFrame;

use super::stored::{optional, texts, wholes};
use super::unbroken;
use crate::spec::points::BASE;
use crate::spec::raw::{RawPublished, RawSpec};
use crate::table;

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

/// Looks up in `cells.parquet` what stands beside each printed number.
pub(super) fn groups(raw: &RawSpec, frame: &DataFrame) -> PolarsResult<Vec<Group>> {
    let (measures, variants) = (texts(frame, "measure")?, texts(frame, "variant")?);
    let (cells, components, steps) = (wholes(frame, "cell")?, wholes(frame, "component")?, wholes(frame, "step")?);
    let (agreements, units, limits) =
        (optional(frame, "agreement")?, optional(frame, "unit")?, optional(frame, "limit")?);
    let (estimates, errors) = (table::numbers(frame, "estimate")?, table::numbers(frame, "standard_error")?);
    let group = |published: &RawPublished| {
        let variant = published.variant.as_deref().or(raw.base.as_deref()).unwrap_or(BASE);
        let component = published.component.unwrap_or(1) as u64;
        let is_meant = |i: &usize| {
            measures[*i] == published.measure && variants[*i] == variant && components[*i] == Some(component)
        };
        let meant: Vec<usize> = (0..measures.len()).filter(is_meant).collect();
        // Printed numbers are about the first cell of their variant.
        let first = meant.iter().filter_map(|i| cells[*i]).min();
        let in_first = meant.into_iter().filter(|i| cells[*i] == first);
        let rows = published.ratios.iter().zip(in_first).map(|(published, i)| Row {
            step: steps[i].unwrap_or_default(),
            published: *published,
            here: agreements[i],
            standard_error: units[i].map(|unit| errors[i] / unit),
            to_limit: limits[i].map(|limit| estimates[i] / limit),
        });
        Group { place: published.place.clone(), variant: variant.to_owned(), rows: rows.collect() }
    };
    Ok(raw.published.iter().map(group).collect())
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
