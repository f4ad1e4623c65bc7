//! The baseline of a spec: results that were accepted once, to be compared with what comes after.

use std::path::{Path, PathBuf};

use super::atomic::Writer;
use super::results::{CELLS, CLAIMS};
use super::{Lock, Manifest, StoreError, atomic, manifest};

/// The folder of the baseline that belongs to a folder of results.
#[must_use]
pub fn folder_of(results: &Path) -> PathBuf {
    results.join("baseline")
}

/// Makes the results in `results` their own baseline: copies of the manifest and of both tables, in place of the one before.
/// `spec_hash` is that of the present spec.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::Stale`] or [`StoreError::Corrupt`] for results that are not there, of another
/// spec or damaged, [`StoreError::Busy`] while they are made, [`StoreError::Taken`] where the results of another spec stand
/// in the way, [`StoreError::Io`]. The baseline is then the one before.
pub fn accept(results: &Path, spec_hash: &str) -> Result<(), StoreError> {
    // Without results there is nothing to lock, and a lock is a file.
    Manifest::read(results)?;
    let _lock = Lock::take(results)?;
    atomic::clean(results, Writer::Alone)?;
    let of_results = Manifest::read(results)?;
    if let Some(of) = of_results.staleness(spec_hash) {
        return Err(StoreError::Stale { path: results.to_owned(), of });
    }
    of_results.verify(results)?;
    let folder = folder_of(results);
    // A spec NAME/baseline.toml beside NAME.toml has its results there.
    if folder.join("run.lock").exists() {
        return Err(StoreError::Taken { path: folder });
    }
    let new = tempfile::Builder::new().prefix(".tmp-").tempdir_in(results);
    let new = new.map_err(StoreError::io("write into", results))?;
    for name in [CELLS, CLAIMS] {
        atomic::write(&new.path().join(name), &of_results.content(results, name)?)?;
    }
    let path = results.join(manifest::FILE);
    let text = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
    atomic::write(&new.path().join(manifest::FILE), &text)?;
    atomic::replace_folder(&folder, new)
}
