//! A control variate: a correlated quantity with known mean is subtracted from each gradient.

use crate::design::{Design, DesignError, LARGEST_BATCH, checked_batch_size, checked_parameter};
use crate::normal::fill_normals;
use crate::stream::Stream;

/// Batches of b samples whose first whitened coordinate z is replaced by z − βc, where the control c has mean 0.
///
/// z and c are standard normals with correlation r; the other coordinates are left alone. So
///
/// ```text
/// Cov(ĝ_B) = (1/b) L diag(k) Lᵀ,    k_1 = 1 − 2βr + β²,    k_i = 1 for i > 1            (derived)
/// ```
///
/// smallest at β = r, where k_1 = 1 − r², and above 1 for β not between 0 and 2r: a bad coefficient leaves the Loewner
/// order of ZM Remark 9.1 (ZM = arXiv 2603.02417v4). The mean of b pairs (z, c), times √b, is again such a pair, so one
/// is drawn for a batch.
///
/// # Example
/// ```
/// # use sampling::{Design, designs::ControlVariate};
/// assert_eq!(ControlVariate::optimal(4, 0.5)?.shape(0), 0.75);
/// assert_eq!(ControlVariate::with_coefficient(4, 0.5, 2.0)?.shape(0), 3.0);
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlVariate {
    batch_size: f64,
    correlation: f64,
    coefficient: f64,
}

impl ControlVariate {
    /// A design with batches of b = `batch_size` samples, correlation r = `correlation`, and the coefficient β = r.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`LARGEST_BATCH`] and −1 < r < 1.
    pub fn optimal(batch_size: u64, correlation: f64) -> Result<Self, DesignError> {
        Self::with_coefficient(batch_size, correlation, correlation)
    }

    /// A design with batches of b = `batch_size` samples, correlation r = `correlation`, and β = `coefficient`.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`LARGEST_BATCH`], −1 < r < 1 and |β| ≤ 10⁶.
    pub fn with_coefficient(batch_size: u64, correlation: f64, coefficient: f64) -> Result<Self, DesignError> {
        let batch_size = checked_batch_size(batch_size, LARGEST_BATCH)?;
        let within = correlation.abs() < 1.0;
        let correlation = checked_parameter("correlation with the control", correlation, within, "> −1 and < 1")?;
        let within = coefficient.abs() <= 1e6;
        let coefficient = checked_parameter("coefficient of the control", coefficient, within, "between −1e6 and 1e6")?;
        Ok(ControlVariate { batch_size, correlation, coefficient })
    }
}

impl Design for ControlVariate {
    /// ζ_1 = z − βc with c = rz + √(1 − r²)w, and ζ_i = z_i for i > 1.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        let (r, beta) = (self.correlation, self.coefficient);
        let rest = ((1.0 - r) * (1.0 + r)).sqrt();
        fill_normals(stream, whitened);
        let controlled = whitened.len().min(width);
        let mut fresh = [0.0; SCRATCH];
        for part in whitened[..controlled].chunks_mut(SCRATCH) {
            let fresh = &mut fresh[..part.len()];
            fill_normals(stream, fresh);
            for (z, w) in part.iter_mut().zip(&*fresh) {
                let control = r * *z + rest * w;
                *z -= beta * control;
            }
        }
    }

    fn variance_factor(&self) -> f64 {
        1.0 / self.batch_size
    }

    /// (β − r)² + (1 − r²) = 1 − 2βr + β², without cancellation.
    fn shape(&self, i: usize) -> f64 {
        let (r, beta) = (self.correlation, self.coefficient);
        if i == 0 { (beta - r) * (beta - r) + (1.0 - r) * (1.0 + r) } else { 1.0 }
    }
}

/// Coordinates drawn at a time, so that the scratch stays on the stack.
const SCRATCH: usize = 256;
