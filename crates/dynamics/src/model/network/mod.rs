//! Multi-layer perceptrons without biases, trained on labels or on real targets.
//!
//! ```text
//! f(x) = W_{L−1}σ(W_{L−2}σ(… σ(W_0x))),   L(θ) = (1/n)Σ ℓ(f(x_i); y_i)
//! ```
//!
//! With one hidden layer and one output, f(x) = Σ_j a_jσ(b_jᵀx), the two-layer network of WW; with two hidden layers of
//! 50 units and ten outputs that of ZYT. Weight (r, c) of a layer is coordinate r·i + c, and the layers follow each other.
//! Training, losses and accuracies are computed in plain loops of fixed order, and have the same bits on every processor.
//! Readings of a layer and alignments pass through faer, and their last bits may depend on the processor.

mod activation;
mod architecture;
mod curvature;
mod data;
mod kernel;
mod loss;
mod pass;
mod source;
mod tanh;
#[cfg(test)]
mod tests;
mod trained;

use std::sync::Arc;

use sampling::Stream;
use sampling::normal::fill_normals;

use self::architecture::{Architecture, Layer};
use self::source::Source;
use self::trained::TrainedNetwork;
use crate::error::DynamicsError;
use crate::model::{Family, LARGEST, Model};
use crate::reading::{Reading, Room, room};
use crate::schedule::positive;

pub use self::activation::Activation;
pub use self::data::{DataSource, LabelledData, Targets, Teacher};
pub use self::loss::Loss;

/// What a [`Network`] is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSpec {
    /// What it is trained on. The data and the loss decide the number of inputs m and of outputs q.
    pub data: DataSource,
    /// The widths of the hidden layers; none for a linear map.
    pub hidden: Vec<usize>,
    /// σ.
    pub activation: Activation,
    /// ℓ.
    pub loss: Loss,
    /// Which layers are parameters.
    pub trained: Trained,
    /// g: the first weights of a hidden layer are N(0, 2g²/i) for ReLU and N(0, g²/i) otherwise, with i inputs.
    pub gain: f64,
    /// The law of the first weights of the last layer.
    pub output: OutputWeights,
    /// ℓ, from 0: the layer whose per-sample derivatives are read, trained or not.
    pub analysed: Option<usize>,
}

/// Which layers are parameters; the others keep their first weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trained {
    /// All.
    All,
    /// The first.
    FirstLayer,
}

/// The law of the first weights of the last layer, whose i inputs are the last hidden units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutputWeights {
    /// N(0, g²/i): outputs of order 1 at the start.
    InverseRootWidth(f64),
    /// N(0, g²/i²): outputs that vanish at the start as the network gets wide.
    InverseWidth(f64),
}

/// A family of multi-layer perceptrons.
///
/// A replicate draws its samples first and its weights second, so networks of different widths that share a stream
/// share their samples.
///
/// # Example
/// ```
/// use std::sync::Arc;
///
/// use dynamics::model::Family as _;
/// use dynamics::model::network::{
///     Activation, DataSource, LabelledData, Loss, Network, NetworkSpec, OutputWeights, Targets, Trained,
/// };
/// use sampling::{Purpose, Stream, StreamKey};
///
/// let data = LabelledData::new(2, vec![1.0, 0.2, -0.9, 0.1], Targets::Labels(vec![0, 1]))?;
/// let family = Network::new(&NetworkSpec {
///     data: DataSource::Subset { data: Arc::new(data), classes: None, samples: None },
///     hidden: vec![16],
///     activation: Activation::Relu,
///     loss: Loss::CrossEntropy,
///     trained: Trained::All,
///     gain: 1.0,
///     output: OutputWeights::InverseRootWidth(1.0),
///     analysed: None,
/// })?;
/// let mut model = family.draw(&mut Stream::new(StreamKey { seed: 3, cell: "", block: 0, purpose: Purpose::Start }));
/// let mut theta = model.start().to_vec();
/// for _ in 0..100 {
///     let mut gradient = vec![0.0; family.n_parameters()];
///     model.add_gradients(&theta, &[0, 1], &mut gradient);
///     theta.iter_mut().zip(&gradient).for_each(|(theta, g)| *theta -= 0.5 * g);
/// }
/// assert_eq!(model.accuracy(&theta), Some(1.0));
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Network {
    architecture: Arc<Architecture>,
    source: Source,
}

