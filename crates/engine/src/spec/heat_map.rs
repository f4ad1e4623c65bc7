//! Heat maps: what stands along their two axes, so that no two values fall on one place.

use super::cell::Cell;
use super::claims::Measure;
use super::diagnostic::{nearest, quote};
use super::figures::{Draw, has_law};
use super::raw::{RawHeatMap, RawShade};
use super::section::Section;

/// A measure over two axes.
#[derive(Debug, Clone)]
pub struct HeatMap {
    /// The horizontal axis.
    pub x: HeatAxis,
    /// The vertical axis.
    pub y: HeatAxis,
    /// What the colours stand for.
    pub shade: Shade,
    /// Which component, where no axis has them.
    pub component: usize,
    /// The label of the horizontal axis.
    pub x_label: String,
    /// The label of the vertical axis.
    pub y_label: String,
}

/// What stands along an axis of a heat map.
#[derive(Debug, Clone, PartialEq)]
pub enum HeatAxis {
    /// The recorded steps; without them the last one is shown.
    Step,
    /// The components of the measure.
    Component,
    /// A value for each cell.
    Over(Vec<f64>),
}

/// What the colours of a heat map stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// The measured value divided by its law.
    Agreement,
    /// The measured value.
    Measured,
}

impl Section<'_> {
    /// The cells that are kept, of one variant if one is named.
    pub(super) fn of_variant(
        &mut self,
        raw: &RawHeatMap,
        variants: &[String],
        kept: Option<Vec<bool>>,
    ) -> Option<Vec<bool>> {
        let Some(name) = &raw.variant else { return kept };
        let variant = self.find("variant", "variant", name, variants.iter().map(String::as_str));
        let is_kept = |c: usize| kept.as_ref().is_none_or(|kept| kept[c]);
        Some(self.cells.iter().enumerate().map(|(c, cell)| Some(cell.variant) == variant && is_kept(c)).collect())
    }

    pub(super) fn heat_map(
        &mut self,
        raw: &RawHeatMap,
        measure: usize,
        of: &Measure,
        only_in: Option<&[bool]>,
    ) -> Option<Draw> {
        let component = self.component(raw.component, of);
        let (x, y) = (self.axis("x", &raw.x), self.axis("y", &raw.y));
        let (x, y) = (x?, y?);
        if x == y {
            self.fail("y", "both axes are the same".to_owned());
            return None;
        }
        let shade = match raw.shows {
            None | Some(RawShade::Agreement) => Shade::Agreement,
            Some(RawShade::Measured) => Shade::Measured,
        };
        if shade == Shade::Agreement && !self.cells.is_empty() && !self.cells.iter().any(|cell| has_law(cell, measure))
        {
            let message = format!("no cell has a law of `{}` to divide it by", quote(&raw.measure));
            self.add("measure", message, Some("shows = \"measured\" draws the values themselves".to_owned()));
        }
        self.check_places(&x, &y, only_in);
        let label = |axis: &HeatAxis, text: &str| match axis {
            HeatAxis::Step => "step k".to_owned(),
            HeatAxis::Component => "component".to_owned(),
            HeatAxis::Over(_) => text.to_owned(),
        };
        let x_label = raw.x_label.clone().unwrap_or_else(|| label(&x, &raw.x));
        let y_label = raw.y_label.clone().unwrap_or_else(|| label(&y, &raw.y));
        Some(Draw::HeatMap(HeatMap { x, y, shade, component, x_label, y_label }))
    }

    fn axis(&mut self, key: &str, text: &str) -> Option<HeatAxis> {
        match text {
            "step" => Some(HeatAxis::Step),
            "component" => Some(HeatAxis::Component),
            _ => {
                let is_known = |cell: &Cell| cell.scalars.get(text).is_some();
                if let Some(help) = nearest(text, ["step", "component"]).filter(|_| !self.cells.iter().any(is_known)) {
                    self.add(key, format!("`{}` is no axis of a heat map", quote(text)), Some(help));
                    return None;
                }
                self.in_each_cell(key, text).map(HeatAxis::Over)
            }
        }
    }

    /// Refuses axes on which two of the cells that are shown fall on one place.
    fn check_places(&mut self, x: &HeatAxis, y: &HeatAxis, only_in: Option<&[bool]>) {
        let shown: Vec<usize> = (0..self.cells.len()).filter(|c| only_in.is_none_or(|kept| kept[*c])).collect();
        let place = |c: usize| {
            [x, y].map(|axis| match axis {
                HeatAxis::Over(values) => values[c],
                HeatAxis::Step | HeatAxis::Component => 0.0,
            })
        };
        let twins = shown.iter().enumerate().find(|(i, c)| shown[..*i].iter().any(|d| place(*d) == place(**c)));
        if let Some((_, c)) = twins {
            let message = format!("cell {c} falls on the same places as another cell");
            let help = "`where` leaves fewer cells, an expression in `x` or `y` tells them apart";
            self.add("x", message, Some(help.to_owned()));
        }
    }
}
