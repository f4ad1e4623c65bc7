//! What moved between two results of one spec: verdicts, recorded values, and the laws beside them.
//!
//! Rows are matched by what they are (the swept parameters, variant, measure, component and step), never by position. A
//! pair of values is compared in one of two ways:
//!
//! - **The same draws** (both cells hash alike: spec, seed, layout and streams are the same, as far as they bear on the cell's
//!   numbers; and they stopped at the same number of replicates). Then the values should be equal bit by bit, and where they are not, the code changed numbers.
//! - **Other draws.** Then the values are two measurements, and are told apart by [Welch's test](stats::welch) with
//!   Holm's procedure over all such pairs: if nothing has changed, a value is said to have moved with probability at most the
//!   family-wise error, however the pairs depend on each other. *Assumed* is that the two sides are independent, as they are
//!   for other seeds. Two sides of one seed, of which the spec or the number of replicates was changed, share random numbers:
//!   the test is then conservative if their errors are positively correlated, as common random numbers are meant to make them,
//!   and has no stated error if they are not.
//!
//! Laws have no random error: they are compared to within rounding.

mod pairs;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use stats::holm;
use stats::welch::{is_rounding, p_apart, standard_errors_apart};

use crate::store::Results;
use pairs::{Pair, Pairs};

pub use pairs::Place;

/// The family-wise error at which values of other draws are said to have moved.
pub const FAMILY_WISE_ERROR: f64 = 1e-4;

/// How the random numbers of the two sides belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Draws {
    /// All common cells have the same random numbers.
    Same,
    /// The seed and the streams are the same, but not all common cells.
    SameSeed,
    /// The seeds or the streams are different.
    Independent,
}

/// What moved.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The spec.
    pub spec: String,
    /// Whether both sides are results of one text of it.
    pub same_text: bool,
    /// How their random numbers belong together.
    pub draws: Draws,
    /// α of the values with other draws.
    pub family_wise_error: f64,
    /// Claims of both sides.
    pub n_verdicts: usize,
    /// Those with another verdict.
    pub verdicts: Vec<MovedVerdict>,
    /// Values of both sides.
    pub n_values: usize,
    /// Those that are equal bit by bit.
    pub n_identical: usize,
    /// Those whose draws are the same; the others were told apart by Welch's test.
    pub n_same_draws: usize,
    /// Laws of both sides.
    pub n_laws: usize,
    /// Values and laws that moved, the farthest first.
    pub values: Vec<MovedValue>,
    /// Claims, measures and cells that only the first side has, and how many rows besides.
    pub only_before: Vec<String>,
    /// Those that only the second side has.
    pub only_after: Vec<String>,
}

/// A claim with another verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MovedVerdict {
    /// The claim.
    pub claim: String,
    /// Its verdict on the first side.
    pub before: String,
    /// Its verdict on the second side.
    pub after: String,
}

/// What of a row is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The measured value.
    Measured,
    /// The exact law.
    Exact,
    /// The limit.
    Limit,
    /// The leading order.
    LeadingOrder,
}

/// A value that moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MovedValue {
    /// Where it was recorded.
    #[serde(flatten)]
    pub place: Place,
    /// What moved.
    pub quantity: Quantity,
    /// On the first side; `None` for a law that is not known there.
    pub before: Option<f64>,
    /// On the second side.
    pub after: Option<f64>,
    /// The difference in standard errors of the measured values' difference.
    pub standard_errors: f64,
    /// Whether both sides have the same draws.
    pub same_draws: bool,
}

/// Why two results cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They are of two specs.
    #[error("the results are of two specs, {before} and {after}: compare results of one spec")]
    Specs {
        /// The spec of the first side.
        before: String,
        /// The spec of the second side.
        after: String,
    },
    /// Results that an older engine wrote do not say what their cells are.
    #[error("{folder} does not say what its cells are: run the spec again, which simulates nothing anew")]
    Unnamed {
        /// The folder.
        folder: String,
    },
    /// They have no claim and no value in common.
    #[error("the results have no claim and no recorded value in common")]
    Disjoint,
}

