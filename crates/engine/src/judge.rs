//! How verdicts come about: each claim becomes tests *statistic ∈ band*, and each test is decided with a family-wise error.
//!
//! With m tests in a spec, the family-wise error α and one look at the data, every statistic gets a two-sided interval of
//! error α/m, so all intervals cover their true values at once with probability at least 1 − α. A claim
//!
//! - **holds** if each of its intervals lies inside its band;
//! - is **refuted** if one of its statistics is outside its band by Holm's step-down procedure over all tests of the
//!   spec at level α (S. Holm, Scand. J. Statist. 6 (1979) 65–70);
//! - is **undecided** otherwise, and says how many replicates would decide it.
//!
//! So the chance that any true claim is refuted is at most α, and so is the chance that any false one holds, as far as the
//! intervals keep their level: how far they do is stated at [`stats::FEWEST_SECTIONS`] for means, and in
//! `tests/tests/calibration.rs` for ratios and slopes.
//!
//! A test whose numbers are in [`doubt`], because sections or replicates share their random numbers, is
//! undecided whatever they are.
//!
//! With L looks each has α/L for α. A test is judged at look after look, all its cells at the same one, until it is decided;
//! then it stands as it is. So it is a test on one of L samples of sizes that are fixed beforehand, and the errors of all
//! looks add up to α at most, whatever cells stop when. Holm's procedure at a look counts all m tests, but steps through those
//! only that are judged there: what it rejects is a part of what it would reject among all m.

use std::collections::BTreeSet;

use stats::{Estimate, Interval, holm};

use crate::doubt;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::statistics::{Site, Statistics, reads, sites};
use crate::verdict::{Judgement, Test, Verdict};

/// Judges the claims of `spec` on measured values and predictions, cell by cell, at the error of one look.
///
/// Pure: the same numbers give the same verdicts. Cost O(tests × sections).
#[must_use]
pub fn judge(spec: &Spec, data: &[CellData], predictions: &[Prediction]) -> Judgement {
    let mut trial = Trial::new(spec);
    trial.look(data, predictions);
    trial.end()
}

/// A judgement on its way from look to look.
#[derive(Debug)]
pub struct Trial<'a> {
    spec: &'a Spec,
    tests: Vec<Test>,
    /// Beside each test, how it stands.
    standings: Vec<Standing>,
    /// Beside each test, the cells that it reads.
    reads: Vec<Vec<usize>>,
    /// Where the tests of each claim end.
    ends: Vec<usize>,
    /// Whether no test reads cells of another shard.
    is_whole: bool,
}

/// Whether a test is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is undecided.
    Open,
    /// It is decided, or its claim is refuted by another one, or it reads a path that has diverged, or its numbers are in
    /// doubt.
    Settled,
    /// It is undecided, but reads a cell of which there is no more.
    Stuck,
    /// It reads a cell of another shard, and is judged when all shards are merged.
    Elsewhere,
}

