//! A measure against another, or against the curvature: all components of each cell, and the slope of the dots.

use super::chart::{Chart, Dot, Ink, Stroke, Words};
use super::fit::{self, power_law};
use super::{Drawn, View, key};
use crate::spec::figures::Relation;

pub(super) fn draw(view: &View<'_>, relation: &Relation) -> Option<Drawn> {
    let mut chart = Chart::new(relation.log, relation.log);
    let (mut any, mut has_fit, mut has_interval) = (false, false, false);
    for (place, (c, cell)) in view.cells().enumerate() {
        let last = cell.recorded.len() - 1;
        let x = |component: usize| match relation.over {
            Some(measure) => Some(view.of(measure).measured(c, component, last).mean),
            None => Some(cell.observers[view.measure].curvatures.as_ref()?[component]),
        };
        let dot = |component: usize| {
            let sample = view.measured(c, component, last);
            Some(Dot { x: x(component)?, y: sample.mean, error: sample.standard_error })
        };
        let dots: Vec<Dot> = (0..view.n_components()).filter_map(dot).collect();
        let fitted = power_law(&dots, &chart).filter(|_| relation.log);
        // A measured abscissa has an error of its own, which an interval of the slope would have to know.
        let interval = fitted.filter(|_| relation.over.is_none()).and_then(|_| {
            let x: Vec<f64> = dots.iter().map(|dot| dot.x).collect();
            let columns: Vec<Vec<f64>> = (0..dots.len()).map(|component| view.sections(c, component, last)).collect();
            fit::interval(view, &x, &columns)
        });
        let name = &view.labels[c];
        let label = fitted.map_or_else(|| name.clone(), |fit| fit::label(name, &fit, interval.as_ref()));
        if let Some(fit) = &fitted {
            has_fit = true;
            has_interval |= interval.is_some();
            chart.line(&fit::line(fit, &dots, &chart), Ink::Series(place), 1.2, Stroke::Solid, None);
        }
        any |= chart.dots(dots, place, &label);
    }
    let fits = if has_interval { "lines: fits, slopes with 95 % intervals" } else { "lines: fits to the means" };
    let key = key("all components at the last recorded step; bars: ±2 s.e.", &[(has_fit, fits)]);
    let words = Words { title: &view.figure.title, subtitle: &key, x: &relation.x_label, y: &relation.y_label };
    let svg = if any { chart.svg(&words) } else { None };
    svg.map(|svg| Drawn { svg, key })
}
