//! Estimates of the gradient covariance from per-sample gradients that stream past, and what they say of the plateau.
//!
//! ```text
//! s_1, s_2, … ~ N(0, G)                                            per-sample gradients
//! Ĝ_k = (1/(k−1)) Σ_{i≤k} (s_i − s̄_k)(s_i − s̄_k)ᵀ                  plug-in, after k of them
//!
//! E Ĝ_k = G,   Cov((Ĝ_k)_ij, (Ĝ_k)_pq) = (G_ip G_jq + G_iq G_jp)/(k − 1),   Cov(Ĝ_k, Ĝ_l) = Cov Ĝ_l for k ≤ l
//! E‖Ĝ_k − G‖_F² = (‖G‖_F² + (tr G)²)/(k − 1)
//! ```
//!
//! since Welford's increments a_n = √((n−1)/n)(s_n − s̄_{n−1}), n ≥ 2, are independent N(0, G) (Helmert) and (k − 1)Ĝ_k
//! = Σ a_na_nᵀ: a Wishart sum, of which Ĝ_k and Ĝ_l share the first k − 1 terms. The diagonal estimator keeps the Ĝ_ii
//! and misses the G_ij for good. The sketch of rank r is Ĝ_k itself where r ≥ rank G or r ≥ k − 1; elsewhere only
//! 0 ⪯ G − E Ĝ ⪯ cI is known, with the c of [`sketch_bias`](CovarianceEstimate::sketch_bias).
//!
//! The state is the error Ĝ_k − G, flattened so that its squared length is the squared Frobenius norm.
//!
//! Source: ZM §9.4 (ZM = arXiv 2603.02417v4); J. Wishart, Biometrika 20A (1928) 32–52.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef, Scale};
use geometry::GeometryError;
use geometry::lyapunov::sgd_stationary;
use sampling::covariance::LowRank;
use sampling::normal::fill_normals;

use crate::block::{PackedLower, WIDTH, advance};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::problem::Quadratic;
use crate::process::running_covariance::{Running, Scatter, Sketches};
use crate::process::{BlockStreams, Observe, Process};
use crate::schedule::positive;
use crate::source::{Law, Source};

/// How G is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// The unbiased sample covariance, in O(d²) memory.
    PlugIn,
    /// Its diagonal, in O(d) memory; 0 elsewhere.
    Diagonal,
    /// The streaming sketch [`LowRank`], in O(rd) memory.
    LowRank {
        /// r.
        rank: usize,
    },
}

/// The state at step k is the error Ĝ_k − G of the estimate after k samples, k ≥ 2; NaN before.
///
/// Row i(i+1)/2 + j holds entry (i, j) of the lower triangle, j ≤ i, times √2 off the diagonal: m = d(d+1)/2 rows.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic};
/// # use dynamics::process::{CovarianceEstimate, Estimator};
/// # use geometry::Spd;
/// let (curvature, noise) = (Spd::diagonal(&[1.0, 2.0])?, Spd::diagonal(&[3.0, 8.0])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0, 0.0])?;
/// let estimate = CovarianceEstimate::new(&problem, Estimator::PlugIn)?;
/// let error = &estimate.exact(&[11])?[0].covariance;
/// // Rows: Ĝ_00, √2·Ĝ_10, Ĝ_11.
/// assert!((error[(0, 0)] - 2.0 * 9.0 / 10.0).abs() < 1e-15 && (error[(1, 1)] - 2.0 * 24.0 / 10.0).abs() < 1e-15);
/// // G_11 weighs 1/(2 − 0.5·2) = 1 in the plateau of SGD with η = 0.5.
/// let direction = CovarianceEstimate::plateau_direction(&problem, 0.5)?;
/// assert!((direction[0] - 1.0 / 1.5).abs() < 1e-15 && direction[1] == 0.0 && (direction[2] - 1.0).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CovarianceEstimate {
    coordinates: Frame,
    /// G.
    noise: Mat<f64>,
    /// G in the coordinates of the state.
    target: Vec<f64>,
    /// L with LLᵀ = G, packed for the kernel.
    factor: PackedLower,
    estimator: Estimator,
    /// An empty sketch, for the estimator that is one.
    sketch: Option<LowRank>,
    /// The last step with a known law.
    known_until: u64,
}

impl CovarianceEstimate {
    /// The largest d: the covariance of the m = 2 080 entries of one estimate then takes 33 MiB.
    pub const LARGEST_DIMENSION: usize = 64;

