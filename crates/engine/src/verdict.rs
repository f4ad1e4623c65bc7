//! Verdicts: what became of the tests *statistic ∈ band* that each claim is, as [`crate::judge`] decides with a
//! family-wise error.

pub use crate::judge::{Trial, judge};

use stats::{Estimate, Interval};

use crate::spec::Spec;

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
    /// The replicates of each cell that it was judged on.
    pub replicates: u64,
    /// What became of it.
    pub verdict: Verdict,
    /// The replicates that would decide an undecided test; `None` if decided, or if no number would.
    pub replicates_to_decide: Option<u64>,
    /// Why the numbers behind it cannot be believed ([`crate::doubt`]); it is undecided then.
    pub doubt: Option<String>,
}

impl Test {
    /// Whether there were numbers to judge: not so where a cell is not stored yet.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.replicates > 0
    }
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
    /// Why there is no verdict, if the numbers are not finite, or are in doubt.
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
    /// Sums up the tests of each claim of `spec`: those of the first claim up to the first of `ends`, and so on.
    pub(crate) fn new(spec: &Spec, tests: Vec<Test>, ends: &[usize]) -> Self {
        let first = std::iter::once(0).chain(ends.iter().copied());
        let ranges = first.zip(ends).map(|(first, end)| first..*end).zip(&spec.claims);
        let claims = ranges.map(|(range, claim)| sum_up(spec, &tests, range, claim.finding.is_some())).collect();
        Judgement { tests, claims }
    }

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

fn sum_up(spec: &Spec, tests: &[Test], range: std::ops::Range<usize>, is_finding: bool) -> ClaimVerdict {
    let of_claim = &tests[range.clone()];
    let failure = of_claim.iter().filter(|test| test.is_judged()).find_map(|test| failure(spec, test));
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

fn failure(spec: &Spec, test: &Test) -> Option<String> {
    if test.estimate.is_finite() {
        return test.doubt.clone();
    }
    let step = test.record.map_or_else(String::new, |n| format!(" at step {}", spec.cells[test.cell].recorded[n]));
    Some(format!("cell {} gave no finite number{step}", test.cell))
}

/// How far the interval of a test reaches beyond its band; without limit if there is no number to judge.
fn excess(test: &Test) -> f64 {
    if !test.is_judged() {
        return f64::NEG_INFINITY;
    }
    if test.estimate.is_finite() { beyond(&test.interval, &test.band) } else { f64::INFINITY }
}

/// How far an interval reaches beyond the nearest end of a band, in half-widths of the band; negative inside.
pub(crate) fn beyond(interval: &Interval, band: &Interval) -> f64 {
    let (low, high) = (band.low - interval.low, interval.high - band.high);
    let half_width = 0.5 * (band.high - band.low);
    let beyond = low.max(high);
    if half_width.is_finite() && half_width > 0.0 { beyond / half_width } else { beyond }
}
