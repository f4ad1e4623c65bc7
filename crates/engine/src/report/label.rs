//! Short names of cells, for legends and tables: what the sweep sets, and the variant.

use std::collections::{BTreeMap, BTreeSet};

use crate::spec::{Cell, Spec};

/// The most letters of a value.
const LONGEST_VALUE: usize = 24;

/// Words at the end of a key that say too little without the one before.
const VAGUE: [&str; 4] = ["count", "from", "seed", "to"];

/// A name for each cell of a spec, no two alike. What all cells share is not said, unless there is nothing else.
#[must_use]
pub fn labels(spec: &Spec) -> Vec<String> {
    labels_of(spec, &(0..spec.cells.len()).collect::<Vec<_>>())
}

/// A name for each of some cells, no two alike, at their places among all; what they share is not said.
#[must_use]
pub fn labels_of(spec: &Spec, shown: &[usize]) -> Vec<String> {
    let cells: Vec<&Cell> = shown.iter().map(|c| &spec.cells[*c]).collect();
    let keys = varied(&cells);
    let several = cells.iter().any(|cell| cell.variant != cells[0].variant);
    let name = |cell: &&Cell| {
        Some(label(spec, cell, &keys, several)).filter(|label| !label.is_empty()).unwrap_or_else(|| fallback(cell))
    };
    let names: Vec<String> = cells.iter().map(name).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &names {
        *times.entry(name).or_default() += 1;
    }
    let mut labels = vec![String::new(); spec.cells.len()];
    for (c, name) in shown.iter().zip(&names) {
        labels[*c] = match (name.is_empty(), times[name.as_str()]) {
            (true, _) => format!("cell {c}"),
            (false, 1) => name.clone(),
            (false, _) => format!("{name} (cell {c})"),
        };
    }
    labels
}

/// Which of the keys of a sweep have more than one value in some cells, by their order in [`Cell::coordinates`]. Keys that
/// say only when one looks, or how long one waits, are left out where the others tell cells apart as well.
#[must_use]
pub fn varied(cells: &[&Cell]) -> Vec<usize> {
    let Some(first) = cells.first() else { return Vec::new() };
    let varies = |i: &usize| cells.iter().any(|cell| cell.coordinates[*i].1 != first.coordinates[*i].1);
    let mut varied: Vec<usize> = (0..first.coordinates.len()).filter(varies).collect();
    let told_apart = |keys: &[usize]| {
        let values = |cell: &&Cell| keys.iter().map(|i| cell.coordinates[*i].1.clone()).collect::<Vec<_>>();
        cells.iter().map(values).collect::<BTreeSet<_>>().len()
    };
    for part in [".record.", ".horizon."] {
        let rest: Vec<usize> = varied.iter().copied().filter(|i| !first.coordinates[*i].0.contains(part)).collect();
        if !rest.is_empty() && told_apart(&rest) == told_apart(&varied) {
            varied = rest;
        }
    }
    varied
}

/// What the sweep sets some keys to in a cell, and its variant if it should be said.
#[must_use]
pub fn label(spec: &Spec, cell: &Cell, keys: &[usize], with_variant: bool) -> String {
    let is_shared = |name: &str| keys.iter().filter(|i| self::name(&cell.coordinates[**i].0) == name).count() > 1;
    let coordinate = |i: &usize| {
        let (key, value) = &cell.coordinates[*i];
        let name = Some(name(key)).filter(|name| !is_shared(name)).unwrap_or(key);
        let all = spec.cells.iter().map(|cell| cell.coordinates[*i].1.as_str());
        match length(value).filter(|_| differ_in_length(all)) {
            Some(length) => format!("{length} {name}"),
            None => format!("{name} = {}", short(value)),
        }
    };
    let mut parts: Vec<String> = keys.iter().map(coordinate).collect();
    parts.extend(with_variant.then(|| spec.variants[cell.variant].clone()));
    parts.join(", ")
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

/// How many values a list has; `None` for what is no list.
fn length(value: &str) -> Option<usize> {
    let list = value.strip_prefix('[')?.strip_suffix(']')?;
    let mut depth = 0_i32;
    let commas = list.chars().filter(|c| {
        depth += i32::from(matches!(c, '[' | '{')) - i32::from(matches!(c, ']' | '}'));
        *c == ',' && depth == 0
    });
    Some(commas.count() + usize::from(!list.trim().is_empty()))
}

/// Whether values are lists, no two different ones of one length, and one of them too long to be written down.
fn differ_in_length<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    let values: BTreeSet<&str> = values.collect();
    let lengths: Option<BTreeSet<usize>> = values.iter().map(|value| length(value)).collect();
    values.iter().any(|value| value.chars().count() > LONGEST_VALUE)
        && lengths.is_some_and(|lengths| lengths.len() == values.len())
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
    use super::{differ_in_length, length, name, short};

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

    #[test]
    fn long_lists_are_told_apart_by_their_length() {
        assert_eq!(
            [length("[]"), length("[1]"), length("[[1, 2], [3, 4]]"), length("1")],
            [Some(0), Some(1), Some(2), None]
        );
        let long = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
        assert!(differ_in_length(["[0, 1, 2]", long, long].into_iter()));
        assert!(!differ_in_length(["[0, 1]", "[0, 1, 2]"].into_iter()));
        assert!(!differ_in_length([long, "[1, 1, 2, 3, 4, 5, 6, 7, 8, 9]"].into_iter()));
        assert!(!differ_in_length([long, "0"].into_iter()));
    }
}
