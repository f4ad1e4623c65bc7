//! Second derivatives of per-sample losses with respect to the pre-activations of a layer.
//!
//! ```text
//! M_{L−1} = ∂²ℓ/∂f²,   M_{ℓ−1} = D W_ℓᵀM_ℓW_ℓ D + diag(σ''(z_{ℓ−1}) ∘ W_ℓᵀδ_ℓ),   D = diag(σ'(z_{ℓ−1}))
//! ```
//!
//! Exact: the chain rule, with no Gauss–Newton term left out.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use super::architecture::{Architecture, Weights};
use super::kernel::{Left, Panel, Tiles, multiply};
use super::pass::Pass;

/// Work space of the recursion, for one sample at a time.
#[derive(Debug)]
pub(super) struct Curvature<'a> {
    network: &'a Architecture,
    weights: Vec<&'a [f64]>,
    /// W_ℓ in tiles.
    tiles: Vec<Tiles>,
    /// M_ℓ, row after row.
    M: Vec<f64>,
    /// M_ℓW_ℓ.
    product: Tiles,
    next: Tiles,
    panel: Panel,
}

impl<'a> Curvature<'a> {
    pub(super) fn new(network: &'a Architecture, weights: Weights<'a>) -> Self {
        let tiles = |layer: &super::architecture::Layer| {
            let mut tiles = Tiles::default();
            tiles.copy_rows(layer.outputs, layer.inputs, weights.of(*layer).chunks_exact(layer.inputs));
            tiles
        };
        Curvature {
            network,
            weights: network.layers.iter().map(|layer| weights.of(*layer)).collect(),
            tiles: network.layers.iter().map(tiles).collect(),
            M: Vec::new(),
            product: Tiles::default(),
            next: Tiles::default(),
            panel: Panel::new(),
        }
    }

    /// M of layer `analysed` for the s-th sample of a pass that has gone forward and back, with outputs f and target y:
    /// its lower triangle, row by row. Cost: o·i·(o + i) multiply-adds for each later layer.
    pub(super) fn lower_triangle(
        &mut self,
        analysed: usize,
        pass: &Pass,
        s: usize,
        f: &[f64],
        y: &[f64],
    ) -> impl Iterator<Item = f64> {
        self.M.resize(f.len() * f.len(), 0.0);
        self.network.loss.hessian(f, y, &mut self.M);
        for l in (analysed + 1..self.network.layers.len()).rev() {
            self.pull_back(l, pass, s);
        }
        let size = self.network.layers[analysed].outputs;
        (0..size).flat_map(move |r| (0..=r).map(move |c| (r, c))).map(move |(r, c)| self.M[r * size + c])
    }

    /// From M_ℓ to M_{ℓ−1}.
    fn pull_back(&mut self, l: usize, pass: &Pass, s: usize) {
        let Curvature { network, weights, tiles, M, product, next, panel } = self;
        let (layer, W) = (network.layers[l], weights[l]);
        let (o, i) = (layer.outputs, layer.inputs);
        product.reset(o, i);
        multiply(o, Left::Rows(M, o), &tiles[l], panel, |r, t, sums| *product.tile_mut(r, t) = *sums);
        next.reset(i, i);
        multiply(i, Left::Transposed(W, i), product, panel, |c, t, sums| *next.tile_mut(c, t) = *sums);
        M.resize(i * i, 0.0);
        for r in 0..i {
            let slope = pass.slope(l - 1, r, s);
            for c in 0..=r {
                let entry = slope * next.at(r, c) * pass.slope(l - 1, c, s);
                M[r * i + c] = entry;
                M[c * i + r] = entry;
            }
            let pulled: f64 = (0..o).map(|k| W[k * i + r] * pass.delta(l, k, s)).sum();
            M[r * i + r] += network.activation.curvature(pass.input(l, r, s), slope) * pulled;
        }
    }
}
