//! Gradient noise against curvature along the leading eigenvectors of the Hessian: the power law of ZYT.
//!
//! ```text
//! HV = VΛ,   H_ii = λ_i,   C_ii = v_iᵀCv_i,   ln C_ii ≈ ln c + γ ln H_ii,   energy = Σ(VᵀCV)_ii²/‖VᵀCV‖_F²
//! ```
//!
//! For C = E h² and positive semidefinite per-sample Hessians h, H_ii² ≤ C_ii ≤ κ_max H_ii with κ_max the largest
//! eigenvalue of any h: γ = 2 where all h are equal, γ = 1 where all are the same multiple of a projector.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::Mat;

use crate::dense::{frobenius_norm, product, require_positive, require_shape, rounding};
use crate::passes::{LANES, add_squares, dot};
use crate::{GeometryError, LeadingEigen, Symmetric};

/// H_ii and VᵀCV along the k leading eigenvectors V of H.
///
/// ```
/// # use geometry::{NoiseCurvature, Symmetric};
/// # use faer::mat;
/// let h = Symmetric::new(mat![[4.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]])?;
/// // C = 3H²: along the directions of H exactly a power law with γ = 2.
/// let c = Symmetric::new(mat![[48.0, 0.0, 0.0], [0.0, 12.0, 0.0], [0.0, 0.0, 3.0]])?;
/// let relation = NoiseCurvature::new(&c, &h.leading_eigen(3)?)?;
/// let fit = relation.fit()?;
/// assert!((fit.exponent - 2.0).abs() < 1e-15 && (fit.intercept - libm::log(3.0)).abs() < 1e-15);
/// assert!((relation.diagonal_energy()? - 1.0).abs() < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NoiseCurvature {
    curvatures: Vec<f64>,
    /// VᵀCV (k×k).
    noise: Mat<f64>,
    curvature_resolution: f64,
    noise_resolution: f64,
}

/// min_s ‖C − sB‖_F/‖C‖_F, between 0 (proportional) and 1 (orthogonal): how far C is from a law C ∝ B, such as B = E h² of
/// ZYT. Cost: d².
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], and [`GeometryError::NotPositive`] when C or B is 0.
///
/// ```
/// # use geometry::{Symmetric, distance_from_multiples};
/// # use faer::mat;
/// let b = Symmetric::new(mat![[2.0, 0.0], [0.0, 0.0]])?;
/// let c = Symmetric::new(mat![[4.0, 0.0], [0.0, 3.0]])?;
/// assert!((distance_from_multiples(&c, &b)? - 0.6).abs() < 1e-15);
/// assert_eq!(distance_from_multiples(&b, &b)?, 0.0);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn distance_from_multiples(C: &Symmetric, B: &Symmetric) -> Result<f64, GeometryError> {
    let d = B.dimension();
    require_shape("noise covariance", C.as_mat(), d, d)?;
    let (norm_C, norm_B) = (frobenius_norm(C.as_mat()), frobenius_norm(B.as_mat()));
    require_positive("norm of the noise covariance", norm_C)?;
    require_positive("norm of the matrix that it is compared with", norm_B)?;
    let mut unit_C = vec![0.0; d];
    let mut unit_B = vec![0.0; d];
    let mut visit_columns = |visit: &mut dyn FnMut(&mut [f64], &[f64])| {
        for j in 0..d {
            unit_C.iter_mut().zip(C.as_mat().col(j).iter()).for_each(|(unit, c)| *unit = c / norm_C);
            unit_B.iter_mut().zip(B.as_mat().col(j).iter()).for_each(|(unit, b)| *unit = b / norm_B);
            visit(&mut unit_C, &unit_B);
        }
    };
    // Of symmetric matrices, tr(CB) is the inner product of their columns.
    let mut s = 0.0;
    visit_columns(&mut |C, B| s += dot(C, B));
    let mut squares = [0.0; LANES];
    visit_columns(&mut |C, B| {
        C.iter_mut().zip(B).for_each(|(c, b)| *c -= s * b);
        add_squares(C, 1.0, &mut squares);
    });
    Ok(squares.iter().sum::<f64>().sqrt())
}

/// The least-squares line ln C_ii = intercept + exponent·ln H_ii.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    /// γ.
    pub exponent: f64,
    /// √(Σ residual²/(m − 2)/Σ(ln H_ii − mean)²): the standard error of γ if residuals were independent and equal in
    /// size, which along eigenvectors of one matrix they need not be.
    pub standard_error: f64,
    /// R² = 1 − Σ residual²/Σ(ln C_ii − mean)²; 1 where the C_ii are all equal, as the line then meets them all.
    pub r_squared: f64,
    /// ln c.
    pub intercept: f64,
    /// m: the directions that the line is fitted to.
    pub directions: usize,
}

