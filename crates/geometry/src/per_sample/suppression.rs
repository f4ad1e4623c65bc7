//! The suppression experiment of ZYT: what is left of the moments of per-sample Hessians when each keeps one eigenvalue.
//!
//! ```text
//! h_p = M_p ⊗ a_pa_pᵀ   →   h̃_p = κ_p u_pu_pᵀ,   κ_p = λ_max(M_p)|a_p|²,   u_p = v_p ⊗ a_p/|a_p|,   M_pv_p = λ_max v_p
//! ```
//!
//! With all κ_p = κ̄ the second moment is the first, times κ̄: E h̃² = κ̄·E h̃, so a fit of one on the other has exponent 1.

use faer::{Mat, MatRef};

use super::along::mean_outer;
use super::{PerSample, places};
use crate::dense::{require_shape, rounding, scaled};
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

/// The top eigenpair of each of n per-sample Hessians that has a positive one.
#[derive(Debug, Clone)]
pub struct TopCurvatures<'a> {
    samples: &'a PerSample,
    tops: Vec<Top>,
}

/// κ_p and v_p/|a_p| of a sample.
#[derive(Debug, Clone)]
struct Top {
    sample: usize,
    value: f64,
    direction: Vec<f64>,
}

/// What a [`Suppression`] keeps of them, and so the moments E h̃ and E h̃² in factored form.
#[derive(Debug, Clone)]
pub struct KeptCurvatures<'a> {
    samples: &'a PerSample,
    /// v_p/|a_p|, and 0 for a sample that is left out (n×o).
    directions: Mat<f64>,
    /// κ_p, or κ̄ (n).
    values: Vec<f64>,
    /// κ̄, where all are equal.
    equal: Option<f64>,
    kept: usize,
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
        let tops = self.top_curvatures()?;
        let kept = tops.kept(suppression)?;
        Ok(HessianMoments { mean: kept.mean(), mean_square: kept.mean_square(), kept: kept.count() })
    }

    /// The top eigenvalue of each sample that has one above the resolution of its eigenvalues.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NoConvergence`].
    pub fn top_curvatures(&self) -> Result<TopCurvatures<'_>, GeometryError> {
        let mut tops = Vec::with_capacity(self.count());
        for (sample, length) in self.squared_activations().into_iter().enumerate() {
            let eigen = Symmetric::from_symmetric_part(self.hessian(sample).as_ref()).eigen()?;
            let value = eigen.max_value() * length;
            if value > eigen.resolution() * length {
                let direction = eigen.vectors().col(eigen.values().len() - 1).iter().map(|v| v / length.sqrt());
                tops.push(Top { sample, value, direction: direction.collect() });
            }
        }
        Ok(TopCurvatures { samples: self, tops })
    }
}

impl TopCurvatures<'_> {
    /// What is left after `suppression`. Cost: n·o.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotAShare`], and [`GeometryError::Empty`] when no sample has a positive eigenvalue.
    pub fn kept(&self, suppression: Suppression) -> Result<KeptCurvatures<'_>, GeometryError> {
        let share = suppression.share();
        if !(0.0..=1.0).contains(&share) {
            return Err(GeometryError::NotAShare { name: "share of the largest curvature", value: share });
        }
        let largest = self.tops.iter().fold(0.0_f64, |largest, top| largest.max(top.value));
        let tops: Vec<&Top> = self.tops.iter().filter(|top| top.value >= share * largest).collect();
        if tops.is_empty() {
            return Err(GeometryError::Empty { what: "set of samples with a positive curvature" });
        }
        let (samples, kept) = (self.samples, tops.len());
        let equal = match suppression {
            Suppression::Equalised(_) => Some(tops.iter().map(|top| top.value).sum::<f64>() / kept as f64),
            Suppression::Top | Suppression::Damped(_) => None,
        };
        let mut directions = Mat::zeros(samples.count(), samples.deltas.ncols());
        let mut values = vec![0.0; samples.count()];
        for Top { sample, value, direction } in tops {
            values[*sample] = equal.unwrap_or(*value);
            direction.iter().enumerate().for_each(|(r, v)| directions[(*sample, r)] = *v);
        }
        Ok(KeptCurvatures { samples, directions, values, equal, kept })
    }
}

impl KeptCurvatures<'_> {
    /// How many samples are kept.
    pub fn count(&self) -> usize {
        self.kept
    }

    /// E h̃, exactly symmetric, (oi)×(oi). Cost: n·(oi)²/2.
    pub fn mean(&self) -> Mat<f64> {
        self.mean_of_projectors(|value| value)
    }

    /// E h̃², exactly symmetric, (oi)×(oi). Cost: n·(oi)²/2.
    pub fn mean_square(&self) -> Mat<f64> {
        match self.equal {
            Some(value) => scaled(self.mean().as_ref(), value),
            None => self.mean_of_projectors(|value| value * value),
        }
    }

    /// VᵀE h̃²V (k×k), exactly symmetric. Cost: n·k·(oi + k).
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] for a V that does not have oi rows.
    pub fn mean_square_along(&self, V: MatRef<'_, f64>) -> Result<Mat<f64>, GeometryError> {
        require_shape("directions", V, self.samples.dimension(), V.ncols())?;
        let mut rows = self.samples.rows_along(&self.directions, V);
        for j in 0..rows.ncols() {
            rows.col_as_slice_mut(j).iter_mut().zip(&self.values).for_each(|(row, value)| *row *= value);
        }
        Ok(mean_outer(rows.as_ref(), self.samples.count() as f64))
    }

    /// 8·oi·ε·tr E h̃²: how far rounding may take [`mean_square_along`](KeptCurvatures::mean_square_along) a unit vector
    /// from the exact one.
    pub fn mean_square_resolution(&self) -> f64 {
        let trace = self.values.iter().map(|value| value * value).sum::<f64>() / self.samples.count() as f64;
        rounding(self.samples.dimension()) * trace
    }

    /// (1/n)Σ c(κ_p) u_pu_pᵀ.
    fn mean_of_projectors(&self, weight: impl Fn(f64) -> f64) -> Mat<f64> {
        let samples = self.samples;
        let weights: Vec<f64> = self.values.iter().map(|value| weight(*value)).collect();
        let mut lower = Mat::zeros(samples.count(), samples.hessians.ncols());
        for (t, (r, c)) in places(samples.deltas.ncols()).enumerate() {
            let factors = self.directions.col_as_slice(r).iter().zip(self.directions.col_as_slice(c));
            let entries = lower.col_as_slice_mut(t).iter_mut().zip(&weights).zip(factors);
            entries.for_each(|((entry, weight), (x, y))| *entry = weight * x * y);
        }
        samples.mean_with_activations(lower.as_ref())
    }
}
