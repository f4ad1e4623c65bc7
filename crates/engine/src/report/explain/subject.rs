//! What a claim measures, and the law that it is compared with, in words and formulas.

use std::collections::BTreeSet;

use dynamics::{Law, Source};

use super::paragraph::Text;
use crate::report::label;
use crate::report::verdicts::grouped;
use crate::spec::claims::Over;
use crate::spec::raw::{RawAgainst, RawClaim, RawObservable, RawSpec};
use crate::spec::schema::{Descriptions, lower};
use crate::spec::{Against, At, Cell, Claim, Claimed, Fitted, RatioLaw, Spec};

/// A claim as it is typed and as it is understood.
pub(super) struct Subject<'a> {
    pub(super) spec: &'a Spec,
    pub(super) raw: &'a RawSpec,
    pub(super) claim: &'a Claim,
    pub(super) typed: &'a RawClaim,
    pub(super) descriptions: &'a Descriptions,
}

impl Subject<'_> {
    /// The cells that the claim is about.
    fn cells(&self) -> Vec<&Cell> {
        let cells = self.spec.cells.iter().enumerate();
        cells.filter(|(c, cell)| self.claim.covers(*c, cell)).map(|(_, cell)| cell).collect()
    }

    /// What is measured, where and when.
    pub(super) fn measure(&self, text: &mut Text) {
        let measure = &self.raw.measure[self.claim.measure];
        let (what, about) = match &measure.observe {
            RawObservable::Reading(reading) => (
                self.descriptions.of("RawReading", &serde_json::json!(reading)),
                "It is read off each model and averaged over them.",
            ),
            observe @ (RawObservable::Distribution(_) | RawObservable::Exceedance(_)) => (
                self.descriptions.of("RawObservable", &serde_json::json!(observe)),
                "It is counted over the replicates, for the error e = θ − θ*.",
            ),
            observe => (
                self.descriptions.of("RawObservable", &serde_json::json!(observe)),
                "It is averaged over the replicates, for the error e = θ − θ*.",
            ),
        };
        let scale = measure.scale.as_ref().map_or_else(String::new, |scale| {
            format!(" The values, and their laws with them, are multiplied by `{scale}`.")
        });
        let centre = measure.centre.as_ref().map_or_else(String::new, |centre| {
            let what = self.descriptions.of("RawCentre", &serde_json::json!(centre));
            format!(" What is subtracted first: {}.", lower(&what))
        });
        let process = self.descriptions.of("RawProcess", &without_path(serde_json::json!(self.raw.process)));
        let sampling = self.descriptions.of("RawSampling", &serde_json::json!(self.raw.sampling));
        text.paragraph(&format!(
            "What is measured. `{}`: {}. {about}{scale}{centre} {}",
            measure.name,
            lower(&what),
            self.extent(),
        ));
        text.paragraph(&format!(
            "The iterates: {}. The batches: {}. {}",
            lower(&process),
            lower(&sampling),
            self.sweep(),
        ));
    }

    /// In how many cells, for which components and steps.
    fn extent(&self) -> String {
        let n_components = self.spec.measures[self.claim.measure].n_components;
        let components = match (n_components, self.claim.components.len()) {
            (1, _) => String::new(),
            (_, 1) => format!(", for component {} of {n_components}", self.claim.components.start + 1),
            _ => format!(", for each of {n_components} components"),
        };
        let records = self.cells().iter().map(|cell| cell.recorded.len()).collect::<BTreeSet<_>>();
        let records = match (records.first(), records.last()) {
            (Some(fewest), Some(most)) if fewest < most => format!("{fewest} to {most} recorded steps"),
            (_, Some(1)) => "the one recorded step".to_owned(),
            (_, most) => format!("{} recorded steps", most.unwrap_or(&0)),
        };
        let at = match (&self.claim.against, self.claim.at) {
            _ if records.starts_with("the one") => records,
            (Against::Slope { over: Over::Cells(_), .. }, _) | (_, At::LastRecord) => format!("the last of {records}"),
            (_, At::FirstRecord) => format!("the first of {records}"),
            _ => records,
        };
        let (tested, all) = (self.cells().len(), self.spec.cells.len());
        let cells = match (tested, all) {
            (1, 1) => "the one cell".to_owned(),
            _ if tested == all => format!("all {all} cells"),
            _ => format!("{tested} of {all} cells"),
        };
        format!("The claim looks at {at} in {cells} of the experiment{components}.")
    }

    /// What tells the cells apart.
    fn sweep(&self) -> String {
        let keys = label::varied(&self.spec.cells.iter().collect::<Vec<_>>());
        let Some(first) = self.spec.cells.first() else { return String::new() };
        let keys: Vec<String> = keys.iter().map(|key| format!("`{}`", first.coordinates[*key].0)).collect();
        let variants: Vec<String> = self.spec.variants.iter().map(|name| format!("`{name}`")).collect();
        match (keys.is_empty(), self.spec.variants.len()) {
            (true, 1) => String::new(),
            (false, 1) => format!("The cells differ in {}.", keys.join(", ")),
            (true, _) => format!("The cells are the variants {}.", variants.join(", ")),
            (false, _) => {
                format!("The cells differ in {}, and in the variants {}.", keys.join(", "), variants.join(", "))
            }
        }
    }

    /// What the measure is compared with, and where that stands.
    pub(super) fn law(&self, text: &mut Text) {
        let file = crate::spec::outline::file_below_specs(&self.spec.file);
        match (&self.claim.against, &self.typed.against) {
            (Against::Exact(_), _) => self.sources(text, &compared("The exact law"), &[Law::Exact]),
            (Against::Limit(_), _) => self.sources(text, &compared("The law of the limit"), &[Law::Limit]),
            (Against::LeadingOrder(_), _) => {
                self.sources(text, &compared("The leading-order law, with its proven remainder"), &[Law::LeadingOrder]);
            }
            (Against::Variant { law, other, .. }, _) => {
                let whose = format!("the variant `{}`, on the same random numbers", self.spec.variants[*other]);
                self.ratio(text, &whose, *law);
            }
            (Against::Measure { other, claimed: Claimed::Law(law), .. }, _) => {
                let whose = format!("the measure `{}` of the same replicates", self.spec.measures[*other].name);
                self.ratio(text, &whose, *law);
            }
            (Against::Measure { other, claimed: Claimed::Values(values), .. }, typed) => {
                let bound = expression(typed).unwrap_or_default();
                text.paragraph(&format!(
                    "What it is compared with. The measure `{}` of the same replicates, times `{bound}`, an expression of \
                     the spec ({file}), {}.",
                    self.spec.measures[*other].name,
                    range(values),
                ));
            }
            (Against::Constant { values, .. } | Against::AtMost(values) | Against::AtLeast(values), typed) => {
                let expression = expression(typed).unwrap_or_default();
                text.paragraph(&format!(
                    "What it is compared with. `{expression}`, an expression of the spec ({file}), {}.",
                    range(values),
                ));
            }
            (Against::Slope { exponent, tolerance, over, of }, typed) => {
                let over = match (over, typed) {
                    (Over::Steps(from), _) => format!("the step, from step {} on", grouped(*from)),
                    (Over::Cells(_), RawAgainst::Slope(slope)) => {
                        format!("`{}` over the cells of the sweep", slope.over.as_deref().unwrap_or_default())
                    }
                    (Over::Cells(_), _) => "the cells of the sweep".to_owned(),
                    (Over::Curvature, _) => "the curvature uᵀHu along the directions of the measure".to_owned(),
                };
                let fitted = match of {
                    Fitted::Value => "the measured value",
                    Fitted::ExcessOverLimit => "measured / limit − 1",
                };
                text.paragraph(&format!(
                    "What it is compared with. A power law of exponent {exponent}, to within {tolerance}: the least-squares \
                     slope of the logarithm of {fitted} on that of {over}. The exponent is stated in the spec ({file}).",
                ));
                if *of == Fitted::ExcessOverLimit {
                    self.sources(text, "The limit", &[Law::Limit]);
                }
            }
            (Against::Normal { distance_at_most }, _) => text.paragraph(&format!(
                "What it is compared with. The normal distribution function, at points that are set by the variance of the \
                 law: the Kolmogorov distance is claimed to be at most {distance_at_most}.",
            )),
        }
    }

    fn ratio(&self, text: &mut Text, whose: &str, law: RatioLaw) {
        let (name, laws): (_, &[Law]) = match law {
            RatioLaw::Exact => ("the ratio of their exact laws", &[Law::Exact]),
            RatioLaw::Limit => ("the ratio of their limits", &[Law::Limit]),
            RatioLaw::Equal => ("a number, without a law", &[]),
        };
        text.paragraph(&format!("What it is compared with. {}: their ratio, against {name}.", upper(whose)));
        if !laws.is_empty() {
            self.sources(text, "Their law", laws);
        }
    }

    /// The formulas of laws in the cells of the claim, each with its statement and file.
    fn sources(&self, text: &mut Text, lead: &str, laws: &[Law]) {
        let is_lagged = matches!(self.raw.measure[self.claim.measure].observe, RawObservable::Lagged(_));
        let of_cell = |cell: &&Cell| -> Vec<Source> {
            let across = is_lagged.then_some(Law::AcrossTime);
            laws.iter().copied().chain(across).filter_map(|law| cell.process.source(law)).collect()
        };
        let mut cells = self.cells();
        if let Against::Variant { other, .. } = self.claim.against {
            cells.extend(self.spec.cells.iter().filter(|cell| cell.variant == other));
        }
        let sources: BTreeSet<Source> = cells.iter().flat_map(of_cell).collect();
        for (i, source) in sources.iter().enumerate() {
            text.paragraph(&format!("{}:", if i == 0 { lead } else { "And, for other cells" }));
            text.formulas(source.formula.iter().copied());
            text.paragraph(&format!(
                "Source: {}. The symbols are explained, and the law is computed, in {}.",
                with_papers(source.statement),
                source.file
            ));
        }
    }
}

