//! The forest: intervals of claims in their bands, all claims side by side, or one beside its line of a table.

use maud::{Markup, html};

use super::badge::Badge;
use super::band::{position, reach};
use super::entry::Entry;
use super::stored::Test;
use super::{Site, overview::sentence};

/// How far beyond the ends of a band the figures go.
const EDGE: f64 = 1.4;

/// Units of a small figure: a half-band is 40 wide.
const HALF_BAND: f64 = 40.0;

/// What a column of the large figure takes, at least and at most, and the width that all together should have.
const COLUMN: (f64, f64) = (3.0, 14.0);
const WIDTH: f64 = 1060.0;

/// The large figure: half of the band in its units, and the room beside the columns.
const HALF_HEIGHT: f64 = 70.0;
const MARGIN: f64 = 72.0;

/// A claim in the large figure.
struct Column<'a> {
    entry: &'a Entry,
    n: usize,
    badge: Badge,
    test: &'a Test,
}

/// All claims that have numbers: the worst first, then those that reach nearest to an end of their band.
pub(super) fn all(site: &Site) -> Markup {
    let claims = site
        .entries
        .iter()
        .flat_map(|entry| entry.outline.raw.claim.iter().enumerate().map(move |claim| (entry, claim)));
    let mut columns: Vec<Column<'_>> = claims
        .filter_map(|(entry, (n, claim))| {
            let test = entry.judged(claim)?.worst.as_ref()?;
            Some(Column { entry, n, badge: entry.badge(claim), test })
        })
        .collect();
    let order = |column: &Column<'_>| reach(&column.test.interval, &column.test.band);
    columns.sort_by(|a, b| a.badge.cmp(&b.badge).then(order(b).total_cmp(&order(a))));
    if columns.is_empty() {
        return html! {};
    }
    let step = (WIDTH / columns.len() as f64).clamp(COLUMN.0, COLUMN.1);
    let (right, height) = (MARGIN + step * columns.len() as f64, HALF_HEIGHT * EDGE);
    let y = |position: f64| -position.clamp(-EDGE, EDGE) * HALF_HEIGHT;
    html! {
        figure.forest {
            .scroll tabindex="0" role="region" aria-label="Figure of all claims" {
                svg aria-hidden="true" width=(right + 4.0) height=(2.0 * height + 8.0)
                    viewBox=(format!("0 {} {:.1} {:.1}", -height - 4.0, right + 4.0, 2.0 * height + 8.0)) {
                    rect.band x=(MARGIN) y=(-HALF_HEIGHT)
                        width=(format!("{:.1}", right - MARGIN)) height=(2.0 * HALF_HEIGHT) {}
                    @for (position, label) in [(1.0, "upper end"), (0.0, "middle"), (-1.0, "lower end")] {
                        line.end x1=(MARGIN) x2=(format!("{right:.1}")) y1=(y(position)) y2=(y(position)) {}
                        text x=(MARGIN - 6.0) y=(y(position) + 4.0) text-anchor="end" { (label) }
                    }
                    @for (i, column) in columns.iter().enumerate() {
                        @let at = [&column.test.interval.low, &column.test.statistic, &column.test.interval.high]
                            .map(|value| y(position(*value, &column.test.band)));
                        @if at[1].is_finite() {
                            a href=(format!("#{}", column.entry.claim_id(column.n))) tabindex="-1"
                                class=(column.badge.class())
                                transform=(format!("translate({:.1})", MARGIN + step * (i as f64 + 0.5))) {
                                title { (sentence(column.entry, column.n)) }
                                rect.hit x=(-0.5 * step) y=(-height) width=(step) height=(2.0 * height) {}
                                (mark(column.badge, at, Some(step)))
                            }
                        }
                    }
                }
            }
            figcaption {
                "A mark for each claim, a link to it: its worst statistic with the simultaneous interval, by its place in \
                 the band. What stays inside the band holds; crosses are refuted. Those that come nearest to an end stand \
                 on the left. The table below has the same numbers."
            }
        }
    }
}

/// One claim's interval in its band, for a line of a table.
pub(super) fn one(badge: Badge, test: &Test) -> Markup {
    let at = [test.interval.low, test.statistic, test.interval.high]
        .map(|value| position(value, &test.band).clamp(-EDGE, EDGE) * HALF_BAND);
    if !at[1].is_finite() {
        return html! { "–" };
    }
    let half_width = HALF_BAND * EDGE + 4.0;
    html! {
        svg class=(format!("mini {}", badge.class())) aria-hidden="true"
            width=(2.0 * half_width) height="18" viewBox=(format!("{} -9 {} 18", -half_width, 2.0 * half_width)) {
            rect.band x=(-HALF_BAND) y="-7" width=(2.0 * HALF_BAND) height="14" {}
            line.end x1="0" x2="0" y1="-7" y2="7" {}
            (mark(badge, at, None))
        }
    }
}

/// An interval [low, value, high] along an axis: a line and a dot, or a cross where the claim is refuted. It stands
/// upright in a column of a given width, or else lies in its line.
fn mark(badge: Badge, at: [f64; 3], column: Option<f64>) -> Markup {
    let radius = column.map_or(2.4, |width| (0.45 * width).min(2.4));
    let [low, value, high] = at.map(|at| format!("{at:.1}"));
    let (x, y) = if column.is_some() { ("0", value.as_str()) } else { (value.as_str(), "0") };
    let cross = format!("M{x} {y}m-3 -3l6 6m-6 0l6 -6");
    html! {
        @if column.is_some() {
            line.interval x1="0" x2="0" y1=(low) y2=(high) {}
        } @else {
            line.interval x1=(low) x2=(high) y1="0" y2="0" {}
        }
        @if badge.is_refuted() {
            path.cross d=(cross) {}
        } @else {
            circle.dot cx=(x) cy=(y) r=(format!("{radius:.1}")) {}
        }
    }
}
