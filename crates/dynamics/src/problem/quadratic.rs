//! The quadratic problem: constant curvature, constant gradient noise, and a metric to measure errors in.

use geometry::{Psd, Spd};

use crate::error::DynamicsError;

/// L(θ) = ½(θ−θ*)ᵀH(θ−θ*), with per-sample gradients of mean H(θ−θ*) and covariance G at every θ.
///
/// Source: the linearisation of ZM §5 (ZM = arXiv 2603.02417v4), exact here.
#[derive(Debug, Clone)]
pub struct Quadratic {
    curvature: Spd,
    noise: Psd,
    fisher: Spd,
    minimiser: Vec<f64>,
}

impl Quadratic {
    /// A problem from H, G, F (each d×d) and θ* (d).
    ///
    /// # Example
    /// ```
    /// use dynamics::problem::Quadratic;
    /// use geometry::{Psd, Spd};
    /// let curvature = Spd::diagonal(&[1.0, 4.0])?;
    /// // Noise along the first direction only; the Fisher metric is the curvature.
    /// let noise = Psd::diagonal(&[1.0, 0.0])?;
    /// let problem = Quadratic::new(curvature.clone(), noise.clone(), curvature.clone(), vec![0.0, 0.0])?;
    /// assert_eq!(problem.dimension(), 2);
    /// let error = Quadratic::new(curvature.clone(), noise, curvature, vec![0.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "the minimiser θ* has dimension 1, but the curvature H has dimension 2");
    /// # Ok::<(), dynamics::DynamicsError>(())
    /// ```
    ///
    /// # Errors
    /// [`DynamicsError::Dimension`] if they do not share one dimension, [`DynamicsError::NotFinite`] for a θ* with a
    /// NaN or infinite coordinate.
    pub fn new(curvature: Spd, noise: Psd, fisher: Spd, minimiser: Vec<f64>) -> Result<Self, DynamicsError> {
        let expected = curvature.dimension();
        let parts = [
            ("noise covariance G", noise.dimension()),
            ("Fisher metric F", fisher.dimension()),
            ("minimiser θ*", minimiser.len()),
        ];
        for (part, given) in parts {
            if given != expected {
                return Err(DynamicsError::Dimension { part, given, expected });
            }
        }
        if let Some(&given) = minimiser.iter().find(|x| !x.is_finite()) {
            return Err(DynamicsError::NotFinite { what: "a coordinate of the minimiser θ*", given });
        }
        Ok(Quadratic { curvature, noise, fisher, minimiser })
    }

    /// d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.curvature.dimension()
    }

    /// H, the curvature of L.
    #[must_use]
    pub fn curvature(&self) -> &Spd {
        &self.curvature
    }

    /// G, the covariance of a per-sample gradient.
    #[must_use]
    pub fn noise(&self) -> &Psd {
        &self.noise
    }

    /// F, the Fisher information, the metric of the risk.
    #[must_use]
    pub fn fisher(&self) -> &Spd {
        &self.fisher
    }

    /// θ*.
    #[must_use]
    pub fn minimiser(&self) -> &[f64] {
        &self.minimiser
    }
}
