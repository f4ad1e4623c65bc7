//! The claims of a spec side by side: the statistic of each that comes nearest to an end of its band, with its interval.

use super::Drawn;
use super::chart::{Row, Words, rows};
use crate::report::site::band::position;
use crate::spec::figures::Forest;
use crate::spec::{Figure, Spec};
use crate::verdict::{Judgement, Verdict};

pub(super) fn draw(spec: &Spec, figure: &Figure, forest: &Forest, judgement: &Judgement) -> Option<Drawn> {
    let row = |claim: &usize| {
        let judged = &judgement.claims[*claim];
        let test = &judgement.tests[judged.worst?];
        let value = test.estimate.value();
        let at = [test.interval.low, value, test.interval.high].map(|value| position(value, &test.band));
        if !at[1].is_finite() {
            return None;
        }
        let number = |value: f64| format!("{value:.4}").replace('-', "−");
        let label = format!("{}: {}", spec.claims[*claim].name, number(value));
        Some(Row { label, at, is_outside: judged.verdict == Verdict::Refuted })
    };
    let shown: Vec<Row> = forest.claims.iter().filter_map(row).collect();
    let mut key =
        "the worst statistic of each claim with its simultaneous interval; shaded: its band, from end (−1) to end (1)"
            .to_owned();
    if shown.iter().any(|row| row.is_outside) {
        key += "; crosses: refuted";
    }
    let words = Words { title: &figure.title, subtitle: &key, x: "place in the band", y: "" };
    rows(&shown, &words).map(|svg| Drawn { svg, key })
}
