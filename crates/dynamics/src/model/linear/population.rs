//! What a linear model shows of the population that its samples are drawn from.
//!
//! ```text
//! e = F(θ_0) − F*,   2L = eᵀSe + σ²,   A = JJᵀ,   𝒢 = JᵀSJ,   ∇L = JᵀSe
//! Σ = 2L𝒢 + ∇L∇Lᵀ,   μ − 1 = (eᵀSe/2L)·(μ − 1 without label noise), and so for g(v) − 1
//! F = θ:   H = S,   C = 2LS + SeeᵀS,   E[h²] = E[|x|²xxᵀ] = tr(S)S + 2S²
//! ```
//!
//! derived by Isserlis' theorem: label noise adds σ²S to E r²xxᵀ and nothing else.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::sync::OnceLock;

use faer::{Mat, MatRef};
use geometry::{GaussianAlignment, Psd, Spd, Symmetric, SymmetricEigen, product};

use super::Parametrisation;
use crate::reading::{Centring, CurvatureMatrix, Direction, Hessians, Layer, Reading, Size};
use crate::source::Source;

/// Where its laws stand.
pub(super) const SOURCE: Source = Source::new(
    &[
        "e = F(θ_0) − F*, 2L = eᵀSe + σ², A = JJᵀ, 𝒢 = JᵀSJ, ∇L = JᵀSe",
        "Σ = 2L𝒢 + ∇L∇Lᵀ",
        "F = θ: H = S, C = 2LS + SeeᵀS, E[h²] = E[|x|²xxᵀ] = tr(S)S + 2S²",
    ],
    "derived by Isserlis' theorem",
    file!(),
);

/// A population at θ_0. What costs O(m³) is computed when a reading first needs it, and once.
#[derive(Debug)]
pub(super) struct Population {
    /// S (m×m).
    pub(super) features: Spd,
    /// L with LLᵀ = S.
    factor: Mat<f64>,
    /// The rows of L.
    pub(super) factor_rows: Vec<FactorRow>,
    pub(super) parametrisation: Parametrisation,
    /// θ_0 (p).
    pub(super) start: Vec<f64>,
    /// e (m).
    error: Vec<f64>,
    /// σ².
    noise_variance: f64,
    gram: OnceLock<Mat<f64>>,
    alignment: OnceLock<Option<GaussianAlignment>>,
    gauss_newton: OnceLock<Option<SymmetricEigen>>,
    eigen: OnceLock<Option<SymmetricEigen>>,
    layer: OnceLock<Option<Layer>>,
}

/// What a row of a lower triangular L holds up to the diagonal, without the zeros that it begins with.
#[derive(Debug)]
pub(super) struct FactorRow {
    first_column: usize,
    entries: Vec<f64>,
}

impl FactorRow {
    fn all(L: MatRef<'_, f64>) -> Vec<Self> {
        let row = |i: usize| {
            let first_column = (0..i).take_while(|&j| L[(i, j)] == 0.0).count();
            FactorRow { first_column, entries: (first_column..=i).map(|j| L[(i, j)]).collect() }
        };
        (0..L.nrows()).map(row).collect()
    }

    /// (Lz)_i.
    pub(super) fn times(&self, z: &[f64]) -> f64 {
        self.entries.iter().zip(&z[self.first_column..]).map(|(entry, z)| entry * z).sum()
    }
}

impl Population {
    pub(super) fn new(
        features: &Spd,
        parametrisation: Parametrisation,
        start: Vec<f64>,
        truth: &[f64],
        noise_variance: f64,
    ) -> Self {
        let mut error = vec![0.0; truth.len()];
        parametrisation.predict(&start, &mut error);
        error.iter_mut().zip(truth).for_each(|(e, truth)| *e -= truth);
        let factor = features.lower_factor();
        Population {
            features: features.clone(),
            factor_rows: FactorRow::all(factor.as_ref()),
            factor,
            parametrisation,
            start,
            error,
            noise_variance,
            gram: OnceLock::new(),
            alignment: OnceLock::new(),
            gauss_newton: OnceLock::new(),
            eigen: OnceLock::new(),
            layer: OnceLock::new(),
        }
    }

    /// Whether what alignments and sharpnesses rest on has been computed.
    #[cfg(test)]
    pub(super) fn has_products(&self) -> bool {
        self.alignment.get().is_some() && self.gauss_newton.get().is_some()
    }

    /// What is the mean of data sets of any size.
    pub(super) fn exact(&self, reading: &Reading) -> Option<Vec<f64>> {
        let S = self.features.as_mat();
        match reading {
            Reading::Loss => Some(vec![0.5 * (self.risk() + self.noise_variance)]),
            Reading::Sharpness { size: Size::Trace, of: CurvatureMatrix::GaussNewton } => {
                geometry::trace_of_product(self.gram(), S).ok().map(|trace| vec![trace])
            }
            Reading::Sharpness { size: Size::Trace, of: CurvatureMatrix::Layer } if self.is_plain() => {
                Some(vec![self.features.trace()])
            }
            _ => None,
        }
    }

