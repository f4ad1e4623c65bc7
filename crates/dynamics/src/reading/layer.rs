//! Readings of noise and curvature in the analysed layer of a model, or in a population that a theory knows.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::sync::{Mutex, PoisonError};

use faer::{Mat, MatRef};
use geometry::{
    Commutation, GeometryError, KeptCurvatures, LeadingEigen, NoiseCurvature, PerSample, Suppression, Symmetric,
    TopCurvatures, distance_from_multiples, frobenius_norm, product, rounding,
};

use crate::reading::{Block, CurvatureMatrix, FitPart, Hessians, NoiseSource, Reading, Size};

/// A noise covariance, and how far it may be from the exact one.
#[derive(Debug)]
struct Noise {
    covariance: Symmetric,
    resolution: f64,
}

/// VᵀCV of a noise along leading directions V, and how far its entries may be from the exact ones.
#[derive(Debug)]
struct Along {
    projected: Mat<f64>,
    resolution: f64,
}

/// Per-sample Hessians, averaged.
#[derive(Debug)]
struct Curvature {
    /// H of the Hessians as they are; of others no reading looks at the whole of it.
    mean: Option<Symmetric>,
    /// How many leading eigenpairs readings ask for.
    directions: usize,
    /// These of H, or all if it has fewer.
    leading: LeadingEigen,
    /// C along them, where a reading needs it and it is more than rounding.
    noise: Option<Along>,
    /// E h² along them, where a reading needs it.
    mean_square: Option<Along>,
}

/// C, and H for every treatment of the per-sample Hessians that is asked for.
#[derive(Debug)]
pub(crate) struct Layer {
    /// d, of which those without derivatives may be missing in what follows.
    dimension: usize,
    /// C, where a reading needs the whole of it and it is more than rounding.
    noise: Option<Noise>,
    /// min_s ‖C − s·E h²‖_F/‖C‖_F for the Hessians as they are, where a reading asks for it and neither is zero. E h² itself,
    /// as large as C and H, is needed for nothing else.
    distance: Option<f64>,
    /// What has no value (no sample with a positive eigenvalue) is left out.
    curvatures: Vec<(Hessians, Curvature)>,
    /// How C and H commute, for every number of leading directions that has been asked for: its parts share the products.
    commutations: Mutex<Vec<(usize, Commutation)>>,
}

impl Layer {
    /// What `readings` need of some samples. Cost: that of the mean Hessians of [`PerSample`] and their leading eigenpairs;
    /// of the other moments only where a reading asks for more than the leading directions. Weights that no sample sees
    /// cost nothing where enough curvatures are positive without them.
    ///
    /// # Errors
    /// [`GeometryError`] for moments that overflow.
    pub(crate) fn of_samples(readings: &[Reading], samples: &PerSample) -> Result<Self, GeometryError> {
        let (live, dimension) = (samples.live(), samples.dimension());
        if live.dimension() < dimension {
            let layer = Self::of_weights(readings, &live, dimension)?;
            if layer.curvatures.iter().all(|(_, curvature)| curvature.is_positive()) {
                return Ok(layer);
            }
        }
        Self::of_weights(readings, samples, dimension)
    }