impl NoiseCurvature {
    /// The noise C (d×d) along some leading eigenvectors of H. Cost: d²k.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] when C and H differ in dimension.
    pub fn new(C: &Symmetric, H: &LeadingEigen) -> Result<Self, GeometryError> {
        Self::with_resolution(C, 0.0, H)
    }

    /// The same for a C that may be off by `resolution` in any direction, such as that of
    /// [`GradientNoise`](crate::GradientNoise).
    ///
    /// # Errors
    ///
    /// As [`NoiseCurvature::new`].
    pub fn with_resolution(C: &Symmetric, resolution: f64, H: &LeadingEigen) -> Result<Self, GeometryError> {
        let (d, V) = (H.dimension(), H.vectors());
        require_shape("noise covariance", C.as_mat(), d, d)?;
        let noise = product(V.transpose(), product(C.as_mat(), V).as_ref());
        Self::from_projected(noise, resolution.max(rounding(d) * frobenius_norm(C.as_mat())), H)
    }

    /// The same from VᵀCV (k×k), of which only differences above `resolution` from 0 mean something.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] for a matrix that is not k×k.
    pub fn from_projected(noise: Mat<f64>, resolution: f64, H: &LeadingEigen) -> Result<Self, GeometryError> {
        require_shape("noise along the leading directions", noise.as_ref(), H.count(), H.count())?;
        let (curvatures, curvature_resolution) = (H.values().to_vec(), H.resolution());
        Ok(NoiseCurvature { curvatures, noise, curvature_resolution, noise_resolution: resolution })
    }

    /// H_ii, from the largest down.
    pub fn curvatures(&self) -> &[f64] {
        &self.curvatures
    }

    /// C_ii, in the order of the curvatures.
    pub fn noises(&self) -> Vec<f64> {
        (0..self.curvatures.len()).map(|i| self.noise[(i, i)]).collect()
    }

    /// The least-squares line through (ln H_ii, ln C_ii).
    ///
    /// A direction whose H_ii or C_ii is not above rounding, which is at most 2·10⁻¹⁰·max|λ(H)| and 8dε‖C‖_F or the
    /// resolution that C came with, has no logarithm to speak of: it is left out, and [`PowerLaw::directions`] says how many remain.
    ///
    /// # Errors
    ///
    /// [`GeometryError::TooFewDirections`] when fewer than 3 remain, [`GeometryError::NotPositive`] when all their
    /// curvatures are equal within rounding.
    pub fn fit(&self) -> Result<PowerLaw, GeometryError> {
        let usable = |&(h, c): &(f64, f64)| h > self.curvature_resolution && c > self.noise_resolution;
        let points: Vec<(f64, f64)> = self.curvatures.iter().copied().zip(self.noises()).filter(usable).collect();
        let (m, required) = (points.len(), 3);
        if m < required {
            return Err(GeometryError::TooFewDirections { usable: m, given: self.curvatures.len(), required });
        }
        let points: Vec<(f64, f64)> = points.into_iter().map(|(h, c)| (libm::log(h), libm::log(c))).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / m as f64;
        let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
        let sum = |f: &dyn Fn(f64, f64) -> f64| points.iter().map(|(x, y)| f(x - x_mean, y - y_mean)).sum::<f64>();
        let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
        let spread = points[0].0 - points[m - 1].0;
        if spread <= rounding(m) {
            return Err(GeometryError::NotPositive {
                name: "spread of the logarithms of the curvatures",
                value: spread,
            });
        }
        let exponent = xy / xx;
        let remaining = sum(&|x, y| (y - exponent * x) * (y - exponent * x));
        Ok(PowerLaw {
            exponent,
            standard_error: (remaining / (m - 2) as f64 / xx).sqrt(),
            r_squared: if yy == 0.0 { 1.0 } else { 1.0 - remaining / yy },
            intercept: y_mean - exponent * x_mean,
            directions: m,
        })
    }

    /// Σ_i (VᵀCV)_ii²/‖VᵀCV‖_F², 1 where C is diagonal in the leading eigenvectors of H.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] when VᵀCV is nothing but rounding.
    pub fn diagonal_energy(&self) -> Result<f64, GeometryError> {
        let norm = frobenius_norm(self.noise.as_ref());
        require_positive(
            "norm of the noise in the leading directions, beyond rounding,",
            norm - self.noise_resolution,
        )?;
        Ok(self.noises().iter().map(|c| (c / norm) * (c / norm)).sum())
    }
}
