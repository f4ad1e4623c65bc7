//! What each kind of claim measures: the statistics behind its tests, the cells that they read, and their bands.

use dynamics::{Expectation, Observable};
use stats::{Distance, Estimate, Interval, LogSlope, Method, Proportion, Ratio, Sample};

use crate::doubt::of_frequency;
use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::claims::{Claimed, Over};
use crate::spec::{Against, Cell, Claim, Fitted, RatioLaw, Spec};

/// Sections drawn anew from those that were measured, cell by cell.
#[derive(Debug, Clone)]
pub(crate) struct Resample {
    pub(crate) cells: Vec<Redrawn>,
}

/// The sections of one cell.
#[derive(Debug, Clone)]
pub(crate) struct Redrawn {
    /// Which sections stand in the place of each.
    pub(crate) sections: Vec<usize>,
    /// By how much the deviations of a section are smaller, for more replicates than were measured.
    pub(crate) shrink: f64,
    /// The replicates of the cell.
    pub(crate) replicates: u64,
}

impl Resample {
    fn column(&self, c: usize, values: &[f64]) -> Vec<f64> {
        let Redrawn { sections, shrink, .. } = &self.cells[c];
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        sections.iter().map(|section| mean + shrink * (values[*section] - mean)).collect()
    }
}

/// Where a statistic is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Site {
    /// The cell; of a slope over the sweep the last one.
    pub(crate) cell: usize,
    /// The component of the measure, from 0.
    pub(crate) component: usize,
    /// The index of the recorded step; `None` for a statistic of the whole path.
    pub(crate) record: Option<usize>,
}

/// Where the tests of the claim `index` are taken, in their order: what a claim will test is known before any number is.
pub(crate) fn sites(spec: &Spec, index: usize) -> Vec<Site> {
    let claim = &spec.claims[index];
    if let Against::Slope { over: Over::Cells(_), .. } = &claim.against {
        let last = (0..spec.variants.len()).filter_map(|variant| covered_cells(spec, claim, variant).last().copied());
        let of_variant = |cell| claim.components.clone().map(move |component| Site { cell, component, record: None });
        return last.flat_map(of_variant).collect();
    }
    let mut sites = Vec::new();
    for (c, cell) in spec.cells.iter().enumerate().filter(|(c, cell)| claim.covers(*c, cell)) {
        let records = || claim.records(cell).map(Some);
        let mut add = |component: usize, record: Option<usize>| sites.push(Site { cell: c, component, record });
        match &claim.against {
            // One statistic of all components.
            against if against.is_about_all_components() => {
                records().for_each(|record| add(0, record));
            }
            Against::Slope { .. } => claim.components.clone().for_each(|component| add(component, None)),
            _ => claim.components.clone().for_each(|component| records().for_each(|record| add(component, record))),
        }
    }
    sites
}

/// The cells that the statistic at a site of the claim `index` reads.
pub(crate) fn reads(spec: &Spec, index: usize, site: &Site) -> Vec<usize> {
    let claim = &spec.claims[index];
    match &claim.against {
        Against::Slope { over: Over::Cells(_), .. } => covered_cells(spec, claim, spec.cells[site.cell].variant),
        Against::Variant { other, .. } => vec![site.cell, spec.sibling(site.cell, *other)],
        _ => vec![site.cell],
    }
}

/// How the intervals of a claim are formed.
pub(crate) fn method(spec: &Spec, claim: &Claim) -> Method {
    let is_proportion = |cell: &Cell| cell.observers[claim.measure].observable.is_proportion();
    match claim.against {
        Against::Normal { .. } => Method::Distance,
        Against::Slope { .. } => Method::Slope,
        Against::Variant { .. } | Against::Measure { .. } => Method::Ratio,
        _ if spec.cells.iter().any(is_proportion) => Method::Proportion,
        _ => Method::Mean,
    }
}

/// The cells of a variant that a claim is about.
fn covered_cells(spec: &Spec, claim: &Claim, variant: usize) -> Vec<usize> {
    let is_meant = |(c, cell): &(usize, &Cell)| claim.covers(*c, cell) && cell.variant == variant;
    spec.cells.iter().enumerate().filter(is_meant).map(|(c, _)| c).collect()
}

/// The statistics of one claim.
pub(crate) struct Statistics<'a> {
    spec: &'a Spec,
    data: &'a [CellData],
    predictions: &'a [Prediction],
    claim: &'a Claim,
    /// What is read in place of the sections themselves.
    resample: Option<&'a Resample>,
}

impl<'a> Statistics<'a> {
    /// The statistics of the claim `index`.
    pub(crate) fn new(spec: &'a Spec, data: &'a [CellData], predictions: &'a [Prediction], index: usize) -> Self {
        Statistics { spec, data, predictions, claim: &spec.claims[index], resample: None }
    }

    /// The same of other sections of the same law.
    pub(crate) fn of(self, resample: &'a Resample) -> Self {
        Statistics { resample: Some(resample), ..self }
    }

