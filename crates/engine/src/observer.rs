//! What a cell records: an observable, what is subtracted and divided out first, and its scale along the path.

use std::borrow::Cow;

use dynamics::block::{Row, WIDTH};
use dynamics::{Expectation, Moments, Observable};
use faer::Mat;

/// An observable of (e − c_n)·g_n at the n-th recorded step.
#[derive(Debug, Clone)]
pub struct Observer {
    /// The function of the error.
    pub observable: Observable,
    /// c_n at each recorded step; `None` for 0.
    pub centres: Option<Vec<Vec<f64>>>,
    /// g_n at each recorded step; `None` for 1.
    pub gains: Option<Vec<f64>>,
    /// uᵀHu along the direction u of each component, for a directional observable of a problem whose H is known.
    pub curvatures: Option<Vec<f64>>,
    /// What multiplies the measured values and their laws at each recorded step.
    pub scales: Vec<f64>,
}

impl Observer {
    /// Whether the observable sees the error itself.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.centres.is_none() && self.gains.is_none()
    }

    /// Adds each component's sum over a block at the n-th recorded step to `sums`; `first` is the block at the first
    /// one, and `lanes` of both are replicates.
    pub fn add(&self, n: usize, errors: &[Row], first: &[Row], lanes: usize, sums: &mut [f64]) {
        if self.is_plain() {
            return self.observable.add(errors, first, lanes, sums);
        }
        let transformed = |rows: &[Row], n: usize| -> Vec<Row> {
            let gain = self.gains.as_ref().map_or(1.0, |gains| gains[n]);
            let centre = |i: usize| self.centres.as_ref().map_or(0.0, |centres| centres[n][i]);
            let row = |(i, row): (usize, &Row)| std::array::from_fn::<f64, WIDTH, _>(|r| (row[r] - centre(i)) * gain);
            rows.iter().enumerate().map(row).collect()
        };
        let looks_back = matches!(self.observable, Observable::Lagged(_));
        let first = if looks_back { transformed(first, 0) } else { Vec::new() };
        self.observable.add(&transformed(errors, n), &first, lanes, sums);
    }

    /// The scaled expectation of a component at the n-th recorded step under the moments of a path, with the covariance
    /// of that step's error with the first one's; `None` where moments do not tell it.
    #[must_use]
    pub fn expected(
        &self,
        n: usize,
        path: &[Moments],
        cross: Option<&Mat<f64>>,
        component: usize,
    ) -> Option<Expectation> {
        let law = |n: usize| {
            if self.is_plain() {
                return Cow::Borrowed(&path[n]);
            }
            let gain = self.gains.as_ref().map_or(1.0, |gains| gains[n]);
            let centre = |i: usize| self.centres.as_ref().map_or(0.0, |centres| centres[n][i]);
            let Moments { mean, covariance } = &path[n];
            Cow::Owned(Moments {
                mean: mean.iter().enumerate().map(|(i, m)| (m - centre(i)) * gain).collect(),
                covariance: faer::Scale(gain * gain) * covariance,
            })
        };
        let needs_cross = matches!(self.observable, Observable::Lagged(_));
        let (now, scale) = (law(n), self.scales[n]);
        let expected = match (needs_cross, cross) {
            (false, _) => self.observable.expected(&now, &now, now.covariance.as_ref(), component),
            (true, Some(cross)) => self.observable.expected(&now, &law(0), cross.as_ref(), component),
            (true, None) => return None,
        };
        let Expectation { value, unit } = expected.ok().filter(|law| !law.value.is_nan())?;
        Some(Expectation { value: scale * value, unit: scale * unit })
    }
}
