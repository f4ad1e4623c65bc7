//! What networks are trained on: labelled data, parts of them, and teachers.

use std::fmt;
use std::sync::Arc;

use geometry::GeometryError;

use super::{Activation, check_size};
use crate::error::DynamicsError;
use crate::model::LARGEST;

/// Feature vectors x_i (n×m) with labels or real targets.
#[derive(Clone, PartialEq)]
pub struct LabelledData {
    pub(super) n_features: usize,
    pub(super) features: Vec<f64>,
    pub(super) targets: Targets,
}

/// What belongs to the feature vectors.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// A class each (n).
    Labels(Vec<u32>),
    /// q real numbers each, row after row (n×q).
    Values(Vec<f64>),
}

impl LabelledData {
    /// The data set of `features` (n×m, row after row) and `targets`.
    ///
    /// # Errors
    /// [`DynamicsError::Geometry`] for no features, a broken row, or other than n labels or a multiple of n targets;
    /// [`DynamicsError::SampleCount`] for no samples; [`DynamicsError::NotFinite`]; [`DynamicsError::NetworkTooLarge`] for
    /// more than 2²⁷ numbers.
    ///
    /// # Example
    /// ```
    /// use dynamics::model::network::{LabelledData, Targets};
    /// let data = LabelledData::new(2, vec![0.0, 1.0, 2.0, 3.0], Targets::Labels(vec![7, 3]))?;
    /// assert_eq!((data.count(), data.classes()), (2, vec![3, 7]));
    /// # Ok::<(), dynamics::DynamicsError>(())
    /// ```
    pub fn new(n_features: usize, features: Vec<f64>, targets: Targets) -> Result<Self, DynamicsError> {
        if n_features == 0 {
            return Err(GeometryError::Empty { what: "feature vector" }.into());
        }
        let n = features.len() / n_features;
        if n == 0 {
            return Err(DynamicsError::SampleCount { given: n, smallest: 1, largest: LARGEST / n_features });
        }
        check_size("features", features.len())?;
        require_entries("table of features", features.len(), n * n_features)?;
        require_finite("a feature", &features)?;
        match &targets {
            Targets::Labels(labels) => require_entries("vector of labels", labels.len(), n)?,
            Targets::Values(values) => {
                check_size("targets", values.len())?;
                require_entries("table of targets", values.len(), values.len().div_ceil(n).max(1) * n)?;
                require_finite("a target", values)?;
            }
        }
        Ok(LabelledData { n_features, features, targets })
    }

    /// n.
    #[must_use]
    pub fn count(&self) -> usize {
        self.features.len() / self.n_features
    }

    /// m.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The labels that occur, in ascending order; none for real targets.
    #[must_use]
    pub fn classes(&self) -> Vec<u32> {
        let mut classes = match &self.targets {
            Targets::Labels(labels) => labels.clone(),
            Targets::Values(_) => Vec::new(),
        };
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}

impl fmt::Debug for LabelledData {
    /// The size, not the samples.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelledData")
            .field("count", &self.count())
            .field("n_features", &self.n_features)
            .finish_non_exhaustive()
    }
}

/// Where the samples of a replicate come from.
#[derive(Debug, Clone, PartialEq)]
pub enum DataSource {
    /// A data set, or a part of it that each replicate draws.
    Subset {
        /// The data set.
        data: Arc<LabelledData>,
        /// The labels that are kept, in the order of the outputs; `None` keeps all, in ascending order.
        classes: Option<Vec<u32>>,
        /// n. It is drawn without replacement, of each class n/k or, in the first classes, one more; `None` takes all
        /// samples, and leaves nothing to chance.
        samples: Option<usize>,
    },
    /// A regression on the outputs of a fixed function, with inputs that each replicate draws.
    Teacher(Teacher),
}

/// x ~ N(0, I_m), y = Σ_j a_j σ(u_jᵀx): a two-layer network, or with width 1 the single-index function ±σ(uᵀx).
///
/// The u_j and a are independent and uniform on unit spheres; `seed` alone decides them, not the replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Teacher {
    /// n.
    pub samples: usize,
    /// m.
    pub n_features: usize,
    /// The number of hidden units.
    pub width: usize,
    /// σ.
    pub activation: Activation,
    /// What the teacher is drawn by.
    pub seed: u64,
}

fn require_entries(name: &'static str, given: usize, required: usize) -> Result<(), DynamicsError> {
    if given == required { Ok(()) } else { Err(GeometryError::WrongLength { name, given, required }.into()) }
}

fn require_finite(what: &'static str, entries: &[f64]) -> Result<(), DynamicsError> {
    match entries.iter().find(|x| !x.is_finite()) {
        None => Ok(()),
        Some(&given) => Err(DynamicsError::NotFinite { what, given }),
    }
}
