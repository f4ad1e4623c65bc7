//! Starts a spec from an existing one: its text, with a title and a seed of its own, and without what was found.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::node::{Entry, Node, Value};
use super::{LoadError, Outline, is_name, outline};
use crate::store::{StoreError, atomic};

/// What the last keys of a dotted path to a data file are.
const DATA_FILES: [&str; 4] = ["file.parquet.path", "file.csv.path", "file.idx.images", "file.idx.labels"];

/// Why a spec cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Its name cannot be that of a spec.
    #[error(
        "`{name}` is no name for a spec: write NAME or FOLDER/NAME, without .toml, of characters a-z, 0-9, - and _; it \
         stands next to the one it is started from"
    )]
    Name {
        /// As it was typed.
        name: String,
    },
    /// There is a file already.
    #[error("{} exists already: choose another name, or remove it first", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The spec to start from cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The new one cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a spec called `name`, with folders before it if it has any, next to the one at `from`; returns its path.
///
/// # Errors
/// [`StartError`]. Nothing is written over: a file that is there stays as it is.
pub fn start(name: &str, from: &Path) -> Result<PathBuf, StartError> {
    let parts: Vec<&str> = name.split('/').collect();
    // `specs/mine` is meant from the current folder: it would be specs/specs/mine.
    if !parts.iter().all(|part| is_name(part)) || (parts.len() > 1 && parts[0] == "specs") {
        return Err(StartError::Name { name: name.to_owned() });
    }
    let source = Outline::load(from)?;
    let path = from.with_file_name(format!("{name}.toml"));
    let text = text(&source, &path, parts.len() - 1);
    if path.exists() {
        return Err(StartError::Exists { path });
    }
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    std::fs::create_dir_all(&folder).map_err(StoreError::io("make the folder", &folder))?;
    match atomic::create(&path, text.as_bytes()) {
        Err(StoreError::Io { source, .. }) if source.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StartError::Exists { path })
        }
        written => Ok(written.map(|()| path)?),
    }
}

/// The text of the spec at `path`, `depth` folders below the one of `source`.
fn text(source: &Outline, path: &Path, depth: usize) -> String {
    let file = path.display().to_string();
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let upwards = "../".repeat(depth);
    let moved = |path: &str| match depth {
        0 => path.to_owned(),
        _ => format!("{upwards}{}", path.trim_start_matches("./")),
    };
    let first = source.text.lines().next().unwrap_or_default();
    let schema = first.strip_prefix("#:schema ").map(str::trim);
    let schema = schema.map_or_else(String::new, |schema| format!("#:schema {}\n\n", moved(schema)));
    let mut note = format!("# Started from {}.toml.", source.name);
    if let Ok(root) = Node::parse(&source.text) {
        let seed = seed(&outline::file_below_specs(&file));
        let values = [("title", format!("\"{name}: what it shows, in one line\"")), ("seed", seed.to_string())];
        for (key, value) in values {
            edits.extend(root.entry(key).map(|entry| (entry.node.span.clone(), value)));
        }
        let findings = findings(&source.text, &root);
        if !findings.is_empty() {
            note += " What was found there is a comment here: what holds is for a run to say.";
        }
        edits.extend(findings.into_iter().map(|start| (start..start, "# ".to_owned())));
        data_files(&root, "", &mut |node, path| edits.push((node.span.clone(), format!("{:?}", moved(path)))));
    }
    let begin = if schema.is_empty() { 0 } else { source.text.find('\n').map_or(source.text.len(), |end| end + 1) };
    edits.push((0..begin, format!("{schema}{note}\n")));
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    edits.into_iter().fold(source.text.clone(), |mut text, (span, replacement)| {
        text.replace_range(span, &replacement);
        text
    })
}

/// A seed that belongs to a file, whoever starts it and when.
fn seed(file: &str) -> u32 {
    let hash = blake3::hash(file.as_bytes());
    hash.as_bytes()[..4].iter().fold(0, |seed, byte| seed << 8 | u32::from(*byte))
}

