//! SGD on an ensemble of random quadratics, every sample fresh: noise of gradients and of curvatures, and its exact law.
//!
//! ```text
//! e' = e − (η/b)Σ_p h_p(e − w_p) = (I − ηĥ)e + (η/b)Σ_p h_pw_p,      ĥ = (1/b)Σ_p h_p
//!
//! m_i'  = (1 − ηs_i)m_i
//! C_ij' = (1 − ηs_i)(1 − ηs_j)C_ij + (η²/b)[κ_ij(C_ij + m_im_j) + δ_ijσ²λ_is_i]
//! κ_ij  = Cov(h_ii, h_jj):   κ_ii = s_i(λ_i − s_i),   κ_ij = 0 (independent) or −s_is_j (rank one) for i ≠ j
//! Σ_ii  = (η/b)σ²λ_i/(2 − η(s_i + (λ_i − s_i)/b))                    stationary, diagonal
//! ```
//!
//! in the eigenbasis of H, because the w_p have mean 0 and are independent of the h_p. Mean-square stable iff
//! η(s_i + (λ_i − s_i)/b) < 2 for all i; by Cauchy and Schwarz the C_ij then contract as well. The limit freezes the noise at
//! the minimum, G = σ²E h². Symbols: see [`Ensemble`].
//!
//! Source: derived from the recursion.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use crate::block::WIDTH;
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::model::ensemble::Ensemble;
use crate::moments::Moments;
use crate::process::batch::Batch;
use crate::process::counted_batch::CountedBatch;
use crate::process::fresh_samples::{FreshSamples, Noise};
use crate::process::in_frame::is_below;
use crate::process::{BlockStreams, Observe, Process, Stability};
use crate::schedule::Schedule;
use crate::source::{Law, Source};
use crate::start::Start;
use faer::Mat;

/// Mini-batch SGD on E ℓ_p = ½(w − w_p)ᵀh_p(w − w_p), in the eigenbasis of H; e = w, because the minimum is at 0.
///
/// # Example
/// ```
/// use dynamics::model::ensemble::{Ensemble, Members};
/// use dynamics::process::{EnsembleDescent, Stability};
/// use dynamics::schedule::{Schedule, StepSize};
/// use dynamics::start::Start;
/// use geometry::Spd;
/// // One direction in every sample: h = s = 2, so Σ = (η/b)σ²s/(2 − ηs) = ½·2/(2 − 1).
/// let law = Ensemble::new(&Spd::diagonal(&[2.0])?, 1.0, Members::Independent, 1.0)?;
/// let schedule = Schedule::Constant(StepSize::new(0.5)?);
/// let process = EnsembleDescent::new(law, schedule, 1, &Start::new(vec![0.0], 0.0)?, Stability::Required)?;
/// assert_eq!(process.stationary_covariance()?[(0, 0)], 1.0);
/// # Ok::<(), dynamics::DynamicsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EnsembleDescent {
    ensemble: Ensemble,
    schedule: Schedule,
    batch_size: u32,
    /// The law of e₀ in the frame.
    start: Start,
}

impl EnsembleDescent {
    /// Batches of b = `batch_size` fresh samples of `ensemble`; `start` is the law of e₀, in the coordinates of H.
    ///
    /// # Errors
    /// [`DynamicsError::UnstableRecursion`] unless the second moment contracts at every step, or [`Stability::Any`] asks
    /// for less; [`DynamicsError::BatchSize`] unless 1 ≤ b ≤ [`Batch::LARGEST`], [`DynamicsError::Dimension`] for a start
    /// of another dimension.
    pub fn new(
        ensemble: Ensemble,
        schedule: Schedule,
        batch_size: u64,
        start: &Start,
        stability: Stability,
    ) -> Result<Self, DynamicsError> {
        let in_range = u32::try_from(batch_size).ok().filter(|&b| b > 0 && batch_size <= Batch::LARGEST);
        let batch_size = in_range.ok_or(DynamicsError::BatchSize { given: batch_size, largest: Batch::LARGEST })?;
        let (given, expected) = (start.mean().len(), ensemble.frame().dimension());
        if given != expected {
            return Err(DynamicsError::Dimension { part: "start e₀", given, expected });
        }
        let start = start.with_mean(ensemble.frame().vector(start.mean()));
        let process = EnsembleDescent { ensemble, schedule, batch_size, start };
        match stability {
            Stability::Required => process.require_stable().map(|()| process),
            Stability::Any => Ok(process),
        }
    }

