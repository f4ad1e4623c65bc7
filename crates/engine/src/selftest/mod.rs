//! The test of the tests: known errors are injected, and the verdicts on stored data must catch them.
//!
//! Each [`Fault`] breaks the theory of a spec, or its data, in a way that people do; everything else stays as it is, and the
//! stored section sums are judged again. A claim [catches](Outcome::Caught) an error that it refutes; whether it would with
//! fresh data, too, [`resample`] tells. What a claim cannot tell apart by construction ([`Outcome::Unseen`],
//! [`Outcome::Small`]) is no failure of it. An error that some claim sees and none catches is one of the spec.

pub mod curve;
pub mod resample;
pub mod resolving;

mod fault;

use std::path::Path;

use serde::Serialize;
use stats::{Estimate, Interval};

use crate::check::Stored;
use crate::judge::Trial;
use crate::predict::Prediction;
use crate::run::EngineError;
use crate::simulate::CellData;
use crate::spec::{Claim, Outline, Spec};
use crate::statistics::{Resample, Site, Statistics, sites};
use crate::store::parts::Parts;
use crate::verdict::{Judgement, Verdict};
use fault::{Injected, inject, with_one_section};
use resample::{Power, as_measured, chances};
use resolving::{POWER, Resolving, resolution, resolving};

pub use fault::Fault;

/// The most tests of a claim that are judged on sections drawn anew: those with the smallest p-values.
const MOST_TESTS: usize = 8;

/// The relative difference of two statistics that is rounding.
const ROUNDING: f64 = 1e-9;

/// What the claims of a spec see of injected errors.
#[derive(Debug, Clone, Serialize)]
pub struct Selftest {
    /// Where the spec's results stand below the folder of reports.
    pub spec: String,
    /// Its title.
    pub title: String,
    /// What each claim sees.
    pub claims: Vec<Tested>,
    /// What became of each error.
    pub faults: Vec<Fate>,
    /// How often sections were drawn anew for each power.
    pub resamples: u64,
}

/// What a claim sees.
#[derive(Debug, Clone, Serialize)]
pub struct Tested {
    /// The claim.
    pub claim: String,
    /// Its verdict as things are.
    pub verdict: String,
    /// The error that it tolerates: relative, or of a slope its tolerance; null for a bound.
    pub resolution: Option<f64>,
    /// How errors of its law are meant.
    pub errors: resolving::Kind,
    /// The errors that it surely refutes; null if it is refuted as it is, or its tests have no standard errors.
    pub resolving: Option<Resolving>,
    /// What became of it under each error, in the order of [`Fault::ALL`].
    pub outcomes: Vec<Outcome>,
}

/// What became of a claim under an error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It is compared with the same numbers: it cannot see the error.
    Unseen,
    /// What it is compared with moves, but by no more than it tolerates.
    Small,
    /// It is refuted, or will be once it has all replicates that it can get: with this chance by fresh data.
    Caught {
        /// The chance.
        power: Power,
    },
    /// Its numbers are found out to be no independent ones, so that nothing is decided by them.
    Refused,
    /// It should be refuted, and is not.
    Missed {
        /// The chance that fresh data would.
        power: Option<Power>,
    },
    /// It is refuted without the error, too.
    Moot,
}

/// What became of an error.
#[derive(Debug, Clone, Serialize)]
pub struct Fate {
    /// Its title.
    pub fault: &'static str,
    /// What it is.
    pub says: &'static str,
    /// Why it cannot be injected, if so.
    pub impossible: Option<String>,
    /// Whether a claim catches it; null if none sees it.
    pub is_caught: Option<bool>,
}

impl Selftest {
    /// The errors that some claim should see and none catches.
    pub fn uncaught(&self) -> impl Iterator<Item = &Fate> {
        self.faults.iter().filter(|fate| fate.is_caught == Some(false))
    }
}

