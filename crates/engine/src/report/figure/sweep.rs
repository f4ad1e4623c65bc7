//! A measure at the last recorded step over the sweep: dots over the law, and the slope of the dots.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{Chart, Dot, Ink, Stroke, Words};
use super::fit::{self, power_law};
use super::{Drawn, View, is_near, key};
use crate::report::label::{label, varied};
use crate::spec::Cell;
use crate::spec::figures::Sweep;

pub(super) fn draw(view: &View<'_>, sweep: &Sweep) -> Option<Drawn> {
    let mut chart = Chart::new(sweep.log_x, sweep.log_y);
    let (mut any, mut has_exact, mut has_order, mut has_limit) = (false, false, false, false);
    let (mut has_fit, mut has_interval, mut guests) = (false, false, Vec::new());
    for (place, (name, cells)) in series(view, sweep).into_iter().enumerate() {
        let last = |c: usize| view.spec.cells[c].recorded.len() - 1;
        let measured = |c: &usize| {
            let sample = view.measured(*c, sweep.component, last(*c));
            Dot { x: sweep.over[*c], y: sample.mean, error: sample.standard_error }
        };
        let dots: Vec<Dot> = cells.iter().map(measured).collect();
        let law = |law: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
            let points = cells.iter().filter_map(|c| Some((sweep.over[*c], law(*c)?)));
            points.filter(|(x, y)| chart.shows(*x, *y)).collect()
        };
        let exact = law(&|c| view.exact(c, sweep.component, last(c)));
        let limit = law(&|c| view.limit(c, sweep.component, last(c)));
        let order = law(&|c| view.leading_order(c, sweep.component, last(c)));
        let is_reference = |y: f64| sweep.reference.as_ref().is_some_and(|(line, _)| is_near(y, *line));
        let is_apart = sweep.leading_order
            && !order.iter().all(|(_, y)| is_reference(*y))
            && order.len() == exact.len()
            && order.iter().zip(&exact).any(|((_, order), (_, exact))| !is_near(*order, *exact));
        let fitted = power_law(&dots, &chart).filter(|_| sweep.fit && dots.len() > 2);
        let interval = fitted.and_then(|_| {
            let columns: Vec<_> = cells.iter().map(|c| view.sections(*c, sweep.component, last(*c))).collect();
            fit::interval(view, &dots.iter().map(|dot| dot.x).collect::<Vec<_>>(), &columns)
        });
        has_interval |= interval.is_some();
        let label = fitted.map_or_else(|| name.clone(), |fit| fit::label(&name, &fit, interval.as_ref()));
        let fit_line = fitted.map(|fit| fit::line(&fit, &dots, &chart));
        if !chart.dots(dots, place, &label) {
            continue;
        }
        any = true;
        let uses_exact = !exact.is_empty();
        let (law, stroke) = if uses_exact { (exact, Stroke::Solid) } else { (limit, Stroke::Dotted) };
        has_exact |= uses_exact;
        has_limit |= !uses_exact && !law.is_empty();
        match fit_line.filter(|_| law.is_empty()) {
            Some(line) => {
                has_fit = true;
                chart.line(&line, Ink::Series(place), 1.0, Stroke::Solid, None);
            }
            None => chart.line(&law, Ink::Series(place), 1.5, stroke, None),
        }
        guests.push((place, Some(order).filter(|_| is_apart)));
    }
    for (place, order) in guests {
        has_order |= order.is_some_and(|order| chart.guest(&order, Ink::Series(place), 1.3, Stroke::Dashed));
    }
    chart.reference(sweep.reference.as_ref().filter(|_| any));
    let parts = [
        (has_exact, "solid: exact law"),
        (has_order, "dashed: leading order"),
        (has_limit, "dotted: limit"),
        (has_fit, "solid: fit"),
        (has_interval, "slopes with 95 % intervals"),
    ];
    let key = key("at the last recorded step; dots: measured, ±2 s.e.", &parts);
    let words = Words { title: &view.figure.title, subtitle: &key, x: &sweep.x_label, y: &sweep.y_label };
    let svg = if any { chart.svg(&words) } else { None };
    svg.map(|svg| Drawn { svg, key })
}

