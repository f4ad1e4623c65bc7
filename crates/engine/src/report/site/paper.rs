//! A part of the page for each paper: its statements, and how sharply each was found to hold.

use maud::{Markup, html};

use super::badge::Badge;
use super::band::{reach, resolution};
use super::entry::Entry;
use super::overview::{numbers, statistic};
use super::unbroken;
use crate::report::quantity::{duration, range};
use crate::spec::raw::RawClaim;

/// What a paper shows, which readers look for first, and what else it counts by itself and not within its sections.
const SHOWN: [&str; 3] = ["Experiment", "Figure", "Table"];
const COUNTED: [&str; 2] = ["Appendix", "eq"];

/// A paper and its specs.
pub(super) struct Paper<'a> {
    /// Which one it is on the page, from 0.
    pub(super) n: usize,
    pub(super) identifier: &'a str,
    pub(super) title: Option<&'a str>,
    pub(super) entries: Vec<&'a Entry>,
}

impl Paper<'_> {
    /// The id of its part of the page.
    pub(super) fn id(&self) -> String {
        format!("paper-{}", self.n + 1)
    }

    /// What its specs say about imprecise text.
    pub(super) fn corrections(&self) -> impl Iterator<Item = (&Entry, &str)> {
        self.entries.iter().filter_map(|entry| Some((*entry, entry.outline.raw.source.correction.as_deref()?)))
    }

    /// Its title, or else its identifier.
    pub(super) fn name(&self) -> &str {
        self.title.unwrap_or(self.identifier)
    }
}

/// The paper's part of the page.
pub(super) fn write(paper: &Paper<'_>) -> Markup {
    let id = paper.id();
    let title_id = format!("{id}-title");
    html! {
        section.page id=(id) aria-labelledby=(title_id) {
            h2 id=(title_id) tabindex="-1" { (paper.name()) }
            @if let Some(identifier) = arxiv(paper.identifier) {
                p { a href=(format!("https://arxiv.org/abs/{identifier}")) rel="noreferrer" { (paper.identifier) } }
            } @else if paper.title.is_some() {
                p { (paper.identifier) }
            }
            p {
                "A line for each statement and each spec that checks it: the verdict of the spec, and of its claims \
                 the one that comes nearest to an end of its band."
            }
            .scroll tabindex="0" role="region" aria-labelledby=(title_id) {
                table {
                    thead {
                        tr {
                            th scope="col" data-sort="" { "statement" }
                            th scope="col" data-sort="" { "spec" }
                            th scope="col" data-sort="" { "verdict" }
                            th scope="col" { "tightest claim of the spec" }
                            th scope="col" data-sort="" { "worst" }
                            th scope="col" { "interval" }
                            th scope="col" { "band" }
                            th scope="col" { "resolution" }
                            th scope="col" data-sort="" { "replicates" }
                        }
                    }
                    tbody {
                        @for (i, (statement, entry)) in statements(&paper.entries).into_iter().enumerate() {
                            (row(i, statement, entry))
                        }
                    }
                }
            }
            (corrections(paper))
        }
    }
}

/// Each statement with each spec that checks it, in the order of the paper.
fn statements<'a>(entries: &[&'a Entry]) -> Vec<(&'a str, &'a Entry)> {
    let mut all: Vec<(&str, &Entry)> = Vec::new();
    for entry in entries {
        all.extend(entry.outline.raw.source.statements.iter().map(|statement| (statement.as_str(), *entry)));
    }
    all.sort_by(|a, b| order(a.0).cmp(&order(b.0)).then_with(|| a.1.place.cmp(&b.1.place)));
    all.dedup_by(|a, b| a.0 == b.0 && a.1.place == b.1.place);
    all
}

