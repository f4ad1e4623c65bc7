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
        }
    }

    /// sup_k η_k, which decides stability.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.at(0)
    }

    /// t = Σ_{j<k} η_j. Cost O(1): beyond the first steps by the formula of Euler and Maclaurin, right to rounding.
    #[must_use]
    pub fn time(&self, step: u64) -> f64 {
        match self {
            Schedule::Constant(eta) => step as f64 * eta.get(),
            Schedule::RobbinsMonro(schedule) => {
                let summed = step.min(SUMMED);
                let head: f64 = (0..summed).map(|k| self.at(k)).sum();
                if step == summed { head } else { head + schedule.tail(summed as f64, step as f64) }
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
