//! Checks a document against the JSON schema of the language, and reports *all* that is wrong with its shape.
//!
//! Deserialisation alone would stop at the first error. The schema is generated from the types that are deserialised,
//! so the two cannot disagree; only the few constructs that `schemars` makes of those types are understood.

use serde_json::{Map, Value as Json};

use super::diagnostic::{Problems, nearest, nearest_of, quote};
use super::node::{Entry, Node, Value};
use super::points::SWEPT;

/// Reports every unknown key, missing key and value of the wrong type in `node`.
pub(super) fn check_shape(schema: &Json, node: &Node, problems: &mut Problems) {
    Checker { root: schema, is_spliced: false, problems }.check(schema, node, "the spec");
}

/// The same for a document of the right shape into which a sweep and a variant have put overrides.
pub(super) fn check_spliced_shape(schema: &Json, node: &Node, problems: &mut Problems) {
    Checker { root: schema, is_spliced: true, problems }.check(schema, node, "the spec");
}

struct Checker<'a> {
    root: &'a Json,
    is_spliced: bool,
    problems: &'a mut Problems,
}

impl<'a> Checker<'a> {
    fn check(&mut self, described: &'a Json, node: &Node, name: &str) {
        let schema = self.resolve(described);
        if let Some(Json::Array(variants)) = schema.get("oneOf") {
            return self.check_variants(variants, node, name);
        }
        if choices(schema).next().is_some() {
            return self.check_variants(std::slice::from_ref(schema), node, name);
        }
        let Some(kind) = kind_of(schema) else { return };
        match (kind, &node.value) {
            ("object", Value::Table(entries)) => self.check_table(schema, entries, node, name),
            ("array", Value::Array(items)) => {
                if let Some(item_schema) = schema.get("items") {
                    let is_section = kind_of(self.resolve(item_schema)) == Some("object");
                    let name = if is_section { format!("a {name}") } else { format!("an entry of {name}") };
                    for item in items {
                        if self.problems.is_plenty() {
                            return;
                        }
                        self.check(item_schema, item, &name);
                    }
                }
            }
            ("string", Value::Scalar(toml::Value::String(_))) => {}
            ("boolean", Value::Scalar(toml::Value::Boolean(_))) => {}
            ("integer", Value::Scalar(toml::Value::Integer(number))) => {
                if *number < 0 && schema.get("minimum").is_some() {
                    self.problems.add(&node.span, format!("{name} is {number}: it must not be negative"), None);
                }
            }
            ("number", Value::Scalar(toml::Value::Integer(_))) => {}
            ("number", Value::Scalar(toml::Value::Float(number))) => {
                if !number.is_finite() {
                    let help = number.is_infinite().then(|| "numbers reach up to 1.7e308".to_owned());
                    self.problems.add(&node.span, format!("{name} is {number}: it must be a finite number"), help);
                }
            }
            _ => {
                let message = format!("{name} must be {}, but is {}", expected(kind), node.describe());
                let help = match (kind, &node.value) {
                    ("array", Value::Table(_)) => Some(format!("begin each with [[{}]]", name.trim_matches('`'))),
                    _ => help(described).or_else(|| help(schema)),
                };
                self.problems.add(&node.span, message, help);
            }
        }
    }

