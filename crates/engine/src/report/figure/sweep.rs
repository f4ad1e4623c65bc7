//! A measure at the last recorded step over the sweep: dots over the law, and the slope of the dots.

use std::collections::BTreeMap;

use super::chart::{Chart, Dot, Ink, Words};
use super::fit::{power_law, signed};
use super::{View, legend};
use crate::report::label::{label, varied};
use crate::spec::figures::Sweep;

pub(super) fn draw(view: &View<'_>, sweep: &Sweep) -> Option<String> {
    let mut chart = Chart::new(sweep.log_x, sweep.log_y);
    let (mut any, mut has_exact, mut has_limit) = (false, false, false);
    for (place, (name, cells)) in series(view, sweep).into_iter().enumerate() {
        let last = |c: usize| view.spec.cells[c].recorded.len() - 1;
        let measured = |c: &usize| {
            let sample = view.measured(*c, sweep.component, last(*c));
            Dot { x: sweep.over[*c], y: sample.mean, error: sample.standard_error }
        };
        let dots: Vec<Dot> = cells.iter().map(measured).collect();
        let law = |law: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
            cells.iter().filter_map(|c| Some((sweep.over[*c], law(*c)?))).collect()
        };
        let exact = law(&|c| view.exact(c, sweep.component, last(c)));
        let limit = law(&|c| view.limit(c, sweep.component, last(c)));
        let fit = power_law(&dots, &chart).filter(|_| sweep.log_x && sweep.log_y);
        let label = fit.map_or_else(|| name.clone(), |fit| format!("{name}: slope {}", signed(fit.slope)));
        if !chart.dots(dots, place, &label) {
            continue;
        }
        any = true;
        let uses_exact = !exact.is_empty();
        let law = if uses_exact { exact } else { limit };
        has_exact |= uses_exact;
        has_limit |= !uses_exact && !law.is_empty();
        chart.line(&law, Ink::Series(place), 1.5, !uses_exact, None);
    }
    chart.reference(sweep.reference.as_ref().filter(|_| any));
    let words = Words {
        title: &view.figure.title,
        subtitle: &legend("at the last recorded step; dots: measured, ±2 s.e.", has_exact, has_limit),
        x: &sweep.x_label,
        y: &sweep.y_label,
    };
    if any { chart.svg(&words) } else { None }
}

/// The series and their names: the cells of each variant, and of each value of a key that the abscissa does not depend
/// on; from the smallest abscissa up.
fn series(view: &View<'_>, sweep: &Sweep) -> Vec<(String, Vec<usize>)> {
    let apart: Vec<usize> = varied(view.spec).into_iter().filter(|key| is_apart(view, sweep, *key)).collect();
    let mut series: Vec<(String, Vec<usize>)> = Vec::new();
    let mut places: BTreeMap<(usize, Vec<&str>), usize> = BTreeMap::new();
    for (c, cell) in view.cells() {
        let values = apart.iter().map(|key| cell.coordinates[*key].1.as_str()).collect();
        let place = *places.entry((cell.variant, values)).or_insert_with(|| {
            let name = label(view.spec, cell, &apart);
            series.push((if name.is_empty() { "measured".to_owned() } else { name }, Vec::new()));
            series.len() - 1
        });
        series[place].1.push(c);
    }
    for (_, cells) in &mut series {
        cells.sort_by(|a, b| sweep.over[*a].total_cmp(&sweep.over[*b]));
    }
    series
}

/// Whether there are cells that differ in this key alone, and all such cells have the same abscissa.
fn is_apart(view: &View<'_>, sweep: &Sweep, key: usize) -> bool {
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (c, cell) in view.cells() {
        let others: Vec<&str> = cell
            .coordinates
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != key)
            .map(|(_, (_, value))| value.as_str())
            .collect();
        groups.entry((cell.variant, others)).or_default().push(c);
    }
    let is_same = |cells: &Vec<usize>| cells.iter().all(|c| sweep.over[*c] == sweep.over[cells[0]]);
    groups.values().any(|cells| cells.len() > 1) && groups.values().all(is_same)
}
