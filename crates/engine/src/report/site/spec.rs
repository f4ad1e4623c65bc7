//! A part of the page for each spec: its claims, figures and numbers, its text, and where the results come from.

use maud::{Markup, html};

use super::entry::{Entry, State};
use super::overview::{numbers, statistic};
use super::paper::Paper;
use super::prose::{introduction, prose};
use super::stored::{Stored, Test};
use super::unbroken;
use super::{forest, highlight, published};
use crate::Verdict;
use crate::report::markdown::number;
use crate::report::quantity::{duration, plural, power_of_ten, range};
use crate::report::verdicts::grouped;
use crate::spec::DEFAULT_FAMILY_WISE_ERROR;
use crate::store::rows::ValueRow;

/// The most values that are shown of a spec; the rest stands in its table.
const MOST_VALUES: usize = 200;

/// The columns of the table of claims.
const CLAIM_COLUMNS: [&str; 8] = ["claim", "verdict", "statistic", "worst", "interval", "band", "in its band", "where"];

/// The columns of the table of values: one that is empty everywhere is left out.
const COLUMNS: [&str; 11] =
    ["cell", "variant", "η", "b", "steps", "measured", "± s.e.", "exact law", "limit", "leading order", "agreement"];

/// The spec, with a link to the part of its paper.
pub(super) fn write(entry: &Entry, paper: &Paper<'_>) -> Markup {
    let raw = &entry.outline.raw;
    let id = entry.id();
    let title_id = format!("{id}-title");
    html! {
        section.page id=(id) aria-labelledby=(title_id) {
            h2 id=(title_id) tabindex="-1" { (entry.place) ": " (raw.title) }
            p {
                (entry.overall()) " " (raw.source.statements.join(", ")) " of "
                a href=(format!("#{}", paper.id())) { (paper.name()) }
            }
            @for paragraph in introduction(&entry.outline.text) { p.lead { (prose(&paragraph)) } }
            @if let Some(correction) = &raw.source.correction {
                p.lead { strong { "Where the text is imprecise. " } (prose(correction)) }
            }
            (state(entry))
            (claims(entry))
            @if let Some(stored) = entry.stored() {
                (figures(entry, stored))
                (published::write(stored.published.as_deref().unwrap_or_default()))
                (values(entry, stored))
            }
            details {
                summary { "The spec " code { (entry.outline.below_specs()) } }
                pre tabindex="0" { code { (highlight::toml(&entry.outline.text)) } }
            }
            (provenance(entry))
        }
    }
}

/// What keeps the results from being shown, if anything does.
fn state(entry: &Entry) -> Markup {
    let damage = entry.damage();
    html! {
        @match &entry.state {
            State::NotRun => p { "There are no results: run the spec." },
            State::Stale(reason) => p { "No verdicts are shown: the results are those of " (reason) ". Run it again." },
            State::Damaged(_) | State::Current(_) => @if !damage.is_empty() {
                .problems role="note" {
                    p { "Run the spec again to make these anew:" }
                    ul { @for sentence in damage { li { (sentence) } } }
                }
            },
        }
    }
}

fn claims(entry: &Entry) -> Markup {
    let title_id = format!("{}-claims", entry.id());
    html! {
        h3 id=(title_id) { "Claims" }
        ul.claims {
            @for (n, claim) in entry.outline.raw.claim.iter().enumerate() {
                li id=(entry.claim_id(n)) { (entry.badge(claim)) " " strong { (claim.name) } ": " (claim.says)
                    @if let Some(finding) = &claim.finding { p.note { "What was found: " (prose(finding)) } }
                }
            }
        }
        @if entry.stored().is_some_and(|stored| stored.claims.is_some()) {
            .scroll tabindex="0" role="region" aria-labelledby=(title_id) {
                table {
                    thead {
                        tr {
                            @for title in CLAIM_COLUMNS { th scope="col" { (title) } }
                        }
                    }
                    tbody {
                        @for claim in &entry.outline.raw.claim {
                            @let worst = entry.judged(claim).and_then(|judged| judged.worst.as_ref());
                            tr {
                                th scope="row" { (claim.name) }
                                td { (entry.badge(claim)) }
                                td.statistic { (statistic(entry, claim)) }
                                (numbers(entry, claim))
                                td { @if let Some(test) = worst { (forest::one(entry.badge(claim), test)) } @else { "–" } }
                                td { (place(entry.judged(claim).map(|judged| judged.verdict), worst)) }
                            }
                        }
                    }
                }
            }
            (errors(entry))
        }
    }
}

/// What the error rate of the spec is, and over how many tests.
fn errors(entry: &Entry) -> Markup {
    let Some(claims) = entry.stored().and_then(|stored| stored.claims.as_ref()) else { return html! {} };
    let n_tests: usize = claims.values().map(|judged| judged.n_tests).sum();
    let error = entry.outline.raw.family_wise_error.unwrap_or(DEFAULT_FAMILY_WISE_ERROR);
    html! {
        p.note {
            "Over the " (plural(n_tests as u64, "test")) " of this spec together, the chance that a true claim is refuted is at \
             most " (power_of_ten(error)) ", and so is the chance that a false one holds."
        }
    }
}

