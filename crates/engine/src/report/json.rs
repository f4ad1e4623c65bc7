//! Verdicts as JSON, for programs: an object a claim.

use serde::Serialize;
use stats::Interval;

use super::verdicts::place;
use crate::spec::{Outline, Spec};
use crate::verdict::Judgement;

/// What became of a claim. What is missing or not finite is null, such as the open end of a band.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// Where the spec's results stand below the folder of reports: `exp6`, `alignment/escape-gd`.
    pub spec: String,
    /// The title of the spec.
    pub title: String,
    /// The name of the claim.
    pub claim: String,
    /// Its sentence.
    pub says: String,
    /// `holds`, `refuted` or `undecided`.
    pub verdict: String,
    /// Whether the spec records that the claim is refuted.
    pub is_finding: bool,
    /// What the statistic is.
    pub statistic: String,
    /// How many statistics the claim is about.
    pub n_tests: usize,
    /// The statistic that is nearest to, or farthest beyond, an end of its band.
    pub worst: Option<f64>,
    /// Its simultaneous confidence interval.
    pub interval: Option<[Option<f64>; 2]>,
    /// Where the claim says that it lies.
    pub band: Option<[Option<f64>; 2]>,
    /// Where it was taken, or why there is no number.
    pub r#where: Option<String>,
    /// How many replicates of each of its cells it was judged on.
    pub replicates: Option<u64>,
    /// How many replicates would decide an undecided claim; null if it is decided, or if no number would.
    pub replicates_to_decide: Option<u64>,
    /// The report, as a path from the current folder.
    pub report: String,
}

/// The stored verdict of a claim, as `list` knows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Where the spec's results stand below the folder of reports.
    pub spec: String,
    /// The title of the spec.
    pub title: String,
    /// The name of the claim.
    pub claim: String,
    /// Its sentence.
    pub says: String,
    /// `holds`, `refuted`, `undecided`, `not run`, or `stale` for a verdict of another version of the spec.
    pub verdict: String,
    /// Whether the spec records that the claim is refuted.
    pub is_finding: bool,
}

/// The claims of a spec, whose report stands at `report`, in their order.
#[must_use]
pub fn claims(spec: &Spec, judgement: &Judgement, report: &str) -> Vec<Claim> {
    let pairs = spec.claims.iter().zip(&judgement.claims);
    let ends = |interval: &Interval| [interval.low, interval.high].map(finite);
    pairs
        .map(|(claim, judged)| {
            let worst = judged.worst.map(|worst| &judgement.tests[worst]);
            let shown = worst.filter(|test| test.estimate.is_finite());
            Claim {
                spec: spec.place(),
                title: spec.title.clone(),
                claim: claim.name.clone(),
                says: claim.says.clone(),
                verdict: judged.verdict.word().to_owned(),
                is_finding: judged.is_finding,
                statistic: claim.statistic.to_owned(),
                n_tests: judged.tests.len(),
                worst: shown.and_then(|test| finite(test.estimate.value())),
                interval: shown.map(|test| ends(&test.interval)),
                band: worst.map(|test| ends(&test.band)),
                r#where: judged.failure.clone().or_else(|| worst.map(|test| place(spec, test))),
                replicates: worst.map(|test| test.replicates),
                replicates_to_decide: judgement.replicates_to_decide(judged),
                report: report.to_owned(),
            }
        })
        .collect()
}

/// The claims of a spec with what `verdict` knows of each.
#[must_use]
pub fn listed<'a>(outline: &Outline, verdict: impl Fn(&str) -> &'a str) -> Vec<Listed> {
    let claims = outline.raw.claim.iter();
    claims
        .map(|claim| Listed {
            spec: outline.place(),
            title: outline.raw.title.clone(),
            claim: claim.name.clone(),
            says: claim.says.clone(),
            verdict: verdict(&claim.name).to_owned(),
            is_finding: claim.finding.is_some(),
        })
        .collect()
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}
