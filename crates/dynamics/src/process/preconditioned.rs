//! Preconditioned SGD on a quadratic: plain SGD in coordinates that the preconditioner makes, and its law in the problem's.
//!
//! ```text
//! e' = e − ηP(He + ξ),   P ≻ 0,   Cov ξ = σ²G                      (σ² = 1/b for batches of b)
//!
//! PHΣ + ΣHP − ηPHΣHP = ησ²PGP                                      stationary, stable iff ηλ_max(PH) < 2
//! PHΣ + ΣHP          = ησ²PGP                                      leading order in η
//! ```
//!
//! PH is not symmetric, but with any P = RRᵀ and e = Ry it becomes so, and the recursion becomes plain SGD:
//!
//! ```text
//! y' = (I − ηK)y − ηRᵀξ,   K = RᵀHR,   Cov Rᵀξ = σ²RᵀGR,           λ(K) = λ(PH)
//! ```
//!
//! For P = H⁻¹ (Newton) K = I, and Σ = η/(2 − η)·σ²H⁻¹GH⁻¹: every direction mixes alike.
//!
//! Source: derived from the recursion.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};
use geometry::{GeometryError, Psd, Spd};
use sampling::Design;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::in_frame::{check_design, check_start};
use crate::process::power::power;
use crate::process::sgd::Sgd;
use crate::process::{BlockStreams, Observe, Process};
use crate::schedule::{Schedule, StepSize};
use crate::source::{Law, Source};
use crate::start::Start;

/// Preconditioned SGD θ' = θ − ηPĝ_B(θ) on a quadratic problem, in the problem's own coordinates.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::{Preconditioned, Preconditioner}};
/// # use dynamics::{schedule::StepSize, start::Start};
/// # use geometry::Spd;
/// let (h, g, eta, b) = (2.0, 3.0, 0.5, 4);
/// let (curvature, noise) = (Spd::diagonal(&[h])?, Spd::diagonal(&[g])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0])?;
/// let start = Start::new(vec![1.0], 0.0)?;
/// let design = sampling::designs::Gaussian::new(b)?;
/// let newton = Preconditioned::new(&problem, &Preconditioner::Newton, StepSize::new(eta)?, design, &start)?;
///
/// let stationary = eta / (2.0 - eta) * g / (h * h) / 4.0;
/// assert!((newton.stationary_covariance()[(0, 0)] - stationary).abs() < 1e-16);
/// // Newton's method forgets the start at the same pace whatever the curvature: 1 − η a step.
/// assert!((newton.exact(&[3])?[0].mean[0] - 0.125).abs() < 1e-16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Preconditioned<D> {
    coordinates: Frame,
    /// Plain SGD from 0 on the problem with curvature K, in an eigenbasis Q of K; z = Qᵀy.
    plain: Sgd<D>,
    step_size: StepSize,
    /// B = RQ, so that e = Bz and P = BBᵀ.
    basis: Mat<f64>,
    /// B⁻¹ = QᵀR⁻¹.
    inverse: Mat<f64>,
    /// The law of e₀ in the problem's coordinates.
    start: Start,
}

/// P, symmetric positive definite.
#[derive(Debug, Clone)]
pub enum Preconditioner {
    /// P = H⁻¹.
    Newton,
    /// P = F⁻¹, the inverse of the problem's Fisher metric.
    NaturalGradient,
    /// Any P (d×d).
    Matrix(Spd),
}

