//! Averages of SGD iterates, from the first (Polyak–Ruppert) or from a later one (tail averaging).
//!
//! ```text
//! ē_k = (1/n) S_k,   S_k = Σ_{s < j ≤ k} e_j,   n = k − s           the observed state; e_k itself for k ≤ s
//!
//! with C = Cov e_k, X = Cov(e_k, S_k), V = Cov S_k, A = I − η_kH, from X = V = 0 at k = s:
//! C' = ACA + η_k²σ²G                                                exact at every k
//! X' = AX + C'
//! V' = V + AX + (AX)ᵀ + C',   Cov ē_k = V/n²
//!
//! n·Cov ē_k → σ²H⁻¹GH⁻¹                                             constant steps, and α < 1
//! n·Cov ē_k → σ²G_ij/(h_ih_j) · (h_i + h_j)/(h_i + h_j − 1/c)       steps c/(k + k₀), cλ_min(H) > ½
//! ```
//!
//! Source: B. T. Polyak and A. B. Juditsky, SIAM J. Control Optim. 30 (1992) 838–855; ZM §6 (ZM = arXiv 2603.02417v4).
//! The recursions are derived from the definition, and the limit of averages of 1/k steps from them.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::Mat;
use sampling::Design;

use crate::block::{Row, WIDTH};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::process::power::one_minus_power;
use crate::process::recursion::Packed;
use crate::process::{BlockStreams, Observe, Process, Sgd};
use crate::schedule::{Schedule, StepSize};
use crate::source::{Law, Source};

/// The average of the iterates of [`Sgd`] after step s; s = 0 is the average of Polyak and Ruppert.
///
/// Nothing is averaged yet at a recorded step k ≤ s: there the state is the last iterate e_k, in the simulation and in
/// every law.
///
/// # Example
/// ```
/// # use dynamics::{Process as _, problem::Quadratic, process::{Averaged, Sgd}, start::Start};
/// # use dynamics::schedule::{Schedule, StepSize};
/// # use geometry::Spd;
/// let (curvature, noise) = (Spd::diagonal(&[2.0])?, Spd::diagonal(&[3.0])?);
/// let problem = Quadratic::new(curvature.clone(), noise.into(), curvature, vec![0.0])?;
/// let schedule = Schedule::Constant(StepSize::new(0.25)?);
/// let sgd = Sgd::new(&problem, schedule, sampling::designs::Gaussian::new(4)?, &Start::new(vec![1.0], 0.0)?)?;
/// let average = Averaged::new(sgd, 0);
/// // e_1 and e_2 have the means ½ and ¼; after many steps Cov → (1/b)·g/h² divided by the number of steps.
/// assert_eq!(average.exact(&[2])?[0].mean, [0.375]);
/// let covariance = average.exact(&[100_000])?[0].covariance[(0, 0)];
/// assert!((covariance * 1e5 / (0.25 * 3.0 / 4.0) - 1.0).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Averaged<D> {
    sgd: Sgd<D>,
    from: u64,
}

impl<D: Design> Averaged<D> {
    /// Averages e_{s+1}, …, e_k of `sgd`, where s = `from`.
    #[must_use]
    pub fn new(sgd: Sgd<D>, from: u64) -> Self {
        Averaged { sgd, from }
    }

    /// s, the last step that is left out.
    #[must_use]
    pub fn from(&self) -> u64 {
        self.from
    }

    /// The descent whose iterates are averaged.
    #[must_use]
    pub fn sgd(&self) -> &Sgd<D> {
        &self.sgd
    }

    /// Cov((e_1 + … + e_n)/n) in the frame, for constant steps from the stationary law, n = `n_averaged` ≥ 1:
    ///
    /// ```text
    /// n·Cov = σ²H⁻¹GH⁻¹ − (1/n)[A(I − Aⁿ)(ηH)⁻²Σ_d + transpose]
    /// ```
    ///
    /// Cost O(d²).
    ///
    /// # Errors
    /// [`DynamicsError::NoLaw`] unless the steps are constant: others have no stationary law;
    /// [`DynamicsError::Unstable`] for a step that is not stable.
    pub fn stationary_average_covariance(&self, n_averaged: u64) -> Result<Mat<f64>, DynamicsError> {
        let Schedule::Constant(eta) = self.sgd.schedule() else {
            return Err(DynamicsError::NoLaw { law: "stationary law", reason: "the steps are not constant" });
        };
        self.sgd.require_stable()?;
        let n = n_averaged as f64;
        let edge: Vec<f64> = self.sgd.frame().rates().iter().map(|&h| edge_effect(*eta, h, n_averaged)).collect();
        let (h, Sigma_d) = (self.sgd.frame().rates(), self.sgd.stationary_covariance());
        Ok(Mat::from_fn(h.len(), h.len(), |i, j| {
            let sandwich = self.sgd.variance_factor() * self.sgd.noise()[(i, j)] / (h[i] * h[j]);
            (sandwich - (edge[i] + edge[j]) * Sigma_d[(i, j)] / n) / n
        }))
    }

