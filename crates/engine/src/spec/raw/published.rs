//! `[[published]]`: numbers that a paper printed, to stand beside ours in the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Numbers that a paper printed. They are shown, not judged: a paper's numbers come without their error.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPublished {
    /// Where the numbers stand.
    pub place: String,
    /// Which measure they are about.
    pub measure: String,
    /// Which of its components, from 1. Default 1.
    pub component: Option<usize>,
    /// In which variant. Default base.
    pub variant: Option<String>,
    /// measured / law as the paper printed it: a number for each recorded step of the first cell.
    pub ratios: Vec<f64>,
}
