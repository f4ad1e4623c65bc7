//! The network of one replicate: its losses, gradients and derivatives.

use std::sync::Arc;

use faer::Mat;
use geometry::PerSample;

use super::architecture::{Architecture, Weights};
use super::curvature::Curvature;
use super::pass::{CHUNK, Pass};
use super::source::TrainingSet;
use crate::model::{Model, Tangents};

/// A network with its samples and its first weights.
#[derive(Debug)]
pub(super) struct TrainedNetwork {
    network: Arc<Architecture>,
    set: Arc<TrainingSet>,
    start: Vec<f64>,
    frozen: Vec<f64>,
    pass: Pass,
}

/// δ (n×o), a (n×i) and M (n × o(o+1)/2) of the samples in a layer.
pub(super) struct Derivatives {
    pub(super) deltas: Mat<f64>,
    pub(super) activations: Mat<f64>,
    pub(super) hessians: Mat<f64>,
}

impl TrainedNetwork {
    /// The network with these first weights, trained and frozen.
    pub(super) fn new(network: Arc<Architecture>, set: Arc<TrainingSet>, mut weights: Vec<f64>) -> Self {
        let frozen = weights.split_off(network.n_parameters());
        let pass = Pass::new(network.layers.len());
        TrainedNetwork { network, set, start: weights, frozen, pass }
    }

    /// Takes all samples forward, a chunk at a time, and calls `visit(self, first, count)` after each.
    fn for_each_chunk(&mut self, theta: &[f64], mut visit: impl FnMut(&mut Self, usize, usize)) {
        let n = self.set.count();
        for first in (0..n).step_by(CHUNK) {
            let count = CHUNK.min(n - first);
            let weights = Weights { trained: theta, frozen: &self.frozen };
            self.pass.forward(&self.network, weights, &self.set, count, |s| first + s);
            visit(self, first, count);
        }
    }

    /// Σ_i `measure(f_i, y_i)`/n.
    fn mean(&mut self, theta: &[f64], measure: impl Fn(&[f64], &[f64]) -> f64) -> f64 {
        let mut f = vec![0.0; self.network.n_outputs()];
        let mut sum = 0.0;
        self.for_each_chunk(theta, |model, first, count| {
            for s in 0..count {
                model.pass.read_outputs(s, &mut f);
                sum += measure(&f, model.set.target(first + s));
            }
        });
        sum / self.set.count() as f64
    }

    /// The derivatives in layer `l`. Cost: two passes over the samples, and for each sample o·i·(o + i) multiply-adds a
    /// later layer.
    pub(super) fn derivatives(&mut self, theta: &[f64], l: usize) -> Derivatives {
        let network = self.network.clone();
        let frozen = self.frozen.clone();
        let weights = Weights { trained: theta, frozen: &frozen };
        let mut curvature = Curvature::new(&network, weights);
        let (n, o, i) = (self.set.count(), network.layers[l].outputs, network.layers[l].inputs);
        let mut deltas = Mat::zeros(n, o);
        let mut activations = Mat::zeros(n, i);
        let mut hessians = Mat::zeros(n, o * (o + 1) / 2);
        let mut f = vec![0.0; network.n_outputs()];
        self.for_each_chunk(theta, |TrainedNetwork { pass, set, .. }, first, count| {
            pass.backward(&network, weights, |s, f, g| network.loss.gradient(f, set.target(first + s), g));
            for s in 0..count {
                (0..o).for_each(|r| deltas[(first + s, r)] = pass.delta(l, r, s));
                (0..i).for_each(|c| activations[(first + s, c)] = pass.input(l, c, s));
                pass.read_outputs(s, &mut f);
                let triangle = curvature.lower_triangle(l, pass, s, &f, set.target(first + s));
                triangle.enumerate().for_each(|(place, entry)| hessians[(first + s, place)] = entry);
            }
        });
        Derivatives { deltas, activations, hessians }
    }
}

impl Model for TrainedNetwork {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn add_gradients(&mut self, theta: &[f64], batch: &[u32], gradient: &mut [f64]) {
        let TrainedNetwork { network, set, frozen, pass, .. } = self;
        let weights = Weights { trained: theta, frozen };
        for chunk in batch.chunks(CHUNK) {
            let sample = |s: usize| chunk[s] as usize;
            pass.forward(network, weights, set, chunk.len(), sample);
            pass.backward(network, weights, |s, f, g| network.loss.gradient(f, set.target(sample(s)), g));
            for (l, layer) in network.trained().iter().enumerate() {
                pass.add_gradient(l, *layer, &mut gradient[layer.offset..][..layer.size()]);
            }
        }
    }

    fn loss(&mut self, theta: &[f64]) -> f64 {
        let loss = self.network.loss;
        self.mean(theta, |f, y| loss.value(f, y))
    }

    fn accuracy(&mut self, theta: &[f64]) -> Option<f64> {
        let score = |f: &[f64], y: &[f64]| match f.iter().all(|f| f.is_finite()) {
            true if is_right(f, y) => 1.0,
            true => 0.0,
            // A diverged network labels nothing, rightly or wrongly.
            false => f64::NAN,
        };
        self.network.labelled.then(|| self.mean(theta, score))
    }

    fn tangents(&mut self, theta: &[f64]) -> Option<Tangents> {
        if !self.network.has_tangents() {
            return None;
        }
        let network = self.network.clone();
        let frozen = self.frozen.clone();
        let weights = Weights { trained: theta, frozen: &frozen };
        let n = self.set.count();
        let mut residuals = vec![0.0; n];
        let mut gradients = Mat::zeros(n, network.n_parameters());
        self.for_each_chunk(theta, |TrainedNetwork { pass, set, .. }, first, count| {
            pass.backward(&network, weights, |s, f, g| {
                residuals[first + s] = f[0] - set.target(first + s)[0];
                g[0] = 1.0;
            });
            for (l, layer) in network.trained().iter().enumerate() {
                for (r, c) in (0..layer.outputs).flat_map(|r| (0..layer.inputs).map(move |c| (r, c))) {
                    let column = gradients.col_as_slice_mut(layer.offset + r * layer.inputs + c);
                    pass.read_products(l, r, c, &mut column[first..first + count]);
                }
            }
        });
        Some(Tangents { residuals, gradients })
    }

    /// `None` also where the network has diverged.
    fn per_sample(&mut self, theta: &[f64]) -> Option<PerSample> {
        let Derivatives { deltas, activations, hessians } = self.derivatives(theta, self.network.analysed?);
        PerSample::new(deltas, activations, hessians).ok()
    }
}

/// Whether the largest output is that of the label, or a single output has its sign.
fn is_right(f: &[f64], y: &[f64]) -> bool {
    match (f, y) {
        ([f], [y]) => f * y > 0.0,
        _ => place_of_largest(f) == place_of_largest(y),
    }
}

/// The first place of the largest entry.
fn place_of_largest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, c| if values[c] > values[best] { c } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_right_if_its_sign_or_its_place_is() {
        assert!(is_right(&[0.2], &[1.0]) && is_right(&[-0.2], &[-1.0]));
        assert!(!is_right(&[2.0], &[-1.0]) && !is_right(&[0.0], &[1.0]));
        assert!(is_right(&[0.1, 0.7, 0.2], &[0.0, 1.0, 0.0]) && !is_right(&[0.1, 0.7, 0.2], &[0.0, 0.0, 1.0]));
        let places = [&[3.0, 1.0, 2.0][..], &[1.0, 2.0, 3.0], &[1.0, 2.0, 2.0], &[2.0, 2.0]].map(place_of_largest);
        assert_eq!(places, [0, 2, 1, 0]);
    }
}
