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

use dynamics::{Expectation, Observable};

use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::claims::Over;
use crate::spec::{Against, Cell, Claim, Fitted, RatioLaw, Spec};
use crate::stats::{Distance, Estimate, Interval, LogSlope, Proportion, Ratio, Sample};

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
    /// The worst verdict; undecided if there is nothing to judge.
    #[must_use]
    pub fn overall(&self) -> Verdict {
        self.claims.iter().map(|claim| claim.verdict).max().unwrap_or(Verdict::Undecided)
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
        Statistics { spec, data, predictions, index, claim: &spec.claims[index], tests: &mut tests }.collect();
        ranges.push(first..tests.len());
    }
    decide(&mut tests, spec);
    let claims = ranges.into_iter().map(|range| sum_up(spec, &tests, range)).collect();
    Judgement { tests, claims }
}

/// Makes the tests of one claim.
struct Statistics<'a> {
    spec: &'a Spec,
    data: &'a [CellData],
    predictions: &'a [Prediction],
    index: usize,
    claim: &'a Claim,
    tests: &'a mut Vec<Test>,
}

impl Statistics<'_> {
    fn collect(mut self) {
        if let Against::Slope { exponent, tolerance, over: Over::Cells(abscissae), of } = &self.claim.against {
            let band = Interval::new(exponent - tolerance, exponent + tolerance);
            return self.slopes_over_cells(abscissae, *of, band);
        }
        for (c, cell) in self.spec.cells.iter().enumerate() {
            if !self.claim.covers(c, cell) {
                continue;
            }
            if let Against::Normal { distance_at_most } = self.claim.against {
                for n in self.claim.records(cell) {
                    let estimate = self.distance(c, cell, n);
                    self.push(c, 0, Some(n), estimate, Interval::new(f64::NEG_INFINITY, distance_at_most));
                }
                continue;
            }
            for component in 0..self.spec.measures[self.claim.measure].n_components {
                if let Against::Slope { exponent, tolerance, over: Over::Steps(from_step), of } = &self.claim.against {
                    let estimate = self.slope_along(c, component, *from_step, *of);
                    self.push(c, component, None, estimate, Interval::new(exponent - tolerance, exponent + tolerance));
                    continue;
                }
                for n in self.claim.records(cell) {
                    let (estimate, band) = self.compare(c, cell, component, n);
                    self.push(c, component, Some(n), estimate, band);
                }
            }
        }
    }

    fn push(&mut self, cell: usize, component: usize, record: Option<usize>, estimate: Estimate, band: Interval) {
        self.tests.push(Test {
            claim: self.index,
            cell,
            component,
            record,
            estimate,
            interval: Interval::new(f64::NEG_INFINITY, f64::INFINITY),
            band,
            verdict: Verdict::Undecided,
            replicates_to_decide: None,
        });
    }

    /// How the measured value agrees with what is claimed, and the band of that agreement.
    fn compare(&self, c: usize, cell: &Cell, component: usize, n: usize) -> (Estimate, Interval) {
        let row = self.spec.row(cell, self.claim.measure, component, n);
        let around = |resolution: f64| Interval::new(1.0 - resolution, 1.0 + resolution);
        let (claimed, band) = match &self.claim.against {
            Against::Exact(resolution) => (self.predictions[c].exact[row], around(*resolution)),
            Against::Limit(resolution) => (self.predictions[c].limit[row], around(*resolution)),
            Against::LeadingOrder(resolution) => match self.predictions[c].leading_order[row] {
                Some(law) => (
                    Some(Expectation::relative(law.value)),
                    Interval::new(1.0 - law.below - resolution, 1.0 + law.above + resolution),
                ),
                None => (None, around(*resolution)),
            },
            Against::Constant { values, resolution } => {
                (Some(Expectation::relative(values[c][n])), around(*resolution))
            }
            Against::AtMost(values) => {
                (Some(Expectation::relative(values[c][n])), Interval::new(f64::NEG_INFINITY, 1.0))
            }
            Against::AtLeast(values) => (Some(Expectation::relative(values[c][n])), Interval::new(1.0, f64::INFINITY)),
            Against::Variant { other, resolution, law } => {
                return (self.variant_ratio(c, *other, component, n, *law), around(*resolution));
            }
            Against::Slope { .. } | Against::Normal { .. } => (None, around(0.0)),
        };
        let estimate = claimed.map_or(Estimate::Missing, |claimed| self.agreement(c, cell, component, n, claimed));
        (estimate, band)
    }

    /// 1 + (measured − claimed)/unit, which is measured/claimed for a quantity that is its own unit.
    fn agreement(&self, c: usize, cell: &Cell, component: usize, n: usize, claimed: Expectation) -> Estimate {
        let values = self.values(c, component, n);
        if cell.observers[self.claim.measure].observable.is_proportion() {
            let replicates = self.spec.layout.replicates() as f64;
            let frequency = values.iter().sum::<f64>() / values.len() as f64;
            let proportion = Proportion { count: (frequency * replicates).round(), n: replicates };
            let offset = 1.0 - claimed.value / claimed.unit;
            return Estimate::Proportion { proportion, offset, slope: 1.0 / claimed.unit };
        }
        Estimate::Mean(Sample::new(&values.iter().map(|value| agreement(*value, claimed)).collect::<Vec<_>>()))
    }

    /// The largest distance of measured frequencies to those of the normal law, and the room between the points.
    fn distance(&self, c: usize, cell: &Cell, n: usize) -> Estimate {
        let Observable::Below { points, .. } = &cell.observers[self.claim.measure].observable else {
            return Estimate::Missing;
        };
        let normal = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        let (mut on_grid, mut gap, mut before) = (0.0_f64, 0.0_f64, 0.0);
        for (component, z) in points.iter().enumerate() {
            let frequency = Sample::new(&self.values(c, component, n)).mean;
            on_grid = on_grid.max((frequency - normal(*z)).abs());
            gap = gap.max(normal(*z) - before);
            before = normal(*z);
        }
        gap = gap.max(1.0 - before);
        Estimate::Distance(Distance { on_grid, gap, n: self.spec.layout.replicates() as f64 })
    }

    /// The scaled values of a row in all sections.
    fn values(&self, c: usize, component: usize, n: usize) -> Vec<f64> {
        self.data[c].values(self.spec, &self.spec.cells[c], self.claim.measure, component, n)
    }

    /// (A/B)/(a/b): A and B share their random numbers, so their sections belong together.
    fn variant_ratio(&self, c: usize, other: usize, component: usize, n: usize, law: RatioLaw) -> Estimate {
        let sibling = self.spec.sibling(c, other);
        let cell = &self.spec.cells[c];
        let row = self.spec.row(cell, self.claim.measure, component, n);
        let laws = |c: usize| match law {
            RatioLaw::Exact => self.predictions[c].exact[row].map(|law| law.value),
            RatioLaw::Limit => self.predictions[c].limit[row].map(|law| law.value),
            RatioLaw::Equal => Some(1.0),
        };
        let (Some(a), Some(b)) = (laws(c), laws(sibling)) else { return Estimate::Missing };
        let (numerators, mut denominators) = (self.values(c, component, n), self.values(sibling, component, n));
        denominators.iter_mut().for_each(|value| *value *= a / b);
        Estimate::Ratio(Ratio::new(numerators, denominators))
    }

    /// The slope over the recorded steps of one cell.
    fn slope_along(&self, c: usize, component: usize, from_step: u64, of: Fitted) -> Estimate {
        let cell = &self.spec.cells[c];
        let fitted: Vec<usize> = (0..cell.recorded.len()).filter(|n| cell.recorded[*n] >= from_step).collect();
        let abscissae: Vec<f64> = fitted.iter().map(|n| cell.recorded[*n] as f64).collect();
        slope(&abscissae, fitted.iter().map(|n| self.fitted(c, component, *n, of)))
    }

    /// The slope over the cells of each variant, at their last recorded steps.
    fn slopes_over_cells(&mut self, abscissae: &[f64], of: Fitted, band: Interval) {
        let cells = &self.spec.cells;
        for variant in 0..self.spec.variants.len() {
            let covered = |c: &usize| self.claim.covers(*c, &cells[*c]) && cells[*c].variant == variant;
            let of_variant: Vec<usize> = (0..cells.len()).filter(covered).collect();
            let Some(&last) = of_variant.last() else { continue };
            for component in 0..self.spec.measures[self.claim.measure].n_components {
                let x: Vec<f64> = of_variant.iter().map(|c| abscissae[*c]).collect();
                let columns = of_variant.iter().map(|&c| self.fitted(c, component, cells[c].recorded.len() - 1, of));
                let estimate = slope(&x, columns);
                self.push(last, component, None, estimate, band);
            }
        }
    }

    /// What a slope is fitted to, in all sections; `None` where a law is missing.
    fn fitted(&self, c: usize, component: usize, n: usize, of: Fitted) -> Option<Vec<f64>> {
        let values = self.values(c, component, n);
        match of {
            Fitted::Value => Some(values),
            Fitted::ExcessOverLimit => {
                let row = self.spec.row(&self.spec.cells[c], self.claim.measure, component, n);
                let limit = self.predictions[c].limit[row]?;
                Some(values.into_iter().map(|value| agreement(value, limit) - 1.0).collect())
            }
        }
    }
}

