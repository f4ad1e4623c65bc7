//! Step-size schedules.

use crate::error::DynamicsError;

/// How the step size η_k depends on the step k.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// η_k = η.
    Constant(StepSize),
    /// η_k = c/(k + k₀)^α.
    RobbinsMonro(RobbinsMonro),
    /// Large and small steps in turn.
    Cyclical(Cyclical),
}

/// A step size η: finite and above 0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct StepSize(f64);

impl StepSize {
    /// η = `step_size`.
    ///
    /// # Example
    /// ```
    /// use dynamics::schedule::{Schedule, StepSize};
    /// assert_eq!(Schedule::Constant(StepSize::new(0.1)?).at(7), 0.1);
    /// assert_eq!(StepSize::new(-0.1).unwrap_err().to_string(), "step size η is -0.1: it must be a finite number above 0");
    /// # Ok::<(), dynamics::DynamicsError>(())
    /// ```
    ///
    /// # Errors
    /// [`DynamicsError::NotPositive`] unless 0 < η < ∞.
    pub fn new(step_size: f64) -> Result<Self, DynamicsError> {
        positive("step size η", step_size).map(StepSize)
    }

    /// η.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// Decreasing steps η_k = c/(k + k₀)^α with ½ < α ≤ 1, so that Σ η_k = ∞ and Σ η_k² < ∞.
///
/// Source: H. Robbins and S. Monro, Ann. Math. Statist. 22 (1951) 400–407; ZM §6 has α = 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RobbinsMonro {
    scale: f64,
    offset: f64,
    exponent: f64,
}

impl RobbinsMonro {
    /// c = `scale`, k₀ = `offset`, α = `exponent`.
    ///
    /// # Example
    /// ```
    /// use dynamics::schedule::{RobbinsMonro, Schedule};
    /// let schedule = Schedule::RobbinsMonro(RobbinsMonro::new(2.0, 10.0, 1.0)?);
    /// assert_eq!((schedule.at(0), schedule.at(10), schedule.largest()), (0.2, 0.1, 0.2));
    /// assert!(RobbinsMonro::new(2.0, 10.0, 0.5).is_err());
    /// # Ok::<(), dynamics::DynamicsError>(())
    /// ```
    ///
    /// # Errors
    /// [`DynamicsError::NotPositive`] unless 0 < c, k₀ < ∞, [`DynamicsError::Exponent`] unless ½ < α ≤ 1.
    pub fn new(scale: f64, offset: f64, exponent: f64) -> Result<Self, DynamicsError> {
        let (scale, offset) = (positive("scale c", scale)?, positive("offset k₀", offset)?);
        if !(exponent > 0.5 && exponent <= 1.0) {
            return Err(DynamicsError::Exponent { given: exponent });
        }
        Ok(RobbinsMonro { scale, offset, exponent })
    }

    /// c.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// k₀.
    #[must_use]
    pub fn offset(&self) -> f64 {
        self.offset
    }

    /// α.
    #[must_use]
    pub fn exponent(&self) -> f64 {
        self.exponent
    }
}

/// In each period of q steps, r large ones and then q − r small ones.
///
/// ```text
/// η_k = η_high  if k mod q < r,   η_low otherwise
/// ```
///
/// Source: WW (the cyclical steps along a valley of minima).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cyclical {
    high: StepSize,
    low: StepSize,
    high_steps: u64,
    period: u64,
}

impl Cyclical {
    /// η_high = `high`, η_low = `low`, r = `high_steps`, q = `period`.
    ///
    /// # Example
    /// ```
    /// use dynamics::schedule::{Cyclical, Schedule, StepSize};
    /// let schedule = Schedule::Cyclical(Cyclical::new(StepSize::new(0.5)?, StepSize::new(0.125)?, 1, 3)?);
    /// assert_eq!([0, 1, 2, 3].map(|k| schedule.at(k)), [0.5, 0.125, 0.125, 0.5]);
    /// assert_eq!((schedule.largest(), schedule.time(4)), (0.5, 1.25));
    /// assert!(Cyclical::new(StepSize::new(0.5)?, StepSize::new(0.125)?, 3, 3).is_err());
    /// # Ok::<(), dynamics::DynamicsError>(())
    /// ```
    ///
    /// # Errors
    /// [`DynamicsError::StepOrder`] unless η_low ≤ η_high, [`DynamicsError::Period`] unless 0 < r < q.
    pub fn new(high: StepSize, low: StepSize, high_steps: u64, period: u64) -> Result<Self, DynamicsError> {
        if low > high {
            return Err(DynamicsError::StepOrder { low: low.get(), high: high.get() });
        }
        if high_steps == 0 || high_steps >= period {
            return Err(DynamicsError::Period { high_steps, period });
        }
        Ok(Cyclical { high, low, high_steps, period })
    }

