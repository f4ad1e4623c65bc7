//! The numbers beside an axis, and where it ends.

use crate::report::verdicts::grouped;

/// The least value that the plotting crate's logarithmic axes know.
pub(super) const LEAST: f64 = 1e-10;

/// A number beside an axis: plain if it is short so, else as a power of ten.
pub(super) fn tick(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e5).contains(&size) {
        let (sign, text) = (if value < 0.0 { "−" } else { "" }, ((size * 1e6).round() / 1e6).to_string());
        return match text.parse() {
            Ok(whole) if whole >= 10_000 => format!("{sign}{}", grouped(whole)),
            _ => format!("{sign}{text}"),
        };
    }
    let text = format!("{:e}", format!("{value:.3e}").parse().unwrap_or(value));
    match text.split_once('e') {
        Some(("1", exponent)) => format!("10{}", raised(exponent)),
        Some((mantissa, exponent)) => format!("{}·10{}", mantissa.replace('-', "−"), raised(exponent)),
        None => text,
    }
}

/// An exponent in small raised digits.
fn raised(exponent: &str) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| match c.to_digit(10) {
        Some(digit) => DIGITS[digit as usize],
        None => '⁻',
    };
    exponent.chars().map(raise).collect()
}

pub(super) fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |extent, value| {
        let (low, high) = extent.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// The ends of a logarithmic axis: the nearest of 1, 2 and 5 times powers of ten, where ticks stand, around the values.
pub(super) fn decades(low: f64, high: f64) -> (f64, f64) {
    let ticks = || (-11..310).flat_map(|power| [1.0, 2.0, 5.0].map(|tick| tick * libm::pow(10.0, f64::from(power))));
    let below = ticks().take_while(|tick| *tick <= low / 1.05).last().unwrap_or(LEAST);
    let above = ticks().find(|tick| *tick >= high * 1.05).unwrap_or(high);
    (below.max(LEAST), above)
}

/// How far a line that explains the dots may stretch an axis around them: as far again on both sides, or tenfold on a
/// logarithmic axis.
pub(super) fn room((low, high): (f64, f64), log: bool) -> (f64, f64) {
    if log {
        return (0.1 * low, 10.0 * high);
    }
    let span = (high - low).max(0.1 * high.abs());
    (low - span, high + span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_ends_at_ticks_around_its_values() {
        let (low, high) = decades(0.3, 30.0);
        assert!((low - 0.2).abs() < 1e-12 && (high - 50.0).abs() < 1e-12, "{low}, {high}");
        assert_eq!(decades(1e-10, 1.0).0, 1e-10);
    }

    #[test]
    fn a_tick_is_short() {
        let ticks = [0.0, 0.5, -0.02, 0.001, 2000.0, -20_000.0, 0.300_000_000_000_000_04].map(tick);
        assert_eq!(ticks, ["0", "0.5", "−0.02", "0.001", "2000", "−20 000", "0.3"]);
        let powers = [1e-4, 5.000_000_000_000_001e-7, -2.5e-12, 1e5, 3e10].map(tick);
        assert_eq!(powers, ["10⁻⁴", "5·10⁻⁷", "−2.5·10⁻¹²", "10⁵", "3·10¹⁰"]);
    }

    #[test]
    fn there_is_room_around_the_dots() {
        assert_eq!(room((1.0, 100.0), true), (0.1, 1000.0));
        assert_eq!(room((1.0, 2.0), false), (0.0, 3.0));
        assert_eq!(room((10.0, 10.0), false), (9.0, 11.0));
    }
}
