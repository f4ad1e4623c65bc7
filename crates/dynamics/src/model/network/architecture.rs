//! Layers, sizes and weights of a network.

use super::{Activation, Loss};

/// The shape of a network and what is trained of it.
#[derive(Debug, Clone)]
pub(super) struct Architecture {
    pub(super) layers: Vec<Layer>,
    /// How many layers, from the first, are trained.
    pub(super) n_trained: usize,
    pub(super) activation: Activation,
    pub(super) loss: Loss,
    /// Whether the targets are labels.
    pub(super) labelled: bool,
    /// ℓ.
    pub(super) analysed: Option<usize>,
}

/// A matrix of weights W (outputs×inputs, row after row).
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// The place of its first weight among all weights.
    pub(super) offset: usize,
    /// The standard deviation of its first weights.
    pub(super) deviation: f64,
}

impl Layer {
    pub(super) fn size(self) -> usize {
        self.outputs * self.inputs
    }

    fn end(self) -> usize {
        self.offset + self.size()
    }
}

impl Architecture {
    pub(super) fn trained(&self) -> &[Layer] {
        &self.layers[..self.n_trained]
    }

    /// p.
    pub(super) fn n_parameters(&self) -> usize {
        self.trained().last().map_or(0, |layer| layer.end())
    }

    /// All weights, trained or not.
    pub(super) fn n_weights(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.end())
    }

    /// q.
    pub(super) fn n_outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }

    /// Whether the residuals f_i − y_i are numbers whose squares are the loss.
    pub(super) fn has_tangents(&self) -> bool {
        self.loss == Loss::Squared && self.n_outputs() == 1
    }
}

/// The trained weights θ, and those that follow them and stay.
#[derive(Clone, Copy)]
pub(super) struct Weights<'a> {
    pub(super) trained: &'a [f64],
    pub(super) frozen: &'a [f64],
}

impl<'a> Weights<'a> {
    /// W of a layer.
    pub(super) fn of(self, layer: Layer) -> &'a [f64] {
        match layer.offset.checked_sub(self.trained.len()) {
            None => &self.trained[layer.offset..layer.end()],
            Some(offset) => &self.frozen[offset..offset + layer.size()],
        }
    }
}
