//! `[[measure]]` and `[[claim]]`: what is recorded and judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RawReading;

/// A quantity to record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMeasure {
    /// A short name for claims, figures and tables.
    pub name: String,
    /// What is observed.
    pub observe: RawObservable,
    /// What is subtracted from the error before it is observed, so that second moments become covariances. Default
    /// nothing.
    pub centre: Option<RawCentre>,
    /// An expression over the cell's scalars that multiplies the quantity and its laws. Default 1.
    pub scale: Option<String>,
}

/// What is subtracted from the error before it is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCentre {
    /// The mean of the exact law.
    ExactMean,
    /// The mean of the limit: for a small step size the path of the gradient flow.
    LimitMean,
    /// −G: an estimate of G is observed itself, and not its error.
    Estimand,
}

/// Functions of the error e = θ − θ*.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawObservable {
    /// eᵀMe in a metric M.
    Quadratic(RawMetric),
    /// (uᵀe)² along some directions u.
    Directional(RawDirections),
    /// (u_iᵀe)(u_jᵀe) for all pairs i ≥ j of some directions: the matrix of second moments, row by row. Errors of it are
    /// relative to the root of the product of the two diagonal entries.
    SecondMoment(RawDirections),
    /// uᵀe along some directions u. Errors of it are relative to the root of its second moment.
    Mean(RawDirections),
    /// (u_iᵀe)(u_jᵀe′) for all pairs of some directions, where e′ is the error at the first recorded step.
    Lagged(RawDirections),
    /// How often uᵀe lies below points of a normal law's distribution function: for each point, a probability.
    Distribution(RawDistribution),
    /// How often eᵀMe exceeds a bound.
    Exceedance(RawExceedance),
    /// What is read off a model.
    Reading(RawReading),
}

/// The distribution function along one direction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDistribution {
    /// Whose directions.
    pub of: RawDirectionSource,
    /// Which of them, from 1.
    pub index: usize,
    /// How many points: the quantiles 1/(points+1) … points/(points+1) of the normal law.
    pub points: usize,
    /// The law whose variance sets the points.
    pub variance: RawLaw,
}

/// A law of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawLaw {
    /// The exact law.
    Exact,
    /// The law of the limit theorem.
    Limit,
}

/// An event.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExceedance {
    /// M.
    pub metric: RawMetric,
    /// The bound: an expression over the cell's scalars.
    pub above: String,
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
    /// H⁻¹: for a batch gradient of covariance G, E ĝᵀH⁻¹ĝ = tr(H⁻¹G), which is d where G = H.
    CurvatureInverse,
    /// F⁻¹: the squared dual norm of a gradient.
    FisherInverse,
    /// HF⁻¹H − (λ_max(H)/λ_min(F))²·F, which Lemma 7.2 says is nowhere positive.
    SmoothnessGap,
    /// Of an estimate of G: the squared error of the scaled plateau Σ Ĝ_ii/(2 − ηh_i) (F = H) that it predicts.
    PlateauError,
    /// Of an estimate of G: the squared distance to the multiples of I.
    Anisotropy,
    /// The part of H in its leading directions, as many as said: twice the excess loss that lies there.
    CurvatureWithin(usize),
    /// The part of H beyond its leading directions, as many as said.
    CurvatureBeyond(usize),
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

/// Where directions come from: eigenvectors, from the largest eigenvalue down, or coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDirectionSource {
    /// G as given (also where noise_shape replaces it).
    Noise,
    /// H.
    Curvature,
    /// F.
    Fisher,
    /// The coordinates of the problem, from the first.
    Coordinates,
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
    /// About which component of the measure, from 1. Default all.
    pub component: Option<usize>,
    /// In which cells: those where this expression over the cell's scalars is above 0. Default all.
    #[serde(rename = "where")]
    pub only_where: Option<String>,
    /// What was found instead, where a claim of the source is known not to hold. It is still judged: a run then succeeds
    /// if it is refuted, and fails if it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// What a measure is compared with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAgainst {
    /// measured / exact law ∈ [1 − resolution, 1 + resolution].
    Exact(RawResolution),
    /// measured / leading-order law ∈ [1 − below − resolution, 1 + above + resolution], with the law's own remainder.
    LeadingOrder(RawLeadingOrder),
    /// measured / limit law ∈ [1 − resolution, 1 + resolution]: the resolution allows for the remainder of the limit.
    Limit(RawResolution),
    /// measured / constant ∈ [1 − resolution, 1 + resolution].
    Constant(RawConstant),
    /// measured ≤ bound.
    AtMost(RawBound),
    /// measured ≥ bound.
    AtLeast(RawBound),
    /// (measured / measured in another variant) / (the same ratio of the laws) ∈ [1 − resolution, 1 + resolution].
    Variant(RawVariantRatio),
    /// measured / measured in another variant ≤ factor.
    VariantAtMost(RawVariantBound),
    /// measured / measured in another variant ≥ factor.
    VariantAtLeast(RawVariantBound),
    /// (measured / another measure) / (the same ratio of the laws) ∈ [1 − resolution, 1 + resolution].
    Measure(RawMeasureRatio),
    /// measured / another measure ≤ bound.
    MeasureAtMost(RawMeasureBound),
    /// measured / another measure ≥ bound.
    MeasureAtLeast(RawMeasureBound),
    /// The slope of ln measured against ln step over the recorded steps, against another quantity over the sweep, or
    /// against the curvature over the components, ∈ [exponent − tolerance, exponent + tolerance].
    Slope(RawSlope),
    /// The Kolmogorov distance of a distribution to the normal law ≤ distance_at_most, by the inequality of
    /// Dvoretzky, Kiefer, Wolfowitz and Massart.
    Normal(RawNormal),
}

