//! Stratified sampling: every part of the population is represented equally in each batch.

use super::bits::Words;
use crate::design::{Design, DesignError, checked_batch_size};
use crate::normal::fill_normals;
use crate::quantile::{normal_density, normal_quantile};
use crate::stream::Stream;

/// A batch with b/H samples from each of H strata of equal probability, cut by the first whitened coordinate.
///
/// The whitened per-sample gradient is N(0, I); stratum h holds the samples with q_{h−1} < r_1 < q_h, q_h = Φ⁻¹(h/H).
/// Its mean is m_h = H(φ(q_{h−1}) − φ(q_h)), and only the variance *within* strata is left:
///
/// ```text
/// Cov(ĝ_B) = (1/b) L diag(k) Lᵀ,    k_1 = 1 − (1/H)Σ m_h²,    k_i = 1 for i > 1
/// ```
///
/// (proportional allocation; W. G. Cochran, *Sampling Techniques*, 3rd ed., Wiley 1977, §5.6). So it lies below
/// independent sampling in the Loewner order of ZM Remark 9.1 (ZM = arXiv 2603.02417v4). A step costs b quantiles for
/// each replicate; of the coordinates that are not stratified the mean of b normals is drawn as one.
///
/// # Example
/// ```
/// # use sampling::{Design, designs::Stratified};
/// // Two halves of a normal have means ±√(2/π).
/// let design = Stratified::new(6, 2)?;
/// assert!((design.shape(0) - (1.0 - 2.0 / std::f64::consts::PI)).abs() < 1e-15);
/// assert_eq!((design.shape(1), Stratified::new(6, 1)?.shape(0)), (1.0, 1.0));
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratified {
    per_stratum: u32,
    strata: u32,
    batch_size: f64,
    within: f64,
}

impl Stratified {
    /// The largest batch, whose first coordinate is drawn sample by sample.
    pub const LARGEST_BATCH: u64 = 1 << 20;

    /// A design with batches of b = `batch_size` samples in H = `strata` strata. Cost O(H).
    ///
    /// # Errors
    /// [`DesignError::NoStrata`] for H = 0, [`DesignError::EmptyStrata`] for b < H, [`DesignError::UnevenStrata`]
    /// unless b is a multiple of H, and [`DesignError`] unless 1 ≤ b ≤ [`Stratified::LARGEST_BATCH`].
    pub fn new(batch_size: u64, strata: u64) -> Result<Self, DesignError> {
        let as_float = checked_batch_size(batch_size, Self::LARGEST_BATCH)?;
        if strata == 0 {
            return Err(DesignError::NoStrata);
        }
        if batch_size < strata {
            return Err(DesignError::EmptyStrata { batch_size, strata });
        }
        if !batch_size.is_multiple_of(strata) {
            return Err(DesignError::UnevenStrata { batch_size, strata });
        }
        let counts = (u32::try_from(batch_size / strata), u32::try_from(strata));
        let (Ok(per_stratum), Ok(strata)) = counts else {
            return Err(DesignError::BatchTooLarge { given: batch_size, limit: Self::LARGEST_BATCH });
        };
        Ok(Stratified { per_stratum, strata, batch_size: as_float, within: within_variance(strata) })
    }
}

impl Design for Stratified {
    /// ζ_1 = b^{−1/2} Σ Φ⁻¹((h − 1 + U)/H), a sum over the samples.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        let (stratified, rest) = whitened.split_at_mut(whitened.len().min(width));
        let normaliser = 1.0 / self.batch_size.sqrt();
        let samples = self.per_stratum as usize * self.strata as usize;
        let mut words = Words::new(stream, samples * stratified.len());
        for zeta in stratified {
            let mut sum = 0.0;
            for stratum in 0..self.strata {
                for _ in 0..self.per_stratum {
                    sum += sample(stratum, self.strata, words.unit());
                }
            }
            *zeta = normaliser * sum;
        }
        fill_normals(stream, rest);
    }

    fn variance_factor(&self) -> f64 {
        1.0 / self.batch_size
    }

    fn shape(&self, i: usize) -> f64 {
        if i == 0 { self.within } else { 1.0 }
    }
}

/// The standard normal in `stratum` (from 0) at the share `u` ∈ (0, 1) of its stratum, counted from the outer end.
///
/// The upper half mirrors the lower one, where quantiles are accurate.
fn sample(stratum: u32, strata: u32, u: f64) -> f64 {
    let mirrored = strata - 1 - stratum;
    if mirrored < stratum {
        -normal_quantile((f64::from(mirrored) + u) / f64::from(strata))
    } else {
        normal_quantile((f64::from(stratum) + u) / f64::from(strata))
    }
}

/// k_1 = 1 − (1/H)Σ m_h², with an absolute error of 10⁻¹⁵ for few strata and 10⁻¹⁴ for 2¹⁶.
fn within_variance(strata: u32) -> f64 {
    let n = f64::from(strata);
    let mut between = 0.0;
    let mut density = 0.0;
    for h in 1..=strata {
        let share = f64::from(h.min(strata - h)) / n;
        let next = if h == strata { 0.0 } else { normal_density(normal_quantile(share)) };
        between += n * (density - next) * (density - next);
        density = next;
    }
    1.0 - between
}
