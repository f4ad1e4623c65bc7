//! Which file a spec means by a path, and which files it may mean.
//!
//! A spec may come from a stranger, so it names data below one folder only: the nearest folder `specs` that it stands in,
//! or its own folder where there is none. Paths start at the spec's folder and are written with `/` on every system.

use std::path::{Path, PathBuf};

/// Why a path names no data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// It does not start at the spec's folder, or is written otherwise.
    #[error("`{path}` is not a path from the folder of the spec: write it like `../data/digits.parquet`, with `/`")]
    Form {
        /// As it was typed.
        path: String,
    },
    /// It names a hidden file or folder.
    #[error("`{path}` goes through `{part}`, which is hidden: a spec reads visible files only")]
    Hidden {
        /// As it was typed.
        path: String,
        /// The name with a point before it.
        part: String,
    },
    /// It leads out of the folder.
    #[error("`{path}` leads out of {root}: a spec reads files in this folder only, so copy the file into it")]
    Outside {
        /// As it was typed.
        path: String,
        /// The folder.
        root: PathBuf,
    },
    /// A link leads out of the folder.
    #[error("`{path}` leads to {target}, out of {root}, by a symbolic link: copy the file instead")]
    Link {
        /// As it was typed.
        path: String,
        /// Where it leads.
        target: PathBuf,
        /// The folder.
        root: PathBuf,
    },
    /// There is no such file.
    #[error("cannot find `{path}` from {folder}, where its spec stands: {source}")]
    NotFound {
        /// As it was typed.
        path: String,
        /// The spec's folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The file that `path` means in a spec that stands in `spec_folder` (empty: the current one), free of links.
///
/// # Errors
/// [`PathError`].
pub fn resolve(spec_folder: &Path, path: &str) -> Result<PathBuf, PathError> {
    let typed = || path.to_owned();
    let missing = |source| PathError::NotFound { path: path.to_owned(), folder: spec_folder.to_owned(), source };
    let is_plain = |c: char| !c.is_control() && c != '\\' && c != ':';
    if path.is_empty() || path.starts_with(['/', '~']) || !path.chars().all(is_plain) {
        return Err(PathError::Form { path: typed() });
    }
    let current = if spec_folder.as_os_str().is_empty() { Path::new(".") } else { spec_folder };
    let folder = current.canonicalize().map_err(missing)?;
    let root = folder.ancestors().find(|above| above.file_name().is_some_and(|name| name == "specs"));
    let root = root.unwrap_or(&folder);
    let mut target = folder.clone();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = target.pop(),
            hidden if hidden.starts_with('.') => {
                return Err(PathError::Hidden { path: typed(), part: part.to_owned() });
            }
            name => target.push(name),
        }
        if !target.starts_with(root) {
            return Err(PathError::Outside { path: typed(), root: root.to_owned() });
        }
    }
    let target = target.canonicalize().map_err(missing)?;
    match target.starts_with(root) {
        true => Ok(target),
        false => Err(PathError::Link { path: typed(), target, root: root.to_owned() }),
    }
}