impl RawAgainst {
    /// What the statistic of a claim is, in the words of a table.
    #[must_use]
    pub fn statistic(&self) -> &'static str {
        match self {
            RawAgainst::Exact(_) => "measured / exact law",
            RawAgainst::LeadingOrder(_) => "measured / leading order",
            RawAgainst::Limit(_) => "measured / limit",
            RawAgainst::Constant(_) => "measured / constant",
            RawAgainst::AtMost(_) | RawAgainst::AtLeast(_) => "measured / bound",
            RawAgainst::Variant(RawVariantRatio {
                law: None | Some(RawRatioLaw::Exact | RawRatioLaw::Limit), ..
            }) => "ratio of variants / law",
            RawAgainst::Variant(_) => "ratio of variants",
            RawAgainst::VariantAtMost(_) | RawAgainst::VariantAtLeast(_) => "ratio of variants",
            RawAgainst::Measure(RawMeasureRatio {
                law: None | Some(RawRatioLaw::Exact | RawRatioLaw::Limit), ..
            }) => "ratio of measures / law",
            RawAgainst::Measure(_) => "ratio of measures",
            RawAgainst::MeasureAtMost(_) | RawAgainst::MeasureAtLeast(_) => "ratio of measures / bound",
            RawAgainst::Slope(_) => "log–log slope",
            RawAgainst::Normal(_) => "distance to normal",
        }
    }
}

/// How wide the band is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawResolution {
    /// The relative error that the claim tolerates; a claim that holds is right to within it.
    pub resolution: f64,
}

/// How wide the band around a leading-order law is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLeadingOrder {
    /// The relative error that the claim tolerates beyond the law's own remainder.
    pub resolution: f64,
    /// The largest relative remainder that the claim may rest on, so that no band is wide by accident.
    pub remainder_at_most: f64,
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
    /// An expression over the cell's scalars and, along the path, k, t and N.
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
    /// What the ratio is compared with. Default exact.
    pub law: Option<RawRatioLaw>,
}

/// A bound of the ratio to another variant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVariantBound {
    /// The other variant (`base` for the spec without overrides).
    pub name: String,
    /// The bound.
    pub factor: f64,
}

/// Another measure to compare with, in the same cell at the same step.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMeasureRatio {
    /// The other measure; the two have equally many components, or the other has one.
    pub name: String,
    /// The relative error that the claim tolerates.
    pub resolution: f64,
    /// What the ratio is compared with. Default exact.
    pub law: Option<RawRatioLaw>,
}

/// A bound of the ratio to another measure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMeasureBound {
    /// The other measure; the two have equally many components, or the other has one.
    pub name: String,
    /// An expression over the cell's scalars and, along the path, k, t and N.
    pub value: String,
}

/// What the ratio of two variants, or of two measures, is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRatioLaw {
    /// The ratio of their exact laws.
    Exact,
    /// The ratio of their limits.
    Limit,
    /// 1: the variants do not differ.
    Equal,
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
    /// A positive expression over the cell's scalars: the fit is then over the cells of the sweep, at their last recorded
    /// step, and not along the path.
    pub over: Option<String>,
    /// Whether the fit is over the components of a directional measure, against the curvature uᵀHu along each of its
    /// directions. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_curvature: Option<bool>,
    /// What is fitted. Default value.
    pub of: Option<RawFitted>,
}

/// What a slope is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawFitted {
    /// The measured value.
    Value,
    /// measured / limit − 1, which must be positive.
    ExcessOverLimit,
}

/// How near to the normal law.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNormal {
    /// The largest Kolmogorov distance that the claim tolerates.
    pub distance_at_most: f64,
}

/// Which recorded steps a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAt {
    /// All of them.
    EveryRecord,
    /// The first one.
    FirstRecord,
    /// The last one.
    LastRecord,
}