/// The slope over the columns; nothing where one is missing.
fn slope(x: &[f64], columns: impl Iterator<Item = Option<Vec<f64>>>) -> Estimate {
    match columns.collect::<Option<Vec<_>>>() {
        Some(columns) => Estimate::Slope(LogSlope::new(x, &columns)),
        None => Estimate::Missing,
    }
}

/// 1 + (measured − claimed)/unit; nothing measured agrees with nothing claimed.
pub(crate) fn agreement(measured: f64, claimed: Expectation) -> f64 {
    let Expectation { value, unit } = claimed;
    if measured == value && value.is_finite() {
        return 1.0;
    }
    if unit == value { measured / value } else { 1.0 + (measured - value) / unit }
}

/// Intervals and verdicts of all tests of a spec.
fn decide(tests: &mut [Test], spec: &Spec) {
    let m = tests.len() as f64;
    let error = spec.family_wise_error / m;
    let mut order: Vec<(f64, usize)> = Vec::with_capacity(tests.len());
    for (i, test) in tests.iter_mut().enumerate().filter(|(_, test)| test.estimate.is_finite()) {
        test.interval = test.estimate.interval(error);
        if test.band.contains(&test.interval) {
            test.verdict = Verdict::Holds;
        }
        order.push((test.estimate.p_outside(&test.band), i));
    }
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (rank, (p, i)) in order.into_iter().enumerate() {
        if p > spec.family_wise_error / (m - rank as f64) {
            break;
        }
        tests[i].verdict = Verdict::Refuted;
    }
    for test in tests.iter_mut().filter(|test| test.verdict == Verdict::Undecided && test.estimate.is_finite()) {
        let wanted = test.estimate.enlargement(&test.band, error) * spec.layout.replicates() as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and at most 10¹²")]
        let wanted = (wanted <= 1e12).then(|| (wanted.ceil() as u64).max(spec.layout.replicates() + 1));
        test.replicates_to_decide = wanted;
    }
}

fn sum_up(spec: &Spec, tests: &[Test], range: std::ops::Range<usize>) -> ClaimVerdict {
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
    }
}

fn failure(spec: &Spec, test: &Test) -> String {
    let step = test.record.map_or_else(String::new, |n| format!(" at step {}", spec.cells[test.cell].recorded[n]));
    format!("cell {} gave no finite number{step}", test.cell)
}

/// How far the interval reaches beyond the nearest end of the band, in half-widths of the band; negative inside.
fn excess(test: &Test) -> f64 {
    if !test.estimate.is_finite() {
        return f64::INFINITY;
    }
    let (low, high) = (test.band.low - test.interval.low, test.interval.high - test.band.high);
    let half_width = 0.5 * (test.band.high - test.band.low);
    let beyond = low.max(high);
    if half_width.is_finite() && half_width > 0.0 { beyond / half_width } else { beyond }
}
