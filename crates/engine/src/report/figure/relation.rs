//! A measure against another, or against the curvature: all components of each cell, and the slope of the dots.

use super::View;
use super::chart::{Chart, Dot, Ink, Words};
use super::fit::{power_law, signed};
use crate::spec::figures::Relation;

pub(super) fn draw(view: &View<'_>, relation: &Relation) -> Option<String> {
    let mut chart = Chart::new(relation.log, relation.log);
    let mut any = false;
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
        let name = &view.labels[c];
        let fit = power_law(&dots, &chart).filter(|_| relation.log);
        let label = fit.map_or_else(|| name.clone(), |fit| format!("{name}: slope {}", signed(fit.slope)));
        if let Some(fit) = fit {
            let ends = [f64::INFINITY, f64::NEG_INFINITY];
            let shown = dots.iter().filter(|dot| chart.shows(dot.x, dot.y));
            let [low, high] = shown.fold(ends, |[low, high], dot| [low.min(dot.x), high.max(dot.x)]);
            chart.line(&[(low, fit.at(low)), (high, fit.at(high))], Ink::Series(place), 1.2, false, None);
        }
        any |= chart.dots(dots, place, &label);
    }
    let words = Words {
        title: &view.figure.title,
        subtitle: "all components at the last recorded step; bars: ±2 s.e.; lines: fits to the means",
        x: &relation.x_label,
        y: &relation.y_label,
    };
    if any { chart.svg(&words) } else { None }
}
