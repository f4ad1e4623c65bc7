//! What the claims of a spec see of injected errors, as a table: a line a claim, a column an error.

use super::quantity::plural;
use crate::selftest::resample::Power;
use crate::selftest::resolving::{Kind, Resolving};
use crate::selftest::{Fate, Fault, Outcome, Selftest, Tested};

/// How many columns there are.
pub const COLUMNS: usize = 3 + Fault::ALL.len();

/// The titles of the columns.
#[must_use]
pub fn titles() -> [&'static str; COLUMNS] {
    std::array::from_fn(|i| match i {
        0 => "claim",
        1 => "resolution",
        2 => "resolves",
        _ => Fault::ALL[i - 3].title(),
    })
}

/// A line for each claim, and one of all.
#[must_use]
pub fn lines(selftest: &Selftest) -> Vec<[String; COLUMNS]> {
    let of_claim = |tested: &Tested| {
        std::array::from_fn(|i| match i {
            0 => tested.claim.clone(),
            1 => tested.resolution.map_or_else(|| "bound".to_owned(), |resolution| error(resolution, tested.errors)),
            2 => tested.resolving.map_or_else(|| "–".to_owned(), |resolving| reach(&resolving, tested.errors)),
            _ => outcome(&tested.outcomes[i - 3]),
        })
    };
    let all = std::array::from_fn(|i| match i {
        0 => "is caught".to_owned(),
        1 | 2 => String::new(),
        _ => fate(&selftest.faults[i - 3]).to_owned(),
    });
    selftest.claims.iter().map(of_claim).chain([all]).collect()
}

/// What the table does not say of itself: paragraphs.
#[must_use]
pub fn notes(selftest: &Selftest) -> Vec<String> {
    let sure = Power::of(usize::try_from(selftest.resamples).unwrap_or(usize::MAX)).low;
    let said = |fate: &Fate| match &fate.impossible {
        Some(reason) => format!("{}: {}; not injected, {reason}", fate.fault, fate.says),
        None => format!("{}: {}", fate.fault, fate.says),
    };
    vec![
        format!("Errors: {}.", selftest.faults.iter().map(said).collect::<Vec<_>>().join("; ")),
        format!(
            "A percentage is the chance that fresh data refute the claim, of {} with sections drawn anew (100 %: at least \
             {} with 95 % confidence). refused: the numbers are found out, and decide nothing. –: the claim is compared \
             with the same number, and cannot see the error. small: it is off by less than it tolerates. ·: it is \
             refuted as it is. resolves: the error of its law that is refuted with a chance of 99 %, if it is everywhere, \
             and wherever it is if it is at one place alone.",
            plural(selftest.resamples, "judgement"),
            percent(sure),
        ),
    ]
}

/// The line that sums it up.
#[must_use]
pub fn summary(selftest: &Selftest) -> String {
    let uncaught: Vec<&str> = selftest.uncaught().map(|fate| fate.fault).collect();
    let caught = selftest.faults.iter().filter(|fate| fate.is_caught == Some(true)).count();
    match uncaught.as_slice() {
        [] if caught == 0 => "no claim sees any of the errors".to_owned(),
        [] => format!("caught: {} that claims should see", plural(caught as u64, "error")),
        _ => format!("nobody catches {}: more replicates would, or a narrower resolution", uncaught.join(", ")),
    }
}

fn fate(fate: &Fate) -> &'static str {
    match (&fate.impossible, fate.is_caught) {
        (Some(_), _) => "×",
        (None, Some(true)) => "yes",
        (None, Some(false)) => "NO",
        (None, None) => "–",
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unseen => "–".to_owned(),
        Outcome::Small => "small".to_owned(),
        Outcome::Caught { power } => percent(power.value),
        Outcome::Refused => "refused".to_owned(),
        Outcome::Missed { power: Some(power) } => format!("only {}", percent(power.value)),
        Outcome::Missed { power: None } => "MISSED".to_owned(),
        Outcome::Moot => "·".to_owned(),
    }
}

fn reach(resolving: &Resolving, kind: Kind) -> String {
    let Resolving { everywhere, at_one_place } = *resolving;
    match (error(everywhere, kind), error(at_one_place, kind)) {
        (a, b) if a == b => a,
        (a, b) => format!("{}–{b}", a.trim_end_matches(" %")),
    }
}

fn error(error: f64, kind: Kind) -> String {
    match kind {
        _ if error.is_infinite() => "∞".to_owned(),
        Kind::Relative => percent(error),
        Kind::Absolute => format!("{error:.2}"),
    }
}

/// A share with two digits or three, never rounded up to all.
fn percent(share: f64) -> String {
    let hundredths = 100.0 * share;
    match hundredths {
        many if many >= 1e6 => format!("{many:.0e} %"),
        some if some < 1.0 => format!("{some:.2} %"),
        some if some < 10.0 || (99.0 < some && some < 100.0) => format!("{:.1} %", (10.0 * some).floor() / 10.0),
        some => format!("{some:.0} %"),
    }
}
