//! `[process]`: how the iterates move.

use dynamics::block::WIDTH;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RawMatrix;

/// How the iterates move.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProcess {
    /// θ' = θ − η·ĝ(θ).
    Sgd(RawSgd),
    /// dX = −HX dt + σL dW with LLᵀ = G, σ² = 1/b, on a grid of times.
    OrnsteinUhlenbeck(RawOrnsteinUhlenbeck),
    /// No iterates: each step is the noise ĝ_B − ∇L of one more batch at the minimiser.
    BatchGradient(RawBatchGradient),
    /// The descent, seen through √((1/T) Σ_{t<T} ‖∇L(θ_t)‖²_{F⁻¹}), one number after T steps.
    GradientAverage(RawGradientAverage),
    /// No iterates: after k samples the error Ĝ − G of an estimate of the gradient covariance, as a vector of d(d+1)/2
    /// coordinates whose length is the Frobenius norm.
    CovarianceEstimate(RawCovarianceEstimate),
    /// θ' = θ − η·ĝ(θ) for a model with data, known by its readings.
    Training(RawTraining),
    /// No steps: a model is read where it starts, as step 0.
    Evaluation(RawEvaluation),
}

/// The keys that say where a path begins, how long it is, and where it is recorded.
#[derive(Debug, Clone, Copy)]
pub struct RawPath<'a> {
    /// The law of the first point.
    pub start: &'a RawStart,
    /// How long the path is.
    pub horizon: &'a RawHorizon,
    /// Which steps are recorded.
    pub record: &'a RawRecord,
}

impl RawProcess {
    /// The key of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RawProcess::Sgd(_) => "sgd",
            RawProcess::OrnsteinUhlenbeck(_) => "ornstein_uhlenbeck",
            RawProcess::BatchGradient(_) => "batch_gradient",
            RawProcess::GradientAverage(_) => "gradient_average",
            RawProcess::CovarianceEstimate(_) => "covariance_estimate",
            RawProcess::Training(_) => "training",
            RawProcess::Evaluation(_) => "evaluation",
        }
    }

    /// Its path, if it has one.
    #[must_use]
    pub fn path(&self) -> Option<RawPath<'_>> {
        match self {
            RawProcess::Sgd(RawSgd { start, horizon, record, .. })
            | RawProcess::OrnsteinUhlenbeck(RawOrnsteinUhlenbeck { start, horizon, record, .. })
            | RawProcess::GradientAverage(RawGradientAverage { start, horizon, record, .. }) => {
                Some(RawPath { start, horizon, record })
            }
            RawProcess::BatchGradient(_)
            | RawProcess::CovarianceEstimate(_)
            | RawProcess::Training(_)
            | RawProcess::Evaluation(_) => None,
        }
    }

    /// How many replicates advance together: one where each has a model of its own.
    #[must_use]
    pub fn lanes(&self) -> usize {
        match self {
            RawProcess::Training(_) | RawProcess::Evaluation(_) => 1,
            _ => WIDTH,
        }
    }

    /// Its step sizes, if it has any.
    #[must_use]
    pub fn step_size(&self) -> Option<&RawSchedule> {
        match self {
            RawProcess::Sgd(raw) => Some(&raw.step_size),
            RawProcess::GradientAverage(raw) => Some(&raw.step_size),
            RawProcess::Training(raw) => Some(&raw.step_size),
            RawProcess::OrnsteinUhlenbeck(_)
            | RawProcess::BatchGradient(_)
            | RawProcess::CovarianceEstimate(_)
            | RawProcess::Evaluation(_) => None,
        }
    }
}

/// Stochastic gradient descent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSgd {
    /// η, the step size.
    pub step_size: RawSchedule,
    /// How a step is made of gradients, and what is observed. Default plain.
    pub rule: Option<RawRule>,
    /// The law of the first iterate, relative to the minimiser.
    pub start: RawStart,
    /// How long the path is.
    pub horizon: RawHorizon,
    /// Which steps are recorded.
    pub record: RawRecord,
    /// Whether step sizes are taken at which the second moment grows, for problems with an exact law. Default false: they
    /// are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_diverge: Option<bool>,
}

/// The training of a model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTraining {
    /// η, the step size.
    pub step_size: RawSchedule,
    /// How long the path is.
    pub horizon: RawHorizon,
    /// Which steps are recorded.
    pub record: RawRecord,
}

/// The reading of a model where it starts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEvaluation {}

/// How a step is made of gradients, and what is observed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRule {
    /// θ' = θ − ηĝ.
    Plain,
    /// m' = βm + ĝ, θ' = θ − ηm' with this β.
    HeavyBall(f64),
    /// θ' = θ − ηPĝ.
    Preconditioned(RawPreconditioner),
    /// The average of the iterates after this step is observed (0: of all).
    AverageFrom(u64),
}

/// A preconditioner P.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPreconditioner {
    /// H⁻¹.
    Newton,
    /// F⁻¹.
    NaturalGradient,
    /// A matrix of its own.
    Matrix(RawMatrix),
}

/// The diffusion.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOrnsteinUhlenbeck {
    /// Δt, the spacing of the grid; a step is one interval.
    pub interval: f64,
    /// How an interval is crossed. Default exact.
    pub method: Option<RawMethod>,
    /// The law of the first point.
    pub start: RawStart,
    /// How long the path is.
    pub horizon: RawHorizon,
    /// Which steps are recorded.
    pub record: RawRecord,
}

/// How the diffusion crosses an interval.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMethod {
    /// A draw from the transition law.
    Exact,
    /// This many steps of Euler and Maruyama.
    EulerMaruyama(u32),
}

/// Batches without iterates.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBatchGradient {
    /// How many batches a replicate draws, each recorded. Default 1.
    pub batches: Option<u64>,
}

/// The average squared gradient of a descent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGradientAverage {
    /// η, the step size.
    pub step_size: RawSchedule,
    /// The law of the first iterate, relative to the minimiser.
    pub start: RawStart,
    /// How long the path is.
    pub horizon: RawHorizon,
    /// Which steps are recorded.
    pub record: RawRecord,
}

/// An estimate of the gradient covariance from Gaussian per-sample gradients.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCovarianceEstimate {
    /// How it is made.
    pub estimator: RawEstimator,
    /// The numbers of samples at which it is looked at, from 2; they are the recorded steps.
    pub samples: Vec<u64>,
    /// η, the step size whose plateau is predicted from the estimate, for the metric plateau_error.
    pub candidate_step_size: Option<f64>,
}

/// Estimators of a covariance.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawEstimator {
    /// The sample covariance.
    PlugIn,
    /// Its diagonal.
    Diagonal,
    /// A sketch of this rank, by frequent directions.
    LowRank(usize),
}

/// A step-size schedule.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSchedule {
    /// η_k = η.
    Constant(f64),
    /// η_k = c/(k + k₀)^α.
    RobbinsMonro(RawRobbinsMonro),
    /// Large steps at the beginning of each period, small ones after.
    Cyclical(RawCyclical),
}

/// Steps that are large at the beginning of each period.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCyclical {
    /// The small step size.
    pub low: f64,
    /// The large step size.
    pub high: f64,
    /// How many steps a period has.
    pub period: u64,
    /// How many of them, from the first, are large.
    pub high_steps: u64,
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
    /// The minimiser itself.
    Minimiser,
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
