//! The experiment language as it is typed: plain data that mirrors the TOML, key by key, before any judgement.
//!
//! Every section is a plain struct or an externally tagged enum (`[problem.quadratic]`), so that each value keeps its
//! place in the file; the JSON schema that editors use, and the checker of `super::check`, are made from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
}

/// Any TOML value, checked where it is used.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct AnyValue(#[schemars(with = "serde_json::Value")] pub toml::Value);

/// Where the claims come from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    /// The paper, by its identifier.
    pub paper: String,
    /// The numbered statements or experiments that the spec checks.
    pub statements: Vec<String>,
}

/// What is minimised.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProblem {
    /// L(θ) = ½(θ−θ*)ᵀH(θ−θ*) with gradient noise of constant covariance G.
    Quadratic(RawQuadratic),
}

/// The quadratic problem.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawQuadratic {
    /// d, the number of parameters.
    pub dimension: usize,
    /// H, the curvature: symmetric positive definite.
    pub curvature: RawMatrix,
    /// G, the covariance of a per-sample gradient: symmetric positive semidefinite.
    pub noise: RawMatrix,
    /// Whether G is used as given, or replaced by its trace-matched isotropic surrogate (tr G/d)·I. Default as_given.
    pub noise_shape: Option<RawNoiseShape>,
    /// F, the Fisher metric of the risk. Default curvature (F = H).
    pub fisher: Option<RawFisher>,
    /// θ*, the minimiser. Default 0.
    pub minimiser: Option<Vec<f64>>,
}

/// A symmetric d×d matrix.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMatrix {
    /// Diagonal, with d entries at equal ratios from `from` to `to`.
    LogSpaced(RawSpectrum),
    /// Diagonal, with the entries given.
    Diagonal(Vec<f64>),
    /// All rows given.
    Dense(Vec<Vec<f64>>),
    /// QΛQᵀ with a log-spaced spectrum Λ and a Haar-distributed rotation Q.
    RandomSpd(RawRandomSpd),
    /// A multiple of the identity.
    Isotropic(RawIsotropic),
}

/// d positive numbers at equal ratios.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSpectrum {
    /// The first one.
    pub from: f64,
    /// The last one.
    pub to: f64,
}

/// A random symmetric positive definite matrix of a given spectrum.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRandomSpd {
    /// The smallest eigenvalue, before scaling to `trace`.
    pub from: f64,
    /// The largest eigenvalue, before scaling to `trace`.
    pub to: f64,
    /// If given, the spectrum is scaled to this sum.
    pub trace: Option<f64>,
    /// Seed of the rotation; the experiment's own seed does not change the matrix.
    pub seed: u64,
}

/// A multiple of the identity.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawIsotropic {
    /// The sum of the d equal eigenvalues.
    pub trace: f64,
}

/// Which noise covariance the simulation uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawNoiseShape {
    /// G itself.
    AsGiven,
    /// (tr G/d)·I: the same temperature, no directions.
    TraceMatchedIsotropic,
}

/// The Fisher metric F.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawFisher {
    /// F = H.
    Curvature,
    /// A matrix of its own.
    Matrix(RawMatrix),
}

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
    /// Time t = Σ η_k to be reached: the fewest steps that do.
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

/// How many replicates each cell gets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawReplicates {
    /// At least this many, rounded up to whole blocks and equal sections.
    Count(u64),
}

/// A quantity to record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMeasure {
    /// A short name for claims, figures and tables.
    pub name: String,
    /// What is observed.
    pub observe: RawObservable,
    /// An expression over the cell's scalars that multiplies the quantity and its laws. Default 1.
    pub scale: Option<String>,
}

/// Functions of the error e = θ − θ*.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawObservable {
    /// eᵀMe in a metric M.
    Quadratic(RawMetric),
    /// (uᵀe)² along eigenvectors u of a matrix.
    Directional(RawDirections),
}

