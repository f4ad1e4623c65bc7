//! Badges: what became of a claim, by a word, a sign and a colour, so that none of them is needed alone.

use maud::{Markup, Render, html};

use crate::Verdict;

/// What became of a claim, as far as stored results say. The worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Badge {
    Refuted,
    /// It holds, where the spec records that it is refuted.
    Contradiction,
    Undecided,
    /// The results are not what their hashes say.
    Damaged,
    /// The results are those of another version of the spec.
    Stale,
    NotRun,
    /// Refuted, as the spec records.
    Finding,
    Holds,
}

impl Badge {
    pub(super) const ALL: [Badge; 8] = [
        Badge::Holds,
        Badge::Finding,
        Badge::Refuted,
        Badge::Contradiction,
        Badge::Undecided,
        Badge::Stale,
        Badge::NotRun,
        Badge::Damaged,
    ];

    /// The badge of a verdict on a claim, which may be recorded as refuted.
    pub(super) fn of(verdict: Verdict, is_finding: bool) -> Self {
        match (verdict, is_finding) {
            (Verdict::Holds, false) => Badge::Holds,
            (Verdict::Holds, true) => Badge::Contradiction,
            (Verdict::Refuted, false) => Badge::Refuted,
            (Verdict::Refuted, true) => Badge::Finding,
            (Verdict::Undecided, _) => Badge::Undecided,
        }
    }

    /// Whether the claim lies outside its band.
    pub(super) fn is_refuted(self) -> bool {
        matches!(self, Badge::Refuted | Badge::Finding)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Badge::Refuted => "refuted",
            Badge::Contradiction => "holds, recorded as refuted",
            Badge::Undecided => "undecided",
            Badge::Finding => "refuted, as recorded",
            Badge::Damaged => "damaged",
            Badge::Stale => "stale",
            Badge::NotRun => "not run",
            Badge::Holds => "holds",
        }
    }

    /// The word after a number of claims.
    pub(super) fn counted(self, n: usize) -> &'static str {
        match self {
            Badge::Holds if n != 1 => "hold",
            Badge::Contradiction if n != 1 => "hold, recorded as refuted",
            badge => badge.word(),
        }
    }

    /// The word as the name of a class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Badge::NotRun => "not-run",
            Badge::Finding => "finding",
            Badge::Contradiction => "contradiction",
            badge => badge.word(),
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Badge::Refuted | Badge::Finding => "✗",
            Badge::Undecided | Badge::Contradiction => "?",
            Badge::Damaged => "!",
            Badge::Stale => "↻",
            Badge::NotRun => "○",
            Badge::Holds => "✓",
        }
    }
}

impl Render for Badge {
    fn render(&self) -> Markup {
        html! {
            span class=(format!("badge {}", self.class())) {
                span aria-hidden="true" { (self.sign()) } " " (self.word())
            }
        }
    }
}
