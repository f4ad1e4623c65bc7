//! Amounts as people read them: bytes, durations, large counts.

use super::verdicts::grouped;

/// Bytes by powers of a thousand: `3.8 MB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut amount, mut unit) = (bytes as f64, 0);
    while amount >= 999.5 && unit + 1 < units.len() {
        amount /= 1000.0;
        unit += 1;
    }
    if amount < 9.95 && unit > 0 {
        format!("{amount:.1} {}", units[unit])
    } else {
        format!("{amount:.0} {}", units[unit])
    }
}

/// Seconds in one or two units: `0.4 s`, `46 s`, `3 min 38 s`, `2 h 10 min`, `3 days 4 h`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds > 1e9 {
        return "years".to_owned();
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 10 and 10⁹")]
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        3_600..172_800 => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
        _ => format!("{} days {} h", whole / 86_400, whole % 86_400 / 3_600),
    }
}

/// A count with two digits where it is large: `4 096`, `1.5·10¹⁰`.
#[must_use]
pub fn count(count: u64) -> String {
    if count < 100_000 {
        return grouped(count);
    }
    let mantissa = format!("{count:.1e}");
    let (mantissa, digits) = mantissa.split_once('e').unwrap_or((&mantissa, "0"));
    format!("{mantissa}·10{}", raised(digits))
}

/// From one amount to another, or the one that both are.
#[must_use]
pub fn range(low: String, high: String) -> String {
    if low == high { high } else { format!("{low} to {high}") }
}

/// A number of things.
#[must_use]
pub fn plural(n: u64, thing: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", grouped(n))
}

/// An error rate as people write it: 10⁻⁴, 5·10⁻⁴, 0.05.
#[must_use]
pub fn power_of_ten(rate: f64) -> String {
    let text = format!("{rate:e}");
    match text.split_once("e-") {
        Some((mantissa, exponent)) if rate < 1e-2 => {
            let factor = if mantissa == "1" { String::new() } else { format!("{mantissa}·") };
            format!("{factor}10⁻{}", raised(exponent))
        }
        _ => rate.to_string(),
    }
}

/// Digits as an exponent has them.
fn raised(digits: &str) -> String {
    digits.chars().filter_map(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit.to_digit(10)? as usize)).collect()
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, duration, power_of_ten};

    #[test]
    fn amounts_have_two_or_three_digits() {
        assert_eq!([0, 999, 1_000, 56_700_000, 999_600].map(bytes), ["0 B", "999 B", "1.0 kB", "57 MB", "1.0 MB"]);
        assert_eq!(
            [0.04, 45.6, 218.0, 7_800.0, 1e6].map(duration),
            ["0.0 s", "46 s", "3 min 38 s", "2 h 10 min", "11 days 13 h"]
        );
        assert_eq!(duration(f64::INFINITY), "years");
        assert_eq!([7, 20_544, 15_123_456_789].map(count), ["7", "20 544", "1.5·10¹⁰"]);
    }

    #[test]
    fn error_rates_are_written_as_people_do() {
        for (rate, text) in [(1e-4, "10⁻⁴"), (5e-4, "5·10⁻⁴"), (2.5e-12, "2.5·10⁻¹²"), (0.01, "0.01"), (0.05, "0.05")]
        {
            assert_eq!(power_of_ten(rate), text);
        }
    }
}
