//! A measure over two axes: coloured places, where an axis is the path, the components or the sweep.

use super::axis::tick;
use super::chart::{Grid, Words};
use super::{Drawn, View};
use crate::spec::figures::{HeatAxis, HeatMap, Shade};
use crate::statistics::agreement;

pub(super) fn draw(view: &View<'_>, heat_map: &HeatMap) -> Option<Drawn> {
    let places = places(view, heat_map);
    let (xs, ys) = (sorted(places.iter().map(|place| place.x)), sorted(places.iter().map(|place| place.y)));
    let mut values = vec![vec![f64::NAN; xs.len()]; ys.len()];
    let at = |values: &[f64], value: f64| values.iter().position(|known| *known == value);
    let (mut has_exact, mut has_limit) = (false, false);
    for place in &places {
        let (Some(x), Some(y)) = (at(&xs, place.x), at(&ys, place.y)) else { continue };
        let measured = view.measured(place.cell, place.component, place.record).mean;
        let row = view.row(place.cell, place.component, place.record);
        let (exact, limit) = (view.predictions[place.cell].exact[row], view.predictions[place.cell].limit[row]);
        values[y][x] = match heat_map.shade {
            Shade::Measured => measured,
            Shade::Agreement => exact.or(limit).map_or(f64::NAN, |law| agreement(measured, law)),
        };
        has_exact |= exact.is_some();
        has_limit |= exact.is_none() && limit.is_some();
    }
    let label = match (heat_map.shade, has_exact, has_limit) {
        (Shade::Measured, _, _) => "measured",
        (_, true, false) => "measured / exact law",
        (_, false, _) => "measured / limit",
        (_, true, true) => "measured / exact law, or limit",
    };
    let has_gap = values.iter().flatten().any(|value| !value.is_finite());
    let by_steps = [&heat_map.x, &heat_map.y].into_iter().any(|axis| matches!(axis, HeatAxis::Step));
    let when = if by_steps { "" } else { ", at the last recorded step" };
    let key = format!("colour: {label}{when}{}", if has_gap { "; empty: no value" } else { "" });
    let words = Words { title: &view.figure.title, subtitle: &key, x: &heat_map.x_label, y: &heat_map.y_label };
    let [x, y] = [xs, ys].map(|values| values.into_iter().map(tick).collect());
    let is_ratio = heat_map.shade == Shade::Agreement;
    Grid { x, y, values, label: label.to_owned(), is_ratio }.svg(&words).map(|svg| Drawn { svg, key })
}

/// A value and where it stands.
struct Place {
    x: f64,
    y: f64,
    cell: usize,
    record: usize,
    component: usize,
}

fn places(view: &View<'_>, heat_map: &HeatMap) -> Vec<Place> {
    let axes = [&heat_map.x, &heat_map.y];
    let has = |axis: fn(&HeatAxis) -> bool| axes.iter().any(|given| axis(given));
    let by_steps = has(|axis| matches!(axis, HeatAxis::Step));
    let by_components = has(|axis| matches!(axis, HeatAxis::Component));
    let mut places = Vec::new();
    for (c, cell) in view.cells() {
        let n = cell.recorded.len();
        for record in if by_steps { 0..n } else { n - 1..n } {
            for component in
                if by_components { 0..view.n_components() } else { heat_map.component..heat_map.component + 1 }
            {
                let on = |axis: &HeatAxis| match axis {
                    HeatAxis::Step => cell.recorded[record] as f64,
                    HeatAxis::Component => component as f64 + 1.0,
                    HeatAxis::Over(values) => values[c],
                };
                places.push(Place { x: on(&heat_map.x), y: on(&heat_map.y), cell: c, record, component });
            }
        }
    }
    places
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}
