//! How SGD leaves a minimum (WWS): the exact second-moment map of SGD on ½wᵀ𝒢w with noise that grows with the loss.
//!
//! ```text
//! w' = (I − η𝒢)w + ηξ,   Cov ξ = 2L𝒢/b,   2L = wᵀ𝒢w,   x_i = E w_i² in the eigenbasis of 𝒢
//!
//! x' = Tx,   T = diag(D) + cλλᵀ,   c = η²/b,   D_i = (1 − ηλ_i)²,  and cλ_i² more with Gaussian features
//! ρ = λ_max(T):   1 = c Σλ_i²/(ρ − D_i),   v_i ∝ λ_i/(ρ − D_i),   T^k x ≈ ρ^k (vᵀx)v,   e_i ∝ λ_iv_i
//! ```
//!
//! T is symmetric with positive entries, so its largest eigenvalue ρ is simple with a positive eigenvector v (Perron), in
//! whose shape all starts end up; e_i are the shares of the loss. Streaming least squares without residual noise,
//! x ~ N(0, 𝒢), has the same map with the term of Gaussian features, as E xxᵀMxxᵀ = 2𝒢M𝒢 + tr(𝒢M)𝒢. SGD escapes iff ρ > 1,
//! also where gradient descent, of growth (1 − ηλ_i)² along direction i, is stable.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::Mat;

use crate::GeometryError;
use crate::dense::{require_count, require_length, require_positive};

/// What noise a batch of b has beside the loss L.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscapeNoise {
    /// Covariance 2L𝒢/b: what WWS assume. No process of the crate `dynamics` has it; it is for comparison with their
    /// formulas.
    Aligned,
    /// That of fresh samples with Gaussian features, (2L𝒢 + ∇L∇Lᵀ)/b: that of streaming least squares, whose limit and
    /// whose growth in specs rest on it.
    GaussianFeatures,
}

/// The map T with its growth factor and limiting profile.
///
/// ```
/// # use geometry::{Escape, EscapeNoise};
/// // ηλ = 1 and b = 2: T = (1 − 1)² + 1/2.
/// let escape = Escape::new(&[2.0], 0.5, 2, EscapeNoise::Aligned)?;
/// assert_eq!((escape.growth(), escape.is_stable()), (0.5, true));
/// // Gradient descent is stable below ηλ = 2; with b = 1 and ηλ = 1.2, T = 0.04 + 1.44.
/// let escape = Escape::new(&[1.2], 1.0, 1, EscapeNoise::Aligned)?;
/// assert!((escape.growth() - 1.48).abs() < 1e-15 && !escape.is_stable());
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Escape {
    curvatures: Vec<f64>,
    step_size: f64,
    batch_size: f64,
    noise: EscapeNoise,
    growth: f64,
    profile: Vec<f64>,
}

impl Escape {
    /// The map for the eigenvalues λ_i > 0 of 𝒢, in any order, step size η and batches of b. Cost: O(d).
    ///
    /// Directions with λ_i = 0 neither move nor carry loss: leave them out.
    ///
    /// # Errors
    ///
    /// [`GeometryError::Empty`], [`GeometryError::NotPositive`] for a λ_i, η or b, [`GeometryError::NoConvergence`] when
    /// T overflows.
    pub fn new(curvatures: &[f64], step_size: f64, batch_size: u64, noise: EscapeNoise) -> Result<Self, GeometryError> {
        require_curvatures(curvatures, step_size)?;
        require_positive("batch size", batch_size as f64)?;
        let (curvatures, batch_size) = (curvatures.to_vec(), batch_size as f64);
        let mut escape = Escape { curvatures, step_size, batch_size, noise, growth: 0.0, profile: Vec::new() };
        let fastest = escape.fastest();
        let excess = escape.excess(fastest)?;
        escape.growth = escape.diagonal(fastest) + excess;
        let profile = (0..escape.curvatures.len()).map(|i| escape.curvatures[i] / (excess + escape.lag(fastest, i)));
        escape.profile = unit(profile.collect());
        Ok(escape)
    }

    /// T (d×d), symmetric.
    pub fn matrix(&self) -> Mat<f64> {
        let (lambda, c) = (&self.curvatures, self.coupling());
        Mat::from_fn(lambda.len(), lambda.len(), |i, j| {
            c * lambda[i] * lambda[j] + if i == j { self.diagonal(i) } else { 0.0 }
        })
    }

