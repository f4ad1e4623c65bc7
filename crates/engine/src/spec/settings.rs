//! What the numbers of a spec depend on, key by key: so that a later run can say which key made its results stale.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::outline::without_unset;
use super::raw::RawSpec;

/// Dotted keys and their values as JSON, of the sections that cells are made of; claims and figures are not among them, and
/// a measure stands under its name with what is observed.
pub(super) fn settings(raw: &RawSpec, seed: u64) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let sections = serde_json::json!({
        "problem": raw.problem,
        "sampling": raw.sampling,
        "process": raw.process,
        "variants": raw.variants,
        "replicates": raw.replicates,
        "seed": seed,
    });
    flatten("", &without_unset(sections), &mut settings);
    for measure in &raw.measure {
        let observed = serde_json::json!({ "observe": measure.observe, "centre": measure.centre });
        flatten(&format!("measure.{}", measure.name), &without_unset(observed), &mut settings);
    }
    settings
}

fn flatten(key: &str, value: &Json, settings: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            for (name, value) in entries {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                flatten(&key, value, settings);
            }
        }
        value => _ = settings.insert(key.to_owned(), value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_dotted_keys_and_lists_are_values() {
        let mut settings = BTreeMap::new();
        flatten("", &serde_json::json!({ "a": { "b": [1, 2], "c": { "d": "x" } }, "e": {} }), &mut settings);
        let expected = [("a.b", "[1,2]"), ("a.c.d", "\"x\""), ("e", "{}")];
        assert_eq!(settings, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
}
