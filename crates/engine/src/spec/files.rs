//! The data sets that a spec names, each read once however many cells use it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dynamics::model::network::{LabelledData, Targets};

use super::context::Context;
use super::raw::RawNetworkData;
use crate::data::{self, DataError};

/// A data set, and the hash that vouches for it.
type Read = (Arc<LabelledData>, String);

/// What is wrong, and below which key of the data set's table.
type Refusal = (&'static str, String);

/// The data sets of a spec, or why they cannot be read.
pub(super) struct DataFiles {
    folder: PathBuf,
    read: RefCell<BTreeMap<String, Result<Read, Refusal>>>,
}

impl DataFiles {
    /// Those of a spec that stands in `file`.
    pub(super) fn of(file: &str) -> Self {
        let folder = Path::new(file).parent().unwrap_or(Path::new("")).to_owned();
        DataFiles { folder, read: RefCell::default() }
    }

    fn get(&self, raw: &RawNetworkData) -> Result<Read, Refusal> {
        let key = serde_json::json!(raw).to_string();
        self.read.borrow_mut().entry(key).or_insert_with(|| self.load(raw)).clone()
    }

    fn load(&self, raw: &RawNetworkData) -> Result<Read, Refusal> {
        let labelled = data::read(raw, &self.folder).map_err(|error| (key_of(raw, &error), error.to_string()))?;
        let data = LabelledData::new(labelled.dimension, labelled.features, Targets::Labels(labelled.labels));
        let data = data.map_err(|error| (raw.kind(), error.to_string()))?;
        Ok((Arc::new(data), labelled.hash))
    }
}

impl Context<'_> {
    /// The data set that the spec names at `path`.
    pub(super) fn data_file(&mut self, path: &str, raw: &RawNetworkData) -> Option<Read> {
        self.files.get(raw).map_err(|(key, message)| self.fail(&format!("{path}.{key}"), message, None)).ok()
    }
}

/// The key that an error of a data set is about.
fn key_of(raw: &RawNetworkData, error: &DataError) -> &'static str {
    let [path, label, divisor] = match raw {
        RawNetworkData::Parquet(_) => ["parquet.path", "parquet.label", "parquet.divisor"],
        RawNetworkData::Csv(_) => ["csv.path", "csv.label", "csv.divisor"],
        RawNetworkData::Idx(_) => ["idx", "idx", "idx.divisor"],
    };
    match error {
        DataError::NoLabels { .. } | DataError::TwoLabels { .. } | DataError::NoFeatures { .. } => label,
        DataError::Divisor { .. } => divisor,
        _ => path,
    }
}