    /// Tx, for the second moments x (d) of one step after. Cost: O(d).
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`].
    pub fn step(&self, x: &[f64]) -> Result<Vec<f64>, GeometryError> {
        require_length("vector of second moments", x, self.curvatures.len())?;
        let twice_loss = dot(&self.curvatures, x);
        let noise = |i: usize| self.coupling() * self.curvatures[i] * twice_loss;
        Ok((0..x.len()).map(|i| self.diagonal(i) * x[i] + noise(i)).collect())
    }

    /// ρ = λ_max(T), by the secular equation, with a relative error of rounding size.
    pub fn growth(&self) -> f64 {
        self.growth
    }

    /// v (d), positive and of length 1.
    pub fn profile(&self) -> &[f64] {
        &self.profile
    }

    /// e_i = λ_iv_i/Σ λ_jv_j ∝ λ_i²/(ρ − D_i): each direction's share of the loss, in the limit of many steps (WWS).
    ///
    /// Used by [`Escape::energy_beyond`], and by those who compare a measured escape with it.
    pub fn energy_shares(&self) -> Vec<f64> {
        let total = dot(&self.curvatures, &self.profile);
        self.curvatures.iter().zip(&self.profile).map(|(lambda, v)| lambda * v / total).collect()
    }

    /// D_k: the loss beyond the k sharpest directions over the loss within them, in the limit of many steps: bounded below
    /// for SGD, where gradient descent, whose x_i grow by (1 − ηλ_i)² each, has D_1 → 0 (WWS). For those who compare a
    /// measured escape with it; nothing else here does.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongCount`] unless 1 ≤ k ≤ d.
    pub fn energy_beyond(&self, k: usize) -> Result<f64, GeometryError> {
        require_count("number of sharpest directions", k, 1, self.curvatures.len())?;
        let mut order: Vec<usize> = (0..self.curvatures.len()).collect();
        order.sort_by(|&i, &j| self.curvatures[j].total_cmp(&self.curvatures[i]));
        let shares = self.energy_shares();
        let sum = |directions: &[usize]| directions.iter().map(|&i| shares[i]).sum::<f64>();
        Ok(sum(&order[k..]) / sum(&order[..k]))
    }

    /// Whether ρ < 1, by the terms of its equation at 1: (1/b)Σ ηλ_i/(2 − ηλ_i) < 1 with all ηλ_i < 2, where Gaussian
    /// features put η(1 + 1/b)λ_i in place of the ηλ_i that stand beside 2.
    pub fn is_stable(&self) -> bool {
        let widened = match self.noise {
            EscapeNoise::Aligned => 1.0,
            EscapeNoise::GaussianFeatures => 1.0 + 1.0 / self.batch_size,
        };
        let room = |lambda: f64| 2.0 - widened * self.step_size * lambda;
        let feedback = |&lambda: &f64| self.step_size * lambda / self.batch_size / room(lambda);
        self.curvatures.iter().all(|&lambda| room(lambda) > 0.0)
            && self.curvatures.iter().map(feedback).sum::<f64>() < 1.0
    }

    /// ρ^k(vᵀx)v (d), which T^k x approaches relative to its size.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`], and [`GeometryError::NotFinite`] when ρ^k overflows.
    pub fn limit(&self, x: &[f64], k: u64) -> Result<Vec<f64>, GeometryError> {
        require_length("vector of second moments", x, self.curvatures.len())?;
        let along = dot(&self.profile, x);
        // No moments stay none, however large ρ^k is.
        let size = if along == 0.0 { 0.0 } else { libm::pow(self.growth, k as f64) * along };
        if !size.is_finite() {
            return Err(GeometryError::NotFinite {
                what: "limit of the second moments",
                row: 0,
                column: 0,
                value: size,
            });
        }
        Ok(self.profile.iter().map(|v| size * v).collect())
    }

    /// c = η²/b.
    fn coupling(&self) -> f64 {
        self.step_size * self.step_size / self.batch_size
    }

    /// Coefficient of λ_i² in D_i beside the (1 − ηλ_i)² of the mean.
    fn feature_term(&self) -> f64 {
        match self.noise {
            EscapeNoise::Aligned => 0.0,
            EscapeNoise::GaussianFeatures => self.coupling(),
        }
    }

    /// D_i.
    fn diagonal(&self, i: usize) -> f64 {
        let lambda = self.curvatures[i];
        let kept = 1.0 - self.step_size * lambda;
        kept * kept + self.feature_term() * lambda * lambda
    }

    /// D_m − D_i, from the difference of the curvatures, so that nothing cancels that need not.
    fn lag(&self, m: usize, i: usize) -> f64 {
        let (difference, sum) = (self.curvatures[m] - self.curvatures[i], self.curvatures[m] + self.curvatures[i]);
        let quadratic = self.step_size * self.step_size + self.feature_term();
        (difference * (quadratic * sum - 2.0 * self.step_size)).max(0.0)
    }

    /// The direction with the largest D_i.
    fn fastest(&self) -> usize {
        let directions = 1..self.curvatures.len();
        directions.fold(0, |m, i| if self.diagonal(i) > self.diagonal(m) { i } else { m })
    }

    /// ρ − D_m for the fastest direction m: the positive root t of 1/Σ cλ_i²/(t + D_m − D_i) = 1.
    ///
    /// The left side increases and is concave, so Newton's steps from cλ_m², which is below the root, never pass it.
    fn excess(&self, m: usize) -> Result<f64, GeometryError> {
        let d = self.curvatures.len();
        let weight = |i: usize| self.coupling() * self.curvatures[i] * self.curvatures[i];
        let mut t = weight(m);
        for _ in 0..200 {
            let (mut sum, mut slope) = (0.0, 0.0);
            for i in 0..d {
                let term = weight(i) / (t + self.lag(m, i));
                sum += term;
                slope += term / (t + self.lag(m, i));
            }
            // 1/Σ is `slope`/Σ² steep.
            let next = t + (sum - 1.0) * sum / slope;
            if next <= t || (next - t) < f64::EPSILON * t {
                return Ok(next);
            }
            t = next;
        }
        Err(GeometryError::NoConvergence { method: "secular equation of the growth factor", dimension: d })
    }
}

fn require_curvatures(curvatures: &[f64], step_size: f64) -> Result<(), GeometryError> {
    if curvatures.is_empty() {
        return Err(GeometryError::Empty { what: "spectrum" });
    }
    curvatures.iter().try_for_each(|&lambda| require_positive("curvature", lambda))?;
    require_positive("step size", step_size)
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// v divided by its length.
fn unit(v: Vec<f64>) -> Vec<f64> {
    let largest = v.iter().fold(0.0_f64, |largest, v| largest.max(*v));
    let length = v.iter().map(|v| (v / largest) * (v / largest)).sum::<f64>().sqrt();
    v.iter().map(|v| v / largest / length).collect()
}
