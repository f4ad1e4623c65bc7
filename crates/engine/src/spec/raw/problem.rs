//! `[problem]`: what is minimised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RawEnsemble, RawExamples, RawLinearModel, RawNetwork};

/// What is minimised.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProblem {
    /// L(θ) = ½(θ−θ*)ᵀH(θ−θ*) with gradient noise of constant covariance G.
    Quadratic(RawQuadratic),
    /// A logistic regression fitted to a data set that is drawn once: θ* by Newton, H = ∇²L(θ*), G the covariance of the
    /// scores at θ*, F the Fisher information of the logistic model.
    Logistic(RawLogistic),
    /// Least squares on fresh samples x ~ N(0, S), y = xᵀθ* + ε: H = F = S, and the gradient noise depends on θ. At θ* it
    /// is G = σ²S.
    LeastSquares(RawLeastSquares),
    /// Robust regression with the loss of Geman and McClure on a data set that is drawn once: smooth and not convex. F is
    /// the covariance of the scores at the local minimiser θ*.
    RobustRegression(RawRobustRegression),
    /// Random quadratics, whose curvature varies from sample to sample: by sampling.fresh a process with an exact law, by
    /// sampling.data a model.
    Ensemble(RawEnsemble),
    /// A model that is linear in its input and not in its parameters.
    LinearModel(RawLinearModel),
    /// A neural network.
    Network(RawNetwork),
}

impl RawProblem {
    /// The key of its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            RawProblem::Quadratic(_) => "quadratic",
            RawProblem::Logistic(_) => "logistic",
            RawProblem::LeastSquares(_) => "least_squares",
            RawProblem::RobustRegression(_) => "robust_regression",
            RawProblem::Ensemble(_) => "ensemble",
            RawProblem::LinearModel(_) => "linear_model",
            RawProblem::Network(_) => "network",
        }
    }

    /// The same wherever its data stand; their content is vouched for by a hash.
    #[must_use]
    pub fn without_paths(&self) -> Self {
        let mut problem = self.clone();
        if let RawProblem::Network(RawNetwork { data: RawExamples::Labelled(labelled), .. }) = &mut problem {
            labelled.file = labelled.file.without_paths();
        }
        problem
    }

    /// The key that states how large it is, and what it states; `None` for a network.
    #[must_use]
    pub fn size(&self) -> Option<(&'static str, usize)> {
        match self {
            RawProblem::Quadratic(raw) => Some(("dimension", raw.dimension)),
            RawProblem::Logistic(raw) => Some(("dimension", raw.dimension)),
            RawProblem::LeastSquares(raw) => Some(("dimension", raw.dimension)),
            RawProblem::RobustRegression(raw) => Some(("dimension", raw.dimension)),
            RawProblem::Ensemble(raw) => Some(("dimension", raw.dimension)),
            RawProblem::LinearModel(raw) => Some(("inputs", raw.inputs)),
            RawProblem::Network(_) => None,
        }
    }
}

/// A logistic regression.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLogistic {
    /// d, the number of parameters.
    pub dimension: usize,
    /// n, the number of samples.
    pub samples: usize,
    /// The law of the labels.
    pub labels: RawLabels,
    /// The length of the true parameter, whose direction is drawn once.
    pub truth_norm: f64,
    /// The standard deviations of the features, at equal ratios. Default 1.
    pub feature_scales: Option<RawSpectrum>,
    /// λ ≥ 0, the weight of ½λ‖θ‖² in the loss. Default 0.
    pub ridge: Option<f64>,
    /// Seed of truth and data; the experiment's own seed does not change them.
    pub seed: u64,
}

/// The law of the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawLabels {
    /// P(y = 1) = Φ(xᵀθ₀): the logistic model is misspecified.
    Probit,
    /// P(y = 1) = 1/(1 + e^{−xᵀθ₀}): it is well specified.
    Logit,
}

/// Least squares on fresh samples.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLeastSquares {
    /// d, the number of parameters.
    pub dimension: usize,
    /// S, the covariance of the features.
    pub features: RawMatrix,
    /// σ², the variance of ε.
    pub residual_variance: f64,
}

/// Robust regression.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRobustRegression {
    /// d, the number of parameters.
    pub dimension: usize,
    /// n, the number of samples.
    pub samples: usize,
    /// The length of the true parameter, whose direction is drawn once.
    pub truth_norm: f64,
    /// The standard deviation of the targets around ±xᵀθ₀.
    pub deviation: f64,
    /// The share of the samples whose target has the other sign, between 0 and 1.
    pub contamination: f64,
    /// Seed of truth and data; the experiment's own seed does not change them.
    pub seed: u64,
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
