//! The JSON schema of the experiment language, made from the types of [`super::raw`].

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::raw::RawSpec;

/// The schema (JSON Schema draft 7, which editors of TOML read), with a description of every key.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<RawSpec>().to_value();
    describe_kinds(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), "Experiment".into());
    }
    schema
}

/// Gives the key of each kind, like `exact` in `against.exact`, the description of the kind: editors look for it there.
fn describe_kinds(schema: &mut Value) {
    let kinds = schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten();
    for kind in kinds.filter_map(Value::as_object_mut) {
        let Some(description) = kind.get("description").cloned() else { continue };
        let keys = kind.get_mut("properties").and_then(Value::as_object_mut);
        for key in keys.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
            // Beside a reference, draft 7 reads nothing.
            if let Some(reference) = key.remove("$ref") {
                key.insert("allOf".into(), json!([{ "$ref": reference }]));
            }
            key.entry("description").or_insert_with(|| description.clone());
        }
    }
    match schema {
        Value::Object(table) => table.values_mut().for_each(describe_kinds),
        Value::Array(items) => items.iter_mut().for_each(describe_kinds),
        _ => {}
    }
}
