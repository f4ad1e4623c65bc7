//! A measure under some variants over that under another one, component by component, beside the ratios of their laws.

use stats::Ratio;

use super::chart::{Chart, Dot, Ink, Stroke, Words};
use super::{Drawn, View, is_near, key};
use crate::spec::figures::VariantRatio;

pub(super) fn draw(view: &View<'_>, ratio: &VariantRatio) -> Option<Drawn> {
    let mut chart = Chart::new(false, ratio.log_y);
    let (mut any, mut has_exact, mut has_limit) = (false, false, false);
    for (place, (c, cell)) in view.cells().enumerate() {
        let (other, last) = (view.spec.sibling(c, ratio.over), cell.recorded.len() - 1);
        let abscissa = |component: usize| (component + 1) as f64;
        // The two share their random numbers, so their sections belong together.
        let dot = |component: usize| {
            let ratio = Ratio::new(view.sections(c, component, last), view.sections(other, component, last));
            Dot { x: abscissa(component), y: ratio.value(), error: ratio.standard_error() }
        };
        let law = |of: &dyn Fn(usize, usize) -> Option<f64>| -> Vec<(f64, f64)> {
            let point = |component| Some((abscissa(component), of(c, component)? / of(other, component)?));
            (0..view.n_components()).filter_map(point).collect()
        };
        let exact = law(&|c, component| view.exact(c, component, last));
        let limit = law(&|c, component| view.limit(c, component, last));
        chart.line(&exact, Ink::Series(place), 1.2, Stroke::Solid, None);
        has_exact |= !exact.is_empty();
        let is_same = exact.len() == limit.len() && exact.iter().zip(&limit).all(|(a, b)| is_near(b.1, a.1));
        if !is_same {
            has_limit |= chart.guest(&limit, Ink::Series(place), 1.2, Stroke::Dotted);
        }
        any |= chart.dots((0..view.n_components()).map(dot).collect(), place, &view.labels[c]);
    }
    chart.reference(ratio.reference.as_ref());
    let parts = [(has_exact, "solid: ratio of the exact laws"), (has_limit, "dotted: that of the limits")];
    let key = key("dots: ratios of what was measured at the last recorded step, ±2 s.e.", &parts);
    let words = Words { title: &view.figure.title, subtitle: &key, x: &ratio.x_label, y: &ratio.y_label };
    let svg = if any { chart.svg(&words) } else { None };
    svg.map(|svg| Drawn { svg, key })
}