/// Where the lines begin that a `finding` stands on, if it stands there alone.
fn findings(text: &str, root: &Node) -> Vec<usize> {
    let claims = match root.entry("claim").map(|entry| &entry.node.value) {
        Some(Value::Array(claims)) => claims.as_slice(),
        _ => &[],
    };
    let mut starts = Vec::new();
    for Entry { key_span, node, .. } in claims.iter().filter_map(|claim| claim.entry("finding")) {
        let begin = text[..key_span.start].rfind('\n').map_or(0, |end| end + 1);
        let end = text[node.span.end..].find('\n').map_or(text.len(), |end| node.span.end + end);
        let after = text[node.span.end..end].trim();
        if text[begin..key_span.start].trim().is_empty() && (after.is_empty() || after.starts_with('#')) {
            starts.push(begin);
            starts.extend(text[begin..end].match_indices('\n').map(|(newline, _)| begin + newline + 1));
        }
    }
    starts
}

/// Calls `found` with each string that names a file of data.
fn data_files(node: &Node, path: &str, found: &mut impl FnMut(&Node, &str)) {
    match &node.value {
        Value::Scalar(toml::Value::String(file)) if DATA_FILES.iter().any(|end| path.ends_with(end)) => {
            found(node, file)
        }
        Value::Scalar(_) => {}
        Value::Array(items) => items.iter().for_each(|item| data_files(item, path, found)),
        Value::Table(entries) => {
            entries.iter().for_each(|entry| data_files(&entry.node, &format!("{path}.{}", entry.key), found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(text: &str, path: &str, depth: usize) -> String {
        let source = Outline { name: "old".to_owned(), file: "specs/old.toml".to_owned(), ..outline_of(text) };
        super::text(&source, Path::new(path), depth)
    }

    fn outline_of(text: &str) -> Outline {
        let raw = toml::from_str(include_str!("../../../../specs/exp6.toml")).expect("a spec");
        Outline { name: String::new(), file: String::new(), text: text.to_owned(), hash: String::new(), raw }
    }

    #[test]
    fn title_seed_and_findings_change_and_all_else_stays() {
        let old = "#:schema ./schema.json\n\n# Why.\ntitle = 'old' # said\nseed = 1\n[[claim]]\nsays = \"x\"\n  \
                   finding = \"\"\"a\nb\"\"\"\n[[claim]]\nfinding = \"c\" # d\n";
        let new = "#:schema ./schema.json\n\n# Started from old.toml. What was found there is a comment here: what holds is \
                   for a run to say.\n\n# Why.\ntitle = \"new: what it shows, in one line\" # said\nseed = 455108515\n\
                   [[claim]]\nsays = \"x\"\n#   finding = \"\"\"a\n# b\"\"\"\n[[claim]]\n# finding = \"c\" # d\n";
        assert_eq!(started(old, "specs/new.toml", 0), new);
    }

    #[test]
    fn paths_follow_into_a_folder() {
        let old = "#:schema ./schema.json\nseed = 1\n[problem.network]\ndata.labelled.file.csv = { path = \"a/b.csv\" }\n\
                   [sweep.grid]\n\"problem.network.data.labelled.file.idx.images\" = [\"../i.gz\", \"j.gz\"]\n";
        let new = started(old, "specs/my/own/new.toml", 2);
        for line in ["#:schema ../../schema.json\n", "path = \"../../a/b.csv\"", "[\"../../../i.gz\", \"../../j.gz\"]"]
        {
            assert!(new.contains(line), "{line} in {new}");
        }
    }

    #[test]
    fn a_seed_belongs_to_a_file() {
        assert_eq!(seed("specs/trial.toml"), seed("specs/trial.toml"));
        assert_ne!(seed("specs/trial.toml"), seed("specs/mine/trial.toml"));
    }
}
