//! The part of a report that shows measured values at the last recorded step, beside their laws.

use std::fmt::Write as _;

use dynamics::Observable;
use faer::Mat;
use sampling::covariance::expected_squared_error;

use super::label::labels;
use super::markdown::{escape, number, row};
use super::verdicts::grouped;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::statistics::agreement;

/// The columns of a table after the first; one that is empty everywhere is left out.
const COLUMNS: [&str; 10] = [
    "replicates",
    "steps",
    "measured",
    "± s.e.",
    "exact law",
    "limit",
    "leading order",
    "agreement",
    "‖Ĉ − C‖/‖C‖",
    "expected",
];

/// The first component of each measure: a table of the cells for each, or one of all measures if there is but one cell.
pub(super) fn write(text: &mut String, spec: &Spec, data: &[CellData], predictions: &[Prediction]) {
    let values = Values { spec, data, predictions };
    let name = |m: usize| {
        let measure = &spec.measures[m];
        let scale = measure.scale.as_ref().map_or_else(String::new, |scale| format!(" × {scale}"));
        let component = if measure.n_components > 1 { " (component 1)" } else { "" };
        (format!("{}{scale}", measure.name), component)
    };
    if spec.cells.len() == 1 {
        text.push_str("\n## At the last recorded step\n\n");
        let named = |m: usize| {
            let (name, component) = name(m);
            (format!("{}{component}", escape(&name)), values.line(m, 0))
        };
        return table(text, "measure", &(0..spec.measures.len()).map(named).collect::<Vec<_>>());
    }
    let labels = labels(spec);
    for m in 0..spec.measures.len() {
        let (name, component) = name(m);
        let _ = writeln!(text, "\n## {name} at the last recorded step{component}\n");
        let labelled = |c: usize| (format!("{c}: {}", escape(&labels[c])), values.line(m, c));
        table(text, "cell", &(0..spec.cells.len()).map(labelled).collect::<Vec<_>>());
    }
}

fn table(text: &mut String, first: &str, lines: &[(String, [String; COLUMNS.len()])]) {
    let kept: Vec<usize> = (0..COLUMNS.len()).filter(|i| lines.iter().any(|line| !line.1[*i].is_empty())).collect();
    let mut whole = |first: &str, rest: &dyn Fn(usize) -> String| {
        let rest: Vec<String> = kept.iter().map(|i| rest(*i)).collect();
        row(text, &std::iter::once(first).chain(rest.iter().map(String::as_str)).collect::<Vec<_>>());
    };
    whole(first, &|i| COLUMNS[i].to_owned());
    whole(":--", &|_| "--:".to_owned());
    for (name, line) in lines {
        whole(name, &|i| if line[i].is_empty() { "–".to_owned() } else { line[i].clone() });
    }
    if kept.contains(&(COLUMNS.len() - 1)) {
        text.push_str(
            "\n‖Ĉ − C‖ is the Frobenius distance of the whole measured second moment from its law (the exact one, or else \
             the limit); beside it, what the same number of independent normal draws would give.\n",
        );
    }
}

/// What was measured, and what should have been.
struct Values<'a> {
    spec: &'a Spec,
    data: &'a [CellData],
    predictions: &'a [Prediction],
}

impl Values<'_> {
    /// A measure of a cell: the columns of its line.
    fn line(&self, m: usize, c: usize) -> [String; COLUMNS.len()] {
        let cell = &self.spec.cells[c];
        let n = cell.recorded.len() - 1;
        let last = self.spec.row(cell, m, 0, n);
        let sample = self.data[c].sample(self.spec, cell, m, 0, n);
        let Prediction { exact, limit, leading_order } = &self.predictions[c];
        let or_empty = |value: Option<f64>| value.map_or_else(String::new, number);
        let frobenius = frobenius(self.spec, m, c, &self.data[c], &self.predictions[c]);
        [
            if self.spec.is_sequential() { grouped(self.data[c].replicates()) } else { String::new() },
            grouped(cell.recorded[n]),
            number(sample.mean),
            format!("{:.1e}", sample.standard_error),
            or_empty(exact[last].map(|law| law.value)),
            or_empty(limit[last].map(|law| law.value)),
            or_empty(leading_order[last].map(|law| law.value)),
            or_empty(exact[last].map(|law| agreement(sample.mean, law))),
            or_empty(frobenius.map(|(error, _)| error)),
            or_empty(frobenius.map(|(_, expected)| expected)),
        ]
    }
}

/// ‖Ĉ − C‖_F/‖C‖_F of a second moment Ĉ at the last recorded step with its law C, and the root mean square of it for
/// normal draws of that law: √((‖C‖_F² + (tr C)²)/R)/‖C‖_F; `None` for other measures, or without a law.
fn frobenius(spec: &Spec, m: usize, c: usize, data: &CellData, prediction: &Prediction) -> Option<(f64, f64)> {
    let cell = &spec.cells[c];
    let Observable::Products(directions) = &cell.observers[m].observable else { return None };
    let n = cell.recorded.len() - 1;
    let component = |i: usize, j: usize| i.max(j) * (i.max(j) + 1) / 2 + i.min(j);
    let (mut law, mut gap) = (Mat::zeros(directions.len(), directions.len()), 0.0);
    for i in 0..directions.len() {
        for j in 0..directions.len() {
            let row = spec.row(cell, m, component(i, j), n);
            law[(i, j)] = prediction.exact[row].or(prediction.limit[row])?.value;
            let error = data.sample(spec, cell, m, component(i, j), n).mean - law[(i, j)];
            gap += error * error;
        }
    }
    let size = law.norm_l2();
    // A second moment about a known centre spends no draw on the mean.
    let expected = expected_squared_error(law.as_ref(), data.replicates() + 1);
    Some((gap.sqrt() / size, expected.sqrt() / size)).filter(|_| size > 0.0)
}
