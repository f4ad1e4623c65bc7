//! The samples of a replicate, drawn from a data source: class-balanced subsets, and teachers.

use std::fmt;
use std::sync::Arc;

use geometry::GeometryError;
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};

use super::data::{DataSource, LabelledData, Targets, Teacher};
use super::{Loss, check_size};
use crate::error::DynamicsError;
use crate::model::LARGEST;

/// The samples of one replicate: some of a data set, whose features all replicates share, with their targets.
#[derive(Clone)]
pub(super) struct TrainingSet {
    pub(super) data: Arc<LabelledData>,
    /// Which samples (n).
    chosen: Vec<usize>,
    pub(super) n_outputs: usize,
    /// y (n×q), row after row.
    pub(super) targets: Vec<f64>,
}

impl TrainingSet {
    pub(super) fn count(&self) -> usize {
        self.chosen.len()
    }

    pub(super) fn n_features(&self) -> usize {
        self.data.n_features
    }

    #[inline]
    pub(super) fn features(&self, i: usize) -> &[f64] {
        let m = self.data.n_features;
        &self.data.features[self.chosen[i] * m..][..m]
    }

    #[inline]
    pub(super) fn target(&self, i: usize) -> &[f64] {
        &self.targets[i * self.n_outputs..][..self.n_outputs]
    }

    fn select(&self, places: &[usize]) -> Self {
        TrainingSet {
            data: self.data.clone(),
            chosen: places.iter().map(|&i| self.chosen[i]).collect(),
            n_outputs: self.n_outputs,
            targets: places.iter().flat_map(|&i| self.target(i)).copied().collect(),
        }
    }
}

impl fmt::Debug for TrainingSet {
    /// The size, not the samples.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainingSet").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// A [`DataSource`] that has been checked against a loss.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Fixed(Arc<TrainingSet>),
    /// So many of each group of samples.
    Groups(Arc<TrainingSet>, Vec<(Vec<usize>, usize)>),
    /// u (width×m) and a.
    Teacher(Teacher, Vec<f64>, Vec<f64>),
}

impl Source {
    pub(super) fn new(source: &DataSource, loss: Loss) -> Result<Self, DynamicsError> {
        match source {
            DataSource::Teacher(teacher) => Self::teacher(teacher, loss),
            DataSource::Subset { data, classes, samples } => match &data.targets {
                Targets::Labels(labels) => Self::classes(data, labels, classes.as_deref(), *samples, loss),
                Targets::Values(values) => Self::values(data, values, classes.is_some(), *samples, loss),
            },
        }
    }

    fn teacher(teacher: &Teacher, loss: Loss) -> Result<Self, DynamicsError> {
        require_squared(loss)?;
        let &Teacher { samples, n_features, width, seed, .. } = teacher;
        if n_features == 0 || width == 0 {
            return Err(GeometryError::Empty { what: "teacher" }.into());
        }
        if samples == 0 || samples > LARGEST {
            return Err(DynamicsError::SampleCount { given: samples, smallest: 1, largest: LARGEST });
        }
        check_size("features", samples.saturating_mul(n_features))?;
        check_size("weights of the teacher", width.saturating_mul(n_features))?;
        let key = StreamKey { seed, cell: "teacher", block: 0, purpose: Purpose::Problem };
        let mut numbers = vec![0.0; width * n_features + width];
        fill_normals(&mut Stream::new(key), &mut numbers);
        let mut output = numbers.split_off(width * n_features);
        numbers.chunks_exact_mut(n_features).for_each(normalise);
        normalise(&mut output);
        Ok(Source::Teacher(teacher.clone(), numbers, output))
    }

    fn classes(
        data: &Arc<LabelledData>,
        labels: &[u32],
        classes: Option<&[u32]>,
        samples: Option<usize>,
        loss: Loss,
    ) -> Result<Self, DynamicsError> {
        let classes = classes.map_or_else(|| data.classes(), <[u32]>::to_vec);
        let k = classes.len();
        if k < 2 {
            return Err(DynamicsError::TooFewClasses { given: k });
        }
        let n_outputs = if loss == Loss::Squared && k == 2 { 1 } else { k };
        check_size("targets", data.count().saturating_mul(n_outputs))?;
        let target = |class: usize| -> Vec<f64> {
            match n_outputs {
                1 => vec![if class == 0 { -1.0 } else { 1.0 }],
                _ => (0..k).map(|c| if c == class { 1.0 } else { 0.0 }).collect(),
            }
        };
        for (place, class) in classes.iter().enumerate() {
            if classes[..place].contains(class) {
                return Err(DynamicsError::RepeatedClass { class: *class });
            }
        }
        let (mut chosen, mut targets) = (Vec::new(), Vec::new());
        let mut members = vec![Vec::new(); k];
        for (i, label) in labels.iter().enumerate() {
            if let Some(class) = classes.iter().position(|class| class == label) {
                members[class].push(chosen.len());
                chosen.push(i);
                targets.extend(target(class));
            }
        }
        let set = Arc::new(TrainingSet { data: data.clone(), chosen, n_outputs, targets });
        let mut groups = Vec::new();
        for (place, (members, &class)) in members.into_iter().zip(&classes).enumerate() {
            let required = samples.map_or(1, |n| n / k + usize::from(place < n % k)).max(1);
            if members.len() < required {
                return Err(DynamicsError::ClassTooSmall { class, available: members.len(), required });
            }
            groups.push((members, required));
        }
        match samples {
            None => Ok(Source::Fixed(set)),
            Some(n) if n < k => Err(DynamicsError::SampleCount { given: n, smallest: k, largest: set.count() }),
            Some(_) => Ok(Source::Groups(set, groups)),
        }
    }