    /// What data sets of ever more samples tend to.
    pub(super) fn limit(&self, reading: &Reading) -> Option<Vec<f64>> {
        if let Some(exact) = self.exact(reading) {
            return Some(exact);
        }
        let value = match reading {
            Reading::Alignment(centring) => {
                Some(self.with_label_noise(self.alignment()?.average(is_centred(*centring))))
            }
            Reading::DirectionalAlignment { direction, centring } => {
                let alignment = self.alignment()?;
                let along = |w: &[f64]| alignment.directional(w, is_centred(*centring)).ok();
                let aligned = match direction {
                    Direction::Gradient => along(&times(self.gram(), &self.slope())),
                    Direction::Sharpest => along(&self.sharpest()?),
                    Direction::Random => None,
                };
                aligned.map(|aligned| self.with_label_noise(aligned))
            }
            Reading::Sharpness { size, of: CurvatureMatrix::GaussNewton } => {
                let eigen = self.gauss_newton()?;
                match size {
                    Size::Top => Some(eigen.max_value()),
                    Size::Trace => Some(eigen.values().iter().sum()),
                    Size::Frobenius => Some(eigen.values().iter().map(|value| value * value).sum::<f64>().sqrt()),
                }
            }
            _ => return self.noise_and_curvature(reading),
        };
        value.map(|value| vec![value])
    }

    /// Whether F = θ, where second derivatives are those of the features.
    fn is_plain(&self) -> bool {
        self.parametrisation == Parametrisation::Linear
    }

    /// A (m×m).
    fn gram(&self) -> MatRef<'_, f64> {
        self.gram.get_or_init(|| self.parametrisation.gram(&self.start, self.error.len())).as_ref()
    }

    /// eᵀSe.
    fn risk(&self) -> f64 {
        self.error.iter().zip(self.slope()).map(|(e, slope)| e * slope).sum()
    }

    /// Se (m).
    fn slope(&self) -> Vec<f64> {
        times(self.features.as_mat(), &self.error)
    }

    /// The alignment without label noise.
    fn alignment(&self) -> Option<&GaussianAlignment> {
        let alignment =
            || GaussianAlignment::new(&self.features, &Psd::new(self.gram().to_owned()).ok()?, &self.error).ok();
        self.alignment.get_or_init(alignment).as_ref()
    }

    /// An alignment with label noise, from what it is without.
    fn with_label_noise(&self, aligned: f64) -> f64 {
        let risk = self.risk();
        1.0 + (aligned - 1.0) * risk / (risk + self.noise_variance)
    }

    /// LᵀAL, which has the eigenvalues of 𝒢 = JᵀSJ other than 0.
    fn gauss_newton(&self) -> Option<&SymmetricEigen> {
        let eigen = || {
            let B = product(self.factor.transpose(), product(self.gram(), self.factor.as_ref()).as_ref());
            let half = |i, j| 0.5 * (B[(i, j)] + B[(j, i)]);
            Symmetric::new(Mat::from_fn(B.nrows(), B.ncols(), half)).ok()?.eigen().ok()
        };
        self.gauss_newton.get_or_init(eigen).as_ref()
    }

    /// w = Jv for the leading eigenvector v of 𝒢, up to its length: ALy where LᵀALy = λy. None where λ is not simple.
    fn sharpest(&self) -> Option<Vec<f64>> {
        let eigen = self.gauss_newton()?;
        let (values, m) = (eigen.values(), eigen.values().len());
        if m > 1 && values[m - 1] - values[m - 2] <= 2.0 * eigen.resolution() {
            return None;
        }
        let y: Vec<f64> = (0..m).map(|i| eigen.vectors()[(i, m - 1)]).collect();
        Some(times(self.gram(), &times(self.factor.as_ref(), &y)))
    }

    /// A reading of C, H and E h². None where a leading direction of H is not unique, unless C is proportional to H.
    fn noise_and_curvature(&self, reading: &Reading) -> Option<Vec<f64>> {
        let untreated =
            !matches!(reading, Reading::NoiseCurvature { hessians, .. } if *hessians != Hessians::AsTheyAre);
        let looks_along = reading.directions().unwrap_or(0);
        if !(self.is_plain() && untreated && (self.risk() == 0.0 || self.are_simple(looks_along)?)) {
            return None;
        }
        self.layer()?.read(reading)
    }

    /// C, H and E h² for F = θ.
    fn layer(&self) -> Option<&Layer> {
        let layer = || {
            let (S, slope, m) = (self.features.as_mat(), self.slope(), self.error.len());
            let (twice_loss, trace) = (self.risk() + self.noise_variance, self.features.trace());
            let noise = Mat::from_fn(m, m, |i, j| twice_loss * S[(i, j)] + slope[i] * slope[j]);
            let square = product(S, S);
            let mean_square = Mat::from_fn(m, m, |i, j| trace * S[(i, j)] + square[(i, j)] + square[(j, i)]);
            Layer::of_population(noise, S.to_owned(), mean_square).ok()
        };
        self.layer.get_or_init(layer).as_ref()
    }

    /// Whether the k largest eigenvalues of S differ from each other and from the next.
    fn are_simple(&self, k: usize) -> Option<bool> {
        let eigen = self.eigen.get_or_init(|| self.features.eigen().ok()).as_ref()?;
        let values = eigen.values();
        Some(values.windows(2).rev().take(k).all(|pair| pair[1] - pair[0] > 2.0 * eigen.resolution()))
    }
}

fn is_centred(centring: Centring) -> bool {
    centring == Centring::Centred
}

/// Mv.
fn times(M: MatRef<'_, f64>, v: &[f64]) -> Vec<f64> {
    (0..M.nrows()).map(|i| v.iter().enumerate().map(|(j, v)| M[(i, j)] * v).sum()).collect()
}
