//! Stored figures for papers and slides: the SVG of a figure that the manifest of its results vouches for.

use std::path::Path;

use crate::spec::Outline;
use crate::spec::diagnostic::nearest;
use crate::store::{Manifest, StoreError, atomic};

/// Why there is no picture of a figure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The spec draws no figure of this name.
    #[error("there is no figure named \"{name}\" in {file}: {help}")]
    Unknown {
        /// The name.
        name: String,
        /// The spec.
        file: String,
        /// What was meant, or is there.
        help: String,
    },
    /// The results are those of another version of the spec.
    #[error("the results of {spec} are those of another version of it: run it first")]
    Stale {
        /// The name of the spec.
        spec: String,
    },
    /// There was nothing finite to draw.
    #[error("figure \"{name}\" of {spec} was not drawn: it shows nothing finite")]
    NotDrawn {
        /// The name of the figure.
        name: String,
        /// The name of the spec.
        spec: String,
    },
    /// The results cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The figures of a spec that are meant: the one of this name, or all.
///
/// # Errors
/// [`PictureError::Unknown`], with the nearest name.
pub fn names<'a>(outline: &'a Outline, name: Option<&str>) -> Result<Vec<&'a str>, PictureError> {
    let known: Vec<&str> = outline.raw.figure.iter().map(|figure| figure.name.as_str()).collect();
    let Some(name) = name else { return Ok(known) };
    if let Some(found) = known.iter().find(|known| **known == name) {
        return Ok(vec![found]);
    }
    let help = nearest(name, known.iter().copied()).unwrap_or_else(|| match known[..] {
        [] => "it draws none".to_owned(),
        _ => format!("known: {}", known.join(", ")),
    });
    Err(PictureError::Unknown { name: name.to_owned(), file: outline.file.clone(), help })
}

/// The SVG of a figure among the results in `folder`.
///
/// # Errors
/// [`PictureError`]: there are no results, or of another version of the spec, or the file is not what the manifest says.
pub fn stored(outline: &Outline, folder: &Path, name: &str) -> Result<String, PictureError> {
    let manifest = Manifest::read(folder)?;
    if manifest.spec_hash != outline.hash {
        return Err(PictureError::Stale { spec: outline.name.clone() });
    }
    let file = format!("{name}.svg");
    let Some(expected) = manifest.files.get(&file) else {
        return Err(PictureError::NotDrawn { name: name.to_owned(), spec: outline.name.clone() });
    };
    let path = folder.join(file);
    let corrupt = |reason: &str| StoreError::Corrupt { path: path.clone(), reason: reason.to_owned() };
    let content = match std::fs::read(&path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(corrupt("it is missing").into()),
        Err(error) => return Err(StoreError::io("read", &path)(error).into()),
    };
    if atomic::hash(&content) != *expected {
        return Err(corrupt("its hash is not that of the manifest").into());
    }
    Ok(String::from_utf8(content).map_err(|_| corrupt("it is no text"))?)
}

/// Writes a picture, whole or not at all.
///
/// # Errors
/// [`StoreError::Io`].
pub fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(StoreError::io("make the folder", folder))?;
    }
    atomic::write(path, content)
}
