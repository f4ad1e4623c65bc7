//! Interval estimates from K independent sections, corrected for the skewness of what they average.
//!
//! With section values x_1…x_K, mean x̄, deviation s and skewness γ̂, Student's T = √K(x̄ − μ)/s is skewed by −2γ/√K when
//! the x are, as means of squares always are. Hall's monotone transform
//!
//! ```text
//! g(T) = T + (γ̂/3√K)·T² + (γ̂²/27K)·T³ + γ̂/(6√K)
//! ```
//!
//! removes that term, and is inverted in closed form. Its law is taken to be Student's with K − 1 degrees of freedom.
//! With fewer than [`FEWEST_SECTIONS`] sections, which cannot tell γ, the interval is Student's own.
//!
//! Source: P. Hall, *On the removal of skewness by transformation*, J. R. Statist. Soc. B 54 (1992) 221–228.

use crate::FEWEST_SECTIONS;
use crate::student::{upper_quantile, upper_tail};

/// What K section values say about their common mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// x̄.
    pub mean: f64,
    /// s/√K.
    pub standard_error: f64,
    /// γ̂ = K/((K−1)(K−2)) Σ((x − x̄)/s)³.
    pub skewness: f64,
    /// K.
    pub sections: usize,
}

/// A range of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end; −∞ for none.
    pub low: f64,
    /// The upper end; ∞ for none.
    pub high: f64,
}

impl Interval {
    /// [low, high].
    #[must_use]
    pub fn new(low: f64, high: f64) -> Self {
        Interval { low, high }
    }

    /// Whether `other` lies inside.
    #[must_use]
    pub fn contains(&self, other: &Interval) -> bool {
        self.low <= other.low && other.high <= self.high
    }
}

impl Sample {
    /// The sample of some section values, summed in their order; not finite for fewer than three.
    #[must_use]
    pub fn new(values: &[f64]) -> Self {
        let k = values.len() as f64;
        let mean = values.iter().sum::<f64>() / k;
        let deviations = || values.iter().map(|x| x - mean);
        // Of equal values the mean may be off by rounding, which is no spread.
        let is_constant = values.iter().all(|x| *x == values[0]);
        let squares = if is_constant { 0.0 } else { deviations().map(|x| x * x).sum::<f64>() };
        let variance = squares / (k - 1.0);
        let deviation = variance.sqrt();
        let cubes = || deviations().map(|x| x / deviation).map(|x| x * x * x);
        let skewness = if deviation > 0.0 { cubes().sum::<f64>() * k / ((k - 1.0) * (k - 2.0)) } else { 0.0 };
        Sample { mean, standard_error: (variance / k).sqrt(), skewness, sections: values.len() }
    }

