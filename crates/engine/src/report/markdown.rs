//! README.md of a run: verdicts, figures, cells and provenance, without anything that changes from run to run.

use std::fmt::Write as _;

use stats::FEWEST_SECTIONS;

use super::quantity::{plural, power_of_ten, range};
use super::values;
use super::verdicts::{TITLES, grouped, lines};
use crate::layout::Layout;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Claim, Spec};
use crate::verdict::{ClaimVerdict, Judgement, Verdict};

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
    values::write(&mut text, spec, data, predictions);
    provenance(&mut text, spec, data);
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
    let section = |look: Option<&Layout>| grouped(look.map_or(0, Layout::replicates_per_section));
    let of_section = match range(section(spec.looks.first()), section(spec.looks.last())).as_str() {
        "1" => "1 replicate".to_owned(),
        several => format!("{several} replicates"),
    };
    text.push_str(&format!(
        "\n## How to read the table\n\n\
         Each claim is a set of statistics that should lie in a band. The table shows the one nearest to (or farthest \
         beyond) an end of its band, with its simultaneous confidence interval from {} of {}. A \
         claim *holds* when all intervals lie inside their bands, is *refuted* when a statistic lies outside, and is \
         *undecided* otherwise. Over the {} of this spec together, the chance that a true claim is refuted is at \
         most {}, and so is the chance that a false one holds.\n",
        plural(spec.layout.sections as u64, "section"),
        of_section,
        plural(judgement.tests.len() as u64, "test"),
        power_of_ten(spec.family_wise_error),
    ));
    if spec.is_sequential() {
        text.push_str(&format!(
            "A cell got replicates until its tests were decided: they were looked at up to {} times, each time with an equal \
             share of these chances, and a test that was decided stands as it was then.\n",
            spec.looks.len()
        ));
    }
    if (spec.layout.sections as u64) < FEWEST_SECTIONS {
        text.push_str(
            "So few replicates are taken to be normal: of a skewed reading an end may miss more often than stated.\n",
        );
    }
}

fn provenance(text: &mut String, spec: &Spec, data: &[CellData]) {
    let replicates = || data.iter().map(CellData::replicates);
    let (fewest, most) = (replicates().min().unwrap_or(0), replicates().max().unwrap_or(0));
    let mut size = format!("{} replicates", range(grouped(fewest), grouped(most)));
    size += &match spec.cells.len() {
        1 => " in one cell".to_owned(),
        cells => format!(" in each of {cells} cells"),
    };
    if fewest < most {
        size += &format!(", {} in all", grouped(replicates().sum()));
    }
    text.push_str(&format!(
        "\n## Provenance\n\n\
         - made by `{}`; engine {}, stream version {}\n\
         - seed {}, {size}\n\
         - tables: `cells.parquet` (every recorded value with its laws), `claims.parquet` (every test); \
         hashes in `manifest.toml`\n",
        spec.command(),
        crate::VERSION,
        sampling::stream::STREAM_VERSION,
        spec.seed,
    ));
}

pub(super) fn row(text: &mut String, columns: &[&str]) {
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
#[must_use]
pub fn escape(text: &str) -> String {
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
