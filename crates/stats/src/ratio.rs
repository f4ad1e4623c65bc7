//! The ratio of two means that share their random numbers, by intervals that need no delta method.
//!
//! For sections (A_k, B_k) and ρ = E A/E B > 0, the contrast A − rB has mean 0 at r = ρ only. The interval holds all r
//! at which a test of that mean accepts 0 (E. C. Fieller, J. R. Statist. Soc. B 16 (1954) 175–185), each with Hall's
//! correction for skewness, so it inherits the error rates of [`Sample`]: the contrast is linear in the sections.

use crate::sample::{Interval, Sample};

/// Sections of a numerator and a denominator.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    numerators: Vec<f64>,
    denominators: Vec<f64>,
}

impl Ratio {
    /// The ratio of the means of `numerators` and `denominators`, equally many sections of each.
    #[must_use]
    pub fn new(mut numerators: Vec<f64>, mut denominators: Vec<f64>) -> Self {
        // A ratio keeps its value when both change their sign, and the contrast then grows with it.
        if denominators.iter().sum::<f64>() < 0.0 {
            numerators.iter_mut().chain(&mut denominators).for_each(|value| *value = -*value);
        }
        Ratio { numerators, denominators }
    }

    /// What the sections say about E B: where it cannot be told from 0, nothing is known about the ratio.
    #[must_use]
    pub fn denominator(&self) -> Sample {
        Sample::new(&self.denominators)
    }

    /// ΣA/ΣB; 1 for 0/0, since nothing agrees with nothing.
    #[must_use]
    pub fn value(&self) -> f64 {
        let (a, b) = (self.numerators.iter().sum::<f64>(), self.denominators.iter().sum::<f64>());
        if a == 0.0 && b == 0.0 { 1.0 } else { a / b }
    }

    /// What the sections say about E(A − rB).
    #[must_use]
    pub fn contrast(&self, r: f64) -> Sample {
        let pairs = self.numerators.iter().zip(&self.denominators);
        Sample::new(&pairs.map(|(a, b)| a - r * b).collect::<Vec<_>>())
    }

    /// The standard error to first order.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        let mean = self.denominators.iter().sum::<f64>() / self.denominators.len() as f64;
        if mean == 0.0 { 0.0 } else { self.contrast(self.value()).standard_error / mean.abs() }
    }

    /// The ratios at which `accepts` says yes to the contrast's lower (or upper) end: bisected outwards from the value.
    #[must_use]
    pub fn interval(&self, quantile: f64) -> Interval {
        let (value, step) = (self.value(), self.standard_error());
        if !value.is_finite() {
            return Interval::new(value, value);
        }
        let denominator = self.denominator().interval_at(quantile);
        if denominator.low <= 0.0 {
            return Interval::new(f64::NEG_INFINITY, f64::INFINITY);
        }
        if step == 0.0 {
            return Interval::new(value, value);
        }
        let accepts = |r: f64| {
            let contrast = self.contrast(r).interval_at(quantile);
            contrast.low <= 0.0 && 0.0 <= contrast.high
        };
        let end = |sign: f64| {
            let mut outside = 1.0;
            while accepts(value + sign * outside * step) {
                outside *= 2.0;
                if outside > 1e9 {
                    return sign * f64::INFINITY;
                }
            }
            let mut inside = 0.0;
            while outside - inside > 1e-6 * outside {
                let middle = 0.5 * (inside + outside);
                if accepts(value + sign * middle * step) { inside = middle } else { outside = middle }
            }
            value + sign * outside * step
        };
        Interval::new(end(-1.0), end(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Estimate;

    fn around(centre: f64, spread: f64) -> Vec<f64> {
        (0..128_u32).map(|k| centre + spread * (f64::from(k * 37 % 128) / 64.0 - 1.0)).collect()
    }

    #[test]
    fn a_few_equal_ratios_say_nothing() {
        let ratio = |n| Ratio::new(vec![1.0; n], vec![2.0; n]).interval(4.0);
        assert_eq!(ratio(8), Interval::new(f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(ratio(128), Interval::new(0.5, 0.5));
        // What is the same in every model although the models differ is known.
        let values: Vec<f64> = around(1.0, 0.1).into_iter().take(8).collect();
        assert_eq!(Ratio::new(values.clone(), values).interval(4.0), Interval::new(1.0, 1.0));
    }

    #[test]
    fn nothing_is_known_about_a_ratio_to_what_may_be_nothing() {
        let ratio = Ratio::new(around(1.0, 0.1), around(0.01, 1.0));
        assert_eq!(ratio.interval(4.0), Interval::new(f64::NEG_INFINITY, f64::INFINITY));
        assert!(Estimate::Ratio(ratio).p_outside(&Interval::new(-1.0, 1.0)) > 0.1);
    }

    #[test]
    fn two_negative_means_have_the_ratio_of_their_mirror_images() {
        let positive = Ratio::new(around(2.0, 0.1), around(1.0, 0.2));
        let negative = Ratio::new(around(-2.0, -0.1), around(-1.0, -0.2));
        assert_eq!(negative.interval(4.0), positive.interval(4.0));
        let band = Interval::new(0.9, 1.1);
        assert!(Estimate::Ratio(negative).p_outside(&band) < 1e-9 && Estimate::Ratio(positive).p_outside(&band) < 1e-9);
    }
}
