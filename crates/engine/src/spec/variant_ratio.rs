//! Figures of ratios of variants: which cells are divided by which.

use super::figures::Draw;
use super::raw::RawRatioFigure;
use super::section::Section;

/// A measure under each variant over that under another one, along the components at the last recorded step.
#[derive(Debug, Clone)]
pub struct VariantRatio {
    /// The variant that the others are divided by.
    pub over: usize,
    /// The label of the horizontal axis.
    pub x_label: String,
    /// The label of the vertical axis.
    pub y_label: String,
    /// Whether the vertical axis is logarithmic.
    pub log_y: bool,
    /// A horizontal line and its label.
    pub reference: Option<(f64, String)>,
}

impl Section<'_> {
    /// The figure; it shows, of the cells of `only_in`, those that are divided by another one.
    pub(super) fn variant_ratio(
        &mut self,
        raw: &RawRatioFigure,
        variants: &[String],
        only_in: &mut Option<Vec<bool>>,
    ) -> Option<Draw> {
        let reference = self.reference(raw.reference.as_ref());
        let over = self.find("over", "variant", &raw.over, variants.iter().map(String::as_str))?;
        if variants.len() == 1 {
            let message = "there is one variant only: nothing is left to be divided by it".to_owned();
            self.add("over", message, Some("[variants.NAME] says what another one overrides".to_owned()));
            return None;
        }
        let is_kept = |c: usize| only_in.as_ref().is_none_or(|kept| kept[c]);
        let numerators = self.cells.iter().enumerate().map(|(c, cell)| cell.variant != over && is_kept(c)).collect();
        *only_in = Some(numerators);
        Some(Draw::VariantRatio(VariantRatio {
            over,
            x_label: raw.x_label.clone(),
            y_label: raw.y_label.clone(),
            log_y: raw.log_y.unwrap_or(true),
            reference,
        }))
    }
}
