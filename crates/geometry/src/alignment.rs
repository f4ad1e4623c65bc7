//! How the noise of SGD aligns with the curvature of a squared loss (WW), on n samples and in a Gaussian population.
//!
//! ```text
//! L = (1/2n)Σ r_i²,   r_i = f_i − y_i,   𝒢 = (1/n)Σ ∇f_i∇f_iᵀ,   Σ₁ = (1/n)Σ r_i²∇f_i∇f_iᵀ,   Σ = Σ₁ − ∇L∇Lᵀ
//!
//! average      μ = tr(Σ𝒢)/(2L‖𝒢‖_F²)         directional  g(v) = vᵀΣv/(2L·vᵀ𝒢v)
//! ```
//!
//! All of it is in the residuals and the kernel K_ij = ∇f_i·∇f_j, whatever the number p of parameters: with
//! q_ij = r_jK_ij = r_j∇f_j·∇f_i, ‖𝒢‖_F² = n⁻²Σ K_ij² and tr(Σ𝒢) = n⁻¹Σ_i Var_j q_ij; for v alone, with a_i = vᵀ∇f_i,
//! vᵀ𝒢v = n⁻¹Σ a_i² and vᵀΣv = Var_i r_ia_i. For Σ₁, mean squares stand in place of variances. Where p < n the p×p matrices
//! themselves are the smaller ones.
//!
//! In a population f = Fᵀx with x ~ N(0, S), F = F(θ), J = ∂F/∂θ (m×p), A = JJᵀ and e = F − F* (m), Isserlis' theorem gives
//! E[(eᵀx)²xxᵀ] = (eᵀSe)S + 2SeeᵀS, so
//!
//! ```text
//! 2L = eᵀSe,   𝒢 = JᵀSJ,   ∇L = JᵀSe,   Σ₁ = 2L𝒢 + 2∇L∇Lᵀ,   Σ = 2L𝒢 + ∇L∇Lᵀ
//! μ = 1 + eᵀSASASe/(2L·tr SASA),   g(v) = 1 + (wᵀSe)²/(2L·wᵀSw), w = Jv
//! ```
//!
//! each in [1, 2]; with Σ₁ the excess over 1 doubles, so that they lie in [1, 3].

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{
    frobenius_norm, gram, product, require_finite, require_length, require_positive, require_shape, scaled,
};
use crate::passes::for_each_column;
use crate::{GeometryError, Psd, Spd, Symmetric, quadratic_form, trace_of_product};

/// Residuals r and kernel K of n samples.
///
/// ```
/// # use geometry::Alignment;
/// # use faer::mat;
/// // f = θ at two samples, where y = θ ∓ 1: 𝒢 = 1, L = ½, ∇L = 0, and each squared gradient is 1.
/// let alignment = Alignment::new(vec![1.0, -1.0], mat![[1.0, 1.0], [1.0, 1.0]])?;
/// assert_eq!((alignment.loss(), alignment.average(true)?, alignment.average(false)?), (0.5, 1.0, 1.0));
/// assert_eq!(alignment.directional(&[1.0, 1.0], true)?, 1.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Alignment {
    residuals: Vec<f64>,
    outputs: Outputs,
}

/// What is known of the gradients ∇f_i.
#[derive(Debug, Clone)]
enum Outputs {
    /// K (n×n).
    Kernel(Symmetric),
    /// ∇f (n×p), and 𝒢 (p×p).
    Gradients(Mat<f64>, Symmetric),
}

/// The largest eigenvalue of 𝒢 and its eigenvector v.
#[derive(Debug, Clone)]
pub struct Sharpest {
    /// λ_max(𝒢).
    pub curvature: f64,
    /// c (n): v = Σ c_i∇f_i, of length 1.
    pub weights: Vec<f64>,
    /// vᵀ∇f_i (n), for [`Alignment::directional`].
    pub slopes: Vec<f64>,
}

