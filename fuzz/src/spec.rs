//! Specs: valid ones survive being printed, and bad ones are answered with places.

use std::collections::BTreeSet;

use engine::spec::raw::RawSpec;
use engine::{Spec, SpecError};
use serde_json::Value as Json;

/// The file that the text is said to stand in, beside the data of the tests.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/specs/case.toml");

/// The largest number in a problem, a sampling or a sweep that is worth the fuzzer's time: matrices grow with it.
const LARGEST: f64 = 64.0;

/// A text is a spec or has errors with places; a spec that is printed and read again is the same spec.
pub fn spec(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if toml::from_str(text).is_ok_and(|raw| is_costly(&raw)) {
        return;
    }
    match parse(text) {
        Ok(spec) => {
            let printed = printed(text);
            let again = parse(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
            assert_eq!(spec.hash, again.hash, "{printed}");
            // As sets: the types keep the axes of a sweep by name.
            assert_eq!(cells(&spec), cells(&again), "{printed}");
        }
        Err(error) => {
            assert!(error.problems().next().is_some(), "refused without a problem");
            let shown = error.to_string();
            let is_told = |problem: &str| problem.starts_with("and more in ") || has_place(problem);
            assert!(shown.split("\n\n").all(is_told), "{shown}");
        }
    }
}

/// The same spec, as its types print it.
pub fn printed(text: &str) -> String {
    let raw: RawSpec = toml::from_str(text).expect("a spec deserialises");
    toml::to_string(&raw).expect("a spec can be printed")
}

fn parse(text: &str) -> Result<Spec, SpecError> {
    Spec::parse("case", FILE, text, None)
}

fn cells(spec: &Spec) -> BTreeSet<&str> {
    spec.cells.iter().map(|cell| cell.hash.as_str()).collect()
}

/// Whether a problem is shown with `FILE:LINE:COLUMN`.
fn has_place(problem: &str) -> bool {
    let Some((_, place)) = problem.split_once(&format!("--> {FILE}:")) else { return false };
    let numbers: Vec<_> = place.lines().next().unwrap_or_default().split(':').collect();
    numbers.len() == 2 && numbers.iter().all(|number| number.parse::<u64>().is_ok_and(|number| number > 0))
}

/// Whether building the cells would take long for a good reason.
fn is_costly(raw: &RawSpec) -> bool {
    let json = serde_json::json!([raw.problem, raw.sampling, raw.sweep, raw.variants]);
    has_large_number(&json) || raw.sweep.grid.values().map(|axis| axis.len() as f64).product::<f64>() > LARGEST
}

fn has_large_number(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.as_f64().is_some_and(|number| number.abs() > LARGEST),
        Json::Array(items) => items.iter().any(has_large_number),
        Json::Object(entries) => entries.iter().any(|(key, value)| key != "seed" && has_large_number(value)),
        _ => false,
    }
}
