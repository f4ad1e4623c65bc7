//! Figures as SVG, a kind in each file; only `chart` knows the plotting crate.

mod chart;
mod curves;
mod ellipses;
mod fit;
mod relation;
mod scatter;
mod sweep;

use super::label::labels;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Cell, Draw, Figure, Spec};
use crate::stats::Sample;

/// The SVG of a figure; `None` if there is nothing finite to draw, or the plotting crate gives up.
///
/// A figure is an ornament of a run: it must not cost the tables, so a panic of the plotting crate is caught here.
#[must_use]
pub fn draw(spec: &Spec, figure: &Figure, data: &[CellData], predictions: &[Prediction]) -> Option<String> {
    let drawn = std::panic::AssertUnwindSafe(|| {
        let view = View { spec, figure, measure: figure.measure, data, predictions, labels: labels(spec) };
        match &figure.draw {
            Draw::Curves(curves) => curves::draw(&view, curves),
            Draw::Sweep(sweep) => sweep::draw(&view, sweep),
            Draw::Scatter(scatter) => scatter::draw(&view, scatter),
            Draw::Ellipses(ellipses) => ellipses::draw(&view, ellipses),
            Draw::Relation(relation) => relation::draw(&view, relation),
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

    fn exact(&self, c: usize, component: usize, n: usize) -> Option<f64> {
        self.predictions[c].exact[self.row(c, component, n)].map(|law| law.value)
    }

    fn limit(&self, c: usize, component: usize, n: usize) -> Option<f64> {
        self.predictions[c].limit[self.row(c, component, n)].map(|law| law.value)
    }
}

/// What dots are, and lines where there are any.
fn legend(dots: &str, has_exact: bool, has_limit: bool) -> String {
    let exact = if has_exact { "; lines: exact law" } else { "" };
    let limit = if has_limit { "; dashed: limit" } else { "" };
    format!("{dots}{exact}{limit}")
}
