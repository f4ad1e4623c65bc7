//! Data that a spec names by a file: tables (parquet, CSV) and the IDX files of MNIST, read into one type.
//!
//! Files come from strangers as specs do. A file is read once, whole and bounded; what was read is hashed, checked and
//! copied, in this order, and nothing is guessed: what cannot be understood is refused with its place in the file.

mod csv;
mod error;
mod file;
mod idx;
mod location;
mod parquet;
mod table;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::{DataError, Place, Row};
pub use location::{PathError, resolve};

use crate::spec::raw::RawNetworkData;
use file::File;

/// The most numbers that are read from a data set, n·m.
pub const MOST_NUMBERS: usize = 1 << 27;

/// n samples of m features with their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The features (n×m), row by row, divided by the divisor.
    pub features: Vec<f64>,
    /// n ≥ 1.
    pub count: usize,
    /// m ≥ 1.
    pub dimension: usize,
    /// The labels (n).
    pub labels: Vec<u32>,
    /// The labels that occur, in ascending order.
    pub classes: Vec<u32>,
    /// What vouches for the files as they were read: the BLAKE3 of one file, or the BLAKE3 of the two hashes of two.
    pub hash: String,
}

/// Reads what a spec in `spec_folder` names.
///
/// # Errors
/// [`DataError`], with the file, the place in it and what was expected there.
pub fn read(raw: &RawNetworkData, spec_folder: &Path) -> Result<Labelled, DataError> {
    let open = |path: &str| File::read(&resolve(spec_folder, path)?);
    let (samples, hash) = match raw {
        RawNetworkData::Parquet(table) => {
            let file = open(&table.path)?;
            (parquet::parse(&file.name, &file.bytes, table.label())?, file.hash)
        }
        RawNetworkData::Csv(table) => {
            let file = open(&table.path)?;
            (csv::parse(&file.name, &file.bytes, table.label())?, file.hash)
        }
        RawNetworkData::Idx(files) => {
            let (images, labels) = (open(&files.images)?, open(&files.labels)?);
            let hash = blake3::hash(&[*images.hash.as_bytes(), *labels.hash.as_bytes()].concat());
            (idx::parse((&images.name, &images.bytes), (&labels.name, &labels.bytes))?, hash)
        }
    };
    samples.labelled(raw.divisor(), hash.to_hex().to_string())
}

/// What stands in a file, before it is scaled.
#[derive(Debug, Clone, PartialEq)]
struct Samples {
    /// The file that the labels stand in.
    file: String,
    /// All finite (n×m).
    features: Vec<f64>,
    dimension: usize,
    labels: Vec<u32>,
}

impl Samples {
    /// Divides the features by `divisor` and lists the classes.
    fn labelled(self, divisor: f64, hash: String) -> Result<Labelled, DataError> {
        let Samples { file, mut features, dimension, labels } = self;
        features.iter_mut().for_each(|feature| *feature /= divisor);
        if !(divisor > 0.0 && divisor.is_finite() && features.iter().all(|feature| feature.is_finite())) {
            return Err(DataError::Divisor { file, divisor });
        }
        if labels.is_empty() {
            return Err(DataError::Empty { file });
        }
        let mut classes = labels.clone();
        classes.sort_unstable();
        classes.dedup();
        Ok(Labelled { count: labels.len(), dimension, features, labels, classes, hash })
    }
}

/// Refuses more numbers than are read, before room is made for them.
fn require_room(file: &str, count: usize, dimension: usize) -> Result<(), DataError> {
    let fits = count.checked_mul(dimension).is_some_and(|numbers| numbers <= MOST_NUMBERS);
    if fits { Ok(()) } else { Err(DataError::TooMany { file: file.to_owned(), count, dimension }) }
}