impl<'a> Trial<'a> {
    /// All tests of `spec`, none of them judged.
    #[must_use]
    pub fn new(spec: &'a Spec) -> Self {
        let (mut tests, mut cells, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for claim in 0..spec.claims.len() {
            for site in sites(spec, claim) {
                cells.push(reads(spec, claim, &site));
                tests.push(unjudged(claim, site));
            }
            ends.push(tests.len());
        }
        Trial { spec, standings: vec![Standing::Open; tests.len()], tests, reads: cells, ends, is_whole: true }
    }

    /// The tests as far as `cells`, one shard's, can tell: those that read others as well stay undecided.
    ///
    /// A shard never ends a cell that the whole would go on with: *holds* is said of each test by itself, and refuted is here
    /// what Bonferroni refutes, which Holm's procedure refutes among whatever other tests.
    #[must_use]
    pub fn of_shard(spec: &'a Spec, cells: &[usize]) -> Self {
        let mut trial = Trial { is_whole: false, ..Trial::new(spec) };
        for (standing, reads) in trial.standings.iter_mut().zip(&mut trial.reads) {
            let all = reads.len();
            reads.retain(|cell| cells.contains(cell));
            if reads.len() < all {
                *standing = Standing::Elsewhere;
            }
        }
        trial
    }

    /// The cells that undecided tests read, ascending: those whose next look is wanted.
    #[must_use]
    pub fn unsettled(&self) -> Vec<usize> {
        self.read_by(|standing| matches!(standing, Standing::Open | Standing::Elsewhere))
    }

    /// The cells that undecided tests read, also those of which there is no more.
    #[must_use]
    pub fn undecided(&self) -> Vec<usize> {
        self.read_by(|standing| standing != Standing::Settled)
    }

    /// There is no more of `cells`: what reads them stays as it is.
    pub fn give_up(&mut self, cells: &[usize]) {
        for (standing, reads) in self.standings.iter_mut().zip(&self.reads) {
            if *standing == Standing::Open && reads.iter().any(|cell| cells.contains(cell)) {
                *standing = Standing::Stuck;
            }
        }
    }

    /// Judges the open tests on `data`, in which the cells that they read must all be at the same look.
    pub fn look(&mut self, data: &[CellData], predictions: &[Prediction]) {
        let open: Vec<bool> = self.standings.iter().map(|standing| *standing == Standing::Open).collect();
        let level = self.spec.error_of_look();
        let error = level / self.tests.len() as f64;
        let mut p_values = vec![f64::NAN; self.tests.len()];
        let doubts: Vec<Option<String>> = (0..data.len()).map(|c| doubt::of_sections(self.spec, c, &data[c])).collect();
        for (i, test) in self.tests.iter_mut().enumerate().filter(|(i, _)| open[*i]) {
            let site = Site { cell: test.cell, component: test.component, record: test.record };
            let statistics = Statistics::new(self.spec, data, predictions, test.claim);
            (test.estimate, test.band) = statistics.at(&site);
            test.replicates = data[test.cell].replicates();
            test.doubt = self.reads[i].iter().find_map(|c| doubts[*c].clone()).or_else(|| statistics.doubt(&site));
            if test.doubt.is_some() {
                (test.interval, test.replicates_to_decide) = (EVERYTHING, None);
                continue;
            }
            if test.estimate.is_finite() {
                test.interval = test.estimate.interval(error);
                p_values[i] = test.estimate.p_outside(&test.band);
            }
            if test.estimate.is_finite() && test.band.contains(&test.interval) {
                test.verdict = Verdict::Holds;
            }
        }
        let refuted = match self.is_whole {
            true => holm(&p_values, level),
            false => p_values.iter().map(|p| *p <= error).collect(),
        };
        for (test, _) in self.tests.iter_mut().zip(refuted).filter(|(_, is_refuted)| *is_refuted) {
            test.verdict = Verdict::Refuted;
        }
        for test in self.tests.iter_mut().zip(&open).filter(|(_, is_open)| **is_open).map(|(test, _)| test) {
            test.replicates_to_decide = to_decide(test, error);
        }
        self.settle(data);
    }

    /// The verdicts.
    #[must_use]
    pub fn end(self) -> Judgement {
        Judgement::new(self.spec, self.tests, &self.ends)
    }

    fn read_by(&self, is_meant: impl Fn(Standing) -> bool) -> Vec<usize> {
        let meant = self.standings.iter().zip(&self.reads).filter(|(standing, _)| is_meant(**standing));
        meant.flat_map(|(_, cells)| cells).copied().collect::<BTreeSet<usize>>().into_iter().collect()
    }

    fn settle(&mut self, data: &[CellData]) {
        let refuted: BTreeSet<usize> =
            self.tests.iter().filter(|test| test.verdict == Verdict::Refuted).map(|test| test.claim).collect();
        let beside = self.tests.iter().zip(&self.reads).zip(&mut self.standings);
        let is_unsettled = |standing: Standing| matches!(standing, Standing::Open | Standing::Elsewhere);
        for ((test, reads), standing) in beside.filter(|(_, standing)| is_unsettled(**standing)) {
            let has_no_number = || !test.estimate.is_finite() && reads.iter().any(|cell| !data[*cell].is_finite());
            let is_lost = || *standing == Standing::Open && (test.doubt.is_some() || has_no_number());
            if test.verdict != Verdict::Undecided || refuted.contains(&test.claim) || is_lost() {
                *standing = Standing::Settled;
            }
        }
    }
}

/// What is known without a number.
const EVERYTHING: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };

fn unjudged(claim: usize, site: Site) -> Test {
    Test {
        claim,
        cell: site.cell,
        component: site.component,
        record: site.record,
        estimate: Estimate::Missing,
        interval: EVERYTHING,
        band: EVERYTHING,
        replicates: 0,
        verdict: Verdict::Undecided,
        replicates_to_decide: None,
        doubt: None,
    }
}

/// How many replicates would decide an undecided test with intervals of `error`.
fn to_decide(test: &Test, error: f64) -> Option<u64> {
    if test.verdict != Verdict::Undecided || !test.estimate.is_finite() || test.doubt.is_some() {
        return None;
    }
    let wanted = test.estimate.enlargement(&test.band, error) * test.replicates as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and at most 10¹²")]
    let wanted = (wanted <= 1e12).then(|| (wanted.ceil() as u64).max(test.replicates + 1));
    wanted
}