/// Metrics M for quadratic observables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMetric {
    /// I: squared distance to the minimiser.
    Identity,
    /// H: twice the excess loss.
    Curvature,
    /// F: the Fisher risk.
    Fisher,
    /// HF⁻¹H: the squared gradient in the dual norm of F.
    GradientDual,
    /// H − ½ηH²: the metric in which the trace of the discrete Lyapunov equation is that of the noise, at any step size.
    DiscreteTrace,
}

/// Directions to look along.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDirections {
    /// Whose eigenvectors.
    pub of: RawDirectionSource,
    /// How many, from the largest eigenvalue down.
    pub top: usize,
}

/// Matrices whose eigenvectors are directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDirectionSource {
    /// G as given (also where noise_shape replaces it).
    Noise,
    /// H.
    Curvature,
}

/// A sentence, and the statistic and band that make it a test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawClaim {
    /// A short name.
    pub name: String,
    /// The sentence that is judged.
    pub says: String,
    /// Which measure it is about.
    pub measure: String,
    /// What the measure is compared with.
    pub against: RawAgainst,
    /// At which recorded steps. Default every_record.
    pub at: Option<RawAt>,
    /// In which variant. Default all.
    pub variant: Option<String>,
}

/// What a measure is compared with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAgainst {
    /// measured / exact law ∈ [1 − resolution, 1 + resolution].
    Exact(RawResolution),
    /// measured / leading-order law ∈ [1 − below − resolution, 1 + above + resolution], with the law's own remainder.
    LeadingOrder(RawResolution),
    /// measured / constant ∈ [1 − resolution, 1 + resolution].
    Constant(RawConstant),
    /// measured ≤ bound.
    AtMost(RawBound),
    /// measured ≥ bound.
    AtLeast(RawBound),
    /// (measured / measured in another variant) / (the same ratio of the exact laws) ∈ [1 − resolution, 1 + resolution].
    Variant(RawVariantRatio),
    /// The slope of ln measured against ln step over the recorded steps ∈ [exponent − tolerance, exponent + tolerance].
    Slope(RawSlope),
}

/// How wide the band is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawResolution {
    /// The relative error that the claim tolerates; a claim that holds is right to within it.
    pub resolution: f64,
}

/// A constant to compare with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawConstant {
    /// An expression over the cell's scalars.
    pub value: String,
    /// The relative error that the claim tolerates.
    pub resolution: f64,
}

/// A bound to compare with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBound {
    /// An expression over the cell's scalars.
    pub value: String,
}

/// Another variant to compare with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVariantRatio {
    /// The other variant (`base` for the spec without overrides).
    pub name: String,
    /// The relative error that the claim tolerates.
    pub resolution: f64,
}

/// A power law to compare with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSlope {
    /// The exponent that is claimed.
    pub exponent: f64,
    /// How far the exponent may lie off.
    pub tolerance: f64,
    /// The fit leaves out steps before this one. Default 1.
    pub from_step: Option<u64>,
}

/// Which recorded steps a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAt {
    /// All of them.
    EveryRecord,
    /// The last one.
    LastRecord,
}

/// What to draw.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFigure {
    /// The name of the file, without its ending.
    pub name: String,
    /// A line above the figure.
    pub title: String,
    /// The kind of figure, and what it shows.
    pub draw: RawDraw,
}

/// Kinds of figures.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDraw {
    /// A measure along the path, one colour a cell: dots with error bars over the exact law.
    Curves(RawCurves),
}

/// A measure along the path.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCurves {
    /// Which measure.
    pub measure: String,
    /// Which of its components, from 1. Default 1.
    pub component: Option<usize>,
    /// The horizontal axis.
    pub x: RawAxis,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the vertical axis is logarithmic. Default true.
    pub log_y: Option<bool>,
    /// A horizontal black line: an expression over the scalars of the first cell, and its label.
    pub reference: Option<RawReference>,
}

/// The horizontal axis of curves, logarithmic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAxis {
    /// k.
    Step,
    /// t = Σ η_k.
    Time,
}

/// A horizontal line.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReference {
    /// An expression over the scalars of the first cell.
    pub value: String,
    /// Its name in the legend.
    pub label: String,
}
