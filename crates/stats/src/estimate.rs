//! Anything that a test can rest on: a value with an interval of any error, and the error at which it leaves a band.

use crate::method::Method;
use crate::proportion::{Distance, Proportion};
use crate::ratio::Ratio;
use crate::sample::{Interval, Sample};
use crate::slope::LogSlope;
use crate::student::upper_quantile;

/// A statistic and what is known of its error.
#[derive(Debug, Clone, PartialEq)]
pub enum Estimate {
    /// A mean over sections.
    Mean(Sample),
    /// A ratio of two means over the same sections.
    Ratio(Ratio),
    /// A log–log slope of means over the same sections.
    Slope(LogSlope),
    /// offset + slope·p for a proportion p.
    Proportion {
        /// The proportion.
        proportion: Proportion,
        /// What is added.
        offset: f64,
        /// What it is multiplied by; above 0.
        slope: f64,
    },
    /// A Kolmogorov distance, to be judged against an upper bound.
    Distance(Distance),
    /// No number.
    Missing,
}

impl Estimate {
    /// How its interval is formed.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        match self {
            Estimate::Mean(_) => Some(Method::Mean),
            Estimate::Ratio(_) => Some(Method::Ratio),
            Estimate::Slope(_) => Some(Method::Slope),
            Estimate::Proportion { .. } => Some(Method::Proportion),
            Estimate::Distance(_) => Some(Method::Distance),
            Estimate::Missing => None,
        }
    }

    /// The value of the statistic.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self {
            Estimate::Mean(sample) => sample.mean,
            Estimate::Ratio(ratio) => ratio.value(),
            Estimate::Slope(slope) => slope.value(),
            Estimate::Proportion { proportion, offset, slope } => offset + slope * proportion.value(),
            Estimate::Distance(distance) => distance.on_grid,
            Estimate::Missing => f64::NAN,
        }
    }

    /// Its standard error; NaN where there is none.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        match self {
            Estimate::Mean(sample) => sample.standard_error,
            Estimate::Ratio(ratio) => ratio.standard_error(),
            Estimate::Slope(slope) => slope.standard_error(),
            Estimate::Proportion { proportion, slope, .. } => slope * proportion.standard_error(),
            Estimate::Distance(_) | Estimate::Missing => f64::NAN,
        }
    }

    /// The skewness of the sections behind a mean; NaN where there is none.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        match self {
            Estimate::Mean(sample) => sample.skewness,
            _ => f64::NAN,
        }
    }

    /// Whether there is a number to judge.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        match self {
            Estimate::Mean(sample) => sample.is_finite(),
            Estimate::Ratio(ratio) => ratio.value().is_finite() && ratio.contrast(ratio.value()).is_finite(),
            Estimate::Slope(slope) => slope.value().is_finite() && slope.standard_error().is_finite(),
            _ => self.value().is_finite(),
        }
    }

    /// The two-sided interval that misses the true value with probability `error`.
    #[must_use]
    pub fn interval(&self, error: f64) -> Interval {
        match self {
            Estimate::Mean(sample) => sample.interval(error),
            Estimate::Ratio(ratio) => {
                ratio.interval(upper_quantile(0.5 * error, ratio.contrast(ratio.value()).freedom()))
            }
            Estimate::Proportion { proportion, offset, slope } => {
                let Interval { low, high } = proportion.interval(error);
                Interval::new(offset + slope * low, offset + slope * high)
            }
            Estimate::Slope(slope) => slope.interval(error),
            Estimate::Distance(distance) => distance.interval(error),
            Estimate::Missing => Interval::new(f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// The two-sided error at which the true value can be told from one at least as far as the nearest end of `band`; 1
    /// for an estimate inside the band.
    #[must_use]
    pub fn p_outside(&self, band: &Interval) -> f64 {
        match self {
            Estimate::Mean(sample) => sample.p_outside(band),
            Estimate::Ratio(ratio) => {
                let value = ratio.value();
                let apart = if value > band.high {
                    ratio.contrast(band.high).p_outside(&Interval::new(f64::NEG_INFINITY, 0.0))
                } else if value < band.low {
                    ratio.contrast(band.low).p_outside(&Interval::new(0.0, f64::INFINITY))
                } else {
                    1.0
                };
                apart.max(ratio.denominator().p_outside(&Interval::new(f64::NEG_INFINITY, 0.0)))
            }
            Estimate::Proportion { proportion, offset, slope } => {
                let value = self.value();
                let one_sided = if value > band.high {
                    proportion.at_least((band.high - offset) / slope)
                } else if value < band.low {
                    proportion.at_most((band.low - offset) / slope)
                } else {
                    return 1.0;
                };
                (2.0 * one_sided).min(1.0)
            }
            Estimate::Slope(slope) => slope.p_outside(band),
            Estimate::Distance(distance) => distance.p_above(band.high),
            Estimate::Missing => 1.0,
        }
    }

    /// The number of times the replicates would have to be enlarged for the interval of `error` to lie inside `band`, or
    /// outside of it; infinite if no number is sure to.
    #[must_use]
    pub fn enlargement(&self, band: &Interval, error: f64) -> f64 {
        match self {
            Estimate::Mean(sample) => sample.enlargement(band, error),
            Estimate::Missing => f64::INFINITY,
            Estimate::Distance(distance) => {
                let room = (band.high - distance.gap - distance.on_grid).max(0.0);
                let reach = distance.interval(error).high - distance.gap - distance.on_grid;
                (2.0 * reach / room) * (2.0 * reach / room)
            }
            // The interval is nearly that of a normal law of the same standard error.
            Estimate::Ratio(_) | Estimate::Slope(_) | Estimate::Proportion { .. } => {
                let sections = 256;
                let (mean, standard_error) = (self.value(), self.standard_error());
                Sample { mean, standard_error, skewness: 0.0, sections }.enlargement(band, error)
            }
        }
    }
}
