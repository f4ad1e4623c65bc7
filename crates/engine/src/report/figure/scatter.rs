//! A measure against its law: all components of all cells, and the diagonal on which they should lie.

use super::chart::{Chart, Dot, Ink, Stroke, Words};
use super::{Drawn, View};
use crate::spec::figures::Scatter;
use crate::spec::{At, Cell};

pub(super) fn draw(view: &View<'_>, scatter: &Scatter) -> Option<Drawn> {
    let mut chart = Chart::new(scatter.log, scatter.log);
    let (mut ends, mut has_exact, mut has_limit) = (None, false, false);
    let several = view.variants().count() > 1;
    for (variant, cells) in view.variants() {
        let mut dots = Vec::new();
        for (c, n, component) in cells.iter().flat_map(|(c, cell)| places(view, scatter, *c, cell)) {
            let (exact, limit) = (view.exact(c, component, n), view.limit(c, component, n));
            let Some(law) = exact.or(limit) else { continue };
            let sample = view.measured(c, component, n);
            if !chart.shows(law, law) || !chart.shows(law, sample.mean) {
                continue;
            }
            has_exact |= exact.is_some();
            has_limit |= exact.is_none();
            let (low, high) = ends.unwrap_or((law, law));
            ends = Some((law.min(low), law.max(high)));
            dots.push(Dot { x: law, y: sample.mean, error: sample.standard_error });
        }
        let name = if several { &view.spec.variants[variant] } else { "measured" };
        chart.dots(dots, variant, name);
    }
    let (low, high) = ends?;
    chart.line(&[(low, low), (high, high)], Ink::Black, 1.2, Stroke::Solid, Some("measured = law"));
    let when = match scatter.at {
        At::FirstRecord => "the first recorded step",
        At::LastRecord => "the last recorded step",
        At::EveryRecord => "every recorded step",
    };
    let components = if view.n_components() > 1 { "all components " } else { "" };
    let key = format!("{components}at {when}; bars: ±2 s.e.");
    let words = Words {
        title: &view.figure.title,
        subtitle: &key,
        x: match (has_exact, has_limit) {
            (true, false) => "exact law",
            (false, true) => "limit",
            _ => "exact law, or limit",
        },
        y: "measured",
    };
    chart.svg(&words).map(|svg| Drawn { svg, key })
}

/// Cell, recorded step and component of the dots of a cell.
fn places(view: &View<'_>, scatter: &Scatter, c: usize, cell: &Cell) -> impl Iterator<Item = (usize, usize, usize)> {
    let (n_components, end) = (view.n_components(), cell.recorded.len());
    let shown = match scatter.at {
        At::FirstRecord => 0..1,
        At::LastRecord => end - 1..end,
        At::EveryRecord => 0..end,
    };
    shown.flat_map(move |n| (0..n_components).map(move |component| (c, n, component)))
}
