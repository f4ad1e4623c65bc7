//! The suppression experiment of ZYT: what is left of the moments of per-sample Hessians when each keeps one eigenvalue.
//!
//! ```text
//! h_p = M_p ⊗ a_pa_pᵀ   →   h̃_p = κ_p u_pu_pᵀ,   κ_p = λ_max(M_p)|a_p|²,   u_p = v_p ⊗ a_p/|a_p|,   M_pv_p = λ_max v_p
//! ```
//!
//! With all κ_p = κ̄ the second moment is the first, times κ̄: E h̃² = κ̄·E h̃, so a fit of one on the other has exponent 1.

use faer::Mat;

use super::{PerSample, place};
use crate::{GeometryError, Symmetric};

/// What is kept of the per-sample Hessians, beyond the top eigenvalue κ_p of each, where it is positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Suppression {
    /// All of them.
    Top,
    /// Those with κ_p of at least this share, in [0, 1], of the largest κ.
    Damped(f64),
    /// The same, and each with the mean κ̄ of those kept in place of its κ_p.
    Equalised(f64),
}

impl Suppression {
    fn share(self) -> f64 {
        match self {
            Suppression::Top => 0.0,
            Suppression::Damped(share) | Suppression::Equalised(share) => share,
        }
    }
}

/// The first two moments of per-sample Hessians over all n samples; those left out count as 0.
#[derive(Debug, Clone)]
pub struct HessianMoments {
    /// E h̃, exactly symmetric.
    pub mean: Mat<f64>,
    /// E h̃², exactly symmetric.
    pub mean_square: Mat<f64>,
    /// How many samples are kept.
    pub kept: usize,
}

/// κ_p and v_p/|a_p| of a sample.
struct Top {
    sample: usize,
    value: f64,
    direction: Vec<f64>,
}

impl PerSample {
    /// E h̃ and E h̃² after `suppression`. "Top" is the largest by value: samples whose largest eigenvalue is not
    /// above the resolution of an eigenvalue are left out, so that all h̃_p are positive semidefinite.
    ///
    /// Cost: n eigenvalue decompositions of o×o matrices and n·(oi)². Source: ZYT.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotAShare`], [`GeometryError::NoConvergence`], and [`GeometryError::Empty`] when no sample has a
    /// positive eigenvalue.
    ///
    /// ```
    /// # use geometry::{PerSample, Suppression};
    /// # use faer::mat;
    /// // h_1 = diag(4, 1), h_2 = diag(0, 2).
    /// let unit = mat![[1.0], [1.0]];
    /// let samples = PerSample::new(mat![[0.0, 0.0], [0.0, 0.0]], unit, mat![[4.0, 0.0, 1.0], [0.0, 0.0, 2.0]])?;
    /// let damped = samples.suppressed(Suppression::Damped(0.6))?;
    /// assert_eq!((damped.kept, damped.mean[(0, 0)], damped.mean_square[(0, 0)]), (1, 2.0, 8.0));
    /// let equalised = samples.suppressed(Suppression::Equalised(0.0))?;
    /// assert_eq!(equalised.mean, mat![[1.5, 0.0], [0.0, 1.5]]);
    /// assert_eq!(equalised.mean_square, mat![[4.5, 0.0], [0.0, 4.5]]);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn suppressed(&self, suppression: Suppression) -> Result<HessianMoments, GeometryError> {
        let share = suppression.share();
        if !(0.0..=1.0).contains(&share) {
            return Err(GeometryError::NotAShare { name: "share of the largest curvature", value: share });
        }
        let mut tops = self.tops()?;
        let largest = tops.iter().fold(0.0_f64, |largest, top| largest.max(top.value));
        tops.retain(|top| top.value >= share * largest);
        if tops.is_empty() {
            return Err(GeometryError::Empty { what: "set of samples with a positive curvature" });
        }
        let kept = tops.len();
        if let Suppression::Equalised(_) = suppression {
            let mean_value = tops.iter().map(|top| top.value).sum::<f64>() / kept as f64;
            let mean = self.mean_of_projectors(&tops, |_| mean_value);
            let mean_square = crate::dense::scaled(mean.as_ref(), mean_value);
            return Ok(HessianMoments { mean, mean_square, kept });
        }
        let mean = self.mean_of_projectors(&tops, |value| value);
        let mean_square = self.mean_of_projectors(&tops, |value| value * value);
        Ok(HessianMoments { mean, mean_square, kept })
    }

    /// The top eigenvalue of each sample that has one above the resolution of its eigenvalues.
    fn tops(&self) -> Result<Vec<Top>, GeometryError> {
        let mut tops = Vec::with_capacity(self.count());
        for sample in 0..self.count() {
            let length = self.squared_activation(sample);
            let eigen = Symmetric::from_symmetric_part(self.hessian(sample).as_ref()).eigen()?;
            let value = eigen.max_value() * length;
            if value > eigen.resolution() * length {
                let direction = eigen.vectors().col(eigen.values().len() - 1).iter().map(|v| v / length.sqrt());
                tops.push(Top { sample, value, direction: direction.collect() });
            }
        }
        Ok(tops)
    }

    /// (1/n)Σ c(κ_p) u_pu_pᵀ.
    fn mean_of_projectors(&self, tops: &[Top], weight: impl Fn(f64) -> f64) -> Mat<f64> {
        let mut lower = Mat::zeros(self.count(), self.hessians.ncols());
        for Top { sample, value, direction } in tops {
            for t in 0..lower.ncols() {
                let (r, c) = place(t);
                lower[(*sample, t)] = weight(*value) * direction[r] * direction[c];
            }
        }
        self.mean_with_activations(lower.as_ref())
    }
}
