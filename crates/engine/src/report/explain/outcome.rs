//! How a claim is tested, and how its verdict came about.

use stats::student::upper_quantile;
use stats::{Interval, Method};

use super::paragraph::Text;
use crate::layout::Layout;
use crate::report::label::labels;
use crate::report::quantity::plural;
use crate::report::verdicts::{grouped, interval};
use crate::spec::raw::RawClaim;
use crate::spec::schema::{Descriptions, lower};
use crate::spec::{Claim, Spec};
use crate::statistics::{method, sites};
use crate::store::Results;
use crate::store::results::TestRow;
use crate::verdict::{Verdict, beyond};

/// A claim with what is stored of it.
pub(super) struct Outcome<'a> {
    pub(super) spec: &'a Spec,
    pub(super) index: usize,
    pub(super) claim: &'a Claim,
    pub(super) typed: &'a RawClaim,
    pub(super) descriptions: &'a Descriptions,
    pub(super) stored: Option<&'a Results>,
}

impl Outcome<'_> {
    /// What became of the claim.
    pub(super) fn verdict_word(&self) -> &str {
        let verdict = self.stored.and_then(|results| results.manifest.claims.get(&self.claim.name));
        verdict.map_or("not run", String::as_str)
    }

    /// A few lines.
    pub(super) fn short(&self, text: &mut Text) {
        text.paragraph(&format!("{}: {}", self.claim.name, self.verdict_word()));
        text.quote(&self.claim.says);
        let n = sites(self.spec, self.index).len();
        match self.nearest() {
            Some(test) => text.quote(&format!(
                "{} × {}. Nearest to an end of its band: {} {} in {}, {}; {}.",
                grouped(n as u64),
                self.claim.statistic,
                value(test.statistic),
                interval(&test.interval),
                interval(&test.band),
                self.place(test),
                room(test),
            )),
            None => text.quote(&format!("Tests: {}, of {}.", grouped(n as u64), self.statistic())),
        }
        if let Some(finding) = &self.claim.finding {
            text.quote(&format!("Found instead: {finding}"));
        }
    }

    /// All that is known.
    pub(super) fn long(&self, text: &mut Text) {
        self.test(text);
        self.errors(text);
        if self.tests().is_empty() {
            return self.finding(text);
        }
        self.verdict(text);
        self.sharpness(text);
        self.decision(text);
        self.finding(text);
    }

    /// The statistic and its band.
    fn test(&self, text: &mut Text) {
        let n = sites(self.spec, self.index).len();
        let bands = self.bands().map_or_else(String::new, |bands| format!(" {bands}"));
        let numbers = self.numbers();
        text.paragraph(&format!(
            "The test: {}.{numbers}{bands} This gives {} of the spec's {} tests.",
            self.statistic(),
            grouped(n as u64),
            grouped(self.n_all_tests() as u64),
        ));
    }

    /// What the language says of this kind of claim.
    fn statistic(&self) -> String {
        lower(&self.descriptions.of_kind("RawAgainst", &serde_json::json!(self.typed.against)))
    }

    /// The numbers that the claim states.
    fn numbers(&self) -> String {
        let against = serde_json::json!(self.typed.against);
        let content = against.as_object().and_then(|kind| kind.values().next()).and_then(|content| content.as_object());
        let number =
            |(key, value): (&String, &serde_json::Value)| value.as_number().map(|number| format!("{key} = {number}"));
        let numbers: Vec<String> = content.into_iter().flatten().filter_map(number).collect();
        if numbers.is_empty() { String::new() } else { format!(" The spec states {}.", numbers.join(", ")) }
    }

    /// The bands of the stored tests.
    fn bands(&self) -> Option<String> {
        let tests = self.tests();
        let first = tests.first()?.band;
        if tests.iter().all(|test| test.band == first) {
            return Some(format!("The band is {}.", interval(&first)));
        }
        let widest = tests.iter().map(|test| test.band).max_by(|a, b| width(a).total_cmp(&width(b)))?;
        let narrowest = tests.iter().map(|test| test.band).min_by(|a, b| width(a).total_cmp(&width(b)))?;
        Some(format!("The bands run from {} to {}.", interval(&narrowest), interval(&widest)))
    }

    fn n_all_tests(&self) -> usize {
        (0..self.spec.claims.len()).map(|index| sites(self.spec, index).len()).sum()
    }

    /// The error rates, and the interval.
    fn errors(&self, text: &mut Text) {
        let (alpha, m) = (self.spec.family_wise_error, self.n_all_tests());
        let error = self.spec.error_of_look() / m as f64;
        let looks = match self.spec.looks.len() {
            1 => String::new(),
            n => format!(
                " It is shared out among {n} looks at the data, from {} to {} replicates of a cell: a test that is decided \
                 at one is not looked at again, and a cell of which all tests are decided gets no more.",
                grouped(self.spec.looks[0].replicates()),
                grouped(self.spec.layout.replicates()),
            ),
        };
        text.paragraph(&format!(
            "Its errors. The spec as a whole states a family-wise error of {alpha:e}.{looks} To hold, each of its {} intervals \
             has the error {error:.1e} (Bonferroni), so that all of them cover their true values at once but for that \
             chance; to refute, Holm's step-down procedure over the same tests keeps the same bound. So the chance that a \
             true claim is refuted is at most {alpha:e}, and so is the chance that a false one holds.",
            grouped(m as u64),
        ));
        let method = method(self.spec, self.claim);
        let layout = &self.spec.layout;
        let reach = match method {
            Method::Mean | Method::Ratio | Method::Slope => {
                let quantile = upper_quantile(0.5 * error, layout.sections as f64 - 1.0);
                format!(" It reaches about {quantile:.2} standard errors to either side.")
            }
            Method::Proportion | Method::Distance => String::new(),
        };
        text.paragraph(&format!(
            "Its interval {} ({}). The {} replicates of a cell form {} independent sections of {}.{reach}",
            method.words(layout.sections),
            method.file(),
            self.each_look(Layout::replicates),
            layout.sections,
            self.each_look(Layout::replicates_per_section),
        ));
    }

    /// An amount that each look has of its own: 6 848, 13 696 or 20 544.
    fn each_look(&self, of: fn(&Layout) -> u64) -> String {
        let amounts: Vec<String> = self.spec.looks.iter().map(|look| grouped(of(look))).collect();
        match amounts.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
            _ => amounts.concat(),
        }
    }

    fn verdict(&self, text: &mut Text) {
        let tests = self.tests();
        let count = |verdict: Verdict| tests.iter().filter(|test| test.verdict == verdict).count();
        let word = self.verdict_word();
        let counts: Vec<String> = [Verdict::Holds, Verdict::Undecided, Verdict::Refuted]
            .into_iter()
            .filter(|verdict| count(*verdict) > 0)
            .map(|verdict| format!("{} {}", grouped(count(verdict) as u64), clause(verdict)))
            .collect();
        let Some(test) = self.nearest() else { return };
        let recorded = match (self.claim.finding.is_some(), Verdict::from_word(word)) {
            (true, Some(Verdict::Refuted)) => ", as recorded",
            (true, Some(Verdict::Holds)) => ", but recorded as refuted",
            _ => "",
        };
        text.paragraph(&format!(
            "The verdict: {word}{recorded}. Of {}, {}. The one nearest to an end of its band, or farthest beyond, is at {}: {} \
             with a standard error of {}, interval {} in the band {}; {}.",
            plural(tests.len() as u64, "test"),
            counts.join(", "),
            self.place(test),
            value(test.statistic),
            if test.standard_error.is_finite() { format!("{:.1e}", test.standard_error) } else { "–".to_owned() },
            interval(&test.interval),
            interval(&test.band),
            room(test),
        ));
    }

    /// The smallest error that would surely have been refuted.
    fn sharpness(&self, text: &mut Text) {
        let widths = self.tests().into_iter().map(|test| width(&test.interval)).filter(|width| width.is_finite());
        let Some(widest) = widths.max_by(f64::total_cmp) else { return };
        let Some(half) = self.tests().iter().map(|test| 0.5 * width(&test.band)).max_by(f64::total_cmp) else { return };
        let from_centre = match half.is_finite() {
            true => format!(" ({} from the middle of a band as wide as the widest)", value(half + widest)),
            false => String::new(),
        };
        text.paragraph(&format!(
            "How sharp it is. A statistic whose true value lies {} or more beyond its band{from_centre} would surely, but \
             for a chance of {:e}, have been refuted: so wide is the widest of these intervals.",
            value(widest),
            self.spec.family_wise_error,
        ));
    }

    /// What would decide an undecided claim.
    fn decision(&self, text: &mut Text) {
        let tests = self.tests();
        let undecided: Vec<&&TestRow> = tests.iter().filter(|test| test.verdict == Verdict::Undecided).collect();
        if undecided.is_empty() || self.verdict_word() != Verdict::Undecided.word() {
            return;
        }
        let wanted = undecided.iter().map(|test| test.replicates_to_decide).try_fold(0, |most, n| Some(most.max(n?)));
        let present = grouped(self.spec.layout.replicates());
        let key = if self.spec.is_sequential() { "max" } else { "count" };
        text.paragraph(&match wanted {
            _ if undecided.iter().any(|test| !test.statistic.is_finite()) => {
                "What would decide it. Some values are no finite numbers (a diverged path, or nothing to divide by), which no \
                 number of replicates mends."
                    .to_owned()
            }
            Some(n) => format!(
                "What would decide it. About {} replicates instead of {present} (replicates.{key} of the spec).",
                grouped(n)
            ),
            None => "What would decide it. Some value lies on the edge of its band: no number of replicates is sure to \
                     decide. A wider or a narrower band would, if the claim is meant to have one."
                .to_owned(),
        });
    }

    fn finding(&self, text: &mut Text) {
        if let Some(finding) = &self.claim.finding {
            text.paragraph(&format!(
                "The finding. The spec records that this claim of its source is refuted, and expects it to be: {finding}"
            ));
        }
    }

    /// The stored tests of the claim.
    fn tests(&self) -> Vec<&TestRow> {
        let tests = self.stored.iter().flat_map(|results| &results.tests);
        tests.filter(|test| test.claim == self.claim.name).collect()
    }

    /// The test that comes nearest to, or lies farthest beyond, an end of its band.
    fn nearest(&self) -> Option<&TestRow> {
        self.tests().into_iter().max_by(|a, b| excess(a).total_cmp(&excess(b)))
    }

    /// Where a test was taken.
    fn place(&self, test: &TestRow) -> String {
        let label = labels(self.spec).into_iter().nth(test.cell).unwrap_or_default();
        let mut place = format!("cell {}", test.cell);
        if !label.is_empty() && !label.starts_with("cell ") {
            place += &format!(" ({label})");
        }
        if let Some(component) = test.component.filter(|_| self.claim.components.len() > 1) {
            place += &format!(", component {component}");
        }
        if let Some(step) = test.step {
            place += &format!(", step {}", grouped(step));
        }
        if let Some(replicates) = test.replicates.filter(|_| self.spec.is_sequential()) {
            place += &format!(", {} replicates", grouped(replicates));
        }
        place
    }
}

