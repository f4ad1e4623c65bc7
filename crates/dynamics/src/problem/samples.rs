//! A finite data set: n feature vectors x_i with a target y_i each.

use faer::{Mat, MatRef};
use geometry::GeometryError;
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::error::DynamicsError;

/// Features X (n×d, x_i in row i) and targets y (n), all finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    dimension: usize,
    /// Row after row, so that one sample is one cache line or a few.
    features: Vec<f64>,
    targets: Vec<f64>,
}

impl Samples {
    /// The largest n: an index fits in 32 bits.
    pub const LARGEST: usize = u32::MAX as usize;

    /// The data set of `features` X (n×d) and `targets` y (n).
    ///
    /// # Errors
    /// [`DynamicsError::SampleCount`] unless max(d, 1) ≤ n ≤ [`Samples::LARGEST`] (fewer than d samples leave a
    /// direction without curvature), [`DynamicsError::Geometry`] for other shapes, [`DynamicsError::NotFinite`] for a
    /// NaN or infinite entry.
    pub fn new(features: MatRef<'_, f64>, targets: Vec<f64>) -> Result<Self, DynamicsError> {
        let row_after_row = (0..features.nrows()).flat_map(|i| (0..features.ncols()).map(move |j| features[(i, j)]));
        Self::from_rows(features.ncols(), row_after_row.collect(), targets)
    }

    /// The same from features row after row (n·d).
    pub(crate) fn from_rows(dimension: usize, features: Vec<f64>, targets: Vec<f64>) -> Result<Self, DynamicsError> {
        if dimension == 0 {
            return Err(GeometryError::Empty { what: "feature vector" }.into());
        }
        let n = features.len() / dimension;
        if targets.len() != n {
            let (given, required) = (targets.len(), n);
            return Err(GeometryError::WrongLength { name: "vector of targets", given, required }.into());
        }
        if n < dimension || n > Self::LARGEST {
            return Err(DynamicsError::SampleCount { given: n, smallest: dimension, largest: Self::LARGEST });
        }
        for (what, entries) in [("a feature", &features), ("a target", &targets)] {
            if let Some(&given) = entries.iter().find(|x| !x.is_finite()) {
                return Err(DynamicsError::NotFinite { what, given });
            }
        }
        Ok(Samples { dimension, features, targets })
    }

    /// d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// n.
    #[must_use]
    pub fn count(&self) -> usize {
        self.targets.len()
    }

    /// x_i (d).
    #[must_use]
    #[inline]
    pub fn features(&self, i: usize) -> &[f64] {
        &self.features[i * self.dimension..][..self.dimension]
    }

    /// y (n).
    #[must_use]
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// (x_i, y_i) in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.features.chunks_exact(self.dimension).zip(self.targets.iter().copied())
    }

    /// x_iᵀθ for all i (n). Cost O(nd).
    #[must_use]
    pub fn margins(&self, theta: &[f64]) -> Vec<f64> {
        self.iter().map(|(x, _)| dot(x, theta)).collect()
    }

    /// (1/n)Σ w_i x_i x_iᵀ (d×d) for weights w (n). Cost O(nd²).
    #[must_use]
    pub fn weighted_gram(&self, weights: &[f64]) -> Mat<f64> {
        let mut sums = LowerSums::new(self.dimension);
        for ((x, _), w) in self.iter().zip(weights) {
            sums.add(*w, x);
        }
        sums.over(self.count() as f64)
    }
}

/// The lower triangle of a sum of matrices w·xxᵀ (d×d), column by column.
pub(crate) struct LowerSums {
    dimension: usize,
    entries: Vec<f64>,
}

impl LowerSums {
    /// The sum of nothing.
    pub(crate) fn new(dimension: usize) -> Self {
        LowerSums { dimension, entries: vec![0.0; dimension * (dimension + 1) / 2] }
    }

    /// Adds w·xxᵀ for x (d).
    pub(crate) fn add(&mut self, w: f64, x: &[f64]) {
        let mut entries = &mut self.entries[..];
        for j in 0..x.len() {
            let (column, rest) = entries.split_at_mut(x.len() - j);
            let scaled = w * x[j];
            column.iter_mut().zip(&x[j..]).for_each(|(sum, x)| *sum += scaled * x);
            entries = rest;
        }
    }

    /// The whole matrix over n.
    pub(crate) fn over(&self, n: f64) -> Mat<f64> {
        let d = self.dimension;
        let start = |j: usize| j * (2 * d - j + 1) / 2;
        Mat::from_fn(d, d, |i, j| self.entries[start(i.min(j)) + i.abs_diff(j)] / n)
    }
}

/// aᵀb in ascending order.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// n feature vectors x ~ N(0, diag(scales²)), row after row; draws n·d normals.
pub(crate) fn gaussian_features(n: usize, scales: &[f64], stream: &mut Stream) -> Vec<f64> {
    let mut features = vec![0.0; n * scales.len()];
    fill_normals(stream, &mut features);
    for x in features.chunks_exact_mut(scales.len()) {
        x.iter_mut().zip(scales).for_each(|(x, scale)| *x *= scale);
    }
    features
}

/// n numbers of (0, 1), odd multiples of 2⁻⁵³; draws n words.
pub(crate) fn uniforms(n: usize, stream: &mut Stream) -> Vec<f64> {
    const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
    let mut words = vec![0; n];
    stream.fill_words(&mut words);
    words.iter().map(|word| ((word >> 12) as f64 + 0.5) / TWO_TO_52).collect()
}

/// The number of feature scales must be that of the coordinates of the true parameter, all of them above 0.
pub(crate) fn check_scales(scales: &[f64], truth: &[f64]) -> Result<(), DynamicsError> {
    if scales.len() != truth.len() {
        let (given, required) = (scales.len(), truth.len());
        return Err(GeometryError::WrongLength { name: "vector of feature scales", given, required }.into());
    }
    if let Some(&given) = truth.iter().find(|x| !x.is_finite()) {
        return Err(DynamicsError::NotFinite { what: "a coordinate of the true parameter", given });
    }
    scales.iter().try_for_each(|&scale| crate::schedule::positive("a feature scale", scale).map(drop))
}
