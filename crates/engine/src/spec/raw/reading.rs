//! `observe.reading`: what is read off a model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Numbers that tell of a model at its parameters θ; each replicate's own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawReading {
    /// L, the mean loss of the samples.
    Loss,
    /// The share of samples that are labelled rightly.
    Accuracy,
    /// The fit of ln C_ii on ln H_ii over the leading directions of the Hessian H of the analysed layer, for the noise
    /// covariance C of its gradients.
    NoiseCurvature(RawNoiseCurvature),
    /// C_ii along the leading directions of H, a component each.
    NoiseAlong(RawNoiseAlong),
    /// H_ii along the leading directions of H, a component each.
    CurvatureAlong(RawLeading),
    /// ‖CH − HC‖_F/(‖C‖_F‖H‖_F).
    Commutation(RawCommutation),
    /// The share of ‖VᵀCV‖_F² that stands on the diagonal, over the leading directions V of H.
    DiagonalEnergy(RawLeading),
    /// The relative distance of C to the nearest multiple of E h², the mean squared per-sample Hessian.
    SquaredHessianDistance,
    /// μ = tr(Σ𝒢)/(2L‖𝒢‖_F²), for the gradient noise Σ and the Gauss–Newton matrix 𝒢 of a squared loss.
    Alignment(RawCentring),
    /// g = vᵀΣv/(2L·vᵀ𝒢v) along a direction v.
    DirectionalAlignment(RawDirectionalAlignment),
    /// The size of a curvature matrix.
    Sharpness(RawSharpness),
}

impl RawReading {
    /// The key of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RawReading::Loss => "loss",
            RawReading::Accuracy => "accuracy",
            RawReading::NoiseCurvature(_) => "noise_curvature",
            RawReading::NoiseAlong(_) => "noise_along",
            RawReading::CurvatureAlong(_) => "curvature_along",
            RawReading::Commutation(_) => "commutation",
            RawReading::DiagonalEnergy(_) => "diagonal_energy",
            RawReading::SquaredHessianDistance => "squared_hessian_distance",
            RawReading::Alignment(_) => "alignment",
            RawReading::DirectionalAlignment(_) => "directional_alignment",
            RawReading::Sharpness(_) => "sharpness",
        }
    }

    /// How many numbers it has.
    #[must_use]
    pub fn n_components(&self) -> usize {
        match self {
            RawReading::NoiseAlong(RawNoiseAlong { directions, .. })
            | RawReading::CurvatureAlong(RawLeading { directions }) => *directions,
            _ => 1,
        }
    }
}

/// A fit of noise on curvature.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNoiseCurvature {
    /// What of the fit.
    pub part: RawFitPart,
    /// How many directions, from the largest curvature down.
    pub directions: usize,
    /// What stands for C. Default gradients.
    pub noise: Option<RawNoiseSource>,
    /// What is done to the per-sample Hessians first. Default as_they_are.
    pub hessians: Option<RawHessians>,
}

/// What of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawFitPart {
    /// γ, the slope.
    Exponent,
    /// The standard error of γ.
    StandardError,
    /// R², the share of the variance that the fit explains.
    RSquared,
}

/// What stands for the noise covariance C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawNoiseSource {
    /// The covariance of the per-sample gradients.
    Gradients,
    /// E h², the mean squared per-sample Hessian.
    SquaredHessians,
}

/// What is done to per-sample Hessians before they are averaged: the suppression experiment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawHessians {
    /// Nothing.
    AsTheyAre,
    /// Only the top eigenvalue of each is kept.
    Top,
    /// And those below this share of the largest top eigenvalue are dropped.
    Damped(f64),
    /// And those that are left get their mean top eigenvalue.
    Equalised(f64),
}

/// Noise along the leading directions of curvature.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNoiseAlong {
    /// How many directions, from the largest curvature down.
    pub directions: usize,
    /// What stands for C. Default gradients.
    pub noise: Option<RawNoiseSource>,
}

/// The leading directions of curvature.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLeading {
    /// How many directions, from the largest curvature down.
    pub directions: usize,
}

/// How far noise and curvature are from commuting.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCommutation {
    /// Of which part of the matrices. Default total.
    pub part: Option<RawBlock>,
    /// How many leading directions of H are the top part.
    pub directions: usize,
    /// Whether it is divided by its root mean square for a randomly rotated H. Default true.
    pub over_baseline: Option<bool>,
}

/// A part of the matrices in the eigenbasis of H.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawBlock {
    /// All.
    Total,
    /// The leading directions.
    Top,
    /// The others.
    Bulk,
}

/// Which second moment of gradients Σ is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCentring {
    /// The covariance of the per-sample gradients.
    Centred,
    /// Their second moment.
    Uncentred,
}

/// Alignment along a direction.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDirectionalAlignment {
    /// v.
    pub direction: RawDirection,
    /// Which Σ.
    pub noise: RawCentring,
}

/// A direction in the space of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDirection {
    /// That of ∇L.
    Gradient,
    /// The leading eigenvector of 𝒢.
    Sharpest,
    /// One drawn uniformly by each replicate.
    Random,
}

/// The size of a curvature matrix.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSharpness {
    /// Which size.
    pub size: RawSize,
    /// Of which matrix.
    pub of: RawCurvatureMatrix,
}

/// Sizes of a positive semidefinite matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSize {
    /// The largest eigenvalue.
    Top,
    /// The trace.
    Trace,
    /// The Frobenius norm.
    Frobenius,
}

/// Matrices of curvature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCurvatureMatrix {
    /// 𝒢 = (1/n)Σ ∇f∇fᵀ, for a squared loss.
    GaussNewton,
    /// The Hessian of the loss in the analysed layer.
    Layer,
}
