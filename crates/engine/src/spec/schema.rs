//! The JSON schema of the experiment language, made from the types of [`super::raw`].

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::raw::RawSpec;

/// The schema (JSON Schema draft 7, which editors of TOML read), with a description of every key.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<RawSpec>().to_value();
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), "Experiment".into());
    }
    schema
}
