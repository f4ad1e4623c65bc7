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

fn colour(verdict: Verdict, text: &str) -> String {
    let code = match verdict {
        Verdict::Holds => "32",
        Verdict::Refuted => "31;1",
        Verdict::Undecided => "33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
