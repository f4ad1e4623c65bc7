//! Problems that are models with data: random quadratics, linear models with many parameters, networks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RawMatrix, RawNetworkData};

/// Random quadratics ℓ_p(w) = ½(w − w_p)ᵀh_p(w − w_p) with w_p ~ N(0, σ²I), around w = 0.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEnsemble {
    /// d, the number of parameters.
    pub dimension: usize,
    /// H = E h_p.
    pub curvature: RawMatrix,
    /// c between 0 and 1: along a direction of curvature H_ii a sample is curved with a chance ∝ H_ii^{1−c}, and then by
    /// ∝ H_ii^c, so that `(E h²)_ii` ∝ H_ii^{1+c}.
    pub correlation: f64,
    /// Along which directions one sample is curved. Default independent.
    pub members: Option<RawMembers>,
    /// σ, the spread of the samples' minimisers along each coordinate.
    pub deviation: f64,
    /// n, the samples that each replicate draws for process.training and process.evaluation.
    pub samples: Option<usize>,
}

/// Along which eigenvectors of H one sample is curved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMembers {
    /// Along each of them, or not, independently.
    Independent,
    /// Along exactly one of them.
    RankOne,
}

/// f = F(θ)ᵀx with squared loss ½(f − y)², y = F*ᵀx + ε, on samples x ~ N(0, S) that each replicate draws.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLinearModel {
    /// m, the dimension of x.
    pub inputs: usize,
    /// S, the covariance of x.
    pub features: RawMatrix,
    /// n, the number of samples.
    pub samples: usize,
    /// How F depends on θ.
    pub parameters: RawParametrisation,
    /// F* and θ_0, the same for all replicates.
    pub maps: RawMaps,
    /// The standard deviation of ε. Default 0.
    pub deviation: Option<f64>,
}

/// How the linear map F (m) depends on the parameters θ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawParametrisation {
    /// F = θ.
    Linear,
    /// F = u∘v, entry by entry.
    Diagonal,
    /// F = Wᵀa with this many rows of W.
    Factorised(usize),
}

/// Where a linear model starts, and what it should become.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMaps {
    /// Given parameters.
    Given(RawGivenMaps),
    /// Random ones, scaled to given lengths.
    Random(RawRandomMaps),
}

/// Given parameters of a linear model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawGivenMaps {
    /// F* (m).
    pub truth: Vec<f64>,
    /// θ_0 (p): for diagonal parameters u, then v; for factorised ones W, row after row, then a.
    pub start: Vec<f64>,
}

/// Random parameters of a linear model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRandomMaps {
    /// The length of F*.
    pub truth_norm: f64,
    /// The length of F(θ_0).
    pub start_norm: f64,
    /// Seed of both; the experiment's own seed does not change them.
    pub seed: u64,
}

/// A multi-layer perceptron without biases.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNetwork {
    /// What it learns.
    pub data: RawExamples,
    /// The widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// σ.
    pub activation: RawActivation,
    /// ℓ.
    pub loss: RawLoss,
    /// Which weights are trained. Default all.
    pub trained: Option<RawTrained>,
    /// g: the first weights of a hidden layer with i inputs are N(0, g²/i), and N(0, 2g²/i) for relu. Default 1.
    pub gain: Option<f64>,
    /// The law of the first weights of the last layer. Default inverse_root_width = 1.
    pub output_weights: Option<RawOutputWeights>,
    /// Which weight matrix is analysed, from 1, for readings of one layer. Default the last but one.
    pub analysed_layer: Option<usize>,
}

/// What a network learns.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawExamples {
    /// The labels of a data set.
    Labelled(RawLabelled),
    /// The outputs of a network that is drawn once, at inputs x ~ N(0, I) that each replicate draws.
    Teacher(RawTeacher),
}

/// The samples of a replicate from a labelled data set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLabelled {
    /// The data set.
    pub file: RawNetworkData,
    /// The labels that are kept, in the order of the outputs. Default all.
    pub classes: Option<Vec<u32>>,
    /// n, the samples that each replicate draws without replacement, equally many of each class. Default all there are.
    pub samples: Option<usize>,
}

/// A network that gives the targets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTeacher {
    /// m, the dimension of x.
    pub inputs: usize,
    /// n, the number of samples.
    pub samples: usize,
    /// The number of its hidden units.
    pub width: usize,
    /// Its activation.
    pub activation: RawActivation,
    /// Seed of the teacher; the experiment's own seed does not change it.
    pub seed: u64,
}

/// The law of the first weights of the last layer, which has i inputs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawOutputWeights {
    /// N(0, g²/i) for this g: outputs of order 1 at the start.
    InverseRootWidth(f64),
    /// N(0, g²/i²) for this g: outputs that vanish at the start as the network gets wide.
    InverseWidth(f64),
}

/// Activations σ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawActivation {
    /// max(0, z).
    Relu,
    /// tanh z.
    Tanh,
    /// ln(1 + eᶻ).
    Softplus,
    /// z.
    Identity,
}

/// Losses ℓ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawLoss {
    /// −ln of the soft-max probability of the label.
    CrossEntropy,
    /// ½|s − y|² for the soft-max probabilities s and the one-hot label y.
    SquaredSoftmax,
    /// ½|f − y|² for the output f; of labels in two classes y = ±1.
    Squared,
}

/// Which weights are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTrained {
    /// All.
    All,
    /// The first layer; the others stay as they were drawn.
    FirstLayer,
}
