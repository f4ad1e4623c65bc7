//! The verdict table: one line a claim, the same content in the terminal and in the README.

use stats::Interval;

use crate::spec::Spec;
use crate::verdict::{ClaimVerdict, Judgement, Test, Verdict};

/// The cells of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The claim's name.
    pub claim: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// What the statistic is, and how many there are.
    pub statistic: String,
    /// The value of the statistic that is nearest to, or farthest beyond, an end of its band.
    pub worst: String,
    /// Its simultaneous interval.
    pub interval: String,
    /// Its band.
    pub band: String,
    /// Where that statistic was taken, and what an undecided claim lacks.
    pub note: String,
}

/// The titles of the columns.
pub const TITLES: [&str; 7] = ["claim", "verdict", "statistic", "worst", "interval", "band", "where"];

impl Line {
    /// The texts of the columns.
    #[must_use]
    pub fn columns(&self) -> [&str; 7] {
        [&self.claim, self.verdict.word(), &self.statistic, &self.worst, &self.interval, &self.band, &self.note]
    }
}

/// The lines of a spec's verdict table.
#[must_use]
pub fn lines(spec: &Spec, judgement: &Judgement) -> Vec<Line> {
    spec.claims
        .iter()
        .zip(&judgement.claims)
        .map(|(claim, judged)| {
            let worst = judged.worst.map(|worst| &judgement.tests[worst]);
            let shown = worst.filter(|test| test.estimate.is_finite());
            let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
            Line {
                claim: claim.name.clone(),
                verdict: judged.verdict,
                statistic: format!("{} × {}", judged.tests.len(), claim.statistic),
                worst: or_dash(shown.map(|test| format!("{:.4}", test.estimate.value()))),
                interval: or_dash(shown.map(|test| interval(&test.interval))),
                band: or_dash(worst.filter(|test| test.is_judged()).map(|test| interval(&test.band))),
                note: note(spec, judged, worst, judgement),
            }
        })
        .collect()
}

/// [low, high] as a table shows it; one that is too narrow for four decimals as middle ± half its width.
pub(super) fn interval(interval: &Interval) -> String {
    let half_width = 0.5 * (interval.high - interval.low);
    // What is left of rounding is no width.
    if half_width > 1e-12 && half_width < 5e-5 {
        return format!("{:.4} ± {half_width:.0e}", 0.5 * (interval.low + interval.high));
    }
    let end = |value: f64| match value {
        f64::INFINITY => "∞".to_owned(),
        f64::NEG_INFINITY => "−∞".to_owned(),
        value => format!("{value:.4}"),
    };
    format!("[{}, {}]", end(interval.low), end(interval.high))
}

fn note(spec: &Spec, judged: &ClaimVerdict, worst: Option<&Test>, judgement: &Judgement) -> String {
    if let Some(failure) = &judged.failure {
        return failure.clone();
    }
    let Some(test) = worst else { return "no test applies".to_owned() };
    let waiting = judgement.tests[judged.tests.clone()].iter().filter(|test| !test.is_judged()).count();
    if !test.is_judged() {
        return "nothing is stored yet".to_owned();
    }
    let mut place = place(spec, test);
    if waiting > 0 {
        return format!("{place}; {waiting} of {} wait for cells", judged.tests.len());
    }
    if spec.is_sequential() {
        place += &format!(", {} replicates", grouped(test.replicates));
    }
    match (judged.verdict, judgement.replicates_to_decide(judged)) {
        (Verdict::Undecided, Some(wanted)) => format!("{place}; about {} replicates would decide", grouped(wanted)),
        (Verdict::Undecided, None) => {
            format!("{place}; on the edge of its band: no number of replicates is sure to decide")
        }
        (Verdict::Refuted, _) if judged.is_finding => format!("{place}; as recorded"),
        (Verdict::Holds, _) if judged.is_finding => format!("{place}; but recorded as refuted"),
        _ => place,
    }
}

/// Where a test was taken: cell, variant, component and step.
#[must_use]
pub fn place(spec: &Spec, test: &Test) -> String {
    let cell = &spec.cells[test.cell];
    let mut place = format!("cell {}", test.cell);
    if spec.variants.len() > 1 {
        place += &format!(", {}", spec.variants[cell.variant]);
    }
    let claim = &spec.claims[test.claim];
    if spec.measures[claim.measure].n_components > 1 && !claim.against.is_about_all_components() {
        place += &format!(", component {}", test.component + 1);
    }
    if let Some(n) = test.record {
        place += &format!(", step {}", grouped(cell.recorded[n]));
    }
    place
}

/// A whole number with thin groups of three digits.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
