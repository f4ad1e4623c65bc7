//! Theories with one slip in them: a process that simulates as it should, and predicts what another one would do.

use faer::{Mat, MatRef, Scale};
use geometry::Symmetric;

use super::{BlockStreams, LeadingOrder, Observe, Process};
use crate::error::DynamicsError;
use crate::frame::Frame;
use crate::moments::Moments;
use crate::source::{Law, Source};

/// What is wrong with a law.
#[derive(Clone, Copy)]
pub enum Slip<'a> {
    /// The covariance is multiplied by this factor.
    Covariance(f64),
    /// The mean is 0 from the beginning: the path has no transient.
    NoMean,
    /// The covariance C = VΛVᵀ is rotated back by the transpose, to VᵀΛV; a covariance across time is transposed.
    Transposed,
    /// The exact law is that of the limit, which lacks what is of second order in the step size.
    FirstOrder,
    /// The exact moments after a step are these.
    Exact(&'a (dyn Fn(u64) -> Moments + Sync)),
}

/// A theory that is a process's own but for a slip.
///
/// # Example
/// ```
/// use dynamics::Process;
/// use dynamics::process::{Broken, OrnsteinUhlenbeck, Slip, Transition};
/// use dynamics::problem::Quadratic;
/// use dynamics::start::Start;
/// use geometry::{Psd, Spd};
/// let problem = Quadratic::new(Spd::diagonal(&[2.0])?, Psd::diagonal(&[3.0])?, Spd::diagonal(&[1.0])?, vec![0.0])?;
/// let ou = OrnsteinUhlenbeck::new(&problem, 0.5, 0.1, Transition::Exact, &Start::new(vec![1.0], 0.0)?)?;
/// let doubled = Broken { inner: &ou, slip: Slip::Covariance(2.0) };
/// let (right, wrong) = (ou.exact(&[5])?.remove(0), doubled.exact(&[5])?.remove(0));
/// assert_eq!((wrong.mean, wrong.covariance[(0, 0)]), (right.mean, 2.0 * right.covariance[(0, 0)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Broken<'a> {
    /// The process.
    pub inner: &'a dyn Process,
    /// What is wrong with its laws.
    pub slip: Slip<'a>,
}

impl std::fmt::Debug for Broken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Broken({:?})", self.inner)
    }
}

impl Process for Broken<'_> {
    fn frame(&self) -> &Frame {
        self.inner.frame()
    }

    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn simulate(&self, streams: BlockStreams, recorded: &[u64], observe: Observe<'_>) {
        self.inner.simulate(streams, recorded, observe);
    }

    fn time(&self, step: u64) -> f64 {
        self.inner.time(step)
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        match self.slip {
            Slip::Exact(law) => Ok(steps.iter().map(|&step| law(step)).collect()),
            // What has no exact law has none with a slip either.
            Slip::FirstOrder => self.inner.exact(steps).and_then(|_| self.inner.limit(steps)),
            _ => self.slipped(self.inner.exact(steps)?),
        }
    }

    fn limit(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        self.slipped(self.inner.limit(steps)?)
    }

    fn leading_order(&self, metric: MatRef<'_, f64>, step: u64) -> Result<LeadingOrder, DynamicsError> {
        let law = self.inner.leading_order(metric, step)?;
        Ok(match self.slip {
            Slip::Covariance(factor) => LeadingOrder { value: factor * law.value, ..law },
            _ => law,
        })
    }

    fn cross_covariance(&self, from: u64, to: u64) -> Result<Mat<f64>, DynamicsError> {
        let covariance = self.inner.cross_covariance(from, to)?;
        Ok(match self.slip {
            Slip::Covariance(factor) => Scale(factor) * covariance,
            Slip::Transposed => covariance.transpose().to_owned(),
            _ => covariance,
        })
    }

    fn source(&self, law: Law) -> Option<Source> {
        self.inner.source(law)
    }
}

impl Broken<'_> {
    fn slipped(&self, mut path: Vec<Moments>) -> Result<Vec<Moments>, DynamicsError> {
        for law in &mut path {
            match self.slip {
                Slip::Covariance(factor) => law.covariance = Scale(factor) * &law.covariance,
                Slip::NoMean => law.mean.fill(0.0),
                Slip::Transposed => law.covariance = rotated_back_wrongly(&law.covariance)?,
                Slip::FirstOrder | Slip::Exact(_) => {}
            }
        }
        Ok(path)
    }
}

/// VᵀΛV for C = VΛVᵀ; C itself if it is diagonal to within rounding, which has no orientation to get wrong.
fn rotated_back_wrongly(covariance: &Mat<f64>) -> Result<Mat<f64>, DynamicsError> {
    let d = covariance.nrows();
    let coupling = |i: usize, j: usize| covariance[(i, j)].abs() / (covariance[(i, i)] * covariance[(j, j)]).sqrt();
    // Also a covariance of which something is not a number.
    if !(0..d).any(|i| (0..i).any(|j| coupling(i, j) > 1e-9)) {
        return Ok(covariance.clone());
    }
    let eigen = Symmetric::new(covariance.clone())?.eigen()?;
    let (values, vectors) = (eigen.values(), eigen.vectors());
    let entry = |i: usize, j: usize| (0..d).map(|k| vectors[(k, i)] * values[k] * vectors[(k, j)]).sum::<f64>();
    Ok(Mat::from_fn(d, d, |i, j| entry(i.max(j), i.min(j))))
}
