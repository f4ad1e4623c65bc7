//! Linear regression whose predictor is a function of more parameters than it has entries.
//!
//! ```text
//! f(x) = F(θ)ᵀx,   ℓ_i = ½(f(x_i) − y_i)²,   x_i ~ N(0, S),   y_i = F*ᵀx_i + σε_i
//! ```

mod kernel;
mod parametrisation;
mod population;

use std::sync::Arc;

use faer::Mat;
use geometry::{GeometryError, PerSample, Spd};
use sampling::Stream;
use sampling::normal::fill_normals;

use crate::error::DynamicsError;
use crate::model::{Family, Model, Tangents, require_room};
use crate::reading::{Reading, Room, room};
use crate::schedule::non_negative;
use crate::source::Source;

use kernel::Samples;
use population::Population;

pub use parametrisation::Parametrisation;

/// Draws n samples x_i ~ N(0, S) a model; θ_0 and F* are the same for all of them.
///
/// # Example
/// ```
/// use dynamics::model::Family as _;
/// use dynamics::model::linear::{LinearModels, Parametrisation};
/// use dynamics::reading::Reading;
/// use geometry::Spd;
///
/// // The hyperbolic valley f = uvx with its minima uv = 1, from (3, 1): e = 2, so L = ½·2² on average over data sets.
/// let features = Spd::diagonal(&[1.0])?;
/// let family = LinearModels::new(&features, 20, Parametrisation::Diagonal, vec![1.0], vec![3.0, 1.0], 0.0)?;
/// assert_eq!((family.n_parameters(), family.exact(&Reading::Loss)), (2, Some(vec![2.0])));
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LinearModels {
    /// What all data sets are drawn from, seen at θ_0.
    population: Arc<Population>,
    samples: usize,
    /// F* (m).
    truth: Vec<f64>,
    /// σ.
    label_noise: f64,
}

impl LinearModels {
    /// Features with covariance S = `features` (m×m), n = `samples`, F* = `truth` (m), θ_0 = `start` (p), and labels
    /// with noise of standard deviation σ = `label_noise`.
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] for a `truth` or a `start` of another length, [`DynamicsError::NotFinite`] and
    /// [`DynamicsError::Negative`] for numbers that are none or a negative σ, [`DynamicsError::ModelSize`] for no samples,
    /// a width of 0, or more than fits in memory.
    pub fn new(
        features: &Spd,
        samples: usize,
        parametrisation: Parametrisation,
        truth: Vec<f64>,
        start: Vec<f64>,
        label_noise: f64,
    ) -> Result<Self, DynamicsError> {
        let m = features.dimension();
        let p = parametrisation.n_parameters(m);
        require_room(samples, p)?;
        for (name, given, required) in [("predictor F*", truth.len(), m), ("start θ_0", start.len(), p)] {
            if given != required {
                return Err(GeometryError::WrongLength { name, given, required }.into());
            }
        }
        if let Some(&given) = truth.iter().chain(&start).find(|x| !x.is_finite()) {
            return Err(DynamicsError::NotFinite { what: "an entry of F* or θ_0", given });
        }
        let label_noise = non_negative("label noise σ", label_noise)?;
        let population = Population::new(features, parametrisation, start, &truth, label_noise * label_noise);
        Ok(LinearModels { population: Arc::new(population), samples, truth, label_noise })
    }

    /// The same with an F* in a uniformly random direction and a θ_0 of independent normal entries, scaled to the norms
    /// ‖F*‖ = `truth_norm` and ‖F(θ_0)‖ = `start_norm`; both are drawn from `stream` here, once for all models.
    ///
    /// The entries of W have the variance 1/m and those of a 1/w before they are scaled, so neither layer of a
    /// factorisation outweighs the other.
    ///
    /// # Errors
    /// As [`LinearModels::new`]; [`DynamicsError::Negative`] for a negative norm.
    pub fn generated(
        features: &Spd,
        samples: usize,
        parametrisation: Parametrisation,
        [truth_norm, start_norm]: [f64; 2],
        label_noise: f64,
        stream: &mut Stream,
    ) -> Result<Self, DynamicsError> {
        let m = features.dimension();
        let p = parametrisation.n_parameters(m);
        require_room(samples, p)?;
        let truth_norm = non_negative("norm of F*", truth_norm)?;
        let start_norm = non_negative("norm of F(θ_0)", start_norm)?;
        let (mut truth, mut start, mut predictor) = (vec![0.0; m], vec![0.0; p], vec![0.0; m]);
        fill_normals(stream, &mut truth);
        fill_normals(stream, &mut start);
        if let Parametrisation::Factorised { width } = parametrisation {
            let (hidden, output) = start.split_at_mut(width * m);
            hidden.iter_mut().for_each(|w| *w /= (m as f64).sqrt());
            output.iter_mut().for_each(|a| *a /= (width as f64).sqrt());
        }
        parametrisation.predict(&start, &mut predictor);
        let (of_truth, of_predictor) = (truth_norm / norm(&truth), start_norm / norm(&predictor));
        scale(&mut truth, of_truth);
        scale(&mut start, if parametrisation.degree() == 1 { of_predictor } else { of_predictor.sqrt() });
        Self::new(features, samples, parametrisation, truth, start, label_noise)
    }

    /// m.
    fn dimension(&self) -> usize {
        self.truth.len()
    }
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn scale(v: &mut [f64], by: f64) {
    v.iter_mut().for_each(|x| *x *= by);
}

