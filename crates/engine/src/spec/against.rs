//! What a claim is compared with: laws that must be known, bounds that must be positive, slopes that need two points.

use std::ops::Range;

use dynamics::{DynamicsError, Observable};
use stats::FEWEST_SECTIONS;

use super::cell::Cell;
use super::claims::{Against, Claim, Claimed, Fitted, Measure, Over, RatioLaw};
use super::diagnostic::quote;
use super::expression::evaluate_along;
use super::raw::{RawAgainst, RawMeasureBound, RawSlope, RawVariantBound};
use super::section::Section;

/// The relative difference of curvatures that is rounding.
const FLAT: f64 = 1e-12;

impl Section<'_> {
    /// Positive values of an expression at each recorded step of each tested cell; NaN elsewhere.
    fn values(&mut self, key: &str, text: &str, tested: &[bool]) -> Option<Vec<Vec<f64>>> {
        let cells = self.cells;
        let along = |(cell, is_tested): (&Cell, &bool)| {
            if !is_tested {
                return Some(vec![f64::NAN; cell.recorded.len()]);
            }
            evaluate_along(text, &cell.scalars, &cell.recorded, &cell.times)
                .map_err(|error| self.add(key, error.message, error.help))
                .ok()
        };
        let values: Vec<Vec<f64>> = cells.iter().zip(tested).map_while(along).collect();
        if let Some(value) = values.iter().flatten().find(|value| **value <= 0.0) {
            let message = format!("`{}` is {value}: it must be above 0, because the test is a ratio", quote(text));
            let help = text.contains("mu_F").then(|| {
                let mu = cells.iter().filter_map(|cell| cell.scalars.get("mu_F")).fold(f64::INFINITY, f64::min);
                format!("μ_F is down to {mu}: an upper bound by Theorem 6.5 needs 2cμ_F > 1")
            });
            self.add(key, message, help);
            return None;
        }
        (values.len() == cells.len()).then_some(values)
    }

    /// A leading-order claim needs a known remainder, no larger than it says, wherever it is tested.
    pub(super) fn check_remainder(&mut self, claim: &Claim, limit: f64) {
        let cells = self.cells;
        for (_, cell) in cells.iter().enumerate().filter(|(c, cell)| claim.covers(*c, cell)) {
            let observer = &cell.observers[claim.measure];
            if !observer.is_plain() {
                let help = "remove `centre`, or compare with `exact`";
                let message = "a leading-order law is known for the error itself, not for a centred one";
                return self.add("against.leading_order", message.to_owned(), Some(help.to_owned()));
            }
            let observable = &observer.observable;
            let laws = claim.records(cell).flat_map(|n| claim.components.clone().map(move |c| (n, c))).map(|(n, c)| {
                observable
                    .leading_order(cell.process.as_ref(), c, cell.recorded[n])
                    .map(|law| (n, law.above.max(law.below)))
            });
            match laws.collect::<Result<Vec<_>, _>>() {
                Err(error) => {
                    let help = "compare with `exact` instead, or measure a metric that is made of H alone";
                    return self.add("against.leading_order", error.to_string(), Some(help.to_owned()));
                }
                Ok(laws) => {
                    let largest = laws.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
                    if let Some((n, remainder)) = largest.filter(|(_, remainder)| *remainder > limit) {
                        let message = format!(
                            "the remainder is {remainder:.3} at step {} of a path with η = {}: remainder_at_most is {limit}",
                            cell.recorded[n],
                            cell.scalars.get("eta").unwrap_or(f64::NAN)
                        );
                        let help = "take smaller steps, test later steps (`at = \"last_record\"`), or allow a larger remainder";
                        return self.add("against.leading_order.remainder_at_most", message, Some(help.to_owned()));
                    }
                }
            }
        }
    }

    /// Variants are compared step by step, so they must record the same steps.
    pub(super) fn check_same_steps(&mut self, claim: &Claim, other: usize, n_variants: usize) {
        let cells = self.cells;
        for (i, point) in cells.chunks(n_variants).enumerate() {
            let differs = |(v, cell): (usize, &Cell)| {
                claim.covers(i * n_variants + v, cell) && point.get(other).is_some_and(|o| o.recorded != cell.recorded)
            };
            if point.iter().enumerate().any(differs) {
                let message = "the two variants record different steps, so their values cannot be compared";
                return self.fail("against.variant.name", message.to_owned());
            }
        }
    }

    /// A claim against a law needs that law to be known wherever it is tested, and a measure that it speaks of.
    pub(super) fn check_law(&mut self, claim: &Claim, raw: &RawAgainst, measures: &[Measure]) {
        let (kind, needs_exact) = match (raw, &claim.against) {
            (RawAgainst::Exact(_), _) => ("exact", true),
            (RawAgainst::Limit(_), _) => ("limit", false),
            (RawAgainst::Variant(_), Against::Variant { law: RatioLaw::Exact, .. }) => ("variant", true),
            (RawAgainst::Variant(_), Against::Variant { law: RatioLaw::Limit, .. }) => ("variant.law", false),
            (RawAgainst::Measure(_), Against::Measure { claimed: Claimed::Law(RatioLaw::Exact), .. }) => {
                ("measure", true)
            }
            (RawAgainst::Measure(_), Against::Measure { claimed: Claimed::Law(RatioLaw::Limit), .. }) => {
                ("measure.law", false)
            }
            (RawAgainst::Slope(_), Against::Slope { of: Fitted::ExcessOverLimit, .. }) => ("slope.of", false),
            (RawAgainst::Normal(_), _) => return self.check_distribution(claim),
            _ => return,
        };
        let cells = self.cells;
        let (other, compared) = match claim.against {
            Against::Variant { other, .. } => (Some(other), vec![claim.measure]),
            Against::Measure { other, .. } => (None, vec![claim.measure, other]),
            _ => (None, vec![claim.measure]),
        };
        // A ratio needs the laws of both variants.
        let is_needed =
            |(c, cell): &(usize, &Cell)| claim.covers(*c, cell) || other.is_some_and(|other| cell.variant == other);
        for (_, cell) in cells.iter().enumerate().filter(is_needed) {
            for &measure in &compared {
                let observable = &cell.observers[measure].observable;
                // The only component of another measure goes with each of this one.
                let components = if measures[measure].n_components == 1 { 0..1 } else { claim.components.clone() };
                let refusal = refuses_law(claim, cell, observable, components, needs_exact);
                if let Some(message) = refusal.unwrap_or_else(|error| Some(error.to_string())) {
                    let help = match needs_exact {
                        _ if observable.is_proportion() => "compare with `at_most`, `at_least` or `normal` instead",
                        true => "compare with `limit`, a bound, a constant or a slope instead",
                        false => "compare with `exact`, a bound, a constant or a slope instead",
                    };
                    return self.add(&format!("against.{kind}"), message, Some(help.to_owned()));
                }
            }
        }
    }

    /// Two measures are compared component by component, or all with the only one of the other.
    pub(super) fn check_ratio_of_measures(
        &mut self,
        claim: &Claim,
        raw: &RawAgainst,
        measures: &[Measure],
    ) -> Option<()> {
        let Against::Measure { other, .. } = claim.against else { return Some(()) };
        let key = match raw {
            RawAgainst::MeasureAtMost(_) => "against.measure_at_most.name",
            RawAgainst::MeasureAtLeast(_) => "against.measure_at_least.name",
            _ => "against.measure.name",
        };
        let (own, others) = (measures[claim.measure].n_components, measures[other].n_components);
        let is_frequency = |cell: &Cell| cell.observers[other].observable.is_proportion();
        let message = if other == claim.measure {
            "the claim compares a measure with itself: nothing would be tested".to_owned()
        } else if others != 1 && others != own {
            format!("`{}` has {others} components, and `{}` {own}", measures[other].name, measures[claim.measure].name)
        } else if self.cells.iter().any(is_frequency) {
            "a frequency of rare events is no measure to divide by".to_owned()
        } else {
            return Some(());
        };
        let help = (others != 1 && others != own).then(|| "name a measure of as many components, or of one".to_owned());
        self.add(key, message, help);
        None
    }

    /// A slope rests on an expansion that needs many sections, and over components on their curvatures.
    pub(super) fn check_slope(&mut self, claim: &Claim, component: Option<usize>) {
        let Against::Slope { over, .. } = &claim.against else { return };
        let cells = self.cells;
        if cells.first().is_some_and(|cell| cell.sections < FEWEST_SECTIONS) {
            let message = format!("an interval of a slope needs {FEWEST_SECTIONS} replicates");
            let help = "ask for more replicates, or read a fit off each model (noise_curvature)";
            return self.add("against.slope", message, Some(help.to_owned()));
        }
        let is_fit = |cell: &Cell| cell.observers[claim.measure].curvatures.as_ref().is_some_and(|h| h.len() > 1);
        if !matches!(over, Over::Curvature) {
            return;
        }
        let key = "against.slope.over_curvature";
        if component.is_some() {
            let message = "a slope over the curvature is that of all components: remove `component`";
            return self.fail("component", message.to_owned());
        }
        if !cells.iter().all(is_fit) {
            let help = "use observe.directional with top above 1 on a problem with a known minimiser";
            let message = "only a directional measure of several directions has curvatures to be fitted against";
            return self.add(key, message.to_owned(), Some(help.to_owned()));
        }
        let is_flat = |cell: &Cell| {
            let curvatures = cell.observers[claim.measure].curvatures.iter().flatten();
            let [low, high] = curvatures.fold([f64::INFINITY, 0.0], |[low, high], h| [h.min(low), h.max(high)]);
            high <= low * (1.0 + FLAT)
        };
        if cells.iter().enumerate().any(|(c, cell)| claim.covers(c, cell) && is_flat(cell)) {
            self.fail(key, "the curvature is the same along all directions: a slope needs two values".to_owned());
        }
    }

    /// A frequency is compared with a probability, and not with another frequency, whose few events say little.
    pub(super) fn check_frequency(&mut self, claim: &Claim, raw: &RawAgainst) {
        let is_frequency = |cell: &Cell| cell.observers[claim.measure].observable.is_proportion();
        if !self.cells.iter().any(is_frequency) {
            return;
        }
        let (key, values) = match (&claim.against, raw) {
            (Against::AtMost(values), _) => ("against.at_most.value", values),
            (Against::AtLeast(values), _) => ("against.at_least.value", values),
            (Against::Variant { .. }, RawAgainst::VariantAtMost(_)) => {
                return self.refuse_frequencies("variant_at_most");
            }
            (Against::Variant { .. }, RawAgainst::VariantAtLeast(_)) => {
                return self.refuse_frequencies("variant_at_least");
            }
            (Against::Variant { .. }, _) => return self.refuse_frequencies("variant"),
            (Against::Slope { .. }, _) => return self.refuse_frequencies("slope"),
            (Against::Measure { .. }, _) => return self.refuse_frequencies("measure"),
            _ => return,
        };
        if let Some(value) = values.iter().flatten().find(|value| **value >= 1.0) {
            let message = format!("the bound of a probability is {value}: it must lie below 1 to say something");
            self.fail(key, message);
        }
    }

    fn refuse_frequencies(&mut self, kind: &str) {
        let help = "compare each with a probability by `at_most` or `at_least`";
        let message = "frequencies of rare events have no ratio to speak of";
        self.add(&format!("against.{kind}"), message.to_owned(), Some(help.to_owned()));
    }

    fn check_distribution(&mut self, claim: &Claim) {
        let is_distribution =
            |cell: &Cell| matches!(cell.observers[claim.measure].observable, Observable::Below { .. });
        if !self.cells.iter().all(is_distribution) {
            let help = "observe.distribution counts how often a direction lies below the points of a normal law";
            self.add("measure", "only a distribution can be normal".to_owned(), Some(help.to_owned()));
        }
    }

    fn slope(&mut self, slope: &RawSlope, tested: &[bool]) -> Option<Against> {
        let tolerance = slope.tolerance;
        if !(tolerance > 0.0 && tolerance <= 10.0) {
            let message = format!("tolerance is {tolerance}: it must be above 0 and at most 10");
            self.fail("against.slope.tolerance", message);
            return None;
        }
        let cells = self.cells;
        let over = match &slope.over {
            _ if slope.over_curvature == Some(true) => {
                if slope.over.is_some() || slope.from_step.is_some() || slope.of == Some(Fitted::ExcessOverLimit) {
                    let message =
                        "a slope over the curvature is that of the values: remove `over`, `from_step` and `of`";
                    self.fail("against.slope", message.to_owned());
                    return None;
                }
                Over::Curvature
            }
            None => {
                let from_step = slope.from_step.unwrap_or(1).max(1);
                let in_fit = |cell: &Cell| cell.recorded.iter().filter(|step| **step >= from_step).count();
                let in_test = cells.iter().zip(tested).filter(|(_, is_tested)| **is_tested);
                let fewest = in_test.map(|(cell, _)| in_fit(cell)).min().unwrap_or(2);
                if fewest < 2 {
                    let message =
                        format!("a slope needs two recorded steps from step {from_step} on, but has {fewest}");
                    let help = "record more steps, or lower from_step";
                    self.add("against.slope", message, Some(help.to_owned()));
                    return None;
                }
                Over::Steps(from_step)
            }
            Some(text) => {
                if slope.from_step.is_some() {
                    let message = "a slope over the sweep has no steps: remove `from_step`";
                    self.fail("against.slope.from_step", message.to_owned());
                    return None;
                }
                let along: Vec<Vec<f64>> = self.values("against.slope.over", text, tested)?;
                let last: Vec<f64> = along.iter().filter_map(|values| values.last().copied()).collect();
                let variants = cells.iter().map(|cell| cell.variant).max().map_or(0, |last| last + 1);
                let is_flat = |variant: usize| {
                    let of_variant = cells.iter().zip(&last).filter(|(cell, _)| cell.variant == variant);
                    let mut in_fit = of_variant.map(|(_, value)| value).filter(|value| value.is_finite());
                    let first = in_fit.next();
                    first.is_some() && in_fit.all(|value| Some(value) == first)
                };
                if (0..variants).any(is_flat) {
                    let message = format!("`{}` is the same in all cells: a slope needs two values", quote(text));
                    self.fail("against.slope.over", message);
                    return None;
                }
                Over::Cells(last)
            }
        };
        let of = slope.of.unwrap_or(Fitted::Value);
        Some(Against::Slope { exponent: slope.exponent, tolerance, over, of })
    }

    fn variant_bound(&mut self, key: &str, bound: &RawVariantBound, variants: &[String]) -> Option<(usize, f64)> {
        let names = variants.iter().map(String::as_str);
        let other = self.find(&format!("{key}.name"), "variant", &bound.name, names);
        if (1e-6..=1e6).contains(&bound.factor) {
            return Some((other?, bound.factor));
        }
        self.fail(&format!("{key}.factor"), format!("factor is {}: it must lie between 1e-6 and 1e6", bound.factor));
        None
    }

    fn resolution(&mut self, key: &str, resolution: f64) -> Option<f64> {
        if resolution > 0.0 && resolution < 1.0 {
            return Some(resolution);
        }
        self.fail(key, format!("resolution is {resolution}: it must be above 0 and below 1"));
        None
    }

    pub(super) fn against(
        &mut self,
        raw: &RawAgainst,
        measures: &[Measure],
        variants: &[String],
        tested: &[bool],
    ) -> Option<Against> {
        match raw {
            RawAgainst::Exact(exact) => {
                self.resolution("against.exact.resolution", exact.resolution).map(Against::Exact)
            }
            RawAgainst::LeadingOrder(leading) => {
                self.resolution("against.leading_order.resolution", leading.resolution).map(Against::LeadingOrder)
            }
            RawAgainst::Limit(limit) => {
                self.resolution("against.limit.resolution", limit.resolution).map(Against::Limit)
            }
            RawAgainst::Normal(normal) => {
                let distance_at_most = normal.distance_at_most;
                if distance_at_most > 0.0 && distance_at_most < 1.0 {
                    return Some(Against::Normal { distance_at_most });
                }
                let message = format!("distance_at_most is {distance_at_most}: it must be above 0 and below 1");
                self.fail("against.normal.distance_at_most", message);
                None
            }
            RawAgainst::Slope(slope) => self.slope(slope, tested),
            RawAgainst::Constant(constant) => {
                let values = self.values("against.constant.value", &constant.value, tested);
                let resolution = self.resolution("against.constant.resolution", constant.resolution);
                Some(Against::Constant { values: values?, resolution: resolution? })
            }
            RawAgainst::AtMost(bound) => {
                self.values("against.at_most.value", &bound.value, tested).map(Against::AtMost)
            }
            RawAgainst::AtLeast(bound) => {
                self.values("against.at_least.value", &bound.value, tested).map(Against::AtLeast)
            }
            RawAgainst::Variant(ratio) => {
                let other =
                    self.find("against.variant.name", "variant", &ratio.name, variants.iter().map(String::as_str));
                let resolution = self.resolution("against.variant.resolution", ratio.resolution);
                let (law, resolution) = (ratio.law.unwrap_or(RatioLaw::Exact), resolution?);
                Some(Against::Variant { other: other?, band: (1.0 - resolution, 1.0 + resolution), law })
            }
            RawAgainst::VariantAtMost(bound) => {
                let (other, factor) = self.variant_bound("against.variant_at_most", bound, variants)?;
                Some(Against::Variant { other, band: (f64::NEG_INFINITY, factor), law: RatioLaw::Equal })
            }
            RawAgainst::VariantAtLeast(bound) => {
                let (other, factor) = self.variant_bound("against.variant_at_least", bound, variants)?;
                Some(Against::Variant { other, band: (factor, f64::INFINITY), law: RatioLaw::Equal })
            }
            RawAgainst::Measure(ratio) => {
                let other = self.other_measure("against.measure", &ratio.name, measures);
                let resolution = self.resolution("against.measure.resolution", ratio.resolution);
                let (claimed, resolution) = (Claimed::Law(ratio.law.unwrap_or(RatioLaw::Exact)), resolution?);
                Some(Against::Measure { other: other?, claimed, band: (1.0 - resolution, 1.0 + resolution) })
            }
            RawAgainst::MeasureAtMost(bound) => {
                self.measure_bound("measure_at_most", bound, measures, tested, (f64::NEG_INFINITY, 1.0))
            }
            RawAgainst::MeasureAtLeast(bound) => {
                self.measure_bound("measure_at_least", bound, measures, tested, (1.0, f64::INFINITY))
            }
        }
    }

    fn measure_bound(
        &mut self,
        kind: &str,
        bound: &RawMeasureBound,
        measures: &[Measure],
        tested: &[bool],
        band: (f64, f64),
    ) -> Option<Against> {
        let other = self.other_measure(&format!("against.{kind}"), &bound.name, measures);
        let values = self.values(&format!("against.{kind}.value"), &bound.value, tested)?;
        Some(Against::Measure { other: other?, claimed: Claimed::Values(values), band })
    }

    fn other_measure(&mut self, key: &str, name: &str, measures: &[Measure]) -> Option<usize> {
        self.find(&format!("{key}.name"), "measure", name, measures.iter().map(|measure| measure.name.as_str()))
    }
}

