//! Ensembles of random quadratics with chosen spectra, whose noise and curvature follow a known power law.

mod law;

use std::sync::{Arc, OnceLock};

use faer::Mat;
use geometry::PerSample;
use sampling::Stream;

use crate::error::DynamicsError;
use crate::model::{Family, Model, require_room};
use crate::reading::{CurvatureMatrix, FitPart, Hessians, Layer, NoiseSource, Reading, Room, Size, room};
use crate::source::Source;

pub use law::{Ensemble, Members};

/// Draws n random quadratics a model, in the eigenbasis of H; starts at w = 0, the minimum of E ℓ.
///
/// # Example
/// ```
/// use dynamics::model::Family as _;
/// use dynamics::model::ensemble::{Ensemble, EnsembleModels, Members};
/// use dynamics::reading::{FitPart, Hessians, NoiseSource, Reading};
/// use geometry::Spd;
/// let law = Ensemble::new(&Spd::diagonal(&[1.0, 2.0, 4.0])?, 0.25, Members::RankOne, 1.0)?;
/// let family = EnsembleModels::new(law, 100)?;
/// assert_eq!(family.exact(&Reading::Loss), Some(vec![3.5]));
/// let (part, noise, hessians) = (FitPart::Exponent, NoiseSource::Gradients, Hessians::AsTheyAre);
/// let exponent = family.limit(&Reading::NoiseCurvature { part, directions: 3, noise, hessians });
/// assert!(exponent.is_some_and(|gamma| (gamma[0] - 1.25).abs() < 1e-14));
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EnsembleModels {
    law: Ensemble,
    samples: usize,
    /// H, E h² and C, once a reading has needed them.
    population: Arc<OnceLock<Option<Layer>>>,
}

impl EnsembleModels {
    /// n = `samples` quadratics of `law`.
    ///
    /// # Errors
    /// [`DynamicsError::ModelSize`] for no samples, or Hessians that do not fit in memory.
    pub fn new(law: Ensemble, samples: usize) -> Result<Self, DynamicsError> {
        let d = law.frame().dimension();
        require_room(samples, d * (d + 1) / 2)?;
        Ok(EnsembleModels { law, samples, population: Arc::default() })
    }

    /// How many directions have a λ of at least this share of the largest.
    fn kept(&self, share: f64) -> usize {
        let magnitudes = self.law.magnitudes();
        let largest = magnitudes.iter().copied().fold(0.0, f64::max);
        magnitudes.iter().filter(|lambda| **lambda >= share * largest).count()
    }

    /// H = diag(s), E h² = diag(λs) and C = σ²E h².
    fn population(&self) -> Option<&Layer> {
        let layer = || {
            let variance = self.law.spread() * self.law.spread();
            let squares = self.law.squared_hessian();
            let noise = diagonal(squares.iter().map(|square| variance * square));
            let mean = diagonal(self.law.frame().rates().iter().copied());
            Layer::of_population(noise, mean, diagonal(squares.into_iter())).ok()
        };
        self.population.get_or_init(layer).as_ref()
    }

    /// The law of its members.
    #[must_use]
    pub fn law(&self) -> &Ensemble {
        &self.law
    }
}

impl Family for EnsembleModels {
    fn draw(&self, stream: &mut Stream) -> Box<dyn Model> {
        let d = self.n_parameters();
        let (curvatures, minima) = self.law.draw(stream, self.samples);
        Box::new(Quadratics { start: vec![0.0; d], curvatures, minima })
    }

    fn n_parameters(&self) -> usize {
        self.law.frame().dimension()
    }

    fn n_samples(&self) -> usize {
        self.samples
    }

    fn refuses(&self, reading: &Reading) -> Option<String> {
        match reading {
            Reading::Loss => None,
            Reading::Accuracy => Some("it has no labels".into()),
            Reading::NoiseCurvature { hessians, .. }
                if *hessians != Hessians::AsTheyAre && self.law.members() == Members::Independent =>
            {
                Some(
                    "the top eigenvalue of every sample is that of the sharpest direction, which leaves no other"
                        .into(),
                )
            }
            _ if reading.is_of_layer() => reading.refused_in_layer(self.samples, self.n_parameters(), 1),
            _ => Some("a random quadratic is not the squared loss of an output".into()),
        }
    }

    fn room(&self, readings: &[Reading]) -> Room {
        let (n, d) = (self.samples, self.n_parameters());
        let model = 2.0 * (n * d) as f64 + room::of_layer(readings, n, d, 1);
        Room { family: (d * d) as f64, model }
    }