    fn check_table(&mut self, schema: &'a Json, entries: &[Entry], node: &Node, name: &str) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let property = |key: &str| properties.and_then(|properties| properties.get(key));
        let others =
            schema.get("additionalProperties").filter(|others| others.is_object() || **others == Json::Bool(true));
        let known = || properties.into_iter().flat_map(Map::keys).map(String::as_str);
        let unused: Vec<&str> = known().filter(|key| !entries.iter().any(|entry| entry.key == *key)).collect();
        let mut misspelt = Vec::new();
        for entry in entries {
            if self.problems.is_plenty() {
                return;
            }
            let path = format!("`{}`", quote(&entry.key));
            match (property(&entry.key), others) {
                (Some(property), _) => self.check(property, &entry.node, &path),
                (None, Some(others)) => match entry.unquoted() {
                    Some((message, help)) if kind_of(self.resolve(others)) == Some("array") => {
                        self.problems.add(&entry.key_span, message, Some(help));
                    }
                    _ => self.check(others, &entry.node, &path),
                },
                (None, None) => {
                    let meant =
                        nearest_of(&entry.key, unused.iter().copied()).or_else(|| nearest_of(&entry.key, known()));
                    misspelt.extend(meant);
                    let help = match meant {
                        Some(key) => format!("did you mean `{key}`?"),
                        None if known().next().is_none() => "it has no keys: remove this one".to_owned(),
                        None => format!("known keys: {}", known().collect::<Vec<_>>().join(", ")),
                    };
                    self.problems.add(&entry.key_span, format!("unknown key {path} in {name}"), Some(help));
                }
            }
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        let missing: Vec<&str> = required.filter(|key| unused.contains(key) && !misspelt.contains(key)).collect();
        if missing.is_empty() {
            return;
        }
        let keys: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
        let help = missing.iter().filter_map(|key| {
            let schema = property(key)?;
            let resolved = self.resolve(schema);
            let is_list = resolved.get("items").is_some_and(|items| kind_of(self.resolve(items)) == Some("object"));
            let what = help(schema).or_else(|| help(resolved))?;
            Some(if is_list { format!("add [[{key}]]: {what}") } else { format!("add `{key}`: {what}") })
        });
        let help = help.collect::<Vec<_>>().join("\n");
        let message = format!("{name} lacks {}", keys.join(", "));
        self.problems.add(&node.beginning(), message, Some(help).filter(|help| !help.is_empty()));
    }

    /// An externally tagged enum: a string for a unit variant, a table of one key for the others.
    fn check_variants(&mut self, variants: &'a [Json], node: &Node, name: &str) {
        let mut words = Vec::new();
        let mut tables: Vec<(&str, &Json)> = Vec::new();
        for variant in variants {
            words.extend(choices(variant));
            if let Some(properties) = variant.get("properties").and_then(Json::as_object) {
                tables.extend(properties.iter().map(|(key, schema)| (key.as_str(), schema)));
            }
        }
        let kind = |key: &str| tables.iter().find(|(known, _)| *known == key).copied();
        let names = words.iter().map(|word| format!("\"{word}\"")).chain(tables.iter().map(|(key, _)| (*key).into()));
        let names = names.collect::<Vec<String>>().join(", ");
        let key = name.trim_matches('`');
        let what = if tables.is_empty() { "value" } else { "kind" };
        match &node.value {
            Value::Table(entries) => match entries.as_slice() {
                [] => {
                    let message = format!("{name} is empty: it needs a {what}");
                    self.problems.add(&node.beginning(), message, Some(format!("known {what}s: {names}")));
                }
                [entry] => match kind(&entry.key) {
                    Some((kind, schema)) => self.check(schema, &entry.node, &format!("`{kind}`")),
                    None => {
                        let message = format!("unknown {what} `{}` of {name}", quote(&entry.key));
                        let help = if words.contains(&entry.key.as_str()) {
                            format!("write {key} = \"{}\"", entry.key)
                        } else {
                            nearest(&entry.key, tables.iter().map(|(key, _)| *key))
                                .unwrap_or_else(|| format!("known {what}s: {names}"))
                        };
                        self.problems.add(&entry.key_span, message, Some(help));
                    }
                },
                several => self.check_several(several, &tables, &names, name),
            },
            Value::Scalar(toml::Value::String(text)) if words.contains(&text.as_str()) => {}
            Value::Scalar(toml::Value::String(text)) => {
                let message = format!("unknown {what} \"{}\" of {name}", quote(text));
                let help = match (kind(text), nearest_of(text, words.iter().copied())) {
                    (Some(_), _) => format!("`{text}` holds values: write {key}.{text} = …"),
                    (None, Some(word)) => format!("did you mean \"{word}\"?"),
                    (None, None) => format!("known {what}s: {names}"),
                };
                self.problems.add(&node.span, message, Some(help));
            }
            _ => {
                let found = node.describe();
                let (message, help) = match tables.as_slice() {
                    [] => (format!("{name} must be one of {names}, but is {found}"), None),
                    [(kind, _)] if words.is_empty() => {
                        (format!("{name} must name a kind, but is {found}"), Some(format!("write {key}.{kind} = …")))
                    }
                    _ => (format!("{name} must name a kind, but is {found}"), Some(format!("known kinds: {names}"))),
                };
                self.problems.add(&node.span, message, help);
            }
        }
    }

    /// Several keys where one kind is asked for.
    fn check_several(&mut self, entries: &[Entry], kinds: &[(&str, &Json)], names: &str, name: &str) {
        let is_known = |entry: &&Entry| kinds.iter().any(|(kind, _)| *kind == entry.key);
        for entry in entries.iter().filter(|entry| !is_known(entry)) {
            let help = nearest(&entry.key, kinds.iter().map(|(kind, _)| *kind));
            let help = help.unwrap_or_else(|| format!("it must be one of {names}"));
            self.problems.add(&entry.key_span, format!("unknown kind `{}` of {name}", quote(&entry.key)), Some(help));
        }
        if let [first, second, ..] = entries.iter().filter(is_known).collect::<Vec<_>>().as_slice() {
            let message = format!("{name} is both `{}` and `{}`", first.key, second.key);
            let key = name.trim_matches('`');
            let help = match (self.is_spliced, SWEPT.contains(&key)) {
                (false, _) => "remove one of the two".to_owned(),
                (true, false) => format!("to change its kind, set the whole of {name} to {{ {} = … }}", second.key),
                (true, true) => {
                    format!("to change its kind, set the whole of {name}: {key} = {{ {} = {{ … }} }}", second.key)
                }
            };
            self.problems.add(&second.key_span, message, Some(help));
        }
    }

    /// Follows references, and looks through the wrappers that `schemars` puts around optional and described types.
    fn resolve(&self, mut schema: &'a Json) -> &'a Json {
        loop {
            if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
                match self.root.pointer(reference.trim_start_matches('#')) {
                    Some(target) => schema = target,
                    None => return schema,
                }
            } else if let Some(inner) = schema.get("allOf").and_then(Json::as_array).and_then(|all| all.first()) {
                schema = inner;
            } else if let Some(inner) = schema.get("anyOf").and_then(Json::as_array).and_then(|any| any.first()) {
                schema = inner;
            } else {
                return schema;
            }
        }
    }
}

/// The JSON type, ignoring `null`: TOML has none, an optional key is left out.
fn kind_of(schema: &Json) -> Option<&str> {
    match schema.get("type")? {
        Json::String(kind) => Some(kind),
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).find(|kind| *kind != "null"),
        _ => None,
    }
}

fn expected(kind: &str) -> &'static str {
    match kind {
        "object" => "a table",
        "array" => "an array",
        "string" => "a string",
        "boolean" => "true or false",
        "integer" => "an integer",
        _ => "a number",
    }
}

/// The words that a schema allows.
fn choices(schema: &Json) -> impl Iterator<Item = &str> {
    let constant = schema.get("const").and_then(Json::as_str);
    let listed = schema.get("enum").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    constant.into_iter().chain(listed)
}

fn help(schema: &Json) -> Option<String> {
    let description = schema.get("description").and_then(Json::as_str)?;
    Some(description.split_whitespace().collect::<Vec<_>>().join(" "))
}