impl Family for LinearModels {
    /// Draws nm normals for the features, and n for the labels where they have noise.
    fn draw(&self, stream: &mut Stream) -> Box<dyn Model> {
        let (n, m) = (self.samples, self.dimension());
        let mut features = vec![0.0; n * m];
        fill_normals(stream, &mut features);
        for x in features.chunks_exact_mut(m) {
            // From the last entry up: entry i of Lz needs the entries of z up to i, which still stand.
            for (i, row) in self.population.factor_rows.iter().enumerate().rev() {
                x[i] = row.times(x);
            }
        }
        let mut label_errors = vec![0.0; n];
        if self.label_noise > 0.0 {
            fill_normals(stream, &mut label_errors);
            scale(&mut label_errors, self.label_noise);
        }
        Box::new(LinearModel {
            parametrisation: self.population.parametrisation,
            truth: self.truth.clone(),
            start: self.population.start.clone(),
            features,
            label_errors,
            error: vec![0.0; m],
            score: vec![0.0; m],
        })
    }

    fn n_parameters(&self) -> usize {
        self.population.start.len()
    }

    fn n_samples(&self) -> usize {
        self.samples
    }

    fn refuses(&self, reading: &Reading) -> Option<String> {
        match reading {
            Reading::Accuracy => Some("it has no labels of classes".into()),
            _ if !reading.is_of_layer() => reading.refused_of_outputs(self.samples, self.n_parameters()),
            _ if self.population.parametrisation == Parametrisation::Linear => {
                reading.refused_in_layer(self.samples, 1, self.dimension())
            }
            _ => Some("second derivatives are implemented for the parametrisation F = θ only".into()),
        }
    }

    fn room(&self, readings: &[Reading]) -> Room {
        let (n, m, p) = (self.samples, self.dimension(), self.n_parameters());
        let read = room::of_outputs(readings, n, p) + room::of_layer(readings, n, 1, m);
        Room { family: (2 * m * m + p) as f64, model: (n * m + 2 * p) as f64 + read }
    }

    /// The loss ½(eᵀSe + σ²) and the traces of 𝒢 and, for F = θ, of H.
    fn exact(&self, reading: &Reading) -> Option<Vec<f64>> {
        self.population.exact(reading)
    }

    /// Alignment and sharpness and, for F = θ, noise and curvature of the population.
    fn limit(&self, reading: &Reading) -> Option<Vec<f64>> {
        self.population.limit(reading)
    }

    fn source(&self) -> Option<Source> {
        Some(population::SOURCE)
    }
}

