//! The part of a report that sets a paper's numbers beside ours.

use std::fmt::Write as _;

use super::verdicts::grouped;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::statistics::agreement;

/// A table for each group of published numbers; empty if there are none.
#[must_use]
pub fn write(spec: &Spec, data: &[CellData], predictions: &[Prediction]) -> String {
    let mut text = String::new();
    for published in &spec.published {
        let cell = &spec.cells[published.cell];
        let variant = &spec.variants[cell.variant];
        let _ = writeln!(text, "\n## {} ({variant}), published and here\n", super::markdown::escape(&published.place));
        text.push_str(
            "| step | published | here / exact law | ± s.e. | here / limit |\n| --: | --: | --: | --: | --: |\n",
        );
        for (n, ratio) in published.ratios.iter().enumerate() {
            let row = spec.row(cell, published.measure, published.component, n);
            let sample = data[published.cell].sample(spec, cell, published.measure, published.component, n);
            let law = predictions[published.cell].exact[row];
            let here = law.map_or_else(|| "–".to_owned(), |law| format!("{:.4}", agreement(sample.mean, law)));
            let error = law.map_or_else(|| "–".to_owned(), |law| format!("{:.4}", sample.standard_error / law.unit));
            let limit = predictions[published.cell].limit[row].map(|law| sample.mean / law.value);
            let limit = limit.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.4}"));
            let _ = writeln!(text, "| {} | {ratio:.3} | {here} | {error} | {limit} |", grouped(cell.recorded[n]));
        }
    }
    text
}
