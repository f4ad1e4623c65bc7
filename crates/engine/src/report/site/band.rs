//! Where a number lies in its band: the one scale on which claims of every kind can stand side by side.

use stats::Interval;

/// The position of `value` in `band`: −1 and 1 at its ends, beyond them outside, 0 in the middle.
///
/// In a band with one end l, at which the position is ±1, it is ±1/(1 + δ) at the distance δ = |value − l|/|l| from that
/// end, and tends to 0: so the position says in every band how near an end is. Outside it grows as 1 + δ. NaN if `value`
/// is, or if the band has no end.
pub(in crate::report) fn position(value: f64, band: &Interval) -> f64 {
    match (band.low.is_finite(), band.high.is_finite()) {
        (true, true) => (2.0 * value - band.low - band.high) / (band.high - band.low),
        (false, true) => nearness(band.high - value, band.high),
        (true, false) => -nearness(value - band.low, band.low),
        (false, false) => f64::NAN,
    }
}

/// How near the only end of a band is to something inside it: from 1 at the end to 0 at infinity; above 1 outside.
fn nearness(inside: f64, end: f64) -> f64 {
    let distance = inside / if end == 0.0 { 1.0 } else { end.abs() };
    if distance > 0.0 { 1.0 / (1.0 + distance) } else { 1.0 - distance }
}

/// The position of the end of `interval` that comes nearest to, or lies farthest beyond, an end of `band`: below 1 the
/// interval lies inside.
pub(super) fn reach(interval: &Interval, band: &Interval) -> f64 {
    let low = if band.low.is_finite() { -position(interval.low, band) } else { f64::NEG_INFINITY };
    let high = if band.high.is_finite() { position(interval.high, band) } else { f64::NEG_INFINITY };
    low.max(high)
}

/// How finely a claim is resolved: half the width of its band.
pub(super) fn resolution(band: &Interval) -> String {
    let half_width = 0.5 * (band.high - band.low);
    if half_width.is_finite() { format!("± {half_width:.4}") } else { "one-sided".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFINITY: f64 = f64::INFINITY;

    fn check(value: f64, (low, high): (f64, f64), expected: f64) {
        let found = position(value, &Interval::new(low, high));
        assert!((found - expected).abs() < 1e-12 || found == expected, "{value} in [{low}, {high}]: {found}");
    }

    #[test]
    fn the_ends_of_a_band_are_at_minus_one_and_one() {
        for (value, expected) in [(0.98, -1.0), (1.0, 0.0), (1.02, 1.0), (1.04, 2.0), (INFINITY, INFINITY)] {
            check(value, (0.98, 1.02), expected);
        }
        // An asymmetric band, as a leading-order law has.
        check(1.5, (1.0, 3.0), -0.5);
    }

    #[test]
    fn a_band_with_one_end_is_squeezed() {
        for (value, expected) in [(1.0, 1.0), (0.5, 2.0 / 3.0), (0.0, 0.5), (-INFINITY, 0.0), (1.5, 1.5)] {
            check(value, (-INFINITY, 1.0), expected);
        }
        for (value, expected) in [(1.0, -1.0), (2.0, -0.5), (4.0, -0.25), (INFINITY, 0.0), (0.5, -1.5)] {
            check(value, (1.0, INFINITY), expected);
        }
        // A negative end, and one at zero, whose size is then 1.
        check(-4.0, (-INFINITY, -2.0), 0.5);
        check(1.0, (0.0, INFINITY), -0.5);
        assert!(position(f64::NAN, &Interval::new(0.0, 1.0)).is_nan());
    }

    #[test]
    fn the_reach_is_that_of_the_nearest_end() {
        let reach_in =
            |low: f64, high: f64, band: (f64, f64)| reach(&Interval::new(low, high), &Interval::new(band.0, band.1));
        assert!((reach_in(0.99, 1.015, (0.98, 1.02)) - 0.75).abs() < 1e-12);
        assert!((reach_in(0.97, 1.0, (0.98, 1.02)) - 1.5).abs() < 1e-12);
        // Towards the open end nothing is near.
        assert!((reach_in(2.0, INFINITY, (1.0, INFINITY)) - 0.5).abs() < 1e-12);
        assert_eq!(reach_in(-INFINITY, INFINITY, (0.0, 1.0)), INFINITY);
    }

    #[test]
    fn a_resolution_is_half_a_band() {
        assert_eq!(resolution(&Interval::new(0.98, 1.02)), "± 0.0200");
        assert_eq!(resolution(&Interval::new(1.0, INFINITY)), "one-sided");
    }
}