/// The series and their names: the cells of each variant, and of each value of a key that tells series apart; from the
/// smallest abscissa up.
fn series(view: &View<'_>, sweep: &Sweep) -> Vec<(String, Vec<usize>)> {
    let apart = keys(view, sweep);
    let several = view.variants().count() > 1;
    let named = groups(view, sweep, &apart).into_iter().map(|cells| {
        let name = label(view.spec, &view.spec.cells[cells[0]], &apart, several);
        (if name.is_empty() { "measured".to_owned() } else { name }, cells)
    });
    named.collect()
}

/// The keys that tell series apart.
///
/// Of keys that vary alone those on which the abscissa does not depend. Keys that advance together all change along the
/// abscissa, so a line through all cells would join what does not belong together if one of them goes up and down on its
/// way: then the one with the fewest values tells series apart, until none does.
fn keys(view: &View<'_>, sweep: &Sweep) -> Vec<usize> {
    let shown: Vec<&Cell> = view.cells().map(|(_, cell)| cell).collect();
    let varied = varied(&shown);
    let mut apart: Vec<usize> = varied.iter().copied().filter(|key| is_apart(view, sweep, *key)).collect();
    let mut together: Vec<usize> = varied.into_iter().filter(|key| siblings(view, *key).is_empty()).collect();
    let n_values = |key: &usize| shown.iter().map(|cell| &cell.coordinates[*key].1).collect::<BTreeSet<_>>().len();
    together.sort_by_key(n_values);
    while let Some(place) = together.iter().position(|key| {
        groups(view, sweep, &apart).iter().any(|cells| {
            turns(cells.iter().filter_map(|c| Some((sweep.over[*c], number(&view.spec.cells[*c], *key)?))))
        })
    }) {
        apart.push(together.remove(place));
    }
    apart.sort_unstable();
    apart
}

fn number(cell: &Cell, key: usize) -> Option<f64> {
    cell.coordinates[key].1.parse().ok()
}

/// Whether the values go both up and down, or two of them stand above one abscissa.
fn turns(points: impl Iterator<Item = (f64, f64)>) -> bool {
    let points: Vec<(f64, f64)> = points.collect();
    let steps = || points.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1));
    let goes = |sign: f64| steps().any(|(_, step)| sign * step > 0.0);
    (goes(1.0) && goes(-1.0)) || steps().any(|(x, step)| x == 0.0 && step != 0.0)
}

/// The cells of each variant and of each combination of values of some keys, in the order of the spec; each from the
/// smallest abscissa up.
fn groups(view: &View<'_>, sweep: &Sweep, apart: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut places: BTreeMap<(usize, Vec<&str>), usize> = BTreeMap::new();
    for (c, cell) in view.cells() {
        let values = apart.iter().map(|key| cell.coordinates[*key].1.as_str()).collect();
        let place = *places.entry((cell.variant, values)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(c);
    }
    for cells in &mut groups {
        cells.sort_by(|a, b| sweep.over[*a].total_cmp(&sweep.over[*b]));
    }
    groups
}

/// Whether there are cells that differ in this key alone, and all such cells have the same abscissa.
fn is_apart(view: &View<'_>, sweep: &Sweep, key: usize) -> bool {
    let siblings = siblings(view, key);
    let is_same = |cells: &Vec<usize>| cells.iter().all(|c| sweep.over[*c] == sweep.over[cells[0]]);
    !siblings.is_empty() && siblings.iter().all(is_same)
}

/// The groups of cells that differ in this key alone.
fn siblings(view: &View<'_>, key: usize) -> Vec<Vec<usize>> {
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
    groups.into_values().filter(|cells| cells.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::turns;

    #[test]
    fn a_key_turns_if_it_goes_up_and_down() {
        let check = |values: &[(f64, f64)]| turns(values.iter().copied());
        assert!(!check(&[(1.0, 3.0), (2.0, 2.0), (3.0, 2.0), (4.0, 1.0)]));
        assert!(check(&[(1.0, 4.0), (2.0, 16.0), (3.0, 4.0)]));
        assert!(check(&[(1.0, 4.0), (1.0, 16.0)]));
        assert!(!check(&[]));
    }
}
