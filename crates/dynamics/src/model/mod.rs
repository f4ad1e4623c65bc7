//! Models with data: what one replicate trains, and the family that it is drawn from.
//!
//! A problem of [`problem`](crate::problem) has a known minimiser and a law; a model has parameters θ, n samples and a
//! loss, and is known by its [readings](crate::reading).

pub mod ensemble;
pub mod linear;
pub mod network;

use faer::Mat;
use geometry::PerSample;
use sampling::Stream;

use crate::error::DynamicsError;
use crate::reading::{Reading, Room};
use crate::source::Source;

/// Draws the model of each replicate.
pub trait Family: std::fmt::Debug + Send + Sync {
    /// Draws data and first parameters, as far as the family leaves them to chance.
    fn draw(&self, stream: &mut Stream) -> Box<dyn Model>;

    /// p.
    fn n_parameters(&self) -> usize;

    /// n.
    fn n_samples(&self) -> usize;

    /// Why a reading cannot be taken of these models, if it cannot; asked before anything is drawn.
    fn refuses(&self, reading: &Reading) -> Option<String>;

    /// What it holds in memory, and each of its models while `readings` are taken, to within a small factor.
    fn room(&self, readings: &[Reading]) -> Room;

    /// The values of a reading at θ_0 as n → ∞, where they are known.
    fn limit(&self, _reading: &Reading) -> Option<Vec<f64>> {
        None
    }

    /// The expected values of a reading at θ_0 for this n, where they are known.
    fn exact(&self, _reading: &Reading) -> Option<Vec<f64>> {
        None
    }

    /// Where what is known of the readings stands.
    fn source(&self) -> Option<Source> {
        None
    }
}

/// A model with its n samples. Methods take `&mut self` for the sake of work space only.
pub trait Model {
    /// θ_0 (p).
    fn start(&self) -> &[f64];

    /// Adds Σ_{i ∈ batch} ∇ℓ_i(θ) to `gradient` (p); `batch` holds indices below n, perhaps repeated. Allocates at the
    /// first call at most.
    fn add_gradients(&mut self, theta: &[f64], batch: &[u32], gradient: &mut [f64]);

    /// (1/n)Σ ℓ_i(θ).
    fn loss(&mut self, theta: &[f64]) -> f64;

    /// The share of samples that are labelled rightly, for a model that labels; NaN where an output is not finite.
    fn accuracy(&mut self, _theta: &[f64]) -> Option<f64> {
        None
    }

    /// Residuals and gradients of the outputs, for a model with squared loss ½(f_i − y_i)² and one output.
    fn tangents(&mut self, _theta: &[f64]) -> Option<Tangents> {
        None
    }

    /// First and second derivatives of the samples in the analysed layer, for a model that has one.
    fn per_sample(&mut self, _theta: &[f64]) -> Option<PerSample> {
        None
    }
}

/// f_i − y_i and ∇f_i for n samples.
#[derive(Debug, Clone)]
pub struct Tangents {
    /// r_i = f_i − y_i (n).
    pub residuals: Vec<f64>,
    /// ∇f_i, a row for each sample (n×p).
    pub gradients: Mat<f64>,
}

/// The largest table of numbers (1 GiB), and so the largest n·p: readings hold that many.
pub(crate) const LARGEST: usize = 1 << 27;

/// Refuses n samples and p parameters that are none, or too many to hold all gradients at once.
pub(crate) fn require_room(samples: usize, parameters: usize) -> Result<(), DynamicsError> {
    let fits = samples.checked_mul(parameters).is_some_and(|size| size > 0 && size <= LARGEST);
    if fits { Ok(()) } else { Err(DynamicsError::ModelSize { samples, parameters, limit: LARGEST }) }
}
