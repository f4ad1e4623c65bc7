//! The other half of a test: which errors of a law fresh numbers would surely refute.
//!
//! A test of two-sided error α refutes a band when the interval x̄ ± qs lies beyond it, with Student's quantile q of ½α. Of
//! fresh numbers of the same law x̄ lies z standard errors to the wrong side with probability 1 − power, and s itself is known
//! to within 1/√(2ν) of itself; so a value is refuted with that probability or more if it lies outside of
//!
//! ```text
//! [x − a₋ − z′s, x + a₊ + z′s],   z′ = z·√(1 + q²/(2ν))
//! ```
//!
//! where x is the true value, [x − a₋, x + a₊] its interval of error α, corrected for skewness as the test's is, and z
//! Student's quantile of the power. `tests/tests/power.rs` holds it to resampled sections.

use crate::estimate::Estimate;
use crate::sample::{Interval, Sample};
use crate::student::upper_quantile;

/// The values outside of which all are refuted at the two-sided `error`, each with probability `power` at least, by fresh
/// numbers of the law that `sample` is of, with x̄ for the true value. Cost: two quantiles.
#[must_use]
pub fn surely_refuted_beyond(sample: &Sample, error: f64, power: f64) -> Interval {
    let (freedom, q) = (sample.freedom(), upper_quantile(0.5 * error, sample.freedom()));
    let slack = upper_quantile(1.0 - power, freedom) * (1.0 + 0.5 * q * q / freedom).sqrt() * sample.standard_error;
    let Interval { low, high } = sample.interval_at(q);
    Interval::new(low - slack, high + slack)
}

/// The smallest ε so that a law that is off by it, to whichever side of the two that `band` bounds, is refuted with probability
/// `power` at least: where `sample` is measured/law, by a law that is 1 + ε or 1 − ε times what it should be. Infinite where
/// nothing is sure to.
#[must_use]
pub fn resolved_factor(sample: &Sample, band: &Interval, error: f64, power: f64) -> f64 {
    let reach = surely_refuted_beyond(sample, error, power);
    let too_large = if band.low > 0.0 { reach.high / band.low - 1.0 } else { f64::INFINITY };
    let too_small = 1.0 - reach.low / band.high;
    let resolved = match (band.low.is_finite(), band.high.is_finite()) {
        (true, true) => too_large.max(if too_small < 1.0 { too_small } else { f64::INFINITY }),
        (true, false) => too_large,
        (false, true) if too_small < 1.0 => too_small,
        _ => f64::INFINITY,
    };
    resolved.max(0.0)
}

/// The same for a law that is off by a sum: measured − law + a constant is compared with `band`.
#[must_use]
pub fn resolved_shift(sample: &Sample, band: &Interval, error: f64, power: f64) -> f64 {
    let reach = surely_refuted_beyond(sample, error, power);
    let ends = [(band.low, reach.high - band.low), (band.high, band.high - reach.low)];
    ends.iter().filter(|(end, _)| end.is_finite()).map(|(_, shift)| *shift).fold(f64::NEG_INFINITY, f64::max)
}

impl Estimate {
    /// A mean with the same value and standard error, for what needs no more; `None` where there is no standard error.
    #[must_use]
    pub fn as_sample(&self) -> Option<Sample> {
        let sections = match self {
            Estimate::Mean(sample) => return Some(*sample),
            Estimate::Ratio(ratio) => ratio.denominator().sections,
            Estimate::Slope(slope) => slope.sections(),
            // The binomial law of many replicates is nearly normal.
            Estimate::Proportion { .. } => 1 << 20,
            Estimate::Distance(_) | Estimate::Missing => return None,
        };
        Some(Sample { mean: self.value(), standard_error: self.standard_error(), skewness: 0.0, sections })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: f64 = 1e-6;

    /// Worked out by hand for so many sections that Student's law is the normal one: q = 4.891638 and z = 2.326348.
    #[test]
    fn a_law_that_is_just_refuted_has_its_interval_and_its_luck_inside() {
        let sample = Sample { mean: 1.0, standard_error: 0.01, skewness: 0.0, sections: 1 << 30 };
        let reach = surely_refuted_beyond(&sample, ERROR, 0.99);
        assert!(
            (reach.high - 1.0 - 0.07217986).abs() < 1e-7 && (1.0 - reach.low - 0.07217986).abs() < 1e-7,
            "{reach:?}"
        );
        let band = Interval::new(0.9, 1.1);
        let factor = resolved_factor(&sample, &band, ERROR, 0.99);
        assert!((factor - (1.07217986 / 0.9 - 1.0)).abs() < 1e-6, "{factor}");
        assert!((resolved_shift(&sample, &band, ERROR, 0.99) - 0.17217986).abs() < 1e-7);
    }

    #[test]
    fn an_open_band_is_left_on_one_side_only() {
        let sample = Sample { mean: 0.5, standard_error: 0.01, skewness: 0.0, sections: 1 << 30 };
        let at_most = resolved_factor(&sample, &Interval::new(f64::NEG_INFINITY, 1.0), ERROR, 0.99);
        assert!((at_most - (1.0 - 0.42782014)).abs() < 1e-6, "{at_most}");
        let at_least = Interval::new(0.25, f64::INFINITY);
        assert!((resolved_factor(&sample, &at_least, ERROR, 0.99) - (0.57217986 / 0.25 - 1.0)).abs() < 1e-6);
        assert_eq!(resolved_factor(&Sample::new(&[1.0; 8]), &at_least, ERROR, 0.99), f64::INFINITY);
    }
}
