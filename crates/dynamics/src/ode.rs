//! The explicit Runge–Kutta pair of Dormand and Prince, of orders 5 and 4, with control of the local error.
//!
//! ```text
//! y' = f(t, y),   y_{n+1} = y_n + hΣ b_ik_i (order 5),   e = hΣ(b_i − b*_i)k_i (the gap to order 4)
//! accept if max_i |e_i|/(τ(s_i + max(|y_n|, |y_{n+1}|)_i)) ≤ 1;   h ← h·clamp(0.9·err^{−1/5}, 0.2, 5)
//! ```
//!
//! Written here because no maintained crate of the registry has it without a stack of dependencies.
//!
//! Source: J. R. Dormand and P. J. Prince, *A family of embedded Runge–Kutta formulae*, J. Comput. Appl. Math. 6 (1980)
//! 19–26.

use crate::error::DynamicsError;

const STAGES: usize = 7;

/// c_i: where in a step the stages lie.
const NODES: [f64; STAGES] = [0.0, 1.0 / 5.0, 3.0 / 10.0, 4.0 / 5.0, 8.0 / 9.0, 1.0, 1.0];

/// a_ij. The last row is b, so the last stage of a step is the first of the next.
const WEIGHTS: [[f64; STAGES - 1]; STAGES] = [
    [0.0; 6],
    [1.0 / 5.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0, 0.0, 0.0],
    [9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0, 0.0],
    [35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];

/// b_i − b*_i.
const ERROR: [f64; STAGES] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0];

/// An integrator of y' = f(t, y) for y of one dimension, with its workspace and its current step.
///
/// # Example
/// ```
/// use dynamics::ode::DormandPrince;
/// // y' = −y from 1: e⁻² at t = 2.
/// let mut integrator = DormandPrince::new(1e-10, &[1.0]);
/// let mut y = [1.0];
/// integrator.integrate(&mut |_, y, slope| slope[0] = -y[0], 0.0, 2.0, &mut y)?;
/// assert!((y[0] - libm::exp(-2.0)).abs() < 1e-9);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct DormandPrince {
    tolerance: f64,
    scales: Vec<f64>,
    /// k_1…k_7.
    slopes: [Vec<f64>; STAGES],
    /// Where a stage is evaluated, and at last y_{n+1}.
    stage: Vec<f64>,
    /// The step that the next one tries; infinite before the first.
    step: f64,
}

/// f: writes the slope at (t, y) into its last argument.
pub type Field<'a> = &'a mut dyn FnMut(f64, &[f64], &mut [f64]);

impl DormandPrince {
    /// An integrator with the local relative tolerance τ = `tolerance` and typical sizes s = `scales` of the components
    /// of y, below which an error is measured against s_i and not against y_i.
    #[must_use]
    pub fn new(tolerance: f64, scales: &[f64]) -> Self {
        let zeros = || vec![0.0; scales.len()];
        DormandPrince {
            tolerance,
            scales: scales.to_vec(),
            slopes: std::array::from_fn(|_| zeros()),
            stage: zeros(),
            step: f64::INFINITY,
        }
    }

    /// Takes y from t = `from` to `to` ≥ `from`, in place. Keeps its step for the next call.
    ///
    /// # Errors
    /// [`DynamicsError::OdeStuck`] if the step falls below the resolution of t.
    pub fn integrate(&mut self, f: Field<'_>, from: f64, to: f64, y: &mut [f64]) -> Result<(), DynamicsError> {
        let mut t = from;
        while t < to {
            // A step that would leave a crumb is stretched to the end.
            let left = to - t;
            let h = if self.step * 1.01 >= left { left } else { self.step };
            if t + h == t || h.is_nan() {
                return Err(DynamicsError::OdeStuck { time: t, step: h });
            }
            let error = self.try_step(f, t, h, y);
            let factor = if error.is_nan() { 0.2 } else { (0.9 * libm::pow(error, -0.2)).clamp(0.2, 5.0) };
            if error <= 1.0 {
                t = if h == left { to } else { t + h };
                y.copy_from_slice(&self.stage);
                // The last step of a call is cut short, and says little about the size of the next.
                self.step = if h == left && self.step.is_finite() { self.step.max(h * factor) } else { h * factor };
            } else {
                self.step = h * factor.min(1.0);
            }
        }
        Ok(())
    }

    /// One step of size h without control: y_{n+1} in place.
    pub fn advance(&mut self, f: Field<'_>, t: f64, h: f64, y: &mut [f64]) {
        self.try_step(f, t, h, y);
        y.copy_from_slice(&self.stage);
    }

    /// Leaves y_{n+1} in `stage` and gives the error in units of the tolerance; 1 is just acceptable, NaN is not.
    fn try_step(&mut self, f: Field<'_>, t: f64, h: f64, y: &[f64]) -> f64 {
        for i in 0..STAGES {
            let (done, rest) = self.slopes.split_at_mut(i);
            for (c, stage) in self.stage.iter_mut().enumerate() {
                *stage = y[c] + h * done.iter().zip(&WEIGHTS[i]).map(|(k, a)| a * k[c]).sum::<f64>();
            }
            f(t + NODES[i] * h, &self.stage, &mut rest[0]);
        }
        let mut worst = 0.0_f64;
        for c in 0..y.len() {
            let error = h * self.slopes.iter().zip(&ERROR).map(|(k, e)| e * k[c]).sum::<f64>();
            let size = self.scales[c] + y[c].abs().max(self.stage[c].abs());
            let relative = (error / (self.tolerance * size)).abs();
            // `max` would drop a NaN.
            worst = if relative.is_nan() || worst.is_nan() { f64::NAN } else { worst.max(relative) };
        }
        worst
    }
}
