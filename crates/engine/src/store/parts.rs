//! Parts: the section sums of one cell in one file, whose name carries the hash of what it is, its number of blocks, and the
//! hash of its content.
//!
//! So a part is found again by any run that wants the same numbers, and a damaged one is never believed. A cell that was
//! looked at several times has a part of each look: what was decided at an earlier one can be judged again.

use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame};

use super::atomic::Writer;
use super::{StoreError, atomic, refuse_link};
use crate::layout::Layout;
use crate::simulate::CellData;
use crate::spec::{Cell, Spec};
use crate::table;

/// How many hexadecimal digits of a hash a file name shows.
const DIGITS: usize = 24;

/// What is wrong with a part whose content is another one.
const UNSEALED: &str = "its content does not have the hash in its name";

/// The folder of parts.
#[derive(Debug, Clone)]
pub struct Parts {
    folder: PathBuf,
    writer: Writer,
    /// Whether parts of another version of the engine are good enough.
    takes_any_engine: bool,
}

/// What was found for a cell.
#[derive(Debug)]
pub enum Found {
    /// The cell's data.
    Whole(CellData),
    /// Nothing.
    Nothing,
    /// A file that cannot be used, and why.
    Damaged(StoreError),
}

impl Parts {
    /// The parts of a folder of results; makes the folder and clears what a killed run left in it.
    ///
    /// # Errors
    /// [`StoreError::Link`], [`StoreError::Io`].
    pub fn open(results: &Path) -> Result<Self, StoreError> {
        let parts = Parts::own(results);
        refuse_link(&parts.folder)?;
        std::fs::create_dir_all(&parts.folder).map_err(StoreError::io("make the folder", &parts.folder))?;
        atomic::clean(&parts.folder, Writer::Alone)?;
        Ok(parts)
    }

    /// The parts of a folder into which several shards write at once; makes the folder.
    ///
    /// # Errors
    /// [`StoreError::Link`], [`StoreError::Io`].
    pub fn share(results: &Path) -> Result<Self, StoreError> {
        let parts = Parts { writer: Writer::Shard, ..Parts::own(results) };
        refuse_link(&parts.folder)?;
        std::fs::create_dir_all(&parts.folder).map_err(StoreError::io("make the folder", &parts.folder))?;
        Ok(parts)
    }

    /// The parts that this version of the engine has written, to be read only.
    #[must_use]
    pub fn own(results: &Path) -> Self {
        Parts { takes_any_engine: false, ..Parts::of(results) }
    }

    /// The parts of a folder of results, to be read only.
    #[must_use]
    pub fn of(results: &Path) -> Self {
        Parts { folder: results.join("parts"), writer: Writer::Alone, takes_any_engine: true }
    }