    /// Whether the sample is a number with an error, not the trace of a divergence.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.mean.is_finite() && self.standard_error.is_finite() && self.skewness.is_finite()
    }

    /// The two-sided interval that misses the mean with probability `error`.
    #[must_use]
    pub fn interval(&self, error: f64) -> Interval {
        self.interval_at(upper_quantile(0.5 * error, self.freedom()))
    }

    /// The two-sided interval for a quantile of Student's law.
    #[must_use]
    pub fn interval_at(&self, quantile: f64) -> Interval {
        if self.is_mute() {
            return Interval::new(f64::NEG_INFINITY, f64::INFINITY);
        }
        let at = |y: f64| self.mean - self.standard_error * self.untransform(y);
        Interval { low: at(quantile), high: at(-quantile) }
    }

    /// The two-sided error at which the mean can be told from a value at least as far as the nearest end of `band`;
    /// 1 for an estimate inside the band.
    #[must_use]
    pub fn p_outside(&self, band: &Interval) -> f64 {
        if self.is_mute() {
            return 1.0;
        }
        let one_sided = if self.mean > band.high {
            self.tail(self.mean - band.high, 1.0)
        } else if self.mean < band.low {
            self.tail(band.low - self.mean, -1.0)
        } else {
            return 1.0;
        };
        (2.0 * one_sided).min(1.0)
    }

    /// The number of times the sample would have to be enlarged for its interval of `error` to lie inside `band`, or
    /// outside of it; infinite at an end of the band.
    ///
    /// An estimate within three standard errors of the band's centre is taken to estimate the centre, any other to be
    /// right; the answer leaves room for an error of three standard errors.
    #[must_use]
    pub fn enlargement(&self, band: &Interval, error: f64) -> f64 {
        if self.is_mute() {
            return FEWEST_SECTIONS as f64 / self.sections as f64;
        }
        let quantile = upper_quantile(0.5 * error, self.freedom());
        let (centre, half) = (0.5 * (band.low + band.high), 0.5 * (band.high - band.low));
        let slack = 3.0 * self.standard_error;
        let distance = if (self.mean - centre).abs() <= slack && half.is_finite() {
            half
        } else {
            (self.mean - band.low).abs().min((self.mean - band.high).abs())
        };
        let ratio = (quantile * self.standard_error + slack) / distance;
        ratio * ratio
    }

    /// Whether a few equal values say nothing: of an accuracy that is 1 in each of eight models, the ninth may be another.
    fn is_mute(&self) -> bool {
        self.standard_error == 0.0 && (self.sections as u64) < FEWEST_SECTIONS
    }

    /// K − 1.
    #[must_use]
    pub fn freedom(&self) -> f64 {
        self.sections as f64 - 1.0
    }

    /// The chance of an estimate at least `distance` beyond a value, in the direction of `sign`.
    fn tail(&self, distance: f64, sign: f64) -> f64 {
        if self.standard_error == 0.0 {
            return 0.0;
        }
        upper_tail(sign * self.transform(sign * distance / self.standard_error), self.freedom())
    }

    /// a = γ̂/√K; 0 for so few sections that γ̂ would be noise.
    fn asymmetry(&self) -> f64 {
        if (self.sections as u64) < FEWEST_SECTIONS { 0.0 } else { self.skewness / (self.sections as f64).sqrt() }
    }

    /// g(T).
    fn transform(&self, t: f64) -> f64 {
        let a = self.asymmetry();
        t + a * t * t / 3.0 + a * a * t * t * t / 27.0 + a / 6.0
    }

    /// g⁻¹(y) = (3/a)·[(1 + a(y − a/6))^{1/3} − 1] with a = γ̂/√K.
    fn untransform(&self, y: f64) -> f64 {
        let a = self.asymmetry();
        let centred = y - a / 6.0;
        if a.abs() < 1e-8 { centred } else { 3.0 / a * (libm::cbrt(1.0 + a * centred) - 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_a_small_sample_are_those_worked_out_by_hand() {
        let sample = Sample::new(&[1.0, 2.0, 6.0]);
        assert_eq!(sample.mean, 3.0);
        assert!((sample.standard_error - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!((sample.skewness - 27.0 / 343.0_f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn the_transform_is_inverted() {
        for skewness in [-1.5, 0.0, 1e-9, 0.3, 2.0] {
            let sample = Sample { mean: 0.0, standard_error: 1.0, skewness, sections: 128 };
            for y in [-6.0, -1.0, 0.0, 2.0, 5.5] {
                let back = sample.transform(sample.untransform(y));
                assert!((back - y).abs() < 1e-7, "γ = {skewness}: {y} → {back}");
            }
        }
    }

    #[test]
    fn the_interval_and_the_p_value_agree_at_the_edge() {
        let sample = Sample { mean: 1.0, standard_error: 0.1, skewness: 0.8, sections: 128 };
        for error in [0.3, 1e-3, 1e-7] {
            let interval = sample.interval(error);
            let below = sample.p_outside(&Interval::new(f64::NEG_INFINITY, interval.low));
            let above = sample.p_outside(&Interval::new(interval.high, f64::INFINITY));
            assert!((below / error - 1.0).abs() < 1e-6 && (above / error - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_positive_skew_moves_the_interval_up() {
        let interval = |skewness| Sample { mean: 0.0, standard_error: 1.0, skewness, sections: 128 }.interval(1e-3);
        assert!(interval(1.0).low > interval(0.0).low && interval(1.0).high > interval(0.0).high);
    }

    #[test]
    fn a_sample_without_error_is_told_from_everything_else() {
        let sample = Sample::new(&[2.0; 128]);
        assert_eq!(sample.interval(1e-9), Interval::new(2.0, 2.0));
        assert_eq!(sample.p_outside(&Interval::new(0.0, 1.0)), 0.0);
        assert_eq!(sample.p_outside(&Interval::new(0.0, 3.0)), 1.0);
    }

    #[test]
    fn a_few_equal_values_say_nothing() {
        // The mean of eight times 0.1 is not 0.1 in floating point.
        for value in [1.0, 0.1] {
            let sample = Sample::new(&[value; 8]);
            assert_eq!(sample.interval(0.1), Interval::new(f64::NEG_INFINITY, f64::INFINITY));
            assert_eq!(sample.p_outside(&Interval::new(2.0, 3.0)), 1.0);
        }
    }
}