impl Network {
    /// The networks of `spec`. Labels give as many outputs as classes; squared loss on two classes one output, with
    /// targets −1 for the first and 1 for the second.
    ///
    /// # Errors
    /// [`DynamicsError::EmptyLayer`] for a width 0, [`DynamicsError::NotPositive`] for a gain,
    /// [`DynamicsError::AnalysedLayer`] for a layer that there is not, [`DynamicsError::NetworkTooLarge`] beyond 2²⁷
    /// weights, features, targets or activations. Of the data: [`DynamicsError::NeedsLabels`],
    /// [`DynamicsError::TooFewClasses`], [`DynamicsError::RepeatedClass`], [`DynamicsError::ClassTooSmall`],
    /// [`DynamicsError::SampleCount`].
    pub fn new(spec: &NetworkSpec) -> Result<Self, DynamicsError> {
        let source = Source::new(&spec.data, spec.loss)?;
        let labelled = match &spec.data {
            DataSource::Subset { data, .. } => !data.classes().is_empty(),
            DataSource::Teacher(_) => false,
        };
        let layers = layers(spec, source.n_features(), source.n_outputs())?;
        let n_trained = match spec.trained {
            Trained::All => layers.len(),
            Trained::FirstLayer => 1,
        };
        let n = source.n_samples();
        for layer in &layers {
            check_size("activations of all samples", n.saturating_mul(layer.outputs))?;
        }
        if let Some(given) = spec.analysed.filter(|analysed| *analysed >= layers.len()) {
            return Err(DynamicsError::AnalysedLayer { given, layers: layers.len() });
        }
        let &NetworkSpec { activation, loss, analysed, .. } = spec;
        let architecture = Architecture { layers, n_trained, activation, loss, labelled, analysed };
        Ok(Network { architecture: Arc::new(architecture), source })
    }

    fn model(&self, stream: &mut Stream) -> TrainedNetwork {
        let set = self.source.draw(stream);
        let mut weights = vec![0.0; self.architecture.n_weights()];
        fill_normals(stream, &mut weights);
        for layer in &self.architecture.layers {
            for weight in &mut weights[layer.offset..][..layer.size()] {
                *weight *= layer.deviation;
            }
        }
        TrainedNetwork::new(self.architecture.clone(), set, weights)
    }

    fn analysed(&self) -> Option<Layer> {
        self.architecture.analysed.map(|analysed| self.architecture.layers[analysed])
    }

    fn refuses_in_layer(&self, reading: &Reading) -> Option<String> {
        let Some(layer) = self.analysed() else {
            return Some("it is read in one layer: say by analysed_layer in which".to_owned());
        };
        reading.refused_in_layer(self.n_samples(), layer.outputs, layer.inputs)
    }

    fn refuses_of_outputs(&self, reading: &Reading) -> Option<String> {
        if self.architecture.loss != Loss::Squared {
            return Some("it is known for a squared loss only, that of raw outputs".to_owned());
        }
        if !self.architecture.has_tangents() {
            let q = self.architecture.n_outputs();
            return Some(format!("it is known for one output, and this network has {q}"));
        }
        reading.refused_of_outputs(self.n_samples(), self.n_parameters())
    }
}

impl Family for Network {
    fn draw(&self, stream: &mut Stream) -> Box<dyn Model> {
        Box::new(self.model(stream))
    }

    fn n_parameters(&self) -> usize {
        self.architecture.n_parameters()
    }

    fn n_samples(&self) -> usize {
        self.source.n_samples()
    }

    fn refuses(&self, reading: &Reading) -> Option<String> {
        match reading {
            Reading::Loss => None,
            Reading::Accuracy => {
                (!self.architecture.labelled).then(|| "only labels can be right, and these targets are real".to_owned())
            }
            _ if reading.is_of_layer() => self.refuses_in_layer(reading),
            _ => self.refuses_of_outputs(reading),
        }
    }

    fn room(&self, readings: &[Reading]) -> Room {
        let n = self.n_samples();
        let of_layer = self.analysed().map_or(0.0, |layer| room::of_layer(readings, n, layer.outputs, layer.inputs));
        let read = of_layer + room::of_outputs(readings, n, self.n_parameters());
        let data = (self.source.n_features() + self.source.n_outputs()) as f64 * n as f64;
        Room { family: self.source.n_stored() as f64, model: data + 2.0 * self.architecture.n_weights() as f64 + read }
    }
}

fn layers(spec: &NetworkSpec, n_features: usize, n_outputs: usize) -> Result<Vec<Layer>, DynamicsError> {
    let gain = positive("gain of the hidden layers", spec.gain)?;
    let hidden_gain = if spec.activation == Activation::Relu { 2.0_f64.sqrt() * gain } else { gain };
    let mut layers = Vec::new();
    let (mut inputs, mut offset) = (n_features, 0_usize);
    for (l, &outputs) in spec.hidden.iter().chain([&n_outputs]).enumerate() {
        if outputs == 0 {
            return Err(DynamicsError::EmptyLayer { layer: l });
        }
        let width = inputs as f64;
        let deviation = match spec.output {
            _ if l < spec.hidden.len() => hidden_gain / width.sqrt(),
            OutputWeights::InverseRootWidth(gain) => positive("gain of the last layer", gain)? / width.sqrt(),
            OutputWeights::InverseWidth(gain) => positive("gain of the last layer", gain)? / width,
        };
        layers.push(Layer { inputs, outputs, offset, deviation });
        offset = offset.saturating_add(inputs.saturating_mul(outputs));
        check_size("weights", offset)?;
        inputs = outputs;
    }
    Ok(layers)
}

fn check_size(what: &'static str, given: usize) -> Result<(), DynamicsError> {
    if given <= LARGEST { Ok(()) } else { Err(DynamicsError::NetworkTooLarge { what, given, largest: LARGEST }) }
}
