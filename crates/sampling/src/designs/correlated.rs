//! Batches whose samples are correlated with each other.

use crate::design::{Design, DesignError, checked_batch_size, checked_parameter};
use crate::normal::fill_normals;
use crate::stream::Stream;

/// A batch of b Gaussian samples of variance 1, every two with correlation ρ_c in each whitened coordinate.
///
/// ```text
/// s_i = √ρ_c u + √(1 − ρ_c) v_i                                             for ρ_c ≥ 0
/// s_i = √(1 − ρ_c) (v_i − c v̄),   c = 1 − √((1 + (b−1)ρ_c)/(1 − ρ_c))       for ρ_c < 0
/// ```
///
/// with independent standard normals u, v_1, …, v_b and their mean v̄. (Removing c v̄ lowers each variance by the
/// factor 1 − (2c − c²)/b, and shifts each covariance from 0 to −(2c − c²)/b: c makes the ratio of the two ρ_c.)
///
/// Law: Cov(ĝ_B) = (G/b)(1 + (b − 1)ρ_c), Kish's design effect (L. Kish, *Survey Sampling*, Wiley 1965, §5.4; *derived*
/// for this model). At ρ_c = −1/(b − 1) the samples of a batch cancel, and there is no noise. All samples are really
/// drawn: a step costs b normals per coordinate, and one more for u.
///
/// # Example
/// ```
/// # use sampling::{Design, designs::Correlated};
/// assert_eq!(Correlated::new(5, 0.5)?.variance_factor(), (1.0 + 4.0 * 0.5) / 5.0);
/// assert_eq!(Correlated::new(5, -0.25)?.variance_factor(), 0.0);
/// assert!(Correlated::new(5, -0.26).is_err());
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlated {
    samples: usize,
    batch_size: f64,
    correlation: f64,
}

impl Correlated {
    /// The largest batch, whose samples are all drawn and kept.
    pub const LARGEST_BATCH: u64 = SCRATCH as u64;

    /// A design with batches of b = `batch_size` samples with the intra-batch correlation ρ_c = `correlation`.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`Correlated::LARGEST_BATCH`], −1 ≤ ρ_c ≤ 1 and, for b > 1, ρ_c ≥ −1/(b − 1)
    /// (within rounding, in which case it is taken for the limit).
    pub fn new(batch_size: u64, correlation: f64) -> Result<Self, DesignError> {
        let as_float = checked_batch_size(batch_size, Self::LARGEST_BATCH)?;
        let samples = usize::try_from(batch_size)
            .map_err(|_| DesignError::BatchTooLarge { given: batch_size, limit: Self::LARGEST_BATCH })?;
        let within = correlation.abs() <= 1.0;
        let correlation = checked_parameter("intra-batch correlation", correlation, within, "between −1 and 1")?;
        let design = Correlated { samples, batch_size: as_float, correlation };
        if design.unclamped_effect() < -f64::EPSILON {
            let smallest = -1.0 / (as_float - 1.0);
            return Err(DesignError::ImpossibleCorrelation { given: correlation, batch_size, smallest });
        }
        Ok(design)
    }

    /// 1 + (b − 1)ρ_c, by how much correlation multiplies the variance of a mean of b; ≥ 0.
    #[must_use]
    pub fn design_effect(&self) -> f64 {
        let effect = self.unclamped_effect();
        // ρ_c = −1/(b − 1) is no float for most b: what rounding leaves of the sum is taken for 0.
        if effect > f64::EPSILON { effect } else { 0.0 }
    }

    /// Fills `samples` with b samples of `lanes` independent batches: sample i of lane r stands at i·lanes + r.
    ///
    /// # Panics
    /// Unless there are b·lanes numbers, and 1 ≤ lanes ≤ 256.
    pub fn fill_batches(&self, stream: &mut Stream, samples: &mut [f64], lanes: usize) {
        assert!((1..=LANES).contains(&lanes), "{lanes} lanes: between 1 and {LANES} are needed");
        assert!(samples.len() == self.samples * lanes, "{} numbers for {lanes} batches", samples.len());
        let mut common = [0.0; LANES];
        let common = &mut common[..lanes];
        fill_normals(stream, samples);
        if self.correlation >= 0.0 {
            fill_normals(stream, common);
            for u in &mut *common {
                *u *= self.correlation.sqrt();
            }
        } else {
            let spread = 1.0 - self.correlation;
            let c = 1.0 - (self.design_effect() / spread).sqrt();
            for row in samples.chunks(lanes) {
                for (sum, v) in common.iter_mut().zip(row) {
                    *sum += v;
                }
            }
            for sum in &mut *common {
                *sum *= -spread.sqrt() * c / self.batch_size;
            }
        }
        let own = (1.0 - self.correlation).sqrt();
        for row in samples.chunks_mut(lanes) {
            for (sample, common) in row.iter_mut().zip(&*common) {
                *sample = own * *sample + common;
            }
        }
    }

    fn unclamped_effect(&self) -> f64 {
        (self.batch_size - 1.0).mul_add(self.correlation, 1.0)
    }
}

impl Design for Correlated {
    /// ζ = (bσ)⁻¹Σ s_i.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], _width: usize) {
        let deviation = (self.batch_size * self.design_effect()).sqrt();
        let normaliser = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
        let mut scratch = [0.0; SCRATCH];
        for part in whitened.chunks_mut((SCRATCH / self.samples).min(LANES)) {
            let samples = &mut scratch[..self.samples * part.len()];
            self.fill_batches(stream, samples, part.len());
            part.fill(0.0);
            for row in samples.chunks(part.len()) {
                for (sum, sample) in part.iter_mut().zip(row) {
                    *sum += sample;
                }
            }
            for sum in part {
                *sum *= normaliser;
            }
        }
    }

    fn variance_factor(&self) -> f64 {
        self.design_effect() / self.batch_size
    }
}

/// Samples kept at once, so that they stay on the stack.
const SCRATCH: usize = 4096;
/// Batches drawn at once, at most.
const LANES: usize = 256;
