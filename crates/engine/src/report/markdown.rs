//! README.md of a run: verdicts, figures, cells and provenance, without anything that changes from run to run.

use std::fmt::Write as _;

use super::verdicts::{TITLES, grouped, lines};
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Claim, Spec};
use crate::statistics::agreement;
use crate::verdict::{Judgement, Verdict};

/// The text of the report; `drawn` says which figures there are.
#[must_use]
pub fn write(
    spec: &Spec,
    data: &[CellData],
    predictions: &[Prediction],
    judgement: &Judgement,
    drawn: &[bool],
) -> String {
    let mut text = format!("# {}: {}\n\n", spec.name, escape(&spec.title));
    let overall = match judgement.overall() {
        Verdict::Holds => "**All claims hold.**",
        Verdict::Refuted => "**A claim is refuted.**",
        Verdict::Undecided => "**Not all claims are decided.**",
    };
    text += &format!("{overall} Checked: {} of {}.\n\n", escape(&spec.statements.join(", ")), escape(&spec.paper));
    verdict_table(&mut text, spec, judgement);
    for (figure, drawn) in spec.figures.iter().zip(drawn) {
        let title = escape(&figure.title);
        text += &match drawn {
            true => format!("\n![{title}]({}.svg)\n\n*{title}.*\n", figure.name),
            false => format!("\n*{title}: nothing finite to draw.*\n"),
        };
    }
    claims(&mut text, spec, judgement);
    text += &super::published::write(spec, data, predictions);
    reading(&mut text, spec, judgement);
    cells(&mut text, spec, data, predictions);
    provenance(&mut text, spec);
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
        let Claim { name, says, .. } = claim;
        text.push_str(&format!("- **{name}** ({}): {}\n", judged.verdict.word(), escape(says)));
    }
}

fn reading(text: &mut String, spec: &Spec, judgement: &Judgement) {
    text.push_str(&format!(
        "\n## How to read the table\n\n\
         Each claim is a set of statistics that should lie in a band. The table shows the one nearest to (or farthest \
         beyond) an end of its band, with its simultaneous confidence interval from {} sections of {} replicates. A \
         claim *holds* when all intervals lie inside their bands, is *refuted* when a statistic lies outside, and is \
         *undecided* otherwise. Over the {} tests of this spec together, the chance that a true claim is refuted is at \
         most {:e}, and so is the chance that a false one holds.\n",
        spec.layout.sections,
        grouped(spec.layout.replicates_per_section()),
        grouped(judgement.tests.len() as u64),
        spec.family_wise_error,
    ));
}

/// The last recorded value of each measure's first component in each cell.
fn cells(text: &mut String, spec: &Spec, data: &[CellData], predictions: &[Prediction]) {
    for (m, measure) in spec.measures.iter().enumerate() {
        let scale = measure.scale.as_ref().map_or_else(String::new, |scale| format!(" × {scale}"));
        let component = if measure.n_components > 1 { " (component 1)" } else { "" };
        let _ = writeln!(text, "\n## {}{scale} at the last recorded step{component}\n", measure.name);
        row(
            text,
            &[
                "cell",
                "variant",
                "η",
                "b",
                "η/b",
                "steps",
                "measured",
                "± s.e.",
                "exact law",
                "limit",
                "leading order",
                "agreement",
            ],
        );
        row(text, &["--:", ":--", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:"]);
        for (c, cell) in spec.cells.iter().enumerate() {
            let last = spec.row(cell, m, 0, cell.recorded.len() - 1);
            let sample = data[c].sample(spec, cell, m, 0, cell.recorded.len() - 1);
            let prediction = &predictions[c];
            let or_dash = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), number);
            let exact = prediction.exact[last];
            let (limit, leading) = (prediction.limit[last], prediction.leading_order[last]);
            let scalar = |name| cell.scalars.get(name).map_or_else(String::new, |value| format!("{value}"));
            let temperature = cell.scalars.get("tau").map_or_else(String::new, |tau| format!("{tau:.2e}"));
            let steps = grouped(cell.recorded.last().copied().unwrap_or(0));
            row(
                text,
                &[
                    &c.to_string(),
                    &spec.variants[cell.variant],
                    &scalar("eta"),
                    &scalar("b"),
                    &temperature,
                    &steps,
                    &number(sample.mean),
                    &format!("{:.1e}", sample.standard_error),
                    &or_dash(exact.map(|law| law.value)),
                    &or_dash(limit.map(|law| law.value)),
                    &or_dash(leading.map(|law| law.value)),
                    &or_dash(exact.map(|law| agreement(sample.mean, law))),
                ],
            );
        }
    }
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

fn number(value: f64) -> String {
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
