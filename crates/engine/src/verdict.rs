//! Verdicts: each claim becomes tests *statistic ∈ band*, and each test is decided with a family-wise error.
//!
//! With m tests in a spec and the family-wise error α, every statistic gets a two-sided interval of error α/m, so all
//! intervals cover their true values at once with probability at least 1 − α. A claim
//!
//! - **holds** if each of its intervals lies inside its band;
//! - is **refuted** if one of its statistics is outside its band by Holm's step-down procedure over all tests of the
//!   spec at level α (S. Holm, Scand. J. Statist. 6 (1979) 65–70);
//! - is **undecided** otherwise, and says how many replicates would decide it.
//!
//! So the chance that any true claim is refuted is at most α, and so is the chance that any false one holds, as far as the
//! intervals keep their level: how far they do is stated at [`crate::layout::FEWEST_SECTIONS`] for means, and in
//! `tests/tests/calibration.rs` for ratios and slopes.

use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::statistics::Statistics;
use crate::stats::{Estimate, Interval, holm};

/// What became of a claim or a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The interval lies inside the band.
    Holds,
    /// The interval straddles an end of the band, or there is no number to judge.
    Undecided,
    /// The statistic lies outside the band.
    Refuted,
}

impl Verdict {
    /// The verdict as a word of tables and manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Undecided => "undecided",
            Verdict::Refuted => "refuted",
        }
    }

    /// The verdict that a word of tables and manifests means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Verdict::Holds, Verdict::Undecided, Verdict::Refuted].into_iter().find(|verdict| verdict.word() == word)
    }
}

/// One statistic and its band.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The claim it belongs to.
    pub claim: usize,
    /// The cell.
    pub cell: usize,
    /// The component of the measure.
    pub component: usize,
    /// The index of the recorded step; `None` for a statistic of the whole path.
    pub record: Option<usize>,
    /// The statistic.
    pub estimate: Estimate,
    /// Its simultaneous interval.
    pub interval: Interval,
    /// Where the claim says that it lies.
    pub band: Interval,
    /// What became of it.
    pub verdict: Verdict,
    /// The replicates that would decide an undecided test; `None` if decided, or if no number would.
    pub replicates_to_decide: Option<u64>,
}

/// A claim and its tests.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimVerdict {
    /// What became of the claim.
    pub verdict: Verdict,
    /// The range of its tests in [`Judgement::tests`].
    pub tests: std::ops::Range<usize>,
    /// The test that comes nearest to, or lies farthest beyond, an end of its band.
    pub worst: Option<usize>,
    /// Why there is no verdict, if the numbers are not finite.
    pub failure: Option<String>,
    /// Whether the spec records that the claim is refuted.
    pub is_finding: bool,
}

impl ClaimVerdict {
    /// Whether a claim holds that is recorded as refuted.
    #[must_use]
    pub fn contradicts_its_finding(&self) -> bool {
        self.is_finding && self.verdict == Verdict::Holds
    }

    /// How the claim counts for its spec: one that is recorded as refuted should be.
    fn counts_as(&self) -> Verdict {
        match (self.is_finding, self.verdict) {
            (true, Verdict::Holds) => Verdict::Refuted,
            (true, Verdict::Refuted) => Verdict::Holds,
            (_, verdict) => verdict,
        }
    }
}

/// The verdicts of a spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// All tests, claim by claim.
    pub tests: Vec<Test>,
    /// All claims, in the order of the spec.
    pub claims: Vec<ClaimVerdict>,
}

impl Judgement {
    /// The worst verdict, where a claim that is recorded as refuted should be; undecided if there is nothing to judge.
    #[must_use]
    pub fn overall(&self) -> Verdict {
        self.claims.iter().map(ClaimVerdict::counts_as).max().unwrap_or(Verdict::Undecided)
    }

    /// How many replicates would decide a claim of this judgement that is undecided; `None` if it is decided, or if no
    /// number is sure to.
    #[must_use]
    pub fn replicates_to_decide(&self, claim: &ClaimVerdict) -> Option<u64> {
        let undecided = self.tests[claim.tests.clone()].iter().filter(|test| test.verdict == Verdict::Undecided);
        let most = undecided.map(|test| test.replicates_to_decide).try_fold(0, |most, wanted| Some(most.max(wanted?)));
        most.filter(|_| claim.verdict == Verdict::Undecided && !claim.tests.is_empty())
    }