    /// The loss ½σ²tr H and the trace of H; and the exponents of E h² on H that are the same for every draw that has the
    /// directions asked for: 1 where all curvatures of the samples are equal (c = 0, or equalised), 2 where all samples
    /// are (c = 1).
    fn exact(&self, reading: &Reading) -> Option<Vec<f64>> {
        let trace: f64 = self.law.frame().rates().iter().sum();
        let c = self.law.correlation();
        match *reading {
            Reading::Loss => Some(vec![0.5 * self.law.spread() * self.law.spread() * trace]),
            Reading::Sharpness { size: Size::Trace, of: CurvatureMatrix::Layer } => Some(vec![trace]),
            Reading::NoiseCurvature {
                part: FitPart::Exponent,
                noise: NoiseSource::SquaredHessians,
                directions,
                hessians,
            } => match hessians {
                Hessians::Equalised(share) if self.kept(share) >= directions => Some(vec![1.0]),
                Hessians::AsTheyAre if c == 0.0 => Some(vec![1.0]),
                Hessians::AsTheyAre if c == 1.0 && self.law.members() == Members::Independent => Some(vec![2.0]),
                _ => None,
            },
            _ => None,
        }
    }

    /// The readings of H = diag(s), E h² = diag(λs) and C = σ²E h²; for rank one, also where only the top eigenvalue of
    /// each sample is kept, which is its only one.
    fn limit(&self, reading: &Reading) -> Option<Vec<f64>> {
        if let Some(exact) = self.exact(reading) {
            return Some(exact);
        }
        let reading = &match *reading {
            Reading::NoiseCurvature { part, directions, noise, hessians: Hessians::Top }
                if self.law.members() == Members::RankOne =>
            {
                Reading::NoiseCurvature { part, directions, noise, hessians: Hessians::AsTheyAre }
            }
            ref other => other.clone(),
        };
        self.population()?.read(reading)
    }

    fn source(&self) -> Option<Source> {
        Some(law::SOURCE)
    }
}

fn diagonal(entries: impl Iterator<Item = f64>) -> Mat<f64> {
    let entries: Vec<f64> = entries.collect();
    Mat::from_fn(entries.len(), entries.len(), |i, j| if i == j { entries[i] } else { 0.0 })
}

/// ℓ_p = ½Σ_i λ_iξ_pi(w_i − w_pi)² for n samples.
struct Quadratics {
    start: Vec<f64>,
    /// λ_iξ_pi, sample after sample (n·d).
    curvatures: Vec<f64>,
    /// w_pi (n·d).
    minima: Vec<f64>,
}

impl Quadratics {
    /// n.
    fn count(&self) -> usize {
        self.minima.len() / self.start.len()
    }

    /// (λ_iξ_pi, w_pi) of sample p.
    fn sample(&self, p: usize) -> impl Iterator<Item = (&f64, &f64)> {
        let d = self.start.len();
        self.curvatures[p * d..][..d].iter().zip(&self.minima[p * d..][..d])
    }
}

impl Model for Quadratics {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn add_gradients(&mut self, theta: &[f64], batch: &[u32], gradient: &mut [f64]) {
        for &p in batch {
            for ((g, w), (curvature, minimum)) in gradient.iter_mut().zip(theta).zip(self.sample(p as usize)) {
                *g += curvature * (w - minimum);
            }
        }
    }

    fn loss(&mut self, theta: &[f64]) -> f64 {
        let of_sample = |p| -> f64 {
            theta.iter().zip(self.sample(p)).map(|(w, (curvature, minimum))| curvature * (w - minimum).powi(2)).sum()
        };
        0.5 * (0..self.count()).map(of_sample).sum::<f64>() / self.count() as f64
    }

    /// All weights are outputs of one input a = 1, so that δ = g and M = h.
    fn per_sample(&mut self, theta: &[f64]) -> Option<PerSample> {
        let (n, d) = (self.count(), self.start.len());
        let (mut deltas, mut hessians) = (Mat::zeros(n, d), Mat::zeros(n, d * (d + 1) / 2));
        for (i, w) in theta.iter().enumerate() {
            let samples = || self.curvatures[i..].iter().step_by(d).zip(self.minima[i..].iter().step_by(d));
            let column = deltas.col_as_slice_mut(i).iter_mut();
            column.zip(samples()).for_each(|(delta, (curvature, minimum))| *delta = curvature * (w - minimum));
            let column = hessians.col_as_slice_mut(i * (i + 1) / 2 + i).iter_mut();
            column.zip(samples()).for_each(|(entry, (curvature, _))| *entry = *curvature);
        }
        PerSample::new(deltas, Mat::from_fn(n, 1, |_, _| 1.0), hessians).ok()
    }
}
