//! All readings of a model at one θ, which share what they are computed from.

use geometry::{Alignment, GeometryError, Sharpest};

use crate::model::{Model, Tangents};
use crate::reading::layer::Layer;
use crate::reading::{Centring, CurvatureMatrix, Direction, Reading, Size};

/// The components of all `readings` of `model` at θ, in order; NaN where one has no value. `random` (p) is the random
/// direction, of any length, for the readings along one; others do not look at it.
///
/// Only what the readings need is computed, and once. Cost: n²p for the kernel of an alignment, and n·d²/2 for each
/// d×d matrix of a layer.
pub fn read(readings: &[Reading], model: &mut dyn Model, theta: &[f64], random: &[f64]) -> Vec<f64> {
    let is_finite = theta.iter().all(|theta| theta.is_finite());
    let snapshot = is_finite.then(|| Snapshot::new(readings, model, theta, random));
    let values = |reading: &Reading| {
        let values = snapshot.as_ref().and_then(|snapshot| snapshot.read(reading));
        values.unwrap_or_else(|| vec![f64::NAN; reading.n_components()])
    };
    readings.iter().flat_map(values).collect()
}

/// What some readings are computed from, as far as they need it.
struct Snapshot {
    loss: Option<f64>,
    accuracy: Option<f64>,
    outputs: Option<Outputs>,
    layer: Option<Layer>,
}

/// Residuals and kernel, and slopes along directions.
struct Outputs {
    alignment: Alignment,
    sharpest: Option<Sharpest>,
    /// vᵀ∇f_i (n) for the random v.
    random: Vec<f64>,
}

impl Snapshot {
    fn new(readings: &[Reading], model: &mut dyn Model, theta: &[f64], random: &[f64]) -> Self {
        let loss = readings.contains(&Reading::Loss).then(|| model.loss(theta));
        let accuracy = if readings.contains(&Reading::Accuracy) { model.accuracy(theta) } else { None };
        let outputs = if readings.iter().any(Reading::is_of_outputs) { model.tangents(theta) } else { None };
        let outputs = outputs.and_then(|tangents| Outputs::new(readings, tangents, random).ok());
        let samples = if readings.iter().any(Reading::is_of_layer) { model.per_sample(theta) } else { None };
        let layer = samples.and_then(|samples| Layer::of_samples(readings, &samples).ok());
        Snapshot { loss, accuracy, outputs, layer }
    }

    fn read(&self, reading: &Reading) -> Option<Vec<f64>> {
        match reading {
            Reading::Loss => self.loss.map(|loss| vec![loss]),
            Reading::Accuracy => self.accuracy.map(|accuracy| vec![accuracy]),
            _ if reading.is_of_layer() => self.layer.as_ref()?.read(reading),
            _ => self.outputs.as_ref()?.read(reading).map(|value| vec![value]),
        }
    }
}

impl Outputs {
    fn new(readings: &[Reading], tangents: Tangents, random: &[f64]) -> Result<Self, GeometryError> {
        let Tangents { residuals, gradients } = tangents;
        let mut along = vec![0.0; gradients.nrows()];
        for (j, v) in random.iter().enumerate() {
            along.iter_mut().zip(gradients.col_as_slice(j)).for_each(|(slope, g)| *slope += g * v);
        }
        let alignment = Alignment::from_gradients(residuals, gradients)?;
        let sharpest = if readings.iter().any(needs_sharpest) { alignment.sharpest().ok() } else { None };
        Ok(Outputs { alignment, sharpest, random: along })
    }

    fn read(&self, reading: &Reading) -> Option<f64> {
        let centred = |centring: &Centring| *centring == Centring::Centred;
        match reading {
            Reading::Alignment(centring) => self.alignment.average(centred(centring)).ok(),
            Reading::DirectionalAlignment { direction, centring } => {
                let along = |slopes: &[f64]| self.alignment.directional(slopes, centred(centring)).ok();
                match direction {
                    Direction::Gradient => along(&self.alignment.gradient_slopes()),
                    Direction::Sharpest => along(&self.sharpest.as_ref()?.slopes),
                    Direction::Random => along(&self.random),
                }
            }
            Reading::Sharpness { size, of: CurvatureMatrix::GaussNewton } => match size {
                Size::Top => self.sharpest.as_ref().map(|sharpest| sharpest.curvature),
                Size::Trace => Some(self.alignment.trace()),
                Size::Frobenius => Some(self.alignment.frobenius_norm()),
            },
            _ => None,
        }
    }
}

fn needs_sharpest(reading: &Reading) -> bool {
    matches!(
        reading,
        Reading::DirectionalAlignment { direction: Direction::Sharpest, .. }
            | Reading::Sharpness { size: Size::Top, of: CurvatureMatrix::GaussNewton }
    )
}
