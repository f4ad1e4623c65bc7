//! Some samples on their way forward through a network and back.
//!
//! ```text
//! z_ℓ = W_ℓa_ℓ,   a_{ℓ+1} = σ(z_ℓ),   f = z_{L−1}
//! δ_ℓ = ∂/∂z_ℓ:   δ_{ℓ−1} = σ'(z_{ℓ−1}) ∘ W_ℓᵀδ_ℓ,   ∂/∂W_ℓ = Σ_s δ_ℓa_ℓᵀ
//! ```

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use super::architecture::{Architecture, Layer, Weights};
use super::kernel::{Left, Panel, TILE, Tiles, multiply};
use super::source::TrainingSet;

/// Samples that pass together: few enough that all they need stays in the cache.
pub(super) const CHUNK: usize = 64;

/// Work space for up to [`CHUNK`] samples, a column each.
#[derive(Debug)]
pub(super) struct Pass {
    count: usize,
    /// a_ℓ.
    inputs: Vec<Tiles>,
    /// σ'(z_ℓ), of hidden layers.
    slopes: Vec<Tiles>,
    /// f.
    outputs: Tiles,
    /// δ_ℓ.
    deltas: Vec<Tiles>,
    /// a_0ᵀ.
    features: Tiles,
    /// a_ℓᵀ of a later layer.
    transposed: Tiles,
    panel: Panel,
    /// f and ∂/∂f of one sample.
    output: Vec<f64>,
    gradient: Vec<f64>,
}

impl Pass {
    /// Work space for `n_layers` layers.
    pub(super) fn new(n_layers: usize) -> Self {
        let tiles = |count: usize| (0..count).map(|_| Tiles::default()).collect();
        Pass {
            count: 0,
            inputs: tiles(n_layers),
            slopes: tiles(n_layers - 1),
            outputs: Tiles::default(),
            deltas: tiles(n_layers),
            features: Tiles::default(),
            transposed: Tiles::default(),
            panel: Panel::new(),
            output: Vec::new(),
            gradient: Vec::new(),
        }
    }

    /// Takes `count` samples to their outputs; the s-th is sample `sample(s)` of the set.
    pub(super) fn forward(
        &mut self,
        network: &Architecture,
        weights: Weights<'_>,
        set: &TrainingSet,
        count: usize,
        sample: impl Fn(usize) -> usize,
    ) {
        self.count = count;
        self.features.copy_rows(count, set.n_features(), (0..count).map(|s| set.features(sample(s))));
        self.inputs[0].copy_transposed(&self.features, set.n_features());
        for (l, layer) in network.layers.iter().enumerate() {
            let (known, next) = self.inputs.split_at_mut(l + 1);
            let z = next.first_mut().unwrap_or(&mut self.outputs);
            z.reset(layer.outputs, count);
            let W = Left::Rows(weights.of(*layer), layer.inputs);
            multiply(layer.outputs, W, &known[l], &mut self.panel, |r, t, sums| *z.tile_mut(r, t) = *sums);
            if let Some(slopes) = self.slopes.get_mut(l) {
                slopes.reset(layer.outputs, count);
                network.activation.apply(z.entries_mut(), slopes.entries_mut());
            }
        }
    }

    /// f_s, for the s-th sample.
    pub(super) fn read_outputs(&self, s: usize, outputs: &mut [f64]) {
        outputs.iter_mut().enumerate().for_each(|(c, f)| *f = self.outputs.at(c, s));
    }

    /// Takes gradients with respect to the outputs back to the first layer; `gradient(s, f_s, g)` writes that of the s-th
    /// sample to g. Follows [`forward`](Pass::forward).
    pub(super) fn backward(
        &mut self,
        network: &Architecture,
        weights: Weights<'_>,
        mut gradient: impl FnMut(usize, &[f64], &mut [f64]),
    ) {
        let last = network.layers.len() - 1;
        let q = network.n_outputs();
        self.output.resize(q, 0.0);
        self.gradient.resize(q, 0.0);
        self.deltas[last].reset(q, self.count);
        for s in 0..self.count {
            for c in 0..q {
                self.output[c] = self.outputs.at(c, s);
            }
            gradient(s, &self.output, &mut self.gradient);
            for c in 0..q {
                *self.deltas[last].at_mut(c, s) = self.gradient[c];
            }
        }
        for l in (1..=last).rev() {
            let layer = network.layers[l];
            let (before, after) = self.deltas.split_at_mut(l);
            let delta = &mut before[l - 1];
            delta.reset(layer.inputs, self.count);
            let W_transposed = Left::Transposed(weights.of(layer), layer.inputs);
            multiply(layer.inputs, W_transposed, &after[0], &mut self.panel, |c, t, sums| {
                *delta.tile_mut(c, t) = *sums
            });
            for (delta, slope) in delta.entries_mut().iter_mut().zip(self.slopes[l - 1].entries()) {
                *delta *= slope;
            }
        }
    }

    /// Adds Σ_s δ_ℓa_ℓᵀ to `gradient`, of the shape of W_ℓ. Follows [`backward`](Pass::backward).
    pub(super) fn add_gradient(&mut self, l: usize, layer: Layer, gradient: &mut [f64]) {
        let transposed = match l {
            0 => &self.features,
            _ => {
                self.transposed.copy_transposed(&self.inputs[l], self.count);
                &self.transposed
            }
        };
        multiply(layer.outputs, Left::Tiles(&self.deltas[l]), transposed, &mut self.panel, |r, t, sums| {
            let row = &mut gradient[r * layer.inputs..][..layer.inputs];
            for (sum, addend) in row[t * TILE..].iter_mut().zip(sums) {
                *sum += addend;
            }
        });
    }

    /// (δ_ℓ)_r(a_ℓ)_c of the first samples.
    pub(super) fn read_products(&self, l: usize, r: usize, c: usize, products: &mut [f64]) {
        for (t, products) in products.chunks_mut(TILE).enumerate() {
            let factors = self.deltas[l].tile(r, t).iter().zip(self.inputs[l].tile(c, t));
            products.iter_mut().zip(factors).for_each(|(product, (delta, a))| *product = delta * a);
        }
    }

    /// (a_ℓ)_c of the s-th sample.
    pub(super) fn input(&self, l: usize, c: usize, s: usize) -> f64 {
        self.inputs[l].at(c, s)
    }

    /// σ'((z_ℓ)_r) of the s-th sample, of a hidden layer.
    pub(super) fn slope(&self, l: usize, r: usize, s: usize) -> f64 {
        self.slopes[l].at(r, s)
    }

    /// (δ_ℓ)_r of the s-th sample.
    pub(super) fn delta(&self, l: usize, r: usize, s: usize) -> f64 {
        self.deltas[l].at(r, s)
    }
}
