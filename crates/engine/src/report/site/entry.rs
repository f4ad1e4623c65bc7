//! A spec with what became of it: current results, results of another version, damaged ones, or none.

use std::path::Path;

use super::badge::Badge;
use super::stored::{self, Judged, Stored};
use crate::spec::Outline;
use crate::spec::raw::RawClaim;

/// A spec and its results.
pub(super) struct Entry {
    /// Where the results stand below the folder of reports: the spec's name on the page.
    pub(super) place: String,
    pub(super) outline: Outline,
    pub(super) state: State,
}

/// What is known of a spec's results.
pub(super) enum State {
    NotRun,
    /// Results of another version, and in what it differs.
    Stale(&'static str),
    /// A manifest that is none, and why.
    Damaged(String),
    Current(Box<Stored>),
}

impl Entry {
    /// Reads what is stored for a spec below `reports`.
    pub(super) fn read(outline: Outline, reports: &Path) -> Self {
        let place = outline.place();
        let folder = reports.join(&place);
        let state = match stored::manifest(&folder) {
            Err(reason) => State::Damaged(reason),
            Ok(None) => State::NotRun,
            Ok(Some(manifest)) => match manifest.staleness(&outline.hash) {
                Some(reason) => State::Stale(reason),
                None => {
                    let prefix = format!("drawing-{}", id(&place));
                    State::Current(Box::new(Stored::read(manifest, &outline, &folder, &prefix)))
                }
            },
        };
        Entry { place, outline, state }
    }

    /// The claims of the spec.
    pub(super) fn claims(&self) -> &[RawClaim] {
        &self.outline.raw.claim
    }

    pub(super) fn stored(&self) -> Option<&Stored> {
        match &self.state {
            State::Current(stored) => Some(stored),
            _ => None,
        }
    }

    /// What is stored of a claim, if it is believed.
    pub(super) fn judged(&self, claim: &RawClaim) -> Option<&Judged> {
        self.stored()?.claims.as_ref()?.get(&claim.name)
    }

    /// What became of a claim.
    pub(super) fn badge(&self, claim: &RawClaim) -> Badge {
        match &self.state {
            State::NotRun => Badge::NotRun,
            State::Stale(_) => Badge::Stale,
            State::Damaged(_) => Badge::Damaged,
            State::Current(_) => match self.judged(claim) {
                Some(judged) => Badge::of(judged.verdict, claim.finding.is_some()),
                None => Badge::Damaged,
            },
        }
    }

    /// What became of the spec: the worst of its claims.
    pub(super) fn overall(&self) -> Badge {
        self.outline.raw.claim.iter().map(|claim| self.badge(claim)).min().unwrap_or(Badge::NotRun)
    }

    /// What is wrong with what is stored, a sentence each.
    pub(super) fn damage(&self) -> Vec<String> {
        match &self.state {
            State::Damaged(reason) => vec![reason.clone()],
            State::Current(stored) => stored.damage.clone(),
            State::NotRun | State::Stale(_) => Vec::new(),
        }
    }

    /// The id of the spec's part of the page.
    pub(super) fn id(&self) -> String {
        format!("spec-{}", id(&self.place))
    }

    /// The id of the n-th claim, from 0.
    pub(super) fn claim_id(&self, n: usize) -> String {
        format!("claim-{}-{}", id(&self.place), n + 1)
    }

    /// The id of the n-th figure, from 0.
    pub(super) fn figure_id(&self, n: usize) -> String {
        format!("figure-{}-{}", id(&self.place), n + 1)
    }
}

/// A place as a part of an id: its folders are plain names, so that no two places give the same.
fn id(place: &str) -> String {
    place.replace('/', ".")
}
