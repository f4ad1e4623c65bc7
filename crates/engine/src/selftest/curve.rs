//! Power curves: how often a law that is off by a multiple of the resolution is refuted, and how often it holds.
//!
//! Sections are drawn anew around the measured means, which are taken for the truth; the law is then off by exactly what is
//! asked for, at all places or at one. To be off by k resolutions means that measured/law is 1 − kr or 1 + kr: with k = 1 the
//! truth lies on an edge of the band, where a test holds with at most half its error.

use serde::Serialize;
use stats::{Estimate, Interval, Sample};

use super::resample::{Power, as_measured, chances};
use super::resolving::{Kind, resolution, resolved, truth};
use super::{MOST_TESTS, at, error_of_test, is_constant};
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::statistics::{Resample, Site, sites};

/// The errors of a law that are asked about, as multiples of the resolution.
pub const MULTIPLES: [f64; 5] = [1.0, 1.25, 1.5, 1.75, 2.0];

/// What becomes of a law that is off by a multiple of the resolution, to the side that is harder to see.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// The error, in resolutions.
    pub multiple: f64,
    /// The chance that it is refuted if it is off everywhere.
    pub everywhere: Power,
    /// The chance that it is refuted if it is off at the bluntest test alone.
    pub at_one_place: Power,
}

/// The power curve of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// The claim.
    pub claim: String,
    /// What it tolerates.
    pub resolution: f64,
    /// How errors of its law are meant.
    pub errors: Kind,
    /// The chance that its bluntest or sharpest test holds when the law is off by the resolution.
    pub holds_at_the_edge: Power,
    /// The curve, at each of [`MULTIPLES`].
    pub points: Vec<Point>,
}

/// The power curve of the claim `index` on the data of the last look of each cell; `None` for a claim whose law states no
/// resolution below ½ and no truth, or whose tests have no standard error. Cost: some 10⁵ statistics.
#[must_use]
pub fn curve(spec: &Spec, data: &[CellData], predictions: &[Prediction], index: usize) -> Option<Curve> {
    let asked = Asked::new(spec, data, predictions, index)?;
    Some(Curve {
        claim: spec.claims[index].name.clone(),
        resolution: asked.resolution,
        errors: asked.kind,
        holds_at_the_edge: asked.holds_at_the_edge(),
        points: asked.points(&MULTIPLES),
    })
}

/// One point of that curve, at any multiple of the resolution.
#[must_use]
pub fn point(spec: &Spec, data: &[CellData], predictions: &[Prediction], index: usize, multiple: f64) -> Option<Point> {
    Asked::new(spec, data, predictions, index)?.points(&[multiple]).pop()
}

/// A claim whose law may be off.
struct Asked<'a> {
    spec: &'a Spec,
    data: &'a [CellData],
    predictions: &'a [Prediction],
    index: usize,
    kind: Kind,
    resolution: f64,
    /// What its statistics are if it is right.
    truth: f64,
    /// The error of each test.
    error: f64,
    /// Its tests and what they measured, the sharpest first.
    tests: Vec<(Site, f64)>,
}

impl<'a> Asked<'a> {
    fn new(spec: &'a Spec, data: &'a [CellData], predictions: &'a [Prediction], index: usize) -> Option<Self> {
        let claim = &spec.claims[index];
        let (truth, kind, error) = (truth(claim)?, Kind::of(spec, claim), error_of_test(spec));
        // To be off by two resolutions must mean something.
        let resolution = resolution(claim).filter(|resolution| kind == Kind::Absolute || *resolution < 0.5)?;
        let all = sites(spec, index);
        let tests = at(spec, data, predictions, index, &all, &as_measured(spec, data));
        let resolved_by = |(estimate, band): &(Estimate, Interval)| -> Option<f64> {
            let sample = estimate.as_sample().filter(|sample| sample.is_finite() && !is_constant(estimate))?;
            Some(resolved(kind, &Sample { mean: truth, ..sample }, band, error))
        };
        let mut order: Vec<(usize, f64)> =
            (0..tests.len()).filter_map(|i| Some((i, resolved_by(&tests[i])?))).collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let tests: Vec<(Site, f64)> = order.into_iter().map(|(i, _)| (all[i], tests[i].0.value())).collect();
        (!tests.is_empty()).then_some(Asked { spec, data, predictions, index, kind, resolution, truth, error, tests })
    }

    fn points(&self, multiples: &[f64]) -> Vec<Point> {
        let refuted = |estimate: &Estimate, band: &Interval| estimate.p_outside(band) <= self.error;
        let least = |tests: &[(Site, f64)]| -> Vec<Power> {
            let powers = self.shares(tests, multiples, &refuted);
            powers.into_iter().map(|[a, b]| if a.value < b.value { a } else { b }).collect()
        };
        let everywhere = least(&self.tests[..MOST_TESTS.min(self.tests.len())]);
        let at_one_place = least(&self.tests[self.tests.len() - 1..]);
        let powers = multiples.iter().zip(everywhere).zip(at_one_place);
        powers
            .map(|((multiple, everywhere), at_one_place)| Point { multiple: *multiple, everywhere, at_one_place })
            .collect()
    }

    fn holds_at_the_edge(&self) -> Power {
        let holds = |estimate: &Estimate, band: &Interval| band.contains(&estimate.interval(self.error));
        let [a, b] = self.shares(&[self.tests[0], self.tests[self.tests.len() - 1]], &[1.0], &holds)[0];
        if a.value > b.value { a } else { b }
    }

    /// How often one of some tests does what `shows` says when the law is off by each of `multiples` resolutions, to either side.
    fn shares(
        &self,
        tests: &[(Site, f64)],
        multiples: &[f64],
        shows: &(dyn Fn(&Estimate, &Interval) -> bool + Sync),
    ) -> Vec<[Power; 2]> {
        let sites: Vec<Site> = tests.iter().map(|(site, _)| *site).collect();
        let offs: Vec<f64> = multiples
            .iter()
            .flat_map(|multiple| [1.0, -1.0].map(|side| off_by(self.kind, side * multiple * self.resolution)))
            .collect();
        let happen = |resample: &Resample| -> Vec<bool> {
            let drawn = at(self.spec, self.data, self.predictions, self.index, &sites, resample);
            let one_shows = |off: &f64| {
                let mut beside = drawn.iter().zip(tests);
                beside.any(|((estimate, band), (_, measured))| {
                    estimate.is_finite() && shows(estimate, &self.displaced(band, *measured, *off))
                })
            };
            offs.iter().map(one_shows).collect()
        };
        chances(self.spec, self.data, offs.len(), &happen).chunks(2).map(|sides| [sides[0], sides[1]]).collect()
    }

    /// The band of a test if what was measured is the truth, and the law is off.
    fn displaced(&self, band: &Interval, measured: f64, off: f64) -> Interval {
        let centred = match self.kind {
            Kind::Relative => Interval::new(band.low * measured / self.truth, band.high * measured / self.truth),
            Kind::Absolute => Interval::new(band.low + measured - self.truth, band.high + measured - self.truth),
        };
        self.kind.displaced(&centred, off)
    }
}

/// The error of a law whose statistic is off by `distance`: measured/law = 1 − distance for a factor.
fn off_by(kind: Kind, distance: f64) -> f64 {
    match kind {
        Kind::Relative => 1.0 / (1.0 - distance) - 1.0,
        Kind::Absolute => distance,
    }
}
