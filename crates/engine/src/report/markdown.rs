//! README.md of a run: verdicts, figures, cells and provenance, without anything that changes from run to run.

use std::fmt::Write as _;

use dynamics::Observable;
use faer::Mat;
use sampling::covariance::expected_squared_error;

use super::label::labels;
use super::quantity::power_of_ten;
use super::verdicts::{TITLES, grouped, lines};
use crate::layout::FEWEST_SECTIONS;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Claim, Spec};
use crate::statistics::agreement;
use crate::verdict::{ClaimVerdict, Judgement, Verdict};

/// The columns of the table of a measure; one that is empty in all cells is left out.
const COLUMNS: [&str; 10] = [
    "cell",
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

/// The text of the report; `keys` says what the shapes of each figure mean that there is.
#[must_use]
pub fn write(
    spec: &Spec,
    data: &[CellData],
    predictions: &[Prediction],
    judgement: &Judgement,
    keys: &[Option<String>],
) -> String {
    let mut text = format!("# {}: {}\n\n", spec.name, escape(&spec.title));
    let overall = match (judgement.overall(), judgement.findings()) {
        (Verdict::Holds, 0) => "**All claims hold.**".to_owned(),
        (Verdict::Holds, n) => format!("**All claims hold but for {n}, refuted as recorded.**"),
        (Verdict::Refuted, _) if judgement.claims.iter().any(ClaimVerdict::contradicts_its_finding) => {
            "**A claim holds that was recorded as refuted.**".to_owned()
        }
        (Verdict::Refuted, _) => "**A claim is refuted.**".to_owned(),
        (Verdict::Undecided, _) => "**Not all claims are decided.**".to_owned(),
    };
    text += &format!("{overall} Checked: {} of {}.\n\n", escape(&spec.statements.join(", ")), escape(&spec.paper));
    if let Some(correction) = &spec.correction {
        text += &format!("*Where the text is imprecise.* {}\n\n", escape(correction));
    }
    verdict_table(&mut text, spec, judgement);
    for (figure, key) in spec.figures.iter().zip(keys) {
        let title = escape(&figure.title);
        text += &match key {
            Some(key) => format!("\n![{title}]({}.svg)\n\n*{title}.* {}.\n", figure.name, escape(&sentence(key))),
            None => format!("\n*{title}: nothing finite to draw.*\n"),
        };
    }
    claims(&mut text, spec, judgement);
    text += &super::published::write(spec, data, predictions);
    reading(&mut text, spec, judgement);
    cells(&mut text, spec, data, predictions);
    provenance(&mut text, spec);
    text
}

/// The verdict table of a spec below its name, to be pasted where Markdown is read.
#[must_use]
pub fn verdicts(spec: &Spec, judgement: &Judgement) -> String {
    let mut text = format!("**{}**: {}\n\n", spec.place(), escape(&spec.title));
    verdict_table(&mut text, spec, judgement);
    text
}

/// A table of text without markup.
pub fn table<const N: usize>(titles: &[&str; N], rows: &[[String; N]]) -> String {
    let mut text = String::new();
    row(&mut text, titles);
    row(&mut text, &[":--"; N]);
    for cells in rows {
        let cells = cells.each_ref().map(|cell| escape(cell));
        row(&mut text, &cells.each_ref().map(String::as_str));
    }
    text
}

fn verdict_table(text: &mut String, spec: &Spec, judgement: &Judgement) {
    row(text, &TITLES);
    row(text, &[":--"; TITLES.len()]);
    for line in lines(spec, judgement) {
        let mut columns = line.columns();
        let verdict = format!("**{}**", columns[1]);
        columns[1] = &verdict;
        row(text, &columns);
    }
}

fn claims(text: &mut String, spec: &Spec, judgement: &Judgement) {
    text.push_str("\n## The claims\n\n");
    for (claim, judged) in spec.claims.iter().zip(&judgement.claims) {
        let Claim { name, says, finding, .. } = claim;
        text.push_str(&format!("- **{name}** ({}): {}\n", judged.verdict.word(), escape(says)));
        if let Some(finding) = finding {
            text.push_str(&format!("  *What was found:* {}\n", escape(finding)));
        }
    }
}

fn reading(text: &mut String, spec: &Spec, judgement: &Judgement) {
    text.push_str(&format!(
        "\n## How to read the table\n\n\
         Each claim is a set of statistics that should lie in a band. The table shows the one nearest to (or farthest \
         beyond) an end of its band, with its simultaneous confidence interval from {} sections of {} replicates. A \
         claim *holds* when all intervals lie inside their bands, is *refuted* when a statistic lies outside, and is \
         *undecided* otherwise. Over the {} tests of this spec together, the chance that a true claim is refuted is at \
         most {}, and so is the chance that a false one holds.\n",
        spec.layout.sections,
        grouped(spec.layout.replicates_per_section()),
        grouped(judgement.tests.len() as u64),
        power_of_ten(spec.family_wise_error),
    ));
    if (spec.layout.sections as u64) < FEWEST_SECTIONS {
        text.push_str(
            "So few replicates are taken to be normal: of a skewed reading an end may miss more often than stated.\n",
        );
    }
}

/// The last recorded value of each measure's first component in each cell, and how near a second moment is as a whole.
fn cells(text: &mut String, spec: &Spec, data: &[CellData], predictions: &[Prediction]) {
    let labels = labels(spec);
    for (m, measure) in spec.measures.iter().enumerate() {
        let scale = measure.scale.as_ref().map_or_else(String::new, |scale| format!(" × {scale}"));
        let component = if measure.n_components > 1 { " (component 1)" } else { "" };
        let _ = writeln!(text, "\n## {}{scale} at the last recorded step{component}\n", measure.name);
        let lines: Vec<[String; COLUMNS.len()]> = spec
            .cells
            .iter()
            .enumerate()
            .map(|(c, cell)| {
                let n = cell.recorded.len() - 1;
                let last = spec.row(cell, m, 0, n);
                let sample = data[c].sample(spec, cell, m, 0, n);
                let Prediction { exact, limit, leading_order } = &predictions[c];
                let or_empty = |value: Option<f64>| value.map_or_else(String::new, number);
                let frobenius = frobenius(spec, m, c, &data[c], &predictions[c]);
                [
                    format!("{c}: {}", escape(&labels[c])),
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
            })
            .collect();
        let kept: Vec<usize> = (0..COLUMNS.len()).filter(|i| lines.iter().any(|line| !line[*i].is_empty())).collect();
        row(text, &kept.iter().map(|i| COLUMNS[*i]).collect::<Vec<_>>());
        row(text, &kept.iter().map(|i| if *i == 0 { ":--" } else { "--:" }).collect::<Vec<_>>());
        let or_dash = |value: &'_ str| if value.is_empty() { "–".to_owned() } else { value.to_owned() };
        for line in &lines {
            let shown: Vec<String> = kept.iter().map(|i| or_dash(&line[*i])).collect();
            row(text, &shown.iter().map(String::as_str).collect::<Vec<_>>());
        }
        if kept.contains(&(COLUMNS.len() - 1)) {
            text.push_str(
                "\n‖Ĉ − C‖ is the Frobenius distance of the whole measured second moment from its law (the exact one, or else \
                 the limit); beside it, what the same number of independent normal draws would give.\n",
            );
        }
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
    let expected = expected_squared_error(law.as_ref(), spec.layout.replicates() + 1);
    Some((gap.sqrt() / size, expected.sqrt() / size)).filter(|_| size > 0.0)
}

fn provenance(text: &mut String, spec: &Spec) {
    text.push_str(&format!(
        "\n## Provenance\n\n\
         - made by `{}`; engine {}, stream version {}\n\
         - seed {}, {} replicates in each of {} cells\n\
         - tables: `cells.parquet` (every recorded value with its laws), `claims.parquet` (every test); \
         hashes in `manifest.toml`\n",
        spec.command(),
        crate::VERSION,
        sampling::stream::STREAM_VERSION,
        spec.seed,
        grouped(spec.layout.replicates()),
        spec.cells.len(),
    ));
}

fn row(text: &mut String, columns: &[&str]) {
    let _ = writeln!(text, "| {} |", columns.join(" | "));
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// A number as a table shows it.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) { format!("{value:.4}") } else { format!("{value:.3e}") }
}

/// Text of a spec as text of Markdown: no table bars, links or tags.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '|' | '<' | '>' | '[' | ']' | '`' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' | '\r' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