/// Injects every fault into the stored results of a spec in the folder `out`, and judges them.
///
/// Deterministic: sections are drawn anew with a seed of its own.
///
/// # Errors
/// As [`check`](crate::check()): [`EngineError::Store`] if results are missing, incomplete or corrupt, [`EngineError::Law`].
pub fn selftest(spec: &Spec, outline: &Outline, out: &Path) -> Result<Selftest, EngineError> {
    let Stored { predictions, judgement: judged, .. } = Stored::read(spec, out)?;
    let bench = Bench::new(spec, out, predictions)?;
    let right = bench.statistics(&spec.claims, &bench.predictions);
    let error = error_of_test(spec);
    let mut claims: Vec<Tested> = spec
        .claims
        .iter()
        .zip(&judged.claims)
        .zip(&right)
        .map(|((claim, verdict), tests)| Tested {
            claim: claim.name.clone(),
            verdict: verdict.verdict.word().to_owned(),
            resolution: resolution(claim),
            errors: resolving::Kind::of(spec, claim),
            resolving: resolving(spec, claim, tests, error).filter(|_| verdict.verdict != Verdict::Refuted),
            outcomes: Vec::new(),
        })
        .collect();
    let mut faults = Vec::new();
    for fault in Fault::ALL {
        let (outcomes, impossible) = match inject(fault, spec, outline, &bench.predictions) {
            Ok(injected) => (bench.outcomes(&judged, &right, &injected, error), None),
            Err(reason) => (vec![Outcome::Unseen; claims.len()], Some(reason)),
        };
        let is_caught = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Caught { .. } | Outcome::Refused));
        let is_missed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Missed { .. }));
        faults.push(Fate {
            fault: fault.title(),
            says: fault.says(),
            impossible,
            is_caught: (is_caught || is_missed).then_some(is_caught),
        });
        claims.iter_mut().zip(outcomes).for_each(|(claim, outcome)| claim.outcomes.push(outcome));
    }
    Ok(Selftest { spec: spec.place(), title: spec.title.clone(), claims, faults, resamples: resample::RESAMPLES })
}

/// The two-sided error of each test of a spec, at its last look.
#[must_use]
pub fn error_of_test(spec: &Spec) -> f64 {
    spec.error_of_look() / (0..spec.claims.len()).map(|index| sites(spec, index).len()).sum::<usize>() as f64
}

/// The most that is stored of each cell of a spec in the folder `out`.
///
/// # Errors
/// [`EngineError::Store`] if the folder cannot be read; what is missing or damaged is nothing.
pub fn stored(spec: &Spec, out: &Path) -> Result<Vec<CellData>, EngineError> {
    Ok(Bench::new(spec, out, Vec::new())?.data)
}

/// What is stored of a spec, ready to be judged by any theory.
struct Bench<'a> {
    spec: &'a Spec,
    predictions: Vec<Prediction>,
    /// The data of all cells at each look; of a cell that ended before, none.
    looks: Vec<Vec<CellData>>,
    /// The most that there is of each cell.
    data: Vec<CellData>,
}

impl<'a> Bench<'a> {
    fn new(spec: &'a Spec, out: &Path, predictions: Vec<Prediction>) -> Result<Self, EngineError> {
        let parts = Parts::of(out);
        let all: Vec<usize> = (0..spec.cells.len()).collect();
        let nothing = || -> Vec<CellData> { spec.cells.iter().map(|cell| CellData::nothing(spec, cell)).collect() };
        let (mut looks, mut data) = (Vec::new(), nothing());
        for look in &spec.looks {
            let mut at_look = nothing();
            // What is damaged was not needed by the check before.
            parts.read_all(spec, &all, *look, &mut at_look)?;
            for (most, found) in data.iter_mut().zip(&at_look) {
                if found.replicates() > 0 {
                    most.clone_from(found);
                }
            }
            looks.push(at_look);
        }
        Ok(Bench { spec, predictions, looks, data })
    }

    /// The statistics of all claims at all their sites, as the last look would see them.
    fn statistics(&self, claims: &[Claim], predictions: &[Prediction]) -> Vec<Vec<(Estimate, Interval)>> {
        let spec = &Spec { claims: claims.to_vec(), ..self.spec.clone() };
        let measured = as_measured(spec, &self.data);
        let of_claim = |index: usize| at(spec, &self.data, predictions, index, &sites(spec, index), &measured);
        (0..claims.len()).map(of_claim).collect()
    }

    fn outcomes(
        &self,
        judged: &Judgement,
        right: &[Vec<(Estimate, Interval)>],
        injected: &Injected,
        error: f64,
    ) -> Vec<Outcome> {
        match injected {
            Injected::Numbers => self.with_one_seed(judged, right),
            Injected::Theory { claims, predictions } => {
                let spec = &Spec { claims: claims.clone(), ..self.spec.clone() };
                let wrong = self.statistics(claims, predictions);
                let verdicts = replay(spec, &self.looks, predictions);
                let outcome = |index: usize| {
                    if judged.claims[index].verdict == Verdict::Refuted {
                        return Outcome::Moot;
                    }
                    let seen = Seen { spec, index, right: &right[index], wrong: &wrong[index] };
                    seen.outcome(&self.data, predictions, verdicts.claims[index].verdict, error)
                };
                (0..claims.len()).map(outcome).collect()
            }
        }
    }

