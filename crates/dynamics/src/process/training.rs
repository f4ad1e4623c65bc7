//! A model with data is drawn for each replicate and trained by SGD; what is seen of it are readings.
//!
//! ```text
//! θ_{k+1} = θ_k − (η_k/b)Σ_{i ∈ B_k} ∇ℓ_i(θ_k),   rows at step k: the components of all readings at θ_k
//! ```

use std::sync::{Arc, OnceLock};

use faer::Mat;
use sampling::normal::fill_normals;

use crate::block::WIDTH;
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::model::Family;
use crate::moments::Moments;
use crate::process::batch::{Batch, Picker, Replacement};
use crate::process::{BlockStreams, Observe, Process};
use crate::reading::{Reading, read};
use crate::schedule::Schedule;
use crate::source::{Law, Source};

/// SGD on the models of a family, one replicate a block. With b = n and no replacement it is gradient descent.
///
/// A reading without a value (no convergence, a loss of 0, weights that are not finite) is NaN: a diverged replicate.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use dynamics::model::linear::{LinearModels, Parametrisation};
/// use dynamics::process::{Process as _, Replacement, Training};
/// use dynamics::reading::Reading;
/// use dynamics::schedule::{Schedule, StepSize};
/// use geometry::Spd;
///
/// // One feature of variance 4, F* = 1, θ_0 = 3: the loss is ½·2²·4 on average over data sets.
/// let features = Spd::diagonal(&[4.0])?;
/// let family = LinearModels::new(&features, 10, Parametrisation::Linear, vec![1.0], vec![3.0], 0.0)?;
/// let schedule = Schedule::Constant(StepSize::new(0.1)?);
/// let training = Training::new(Arc::new(family), schedule, 2, Replacement::With, vec![Reading::Loss], vec![0, 50])?;
/// assert_eq!(training.exact(&[0])?[0].mean, [8.0]);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Training {
    family: Arc<dyn Family>,
    frame: Frame,
    schedule: Schedule,
    batch: Batch,
    readings: Vec<Reading>,
    /// Ascending.
    measured: Vec<u64>,
    /// What is known of the readings at θ_0, and NaN where nothing is; it is costly in many dimensions, and often asked.
    exact: OnceLock<Vec<f64>>,
    /// The same as n → ∞.
    limit: OnceLock<Vec<f64>>,
}

impl Training {
    /// Trains models of `family` with batches of b = `batch_size` of their n samples, and takes `readings` after the
    /// steps in `measured`; their components are the rows, in order.
    ///
    /// # Errors
    /// [`DynamicsError::BatchSize`] for a batch that is empty or, without replacement, larger than the data set,
    /// [`DynamicsError::NotReadable`] for a reading that the family refuses.
    pub fn new(
        family: Arc<dyn Family>,
        schedule: Schedule,
        batch_size: u64,
        replacement: Replacement,
        readings: Vec<Reading>,
        mut measured: Vec<u64>,
    ) -> Result<Self, DynamicsError> {
        for reading in &readings {
            if let Some(reason) = family.refuses(reading) {
                return Err(DynamicsError::NotReadable { reading: reading.name(), reason });
            }
        }
        let batch = Batch::new(family.n_samples(), batch_size, replacement)?;
        let frame = Frame::coordinates(readings.iter().map(Reading::n_components).sum());
        measured.sort_unstable();
        let (exact, limit) = (OnceLock::new(), OnceLock::new());
        Ok(Training { family, frame, schedule, batch, readings, measured, exact, limit })
    }

    /// What is read, in the order of the rows.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// What `known` tells of the readings, and NaN for what it does not know.
    fn values(&self, known: impl Fn(&Reading) -> Option<Vec<f64>>) -> Vec<f64> {
        let unknown = |reading: &Reading| vec![f64::NAN; reading.n_components()];
        self.readings.iter().flat_map(|reading| known(reading).unwrap_or_else(|| unknown(reading))).collect()
    }

    /// The law with these means at step 0, and NaN after it.
    fn law(&self, law: &'static str, steps: &[u64], at_start: &[f64]) -> Result<Vec<Moments>, DynamicsError> {
        if at_start.iter().all(|value| value.is_nan()) {
            return Err(DynamicsError::NoLaw {
                law,
                reason: "none of these readings has one for this family of models",
            });
        }
        let n = at_start.len();
        let at = |&step: &u64| Moments {
            mean: if step == 0 { at_start.to_vec() } else { vec![f64::NAN; n] },
            covariance: Mat::zeros(n, n),
        };
        Ok(steps.iter().map(at).collect())
    }
}

impl Process for Training {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn lanes(&self) -> usize {
        1
    }

    /// Draws the model from the stream of the start, then a direction for the readings that want a random one; a step
    /// draws its batch. Where a recorded step is not one of the measured ones, the last readings are seen again.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut model = self.family.draw(&mut streams.start);
        let mut theta = model.start().to_vec();
        let mut random = Vec::new();
        if self.readings.iter().any(Reading::needs_random_direction) {
            random = vec![0.0; theta.len()];
            fill_normals(&mut streams.start, &mut random);
        }
        let mut picker = Picker::new(self.batch);
        let mut gradient = vec![0.0; theta.len()];
        let mut rows = vec![[0.0; WIDTH]; self.frame.dimension()];
        let mut k = 0;
        for (n, &step) in recorded.iter().enumerate() {
            while k < step {
                gradient.fill(0.0);
                model.add_gradients(&theta, picker.draw(&mut streams.noise), &mut gradient);
                let share = self.schedule.at(k) / f64::from(self.batch.size());
                theta.iter_mut().zip(&gradient).for_each(|(theta, g)| *theta -= share * g);
                k += 1;
            }
            if self.measured.binary_search(&step).is_ok() {
                let values = read(&self.readings, model.as_mut(), &theta, &random);
                rows.iter_mut().zip(values).for_each(|(row, value)| row[0] = value);
            }
            if !observe(n, &rows) {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.schedule.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        matches!(law, Law::Exact | Law::Limit).then(|| self.family.source()).flatten()
    }

    /// At step 0, the means over models of what their family knows exactly, with covariance 0; NaN elsewhere.
    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let at_start = self.exact.get_or_init(|| self.values(|reading| self.family.exact(reading)));
        self.law("exact law", steps, at_start)
    }

    /// At step 0, the values as n → ∞ of what the family knows, with covariance 0; NaN elsewhere.
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let at_start = self.limit.get_or_init(|| self.values(|reading| self.family.limit(reading)));
        self.law("limit", steps, at_start)
    }
}