    /// The statistic at a site, and its band.
    pub(crate) fn at(&self, site: &Site) -> (Estimate, Interval) {
        let Site { cell: c, component, record } = *site;
        let cell = &self.spec.cells[c];
        // A statistic of the whole path has no record to look at.
        let n = record.unwrap_or(0);
        match &self.claim.against {
            Against::Slope { exponent, tolerance, over, of } => {
                let estimate = match over {
                    Over::Steps(from_step) => self.slope_along(c, component, *from_step, *of),
                    Over::Cells(abscissae) => self.slope_over_cells(abscissae, cell.variant, component, *of),
                    Over::Curvature => self.slope_over_curvature(c, cell, n),
                };
                (estimate, Interval::new(exponent - tolerance, exponent + tolerance))
            }
            Against::Normal { distance_at_most } => {
                (self.distance(c, cell, n), Interval::new(f64::NEG_INFINITY, *distance_at_most))
            }
            _ => self.compare(c, cell, component, n),
        }
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
            Against::Variant { other, band, law } => {
                return (self.variant_ratio(c, *other, component, n, *law), Interval::new(band.0, band.1));
            }
            Against::Measure { other, claimed, band } => {
                return (self.measure_ratio(c, *other, component, n, claimed), Interval::new(band.0, band.1));
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
            let replicates = self.replicates(c);
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
        Estimate::Distance(Distance { on_grid, gap, n: self.replicates(c) })
    }

    /// Why a statistic of frequencies cannot be believed, if so.
    pub(crate) fn doubt(&self, site: &Site) -> Option<String> {
        let observable = &self.spec.cells[site.cell].observers[self.claim.measure].observable;
        if !observable.is_proportion() {
            return None;
        }
        // A distance is one of all points: the middle one has the most even frequency.
        let is_distance = matches!(self.claim.against, Against::Normal { .. });
        let component = if is_distance { observable.n_components() / 2 } else { site.component };
        let frequencies = self.values(site.cell, component, site.record?);
        of_frequency(site.cell, &frequencies, self.replicates(site.cell) / frequencies.len() as f64)
    }

    /// The scaled values of a row in all sections.
    fn values(&self, c: usize, component: usize, n: usize) -> Vec<f64> {
        self.column(c, self.claim.measure, component, n)
    }

    fn column(&self, c: usize, measure: usize, component: usize, n: usize) -> Vec<f64> {
        let values = self.data[c].values(self.spec, &self.spec.cells[c], measure, component, n);
        match self.resample {
            Some(resample) => resample.column(c, &values),
            None => values,
        }
    }

    fn replicates(&self, c: usize) -> f64 {
        self.resample.map_or_else(|| self.data[c].replicates(), |resample| resample.cells[c].replicates) as f64
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
        let is_bound = matches!(&self.claim.against, Against::Variant { band, .. } if band.0.is_infinite() || band.1.is_infinite());
        ratio(numerators, denominators, is_bound)
    }

    /// (A/B)/(a/b) for two measures A and B of one cell.
    fn measure_ratio(&self, c: usize, other: usize, component: usize, n: usize, claimed: &Claimed) -> Estimate {
        let cell = &self.spec.cells[c];
        let of_other = if self.spec.measures[other].n_components == 1 { 0 } else { component };
        let law = |measure: usize, component: usize| {
            let row = self.spec.row(cell, measure, component, n);
            match claimed {
                Claimed::Law(RatioLaw::Exact) => self.predictions[c].exact[row].map(|law| law.value),
                Claimed::Law(RatioLaw::Limit) => self.predictions[c].limit[row].map(|law| law.value),
                Claimed::Law(RatioLaw::Equal) | Claimed::Values(_) => Some(1.0),
            }
        };
        let expected = match claimed {
            Claimed::Values(values) => Some(values[c][n]),
            Claimed::Law(_) => law(self.claim.measure, component).zip(law(other, of_other)).map(|(a, b)| a / b),
        };
        let Some(expected) = expected else { return Estimate::Missing };
        let mut denominators = self.column(c, other, of_other, n);
        denominators.iter_mut().for_each(|value| *value *= expected);
        ratio(self.values(c, component, n), denominators, matches!(claimed, Claimed::Values(_)))
    }

    /// The slope over the components of one cell, against the curvature along their directions.
    fn slope_over_curvature(&self, c: usize, cell: &Cell, n: usize) -> Estimate {
        let Some(curvatures) = &cell.observers[self.claim.measure].curvatures else { return Estimate::Missing };
        let components = self.claim.components.clone();
        slope(&curvatures[components.clone()], components.map(|component| Some(self.values(c, component, n))))
    }

    /// The slope over the recorded steps of one cell.
    fn slope_along(&self, c: usize, component: usize, from_step: u64, of: Fitted) -> Estimate {
        let cell = &self.spec.cells[c];
        let fitted: Vec<usize> = (0..cell.recorded.len()).filter(|n| cell.recorded[*n] >= from_step).collect();
        let abscissae: Vec<f64> = fitted.iter().map(|n| cell.recorded[*n] as f64).collect();
        slope(&abscissae, fitted.iter().map(|n| self.fitted(c, component, *n, of)))
    }

    /// The slope over the cells of a variant, at their last recorded steps.
    fn slope_over_cells(&self, abscissae: &[f64], variant: usize, component: usize, of: Fitted) -> Estimate {
        let cells = &self.spec.cells;
        let fitted = covered_cells(self.spec, self.claim, variant);
        let x: Vec<f64> = fitted.iter().map(|c| abscissae[*c]).collect();
        slope(&x, fitted.iter().map(|&c| self.fitted(c, component, cells[c].recorded.len() - 1, of)))
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

/// The ratio of two columns; nothing for a bound of 0/0, which every number would satisfy.
fn ratio(numerators: Vec<f64>, denominators: Vec<f64>, is_bound: bool) -> Estimate {
    let is_nothing = numerators.iter().chain(&denominators).all(|value| *value == 0.0);
    if is_bound && is_nothing { Estimate::Missing } else { Estimate::Ratio(Ratio::new(numerators, denominators)) }
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
