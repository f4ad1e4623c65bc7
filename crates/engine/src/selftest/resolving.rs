//! What each claim resolves: the smallest error of its law that fresh data surely refute.

use dynamics::Observable;
use serde::Serialize;
use stats::power::{resolved_factor, resolved_shift};
use stats::{Estimate, Interval, Sample};

use crate::spec::claims::Claimed;
use crate::spec::{Against, Claim, RatioLaw, Spec};

/// The chance with which an error must be refuted to be resolved.
pub const POWER: f64 = 0.99;

/// Which errors of a claim's law are refuted with probability [`POWER`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Resolving {
    /// The smallest error that is, if the law has it everywhere; none is enough if it is infinite, which JSON writes as null.
    pub everywhere: f64,
    /// The smallest that is wherever it is, if the law has it at one cell, component and step alone.
    pub at_one_place: f64,
}

/// How an error of a law enters a statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// As a factor: the statistic is measured/law.
    Relative,
    /// As a summand: the statistic is a slope, or the distance to a law in a unit of its own.
    Absolute,
}

impl Kind {
    /// Of a claim.
    #[must_use]
    pub fn of(spec: &Spec, claim: &Claim) -> Self {
        let observable = &spec.cells[0].observers[claim.measure].observable;
        let has_unit = matches!(observable, Observable::Products(_) | Observable::Lagged(_) | Observable::Linear(_));
        match claim.against {
            Against::Slope { .. } | Against::Normal { .. } => Kind::Absolute,
            Against::Exact(_) | Against::Limit(_) if has_unit => Kind::Absolute,
            _ => Kind::Relative,
        }
    }

    /// The band in which a statistic would have to lie if the law were off by `error`.
    #[must_use]
    pub fn displaced(self, band: &Interval, error: f64) -> Interval {
        match self {
            Kind::Relative => Interval::new(band.low * (1.0 + error), band.high * (1.0 + error)),
            Kind::Absolute => Interval::new(band.low + error, band.high + error),
        }
    }
}

/// The relative error that a claim tolerates; `None` for a bound, and for a band of another shape.
#[must_use]
pub fn resolution(claim: &Claim) -> Option<f64> {
    match &claim.against {
        Against::Exact(resolution) | Against::Limit(resolution) | Against::Constant { resolution, .. } => {
            Some(*resolution)
        }
        Against::Slope { tolerance, .. } => Some(*tolerance),
        Against::Variant { band, .. } | Against::Measure { band, .. } if band.0.is_finite() && band.1.is_finite() => {
            // To the digits that were typed.
            Some((0.5e12 * (band.1 - band.0)).round() * 1e-12)
        }
        _ => None,
    }
}

/// The value that the statistics of a claim have if it is right; `None` if its law does not say.
pub(super) fn truth(claim: &Claim) -> Option<f64> {
    match &claim.against {
        Against::Exact(_) | Against::Limit(_) | Against::Constant { .. } => Some(1.0),
        Against::Slope { exponent, .. } => Some(*exponent),
        Against::Variant { band, law: RatioLaw::Exact | RatioLaw::Limit, .. }
        | Against::Measure { band, claimed: Claimed::Law(_), .. }
            if band.0.is_finite() && band.1.is_finite() =>
        {
            Some(0.5 * (band.0 + band.1))
        }
        _ => None,
    }
}

/// The smallest error of a law, of a kind, that is refuted with probability [`POWER`].
pub(super) fn resolved(kind: Kind, sample: &Sample, band: &Interval, error: f64) -> f64 {
    match kind {
        Kind::Relative => resolved_factor(sample, band, error, POWER),
        Kind::Absolute => resolved_shift(sample, band, error, POWER),
    }
}

/// What the tests of a claim resolve at the two-sided `error` of each; `None` where they have no standard errors.
///
/// An error that is everywhere is seen by the sharpest test, one that may be anywhere by the bluntest.
#[must_use]
pub fn resolving(spec: &Spec, claim: &Claim, tests: &[(Estimate, Interval)], error: f64) -> Option<Resolving> {
    let kind = Kind::of(spec, claim);
    let of_test = |(estimate, band): &(Estimate, Interval)| -> Option<f64> {
        let measured = estimate.as_sample().filter(Sample::is_finite)?;
        let sample = Sample { mean: truth(claim).unwrap_or(measured.mean), ..measured };
        Some(resolved(kind, &sample, band, error))
    };
    let resolved = tests.iter().map(of_test).collect::<Option<Vec<f64>>>().filter(|resolved| !resolved.is_empty())?;
    Some(Resolving {
        everywhere: resolved.iter().copied().fold(f64::INFINITY, f64::min),
        at_one_place: resolved.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}
