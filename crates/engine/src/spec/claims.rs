//! Measures and claims: their types, and names resolved.

use super::cell::Cell;
use super::diagnostic::Problems;
use super::node::Node;
use super::raw::{RawAgainst, RawAt, RawFitted, RawObservable, RawRatioLaw, RawReading, RawSpec};
use super::section::{Section, check_names};

/// The most measures, claims or figures.
const MOST_SECTIONS: usize = 1000;

/// A quantity recorded in every cell.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// How many numbers it has.
    pub n_components: usize,
    /// The text of the expression that multiplies it.
    pub scale: Option<String>,
    /// Whether it counts events, so that independent sections may agree.
    pub is_count: bool,
}

/// A sentence to judge.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// The sentence.
    pub says: String,
    /// Which measure it is about.
    pub measure: usize,
    /// What the measure is compared with.
    pub against: Against,
    /// What the statistic is, in the words of a table.
    pub statistic: &'static str,
    /// At which recorded steps.
    pub at: At,
    /// In which variant; `None` for all.
    pub variant: Option<usize>,
    /// About which components of the measure.
    pub components: std::ops::Range<usize>,
    /// In which cells, by their order; `None` for all.
    pub only_in: Option<Vec<bool>>,
    /// What was found instead, for a claim that is known not to hold.
    pub finding: Option<String>,
}

/// What a measure is compared with. Values stand in the order of the cells.
#[derive(Debug, Clone)]
pub enum Against {
    /// The exact law, to within a relative resolution.
    Exact(f64),
    /// The leading-order law, to within its remainder and a relative resolution.
    LeadingOrder(f64),
    /// The law of the limit, to within a relative resolution.
    Limit(f64),
    /// A constant, to within a relative resolution.
    Constant {
        /// Its value in each cell at each recorded step.
        values: Vec<Vec<f64>>,
        /// The resolution.
        resolution: f64,
    },
    /// An upper bound, by cell and recorded step.
    AtMost(Vec<Vec<f64>>),
    /// A lower bound, by cell and recorded step.
    AtLeast(Vec<Vec<f64>>),
    /// The ratio to another variant, against the ratio of the laws.
    Variant {
        /// The other variant.
        other: usize,
        /// Where the ratio should lie.
        band: (f64, f64),
        /// Which laws.
        law: RatioLaw,
    },
    /// The ratio to another measure, against what is claimed of it.
    Measure {
        /// The other measure.
        other: usize,
        /// What the ratio is divided by.
        claimed: Claimed,
        /// Where the quotient should lie.
        band: (f64, f64),
    },
    /// The log–log slope.
    Slope {
        /// The exponent claimed.
        exponent: f64,
        /// How far it may lie off.
        tolerance: f64,
        /// What the fit runs over.
        over: Over,
        /// What is fitted.
        of: Fitted,
    },
    /// The Kolmogorov distance to the normal law.
    Normal {
        /// The largest one tolerated.
        distance_at_most: f64,
    },
}

impl Against {
    /// Whether there is one statistic of all components of the measure, and not one for each.
    #[must_use]
    pub fn is_about_all_components(&self) -> bool {
        matches!(self, Against::Normal { .. } | Against::Slope { over: Over::Curvature, .. })
    }
}

/// What the ratio of two measures is compared with.
#[derive(Debug, Clone)]
pub enum Claimed {
    /// The ratio of their laws.
    Law(RatioLaw),
    /// A value in each cell at each recorded step.
    Values(Vec<Vec<f64>>),
}

/// What the ratio of two variants, or of two measures, is compared with.
pub type RatioLaw = RawRatioLaw;

/// What a slope is fitted to.
pub type Fitted = RawFitted;

/// What the fit of a slope runs over.
#[derive(Debug, Clone)]
pub enum Over {
    /// The recorded steps of each cell, from this one on.
    Steps(u64),
    /// The cells of a variant at their last recorded step: the value of the abscissa in each cell.
    Cells(Vec<f64>),
    /// The components of the measure, against the curvature along their directions.
    Curvature,
}

/// Which recorded steps a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// All.
    EveryRecord,
    /// The first.
    FirstRecord,
    /// The last.
    LastRecord,
}

/// Whether there are few enough measures, claims and figures to look at each.
pub fn are_few(raw: &RawSpec, root: &Node, problems: &mut Problems) -> bool {
    let numbers = [
        ("measure", raw.measure.len()),
        ("claim", raw.claim.len()),
        ("figure", raw.figure.len()),
        ("published", raw.published.len()),
    ];
    let too_many = numbers.iter().find(|(_, number)| *number > MOST_SECTIONS);
    if let Some((kind, number)) = too_many {
        let span = root.locate(&format!("{kind}.{MOST_SECTIONS}")).beginning();
        let message = format!("there are {number} [[{kind}]] sections: a spec has at most {MOST_SECTIONS}");
        problems.add(&span, message, None);
    }
    too_many.is_none()
}

/// The measures of a spec.
pub fn measures(raw: &RawSpec, root: &Node, problems: &mut Problems) -> Vec<Measure> {
    let names: Vec<&str> = raw.measure.iter().map(|measure| measure.name.as_str()).collect();
    check_names("measure", &names, root, problems);
    if names.is_empty() {
        problems.add(&root.locate("measure").span, "a spec needs at least one [[measure]]", None);
    }
    let n_components = |observe: &RawObservable| match observe {
        RawObservable::Quadratic(_) | RawObservable::Exceedance(_) => 1,
        RawObservable::Directional(directions) | RawObservable::Mean(directions) => directions.top,
        RawObservable::SecondMoment(directions) => directions.top.saturating_mul(directions.top.saturating_add(1)) / 2,
        RawObservable::Lagged(directions) => directions.top.saturating_mul(directions.top),
        RawObservable::Distribution(distribution) => distribution.points,
        RawObservable::Reading(reading) => reading.n_components(),
    };
    let convert = |measure: &super::raw::RawMeasure| Measure {
        name: measure.name.clone(),
        n_components: n_components(&measure.observe),
        scale: measure.scale.clone(),
        is_count: matches!(
            measure.observe,
            RawObservable::Exceedance(_)
                | RawObservable::Distribution(_)
                | RawObservable::Reading(RawReading::Accuracy)
        ),
    };
    raw.measure.iter().map(convert).collect()
}