    /// How many claims are recorded as refuted.
    #[must_use]
    pub fn findings(&self) -> usize {
        self.claims.iter().filter(|claim| claim.is_finding).count()
    }
}

/// Judges the claims of `spec` on measured values and predictions, cell by cell.
///
/// Pure: the same numbers give the same verdicts. Cost O(tests × sections).
#[must_use]
pub fn judge(spec: &Spec, data: &[CellData], predictions: &[Prediction]) -> Judgement {
    let mut tests = Vec::new();
    let mut ranges = Vec::new();
    for index in 0..spec.claims.len() {
        let first = tests.len();
        tests.extend(Statistics::new(spec, data, predictions, index).tests());
        ranges.push(first..tests.len());
    }
    decide(&mut tests, spec);
    let is_finding = |index: usize| spec.claims[index].finding.is_some();
    let claims = ranges.into_iter().enumerate();
    let claims = claims.map(|(index, range)| sum_up(spec, &tests, range, is_finding(index))).collect();
    Judgement { tests, claims }
}

/// Intervals and verdicts of all tests of a spec.
fn decide(tests: &mut [Test], spec: &Spec) {
    let error = spec.family_wise_error / tests.len() as f64;
    for test in tests.iter_mut().filter(|test| test.estimate.is_finite()) {
        test.interval = test.estimate.interval(error);
        if test.band.contains(&test.interval) {
            test.verdict = Verdict::Holds;
        }
    }
    let p_outside = |test: &Test| if test.estimate.is_finite() { test.estimate.p_outside(&test.band) } else { 1.0 };
    let is_refuted = holm(&tests.iter().map(p_outside).collect::<Vec<_>>(), spec.family_wise_error);
    for (test, _) in tests.iter_mut().zip(is_refuted).filter(|(_, is_refuted)| *is_refuted) {
        test.verdict = Verdict::Refuted;
    }
    for test in tests.iter_mut().filter(|test| test.verdict == Verdict::Undecided && test.estimate.is_finite()) {
        let wanted = test.estimate.enlargement(&test.band, error) * spec.layout.replicates() as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and at most 10¹²")]
        let wanted = (wanted <= 1e12).then(|| (wanted.ceil() as u64).max(spec.layout.replicates() + 1));
        test.replicates_to_decide = wanted;
    }
}

fn sum_up(spec: &Spec, tests: &[Test], range: std::ops::Range<usize>, is_finding: bool) -> ClaimVerdict {
    let of_claim = &tests[range.clone()];
    let failure = of_claim.iter().find(|test| !test.estimate.is_finite()).map(|test| failure(spec, test));
    let refuted = of_claim.iter().any(|test| test.verdict == Verdict::Refuted);
    let holds = failure.is_none() && !of_claim.is_empty() && of_claim.iter().all(|test| test.verdict == Verdict::Holds);
    let worst = of_claim.iter().enumerate().max_by(|a, b| excess(a.1).total_cmp(&excess(b.1))).map(|(i, _)| i);
    ClaimVerdict {
        verdict: match (refuted, holds) {
            (true, _) => Verdict::Refuted,
            (false, true) => Verdict::Holds,
            (false, false) => Verdict::Undecided,
        },
        worst: worst.map(|worst| range.start + worst),
        tests: range,
        failure,
        is_finding,
    }
}

fn failure(spec: &Spec, test: &Test) -> String {
    let step = test.record.map_or_else(String::new, |n| format!(" at step {}", spec.cells[test.cell].recorded[n]));
    format!("cell {} gave no finite number{step}", test.cell)
}

/// How far the interval of a test reaches beyond its band; without limit if there is no number.
fn excess(test: &Test) -> f64 {
    if test.estimate.is_finite() { beyond(&test.interval, &test.band) } else { f64::INFINITY }
}

/// How far an interval reaches beyond the nearest end of a band, in half-widths of the band; negative inside.
pub(crate) fn beyond(interval: &Interval, band: &Interval) -> f64 {
    let (low, high) = (band.low - interval.low, interval.high - band.high);
    let half_width = 0.5 * (band.high - band.low);
    let beyond = low.max(high);
    if half_width.is_finite() && half_width > 0.0 { beyond / half_width } else { beyond }
}
