//! The verdicts of several specs: a table each as they come, or one document of all.

use std::path::Path;

use engine::report::verdicts::{TITLES, lines};
use engine::report::{json, markdown};
use engine::{Judgement, Spec, Verdict};

use super::{Format, OutputArgs, Table, print, print_json, width};
use crate::exit::Exit;

/// Claim, verdict, worst, interval and band tell what there is to know; statistic and place explain it.
const NARROW: [usize; TITLES.len()] = [0, 1, 3, 4, 5, 2, 6];

/// Shows verdicts as they come, or all at the end.
pub(crate) struct Verdicts {
    output: OutputArgs,
    claims: Vec<json::Claim>,
    is_first: bool,
}

impl Verdicts {
    pub(crate) fn new(output: OutputArgs) -> Self {
        Verdicts { output, claims: Vec::new(), is_first: true }
    }

    /// Shows the verdicts of a spec, whose results stand in the folder `out`.
    pub(crate) fn show(&mut self, spec: &Spec, judgement: &Judgement, out: &Path) {
        match self.output.format {
            Format::Table => table(spec, judgement, self.output.color.is_on()),
            Format::Json => {
                let report = out.join("README.md").display().to_string();
                self.claims.extend(json::claims(spec, judgement, &report));
            }
            Format::Markdown => {
                if !self.is_first {
                    print("");
                }
                print(markdown::verdicts(spec, judgement).trim_end());
            }
        }
        self.is_first = false;
    }

    /// The same for results that were written now: people are told where their report is.
    pub(crate) fn show_written(&mut self, spec: &Spec, judgement: &Judgement, out: &Path) {
        self.show(spec, judgement, out);
        if self.output.format == Format::Table {
            print(&format!("\nreport: {}", out.join("README.md").display()));
        }
    }

    /// Shows what waits for the last spec.
    pub(crate) fn finish(self) -> Exit {
        match self.output.format {
            Format::Json => print_json(&self.claims),
            Format::Table | Format::Markdown => Exit::Success,
        }
    }
}

fn table(spec: &Spec, judgement: &Judgement, is_coloured: bool) {
    let lines = lines(spec, judgement);
    let rows = std::iter::once(TITLES).chain(lines.iter().map(|line| line.columns())).collect();
    let paint = |row: usize, column: usize, text: &str| match row.checked_sub(1).map(|row| lines[row].verdict) {
        Some(verdict) if column == 1 && is_coloured => painted(verdict, text),
        _ => text.to_owned(),
    };
    print(&format!("\n{}: {}", spec.name, spec.title));
    let _ = Table { rows, narrow: NARROW }.lines(width(), paint).iter().all(|line| print(line));
}

/// A text in the colour of a verdict.
pub(crate) fn painted(verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Holds => "32",
        Verdict::Refuted => "31;1",
        Verdict::Undecided => "33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
