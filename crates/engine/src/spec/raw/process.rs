//! `[sampling]` and `[process]`: how batches are drawn, and how the iterates move.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How mini-batches are drawn.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSampling {
    /// The batch gradient has noise N(0, G/b).
    Gaussian(RawGaussian),
    /// b independent per-sample gradients are drawn and averaged.
    Iid(RawIid),
}

/// Gaussian gradient noise.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGaussian {
    /// b, samples in a batch.
    pub batch_size: u64,
}

/// Independent samples.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawIid {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// The law of the whitened per-sample gradients.
    pub population: RawPopulation,
}

/// Laws of a coordinate with mean 0 and variance 1.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPopulation {
    /// N(0, 1).
    Gaussian,
    /// ±1.
    Rademacher,
    /// Uniform on [−√3, √3].
    Uniform,
}

/// How the iterates move.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProcess {
    /// θ' = θ − η·ĝ(θ).
    Sgd(RawSgd),
}

/// Stochastic gradient descent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSgd {
    /// η, the step size.
    pub step_size: RawSchedule,
    /// The law of the first iterate, relative to the minimiser.
    pub start: RawStart,
    /// How long the path is.
    pub horizon: RawHorizon,
    /// Which steps are recorded.
    pub record: RawRecord,
}

/// A step-size schedule.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSchedule {
    /// η_k = η.
    Constant(f64),
    /// η_k = c/(k + k₀)^α.
    RobbinsMonro(RawRobbinsMonro),
}

/// Decreasing steps.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRobbinsMonro {
    /// c.
    pub scale: f64,
    /// k₀.
    pub offset: f64,
    /// α, above ½ and at most 1. Default 1.
    pub exponent: Option<f64>,
}

/// The law of the initial error e₀ = θ₀ − θ*.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawStart {
    /// One point, the same for all replicates: d coordinates.
    Point(Vec<f64>),
    /// One point, the same for all replicates, drawn once uniformly from a sphere.
    RandomPoint(RawRandomPoint),
    /// Each replicate starts at its own draw from N(0, s²I).
    Gaussian(RawGaussianStart),
}

/// A point drawn uniformly from a sphere around the minimiser.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRandomPoint {
    /// The distance to the minimiser.
    pub radius: f64,
    /// Seed of the direction.
    pub seed: u64,
}

/// A Gaussian cloud around the minimiser.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGaussianStart {
    /// s, the standard deviation along each coordinate.
    pub spread: f64,
}

/// How long a path is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawHorizon {
    /// Number of steps.
    Steps(u64),
    /// Time t = Σ η_k to be reached with constant steps: the fewest that do.
    Time(f64),
}

/// Which steps are recorded.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRecord {
    /// This many steps at about equal ratios from 1 to the horizon (fewer where they coincide).
    Logarithmic(u64),
    /// This many steps at about equal distances, up to the horizon.
    Linear(u64),
    /// These steps (0 is the start).
    Steps(Vec<u64>),
}
