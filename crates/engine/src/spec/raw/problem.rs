//! `[problem]`: what is minimised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is minimised.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProblem {
    /// L(θ) = ½(θ−θ*)ᵀH(θ−θ*) with gradient noise of constant covariance G.
    Quadratic(RawQuadratic),
}

impl RawProblem {
    /// d as stated.
    #[must_use]
    pub fn dimension(&self) -> usize {
        match self {
            RawProblem::Quadratic(quadratic) => quadratic.dimension,
        }
    }
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