/// Why a claim cannot be tested against the law of an observable, if it cannot.
fn refuses_law(
    claim: &Claim,
    cell: &Cell,
    observable: &Observable,
    components: Range<usize>,
    needs_exact: bool,
) -> Result<Option<String>, DynamicsError> {
    let law = |steps: &[u64]| if needs_exact { cell.process.exact(steps) } else { cell.process.limit(steps) };
    match observable {
        Observable::Exceeds { .. } | Observable::Below { .. } => {
            let reason = "moments do not tell the probability of an event";
            return Err(DynamicsError::NoLaw { law: "law", reason });
        }
        Observable::Lagged(_) if needs_exact => {
            let first = cell.recorded[0];
            law(&cell.probe)?;
            cell.process.cross_covariance(first, first)?;
        }
        Observable::Lagged(_) => {
            return Err(DynamicsError::NoLaw { law: "limit", reason: "a lagged measure has an exact law only" });
        }
        // Of a model some readings have a law and others none.
        Observable::Rows(_) => {
            let name = if needs_exact { "exact law" } else { "limit" };
            let steps = &cell.recorded[claim.records(cell)];
            let mut values = Vec::new();
            for moments in law(steps)? {
                for c in components.clone() {
                    values.push(observable.expected(&moments, &moments, moments.covariance.as_ref(), c)?.value);
                }
            }
            if let Some(step) = steps.iter().find(|step| **step > 0) {
                return Ok(Some(format!("no {name} of a reading is known after the start: step {step} is tested")));
            }
            if values.iter().any(|value| value.is_nan()) {
                return Ok(Some(format!("no {name} of this reading is known for these models")));
            }
            if values.contains(&0.0) {
                return Ok(Some(format!("the {name} is 0, to which no error is relative")));
            }
        }
        _ => _ = law(if needs_exact { &cell.probe } else { &[] })?,
    }
    Ok(None)
}
