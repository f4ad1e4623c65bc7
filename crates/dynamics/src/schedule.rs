//! Step-size schedules.

use crate::error::DynamicsError;

/// How the step size η_k depends on the step k.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Schedule {
    /// η_k = η.
    Constant(StepSize),
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
        if step_size.is_finite() && step_size > 0.0 {
            Ok(StepSize(step_size))
        } else {
            Err(DynamicsError::NotPositive { what: "step size η", given: step_size })
        }
    }

    /// η.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Schedule {
    /// η_k, the size of the step from θ_k to θ_{k+1}.
    #[must_use]
    #[inline]
    pub fn at(&self, _step: u64) -> f64 {
        match self {
            Schedule::Constant(eta) => eta.get(),
        }
    }

    /// sup_k η_k, which decides stability.
    #[must_use]
    pub fn largest(&self) -> f64 {
        match self {
            Schedule::Constant(eta) => eta.get(),
        }
    }
}
