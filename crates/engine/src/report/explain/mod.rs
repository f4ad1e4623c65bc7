//! Explanations: what a claim says, measures and is compared with, how it is tested, and how its verdict came about.

mod outcome;
mod paragraph;
mod subject;

use std::path::Path;

use crate::spec::diagnostic::nearest_of;
use crate::spec::schema::Descriptions;
use crate::spec::{Claim, Outline, Spec};
use crate::store::{Results, StoreError};
use outcome::Outcome;
use paragraph::Text;
use subject::Subject;

/// What is stored for a spec.
#[derive(Debug)]
pub enum Stored {
    /// Nothing.
    NotRun,
    /// Results of something else, and of what.
    Stale(&'static str),
    /// Something that is not to be believed.
    Damaged(StoreError),
    /// Its results.
    Current(Box<Results>),
}

/// A claim that a spec does not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{spec} makes no claim `{claim}`\n  = help: {help}")]
pub struct UnknownClaim {
    spec: String,
    claim: String,
    help: String,
}

impl Stored {
    /// What is stored in `folder` for the spec of this hash.
    #[must_use]
    pub fn read(folder: &Path, spec_hash: &str) -> Self {
        match Results::read(folder) {
            Err(StoreError::Missing { .. }) => Stored::NotRun,
            Err(error) => Stored::Damaged(error),
            Ok(results) => match results.manifest.staleness(spec_hash) {
                Some(of) => Stored::Stale(of),
                None => Stored::Current(Box::new(results)),
            },
        }
    }

    fn results(&self) -> Option<&Results> {
        match self {
            Stored::Current(results) => Some(results),
            _ => None,
        }
    }
}

/// Explains one claim of a spec at length, or all of them in short. `outline` and `spec` are of the same text.
///
/// # Errors
/// [`UnknownClaim`], which names the nearest claim that there is.
pub fn explain(outline: &Outline, spec: &Spec, stored: &Stored, claim: Option<&str>) -> Result<String, UnknownClaim> {
    let mut text = Text::default();
    text.line(&format!("{}: {}", spec.name, spec.title));
    let chosen: Vec<(usize, &Claim)> = match claim {
        None => spec.claims.iter().enumerate().collect(),
        Some(name) => {
            let found = spec.claims.iter().enumerate().find(|(_, claim)| claim.name == name);
            vec![found.ok_or_else(|| unknown(spec, name))?]
        }
    };
    let descriptions = Descriptions::default();
    for (index, resolved) in chosen {
        let typed = &outline.raw.claim[index];
        let outcome =
            Outcome { spec, index, claim: resolved, typed, descriptions: &descriptions, stored: stored.results() };
        if claim.is_none() {
            outcome.short(&mut text);
            continue;
        }
        text.paragraph(&format!("{}: {}", resolved.name, outcome.verdict_word()));
        text.quote(&resolved.says);
        let statements = spec.statements.join(", ");
        text.paragraph(&format!("It is checked for {statements} of {}.", spec.paper));
        let subject = Subject { spec, raw: &outline.raw, claim: resolved, typed, descriptions: &descriptions };
        subject.measure(&mut text);
        subject.law(&mut text);
        outcome.long(&mut text);
    }
    text.paragraph(&epilogue(spec, stored));
    if claim.is_none() {
        let place = crate::spec::outline::file_below_specs(&spec.file);
        text.paragraph(&format!("More about one of them: cargo xtask explain {place} CLAIM"));
    }
    Ok(text.finish())
}

/// What the results are, or how to get some.
fn epilogue(spec: &Spec, stored: &Stored) -> String {
    let command = spec.command();
    match stored {
        Stored::NotRun => format!("There are no results yet. To test this: {command}"),
        Stored::Stale(of) => format!("The stored results are those of {of}. To test this one: {command}"),
        Stored::Damaged(_) => format!("The stored results are damaged. To test this again: {command}"),
        Stored::Current(_) => format!("To reproduce these numbers: {command}"),
    }
}

fn unknown(spec: &Spec, name: &str) -> UnknownClaim {
    let names = || spec.claims.iter().map(|claim| claim.name.as_str());
    // Names of claims are usually spelt with hyphens, which a comparison should not count.
    let spelt: Vec<String> = names().map(|name| name.replace('-', "_")).collect();
    let near = nearest_of(name, spelt.iter().map(String::as_str));
    let near = near.and_then(|near| spec.claims.iter().find(|claim| claim.name.replace('-', "_") == near));
    UnknownClaim {
        spec: spec.name.clone(),
        claim: crate::spec::diagnostic::quote(name),
        help: match near {
            Some(claim) => format!("did you mean `{}`?", claim.name),
            None => format!("its claims are {}", names().collect::<Vec<_>>().join(", ")),
        },
    }
}