    fn values(
        data: &Arc<LabelledData>,
        values: &[f64],
        by_class: bool,
        samples: Option<usize>,
        loss: Loss,
    ) -> Result<Self, DynamicsError> {
        require_squared(loss)?;
        if by_class {
            return Err(DynamicsError::NeedsLabels { what: "a choice of classes" });
        }
        let n = data.count();
        let (chosen, n_outputs) = ((0..n).collect(), values.len() / n);
        let set = Arc::new(TrainingSet { data: data.clone(), chosen, n_outputs, targets: values.to_vec() });
        match samples {
            None => Ok(Source::Fixed(set)),
            Some(given) if given == 0 || given > n => {
                Err(DynamicsError::SampleCount { given, smallest: 1, largest: n })
            }
            Some(taken) => Ok(Source::Groups(set, vec![((0..n).collect(), taken)])),
        }
    }

    pub(super) fn n_features(&self) -> usize {
        match self {
            Source::Fixed(set) | Source::Groups(set, _) => set.n_features(),
            Source::Teacher(teacher, ..) => teacher.n_features,
        }
    }

    pub(super) fn n_outputs(&self) -> usize {
        match self {
            Source::Fixed(set) | Source::Groups(set, _) => set.n_outputs,
            Source::Teacher(..) => 1,
        }
    }

    /// How many numbers it holds besides the data set, which all families share.
    pub(super) fn n_stored(&self) -> usize {
        match self {
            Source::Fixed(set) | Source::Groups(set, _) => set.count() + set.targets.len(),
            Source::Teacher(_, inner, outer) => inner.len() + outer.len(),
        }
    }

    pub(super) fn n_samples(&self) -> usize {
        match self {
            Source::Fixed(set) => set.count(),
            Source::Groups(_, groups) => groups.iter().map(|(_, taken)| taken).sum(),
            Source::Teacher(teacher, ..) => teacher.samples,
        }
    }

    /// The samples of one replicate: draws n words for a subset, n·m normals for a teacher, nothing for a whole data set.
    pub(super) fn draw(&self, stream: &mut Stream) -> Arc<TrainingSet> {
        match self {
            Source::Fixed(set) => set.clone(),
            Source::Groups(set, groups) => {
                let chosen: Vec<usize> =
                    groups.iter().flat_map(|(members, taken)| choose(members, *taken, stream)).collect();
                Arc::new(set.select(&chosen))
            }
            Source::Teacher(teacher, inner, outer) => {
                let mut features = vec![0.0; teacher.samples * teacher.n_features];
                fill_normals(stream, &mut features);
                let output = |x: &[f64]| -> f64 {
                    let units = inner.chunks_exact(teacher.n_features).zip(outer);
                    units.map(|(u, a)| a * teacher.activation.value_and_slope(dot(u, x)).0).sum()
                };
                let targets: Vec<f64> = features.chunks_exact(teacher.n_features).map(output).collect();
                let (n_features, chosen) = (teacher.n_features, (0..teacher.samples).collect());
                let data = LabelledData { n_features, features, targets: Targets::Values(targets.clone()) };
                Arc::new(TrainingSet { data: Arc::new(data), chosen, n_outputs: 1, targets })
            }
        }
    }
}

/// The first `count` entries of a Fisher–Yates shuffle of `members`; draws as many words.
fn choose(members: &[usize], count: usize, stream: &mut Stream) -> Vec<usize> {
    let mut words = vec![0_u64; count];
    stream.fill_words(&mut words);
    let mut order = members.to_vec();
    for (k, word) in words.into_iter().enumerate() {
        // The high half of word × remaining is below `remaining`, and uniform within a relative 2⁻³² or less.
        #[expect(clippy::cast_possible_truncation, reason = "below a usize")]
        let offset = ((u128::from(word) * (order.len() - k) as u128) >> 64) as usize;
        order.swap(k, k + offset);
    }
    order.truncate(count);
    order
}

fn require_squared(loss: Loss) -> Result<(), DynamicsError> {
    match loss {
        Loss::Squared => Ok(()),
        Loss::CrossEntropy => Err(DynamicsError::NeedsLabels { what: "cross-entropy" }),
        Loss::SquaredSoftmax => Err(DynamicsError::NeedsLabels { what: "squared loss on soft-max output" }),
    }
}

fn dot(u: &[f64], x: &[f64]) -> f64 {
    u.iter().zip(x).map(|(u, x)| u * x).sum()
}

/// v ← v/|v|.
fn normalise(v: &mut [f64]) {
    let norm = dot(v, v).sqrt();
    v.iter_mut().for_each(|v| *v /= norm);
}