impl<D: Design> Preconditioned<D> {
    /// SGD on `problem` with steps η = `step_size` in the metric of `preconditioner` and batches drawn by `design`.
    /// Cost O(d³).
    ///
    /// A design that treats the whitened coordinates differently does so in the eigenbasis of K, as [`Sgd`] does in that
    /// of H.
    ///
    /// # Errors
    /// [`DynamicsError::UnstableRecursion`] unless η < 2/λ_max(PH) by more than rounding,
    /// [`DynamicsError::Dimension`] for a start or a P of another dimension, [`DynamicsError::Geometry`] if K loses its
    /// positive definiteness to rounding, or G cannot be factored.
    pub fn new(
        problem: &Quadratic,
        preconditioner: &Preconditioner,
        step_size: StepSize,
        design: D,
        start: &Start,
    ) -> Result<Self, DynamicsError> {
        check_design(problem, &design)?;
        check_start(problem, start)?;
        let d = problem.dimension();
        let Factor { R, R_inverse, K } = Factor::new(problem, preconditioner)?;
        let noise = Psd::new(congruence(R.as_ref(), problem.noise().as_mat()))?;
        let transformed = Quadratic::new(K.clone(), noise, K, vec![0.0; d])?;
        let from_zero = Start::new(vec![0.0; d], 0.0)?;
        let plain = Sgd::new(&transformed, Schedule::Constant(step_size), design, &from_zero);
        let plain = plain.map_err(|error| match error {
            DynamicsError::Unstable { step_size: given, limit, .. } => {
                DynamicsError::UnstableRecursion { what: "step size η", given, bound: "2/λ_max(PH)", limit }
            }
            other => other,
        })?;
        // Qᵀ acts on columns: on those of R⁻¹ for QᵀR⁻¹, on the rows of R for RQ.
        let turned = |vector: Vec<f64>| plain.frame().vector(&vector);
        let rows: Vec<Vec<f64>> = (0..d).map(|i| turned((0..d).map(|j| R[(i, j)]).collect())).collect();
        let columns: Vec<Vec<f64>> = (0..d).map(|j| turned((0..d).map(|i| R_inverse[(i, j)]).collect())).collect();
        let basis = Mat::from_fn(d, d, |i, j| rows[i][j]);
        let inverse = Mat::from_fn(d, d, |i, j| columns[j][i]);
        Ok(Preconditioned {
            coordinates: Frame::coordinates(d),
            plain,
            step_size,
            basis,
            inverse,
            start: start.clone(),
        })
    }

    /// σ², the factor between G and the covariance of a batch gradient.
    #[must_use]
    pub fn variance_factor(&self) -> f64 {
        self.plain.variance_factor()
    }

    /// The discrete stationary covariance Σ, PHΣ + ΣHP − ηPHΣHP = ησ²PGP, in the problem's coordinates. Cost O(d³).
    #[must_use]
    pub fn stationary_covariance(&self) -> Mat<f64> {
        self.returned(&self.plain.stationary_covariance())
    }

    /// Σ to leading order in η, PHΣ + ΣHP = ησ²PGP, in the problem's coordinates. Cost O(d³).
    #[must_use]
    pub fn continuous_covariance(&self) -> Mat<f64> {
        self.returned(&self.plain.continuous_covariance())
    }

    /// BCBᵀ: the covariance of e = Bz where C is that of z.
    fn returned(&self, C: &Mat<f64>) -> Mat<f64> {
        congruence(self.basis.transpose(), C.as_ref())
    }

    /// (1 − ηκ)ᵏ along the axes of z, κ the eigenvalues of PH.
    fn contraction(&self, step: u64) -> Vec<f64> {
        self.plain.frame().rates().iter().map(|kappa| power(1.0 - self.step_size.get() * kappa, step)).collect()
    }

    /// B diag(contraction) B⁻¹, which is (I − ηPH)ᵏ or e^{−PHt}.
    fn propagator(&self, contraction: &[f64]) -> Mat<f64> {
        let d = contraction.len();
        Mat::from_fn(d, d, |i, j| self.basis[(i, j)] * contraction[j]) * &self.inverse
    }

    /// The law of e: what the noise has filled in, given in z, and what is left of the start.
    fn law(&self, noise: &Moments, contraction: &[f64]) -> Moments {
        let Moments { mean, covariance: Cov_0 } = self.start.moments();
        let propagator = self.propagator(contraction);
        let left = congruence(propagator.transpose(), Cov_0.as_ref());
        Moments {
            mean: (0..mean.len()).map(|i| (0..mean.len()).map(|j| propagator[(i, j)] * mean[j]).sum()).collect(),
            covariance: self.returned(&noise.covariance) + left,
        }
    }
}

impl<D: Design> Process for Preconditioned<D> {
    fn frame(&self) -> &Frame {
        &self.coordinates
    }

