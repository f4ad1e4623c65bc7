//! A measure along the path: dots over the exact law, the leading order dashed and the limit dotted where they differ from
//! it; a band around the dots where there is no law.

use stats::Interval;

use super::chart::{Chart, Dot, Ink, Stroke, Words};
use super::fit::{self, PowerLaw, power_law};
use super::{Drawn, View, is_near, key};
use crate::report::verdicts::grouped;
use crate::spec::figures::Curves;

/// A law along the path.
type Path = Vec<(f64, f64)>;

pub(super) fn draw(view: &View<'_>, curves: &Curves) -> Option<Drawn> {
    let mut chart = Chart::new(curves.log_x, curves.log_y);
    let (mut has_dots, mut has_bands, mut has_interval) = (false, false, false);
    let (mut has_exact, mut has_order, mut has_limit, mut guests) = (false, false, false, Vec::new());
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
        let along = |law: &dyn Fn(usize) -> Option<f64>| -> Path {
            (0..cell.recorded.len()).filter_map(|n| law(n).map(|y| (x(n), y))).collect()
        };
        let exact = along(&|n| view.exact(c, component, n));
        let is_reference = |y: f64| curves.reference.as_ref().is_some_and(|(line, _)| is_near(y, *line));
        let order =
            along(&|n| view.leading_order(c, component, n).filter(|y| curves.leading_order && !is_reference(*y)));
        let limit = along(&|n| view.limit(c, component, n).filter(|_| curves.limit));
        let (order, limit) = (apart(&chart, &exact, order), apart(&chart, &exact, limit));
        let measured = |n: usize| {
            let sample = view.measured(c, component, n);
            Dot { x: x(n), y: sample.mean, error: sample.standard_error }
        };
        let dots: Vec<Dot> = (0..cell.recorded.len()).map(measured).collect();
        let fitted = Fitted::of(&view, curves, c, component, &dots, &chart);
        has_interval |= fitted.as_ref().is_some_and(|fitted| fitted.interval.is_some());
        let name = fitted.map_or(name.clone(), |fitted| fit::label(&name, &fitted.law, fitted.interval.as_ref()));
        let has_law = [&exact, &order, &limit].iter().any(|law| law.len() > 1);
        let drawn = if has_law { chart.dots(dots, place, &name) } else { chart.banded(dots, place, &name) };
        if !drawn {
            continue;
        }
        has_dots |= has_law;
        has_bands |= !has_law;
        has_exact |= exact.len() > 1;
        chart.line(&exact, Ink::Series(place), 1.5, Stroke::Solid, None);
        guests.push((Ink::Series(place), order, limit));
    }
    for (ink, order, limit) in guests {
        has_order |= chart.guest(&order, ink, 1.3, Stroke::Dashed);
        has_limit |= chart.guest(&limit, ink, 1.3, Stroke::Dotted);
    }
    chart.reference(curves.reference.as_ref().filter(|_| has_dots || has_bands));
    let always = match (has_dots, has_bands) {
        (_, false) => "dots: measured, ±2 s.e.",
        (false, true) => "dots and lines: measured; bands: ±2 s.e.",
        (true, true) => "dots: measured; bars and bands: ±2 s.e.",
    };
    let fits = curves.fit_from.map(|step| format!("slopes from step {} on, with 95 % intervals", grouped(step)));
    let parts = [
        (has_exact, "solid: exact law"),
        (has_order, "dashed: leading order"),
        (has_limit, "dotted: limit"),
        (has_interval, fits.as_deref().unwrap_or_default()),
    ];
    let key = key(always, &parts);
    let words = Words { title: &view.figure.title, subtitle: &key, x: &curves.x_label, y: &curves.y_label };
    chart.svg(&words).map(|svg| Drawn { svg, key })
}

/// The power law that the late dots of a cell follow.
struct Fitted {
    law: PowerLaw,
    interval: Option<Interval>,
}

impl Fitted {
    fn of(view: &View<'_>, curves: &Curves, c: usize, component: usize, dots: &[Dot], chart: &Chart) -> Option<Self> {
        let from = curves.fit_from?;
        let recorded = &view.spec.cells[c].recorded;
        let late: Vec<usize> = (0..recorded.len()).filter(|n| recorded[*n] >= from && dots[*n].x > 0.0).collect();
        let fitted: Vec<Dot> = late.iter().map(|n| dots[*n]).collect();
        let law = power_law(&fitted, chart).filter(|_| late.len() > 2)?;
        let columns: Vec<Vec<f64>> = late.iter().map(|n| view.sections(c, component, *n)).collect();
        let x: Vec<f64> = fitted.iter().map(|dot| dot.x).collect();
        Some(Fitted { law, interval: fit::interval(view, &x, &columns) })
    }
}

/// The law, if it differs from the exact one where it can be seen, or there is no exact one.
fn apart(chart: &Chart, exact: &[(f64, f64)], law: Path) -> Path {
    let exact_at = |x: f64| exact.iter().find(|(at, _)| *at == x).map(|(_, y)| *y);
    let differs = |(x, y): &(f64, f64)| match exact_at(*x) {
        Some(exact) => chart.shows(*x, exact) && !is_near(*y, exact),
        None => exact.is_empty(),
    };
    if law.len() > 1 && law.iter().any(differs) { law } else { Path::new() }
}
