//! The numbers of a folder of results, read back from its tables, as far as the manifest vouches for them.

use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;

pub use super::rows::{TestRow, ValueRow};
use super::{Manifest, StoreError, rows};
use crate::table;

/// The table of recorded values.
pub const CELLS: &str = "cells.parquet";
/// The table of tests.
pub const CLAIMS: &str = "claims.parquet";

/// Why a table whose hash is right cannot be read.
const GAPS: &str = "a row of it lacks its cell, its component, its step or its verdict";

/// What a folder says: its manifest and its two tables.
#[derive(Debug, Clone)]
pub struct Results {
    /// The folder.
    pub folder: PathBuf,
    /// Provenance and verdicts.
    pub manifest: Manifest,
    /// Every test, claim by claim.
    pub tests: Vec<TestRow>,
    /// Every recorded value, cell by cell.
    pub values: Vec<ValueRow>,
}

impl Results {
    /// Reads the manifest and the tables of a folder, and checks the hashes of the tables.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there are none, [`StoreError::Corrupt`] for a file that is not what the manifest says,
    /// [`StoreError::Table`] for one that is no such table, [`StoreError::Io`].
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let manifest = Manifest::read(folder)?;
        let table = |name: &str| -> Result<(PathBuf, DataFrame), StoreError> {
            let path = folder.join(name);
            let frame = table::from_parquet(manifest.content(folder, name)?);
            Ok((path.clone(), frame.map_err(|source| StoreError::Table { path, source })?))
        };
        let (path, frame) = table(CLAIMS)?;
        let tests = rows::tests(&frame).map_err(|source| StoreError::Table { path: path.clone(), source })?;
        let tests = tests.ok_or_else(|| StoreError::corrupt(&path, GAPS))?;
        let (path, frame) = table(CELLS)?;
        let values = rows::values(&frame).map_err(|source| StoreError::Table { path: path.clone(), source })?;
        let values = values.ok_or_else(|| StoreError::corrupt(&path, GAPS))?;
        Ok(Results { folder: folder.to_owned(), manifest, tests, values })
    }
}