/// The order of statements: what the paper shows, then by section, then what else is counted by itself, then the rest.
pub(super) fn order(statement: &str) -> (u8, &str, Vec<u32>, &str) {
    let numbers: Vec<u32> =
        statement.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    let kind = |kinds: &[&'static str]| kinds.iter().copied().find(|kind| statement.starts_with(kind));
    match (kind(&SHOWN), kind(&COUNTED)) {
        (Some(kind), _) => (0, kind, numbers, statement),
        (None, Some(kind)) => (2, kind, numbers, statement),
        (None, None) if numbers.is_empty() => (3, "", numbers, statement),
        (None, None) => (1, "", numbers, statement),
    }
}

/// The place of the first statement of a spec in its paper.
pub(super) fn first(entry: &Entry) -> Option<(u8, &str, Vec<u32>, &str)> {
    entry.outline.raw.source.statements.iter().map(|statement| order(statement)).min()
}

/// Where the text of a paper is imprecise, as its specs say.
fn corrections(paper: &Paper<'_>) -> Markup {
    html! {
        @if paper.corrections().next().is_some() {
            h3 { "Where the text is imprecise" }
            ul {
                @for (entry, correction) in paper.corrections() {
                    li { a href=(format!("#{}", entry.id())) { (entry.place) } ": " (correction) }
                }
            }
        }
    }
}

fn row(i: usize, statement: &str, entry: &Entry) -> Markup {
    let claims = &entry.outline.raw.claim;
    let holding = claims.iter().filter(|claim| entry.badge(claim) == Badge::Holds).count();
    let tightest = tightest(entry);
    let worst = tightest.and_then(|(_, claim)| entry.judged(claim)?.worst.as_ref());
    let seconds = entry.stored().and_then(|stored| stored.seconds);
    let replicates = entry.stored().map(|stored| stored.manifest.range_of_replicates());
    html! {
        tr {
            th scope="row" data-key=(i) { (statement) }
            td { a href=(format!("#{}", entry.id())) { (entry.place) } p.says { (entry.outline.raw.title) } }
            td data-key=(entry.overall() as u8) {
                (entry.overall())
                @if entry.stored().is_some() { p.note { (holding) " of " (claims.len()) " hold" } }
            }
            @if let Some((n, claim)) = tightest {
                td { a href=(format!("#{}", entry.claim_id(n))) { (claim.name) } p.note { (statistic(entry, claim)) } }
                (numbers(entry, claim))
            } @else {
                @for _ in 0..4 { td { "–" } }
            }
            td.number { @if let Some(test) = worst { (resolution(&test.band)) } @else { "–" } }
            td.number data-key=[replicates.map(|(_, most)| most)] {
                (replicates.map_or_else(|| "–".to_owned(), |(fewest, most)| range(unbroken(fewest), unbroken(most))))
                @if let Some(seconds) = seconds { p.note { (duration(seconds)) " of a core" } }
            }
        }
    }
}

/// The claim with the worst verdict, and of those the one that comes nearest to an end of its band.
pub(super) fn tightest(entry: &Entry) -> Option<(usize, &RawClaim)> {
    let reach_of = |claim: &RawClaim| {
        let worst = entry.judged(claim).and_then(|judged| judged.worst.as_ref());
        worst.map_or(f64::NEG_INFINITY, |test| reach(&test.interval, &test.band))
    };
    let claims = entry.outline.raw.claim.iter().enumerate().filter(|(_, claim)| entry.judged(claim).is_some());
    claims.min_by(|a, b| entry.badge(a.1).cmp(&entry.badge(b.1)).then(reach_of(b.1).total_cmp(&reach_of(a.1))))
}

/// The identifier of a paper on arxiv.org.
fn arxiv(paper: &str) -> Option<&str> {
    let identifier = paper.strip_prefix("arXiv:")?;
    let plain = |c: char| c.is_ascii_digit() || c == '.' || c == 'v';
    Some(identifier).filter(|identifier| !identifier.is_empty() && identifier.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stand_in_the_order_of_the_paper() {
        let mut statements = [
            "ours",
            "Corollary 5.11",
            "Experiment 2",
            "Remark 4.7",
            "the limit of §6",
            "§4",
            "Appendix B",
            "Lemma 4.1",
        ];
        statements.sort_by(|a, b| order(a).cmp(&order(b)));
        let expected = [
            "Experiment 2",
            "§4",
            "Lemma 4.1",
            "Remark 4.7",
            "Corollary 5.11",
            "the limit of §6",
            "Appendix B",
            "ours",
        ];
        assert_eq!(statements, expected);
    }

    #[test]
    fn only_an_identifier_becomes_a_link() {
        assert_eq!(arxiv("arXiv:2603.02417v4"), Some("2603.02417v4"));
        assert_eq!(arxiv("arXiv:x\"y"), None);
        assert_eq!(arxiv("arXiv:"), None);
        assert_eq!(arxiv("a book"), None);
    }
}
