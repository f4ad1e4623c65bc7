//! Badges: what became of a claim, by a word, a sign and a colour, so that none of them is needed alone.

use maud::{Markup, Render, html};

use crate::Verdict;

/// What became of a claim, as far as stored results say. The worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Badge {
    Refuted,
    Undecided,
    /// The results are not what their hashes say.
    Damaged,
    /// The results are those of another version of the spec.
    Stale,
    NotRun,
    Holds,
}

impl Badge {
    pub(super) const ALL: [Badge; 6] =
        [Badge::Holds, Badge::Refuted, Badge::Undecided, Badge::Stale, Badge::NotRun, Badge::Damaged];

    pub(super) fn word(self) -> &'static str {
        match self {
            Badge::Refuted => "refuted",
            Badge::Undecided => "undecided",
            Badge::Damaged => "damaged",
            Badge::Stale => "stale",
            Badge::NotRun => "not run",
            Badge::Holds => "holds",
        }
    }

    /// The word as the name of a class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Badge::NotRun => "not-run",
            badge => badge.word(),
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Badge::Refuted => "✗",
            Badge::Undecided => "?",
            Badge::Damaged => "!",
            Badge::Stale => "↻",
            Badge::NotRun => "○",
            Badge::Holds => "✓",
        }
    }
}

impl From<Verdict> for Badge {
    fn from(verdict: Verdict) -> Badge {
        match verdict {
            Verdict::Holds => Badge::Holds,
            Verdict::Undecided => Badge::Undecided,
            Verdict::Refuted => Badge::Refuted,
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