    fn of_weights(readings: &[Reading], samples: &PerSample, dimension: usize) -> Result<Self, GeometryError> {
        let size = readings.iter().any(needs_noise).then(|| samples.noise_size());
        let size = size.filter(|size| size.is_resolved());
        let noise = match size {
            Some(size) if readings.iter().any(needs_covariance) => {
                Some(Noise { covariance: Symmetric::new(samples.noise(true).matrix)?, resolution: size.resolution })
            }
            _ => None,
        };
        let distance = match &noise {
            Some(Noise { covariance, .. }) if readings.contains(&Reading::SquaredHessianDistance) => {
                distance_from_multiples(covariance, &Symmetric::new(samples.mean_squared_hessian())?).ok()
            }
            _ => None,
        };
        let mut tops = None;
        let mut curvatures: Vec<(Hessians, Curvature)> = Vec::new();
        for treatment in readings.iter().filter_map(treatment) {
            if curvatures.iter().any(|(of, _)| *of == treatment) {
                continue;
            }
            let of_treatment = |reading: &&Reading| self::treatment(reading) == Some(treatment);
            let readings: Vec<&Reading> = readings.iter().filter(of_treatment).collect();
            if let Ok(mut curvature) = Curvature::of_samples(&readings, treatment, samples, &mut tops) {
                if let Some(size) = size.filter(|_| readings.iter().any(|reading| needs_noise(reading))) {
                    let resolution = size.resolution.max(rounding(samples.dimension()) * size.norm);
                    let projected = samples.noise_along(curvature.leading.vectors())?;
                    curvature.noise = Some(Along { projected, resolution });
                }
                curvatures.push((treatment, curvature));
            }
        }
        Ok(Layer { dimension, noise, distance, curvatures, commutations: Mutex::default() })
    }

    /// What readings need of a population with noise C, curvature H and mean squared Hessian E h². Cost: O(d³).
    ///
    /// # Errors
    /// [`GeometryError`] for matrices that are not symmetric.
    pub(crate) fn of_population(noise: Mat<f64>, mean: Mat<f64>, mean_square: Mat<f64>) -> Result<Self, GeometryError> {
        let (noise, mean_square) = (Symmetric::new(noise)?, Symmetric::new(mean_square)?);
        let mut curvature = Curvature::new(Symmetric::new(mean)?, noise.dimension())?;
        curvature.noise = Some(Along::of_matrix(&noise, curvature.leading.vectors()));
        curvature.mean_square = Some(Along::of_matrix(&mean_square, curvature.leading.vectors()));
        Ok(Layer {
            dimension: noise.dimension(),
            distance: distance_from_multiples(&noise, &mean_square).ok(),
            noise: Some(Noise { covariance: noise, resolution: 0.0 }),
            curvatures: vec![(Hessians::AsTheyAre, curvature)],
            commutations: Mutex::default(),
        })
    }

    /// The components of a reading, if it is one of the layer and has a value.
    pub(crate) fn read(&self, reading: &Reading) -> Option<Vec<f64>> {
        let curvature = self.curvature(treatment(reading)?)?;
        self.measure(reading, curvature).ok().flatten()
    }

    fn measure(&self, reading: &Reading, curvature: &Curvature) -> Result<Option<Vec<f64>>, GeometryError> {
        let along = |noise: Option<&Along>, directions: usize| {
            let leading = curvature.leading.first(directions)?;
            noise.map(|noise| noise.first(&leading)).transpose()
        };
        let source = |noise: NoiseSource| match noise {
            NoiseSource::Gradients => curvature.noise.as_ref(),
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
            Reading::DiagonalEnergy { directions } => match along(curvature.noise.as_ref(), directions)? {
                Some(relation) => Some(vec![relation.diagonal_energy()?]),
                None => None,
            },
            Reading::SquaredHessianDistance => self.distance.map(|distance| vec![distance]),
            Reading::Sharpness { size, of: CurvatureMatrix::Layer } => curvature.mean.as_ref().map(|H| match size {
                Size::Top => vec![curvature.leading.values()[0]],
                Size::Trace => vec![H.trace()],
                Size::Frobenius => vec![frobenius_norm(H.as_mat())],
            }),
            _ => None,
        })
    }

    /// How C and H commute, split by so many leading directions.
    fn commutation(&self, directions: usize) -> Result<Option<Commutation>, GeometryError> {
        let (Some(noise), Some(curvature)) = (&self.noise, self.curvature(Hessians::AsTheyAre)) else {
            return Ok(None);
        };
        let Some(mean) = &curvature.mean else { return Ok(None) };
        let mut known = self.commutations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, commutation)) = known.iter().find(|(of, _)| *of == directions) {
            return Ok(Some(*commutation));
        }
        let leading = curvature.leading.first(directions)?;
        let Noise { covariance, resolution } = noise;
        let commutation = Commutation::embedded(self.dimension, covariance, *resolution, mean, &leading)?;
        known.push((directions, commutation));
        Ok(Some(commutation))
    }

    fn curvature(&self, treatment: Hessians) -> Option<&Curvature> {
        self.curvatures.iter().find(|(of, _)| *of == treatment).map(|(_, curvature)| curvature)
    }
}