/// How far the interval of a test reaches beyond its band; without limit if there is no number.
fn excess(test: &TestRow) -> f64 {
    if test.statistic.is_finite() { beyond(&test.interval, &test.band) } else { f64::INFINITY }
}

/// How the interval lies in its band.
fn room(test: &TestRow) -> String {
    if !test.statistic.is_finite() {
        return "there is no finite number to judge".to_owned();
    }
    let unit = if width(&test.band).is_finite() { " half-widths of the band" } else { "" };
    match (test.verdict, beyond(&test.interval, &test.band)) {
        (Verdict::Holds, excess) => format!("the interval ends {:.2}{unit} before the end of the band", -excess),
        (Verdict::Undecided, excess) => format!("the interval reaches {excess:.2}{unit} beyond the end of the band"),
        (Verdict::Refuted, _) => {
            let Interval { low, high } = test.band;
            let distance = (low - test.statistic).max(test.statistic - high);
            let in_errors = match test.standard_error > 0.0 {
                true => format!(", {:.1} standard errors", distance / test.standard_error),
                false => String::new(),
            };
            format!("the statistic lies {} beyond the end of the band{in_errors}", value(distance))
        }
    }
}

fn clause(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "inside the band with the whole interval",
        Verdict::Undecided => "with an end of the band in the interval",
        Verdict::Refuted => "outside of it beyond the error rate",
    }
}

fn width(interval: &Interval) -> f64 {
    interval.high - interval.low
}

fn value(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { "–".to_owned() }
}
