//! What moved between two results, as text: a table of verdicts, one of values, and the line that sums them up.

use super::markdown::number;
use super::quantity::{plural, power_of_ten};
use super::verdicts::grouped;
use crate::compare::{Comparison, Draws, MovedValue, Quantity};

/// The most moved values that are shown.
pub const MOST_SHOWN: usize = 20;

/// The titles of the table of verdicts.
pub const VERDICT_TITLES: [&str; 3] = ["claim", "before", "after"];

/// The titles of the table of values.
pub const VALUE_TITLES: [&str; 8] = ["measure", "component", "cell", "step", "what", "before", "after", "difference"];

/// How the random numbers of the two sides belong together, and what follows for their values.
#[must_use]
pub fn preamble(comparison: &Comparison) -> String {
    let draws = match comparison.draws {
        Draws::Same => "same seed, same streams: values should be equal bit by bit".to_owned(),
        Draws::SameSeed => format!(
            "same seed, but the draws of {} of {} values differ: these are compared as if they were independent",
            grouped((comparison.n_values - comparison.n_same_draws) as u64),
            grouped(comparison.n_values as u64),
        ),
        Draws::Independent => "other draws: values are compared as independent measurements".to_owned(),
    };
    let text = if comparison.same_text { "one text of the spec" } else { "another text of the spec" };
    format!("{text}; {draws}")
}

/// The moved verdicts.
#[must_use]
pub fn verdicts(comparison: &Comparison) -> Vec<[String; 3]> {
    comparison.verdicts.iter().map(|moved| [moved.claim.clone(), moved.before.clone(), moved.after.clone()]).collect()
}

/// The moved values, the farthest first, at most [`MOST_SHOWN`].
#[must_use]
pub fn values(comparison: &Comparison) -> Vec<[String; 8]> {
    let row = |moved: &MovedValue| {
        let value = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), number);
        let place = &moved.place;
        [
            place.measure.clone(),
            place.component.to_string(),
            place.cell.clone(),
            grouped(place.step),
            word(moved.quantity).to_owned(),
            value(moved.before),
            value(moved.after),
            distance(moved),
        ]
    };
    comparison.values.iter().take(MOST_SHOWN).map(row).collect()
}

/// How many moved values the table leaves out, and what only one side has: a line each.
#[must_use]
pub fn notes(comparison: &Comparison) -> Vec<String> {
    let rest = comparison.values.len().saturating_sub(MOST_SHOWN);
    let rest = (rest > 0).then(|| format!("and {} more", grouped(rest as u64)));
    let only = |side: &str, names: &[String]| (!names.is_empty()).then(|| format!("only {side}: {}", names.join("; ")));
    let only = [only("before", &comparison.only_before), only("after", &comparison.only_after)];
    rest.into_iter().chain(only.into_iter().flatten()).collect()
}

/// The line that sums a comparison up.
#[must_use]
pub fn summary(comparison: &Comparison) -> String {
    let Comparison { n_verdicts, n_values, n_laws, n_same_draws, .. } = comparison;
    if comparison.has_moved() {
        let measured = comparison.measured();
        let laws = comparison.values.len() - measured;
        let changed = comparison.change_of_code().map_or_else(String::new, |largest| {
            format!(
                "; the code changed numbers: with the same draws, values differ by up to {largest:.1e} of themselves"
            )
        });
        return format!(
            "moved: {} of {}, {} of {}, {} of {}{}{changed}",
            comparison.verdicts.len(),
            plural(*n_verdicts as u64, "verdict"),
            grouped(measured as u64),
            plural(*n_values as u64, "value"),
            grouped(laws as u64),
            plural(*n_laws as u64, "law"),
            test(comparison),
        );
    }
    let kept = [(n_verdicts, "verdict"), (n_values, "value"), (n_laws, "law")]
        .map(|(n, thing)| plural(*n as u64, thing))
        .join(", ");
    match n_same_draws == n_values {
        true => format!("identical: nothing moved, and all values are equal bit by bit ({kept})"),
        false => format!("nothing moved ({kept}{})", test(comparison)),
    }
}

/// By what test values with other draws were told apart.
fn test(comparison: &Comparison) -> String {
    let tested = comparison.n_values - comparison.n_same_draws;
    if tested == 0 {
        return String::new();
    }
    let error = comparison.family_wise_error;
    format!("; Welch's test of {}, family-wise error {} by Holm", plural(tested as u64, "value"), power_of_ten(error))
}

/// How far a value moved: in standard errors, or for a law relative to itself.
fn distance(moved: &MovedValue) -> String {
    let Some((before, after)) = moved.before.zip(moved.after) else { return "known on one side".to_owned() };
    if !(before.is_finite() && after.is_finite()) {
        return "diverged on one side".to_owned();
    }
    let relative = (after - before) / before.abs().max(after.abs());
    match moved.quantity {
        Quantity::Measured if moved.standard_errors.is_finite() => {
            format!("{:+.1e}, {:+.1} s.e.", relative, moved.standard_errors)
        }
        _ => format!("{relative:+.1e}"),
    }
}

fn word(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Measured => "measured",
        Quantity::Exact => "exact law",
        Quantity::Limit => "limit",
        Quantity::LeadingOrder => "leading order",
    }
}