/// Where the worst statistic was taken, and what would decide it.
fn place(verdict: Option<Verdict>, worst: Option<&Test>) -> String {
    let Some(test) = worst else { return "no test applies".to_owned() };
    match (verdict, test.replicates_to_decide) {
        (Some(Verdict::Undecided), _) if !test.statistic.is_finite() => format!("{}: no finite number", test.place),
        (Some(Verdict::Undecided), Some(wanted)) => {
            format!("{}; about {} replicates would decide", test.place, unbroken(wanted))
        }
        _ => test.place.clone(),
    }
}

fn figures(entry: &Entry, stored: &Stored) -> Markup {
    html! {
        @for (n, (figure, drawn)) in entry.outline.raw.figure.iter().zip(&stored.figures).enumerate() {
            @let id = entry.figure_id(n);
            figure id=(id) {
                @if let Some(drawn) = drawn {
                    .card.scroll tabindex="0" role="img" aria-labelledby=(format!("{id}-title")) { (drawn) }
                }
                figcaption id=(format!("{id}-title")) { (figure.title) @if drawn.is_none() { " (not drawn)" } }
            }
        }
    }
}

/// The last recorded values, a table for each measure.
fn values(entry: &Entry, stored: &Stored) -> Markup {
    let Some(values) = stored.values.as_ref().filter(|values| !values.is_empty()) else { return html! {} };
    let shown = &values[..values.len().min(MOST_VALUES)];
    html! {
        details {
            summary { "Measured values at the last recorded step" }
            @for measure in &entry.outline.raw.measure {
                @let of_measure: Vec<&ValueRow> = shown.iter().filter(|value| value.measure == measure.name).collect();
                @if !of_measure.is_empty() {
                    h4 { (measure.name) @if let Some(scale) = &measure.scale { " × " (scale) } }
                    (table(&of_measure, !entry.outline.raw.variants.is_empty(), &measure.name))
                }
            }
            @if shown.len() < values.len() {
                p { (shown.len()) " of " (values.len()) " values; " code { "cells.parquet" } " has them all." }
            }
        }
    }
}

fn table(values: &[&ValueRow], several_variants: bool, measure: &str) -> Markup {
    let or_empty = |value: Option<f64>| value.map_or_else(String::new, number);
    let plain = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let lines: Vec<[String; COLUMNS.len()]> = values
        .iter()
        .map(|value| {
            [
                value.cell.to_string(),
                if several_variants { value.variant.clone() } else { String::new() },
                plain(value.step_size),
                plain(value.batch_size),
                unbroken(value.step),
                number(value.estimate),
                format!("{:.1e}", value.standard_error),
                or_empty(value.exact),
                or_empty(value.limit),
                or_empty(value.leading_order),
                or_empty(value.agreement),
            ]
        })
        .collect();
    let kept: Vec<usize> = (0..COLUMNS.len()).filter(|i| lines.iter().any(|line| !line[*i].is_empty())).collect();
    html! {
        .scroll tabindex="0" role="region" aria-label=(format!("values of {measure}")) {
            table {
                thead { tr { @for i in &kept { th scope="col" { (COLUMNS[*i]) } } } }
                tbody {
                    @for line in &lines {
                        tr { @for i in &kept { td.number { @if line[*i].is_empty() { "–" } @else { (line[*i]) } } } }
                    }
                }
            }
        }
    }
}

fn provenance(entry: &Entry) -> Markup {
    let seed = entry.stored().map_or(entry.outline.raw.seed, |stored| stored.manifest.seed);
    html! {
        h3 { "Where this comes from" }
        dl.provenance {
            dt { "command" }
            dd { code { (entry.outline.command(seed)) } }
            dt { "seed" }
            dd { (seed) }
            dt { "spec" }
            dd { code.hash { (entry.outline.hash) } }
            @if let Some(stored) = entry.stored() {
                @let manifest = &stored.manifest;
                dt { "made by" }
                dd {
                    "engine " (manifest.engine) ", language " (manifest.schema) ", stream version "
                    (manifest.stream_version)
                }
                dt { "size" }
                @let (fewest, most) = manifest.range_of_replicates();
                dd { (range(grouped(fewest), grouped(most))) " replicates in each of " (plural(manifest.cells.len() as u64, "cell")) }
                @if let Some(seconds) = stored.seconds {
                    dt { "time" }
                    dd { (duration(seconds)) " of one core" }
                }
            }
        }
        @if let Some(stored) = entry.stored() {
            details {
                summary { "Files and their hashes (BLAKE3)" }
                dl.provenance {
                    @for (name, hash) in &stored.manifest.files { dt { (name) } dd { code.hash { (hash) } } }
                }
            }
        }
    }
}
