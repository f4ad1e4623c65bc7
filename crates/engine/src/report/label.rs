//! Short names of cells, for legends and tables: what the sweep sets, and the variant.

use std::collections::BTreeMap;

use crate::spec::{Cell, Spec};

/// The most letters of a value.
const LONGEST_VALUE: usize = 24;

/// Words at the end of a key that say too little without the one before.
const VAGUE: [&str; 4] = ["count", "from", "seed", "to"];

/// A name for each cell of a spec, no two alike. What all cells share is not said, unless there is nothing else.
#[must_use]
pub fn labels(spec: &Spec) -> Vec<String> {
    let keys = varied(spec);
    let labels: Vec<String> = spec
        .cells
        .iter()
        .map(|cell| Some(label(spec, cell, &keys)).filter(|label| !label.is_empty()).unwrap_or_else(|| fallback(cell)))
        .collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for label in &labels {
        *times.entry(label).or_default() += 1;
    }
    let told_apart = |(c, label): (usize, &String)| match (label.is_empty(), times[label.as_str()]) {
        (true, _) => format!("cell {c}"),
        (false, 1) => label.clone(),
        (false, _) => format!("{label} (cell {c})"),
    };
    labels.iter().enumerate().map(told_apart).collect()
}

/// Which of the keys of a sweep have more than one value, by their order in [`Cell::coordinates`]; not those that say only
/// when one looks, unless there are no others.
#[must_use]
pub fn varied(spec: &Spec) -> Vec<usize> {
    let Some(first) = spec.cells.first() else { return Vec::new() };
    let varies = |i: &usize| spec.cells.iter().any(|cell| cell.coordinates[*i].1 != first.coordinates[*i].1);
    let varied: Vec<usize> = (0..first.coordinates.len()).filter(varies).collect();
    let (when, what): (Vec<usize>, Vec<usize>) =
        varied.into_iter().partition(|i| first.coordinates[*i].0.contains(".record."));
    if what.is_empty() { when } else { what }
}

/// What the sweep sets some keys to in a cell, and its variant if there are several.
#[must_use]
pub fn label(spec: &Spec, cell: &Cell, keys: &[usize]) -> String {
    let coordinates = keys.iter().map(|i| &cell.coordinates[*i]);
    let mut parts = settings(&coordinates.map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>());
    parts.extend((spec.variants.len() > 1).then(|| spec.variants[cell.variant].clone()));
    parts.join(", ")
}

/// What a sweep sets in a cell, from texts `key=value`.
#[must_use]
pub fn of_point(point: &[String]) -> String {
    settings(&point.iter().filter_map(|text| text.split_once('=')).collect::<Vec<_>>()).join(", ")
}

/// `name = value` for each key, by the whole key where names would be the same.
fn settings(coordinates: &[(&str, &str)]) -> Vec<String> {
    let is_shared = |name: &str| coordinates.iter().filter(|(key, _)| self::name(key) == name).count() > 1;
    let setting = |(key, value): &(&str, &str)| {
        let name = Some(name(key)).filter(|name| !is_shared(name)).unwrap_or(key);
        format!("{name} = {}", short(value))
    };
    coordinates.iter().map(setting).collect()
}

/// The step size and the batch size of a cell that stands alone, where it has them.
fn fallback(cell: &Cell) -> String {
    let scalar = |(symbol, name)| cell.scalars.get(name).map(|value| format!("{symbol} = {value}"));
    [("η", "eta"), ("b", "b")].into_iter().filter_map(scalar).collect::<Vec<_>>().join(", ")
}

/// The last part of a dotted key, by its symbol if it has one.
fn name(key: &str) -> &str {
    let (head, last) = key.rsplit_once('.').unwrap_or(("", key));
    let last_but_one = head.rsplit('.').next().unwrap_or("");
    match last {
        "batch_size" => "b",
        "dimension" => "d",
        "constant" if last_but_one == "step_size" => "η",
        "constant" if !last_but_one.is_empty() => last_but_one,
        _ if VAGUE.contains(&last) => &key[head.len() - last_but_one.len()..],
        _ => last,
    }
}

/// A canonical value without quotes; of a table with one kind in it only the kind; cut if it is long.
fn short(value: &str) -> String {
    let bare = value.trim_matches('"');
    let bare = match bare.strip_prefix("{ ").and_then(|table| table.split_once(" = ")) {
        Some((kind, _)) => kind,
        None => bare,
    };
    match bare.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &bare[..end]),
        None => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{name, short};

    #[test]
    fn a_key_is_named_by_its_last_part() {
        assert_eq!(name("process.sgd.step_size.constant"), "η");
        assert_eq!(name("sampling.gaussian.batch_size"), "b");
        assert_eq!(name("process.heavy_ball.momentum"), "momentum");
        assert_eq!(name("problem.quadratic.noise.random_spd.trace"), "trace");
        assert_eq!(name("problem.quadratic.curvature.log_spaced.to"), "log_spaced.to");
        assert_eq!(name("a.schedule.constant"), "schedule");
        assert_eq!(name("process"), "process");
    }

    #[test]
    fn a_value_is_short() {
        assert_eq!(short("0.1"), "0.1");
        assert_eq!(short("\"trace_matched_isotropic\""), "trace_matched_isotropic");
        assert_eq!(short("{ sgd = { horizon = 1 } }"), "sgd");
        assert_eq!(short("[1, 2, 3, 4, 5, 6, 7, 8, 9]"), "[1, 2, 3, 4, 5, 6, 7, 8,…");
    }
}