    /// Estimates of the covariance G of the per-sample gradients of `problem`. Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::DimensionTooLarge`] for d above [`CovarianceEstimate::LARGEST_DIMENSION`],
    /// [`DynamicsError::Covariance`] unless 1 ≤ r ≤ d, [`DynamicsError::Geometry`] if G cannot be factored.
    pub fn new(problem: &Quadratic, estimator: Estimator) -> Result<Self, DynamicsError> {
        let (given, largest) = (problem.dimension(), Self::LARGEST_DIMENSION);
        if given > largest {
            return Err(DynamicsError::DimensionTooLarge { given, largest });
        }
        let G = problem.noise();
        let (sketch, known_until) = match estimator {
            Estimator::LowRank { rank } => {
                let faithful = rank >= G.rank();
                (Some(LowRank::new(given, rank)?), if faithful { u64::MAX } else { rank as u64 + 1 })
            }
            Estimator::PlugIn | Estimator::Diagonal => (None, u64::MAX),
        };
        let target = Self::flatten(G.as_mat());
        Ok(CovarianceEstimate {
            coordinates: Frame::coordinates(target.len()),
            noise: G.as_mat().to_owned(),
            target,
            factor: PackedLower::new(G.lower_factor()?.as_ref()),
            estimator,
            sketch,
            known_until,
        })
    }

    /// The m coordinates of a symmetric M (d×d), of which the lower triangle is read: an isometry, tr(MN) = the inner
    /// product of the coordinates. Cost O(d²).
    #[must_use]
    pub fn flatten(M: MatRef<'_, f64>) -> Vec<f64> {
        entries(M.nrows()).map(|(i, j)| scale(i, j) * M[(i, j)]).collect()
    }