impl Along {
    /// VᵀCV of a C without an error beyond that of its entries. Cost: d²k.
    fn of_matrix(C: &Symmetric, V: MatRef<'_, f64>) -> Self {
        let projected = product(V.transpose(), product(C.as_mat(), V).as_ref());
        Along { projected, resolution: rounding(C.dimension()) * frobenius_norm(C.as_mat()) }
    }

    /// Along the first of the directions.
    fn first(&self, leading: &LeadingEigen) -> Result<NoiseCurvature, GeometryError> {
        let k = leading.count();
        NoiseCurvature::from_projected(self.projected.submatrix(0, 0, k, k).to_owned(), self.resolution, leading)
    }
}

impl Curvature {
    /// H and its leading eigenpairs.
    fn new(mean: Symmetric, directions: usize) -> Result<Self, GeometryError> {
        let leading = mean.leading_eigen(directions.clamp(1, mean.dimension()))?;
        Ok(Curvature { mean: Some(mean), directions, leading, noise: None, mean_square: None })
    }

    /// Whether as many curvatures as are asked for are positive: further zeros would not come before them.
    fn is_positive(&self) -> bool {
        let values = self.leading.values();
        values.len() == self.directions && values.iter().all(|value| *value > self.leading.resolution())
    }

    /// What `readings` with one `treatment` of the per-sample Hessians need of them. `tops` is filled at the first
    /// treatment that needs it.
    fn of_samples<'a>(
        readings: &[&Reading],
        treatment: Hessians,
        samples: &'a PerSample,
        tops: &mut Option<TopCurvatures<'a>>,
    ) -> Result<Self, GeometryError> {
        let directions = readings.iter().filter_map(|reading| reading.directions()).max().unwrap_or(1);
        let suppression = match treatment {
            Hessians::AsTheyAre => {
                let mut curvature = Self::new(Symmetric::new(samples.mean_hessian())?, directions)?;
                if readings.iter().any(|reading| needs_mean_square(reading)) {
                    let projected = samples.mean_squared_hessian_along(curvature.leading.vectors())?;
                    let resolution = samples.mean_squared_hessian_resolution();
                    curvature.mean_square = Some(Along { projected, resolution });
                }
                return Ok(curvature);
            }
            Hessians::Top => Suppression::Top,
            Hessians::Damped(share) => Suppression::Damped(share),
            Hessians::Equalised(share) => Suppression::Equalised(share),
        };
        let tops = match tops {
            Some(tops) => tops,
            None => tops.insert(samples.top_curvatures()?),
        };
        Self::of_kept(&tops.kept(suppression)?, directions)
    }

    fn of_kept(kept: &KeptCurvatures<'_>, directions: usize) -> Result<Self, GeometryError> {
        let mut curvature = Self::new(Symmetric::new(kept.mean())?, directions)?;
        let projected = kept.mean_square_along(curvature.leading.vectors())?;
        curvature.mean_square = Some(Along { projected, resolution: kept.mean_square_resolution() });
        curvature.mean = None;
        Ok(curvature)
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

/// Whether a reading looks at all of C, and not along leading directions alone.
fn needs_covariance(reading: &Reading) -> bool {
    matches!(reading, Reading::Commutation { .. } | Reading::SquaredHessianDistance)
}

/// Whether a reading looks at E h² along leading directions.
fn needs_mean_square(reading: &Reading) -> bool {
    match reading {
        Reading::NoiseCurvature { noise, .. } | Reading::NoiseAlong { noise, .. } => {
            *noise == NoiseSource::SquaredHessians
        }
        _ => false,
    }
}