impl Alignment {
    /// The samples with residuals r (n) and kernel K (n×n), which is ∇f∇fᵀ for the n×p matrix of gradients.
    ///
    /// # Errors
    ///
    /// Those of [`Symmetric::new`] for K, [`GeometryError::WrongLength`] for r, [`GeometryError::NotFinite`].
    pub fn new(residuals: Vec<f64>, kernel: Mat<f64>) -> Result<Self, GeometryError> {
        let kernel = Symmetric::new(kernel)?;
        require_length("vector of residuals", &residuals, kernel.dimension())?;
        require_finite("residuals", MatRef::from_column_major_slice(&residuals, residuals.len(), 1))?;
        Ok(Alignment { residuals, outputs: Outputs::Kernel(kernel) })
    }

    /// The same from the gradients ∇f_i, the rows of an n×p matrix, with K = ∇f∇fᵀ. Cost: n·p·min(n, p)/2.
    ///
    /// # Errors
    ///
    /// As [`Alignment::new`].
    pub fn from_gradients(residuals: Vec<f64>, gradients: Mat<f64>) -> Result<Self, GeometryError> {
        let n = residuals.len();
        if gradients.ncols() >= gradients.nrows() {
            return Self::new(residuals, gram(gradients.as_ref()));
        }
        require_length("vector of residuals", &residuals, gradients.nrows())?;
        require_finite("residuals", MatRef::from_column_major_slice(&residuals, n, 1))?;
        require_finite("gradients", gradients.as_ref())?;
        let curvature = scaled(gram(gradients.transpose()).as_ref(), 1.0 / n as f64);
        let outputs = Outputs::Gradients(gradients, Symmetric::new(curvature)?);
        Ok(Alignment { residuals, outputs })
    }

    /// L = (1/2n)Σ r_i².
    pub fn loss(&self) -> f64 {
        0.5 * mean_square(self.residuals.iter().copied())
    }

    /// μ = tr(Σ𝒢)/(2L‖𝒢‖_F²) if `centred`, and with Σ₁ in place of Σ otherwise. Cost: n², or np²/2 for p < n.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] when L or 𝒢 is 0.
    pub fn average(&self, centred: bool) -> Result<f64, GeometryError> {
        let (n, norm) = (self.residuals.len(), self.frobenius_norm());
        let scale = 2.0 * self.positive_loss()?;
        require_positive("norm of the Gauss–Newton matrix", norm)?;
        let r = &self.residuals;
        Ok(match &self.outputs {
            Outputs::Kernel(kernel) => {
                let mut sum = 0.0;
                for_each_column(kernel.as_mat(), |column| {
                    sum += second_moment(centred, r.iter().zip(column).map(|(r, k)| r * (k / norm)));
                });
                sum / n as f64 / scale
            }
            Outputs::Gradients(gradients, curvature) => {
                let mut noise = gradients.clone();
                for j in 0..noise.ncols() {
                    let column = noise.col_as_slice_mut(j);
                    column.iter_mut().zip(r).for_each(|(g, r)| *g *= r);
                    let mean = if centred { column.iter().sum::<f64>() / n as f64 } else { 0.0 };
                    column.iter_mut().for_each(|g| *g -= mean);
                }
                // tr(Σ𝒢)/‖𝒢‖_F² with Σ the mean of the squares of these rows.
                let noise = scaled(gram(noise.transpose()).as_ref(), 1.0 / n as f64 / norm);
                let unit = scaled(curvature.as_mat(), 1.0 / norm);
                trace_of_product(noise.as_ref(), unit.as_ref())? / scale
            }
        })
    }

    /// g(v) = vᵀΣv/(2L·vᵀ𝒢v) if `centred`, and with Σ₁ in place of Σ otherwise, from the slopes vᵀ∇f_i (n) along v of
    /// whatever length. Cost: n.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`], and [`GeometryError::NotPositive`] when L or all slopes are 0.
    pub fn directional(&self, slopes: &[f64], centred: bool) -> Result<f64, GeometryError> {
        require_length("vector of slopes", slopes, self.residuals.len())?;
        let curvature = mean_square(slopes.iter().copied());
        require_positive("curvature along a direction", curvature)?;
        let noise = second_moment(centred, self.residuals.iter().zip(slopes).map(|(r, a)| r * a));
        Ok(noise / (2.0 * self.positive_loss()?) / curvature)
    }

