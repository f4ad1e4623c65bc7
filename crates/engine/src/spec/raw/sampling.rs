//! `[sampling]`: how batches are drawn.

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
    /// Gaussian noise of covariance (1 + ρ)G/b.
    Inflated(RawInflated),
    /// b samples that are correlated within their batch: covariance (1 + (b−1)ρ)G/b, Kish's design effect.
    Correlated(RawCorrelated),
    /// b of the n gradients of a pool that is drawn once.
    Pool(RawPool),
    /// Pairs of samples z, −z: odd coordinates of the gradient cancel, even ones double their variance.
    Antithetic(RawAntithetic),
    /// Equally many samples from each stratum of the first whitened coordinate.
    Stratified(RawStratified),
    /// Gradients from which a correlated quantity of known mean is subtracted.
    ControlVariate(RawControlVariate),
    /// Batches that keep some samples of the batch before.
    PartialReuse(RawPartialReuse),
    /// Epochs: a pool is cut into batches in a new random order each time.
    Reshuffled(RawReshuffled),
    /// Each replicate draws a mean, then a pool of n gradients around it, and its batches from that pool.
    Nested(RawNested),
    /// b of the n samples of the problem's own data, with the gradients that they have where the iterate stands.
    Data(RawData),
    /// b fresh samples of a problem that draws its data as it goes.
    Fresh(RawGaussian),
    /// All samples, or for a problem without data the expectation: gradient descent, without noise.
    FullBatch(RawFullBatch),
}

impl RawSampling {
    /// The key of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RawSampling::Gaussian(_) => "gaussian",
            RawSampling::Iid(_) => "iid",
            RawSampling::Inflated(_) => "inflated",
            RawSampling::Correlated(_) => "correlated",
            RawSampling::Pool(_) => "pool",
            RawSampling::Antithetic(_) => "antithetic",
            RawSampling::Stratified(_) => "stratified",
            RawSampling::ControlVariate(_) => "control_variate",
            RawSampling::PartialReuse(_) => "partial_reuse",
            RawSampling::Reshuffled(_) => "reshuffled",
            RawSampling::Nested(_) => "nested",
            RawSampling::Data(_) => "data",
            RawSampling::Fresh(_) => "fresh",
            RawSampling::FullBatch(_) => "full_batch",
        }
    }

    /// b, where it is stated.
    #[must_use]
    pub fn batch_size(&self) -> Option<u64> {
        match self {
            RawSampling::Gaussian(raw) | RawSampling::Fresh(raw) => Some(raw.batch_size),
            RawSampling::Iid(raw) => Some(raw.batch_size),
            RawSampling::Inflated(raw) => Some(raw.batch_size),
            RawSampling::Correlated(raw) => Some(raw.batch_size),
            RawSampling::Pool(raw) => Some(raw.batch_size),
            RawSampling::Antithetic(raw) => Some(raw.batch_size),
            RawSampling::Stratified(raw) => Some(raw.batch_size),
            RawSampling::ControlVariate(raw) => Some(raw.batch_size),
            RawSampling::PartialReuse(raw) => Some(raw.batch_size),
            RawSampling::Reshuffled(raw) => Some(raw.batch_size),
            RawSampling::Nested(raw) => Some(raw.batch_size),
            RawSampling::Data(raw) => Some(raw.batch_size),
            RawSampling::FullBatch(_) => None,
        }
    }

    /// How many samples a step draws one by one; the others are drawn through what the step needs of them.
    #[must_use]
    pub fn samples(&self) -> u64 {
        match self {
            RawSampling::Gaussian(_)
            | RawSampling::Inflated(_)
            | RawSampling::ControlVariate(_)
            | RawSampling::PartialReuse(_) => 1,
            others => others.batch_size().unwrap_or(1),
        }
    }
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

/// Inflated noise.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawInflated {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// ρ > −1.
    pub inflation: f64,
}

/// Correlated samples.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCorrelated {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// ρ between −1/(b−1) and 1.
    pub correlation: f64,
}

/// A fixed pool.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPool {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// n, samples in the pool.
    pub samples: u64,
    /// Whether a sample can occur twice in a batch.
    pub replacement: RawReplacement,
    /// Seed of the pool; the experiment's own seed does not change it.
    pub seed: u64,
}

/// Whether a sample can occur twice in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawReplacement {
    /// A sample can occur twice in a batch.
    With,
    /// No sample occurs twice in a batch.
    Without,
}

/// Antithetic pairs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAntithetic {
    /// b, samples in a batch; even.
    pub batch_size: u64,
    /// How many of the whitened coordinates, from the first, are odd functions of the sample; the others are even.
    pub odd: usize,
}

/// Strata.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawStratified {
    /// b, samples in a batch; a multiple of the number of strata.
    pub batch_size: u64,
    /// How many strata of equal probability.
    pub strata: u64,
}

/// A control variate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawControlVariate {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// The correlation of the control with the first whitened coordinate.
    pub correlation: f64,
    /// The coefficient of the control. Default the correlation, which is optimal.
    pub coefficient: Option<f64>,
}

/// Partial reuse.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPartialReuse {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// How many of them the batch before had drawn; at most half.
    pub reused: u64,
}

/// Reshuffled epochs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReshuffled {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// n, samples in the pool; a multiple of b.
    pub samples: u64,
    /// Seed of the pool; the experiment's own seed does not change it.
    pub seed: u64,
}

/// A hierarchy of mean, pool and batch.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNested {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// n, samples in a replicate's pool.
    pub samples: u64,
    /// s: the mean of a replicate has covariance s²G.
    pub mean_spread: f64,
}

/// Samples of the problem's own data.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawData {
    /// b, samples in a batch.
    pub batch_size: u64,
    /// Whether a sample can occur twice in a batch.
    pub replacement: RawReplacement,
}

/// All samples.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFullBatch {}
