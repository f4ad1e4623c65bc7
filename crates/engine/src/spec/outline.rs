//! A spec as far as it can be read without building its cells: what the list of results needs, in milliseconds.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::diagnostic::{Problems, SpecError};
use super::node::{Node, Value};
use super::raw::RawSpec;
use super::{LANGUAGE_VERSION, LARGEST_FILE, LoadError, check, is_name, schema};

/// A spec whose shape is right; whether it means something, only [`super::Spec`] says.
#[derive(Debug, Clone)]
pub struct Outline {
    /// The name of the file without its ending.
    pub name: String,
    /// The file, as it was named.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The hash that results carry: see [`super::Spec::hash`].
    pub hash: String,
    /// The spec as it is typed.
    pub raw: RawSpec,
}

impl Outline {
    /// Reads the spec at `path`.
    ///
    /// # Errors
    /// [`LoadError`]: the file cannot be read, or everything that is wrong with its shape.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let File { name, file, text } = File::read(path)?;
        let mut problems = Problems::default();
        match shape(&text, &schema::json_schema(), &mut problems) {
            Some((_, raw)) => Ok(Outline { name, file, hash: hash(&raw), text, raw }),
            None => Err(SpecError::new(&file, &text, problems).into()),
        }
    }

    /// The command that reproduces results of this seed, without the path of a particular machine.
    #[must_use]
    pub fn command(&self, seed: u64) -> String {
        command(&self.file, Some(seed).filter(|seed| *seed != self.raw.seed))
    }

    /// Where its results stand below the folder of reports: see [`super::Spec::place`].
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.file, &self.name)
    }

    /// Its file below the folder `specs`, without the path of a particular machine.
    #[must_use]
    pub fn below_specs(&self) -> String {
        file_below_specs(&self.file)
    }
}

/// A spec's file that could be read.
pub(super) struct File {
    /// Its name without its ending.
    pub(super) name: String,
    /// Its path, as it was named.
    pub(super) file: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, LoadError> {
        let file = path.display().to_string();
        let stem =
            path.file_stem().and_then(|stem| stem.to_str()).filter(|_| path.extension().is_some_and(|e| e == "toml"));
        let Some(name) = stem.filter(|name| is_name(name)) else { return Err(LoadError::Name { file }) };
        let bytes = read(path).map_err(|source| LoadError::Unreadable { file: file.clone(), source })?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(LoadError::TooLarge { file });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(File { name: name.to_owned(), file, text }),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = 1 + error.as_bytes()[..valid].split(|byte| *byte == b'\n').count().saturating_sub(1);
                Err(LoadError::Encoding { file, line })
            }
        }
    }
}

/// The beginning of a file, one byte more than a spec may have.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a plain file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The command that runs a spec, without the path of a particular machine.
pub(super) fn command(file: &str, other_seed: Option<u64>) -> String {
    let seed = other_seed.map_or_else(String::new, |seed| format!(" --seed {seed}"));
    format!("cargo xtask run {}{seed}", file_below_specs(file))
}

/// A file below the folder `specs`, without the path of a particular machine.
pub(crate) fn file_below_specs(file: &str) -> String {
    format!("specs/{}", below_specs(file).join("/"))
}

/// Where the results of a spec stand below the folder of reports.
pub(super) fn place(file: &str, name: &str) -> String {
    let below = below_specs(file);
    let folders = below[..below.len().saturating_sub(1)].iter().filter(|folder| is_name(folder));
    folders.chain([&name]).copied().collect::<Vec<_>>().join("/")
}

/// The parts of a file's path below the last folder `specs`; its name alone where there is none.
fn below_specs(file: &str) -> Vec<&str> {
    let parts: Vec<_> = Path::new(file).iter().filter_map(|part| part.to_str()).collect();
    let first = parts.iter().rposition(|part| *part == "specs").map_or(parts.len().saturating_sub(1), |i| i + 1);
    parts[first..].to_vec()
}

/// The tree and the types of a text whose shape is right.
pub(super) fn shape(text: &str, json_schema: &serde_json::Value, problems: &mut Problems) -> Option<(Node, RawSpec)> {
    let root = match Node::parse(text) {
        Ok(root) => root,
        Err(errors) => {
            for error in errors {
                problems.add(&error.span, error.message, error.help);
            }
            return None;
        }
    };
    if let Some(Node { span, value: Value::Scalar(toml::Value::Integer(version)) }) =
        root.entry("schema").map(|entry| &entry.node)
        && *version != i64::from(LANGUAGE_VERSION)
    {
        let message = format!("schema version {version} is not known: this engine reads version {LANGUAGE_VERSION}");
        problems.add(span, message, None);
        return None;
    }
    check::check_shape(json_schema, &root, problems);
    let raw = problems.is_empty().then(|| deserialise(&root, problems)).flatten()?;
    Some((root, raw))
}

/// BLAKE3 of a spec without comments, spelling and the order of keys.
///
/// Keys that are not set are left out: a language that has learnt a key gives a spec without it the hash that it had.
pub(super) fn hash(raw: &RawSpec) -> String {
    blake3::hash(without_unset(serde_json::json!(raw)).to_string().as_bytes()).to_hex().to_string()
}

pub(super) fn without_unset(value: Json) -> Json {
    match value {
        Json::Object(entries) => {
            let set = entries.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(set.map(|(key, value)| (key, without_unset(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(without_unset).collect()),
        value => value,
    }
}

/// Turns a checked tree into types; an error here is one that the schema cannot express.
fn deserialise(root: &Node, problems: &mut Problems) -> Option<RawSpec> {
    match RawSpec::deserialize(root.to_toml()) {
        Ok(raw) => Some(raw),
        Err(error) => {
            problems.add(&root.span, error.message().to_owned(), None);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_not_set_do_not_count() {
        let value = serde_json::json!({ "a": null, "b": [{ "c": null, "d": 1 }, {}], "e": {} });
        assert_eq!(without_unset(value).to_string(), r#"{"b":[{"d":1},{}],"e":{}}"#);
    }
}