    /// ∇f_i·∇L = n⁻¹Σ_j K_ij r_j (n): the slopes along the gradient. Cost: n², or np for p < n.
    pub fn gradient_slopes(&self) -> Vec<f64> {
        let n = self.residuals.len() as f64;
        let slopes = match &self.outputs {
            Outputs::Kernel(kernel) => times(kernel.as_mat(), &self.residuals),
            Outputs::Gradients(gradients, _) => {
                times(gradients.as_ref(), &times(gradients.transpose(), &self.residuals))
            }
        };
        slopes.into_iter().map(|slope| slope / n).collect()
    }

    /// The leading eigenvector of 𝒢. Where K is known, by that of K/n, which has the same eigenvalues λ > 0: K/n·z = λz gives
    /// v = ∇fᵀz/√(nλ) and slopes ∇f v = √(nλ)z. Cost: see [`Symmetric::leading_eigen`].
    ///
    /// # Errors
    ///
    /// [`GeometryError::NoConvergence`], and [`GeometryError::NotPositive`] when 𝒢 is 0.
    pub fn sharpest(&self) -> Result<Sharpest, GeometryError> {
        let n = self.residuals.len() as f64;
        let matrix = match &self.outputs {
            Outputs::Kernel(kernel) => kernel,
            Outputs::Gradients(_, curvature) => curvature,
        };
        let leading = matrix.leading_eigen(1)?;
        let (largest, z): (f64, Vec<f64>) = (leading.values()[0], leading.vectors().col(0).iter().copied().collect());
        require_positive("largest eigenvalue of the Gauss–Newton matrix", largest)?;
        let along = |factor: f64, values: &[f64]| values.iter().map(|value| factor * value).collect();
        Ok(match &self.outputs {
            Outputs::Kernel(_) => Sharpest {
                curvature: largest / n,
                weights: along(1.0 / largest.sqrt(), &z),
                slopes: along(largest.sqrt(), &z),
            },
            Outputs::Gradients(gradients, _) => {
                // 𝒢v = λv says v = ∇fᵀ(∇f v)/(nλ).
                let slopes = times(gradients.as_ref(), &z);
                Sharpest { curvature: largest, weights: along(1.0 / (n * largest), &slopes), slopes }
            }
        })
    }

    /// tr 𝒢 = tr K/n.
    pub fn trace(&self) -> f64 {
        match &self.outputs {
            Outputs::Kernel(kernel) => kernel.trace() / self.residuals.len() as f64,
            Outputs::Gradients(_, curvature) => curvature.trace(),
        }
    }

    /// ‖𝒢‖_F = ‖K‖_F/n. Cost: n², or p² for p < n.
    pub fn frobenius_norm(&self) -> f64 {
        match &self.outputs {
            Outputs::Kernel(kernel) => frobenius_norm(kernel.as_mat()) / self.residuals.len() as f64,
            Outputs::Gradients(_, curvature) => frobenius_norm(curvature.as_mat()),
        }
    }

    fn positive_loss(&self) -> Result<f64, GeometryError> {
        require_positive("loss", self.loss())?;
        Ok(self.loss())
    }
}

/// The alignment of a Gaussian population.
///
/// ```
/// # use geometry::{GaussianAlignment, Psd, Spd};
/// // A linear model, J = I, with S = I in d = 4 dimensions: μ = 1 + 1/d.
/// let s = Spd::scaled_identity(4, 1.0)?;
/// let alignment = GaussianAlignment::new(&s, &Psd::from(&s), &[1.0, -2.0, 0.5, 0.0])?;
/// assert_eq!((alignment.average(true), alignment.average(false)), (1.25, 1.5));
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct GaussianAlignment {
    S: Symmetric,
    /// Se.
    slope: Vec<f64>,
    /// eᵀSe = 2L.
    twice_loss: f64,
    /// eᵀSASASe/(2L·tr SASA), in [0, 1].
    share: f64,
}