impl Comparison {
    /// What moved from `before` to `after`, at the family-wise error `error`.
    ///
    /// # Errors
    /// [`Incomparable`].
    pub fn new(before: &Results, after: &Results, error: f64) -> Result<Self, Incomparable> {
        let (a, b) = (&before.manifest, &after.manifest);
        if a.spec != b.spec {
            return Err(Incomparable::Specs { before: a.spec.clone(), after: b.spec.clone() });
        }
        let pairs = Pairs::new(before, after)?;
        let common: Vec<(&String, &String, &String)> =
            a.claims.iter().filter_map(|(claim, verdict)| Some((claim, verdict, b.claims.get(claim)?))).collect();
        if common.is_empty() && pairs.common.is_empty() {
            return Err(Incomparable::Disjoint);
        }
        let only = |claims: &BTreeMap<String, String>, others: &BTreeMap<String, String>| {
            let missing = claims.keys().filter(|claim| !others.contains_key(*claim));
            missing.map(|claim| format!("the claim {claim}")).collect::<Vec<_>>()
        };
        let moved = |(claim, before, after): &(&String, &String, &String)| {
            (before != after).then(|| MovedVerdict {
                claim: (*claim).clone(),
                before: (*before).clone(),
                after: (*after).clone(),
            })
        };
        let same_seed = a.seed == b.seed && a.stream_version == b.stream_version;
        let mut values = moved_values(&pairs.common, error);
        values.extend(pairs.common.iter().flat_map(moved_laws));
        let distance = |value: &MovedValue| (value.standard_errors.abs(), relative(value));
        values.sort_by(|x, y| {
            let ((x, u), (y, v)) = (distance(x), distance(y));
            y.total_cmp(&x).then(v.total_cmp(&u))
        });
        Ok(Comparison {
            spec: a.spec.clone(),
            same_text: a.spec_hash == b.spec_hash,
            draws: match same_seed {
                _ if !pairs.common.is_empty() && pairs.common.iter().all(|pair| pair.same_draws) => Draws::Same,
                true => Draws::SameSeed,
                false => Draws::Independent,
            },
            family_wise_error: error,
            n_verdicts: common.len(),
            verdicts: common.iter().filter_map(moved).collect(),
            n_values: pairs.common.len(),
            n_identical: pairs.common.iter().filter(|pair| pair.is_identical()).count(),
            n_same_draws: pairs.common.iter().filter(|pair| pair.same_draws).count(),
            n_laws: pairs
                .common
                .iter()
                .map(|pair| pair.laws().iter().filter(|(_, a, b)| a.is_some() && b.is_some()).count())
                .sum(),
            values,
            only_before: only(&a.claims, &b.claims).into_iter().chain(pairs.only_before).collect(),
            only_after: only(&b.claims, &a.claims).into_iter().chain(pairs.only_after).collect(),
        })
    }

    /// Whether a verdict, a value or a law moved. What only one side has is said, but has not moved.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        !self.verdicts.is_empty() || !self.values.is_empty()
    }

    /// The measured values that moved.
    #[must_use]
    pub fn measured(&self) -> usize {
        self.values.iter().filter(|value| value.quantity == Quantity::Measured).count()
    }

    /// The largest relative difference of values that should be equal bit by bit; `None` if they are.
    #[must_use]
    pub fn change_of_code(&self) -> Option<f64> {
        let changed = self.values.iter().filter(|value| value.same_draws && value.quantity == Quantity::Measured);
        changed.map(relative).max_by(f64::total_cmp)
    }
}

/// The measured values that moved: all that differ with the same draws, and what Welch's test and Holm's procedure say of
/// the others.
fn moved_values(pairs: &[Pair], error: f64) -> Vec<MovedValue> {
    let p_values: Vec<f64> = pairs.iter().filter(|pair| !pair.same_draws).map(p_of).collect();
    let mut apart = holm(&p_values, error).into_iter();
    let has_moved = |pair: &&Pair| match pair.same_draws {
        true => !pair.is_identical(),
        false => apart.next() == Some(true),
    };
    let moved = pairs.iter().filter(has_moved);
    moved
        .map(|pair| MovedValue {
            place: pair.place.clone(),
            quantity: Quantity::Measured,
            before: Some(pair.before.mean),
            after: Some(pair.after.mean),
            standard_errors: standard_errors_apart(&pair.before, &pair.after),
            same_draws: pair.same_draws,
        })
        .collect()
}

/// The error at which the two values are told apart; 0 if only one of them diverged.
fn p_of(pair: &Pair) -> f64 {
    match (pair.before.mean.is_finite(), pair.after.mean.is_finite()) {
        (true, true) => p_apart(&pair.before, &pair.after),
        (false, false) => 1.0,
        _ => 0.0,
    }
}

/// The laws of a pair that differ by more than rounding, or are known on one side only.
///
/// A law may be 0 but for rounding (a product off the diagonal), so its unit counts as its size, and so does the standard
/// error of the value beside it.
fn moved_laws(pair: &Pair) -> Vec<MovedValue> {
    let error = pair.before.standard_error.max(pair.after.standard_error);
    let size = pair.unit.max(if error.is_finite() { error } else { 0.0 });
    let has_moved = |before: Option<f64>, after: Option<f64>| match (before, after) {
        (Some(a), Some(b)) => !((a.is_nan() && b.is_nan()) || is_rounding(a, b, size)),
        (None, None) => false,
        _ => true,
    };
    let laws = pair.laws().into_iter().filter(|(_, before, after)| has_moved(*before, *after));
    laws.map(|(quantity, before, after)| MovedValue {
        place: pair.place.clone(),
        quantity,
        before,
        after,
        standard_errors: match (before, after) {
            (Some(a), Some(b)) => (b - a) / libm::hypot(pair.before.standard_error, pair.after.standard_error),
            _ => f64::INFINITY,
        },
        same_draws: pair.same_draws,
    })
    .collect()
}

/// |after − before| relative to the larger one.
fn relative(value: &MovedValue) -> f64 {
    match (value.before, value.after) {
        (Some(a), Some(b)) => (a - b).abs() / a.abs().max(b.abs()),
        _ => f64::INFINITY,
    }
}

/// Names of what only one side has.
fn only(names: &BTreeSet<String>, others: &BTreeSet<String>, kind: &str) -> Vec<String> {
    names.difference(others).map(|name| format!("the {kind} {name}")).collect()
}
