//! Activations σ of hidden units, with their first two derivatives.

use super::tanh;

/// What a hidden unit does to z = wᵀa.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// max(z, 0); its derivative at 0 is taken as 0.
    Relu,
    /// tanh z.
    Tanh,
    /// ln(1 + eᶻ).
    Softplus,
    /// z: a linear network.
    Identity,
}

impl Activation {
    /// (σ(z), σ'(z)).
    ///
    /// # Example
    /// ```
    /// use dynamics::model::network::Activation;
    /// assert_eq!(Activation::Relu.value_and_slope(-2.0), (0.0, 0.0));
    /// assert_eq!(Activation::Tanh.value_and_slope(0.0), (0.0, 1.0));
    /// assert_eq!(Activation::Softplus.value_and_slope(0.0), (std::f64::consts::LN_2, 0.5));
    /// assert_eq!(Activation::Softplus.value_and_slope(800.0), (800.0, 1.0));
    /// ```
    #[must_use]
    #[inline]
    pub fn value_and_slope(self, z: f64) -> (f64, f64) {
        match self {
            // A NaN stays one, so that a diverged network does not look like a silent one.
            Activation::Relu => (if z < 0.0 { 0.0 } else { z }, if z > 0.0 { 1.0 } else { 0.0 }),
            Activation::Tanh => {
                let a = tanh::tanh(z);
                (a, (1.0 - a) * (1.0 + a))
            }
            Activation::Softplus => {
                let t = libm::exp(-z.abs());
                (z.max(0.0) + libm::log1p(t), (if z >= 0.0 { 1.0 } else { t }) / (1.0 + t))
            }
            Activation::Identity => (z, 1.0),
        }
    }

    /// σ''(z), from a = σ(z) and s = σ'(z): −2as for tanh, s(1 − s) for softplus, 0 for the others.
    #[must_use]
    #[inline]
    pub fn curvature(self, value: f64, slope: f64) -> f64 {
        match self {
            Activation::Relu | Activation::Identity => 0.0,
            Activation::Tanh => -2.0 * value * slope,
            Activation::Softplus => slope * (1.0 - slope),
        }
    }

    /// Replaces each z of `values` by σ(z) and writes σ'(z) to `slopes`.
    pub(super) fn apply(self, values: &mut [f64], slopes: &mut [f64]) {
        // One loop for each activation, so that those without transcendentals become vector code.
        match self {
            Activation::Relu => apply(values, slopes, |z| Activation::Relu.value_and_slope(z)),
            Activation::Tanh => tanh::apply(values, slopes),
            Activation::Softplus => apply(values, slopes, |z| Activation::Softplus.value_and_slope(z)),
            Activation::Identity => apply(values, slopes, |z| Activation::Identity.value_and_slope(z)),
        }
    }
}

#[inline(always)]
fn apply(values: &mut [f64], slopes: &mut [f64], activation: impl Fn(f64) -> (f64, f64)) {
    for (value, slope) in values.iter_mut().zip(slopes) {
        (*value, *slope) = activation(*value);
    }
}
