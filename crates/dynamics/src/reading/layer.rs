//! Readings of noise and curvature in the analysed layer of a model, or in a population that a theory knows.

use std::sync::{Mutex, PoisonError};

use faer::Mat;
use geometry::{
    Commutation, GeometryError, HessianMoments, LeadingEigen, NoiseCurvature, PerSample, Suppression, Symmetric,
    distance_from_multiples, frobenius_norm,
};

use crate::reading::{Block, CurvatureMatrix, FitPart, Hessians, NoiseSource, Reading, Size};

/// A noise covariance, and how far it may be from the exact one.
#[derive(Debug)]
struct Noise {
    covariance: Symmetric,
    resolution: f64,
}

/// Per-sample Hessians, averaged.
#[derive(Debug)]
struct Curvature {
    /// H.
    mean: Symmetric,
    /// E h², where a reading needs it; a sum without cancellation.
    mean_square: Option<Noise>,
    /// The leading eigenpairs of H, as many as readings ask for.
    leading: LeadingEigen,
}

/// C, and H and E h² for every treatment of the per-sample Hessians that is asked for.
#[derive(Debug)]
pub(crate) struct Layer {
    /// C, where a reading needs it and it is more than rounding.
    noise: Option<Noise>,
    /// What has no value (no sample with a positive eigenvalue) is left out.
    curvatures: Vec<(Hessians, Curvature)>,
    /// How C and H commute, for every number of leading directions that has been asked for: its parts share the products.
    commutations: Mutex<Vec<(usize, Commutation)>>,
}

impl Layer {
    /// What `readings` need of some samples. Cost: that of the moments of [`PerSample`] and of the leading eigenpairs.
    ///
    /// # Errors
    /// [`GeometryError`] for moments that overflow.
    pub(crate) fn of_samples(readings: &[Reading], samples: &PerSample) -> Result<Self, GeometryError> {
        let noise = if readings.iter().any(needs_noise) { Noise::of_gradients(samples)? } else { None };
        let mut layer = Layer { noise, curvatures: Vec::new(), commutations: Mutex::default() };
        for treatment in readings.iter().filter_map(treatment) {
            if layer.curvature(treatment).is_none() {
                let of_treatment = |reading: &&Reading| self::treatment(reading) == Some(treatment);
                let readings: Vec<&Reading> = readings.iter().filter(of_treatment).collect();
                if let Ok(curvature) = Curvature::of_samples(&readings, treatment, samples) {
                    layer.curvatures.push((treatment, curvature));
                }
            }
        }
        Ok(layer)
    }

    /// What readings need of a population with noise C, curvature H and mean squared Hessian E h². Cost: O(d³).
    ///
    /// # Errors
    /// [`GeometryError`] for matrices that are not symmetric.
    pub(crate) fn of_population(noise: Mat<f64>, mean: Mat<f64>, mean_square: Mat<f64>) -> Result<Self, GeometryError> {
        let directions = mean.nrows();
        let curvature = Curvature::new(Symmetric::new(mean)?, Some(Noise::exact(mean_square)?), directions)?;
        let curvatures = vec![(Hessians::AsTheyAre, curvature)];
        Ok(Layer { noise: Some(Noise::exact(noise)?), curvatures, commutations: Mutex::default() })
    }

    /// The components of a reading, if it is one of the layer and has a value.
    pub(crate) fn read(&self, reading: &Reading) -> Option<Vec<f64>> {
        let curvature = self.curvature(treatment(reading)?)?;
        self.measure(reading, curvature).ok().flatten()
    }

    fn measure(&self, reading: &Reading, curvature: &Curvature) -> Result<Option<Vec<f64>>, GeometryError> {
        let along = |noise: Option<&Noise>, directions: usize| {
            let leading = curvature.leading.first(directions)?;
            noise.map(|noise| noise.along(&leading)).transpose()
        };
        let source = |noise: NoiseSource| match noise {
            NoiseSource::Gradients => self.noise.as_ref(),
            NoiseSource::SquaredHessians => curvature.mean_square.as_ref(),
        };
        Ok(match *reading {
            Reading::NoiseCurvature { part, directions, noise, .. } => {
                let fit = along(source(noise), directions)?.map(|relation| relation.fit()).transpose()?;
                fit.filter(|fit| fit.directions == directions).map(|fit| match part {
                    FitPart::Exponent => vec![fit.exponent],
                    FitPart::StandardError => vec![fit.standard_error],
                    FitPart::RSquared => vec![fit.r_squared],
                })
            }
            Reading::NoiseAlong { directions, noise } => {
                along(source(noise), directions)?.map(|relation| relation.noises())
            }
            Reading::CurvatureAlong { directions } => Some(curvature.leading.first(directions)?.values().to_vec()),
            Reading::Commutation { part, directions, over_baseline } => {
                let Some(commutation) = self.commutation(directions)? else { return Ok(None) };
                let commutator = match part {
                    Block::Total => Some(commutation.total),
                    Block::Top => commutation.top,
                    Block::Bulk => commutation.bulk,
                };
                match (commutator, over_baseline) {
                    (Some(commutator), true) => Some(vec![commutator.over_baseline()?]),
                    (Some(commutator), false) => Some(vec![commutator.value]),
                    (None, _) => None,
                }
            }
            Reading::DiagonalEnergy { directions } => match along(self.noise.as_ref(), directions)? {
                Some(relation) => Some(vec![relation.diagonal_energy()?]),
                None => None,
            },
            Reading::SquaredHessianDistance => match (&self.noise, &curvature.mean_square) {
                (Some(noise), Some(mean_square)) => {
                    Some(vec![distance_from_multiples(&noise.covariance, &mean_square.covariance)?])
                }
                _ => None,
            },
            Reading::Sharpness { size, of: CurvatureMatrix::Layer } => Some(vec![match size {
                Size::Top => curvature.leading.values()[0],
                Size::Trace => curvature.mean.trace(),
                Size::Frobenius => frobenius_norm(curvature.mean.as_mat()),
            }]),
            _ => None,
        })
    }

