//! The log–log slope of means, by an interval that is right to second order.
//!
//! The slope θ = f(μ) = Σ w_j ln μ_j, w_j = (x_j − x̄)/Σ(x − x̄)², is no mean, so skewness and curvature both displace
//! its interval. The approximate bootstrap (ABC) corrects for both without resampling: with σ² = ∇fᵀC∇f for the
//! covariance C of the column means and u = C∇f/σ,
//!
//! ```text
//! a = Σ L_k³/(6(Σ L_k²)^{3/2}),   L_k = ∇fᵀ(x_k − μ̂)      acceleration
//! b = ½ Σ f_jj C_jj,              q = f''[u, u]/(2σ)        bias, curvature along the worst direction
//! z₀ = a + q − b/σ,   w = z₀ ± z,   ends f(μ̂ + λu) at λ = w/(1 − aw)²
//! ```
//!
//! with Student's quantile z, K − 1 degrees of freedom, for the normal one.
//!
//! Source: T. DiCiccio and B. Efron, *More accurate confidence intervals in exponential families*, Biometrika 79 (1992)
//! 231–245.

use crate::sample::Interval;
use crate::student::{upper_quantile, upper_tail};

/// A slope estimated from K sections of the fitted columns.
#[derive(Debug, Clone, PartialEq)]
pub struct LogSlope {
    /// w_j.
    weights: Vec<f64>,
    /// μ̂_j.
    means: Vec<f64>,
    /// u_j.
    direction: Vec<f64>,
    standard_error: f64,
    acceleration: f64,
    /// z₀.
    shift: f64,
    /// K.
    sections: usize,
    /// K − 1.
    freedom: f64,
}

impl LogSlope {
    /// The least-squares slope of ln of the columns' means on ln `x`; each column has K sections, and sections of one
    /// number belong together. Not finite for a mean that is not positive.
    #[must_use]
    pub fn new(x: &[f64], columns: &[Vec<f64>]) -> Self {
        let logs: Vec<f64> = x.iter().map(|x| libm::log(*x)).collect();
        let centre = logs.iter().sum::<f64>() / logs.len() as f64;
        let spread: f64 = logs.iter().map(|x| (x - centre) * (x - centre)).sum();
        let weights: Vec<f64> = logs.iter().map(|x| (x - centre) / spread).collect();
        let n_sections = columns.first().map_or(0, Vec::len);
        let k = n_sections as f64;
        let means: Vec<f64> = columns.iter().map(|column| column.iter().sum::<f64>() / k).collect();
        let gradient: Vec<f64> = weights.iter().zip(&means).map(|(w, mean)| w / mean).collect();
        let influence =
            |section: usize| -> f64 { (0..means.len()).map(|j| gradient[j] * (columns[j][section] - means[j])).sum() };
        let influences: Vec<f64> = (0..n_sections).map(influence).collect();
        let power = |n: i32| influences.iter().map(|l| l.powi(n)).sum::<f64>();
        let scale = 1.0 / (k * (k - 1.0));
        let standard_error = (scale * power(2)).sqrt();
        let along = |column: &Vec<f64>, mean: f64| -> f64 {
            if standard_error == 0.0 {
                return 0.0;
            }
            column.iter().zip(&influences).map(|(x, l)| (x - mean) * l).sum::<f64>() * scale / standard_error
        };
        let direction: Vec<f64> = columns.iter().zip(&means).map(|(column, mean)| along(column, *mean)).collect();
        let variance =
            |column: &Vec<f64>, mean: f64| column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() * scale;
        // f_jj = −w_j/μ_j².
        let curved = |j: usize| -weights[j] / (means[j] * means[j]);
        let bias = 0.5 * (0..means.len()).map(|j| curved(j) * variance(&columns[j], means[j])).sum::<f64>();
        let bend = (0..means.len()).map(|j| curved(j) * direction[j] * direction[j]).sum::<f64>();
        let (acceleration, shift) = if standard_error == 0.0 {
            (0.0, 0.0)
        } else {
            let acceleration = power(3) / (6.0 * power(2) * power(2).sqrt());
            (acceleration, acceleration + (0.5 * bend - bias) / standard_error)
        };
        LogSlope {
            weights,
            means,
            direction,
            standard_error,
            acceleration,
            shift,
            sections: n_sections,
            freedom: k - 1.0,
        }
    }

    /// f(μ̂).
    #[must_use]
    pub fn value(&self) -> f64 {
        self.at(0.0)
    }