/// One data set, and the parameters to start from.
struct LinearModel {
    parametrisation: Parametrisation,
    truth: Vec<f64>,
    start: Vec<f64>,
    /// x_i, one after the other (n·m).
    features: Vec<f64>,
    /// σε_i (n).
    label_errors: Vec<f64>,
    /// Room for e (m).
    error: Vec<f64>,
    /// Room for Σ r_ix_i (m).
    score: Vec<f64>,
}

impl LinearModel {
    /// Sets e = F(θ) − F*; from e and not from y, so that residuals vanish where the data are interpolated.
    fn set_error(&mut self, theta: &[f64]) {
        self.parametrisation.predict(theta, &mut self.error);
        self.error.iter_mut().zip(&self.truth).for_each(|(e, truth)| *e -= truth);
    }

    /// x_i.
    fn sample(&self, i: usize) -> &[f64] {
        let m = self.error.len();
        &self.features[i * m..][..m]
    }

    /// r_i = eᵀx_i − σε_i (n).
    fn residuals(&mut self, theta: &[f64]) -> Vec<f64> {
        self.set_error(theta);
        let LinearModel { features, label_errors, error, .. } = self;
        let mut residuals = vec![0.0; label_errors.len()];
        Samples { features, label_errors, error }.residuals(&mut residuals);
        residuals
    }
}

impl Model for LinearModel {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn add_gradients(&mut self, theta: &[f64], batch: &[u32], gradient: &mut [f64]) {
        self.set_error(theta);
        let LinearModel { features, label_errors, error, score, .. } = self;
        score.fill(0.0);
        Samples { features, label_errors, error }.add_scores(batch, score);
        self.parametrisation.pull_back(theta, &self.score, gradient);
    }

    fn loss(&mut self, theta: &[f64]) -> f64 {
        let residuals = self.residuals(theta);
        0.5 * residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64
    }

    fn tangents(&mut self, theta: &[f64]) -> Option<Tangents> {
        let residuals = self.residuals(theta);
        let (n, p) = (residuals.len(), theta.len());
        let mut rows = vec![0.0; n * p];
        for (i, row) in rows.chunks_exact_mut(p).enumerate() {
            self.parametrisation.pull_back(theta, self.sample(i), row);
        }
        let mut gradients = Mat::zeros(n, p);
        for j in 0..p {
            gradients
                .col_as_slice_mut(j)
                .iter_mut()
                .zip(rows[j..].iter().step_by(p))
                .for_each(|(to, from)| *to = *from);
        }
        Some(Tangents { residuals, gradients })
    }

    /// For F = θ: one output, δ = r, a = x and M = 1, so that h = xxᵀ.
    fn per_sample(&mut self, theta: &[f64]) -> Option<PerSample> {
        if self.parametrisation != Parametrisation::Linear {
            return None;
        }
        let residuals = self.residuals(theta);
        let (n, m) = (residuals.len(), self.error.len());
        let deltas = Mat::from_fn(n, 1, |i, _| residuals[i]);
        let activations = Mat::from_fn(n, m, |i, j| self.features[i * m + j]);
        PerSample::new(deltas, activations, Mat::from_fn(n, 1, |_, _| 1.0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Centring, CurvatureMatrix, Size};

    #[test]
    fn what_a_population_shows_is_computed_when_it_is_asked_for_and_once() -> Result<(), DynamicsError> {
        let features = Spd::diagonal(&[1.0, 2.0])?;
        let (truth, start) = (vec![1.0; 2], vec![1.5; 4]);
        let family = LinearModels::new(&features, 5, Parametrisation::Diagonal, truth, start, 0.0)?;
        assert!(family.exact(&Reading::Loss).is_some() && !family.population.has_products());
        let sharpness = Reading::Sharpness { size: Size::Top, of: CurvatureMatrix::GaussNewton };
        let copy = family.clone();
        assert!(family.limit(&Reading::Alignment(Centring::Centred)).is_some() && family.limit(&sharpness).is_some());
        assert!(copy.population.has_products());
        Ok(())
    }
}
