//! Text for people: the verdict table, aligned, coloured where a terminal wants it.

use std::io::{IsTerminal as _, Write as _};

use engine::report::verdicts::{TITLES, lines};
use engine::{Judgement, Spec, Verdict};

/// Prints a line to standard output; `false` once nobody reads it any more.
pub(crate) fn print(line: &str) -> bool {
    writeln!(std::io::stdout(), "{line}").is_ok()
}

/// Prints an error to standard error.
pub(crate) fn complain(message: impl std::fmt::Display) {
    // Without a standard error there is nowhere to complain to.
    let _ = writeln!(std::io::stderr(), "{message}");
}

/// Prints the verdict table of a spec.
pub(crate) fn verdicts(spec: &Spec, judgement: &Judgement) -> bool {
    let lines = lines(spec, judgement);
    let rows: Vec<[&str; 7]> = std::iter::once(TITLES).chain(lines.iter().map(|line| line.columns())).collect();
    let widths: [usize; 7] = std::array::from_fn(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    print(&format!("\n{}: {}", spec.name, spec.title))
        && rows.iter().enumerate().all(|(r, row)| {
            let mut text = String::new();
            for (i, cell) in row.iter().enumerate() {
                let padding = " ".repeat(widths[i] - cell.chars().count() + 2);
                let verdict = (i == 1 && r > 0 && coloured).then(|| lines[r - 1].verdict);
                text += &verdict.map_or_else(|| (*cell).to_owned(), |verdict| colour(verdict, cell));
                text += &padding;
            }
            print(text.trim_end())
        })
}

/// Rows in aligned columns.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let length = |row: &Vec<String>, i: usize| row.get(i).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..columns).map(|i| rows.iter().map(|row| length(row, i)).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Rows as a table of Markdown; the first is that of the titles.
pub(crate) fn markdown(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule = rows.first().map(|titles| line(&vec![":--".to_owned(); titles.len()]));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.splice(1..1, rule);
    lines.join("\n")
}

fn colour(verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Holds => "32",
        Verdict::Refuted => "31;1",
        Verdict::Undecided => "33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
