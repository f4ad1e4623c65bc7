//! The law of a random quadratic: which directions a sample is curved along, how much, and where its minimum lies.

use geometry::Spd;
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::schedule::non_negative;
use crate::source::Source;

/// Where it stands.
pub(super) const SOURCE: Source = Source::new(
    &[
        "h_p = Σ_i λ_iξ_pi u_iu_iᵀ, P(ξ_pi = 1) = p_i, w_p ~ N(0, σ²I)",
        "(E h²)_ii = λ_is_i = s_i^{1+c}/q, Cov g_p(0) = σ²E h²",
    ],
    "derived from the definition",
    file!(),
);

/// How the curvatures of one sample along different directions belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// The ξ_i are independent, and the sharpest direction is in every sample: p_max = 1.
    Independent,
    /// Every sample has exactly one direction: Σp_i = 1.
    RankOne,
}

/// Random quadratics ℓ = ½(w − w_p)ᵀh_p(w − w_p) that share H = E h_p and differ in its members.
///
/// ```text
/// h_p = Σ_i λ_iξ_pi u_iu_iᵀ,   P(ξ_pi = 1) = p_i,   w_p ~ N(0, σ²I)
/// p_i = q·s_i^{1−c},   λ_i = s_i^c/q,   q = 1/s_max^{1−c} (independent) or 1/Σs_j^{1−c} (rank one)
/// (E h²)_ii = λ_is_i = s_i^{1+c}/q,   Cov g_p(0) = σ²E h²
/// ```
///
/// with H = Σ s_iu_iu_iᵀ. So noise and curvature follow a power law of exponent 1 + c: at c = 0 the directions differ in
/// how often a sample is curved along them, at c = 1 in how much.
///
/// Source: derived from the definition.
///
/// # Example
/// ```
/// use dynamics::model::ensemble::{Ensemble, Members};
/// use geometry::Spd;
/// let curvature = Spd::diagonal(&[1.0, 4.0])?;
/// let law = Ensemble::new(&curvature, 0.5, Members::Independent, 1.0)?;
/// assert_eq!((law.chances(), law.magnitudes()), (&[0.5, 1.0][..], &[2.0, 4.0][..]));
/// assert_eq!(law.squared_hessian(), [2.0, 16.0]);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ensemble {
    frame: Frame,
    members: Members,
    correlation: f64,
    /// p (d).
    chances: Vec<f64>,
    /// λ (d).
    magnitudes: Vec<f64>,
    /// Σ_{j ≤ i} p_j (d), for a draw of one direction.
    cumulative: Vec<f64>,
    /// σ.
    spread: f64,
}

impl Ensemble {
    /// H = `curvature`, c = `correlation` of magnitude with curvature, σ = `spread` of the minima.
    ///
    /// # Errors
    /// [`DynamicsError::NotAShare`] unless 0 ≤ c ≤ 1, [`DynamicsError::Negative`] for a σ that is negative or not finite,
    /// [`DynamicsError::Geometry`] if the eigensolver fails.
    pub fn new(curvature: &Spd, correlation: f64, members: Members, spread: f64) -> Result<Self, DynamicsError> {
        if !(0.0..=1.0).contains(&correlation) {
            return Err(DynamicsError::NotAShare { what: "correlation c", given: correlation });
        }
        let spread = non_negative("spread σ of the minima", spread)?;
        let frame = Frame::new(curvature)?;
        let s = frame.rates();
        let largest = s.iter().copied().fold(0.0, f64::max);
        let weights: Vec<f64> = s.iter().map(|s| libm::pow(s / largest, 1.0 - correlation)).collect();
        let total = match members {
            Members::Independent => 1.0,
            Members::RankOne => weights.iter().sum(),
        };
        let chances: Vec<f64> = weights.iter().map(|w| w / total).collect();
        let magnitudes = s.iter().zip(&chances).map(|(s, p)| s / p).collect();
        let sum_up = |sum: &mut f64, p: &f64| {
            *sum += p;
            Some(*sum)
        };
        let cumulative = chances.iter().scan(0.0, sum_up).collect();
        Ok(Ensemble { frame, members, correlation, chances, magnitudes, cumulative, spread })
    }

    /// The eigenbasis of H, with s as its rates.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// How the ξ_i belong together.
    #[must_use]
    pub fn members(&self) -> Members {
        self.members
    }

    /// c.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }

    /// p (d), in the frame.
    #[must_use]
    pub fn chances(&self) -> &[f64] {
        &self.chances
    }

    /// Σ_{j ≤ i} p_j (d), in the frame.
    #[must_use]
    pub(crate) fn cumulative_chances(&self) -> &[f64] {
        &self.cumulative
    }

    /// λ (d), in the frame.
    #[must_use]
    pub fn magnitudes(&self) -> &[f64] {
        &self.magnitudes
    }

    /// σ.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.spread
    }

    /// The diagonal λ_is_i of E h² (d) in the frame, where the rest of it is 0; σ² times as much is Cov g_p(0).
    #[must_use]
    pub fn squared_hessian(&self) -> Vec<f64> {
        self.magnitudes.iter().zip(self.frame.rates()).map(|(lambda, s)| lambda * s).collect()
    }

    /// Cov(ξ_iλ_i, ξ_jλ_j), which is what one sample's curvature varies by.
    #[must_use]
    pub fn curvature_covariance(&self, i: usize, j: usize) -> f64 {
        let s = self.frame.rates();
        match self.members {
            _ if i == j => s[i] * (self.magnitudes[i] - s[i]),
            Members::Independent => 0.0,
            Members::RankOne => -s[i] * s[j],
        }
    }

    /// Whether ξ_i = 1, of a uniform word.
    #[inline]
    pub(crate) fn is_member(&self, i: usize, word: u64) -> bool {
        unit(word) < self.chances[i]
    }

    /// The one direction of a sample, of a uniform word.
    #[inline]
    pub(crate) fn direction(&self, word: u64) -> usize {
        let u = unit(word);
        // The last sum can be rounded to below 1.
        self.cumulative.partition_point(|sum| *sum <= u).min(self.chances.len() - 1)
    }

    /// Draws ξ_pλ (n·d) and w_p (n·d) of n = `samples` samples, sample after sample: n·d words, or n for rank one, then n·d
    /// normals.
    pub(crate) fn draw(&self, stream: &mut Stream, samples: usize) -> (Vec<f64>, Vec<f64>) {
        let d = self.magnitudes.len();
        let mut curvatures = vec![0.0; samples * d];
        let rows = curvatures.chunks_exact_mut(d);
        match self.members {
            Members::Independent => {
                let mut words = vec![0; samples * d];
                stream.fill_words(&mut words);
                for (row, words) in rows.zip(words.chunks_exact(d)) {
                    for (i, (curvature, word)) in row.iter_mut().zip(words).enumerate() {
                        *curvature = if self.is_member(i, *word) { self.magnitudes[i] } else { 0.0 };
                    }
                }
            }
            Members::RankOne => {
                let mut words = vec![0; samples];
                stream.fill_words(&mut words);
                for (row, word) in rows.zip(words) {
                    let i = self.direction(word);
                    row[i] = self.magnitudes[i];
                }
            }
        }
        let mut minima = vec![0.0; samples * d];
        fill_normals(stream, &mut minima);
        minima.iter_mut().for_each(|w| *w *= self.spread);
        (curvatures, minima)
    }
}

/// A word as a number in [0, 1) with 53 bits.
#[inline]
fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}
