//! The folder of results: parts while a run goes on, then tables, report and, last, the manifest that vouches for them.
//!
//! ```text
//! reports/<spec>/
//!   parts/<cell hash>-<blocks>-<content hash>.parquet
//!                                              a cell's section sums; its name says what it is and whether it is whole
//!   cells.parquet  claims.parquet              the tables
//!   README.md  *.svg                           the report
//!   manifest.toml                              written last: versions, verdicts, the hash of every other file
//!   shards.toml                                while shards write: what they agree on
//!   costs.toml                                 what the simulation took; no hash, no result depends on it
//!   run.lock                                   held by a run
//!   baseline/                                  copies of manifest and tables that were accepted, to be compared with
//! ```
//!
//! A file appears under its final name whole or not at all ([`atomic`]), and is believed only if its hash is right.

pub mod atomic;
pub mod baseline;
pub mod costs;
pub mod lock;
pub mod manifest;
pub mod parts;
pub mod results;
pub mod rows;
pub mod shards;
pub mod space;

use std::path::{Path, PathBuf};

pub use costs::Costs;
pub use lock::Lock;
pub use manifest::Manifest;
pub use results::Results;
pub use shards::ShardPlan;

/// Why a folder of results cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refuses.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Another run holds the folder.
    #[error("{path} is in use by {holder}: wait for it, or use another folder with --out")]
    Busy {
        /// The folder.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// A link stands where results would be written.
    #[error(
        "{path} is a symbolic link: results are written into plain folders only, so remove it, or name another folder with --out"
    )]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A file is not what its hash or its format says.
    #[error("{path} is corrupt ({reason}): run the spec again to make it anew")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// How it shows.
        reason: String,
    },
    /// There are no results of this spec.
    #[error("{path} holds no results: run the spec first")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The results are those of another version of the spec, or not all there.
    #[error("{path} lacks {missing} of {cells} cells of this version of the spec: run it to compute them")]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// Cells without a stored result.
        missing: usize,
        /// All cells.
        cells: usize,
    },
    /// The results are not those of the present spec.
    #[error("{path} holds results of {of}: run the spec first")]
    Stale {
        /// The folder.
        path: PathBuf,
        /// Whose results they are.
        of: &'static str,
    },
    /// The folder is in use for something else.
    #[error("{path} holds {of}: replace it with --force, or use another folder with --out")]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        of: String,
    },
    /// A part was written by another version of the engine.
    #[error("{path} was written by engine {engine}, not by {}: run its cell again", crate::VERSION)]
    OtherEngine {
        /// The file.
        path: PathBuf,
        /// The version.
        engine: String,
    },
    /// Shards have not ended yet.
    #[error("{path} lacks {cells} of {of_cells}: run {remedy}, and merge again")]
    Unmerged {
        /// The folder.
        path: PathBuf,
        /// The cells, as ranges.
        cells: String,
        /// All cells.
        of_cells: usize,
        /// What is to be run.
        remedy: String,
    },
    /// There is too little room on the disk.
    #[error(
        "{path} has room for {available} bytes, and these results take about {needed}: free some, or use another folder with \
         --out"
    )]
    Full {
        /// The folder.
        path: PathBuf,
        /// Bytes that are free.
        available: u64,
        /// Bytes that are needed, about.
        needed: u64,
    },
    /// A folder that would be a baseline is something else.
    #[error("{path} holds results of a spec of that name, so that no baseline can stand there: rename that spec")]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// A table cannot be made or read.
    #[error("cannot convert the table {path}: {source}")]
    Table {
        /// The file.
        path: PathBuf,
        /// Why.
        source: polars::error::PolarsError,
    },
}

/// Refuses a link where something would be written: whoever sends a spec with a folder of reports could lead it anywhere.
///
/// # Errors
/// [`StoreError::Link`].
pub(crate) fn refuse_link(path: &Path) -> Result<(), StoreError> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(StoreError::Link { path: path.to_owned() }),
        _ => Ok(()),
    }
}

impl StoreError {
    pub(crate) fn corrupt(path: &Path, reason: &str) -> StoreError {
        StoreError::Corrupt { path: path.to_owned(), reason: reason.to_owned() }
    }

    pub(crate) fn foreign(path: &Path, of: String) -> StoreError {
        StoreError::Foreign { path: path.to_owned(), of }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
        let path = path.to_owned();
        move |source| StoreError::Io { action, path, source }
    }
}
