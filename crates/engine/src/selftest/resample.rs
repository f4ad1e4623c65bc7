//! The chance that fresh data refute a claim: sections are drawn anew from those that were measured, and judged again.
//!
//! Sections are independent and of one law, so K of them drawn with replacement are a sample of nearly that law. All cells of
//! a point of the sweep are drawn alike, since variants share their random numbers. Of a cell with fewer replicates than it
//! could get until it is decided, deviations are made smaller by the root of their ratio: what is asked is whether the last
//! look refutes.
//!
//! Source: B. Efron, *Bootstrap methods: another look at the jackknife*, Ann. Statist. 7 (1979) 1–26.

use rayon::prelude::*;
use sampling::{Purpose, Stream, StreamKey};
use stats::{Interval, Proportion};

use crate::simulate::CellData;
use crate::spec::Spec;
use crate::statistics::{Redrawn, Resample};

/// How often sections are drawn anew: with 1000 of 1000 refuted, the chance is at least 99.6 %, to 95 % confidence.
pub const RESAMPLES: u64 = 1000;

/// The seed of the draws: they are the same each time.
const SEED: u64 = 1979;

/// The error of the interval of a chance.
const ERROR: f64 = 0.05;

/// The chance that a claim is refuted, as counted.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Power {
    /// The share of resamples.
    pub value: f64,
    /// The lower end of its interval of error 5 %, Clopper and Pearson's.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Power {
    /// `count` of [`RESAMPLES`].
    #[must_use]
    pub fn of(count: usize) -> Self {
        let proportion = Proportion { count: count as f64, n: RESAMPLES as f64 };
        let Interval { low, high } = proportion.interval(ERROR);
        Power { value: proportion.value(), low, high }
    }
}

/// The chances of `n` events, of which `happen` says those that do with sections drawn anew.
///
/// Cost: [`RESAMPLES`] times that of `happen`.
pub(crate) fn chances(
    spec: &Spec,
    data: &[CellData],
    n: usize,
    happen: &(dyn Fn(&Resample) -> Vec<bool> + Sync),
) -> Vec<Power> {
    let draws: Vec<Vec<bool>> = (0..RESAMPLES).into_par_iter().map(|draw| happen(&drawn(spec, data, draw))).collect();
    (0..n).map(|event| Power::of(draws.iter().filter(|happened| happened[event]).count())).collect()
}

/// The sections as they were measured, with the replicates that each cell can get.
pub(crate) fn as_measured(spec: &Spec, data: &[CellData]) -> Resample {
    enlarged(spec, data, |sections, _| (0..sections).collect())
}

/// Sections drawn with replacement, alike in all variants of a point.
fn drawn(spec: &Spec, data: &[CellData], draw: u64) -> Resample {
    let n_variants = spec.variants.len();
    let of_point = |point: usize, sections: usize| -> Vec<usize> {
        let cell = format!("resample {point}");
        let mut stream = Stream::new(StreamKey { seed: SEED, cell: &cell, block: draw, purpose: Purpose::Noise });
        let mut words = vec![0; sections];
        stream.fill_words(&mut words);
        // The high part of word × K is uniform on 0…K−1, to within 2⁻⁵⁶.
        let index = |word: u64| usize::try_from((u128::from(word) * sections as u128) >> 64).unwrap_or(0);
        words.into_iter().map(index).collect()
    };
    enlarged(spec, data, |sections, c| of_point(c / n_variants, sections))
}

fn enlarged(spec: &Spec, data: &[CellData], sections: impl Fn(usize, usize) -> Vec<usize>) -> Resample {
    let most = spec.layout.replicates();
    let of_cell = |(c, data): (usize, &CellData)| {
        let shrink = (data.replicates() as f64 / most as f64).sqrt();
        Redrawn { sections: sections(data.sums.len(), c), shrink, replicates: most }
    };
    Resample { cells: data.iter().enumerate().map(of_cell).collect() }
}
