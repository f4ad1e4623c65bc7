//! The JSON schema of the experiment language, made from the types of [`super::raw`], and what it says of their values.

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

/// What the language says of its values: the same sentences that editors show.
#[derive(Debug, Clone)]
pub struct Descriptions(Value);

impl Default for Descriptions {
    fn default() -> Self {
        Descriptions(json_schema())
    }
}

impl Descriptions {
    /// What a value of the type `definition` is, in sentences without the last full stop: its own description, of which the
    /// first sentence has those of the choices within it in brackets. Empty for a type or a value that is not known.
    #[must_use]
    pub fn of(&self, definition: &str, value: &Value) -> String {
        let Some((kind, content)) = kind_of(value) else { return String::new() };
        let Some(choice) = self.choice(definition, kind) else { return String::new() };
        let own = sentences(&choice["description"]);
        let within = content.map(|content| self.within(&choice["properties"][kind], content)).unwrap_or_default();
        match own.split_once(". ") {
            _ if within.is_empty() => own,
            Some((first, rest)) => format!("{first} ({within}). {rest}"),
            None => format!("{own} ({within})"),
        }
    }

    /// What a value of the type `definition` is, whatever is chosen within it.
    #[must_use]
    pub fn of_kind(&self, definition: &str, value: &Value) -> String {
        let choice = kind_of(value).and_then(|(kind, _)| self.choice(definition, kind));
        choice.map_or_else(String::new, |choice| sentences(&choice["description"]))
    }

    fn choice(&self, definition: &str, kind: &str) -> Option<&Value> {
        let is_kind = |choice: &&Value| choice["const"] == kind || !choice["properties"][kind].is_null();
        self.0["definitions"][definition]["oneOf"].as_array()?.iter().find(is_kind)
    }

    /// What is chosen within a value, a phrase for each choice.
    fn within(&self, schema: &Value, content: &Value) -> String {
        let Some(name) = reference(schema) else {
            return content.as_number().map(|number| format!("here {number}")).unwrap_or_default();
        };
        let definition = &self.0["definitions"][name];
        if definition["oneOf"].is_array() {
            return lower(&first(&self.of(name, content)));
        }
        let Some(entries) = content.as_object() else { return String::new() };
        let phrase = |(key, value): (&String, &Value)| {
            let property = &definition["properties"][key];
            match (reference(property), value) {
                (_, Value::Null) => None,
                (Some(name), value) => {
                    let chosen = lower(&first(&self.of(name, value)));
                    (!chosen.is_empty()).then(|| format!("{key}: {chosen}"))
                }
                (None, Value::Number(_) | Value::String(_)) => Some(format!("{key} = {}", text(value))),
                _ => None,
            }
        };
        entries.iter().filter_map(phrase).collect::<Vec<_>>().join("; ")
    }
}

/// The kind of a value, and what it holds.
fn kind_of(value: &Value) -> Option<(&str, Option<&Value>)> {
    match value {
        Value::String(kind) => Some((kind, None)),
        Value::Object(entries) => entries.iter().next().map(|(kind, content)| (kind.as_str(), Some(content))),
        _ => None,
    }
}

/// The text with a small first letter, unless it begins with a symbol, an abbreviation or a name.
pub(crate) fn lower(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        _ if text.starts_with("Gaussian") => text.to_owned(),
        (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_ascii_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// The first sentence.
fn first(sentences: &str) -> String {
    sentences.split_once(". ").map_or(sentences, |(first, _)| first).to_owned()
}

/// The definition that a schema refers to.
fn reference(schema: &Value) -> Option<&str> {
    let direct = schema["$ref"].as_str();
    let wrapped =
        || ["allOf", "anyOf"].iter().find_map(|key| schema[key].as_array()?.iter().find_map(|s| s["$ref"].as_str()));
    direct.or_else(wrapped).and_then(|path| path.rsplit('/').next())
}

/// The description as one line, without its last full stop.
fn sentences(description: &Value) -> String {
    let line = description.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    line.strip_suffix('.').unwrap_or(&line).to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