    /// σ.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_error
    }

    /// K.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.sections
    }

    /// The two-sided interval that misses the slope with probability `error`.
    #[must_use]
    pub fn interval(&self, error: f64) -> Interval {
        if self.standard_error == 0.0 {
            return Interval::new(self.value(), self.value());
        }
        let z = upper_quantile(0.5 * error, self.freedom);
        let end = |z: f64| {
            let w = self.shift + z;
            let shrink = 1.0 - self.acceleration * w;
            // Beyond a w of 1 the correction has no meaning: nothing is known on that side.
            if shrink > 0.0 { self.at(w / (shrink * shrink)) } else { f64::INFINITY.copysign(z) }
        };
        Interval::new(end(-z), end(z))
    }

    /// The two-sided error at which the slope can be told from one at least as far as the nearest end of `band`; 1 for
    /// an estimate inside the band.
    #[must_use]
    pub fn p_outside(&self, band: &Interval) -> f64 {
        let (value, sign, edge) = match self.value() {
            value if value > band.high => (value, -1.0, band.high),
            value if value < band.low => (value, 1.0, band.low),
            _ => return 1.0,
        };
        if self.standard_error == 0.0 {
            return 0.0;
        }
        // f is monotone in λ near 0; the λ of the edge is bracketed and bisected.
        let is_short = |lambda: f64| sign * (self.at(sign * lambda) - edge) < 0.0;
        let mut high = (edge - value).abs() / self.standard_error;
        while is_short(high) && high < 1e6 {
            high *= 2.0;
        }
        let mut low = 0.0;
        while high - low > 1e-9 * high {
            let middle = 0.5 * (low + high);
            if is_short(middle) { low = middle } else { high = middle }
        }
        let (lambda, a) = (sign * 0.5 * (low + high), self.acceleration);
        // λ(1 − aw)² = w, for the root that is near λ; beyond −1/(4a), which no w reaches, the w that comes nearest.
        let square = 1.0 + 4.0 * a * lambda;
        let w = if square > 0.0 { 2.0 * lambda / (1.0 + 2.0 * a * lambda + square.sqrt()) } else { -1.0 / a };
        (2.0 * upper_tail(sign * (w - self.shift), self.freedom)).min(1.0)
    }

    /// f(μ̂ + λu); infinite where a mean would not be positive.
    fn at(&self, lambda: f64) -> f64 {
        let terms = self.weights.iter().zip(&self.means).zip(&self.direction);
        let value: f64 = terms.map(|((w, mean), u)| w * libm::log(mean + lambda * u)).sum();
        if value.is_finite() || lambda == 0.0 { value } else { f64::INFINITY.copysign(lambda) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_without_noise_has_its_exponent() {
        let x = [1.0, 10.0, 100.0, 1000.0];
        let columns: Vec<Vec<f64>> = x.iter().map(|x| vec![3.0 / x; 8]).collect();
        let slope = LogSlope::new(&x, &columns);
        assert!((slope.value() + 1.0).abs() < 1e-14 && slope.standard_error() < 1e-14);
        // Without any rounding, too: powers of two.
        let exact = LogSlope::new(&[1.0, 2.0, 4.0], &[vec![4.0; 8], vec![2.0; 8], vec![1.0; 8]]);
        assert_eq!((exact.standard_error(), exact.interval(1e-6)), (0.0, Interval::new(exact.value(), exact.value())));
        assert!((exact.value() + 1.0).abs() < 1e-15 && exact.p_outside(&Interval::new(0.0, 1.0)) == 0.0);
    }

    /// A band may lie hundreds of standard errors away, on the side to which the correction for skewness ends.
    #[test]
    fn the_farther_a_band_the_smaller_the_p_value() {
        let skewed = |scale: f64, sign: f64| -> Vec<f64> {
            (0..128_u32)
                .map(|k| scale * (1.0 + sign * 0.01 * (-libm::log((f64::from(k) + 0.5) / 128.0) - 1.0)))
                .collect()
        };
        for sign in [1.0, -1.0] {
            let slope = LogSlope::new(&[1.0, 2.0], &[vec![1.0; 128], skewed(1.0, sign)]);
            assert!(slope.acceleration.abs() > 0.02, "{slope:?}");
            for side in [1.0, -1.0] {
                let p = |distance: f64| {
                    let edge = slope.value() + side * distance * slope.standard_error();
                    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
                    slope.p_outside(&if side > 0.0 { Interval::new(edge, high) } else { Interval::new(low, edge) })
                };
                let p_values: Vec<f64> = [1.0, 3.0, 6.0, 9.0, 12.0, 20.0, 40.0, 80.0].map(p).to_vec();
                assert!(p_values.windows(2).all(|pair| pair[1] <= pair[0]), "{p_values:?}");
                assert!(p_values[7] < 1e-12, "{p_values:?}");
            }
        }
    }

    #[test]
    fn the_interval_and_the_p_value_agree_at_the_edge() {
        let noisy = |scale: f64, seed: u64| -> Vec<f64> {
            (0..128_u64)
                .map(|k| scale * (1.0 + 0.1 * ((k * (7 + seed) * 2_654_435_761 % 1000) as f64 / 500.0 - 1.0)))
                .collect()
        };
        let slope = LogSlope::new(&[1.0, 2.0, 4.0], &[noisy(4.0, 0), noisy(2.0, 4), noisy(1.0, 12)]);
        for error in [0.3, 1e-3, 1e-7] {
            let interval = slope.interval(error);
            let below = slope.p_outside(&Interval::new(f64::NEG_INFINITY, interval.low));
            let above = slope.p_outside(&Interval::new(interval.high, f64::INFINITY));
            assert!(
                (below / error - 1.0).abs() < 1e-5 && (above / error - 1.0).abs() < 1e-5,
                "{error}: {below} {above}"
            );
        }
    }
}
