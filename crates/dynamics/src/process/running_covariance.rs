//! The estimates of a covariance that a block of replicates has after each sample, by Welford's recursion or a sketch.
//!
//! ```text
//! δ = s_n − s̄_{n−1},   s̄_n = s̄_{n−1} + δ/n,   S_n = S_{n−1} + ((n−1)/n)δδᵀ,   Ĝ_n = S_n/(n − 1)
//! ```
//!
//! Flattened: the lower triangle, row after row, with √2 off the diagonal.

use sampling::covariance::LowRank;

use crate::block::{Row, WIDTH};
use crate::process::covariance_estimate::{CovarianceEstimate, entries, scale};

/// The estimates of a block of replicates while samples stream past.
pub(super) trait Running {
    /// Takes in one sample (d rows) a replicate.
    fn absorb(&mut self, sample: &[Row]);

    /// Writes Ĝ, flattened (m rows); NaN where there is none.
    fn read(&self, estimate: &mut [Row]);
}

/// Welford's recursion, all replicates together.
pub(super) struct Scatter {
    count: u64,
    diagonal: bool,
    mean: Vec<Row>,
    delta: Vec<Row>,
    /// S, the lower triangle.
    sums: Vec<Row>,
}

impl Scatter {
    /// Nothing seen, in dimension `d`; `diagonal` leaves the other entries at 0.
    pub(super) fn new(d: usize, diagonal: bool) -> Self {
        let (mean, sums) = (vec![[0.0; WIDTH]; d], vec![[0.0; WIDTH]; d * (d + 1) / 2]);
        Scatter { count: 0, diagonal, delta: mean.clone(), mean, sums }
    }
}

impl Running for Scatter {
    fn absorb(&mut self, sample: &[Row]) {
        self.count += 1;
        pulp::Arch::new().dispatch(Welford { scatter: self, sample });
    }

    fn read(&self, estimate: &mut [Row]) {
        let share = if self.count < 2 { f64::NAN } else { 1.0 / (self.count - 1) as f64 };
        for (((i, j), row), sums) in entries(self.mean.len()).zip(estimate).zip(&self.sums) {
            let share = scale(i, j) * share;
            *row = sums.map(|sum| share * sum);
        }
    }
}

/// A sketch a replicate; `None` once a decomposition has failed.
pub(super) struct Sketches {
    lanes: Vec<Option<LowRank>>,
    sample: Vec<f64>,
}

impl Sketches {
    /// Nothing seen, in dimension `d`: copies of the `empty` sketch.
    pub(super) fn new(empty: &LowRank, d: usize) -> Self {
        Sketches { lanes: vec![Some(empty.clone()); WIDTH], sample: vec![0.0; d] }
    }
}

impl Running for Sketches {
    fn absorb(&mut self, sample: &[Row]) {
        for (lane, sketch) in self.lanes.iter_mut().enumerate() {
            for (x, row) in self.sample.iter_mut().zip(sample) {
                *x = row[lane];
            }
            if sketch.as_mut().is_some_and(|sketch| sketch.push(&self.sample).is_err()) {
                *sketch = None;
            }
        }
    }

    fn read(&self, estimate: &mut [Row]) {
        for (lane, sketch) in self.lanes.iter().enumerate() {
            let found = sketch.as_ref().and_then(|sketch| sketch.estimate().ok().flatten());
            let flat = found.map(|found| CovarianceEstimate::flatten(found.covariance().as_ref()));
            for (p, row) in estimate.iter_mut().enumerate() {
                row[lane] = flat.as_ref().map_or(f64::NAN, |flat| flat[p]);
            }
        }
    }
}

/// One step of the recursion, n = `count`, compiled for the vector instructions of the running processor.
struct Welford<'a> {
    scatter: &'a mut Scatter,
    sample: &'a [Row],
}

impl pulp::WithSimd for Welford<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Scatter { count, diagonal, mean, delta, sums } = self.scatter;
        let share = 1.0 / *count as f64;
        for ((delta, mean), sample) in delta.iter_mut().zip(mean).zip(self.sample) {
            for lane in 0..WIDTH {
                delta[lane] = sample[lane] - mean[lane];
                mean[lane] = share.mul_add(delta[lane], mean[lane]);
            }
        }
        let mut sums = &mut sums[..];
        for (i, row) in delta.iter().enumerate() {
            let weighted = row.map(|delta| (1.0 - share) * delta);
            let (own, rest) = sums.split_at_mut(i + 1);
            sums = rest;
            let first = if *diagonal { i } else { 0 };
            for (sum, delta) in own[first..].iter_mut().zip(&delta[first..]) {
                for lane in 0..WIDTH {
                    sum[lane] = weighted[lane].mul_add(delta[lane], sum[lane]);
                }
            }
        }
    }
}