/// How the paragraph on the law begins.
fn compared(law: &str) -> String {
    format!("What it is compared with. {law}")
}

/// A process without where its path starts, ends and is recorded.
fn without_path(mut process: serde_json::Value) -> serde_json::Value {
    for content in process.as_object_mut().into_iter().flat_map(|kind| kind.values_mut()) {
        if let Some(keys) = content.as_object_mut() {
            keys.retain(|key, _| !["horizon", "record", "start"].contains(&key.as_str()));
        }
    }
    process
}

/// The statement with its paper in full.
fn with_papers(statement: &str) -> String {
    let named = [("ZM", "arXiv 2603.02417v4"), ("WWS", "arXiv 2207.02628")];
    let is_word = |abbreviation: &str| statement.split([' ', ';', ',']).any(|word| word == abbreviation);
    let meant = named.iter().filter(|(short, _)| is_word(short)).map(|(short, long)| format!("{short} = {long}"));
    let meant: Vec<String> = meant.collect();
    if meant.is_empty() { statement.to_owned() } else { format!("{statement} ({})", meant.join(", ")) }
}

/// The expression that a claim is compared with.
fn expression(against: &RawAgainst) -> Option<&str> {
    match against {
        RawAgainst::Constant(constant) => Some(&constant.value),
        RawAgainst::AtMost(bound) | RawAgainst::AtLeast(bound) => Some(&bound.value),
        RawAgainst::MeasureAtMost(bound) | RawAgainst::MeasureAtLeast(bound) => Some(&bound.value),
        _ => None,
    }
}

/// The values of an expression where it is tested.
fn range(values: &[Vec<f64>]) -> String {
    let known = values.iter().flatten().copied().filter(|value| value.is_finite());
    let [low, high] = known.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
    let number = crate::report::markdown::number;
    if (high - low).abs() <= 1e-12 * high.abs() {
        format!("which is {} everywhere", number(low))
    } else {
        format!("which runs from {} to {}", number(low), number(high))
    }
}

/// The text with a capital first letter.
pub(super) fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