/// The claims of a spec.
pub fn claims(
    raw: &RawSpec,
    root: &Node,
    measures: &[Measure],
    variants: &[String],
    cells: &[Cell],
    problems: &mut Problems,
) -> Vec<Claim> {
    let names: Vec<&str> = raw.claim.iter().map(|claim| claim.name.as_str()).collect();
    check_names("claim", &names, root, problems);
    if names.is_empty() {
        let message = "a spec needs at least one [[claim]]: a run that checks nothing is no success";
        problems.add(&root.locate("claim").span, message, None);
    }
    let mut claims = Vec::new();
    for (i, claim) in raw.claim.iter().enumerate() {
        let mut cx = Section { root, cells, path: format!("claim.{i}"), problems };
        let measure =
            cx.find("measure", "measure", &claim.measure, measures.iter().map(|measure| measure.name.as_str()));
        let variant =
            claim.variant.as_ref().map(|name| cx.find("variant", "variant", name, variants.iter().map(String::as_str)));
        let only_in = cx.kept("where", claim.only_where.as_deref());
        let is_tested = |c: usize, cell: &Cell| {
            only_in.as_ref().is_none_or(|kept| kept[c]) && variant.is_none_or(|variant| variant == Some(cell.variant))
        };
        let tested: Vec<bool> = cells.iter().enumerate().map(|(c, cell)| is_tested(c, cell)).collect();
        let against = cx.against(&claim.against, measures, variants, &tested);
        let (Some(measure), Some(against)) = (measure, against) else { continue };
        if variant == Some(None) {
            continue;
        }
        let variant = variant.flatten();
        let n_components = measures[measure].n_components;
        if claim.component.is_some_and(|component| !(1..=n_components).contains(&component)) {
            let component = claim.component.unwrap_or(0);
            let message = format!(
                "component is {component}: it must lie between 1 and {n_components}, as many as `{}` has",
                claim.measure
            );
            cx.fail("component", message);
            continue;
        }
        let resolved = Claim {
            name: claim.name.clone(),
            says: claim.says.clone(),
            measure,
            against,
            statistic: claim.against.statistic(),
            at: match claim.at {
                None | Some(RawAt::EveryRecord) => At::EveryRecord,
                Some(RawAt::FirstRecord) => At::FirstRecord,
                Some(RawAt::LastRecord) => At::LastRecord,
            },
            variant,
            components: claim.component.map_or(0..n_components, |component| component - 1..component),
            only_in,
            finding: claim.finding.clone(),
        };
        if !cells.is_empty() && !cells.iter().enumerate().any(|(c, cell)| resolved.covers(c, cell)) {
            let (key, message) = match claim.only_where {
                Some(_) => ("where", "no cell is left: nothing would be tested"),
                None => ("against", "the claim compares a variant with itself: nothing would be tested"),
            };
            cx.fail(key, message.to_owned());
        }
        if cx.check_ratio_of_measures(&resolved, &claim.against, measures).is_none() {
            continue;
        }
        cx.check_law(&resolved, &claim.against, measures);
        cx.check_frequency(&resolved, &claim.against);
        cx.check_slope(&resolved, claim.component);
        if matches!(resolved.against, Against::Normal { .. }) && claim.component.is_some() {
            cx.fail("component", "normality is about all points at once: remove `component`".to_owned());
        }
        match (&claim.against, &resolved.against) {
            (RawAgainst::LeadingOrder(leading), _) => cx.check_remainder(&resolved, leading.remainder_at_most),
            (_, Against::Variant { other, .. }) => cx.check_same_steps(&resolved, *other, variants.len()),
            (_, Against::Slope { over: Over::Cells(_), .. }) if claim.at.is_some() => {
                cx.fail(
                    "at",
                    "a slope over the sweep is fitted at the last record: `at` has no meaning here".to_owned(),
                );
            }
            (_, Against::Slope { over: Over::Steps(_), .. }) if claim.at.is_some() => {
                cx.fail("at", "a slope is fitted over all records: `at` has no meaning here".to_owned());
            }
            _ => {}
        }
        claims.push(resolved);
    }
    claims
}

impl Claim {
    /// Whether the claim is tested in `cell`, the c-th.
    #[must_use]
    pub fn covers(&self, c: usize, cell: &Cell) -> bool {
        let is_left = self.only_in.as_ref().is_none_or(|kept| kept[c]);
        let with_itself = matches!(self.against, Against::Variant { other, .. } if other == cell.variant);
        is_left && !with_itself && self.variant.is_none_or(|variant| variant == cell.variant)
    }

    /// The indices of the recorded steps of `cell` at which the claim is tested.
    #[must_use]
    pub fn records(&self, cell: &Cell) -> std::ops::Range<usize> {
        match self.at {
            At::EveryRecord => 0..cell.recorded.len(),
            At::FirstRecord => 0..1,
            At::LastRecord => cell.recorded.len() - 1..cell.recorded.len(),
        }
    }
}
