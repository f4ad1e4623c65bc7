//! The experiment language as it is typed: plain data that mirrors the TOML, key by key, before any judgement.
//!
//! Every section is a plain struct or an externally tagged enum (`[problem.quadratic]`), so that each value keeps its
//! place in the file; the JSON schema that editors use, and the checker of `super::check`, are made from these types.

mod claim;
mod data;
mod figure;
mod model;
mod problem;
mod process;
mod published;
mod reading;
mod sampling;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use claim::*;
pub use data::*;
pub use figure::*;
pub use model::*;
pub use problem::*;
pub use process::*;
pub use published::*;
pub use reading::*;
pub use sampling::*;

/// An experiment whose claims about the noise of SGD are simulated, predicted and judged.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSpec {
    /// Version of the experiment language: 1.
    pub schema: u32,
    /// One line that says what the experiment shows.
    pub title: String,
    /// Seed of all random numbers of the simulation.
    pub seed: u64,
    /// α: the chance that any true claim of this spec is refuted, or any false one holds. Default 1e-4.
    pub family_wise_error: Option<f64>,
    /// Where the claims come from.
    pub source: RawSource,
    /// What is minimised.
    pub problem: RawProblem,
    /// How mini-batches are drawn.
    pub sampling: RawSampling,
    /// How the iterates move.
    pub process: RawProcess,
    /// Overrides of any keys of problem, sampling or process, compared on common random numbers: a table for each
    /// variant, from dotted keys to values.
    #[serde(default)]
    pub variants: BTreeMap<String, BTreeMap<String, AnyValue>>,
    /// What the spec without overrides is called beside its variants. Default base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The points of the sweep; without it there is one.
    #[serde(default)]
    pub sweep: RawSweep,
    /// How many replicates each cell gets.
    pub replicates: RawReplicates,
    /// The quantities to record.
    pub measure: Vec<RawMeasure>,
    /// The sentences to judge.
    pub claim: Vec<RawClaim>,
    /// What to draw.
    #[serde(default)]
    pub figure: Vec<RawFigure>,
    /// Numbers that a paper printed, to stand beside ours in the report.
    #[serde(default)]
    pub published: Vec<RawPublished>,
}

impl RawSpec {
    /// Whether the exact law of its process, if there is one, is found step by step, not in closed form.
    #[must_use]
    pub fn is_walked(&self) -> bool {
        let steps_vary = !matches!(self.process.step_size(), None | Some(RawSchedule::Constant(_)));
        let averages_or_grows = match &self.process {
            RawProcess::Sgd(sgd) => matches!(sgd.rule, Some(RawRule::AverageFrom(_))) || sgd.may_diverge == Some(true),
            _ => false,
        };
        steps_vary
            || averages_or_grows
            || matches!(self.problem, RawProblem::LeastSquares(_) | RawProblem::Ensemble(_))
            || matches!(self.sampling, RawSampling::Reshuffled(_))
    }
}

/// Any TOML value, checked where it is used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent, extend("additionalProperties" = true))]
pub struct AnyValue(#[schemars(with = "serde_json::Value")] pub toml::Value);

/// Where the claims come from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    /// The paper, by its identifier.
    pub paper: String,
    /// Its title, for reports; among the specs of a paper one that states it is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The numbered statements or experiments that the spec checks.
    pub statements: Vec<String>,
    /// Where the paper's text is imprecise, and what the spec states instead; reports say it beside the verdicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction: Option<String>,
}

/// The points of the sweep.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSweep {
    /// Axes that are combined with each other: a dotted key and its values.
    #[serde(default)]
    pub grid: BTreeMap<String, Vec<AnyValue>>,
    /// Axes that advance together: dotted keys and equally many values.
    #[serde(default)]
    pub zip: BTreeMap<String, Vec<AnyValue>>,
}

/// How many replicates each cell gets: a `count`, or as many as it takes `until` its tests are decided.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReplicates {
    /// At least this many replicates in each cell, rounded up to whole blocks and equal sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Instead of `count`: how far a cell goes, up to `max` replicates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<RawUntil>,
    /// The most replicates that a cell gets with `until`, rounded up to whole blocks and equal sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// The replicates of the first look with `until`; each further one has twice as many. Default one block in each section:
    /// 4096 to 8192 replicates, or of models 128 to 256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
}

/// How far a cell goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawUntil {
    /// Until all tests that read the cell are decided; all looks together keep the family-wise error.
    Decided,
}