    /// How C and H commute, split by so many leading directions.
    fn commutation(&self, directions: usize) -> Result<Option<Commutation>, GeometryError> {
        let (Some(noise), Some(curvature)) = (&self.noise, self.curvature(Hessians::AsTheyAre)) else {
            return Ok(None);
        };
        let mut known = self.commutations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, commutation)) = known.iter().find(|(of, _)| *of == directions) {
            return Ok(Some(*commutation));
        }
        let leading = curvature.leading.first(directions)?;
        let Noise { covariance, resolution } = noise;
        let commutation = Commutation::with_resolution(covariance, *resolution, &curvature.mean, &leading)?;
        known.push((directions, commutation));
        Ok(Some(commutation))
    }

    fn curvature(&self, treatment: Hessians) -> Option<&Curvature> {
        self.curvatures.iter().find(|(of, _)| *of == treatment).map(|(_, curvature)| curvature)
    }
}

impl Noise {
    /// C of some samples, unless it is nothing but rounding.
    fn of_gradients(samples: &PerSample) -> Result<Option<Self>, GeometryError> {
        let noise = samples.noise(true);
        if !noise.is_resolved() {
            return Ok(None);
        }
        Ok(Some(Noise { covariance: Symmetric::new(noise.matrix)?, resolution: noise.resolution }))
    }

    /// A matrix without an error beyond that of its entries.
    fn exact(matrix: Mat<f64>) -> Result<Self, GeometryError> {
        Ok(Noise { covariance: Symmetric::new(matrix)?, resolution: 0.0 })
    }

    fn along(&self, leading: &LeadingEigen) -> Result<NoiseCurvature, GeometryError> {
        NoiseCurvature::with_resolution(&self.covariance, self.resolution, leading)
    }
}

impl Curvature {
    fn new(mean: Symmetric, mean_square: Option<Noise>, directions: usize) -> Result<Self, GeometryError> {
        let leading = mean.leading_eigen(directions.clamp(1, mean.dimension()))?;
        Ok(Curvature { mean, mean_square, leading })
    }

    /// What `readings` with one `treatment` of the per-sample Hessians need.
    fn of_samples(readings: &[&Reading], treatment: Hessians, samples: &PerSample) -> Result<Self, GeometryError> {
        let directions = readings.iter().filter_map(|reading| reading.directions()).max().unwrap_or(1);
        let suppression = match treatment {
            Hessians::AsTheyAre => {
                let mean_square = match readings.iter().any(|reading| needs_mean_square(reading)) {
                    true => Some(Noise::exact(samples.mean_squared_hessian())?),
                    false => None,
                };
                return Self::new(Symmetric::new(samples.mean_hessian())?, mean_square, directions);
            }
            Hessians::Top => Suppression::Top,
            Hessians::Damped(share) => Suppression::Damped(share),
            Hessians::Equalised(share) => Suppression::Equalised(share),
        };
        let HessianMoments { mean, mean_square, .. } = samples.suppressed(suppression)?;
        Self::new(Symmetric::new(mean)?, Some(Noise::exact(mean_square)?), directions)
    }
}

/// What is done to the per-sample Hessians first, for a reading of the layer.
fn treatment(reading: &Reading) -> Option<Hessians> {
    match reading {
        Reading::NoiseCurvature { hessians, .. } => Some(*hessians),
        _ => reading.is_of_layer().then_some(Hessians::AsTheyAre),
    }
}

/// Whether a reading looks at C.
fn needs_noise(reading: &Reading) -> bool {
    match reading {
        Reading::NoiseCurvature { noise, .. } | Reading::NoiseAlong { noise, .. } => *noise == NoiseSource::Gradients,
        Reading::Commutation { .. } | Reading::DiagonalEnergy { .. } | Reading::SquaredHessianDistance => true,
        _ => false,
    }
}

/// Whether a reading looks at E h².
fn needs_mean_square(reading: &Reading) -> bool {
    match reading {
        Reading::NoiseCurvature { noise, .. } | Reading::NoiseAlong { noise, .. } => {
            *noise == NoiseSource::SquaredHessians
        }
        Reading::SquaredHessianDistance => true,
        _ => false,
    }
}
