//! The overview in Markdown, for people who read on a forge: each paper's specs with their verdicts.

use std::fmt::Write as _;

use super::Site;
use super::badge::Badge;
use super::entry::Entry;
use super::overview::count;
use super::paper::{Paper, tightest};
use crate::report::markdown::escape;
use crate::report::quantity::plural;
use crate::report::verdicts::interval;

/// The name of the file in the folder of reports.
pub(super) const FILE: &str = "README.md";

/// The text; it says nothing that changes from run to run.
pub(super) fn write(site: &Site) -> String {
    let n_claims: usize = site.entries.iter().map(|entry| entry.outline.raw.claim.len()).sum();
    let mut text = format!(
        "# Which claims hold\n\n{} of {}: {}. For each spec the table shows the claim that comes \
         nearest to an end of its band. `cargo xtask report` writes this page, and `index.html` beside it, which has every \
         claim and every figure.\n",
        plural(n_claims as u64, "claim"),
        plural(site.entries.len() as u64, "spec"),
        counts(&site.entries.iter().collect::<Vec<_>>()),
    );
    for paper in site.papers() {
        section(&mut text, &paper);
    }
    text
}

fn section(text: &mut String, paper: &Paper<'_>) {
    let _ = write!(text, "\n## {}\n\n", escape(paper.name()));
    if paper.title.is_some() {
        let _ = write!(text, "{}. ", escape(paper.identifier));
    }
    let _ = writeln!(text, "{}.\n", counts(&paper.entries));
    text.push_str("| spec | shows | checks | claims | nearest to its band's end | interval | band |\n");
    text.push_str("| :-- | :-- | :-- | :-- | :-- | :-- | :-- |\n");
    for entry in &paper.entries {
        row(text, entry);
    }
    if paper.corrections().next().is_some() {
        text.push_str("\n### Where the text is imprecise\n\n");
    }
    for (entry, correction) in paper.corrections() {
        let _ = writeln!(text, "- [{}]({}/README.md): {}", entry.place, entry.place, escape(correction));
    }
}

fn row(text: &mut String, entry: &Entry) {
    let nearest = tightest(entry);
    let worst = nearest.and_then(|(_, claim)| entry.judged(claim)?.worst.as_ref());
    let finite = worst.filter(|test| test.statistic.is_finite());
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let _ = writeln!(
        text,
        "| [{}]({}/README.md) | {} | {} | {} | {} | {} | {} |",
        entry.place,
        entry.place,
        escape(&entry.outline.raw.title),
        escape(&entry.outline.raw.source.statements.join(", ")),
        counts(&[entry]),
        or_dash(nearest.map(|(_, claim)| format!("{}: {}", escape(&claim.name), claim.against.statistic()))),
        or_dash(finite.map(|test| interval(&test.interval))),
        or_dash(worst.map(|test| interval(&test.band))),
    );
}

/// How many claims have which badge, in words.
fn counts(entries: &[&Entry]) -> String {
    let counted = Badge::ALL.into_iter().map(|badge| (count(entries.iter().copied(), badge), badge));
    let words: Vec<String> =
        counted.filter(|(n, _)| *n > 0).map(|(n, badge)| format!("{n} {}", badge.counted(n))).collect();
    words.join(", ")
}