    /// w (m) such that wᵀ(state) is the error of the plateau that Ĝ predicts for SGD with step size η < 2/λ_max(H).
    ///
    /// The scaled plateau (b/η)tr(FΣ_d), with HΣ_d + Σ_dH − ηHΣ_dH = (η/b)G, is linear in G. Its equation is its own
    /// adjoint, so it is tr(WG) with HW + WH − ηHWH = F, and w are the coordinates of W. For F = H, W = (2I − ηH)⁻¹ and
    /// the plateau is Σ G_ii/(2 − ηh_i) in the eigenbasis of H. The plug-in prediction has no bias, and the variance
    ///
    /// ```text
    /// wᵀ Cov(Ĝ) w = 2tr(WGWG)/(k − 1)
    /// ```
    ///
    /// Cost O(d³). Source: ZM §9.4 with Proposition 5.13.
    ///
    /// # Errors
    /// [`DynamicsError::Unstable`] for η ≥ 2/λ_max(H), up to rounding, [`DynamicsError::NotPositive`] for η,
    /// [`DynamicsError::Geometry`] if the eigensolver fails.
    pub fn plateau_direction(problem: &Quadratic, step_size: f64) -> Result<Vec<f64>, DynamicsError> {
        positive("step size η", step_size)?;
        match sgd_stationary(problem.curvature(), &problem.fisher().into(), step_size, 1) {
            Ok(solution) => Ok(Self::flatten((Scale(1.0 / step_size) * solution.matrix).as_ref())),
            Err(GeometryError::UnstableStepSize { step_size, largest_eigenvalue, limit }) => {
                Err(DynamicsError::Unstable { step_size, largest_curvature: largest_eigenvalue, limit })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// c with 0 ⪯ G − E Ĝ_k ⪯ cI for the sketch of rank r at every k ≥ 2 (*derived*):
    ///
    /// ```text
    /// c = min_{j ≤ r} Σ_{i>j} λ_i(G)/(r + 1 − j),    λ_1 ≥ λ_2 ≥ …
    /// ```
    ///
    /// The bound of [`LowRank`] holds for every sequence, with Σ_{i>j} λ_i(S) of the sample covariance S; this sum is
    /// concave in S, and E S = G. Cost O(d³).
    ///
    /// # Errors
    /// [`DynamicsError::Covariance`] unless 1 ≤ r ≤ d, [`DynamicsError::Geometry`] if the eigensolver fails.
    pub fn sketch_bias(problem: &Quadratic, rank: usize) -> Result<f64, DynamicsError> {
        let G = problem.noise();
        LowRank::new(G.dimension(), rank)?;
        let eigen = G.eigen()?;
        // Eigenvalues ascend.
        let tail = |j: usize| eigen.values()[..G.dimension() - j].iter().map(|value| value.max(0.0)).sum::<f64>();
        Ok((0..=rank).map(|j| tail(j) / (rank + 1 - j) as f64).fold(f64::INFINITY, f64::min))
    }

    /// Cov Ĝ_k (m×m). Cost O(d⁴).
    fn covariance(&self, step: u64) -> Result<Mat<f64>, DynamicsError> {
        let reason = if step < 2 {
            "fewer than two samples have no covariance"
        } else if step > self.known_until {
            "the law of a sketch of lower rank than its samples is open"
        } else {
            let (G, freedom) = (&self.noise, (step - 1) as f64);
            let pairs: Vec<(usize, usize)> = entries(G.nrows()).collect();
            return Ok(Mat::from_fn(pairs.len(), pairs.len(), |row, column| {
                let ((i, j), (p, q)) = (pairs[row], pairs[column]);
                if !self.estimates(i, j) || !self.estimates(p, q) {
                    return 0.0;
                }
                let weight = scale(i, j) * scale(p, q) / freedom;
                weight * (G[(i, p)] * G[(j, q)] + G[(i, q)] * G[(j, p)])
            }));
        };
        Err(DynamicsError::NoLaw { law: "exact law", reason })
    }

    /// Whether entry (i, j) is estimated, or left at 0.
    fn estimates(&self, i: usize, j: usize) -> bool {
        i == j || self.estimator != Estimator::Diagonal
    }

    fn running(&self) -> Box<dyn Running> {
        let d = self.noise.nrows();
        match &self.sketch {
            Some(empty) => Box::new(Sketches::new(empty, d)),
            None => Box::new(Scatter::new(d, self.estimator == Estimator::Diagonal)),
        }
    }
}

impl Process for CovarianceEstimate {
    fn frame(&self) -> &Frame {
        &self.coordinates
    }

    /// One sample a step and replicate. Cost O(d²) a step, or of the sketch O(rd + r²) and allocations, with last bits
    /// that may depend on the processor.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let d = self.noise.nrows();
        let (mut whitened, mut sample) = (vec![[0.0; WIDTH]; d], vec![[0.0; WIDTH]; d]);
        let mut state = vec![[0.0; WIDTH]; self.target.len()];
        let forget = vec![0.0; d];
        let mut running = self.running();
        let mut k = 0;
        for (n, &step) in recorded.iter().enumerate() {
            while k < step {
                fill_normals(&mut streams.noise, whitened.as_flattened_mut());
                // The kernel subtracts its noise.
                advance(&forget, &self.factor, -1.0, &whitened, &mut sample);
                running.absorb(&sample);
                k += 1;
            }
            running.read(&mut state);
            for (row, target) in state.iter_mut().zip(&self.target) {
                *row = row.map(|estimate| estimate - target);
            }
            if !observe(n, &state) {
                return;
            }
        }
    }

    /// t = k: the number of samples.
    fn time(&self, step: u64) -> f64 {
        step as f64
    }

    fn source(&self, law: Law) -> Option<Source> {
        let formula = &["E Ĝ_k = G, Cov((Ĝ_k)_ij, (Ĝ_k)_pq) = (G_ip G_jq + G_iq G_jp)/(k − 1)"];
        let statement = "ZM §9.4; J. Wishart, Biometrika 20A (1928) 32–52";
        matches!(law, Law::Exact | Law::AcrossTime).then(|| Source::new(formula, statement, file!()))
    }

    /// Also [`DynamicsError::NoLaw`] for k < 2.
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let missed = |(i, j), target: &f64| if self.estimates(i, j) { 0.0 } else { -target };
        let mean: Vec<f64> = entries(self.noise.nrows()).zip(&self.target).map(|(at, G)| missed(at, G)).collect();
        steps.iter().map(|&k| Ok(Moments { mean: mean.clone(), covariance: self.covariance(k)? })).collect()
    }

    /// Cov Ĝ_to, whatever the earlier step ≥ 2.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        self.covariance(if from < 2 { from } else { to })
    }
}

/// The lower triangle, row after row.
pub(super) fn entries(d: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..d).flat_map(|i| (0..=i).map(move |j| (i, j)))
}

/// The length of the coordinate of a symmetric matrix with 1 at (i, j) and (j, i).
pub(super) fn scale(i: usize, j: usize) -> f64 {
    if i == j { 1.0 } else { std::f64::consts::SQRT_2 }
}