    /// What becomes of the claims when every section is a copy of the first.
    fn with_one_seed(&self, judged: &Judgement, right: &[Vec<(Estimate, Interval)>]) -> Vec<Outcome> {
        let looks: Vec<Vec<CellData>> =
            self.looks.iter().map(|cells| cells.iter().map(with_one_section).collect()).collect();
        let verdicts = replay(self.spec, &looks, &self.predictions);
        let outcome = |index: usize| {
            let tests = &verdicts.tests[verdicts.claims[index].tests.clone()];
            match judged.claims[index].verdict {
                // What chance does not touch is the same in all sections anyway.
                _ if right[index].iter().all(|(estimate, _)| is_constant(estimate)) => Outcome::Unseen,
                Verdict::Refuted => Outcome::Moot,
                _ if tests.iter().any(|test| test.doubt.is_some()) => Outcome::Refused,
                _ => Outcome::Missed { power: None },
            }
        };
        (0..self.spec.claims.len()).map(outcome).collect()
    }
}

/// The verdicts on stored data, look by look, as [`check`](crate::check()) finds them.
fn replay(spec: &Spec, looks: &[Vec<CellData>], predictions: &[Prediction]) -> Judgement {
    let mut trial = Trial::new(spec);
    let mut wanted: Vec<usize> = (0..spec.cells.len()).collect();
    for data in looks {
        let lacking: Vec<usize> = wanted.into_iter().filter(|c| data[*c].replicates() == 0).collect();
        trial.give_up(&lacking);
        trial.look(data, predictions);
        wanted = trial.unsettled();
    }
    trial.end()
}

fn at(
    spec: &Spec,
    data: &[CellData],
    predictions: &[Prediction],
    index: usize,
    sites: &[Site],
    resample: &Resample,
) -> Vec<(Estimate, Interval)> {
    let statistics = Statistics::new(spec, data, predictions, index).of(resample);
    sites.iter().map(|site| statistics.at(site)).collect()
}

/// A claim under a broken theory.
struct Seen<'a> {
    /// With the claims of that theory.
    spec: &'a Spec,
    index: usize,
    right: &'a [(Estimate, Interval)],
    wrong: &'a [(Estimate, Interval)],
}

impl Seen<'_> {
    fn outcome(&self, data: &[CellData], predictions: &[Prediction], verdict: Verdict, error: f64) -> Outcome {
        if self.right.iter().zip(self.wrong).all(|(right, wrong)| is_rounding(right, wrong)) {
            return Outcome::Unseen;
        }
        let is_outside = |(estimate, band): &(Estimate, Interval)| {
            let value = estimate.value();
            estimate.is_finite() && !(band.low <= value && value <= band.high)
        };
        let p_value = |i: usize| self.wrong[i].0.p_outside(&self.wrong[i].1);
        let mut outside: Vec<(usize, f64)> =
            (0..self.wrong.len()).filter(|i| is_outside(&self.wrong[*i])).map(|i| (i, p_value(i))).collect();
        if outside.is_empty() {
            return Outcome::Small;
        }
        outside.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let all = sites(self.spec, self.index);
        let clearest: Vec<Site> = outside.iter().take(MOST_TESTS).map(|(i, _)| all[*i]).collect();
        let is_refuted = |resample: &Resample| {
            let drawn = at(self.spec, data, predictions, self.index, &clearest, resample);
            vec![drawn.iter().any(|(estimate, band)| estimate.is_finite() && estimate.p_outside(band) <= error)]
        };
        let power = chances(self.spec, data, 1, &is_refuted)[0];
        match verdict {
            Verdict::Refuted => Outcome::Caught { power },
            // It would go on, up to all replicates that it can get.
            _ if self.spec.is_sequential() && power.value >= POWER => Outcome::Caught { power },
            _ => Outcome::Missed { power: Some(power) },
        }
    }
}

/// Whether chance does not touch a statistic.
fn is_constant(estimate: &Estimate) -> bool {
    estimate.standard_error() <= ROUNDING * estimate.value().abs()
}

/// Whether two statistics and their bands differ by no more than rounding.
fn is_rounding(right: &(Estimate, Interval), wrong: &(Estimate, Interval)) -> bool {
    let near =
        |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= ROUNDING * a.abs().max(b.abs());
    near(right.0.value(), wrong.0.value()) && near(right.1.low, wrong.1.low) && near(right.1.high, wrong.1.high)
}