    /// η_high.
    #[must_use]
    pub fn high(&self) -> StepSize {
        self.high
    }

    /// η_low.
    #[must_use]
    pub fn low(&self) -> StepSize {
        self.low
    }

    /// r.
    #[must_use]
    pub fn high_steps(&self) -> u64 {
        self.high_steps
    }

    /// q.
    #[must_use]
    pub fn period(&self) -> u64 {
        self.period
    }
}

impl Schedule {
    /// η_k, the size of the step from θ_k to θ_{k+1}.
    #[must_use]
    #[inline]
    pub fn at(&self, step: u64) -> f64 {
        match self {
            Schedule::Constant(eta) => eta.get(),
            Schedule::RobbinsMonro(RobbinsMonro { scale, offset, exponent }) => {
                let shifted = step as f64 + offset;
                if *exponent == 1.0 { scale / shifted } else { scale * libm::exp(-exponent * libm::log(shifted)) }
            }
            Schedule::Cyclical(cycle) if step % cycle.period < cycle.high_steps => cycle.high.get(),
            Schedule::Cyclical(cycle) => cycle.low.get(),
        }
    }

    /// sup_k η_k, which decides stability.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.at(0)
    }

    /// t = Σ_{j<k} η_j. Cost O(1): decreasing steps are added by the formula of Euler and Maclaurin beyond
    /// the first ones, right to rounding.
    #[must_use]
    pub fn time(&self, step: u64) -> f64 {
        match self {
            Schedule::Constant(eta) => step as f64 * eta.get(),
            Schedule::RobbinsMonro(schedule) => {
                let summed = step.min(SUMMED);
                let head: f64 = (0..summed).map(|k| self.at(k)).sum();
                if step == summed { head } else { head + schedule.tail(summed as f64, step as f64) }
            }
            Schedule::Cyclical(Cyclical { high, low, high_steps, period }) => {
                let (cycles, rest) = (step / period, step % period);
                let n_high = cycles * high_steps + rest.min(*high_steps);
                n_high as f64 * high.get() + (step - n_high) as f64 * low.get()
            }
        }
    }
}

/// How many of the first steps are added one by one.
const SUMMED: u64 = 64;

impl RobbinsMonro {
    /// Σ_{from ≤ k < to} η_k = ∫f + ½(f(from) − f(to)) + Σ_i B_2i/(2i)!·(f⁽²ⁱ⁻¹⁾(to) − f⁽²ⁱ⁻¹⁾(from)), up to i = 3.
    fn tail(&self, from: f64, to: f64) -> f64 {
        let (c, alpha) = (self.scale, self.exponent);
        let (x, y) = (from + self.offset, to + self.offset);
        let log_ratio = libm::log1p((to - from) / x);
        let rest = 1.0 - alpha;
        // (y^{1−α} − x^{1−α})/(1−α), which tends to ln(y/x).
        let integral =
            if rest == 0.0 { log_ratio } else { libm::exp(rest * libm::log(x)) * libm::expm1(rest * log_ratio) / rest };
        let corrections = |x: f64| {
            let f = libm::exp(-alpha * libm::log(x));
            let first = -alpha * f / x;
            let third = first * (alpha + 1.0) * (alpha + 2.0) / (x * x);
            let fifth = third * (alpha + 3.0) * (alpha + 4.0) / (x * x);
            -0.5 * f + first / 12.0 - third / 720.0 + fifth / 30_240.0
        };
        c * (integral + corrections(y) - corrections(x))
    }
}

/// A number that is finite and above 0, or an error that names it.
pub(crate) fn positive(what: &'static str, given: f64) -> Result<f64, DynamicsError> {
    if given.is_finite() && given > 0.0 { Ok(given) } else { Err(DynamicsError::NotPositive { what, given }) }
}

/// A number that is finite and at least 0, or an error that names it.
pub(crate) fn non_negative(what: &'static str, given: f64) -> Result<f64, DynamicsError> {
    if given.is_finite() && given >= 0.0 { Ok(given) } else { Err(DynamicsError::Negative { what, given }) }
}