impl GaussianAlignment {
    /// The population with feature covariance S (m×m), A = JJᵀ (m×m) and error e = F − F* (m). Cost: O(m³).
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`], [`GeometryError::WrongLength`], and [`GeometryError::NotPositive`] when L or 𝒢
    /// is 0.
    pub fn new(S: &Spd, A: &Psd, e: &[f64]) -> Result<Self, GeometryError> {
        let m = S.dimension();
        require_shape("matrix JJᵀ", A.as_mat(), m, m)?;
        require_length("error of the features' weights", e, m)?;
        let SA = product(S.as_mat(), A.as_mat());
        let slope = times(S.as_mat(), e);
        let twice_loss = S.as_symmetric().quadratic_form(e)?;
        require_positive("loss", 0.5 * twice_loss)?;
        let squared_norm = trace_of_product(SA.as_ref(), SA.as_ref())?;
        require_positive("squared norm of the Gauss–Newton matrix", squared_norm)?;
        // eᵀSA·S·ASe with ASe once.
        let along_gradient = S.as_symmetric().quadratic_form(&times(A.as_mat(), &slope))?;
        let share = along_gradient / twice_loss / squared_norm;
        Ok(GaussianAlignment { S: S.as_symmetric().clone(), slope, twice_loss, share })
    }

    /// L = ½eᵀSe.
    pub fn loss(&self) -> f64 {
        0.5 * self.twice_loss
    }

    /// μ: with Σ, in [1, 2], if `centred`, otherwise with Σ₁, in [1, 3].
    pub fn average(&self, centred: bool) -> f64 {
        1.0 + excess(centred) * self.share
    }

    /// g(v) for w = Jv (m): with Σ, in [1, 2], if `centred`, otherwise with Σ₁, in [1, 3].
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongLength`], and [`GeometryError::NotPositive`] when w = 0.
    pub fn directional(&self, w: &[f64], centred: bool) -> Result<f64, GeometryError> {
        let curvature = quadratic_form(self.S.as_mat(), w)?;
        require_positive("curvature along a direction", curvature)?;
        let slope: f64 = w.iter().zip(&self.slope).map(|(w, s)| w * s).sum();
        Ok(1.0 + excess(centred) * (slope / self.twice_loss) * (slope / curvature))
    }
}

/// (1/η)√(b/μ₀), which ‖𝒢‖_F does not exceed where SGD is linearly stable and its alignment is at least μ₀ (WWS).
///
/// For callers who compare a measured ‖𝒢‖_F with it; specs write the formula out.
///
/// # Errors
///
/// [`GeometryError::NotPositive`] for η, b or μ₀.
///
/// ```
/// assert_eq!(geometry::stability_norm_bound(0.5, 4, 1.0)?, 4.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn stability_norm_bound(step_size: f64, batch_size: u64, alignment: f64) -> Result<f64, GeometryError> {
    require_positive("step size", step_size)?;
    require_positive("batch size", batch_size as f64)?;
    require_positive("alignment", alignment)?;
    Ok((batch_size as f64 / alignment).sqrt() / step_size)
}

/// The mean square, less the square of the mean if `centred`: then exactly 0 of a single number.
fn second_moment(centred: bool, values: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let mean = if centred { values.clone().sum::<f64>() / values.len() as f64 } else { 0.0 };
    mean_square(values.map(|value| value - mean))
}

fn mean_square(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.map(|value| value * value).sum::<f64>() / count
}

/// How many times ∇L∇Lᵀ stands beside 2L𝒢 in Σ, or in Σ₁.
fn excess(centred: bool) -> f64 {
    if centred { 1.0 } else { 2.0 }
}

/// Av.
fn times(A: MatRef<'_, f64>, v: &[f64]) -> Vec<f64> {
    product(A, MatRef::from_column_major_slice(v, v.len(), 1)).col_as_slice(0).to_vec()
}
