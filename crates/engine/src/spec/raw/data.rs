//! The files that the samples of a network stand in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Labelled samples from files. A path starts at the folder of the spec and is written with `/`; it stays below the folder
/// `specs` that the spec is in. Files packed by gzip are read too.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawNetworkData {
    /// A table in the format parquet.
    Parquet(RawTableFile),
    /// A table as text: a line of names, then a line for each sample, with commas.
    Csv(RawTableFile),
    /// Images and labels in the format of MNIST.
    Idx(RawIdxFile),
}

impl RawNetworkData {
    /// The key of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RawNetworkData::Parquet(_) => "parquet",
            RawNetworkData::Csv(_) => "csv",
            RawNetworkData::Idx(_) => "idx",
        }
    }

    /// The same without the names of its files.
    #[must_use]
    pub fn without_paths(&self) -> Self {
        let nowhere = |table: &RawTableFile| RawTableFile { path: String::new(), ..table.clone() };
        match self {
            RawNetworkData::Parquet(table) => RawNetworkData::Parquet(nowhere(table)),
            RawNetworkData::Csv(table) => RawNetworkData::Csv(nowhere(table)),
            RawNetworkData::Idx(RawIdxFile { divisor, .. }) => {
                RawNetworkData::Idx(RawIdxFile { images: String::new(), labels: String::new(), divisor: *divisor })
            }
        }
    }

    /// What every feature is divided by.
    #[must_use]
    pub fn divisor(&self) -> f64 {
        let (RawNetworkData::Parquet(RawTableFile { divisor, .. })
        | RawNetworkData::Csv(RawTableFile { divisor, .. })
        | RawNetworkData::Idx(RawIdxFile { divisor, .. })) = self;
        divisor.unwrap_or(1.0)
    }
}

/// A table of numbers: a column of labels, and features.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTableFile {
    /// The file.
    pub path: String,
    /// The column of labels, which are whole numbers from 0; all other columns are features. Default label.
    pub label: Option<String>,
    /// What every feature is divided by, say 16 for pixels from 0 to 16. Default 1.
    pub divisor: Option<f64>,
}

impl RawTableFile {
    /// The column of labels.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or("label")
    }
}

/// Two files in the format IDX, of unsigned bytes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawIdxFile {
    /// The file of images (n × rows × columns): a feature for each pixel.
    pub images: String,
    /// The file of labels (n).
    pub labels: String,
    /// What every feature is divided by, say 255 for pixels from 0 to 255. Default 1.
    pub divisor: Option<f64>,
}
