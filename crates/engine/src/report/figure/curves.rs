//! A measure along the path: dots over the exact law, and the limit dashed where it is another one.

use super::chart::{Chart, Dot, Ink, Words};
use super::{View, legend};
use crate::spec::figures::Curves;

/// How far the limit lies from the exact law, relative to it, where it is worth a line of its own.
const APART: f64 = 0.005;

pub(super) fn draw(view: &View<'_>, curves: &Curves) -> Option<String> {
    let mut chart = Chart::new(curves.log_x, curves.log_y);
    let (mut any, mut has_exact, mut has_limit) = (false, false, false);
    let measures: Vec<usize> = [view.measure].into_iter().chain(curves.others.iter().copied()).collect();
    let shown = measures.iter().flat_map(|measure| view.cells().map(|(c, cell)| (*measure, c, cell)));
    for (place, (measure, c, cell)) in shown.enumerate() {
        let view = view.of(measure);
        let component = if measure == view.figure.measure { curves.component } else { 0 };
        let name = match (measures.len(), view.cells().count()) {
            (1, _) => view.labels[c].clone(),
            (_, 1) => view.spec.measures[measure].name.clone(),
            _ => format!("{}, {}", view.spec.measures[measure].name, view.labels[c]),
        };
        let x = |n: usize| if curves.over_time { cell.times[n] } else { cell.recorded[n] as f64 };
        let along = |law: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
            (0..cell.recorded.len()).filter_map(|n| law(n).map(|y| (x(n), y))).collect()
        };
        let exact = along(&|n| view.exact(c, component, n));
        let limit = along(&|n| view.limit(c, component, n).filter(|_| curves.limit));
        let measured = |n: usize| {
            let sample = view.measured(c, component, n);
            Dot { x: x(n), y: sample.mean, error: sample.standard_error }
        };
        if !chart.dots((0..cell.recorded.len()).map(measured).collect(), place, &name) {
            continue;
        }
        any = true;
        has_exact |= exact.len() > 1;
        chart.line(&exact, Ink::Series(place), 1.5, false, None);
        if is_apart(&chart, &exact, &limit) {
            has_limit |= limit.len() > 1;
            chart.line(&limit, Ink::Series(place), 1.2, true, None);
        }
    }
    chart.reference(curves.reference.as_ref().filter(|_| any));
    let words = Words {
        title: &view.figure.title,
        subtitle: &legend("dots: measured, ±2 s.e.", has_exact, has_limit),
        x: if curves.over_time { "time t" } else { "step k" },
        y: &curves.y_label,
    };
    if any { chart.svg(&words) } else { None }
}

/// Whether there is a limit that differs from the exact law where it can be seen, or there is no exact law.
fn is_apart(chart: &Chart, exact: &[(f64, f64)], limit: &[(f64, f64)]) -> bool {
    let differs = |((x, exact), (_, limit)): (&(f64, f64), &(f64, f64))| {
        chart.shows(*x, *exact) && (limit - exact).abs() > APART * exact.abs()
    };
    !limit.is_empty() && (exact.is_empty() || exact.iter().zip(limit).any(differs))
}