    /// z_k is the noise that plain SGD gathers from 0, plus (I − ηK)ᵏz_0; each record costs one product with B, 2d² flops
    /// a replicate.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.coordinates.dimension();
        let (mut start, mut state, mut errors) = (vec![[0.0; WIDTH]; d], vec![[0.0; WIDTH]; d], vec![[0.0; WIDTH]; d]);
        self.start.draw(&mut streams.start, &mut errors);
        multiply(self.inverse.as_ref(), &errors, &mut start);
        let eta = self.step_size.get();
        self.plain.simulate(streams, recorded, &mut |n, noise| {
            for (i, kappa) in self.plain.frame().rates().iter().enumerate() {
                let left = power(1.0 - eta * kappa, recorded[n]);
                for lane in 0..WIDTH {
                    state[i][lane] = noise[i][lane] + left * start[i][lane];
                }
            }
            multiply(self.basis.as_ref(), &state, &mut errors);
            observe(n, &errors)
        });
    }

    /// t = ηk.
    fn time(&self, step: u64) -> f64 {
        self.plain.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        let source = |formula| Some(Source::new(formula, "derived from the recursion", file!()));
        match law {
            Law::Exact | Law::AcrossTime => {
                source(&["y' = (I − ηK)y − ηRᵀξ, K = RᵀHR, Cov Rᵀξ = σ²RᵀGR", "PHΣ + ΣHP − ηPHΣHP = ησ²PGP"])
            }
            Law::Limit => source(&["PHΣ + ΣHP = ησ²PGP"]),
            Law::LeadingOrder => None,
        }
    }

    /// Cost O(d³) a step.
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let laws = self.plain.exact(steps)?;
        Ok(steps.iter().zip(&laws).map(|(&step, noise)| self.law(noise, &self.contraction(step))).collect())
    }

    /// The law of dX = −PHX dt + √(ησ²) PL dW at t = ηk. Cost O(d³) a step.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let flow = |step| -> Vec<f64> {
            self.plain.frame().rates().iter().map(|kappa| libm::exp(-kappa * self.time(step))).collect()
        };
        let laws = self.plain.limit(steps)?;
        Ok(steps.iter().zip(&laws).map(|(&step, noise)| self.law(noise, &flow(step))).collect())
    }

    /// Cov(e_to, e_from) = (I − ηPH)^{to−from}·Cov e_from.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        Ok(self.propagator(&self.contraction(to - from)) * self.exact(&[from])?.remove(0).covariance)
    }
}

/// R with P = RRᵀ, its inverse, and K = RᵀHR.
struct Factor {
    R: Mat<f64>,
    R_inverse: Mat<f64>,
    K: Spd,
}

impl Factor {
    fn new(problem: &Quadratic, preconditioner: &Preconditioner) -> Result<Self, DynamicsError> {
        let H = problem.curvature();
        match preconditioner {
            Preconditioner::Newton => Ok(Self::of_inverse(H, H)?),
            Preconditioner::NaturalGradient => Ok(Self::of_inverse(problem.fisher(), H)?),
            Preconditioner::Matrix(P) => {
                let (given, expected) = (P.dimension(), H.dimension());
                if given != expected {
                    return Err(DynamicsError::Dimension { part: "preconditioner P", given, expected });
                }
                Ok(Self::of_matrix(P, H)?)
            }
        }
    }

    /// P = M⁻¹ with M = LLᵀ: R = L⁻ᵀ = M⁻¹L. For M = H the identity K is exact, and no eigensolver sees its rounding.
    fn of_inverse(M: &Spd, H: &Spd) -> Result<Self, GeometryError> {
        let L = M.lower_factor();
        let R = M.solve(L.as_ref())?;
        let K = if M == H { Spd::identity(H.dimension())? } else { Spd::new(congruence(R.as_ref(), H.as_mat()))? };
        Ok(Factor { R, R_inverse: L.transpose().to_owned(), K })
    }

    /// P = RRᵀ with a lower R, and R⁻¹ = (P⁻¹R)ᵀ.
    fn of_matrix(P: &Spd, H: &Spd) -> Result<Self, GeometryError> {
        let R = P.lower_factor();
        let R_inverse = P.solve(R.as_ref())?.transpose().to_owned();
        let K = Spd::new(congruence(R.as_ref(), H.as_mat()))?;
        Ok(Factor { R, R_inverse, K })
    }
}

/// RᵀMR for a symmetric M, exactly symmetric.
fn congruence(R: MatRef<'_, f64>, M: MatRef<'_, f64>) -> Mat<f64> {
    let product = R.transpose() * M * R;
    Mat::from_fn(product.nrows(), product.ncols(), |i, j| 0.5 * (product[(i, j)] + product[(j, i)]))
}

/// `result` = M·`rows` for all replicates, summed over the columns in ascending order.
fn multiply(M: MatRef<'_, f64>, rows: &[Row], result: &mut [Row]) {
    for (i, result) in result.iter_mut().enumerate() {
        result.fill(0.0);
        for (j, row) in rows.iter().enumerate() {
            let entry = M[(i, j)];
            for lane in 0..WIDTH {
                result[lane] += entry * row[lane];
            }
        }
    }
}