    /// The sums S at step s, where nothing is summed yet.
    fn sums(&self) -> Result<Sums, DynamicsError> {
        Ok(Sums::new(&self.sgd, self.from, &self.sgd.exact(&[self.from])?.remove(0)))
    }

    /// The covariance of the average to leading order in 1/n, times n.
    fn limit_constant(&self) -> Result<Mat<f64>, DynamicsError> {
        self.sgd.require_stable()?;
        let shift = match self.sgd.schedule() {
            Schedule::Constant(_) => 0.0,
            Schedule::RobbinsMonro(schedule) => self.sgd.central_shift(schedule)?,
            Schedule::Cyclical(_) => {
                let reason = "it is implemented for constant and decreasing steps";
                return Err(DynamicsError::NoLaw { law: "limit", reason });
            }
        };
        let (h, G) = (self.sgd.frame().rates(), self.sgd.noise());
        Ok(Mat::from_fn(h.len(), h.len(), |i, j| {
            let inflation = (h[i] + h[j]) / (h[i] + h[j] - shift);
            self.sgd.variance_factor() * G[(i, j)] / (h[i] * h[j]) * inflation
        }))
    }
}

impl<D: Design> Process for Averaged<D> {
    fn frame(&self) -> &Frame {
        self.sgd.frame()
    }

    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut walk = self.sgd.walk(streams);
        let mut sums = vec![[0.0; WIDTH]; walk.errors().len()];
        let mut average = sums.clone();
        for (n, &step) in recorded.iter().enumerate() {
            while walk.step() < step {
                self.sgd.advance(&mut walk);
                if walk.step() > self.from {
                    add(&mut sums, walk.errors());
                }
            }
            let go_on = if step <= self.from {
                observe(n, walk.errors())
            } else {
                divide(&sums, (step - self.from) as f64, &mut average);
                observe(n, &average)
            };
            if !go_on {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.sgd.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        let source = |formula, statement| Some(Source::new(formula, statement, file!()));
        match (law, self.sgd.schedule()) {
            (Law::Exact | Law::AcrossTime, _) => source(
                &["C' = ACA + η_k²σ²G", "X' = AX + C'", "V' = V + AX + (AX)ᵀ + C', Cov ē_k = V/n²"],
                "derived from the definition",
            ),
            (Law::Limit, Schedule::RobbinsMonro(steps)) if steps.exponent() == 1.0 => source(
                &["n·Cov ē_k → σ²G_ij/(h_ih_j) · (h_i + h_j)/(h_i + h_j − 1/c)"],
                "ZM §6; derived from the definition",
            ),
            (Law::Limit, Schedule::Constant(_) | Schedule::RobbinsMonro(_)) => {
                source(&["n·Cov ē_k → σ²H⁻¹GH⁻¹"], "ZM §6")
            }
            (Law::Limit, Schedule::Cyclical(_)) | (Law::LeadingOrder, _) => None,
        }
    }

    /// Cost O(d²k).
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let (before, after) = steps.split_at(steps.partition_point(|&step| step <= self.from));
        let mut laws = self.sgd.exact(before)?;
        if !after.is_empty() {
            let mut sums = self.sums()?;
            for &step in after {
                sums.advance_to(&self.sgd, step);
                laws.push(sums.average());
            }
        }
        Ok(laws)
    }