    /// Removes what killed shards have left, once no shard is waited for any more.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn clean_after_shards(&self) -> Result<(), StoreError> {
        atomic::clean(&self.folder, Writer::Shard)
    }

    /// Reads the part of `cell` with the blocks of `look`, if it is there and whole.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be read.
    pub fn find(&self, spec: &Spec, cell: &Cell, look: Layout) -> Result<Found, StoreError> {
        let mut found = Found::Nothing;
        for path in self.files_of(cell, look)? {
            match self.read(&path, spec, cell, look) {
                Ok(data) => return Ok(Found::Whole(data)),
                Err(error) => found = Found::Damaged(error),
            }
        }
        Ok(found)
    }

    /// Reads the parts of `cells` at a look into their `data`, and returns what is wrong with files that cannot be used.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be read.
    pub fn read_all(
        &self,
        spec: &Spec,
        cells: &[usize],
        look: Layout,
        data: &mut [CellData],
    ) -> Result<Vec<StoreError>, StoreError> {
        let mut damaged = Vec::new();
        for &c in cells {
            match self.find(spec, &spec.cells[c], look)? {
                Found::Whole(found) => data[c] = found,
                Found::Nothing => {}
                Found::Damaged(error) => damaged.push(error),
            }
        }
        Ok(damaged)
    }

    /// Checks every part of the cells of these hashes against the hash in its name: how many are whole, and what is wrong with
    /// the others; and how many parts are of no such cell, of which a name alone tells too little.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be read.
    pub fn check(&self, hashes: &[String]) -> Result<(usize, Vec<StoreError>, usize), StoreError> {
        let (mut whole, mut damaged, mut unknown) = (0, Vec::new(), 0);
        for (path, name) in self.list()? {
            let owner = hashes.iter().find(|hash| name.split('-').next() == hash.get(..DIGITS));
            let Some(hash) = owner else {
                unknown += 1;
                continue;
            };
            let content = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
            let blocks = name.split('-').nth(1).and_then(|blocks| blocks.parse().ok());
            let is_whole = blocks.is_some_and(|blocks| name == file_name(hash, blocks, &content));
            if is_whole { whole += 1 } else { damaged.push(StoreError::corrupt(&path, UNSEALED)) }
        }
        Ok((whole, damaged, unknown))
    }

    /// Stores the data of `cell`, and then removes other files for the same blocks of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn publish(&self, spec: &Spec, cell: &Cell, data: &CellData) -> Result<(), StoreError> {
        let mut frame = frame(spec, cell, data).map_err(|source| self.conversion(source))?;
        let replicates = data.replicates().to_string();
        let provenance = [("cell", cell.key.as_str()), ("cell_hash", &cell.hash), ("replicates", &replicates)];
        let content = table::to_parquet(spec, &provenance, &mut frame).map_err(|source| self.conversion(source))?;
        let path = self.folder.join(file_name(&cell.hash, data.layout.blocks_per_section, &content));
        atomic::write_as(self.writer, &path, &content)?;
        let others = self.files_of(cell, data.layout)?;
        others.iter().filter(|other| **other != path).try_for_each(|other| atomic::remove(other))
    }

    /// Reads a part after checking the hash in its name.
    fn read(&self, path: &Path, spec: &Spec, cell: &Cell, look: Layout) -> Result<CellData, StoreError> {
        let content = std::fs::read(path).map_err(StoreError::io("read", path))?;
        let corrupt = |reason: &str| StoreError::corrupt(path, reason);
        let name = path.file_name().and_then(|name| name.to_str());
        if name != Some(file_name(&cell.hash, look.blocks_per_section, &content).as_str()) {
            return Err(corrupt(UNSEALED));
        }
        let as_table = |source| StoreError::Table { path: path.to_owned(), source };
        if !self.takes_any_engine {
            let engine = table::provenance(&content, "engine").map_err(as_table)?.unwrap_or_default();
            if engine != crate::VERSION {
                return Err(StoreError::OtherEngine { path: path.to_owned(), engine });
            }
        }
        let frame = table::from_parquet(content).map_err(as_table)?;
        let sums = table::numbers(&frame, "sum").map_err(as_table)?;
        let n_rows = spec.n_rows(cell);
        if n_rows == 0 || sums.len() != look.sections * n_rows {
            return Err(corrupt("it has another number of rows than the spec asks for"));
        }
        Ok(CellData { layout: look, sums: sums.chunks(n_rows).map(<[f64]>::to_vec).collect() })
    }

    fn files_of(&self, cell: &Cell, look: Layout) -> Result<Vec<PathBuf>, StoreError> {
        let prefix = prefix(cell, look);
        Ok(self.list()?.into_iter().filter(|(_, name)| name.starts_with(&prefix)).map(|(path, _)| path).collect())
    }

    /// All parts, sorted by name.
    fn list(&self) -> Result<Vec<(PathBuf, String)>, StoreError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", &self.folder)(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("read", &self.folder))?;
            if let Ok(name) = entry.file_name().into_string()
                && name.ends_with(".parquet")
                && !name.starts_with('.')
            {
                files.push((entry.path(), name));
            }
        }
        files.sort();
        Ok(files)
    }

    fn conversion(&self, source: polars::error::PolarsError) -> StoreError {
        StoreError::Table { path: self.folder.clone(), source }
    }
}

/// How the name of a part begins: the cell, and its blocks in a section.
fn prefix(cell: &Cell, look: Layout) -> String {
    format!("{}-{}-", &cell.hash[..DIGITS], look.blocks_per_section)
}

/// The whole name: it ends with a hash of the content, and of the cell and the blocks that it belongs to.
fn file_name(cell_hash: &str, blocks: u64, content: &[u8]) -> String {
    let seal = atomic::hash(&[cell_hash.as_bytes(), &blocks.to_le_bytes(), content].concat());
    format!("{}-{blocks}-{}.parquet", &cell_hash[..DIGITS], &seal[..DIGITS])
}

/// A row for each section, measure, component and recorded step.
fn frame(spec: &Spec, cell: &Cell, data: &CellData) -> polars::error::PolarsResult<DataFrame> {
    let (mut measures, mut components, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for measure in &spec.measures {
        for component in 1..=measure.n_components {
            for &step in &cell.recorded {
                measures.push(measure.name.as_str());
                components.push(component as u64);
                steps.push(step);
            }
        }
    }
    let repeated = |n: usize| (0..n).flat_map(|_| 0..measures.len());
    let n = data.sums.len();
    let sections: Vec<u64> = (1..=n as u64).flat_map(|section| vec![section; measures.len()]).collect();
    table::frame(vec![
        Column::new("section".into(), sections),
        Column::new("measure".into(), repeated(n).map(|row| measures[row]).collect::<Vec<_>>()),
        Column::new("component".into(), repeated(n).map(|row| components[row]).collect::<Vec<_>>()),
        Column::new("step".into(), repeated(n).map(|row| steps[row]).collect::<Vec<_>>()),
        Column::new("sum".into(), data.sums.concat()),
    ])
}