    /// Σ: the stationary covariance, diagonal in the frame. Cost O(d²).
    ///
    /// # Errors
    /// [`DynamicsError::NoLaw`] unless the steps are constant: others have no stationary law;
    /// [`DynamicsError::UnstableRecursion`] where the second moment grows.
    pub fn stationary_covariance(&self) -> Result<Mat<f64>, DynamicsError> {
        let Schedule::Constant(eta) = self.schedule else {
            return Err(DynamicsError::NoLaw { law: "stationary law", reason: "the steps are not constant" });
        };
        self.require_stable()?;
        let (eta, sigma, d) = (eta.get(), self.ensemble.spread(), self.frame().dimension());
        let variance = |i: usize| {
            eta / f64::from(self.batch_size) * sigma * sigma * self.ensemble.magnitudes()[i]
                / (2.0 - eta * self.rate(i))
        };
        Ok(Mat::from_fn(d, d, |i, j| if i == j { variance(i) } else { 0.0 }))
    }

    /// s_i + (λ_i − s_i)/b.
    fn rate(&self, i: usize) -> f64 {
        let s = self.frame().rates()[i];
        s + (self.ensemble.magnitudes()[i] - s) / f64::from(self.batch_size)
    }

    fn require_stable(&self) -> Result<(), DynamicsError> {
        let d = self.frame().dimension();
        let largest = (0..d).map(|i| self.rate(i)).fold(0.0, f64::max);
        let given = self.schedule.largest();
        if is_below(given * largest, 2.0, d) {
            return Ok(());
        }
        let bound = "2/max_i(s_i + (λ_i − s_i)/b)";
        Err(DynamicsError::UnstableRecursion { what: "step size η", given, bound, limit: 2.0 / largest })
    }

    /// The moments with one of the two noises. Cost O(d²k).
    fn recursive_law(&self, steps: &[u64], noise: Noise) -> Vec<Moments> {
        let (squares, sigma) = (self.ensemble.squared_hessian(), self.ensemble.spread());
        self.recursion().law(steps, |_, i, j, M_ij| {
            let of_gradients = if i == j { sigma * sigma * squares[i] } else { 0.0 };
            match noise {
                Noise::OfState => self.ensemble.curvature_covariance(i, j) * M_ij + of_gradients,
                Noise::Frozen => of_gradients,
            }
        })
    }

    fn recursion(&self) -> FreshSamples<'_> {
        let EnsembleDescent { ensemble, schedule, batch_size, start } = self;
        FreshSamples { rates: ensemble.frame().rates(), schedule, batch_size: *batch_size, start }
    }
}

impl Process for EnsembleDescent {
    fn frame(&self) -> &Frame {
        self.ensemble.frame()
    }

    /// Draws bd words a replicate and step (b for rank one) for the ξ, and d normals, see `counted_batch`.
    fn simulate(&self, mut streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        let mut errors = vec![[0.0; WIDTH]; self.frame().dimension()];
        let mut batch = CountedBatch::new(&self.ensemble, self.batch_size);
        self.start.draw(&mut streams.start, &mut errors);
        let mut k = 0;
        for (n, &step) in recorded.iter().enumerate() {
            while k < step {
                batch.step(self.schedule.at(k), &mut streams.noise, &mut errors);
                k += 1;
            }
            if !observe(n, &errors) {
                return;
            }
        }
    }

    fn time(&self, step: u64) -> f64 {
        self.schedule.time(step)
    }

    fn source(&self, law: Law) -> Option<Source> {
        let source = |formula| Some(Source::new(formula, "derived from the recursion", file!()));
        match law {
            Law::Exact | Law::AcrossTime => source(&[
                "m_i' = (1 − ηs_i)m_i",
                "C_ij' = (1 − ηs_i)(1 − ηs_j)C_ij + (η²/b)[κ_ij(C_ij + m_im_j) + δ_ijσ²λ_is_i]",
            ]),
            Law::Limit => source(&["G = σ²E h²"]),
            Law::LeadingOrder => None,
        }
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Ok(self.recursive_law(steps, Noise::OfState))
    }

    /// The linearisation at the minimum: the law of [`Sgd`](crate::process::Sgd) with G = σ²E h².
    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        Ok(self.recursive_law(steps, Noise::Frozen))
    }

    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let law = self.recursive_law(&[from], Noise::OfState).remove(0);
        Ok(self.recursion().across(law.covariance.as_ref(), from, to))
    }
}