    /// Mean 0 and covariance σ²H⁻¹GH⁻¹/(k − s) for k > s, for every stable constant step and for α < 1; steps c/(k +
    /// k₀) leave the factor (h_i + h_j)/(h_i + h_j − 1/c) on it and need cλ_min(H) > ½. The limit is k → ∞ at fixed s.
    /// For k ≤ s it is the limit of SGD itself.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let (before, after) = steps.split_at(steps.partition_point(|&step| step <= self.from));
        let mut laws = self.sgd.limit(before)?;
        let constant = self.limit_constant()?;
        let d = constant.nrows();
        laws.extend(after.iter().map(|step| {
            let n = (step - self.from) as f64;
            Moments { mean: vec![0.0; d], covariance: Mat::from_fn(d, d, |i, j| constant[(i, j)] / n) }
        }));
        Ok(laws)
    }

    /// Of ē_to with ē_from, by Cov(e_j, x) = A_{j−1}…A_{from}Cov(e_from, x) for every x of the past. Cost O(d² + d·to)
    /// beyond the law at `from`.
    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        if to <= self.from {
            return self.sgd.cross_covariance(from, to);
        }
        let d = self.sgd.frame().dimension();
        let n = (to - self.from) as f64;
        // Σ_j A_{j−1}…A_{from} over the summands e_j that are still to come.
        let first = from.max(self.from);
        let mut contraction = self.sgd.contraction_between(from, first);
        let (mut still, mut a) = (vec![0.0; d], vec![0.0; d]);
        for k in first..to {
            self.sgd.contract(k, &mut a);
            for i in 0..d {
                contraction[i] *= a[i];
                still[i] += contraction[i];
            }
        }
        if from <= self.from {
            let C = self.sgd.exact(&[from])?.remove(0).covariance;
            return Ok(Mat::from_fn(d, d, |i, j| still[i] * C[(i, j)] / n));
        }
        let mut sums = self.sums()?;
        sums.advance_to(&self.sgd, from);
        let (X, V) = (sums.with_sum(), sums.sum.unpacked(d));
        let scale = n * (from - self.from) as f64;
        Ok(Mat::from_fn(d, d, |i, j| (V[(i, j)] + still[i] * X[(i, j)]) / scale))
    }
}

/// The moments of (e, S) on their way through the steps.
struct Sums {
    error: super::recursion::Recursion,
    /// E S.
    mean: Vec<f64>,
    /// X_ij and X_ji for i ≤ j.
    with_sum: [Packed; 2],
    /// V.
    sum: Packed,
    step: u64,
    n_summed: u64,
    a: Vec<f64>,
    white: Vec<f64>,
}

impl Sums {
    fn new<D: Design>(sgd: &Sgd<D>, step: u64, moments: &Moments) -> Self {
        let d = moments.mean.len();
        let zeros = || vec![0.0; d];
        let with_sum = [Packed::zeros(d), Packed::zeros(d)];
        let (error, sum) = (sgd.recursion(moments), Packed::zeros(d));
        Sums { error, mean: zeros(), with_sum, sum, step, n_summed: 0, a: zeros(), white: zeros() }
    }

    fn advance_to<D: Design>(&mut self, sgd: &Sgd<D>, step: u64) {
        while self.step < step {
            let eta = sgd.contract(self.step, &mut self.a);
            self.error.step(&self.a, eta * eta * sgd.variance_factor(), &self.white);
            self.mean.iter_mut().zip(self.error.mean()).for_each(|(s, m)| *s += m);
            self.add_covariances();
            self.step += 1;
            self.n_summed += 1;
        }
    }

    /// X' = AX + C' and V' = V + AX + (AX)ᵀ + C' = V + X' + X'ᵀ − C'.
    fn add_covariances(&mut self) {
        let C = &self.error.covariance().0;
        let [X, X_transposed] = &mut self.with_sum;
        let mut start = 0;
        for (j, a_j) in self.a.iter().enumerate() {
            let column = start..start + j + 1;
            let entries = X.0[column.clone()].iter_mut().zip(&mut X_transposed.0[column.clone()]);
            let entries = entries.zip(&mut self.sum.0[column.clone()]).zip(&C[column.clone()]).zip(&self.a);
            for ((((x, x_transposed), v), c), a_i) in entries {
                *x = a_i * *x + c;
                *x_transposed = a_j * *x_transposed + c;
                *v += *x + *x_transposed - c;
            }
            start = column.end;
        }
    }

    /// X = Cov(e, S).
    fn with_sum(&self) -> Mat<f64> {
        let [X, X_transposed] = &self.with_sum;
        let d = self.mean.len();
        Mat::from_fn(d, d, |i, j| if i <= j { X.upper(i, j) } else { X_transposed.upper(j, i) })
    }

    fn average(&self) -> Moments {
        let n = self.n_summed as f64;
        let V = self.sum.unpacked(self.mean.len());
        Moments {
            mean: self.mean.iter().map(|s| s / n).collect(),
            covariance: Mat::from_fn(V.nrows(), V.ncols(), |i, j| V[(i, j)] / (n * n)),
        }
    }
}

/// a(1 − aⁿ)/(ηh)², a = 1 − ηh.
fn edge_effect(eta: StepSize, h: f64, n: u64) -> f64 {
    let rate = eta.get() * h;
    (1.0 - rate) * one_minus_power(rate, n) / (rate * rate)
}

fn add(sums: &mut [Row], errors: &[Row]) {
    for (sum, error) in sums.as_flattened_mut().iter_mut().zip(errors.as_flattened()) {
        *sum += error;
    }
}

fn divide(sums: &[Row], n: f64, average: &mut [Row]) {
    for (average, sum) in average.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
        *average = sum / n;
    }
}
