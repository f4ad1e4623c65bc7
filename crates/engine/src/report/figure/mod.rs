//! Figures as SVG, a kind in each file; only `chart` knows the plotting crate.

mod axis;
mod chart;
mod curves;
mod ellipses;
mod finish;
mod fit;
mod forest;
mod heat_map;
mod relation;
mod scatter;
mod sweep;
mod variant_ratio;

use stats::Sample;

use super::label::labels_of;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Cell, Draw, Figure, Spec};
use crate::verdict::Judgement;

pub(super) use finish::STYLE;

/// How far a law lies from the exact one, relative to it, where it is worth a line of its own.
const APART: f64 = 0.005;

/// A figure that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The picture.
    pub svg: String,
    /// What its dots, bars and lines mean.
    pub key: String,
}

/// The figure as SVG; `None` if there is nothing finite to draw, or the plotting crate gives up.
///
/// A figure is an ornament of a run: it must not cost the tables, so a panic of the plotting crate is caught here.
#[must_use]
pub fn draw(
    spec: &Spec,
    figure: &Figure,
    data: &[CellData],
    predictions: &[Prediction],
    judgement: &Judgement,
) -> Option<Drawn> {
    let drawn = std::panic::AssertUnwindSafe(|| {
        let shown: Vec<usize> = figure.cells(&spec.cells).map(|(c, _)| c).collect();
        let labels = match shown[..] {
            [only] => (0..=only).map(|_| "measured".to_owned()).collect(),
            _ => labels_of(spec, &shown),
        };
        let view = View { spec, figure, measure: figure.measure, data, predictions, labels };
        match &figure.draw {
            Draw::Curves(curves) => curves::draw(&view, curves),
            Draw::Sweep(sweep) => sweep::draw(&view, sweep),
            Draw::Scatter(scatter) => scatter::draw(&view, scatter),
            Draw::Ellipses(ellipses) => ellipses::draw(&view, ellipses),
            Draw::Relation(relation) => relation::draw(&view, relation),
            Draw::HeatMap(heat_map) => heat_map::draw(&view, heat_map),
            Draw::VariantRatio(ratio) => variant_ratio::draw(&view, ratio),
            Draw::Forest(forest) => forest::draw(spec, figure, forest, judgement),
        }
    });
    std::panic::catch_unwind(drawn).ok().flatten()
}

/// What a figure looks at: one measure of some cells, measured and predicted.
#[derive(Clone)]
struct View<'a> {
    spec: &'a Spec,
    figure: &'a Figure,
    measure: usize,
    data: &'a [CellData],
    predictions: &'a [Prediction],
    labels: Vec<String>,
}

impl View<'_> {
    /// The same cells, looked at through another measure.
    fn of(&self, measure: usize) -> Self {
        View { measure, ..self.clone() }
    }

    /// The cells that are shown, with their order in the spec.
    fn cells(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.figure.cells(&self.spec.cells)
    }

    /// The variants that are shown, with their order in the spec and the cells of each.
    fn variants(&self) -> impl Iterator<Item = (usize, Vec<(usize, &Cell)>)> {
        let of = |variant: usize| -> Vec<_> { self.cells().filter(|(_, cell)| cell.variant == variant).collect() };
        (0..self.spec.variants.len()).map(move |variant| (variant, of(variant))).filter(|(_, cells)| !cells.is_empty())
    }

    fn n_components(&self) -> usize {
        self.spec.measures[self.measure].n_components
    }

    fn row(&self, c: usize, component: usize, n: usize) -> usize {
        self.spec.row(&self.spec.cells[c], self.measure, component, n)
    }

    fn measured(&self, c: usize, component: usize, n: usize) -> Sample {
        self.data[c].sample(self.spec, &self.spec.cells[c], self.measure, component, n)
    }

    /// The measured value in each section.
    fn sections(&self, c: usize, component: usize, n: usize) -> Vec<f64> {
        self.data[c].values(self.spec, &self.spec.cells[c], self.measure, component, n)
    }

    fn exact(&self, c: usize, component: usize, n: usize) -> Option<f64> {
        self.predictions[c].exact[self.row(c, component, n)].map(|law| law.value)
    }

    fn limit(&self, c: usize, component: usize, n: usize) -> Option<f64> {
        self.predictions[c].limit[self.row(c, component, n)].map(|law| law.value)
    }

    fn leading_order(&self, c: usize, component: usize, n: usize) -> Option<f64> {
        self.predictions[c].leading_order[self.row(c, component, n)].map(|law| law.value)
    }
}

/// Whether two lines could not be told apart.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= APART * b.abs()
}

/// What the shapes of a figure mean: those that it has, after what is always there.
fn key(always: &str, parts: &[(bool, &str)]) -> String {
    let shown = parts.iter().filter(|(has, _)| *has).map(|(_, part)| *part);
    std::iter::once(always).chain(shown).collect::<Vec<_>>().join("; ")
}
