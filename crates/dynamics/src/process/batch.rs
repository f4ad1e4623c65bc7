//! Which samples of a finite data set a mini-batch holds, replicate by replicate.
//!
//! ```text
//! Cov(ĝ_B) = σ²S_n,   σ² = 1/b with replacement,   σ² = (n − b)/(b(n − 1)) without
//! ```
//!
//! Source: ZM Lemma 4.1 (ZM = arXiv 2603.02417v4).

use sampling::Stream;

use crate::block::WIDTH;
use crate::error::DynamicsError;

/// Whether a sample can be twice in one batch; every batch is drawn afresh from all n samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// It can: b independent draws.
    With,
    /// It cannot: a uniformly random set of b samples.
    Without,
}

/// Batches of b samples of n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    samples: u32,
    size: u32,
    replacement: Replacement,
}

impl Batch {
    /// The largest b with replacement; without, it is n.
    pub const LARGEST: u64 = 1 << 20;

    /// Batches of b = `size` of n = `samples` samples.
    ///
    /// # Errors
    /// [`DynamicsError::BatchSize`] unless 1 ≤ b, and b ≤ [`Batch::LARGEST`], or b ≤ n without replacement;
    /// [`DynamicsError::SampleCount`] unless n fits in 32 bits and is at least 1.
    pub fn new(samples: usize, size: u64, replacement: Replacement) -> Result<Self, DynamicsError> {
        let out_of_range =
            || DynamicsError::SampleCount { given: samples, smallest: 1, largest: crate::problem::Samples::LARGEST };
        let n = u32::try_from(samples).ok().filter(|&n| n > 0).ok_or_else(out_of_range)?;
        let largest = match replacement {
            Replacement::With => Self::LARGEST,
            Replacement::Without => u64::from(n),
        };
        let size = u32::try_from(size)
            .ok()
            .filter(|&b| b > 0 && u64::from(b) <= largest)
            .ok_or(DynamicsError::BatchSize { given: size, largest })?;
        Ok(Batch { samples: n, size, replacement })
    }

    /// b.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Whether every batch is the whole data set, each sample once.
    pub(crate) fn is_everything(&self) -> bool {
        self.replacement == Replacement::Without && self.size == self.samples
    }

    /// σ² with Cov(ĝ_B) = σ²S_n.
    ///
    /// # Example
    /// ```
    /// use dynamics::process::{Replacement, batch::Batch};
    /// assert_eq!(Batch::new(11, 5, Replacement::With)?.variance_factor(), 0.2);
    /// assert_eq!(Batch::new(11, 5, Replacement::Without)?.variance_factor(), 0.12);
    /// assert_eq!(Batch::new(11, 11, Replacement::Without)?.variance_factor(), 0.0);
    /// # Ok::<(), dynamics::DynamicsError>(())
    /// ```
    #[must_use]
    pub fn variance_factor(&self) -> f64 {
        let (n, b) = (f64::from(self.samples), f64::from(self.size));
        match self.replacement {
            Replacement::With => 1.0 / b,
            Replacement::Without if self.is_everything() => 0.0,
            Replacement::Without => (n - b) / (b * (n - 1.0)),
        }
    }
}

/// Draws batches for a block of replicates.
#[derive(Debug)]
pub struct Picks {
    batch: Batch,
    /// `picks[t][lane]`: the t-th sample of the batch of a replicate.
    picks: Vec<[u32; WIDTH]>,
    /// Without replacement: all n samples in some order, one list a replicate.
    orders: Vec<Vec<u32>>,
}

impl Picks {
    /// Room for one block: O(b), and O(n) a replicate without replacement.
    #[must_use]
    pub fn new(batch: Batch) -> Self {
        let orders = match batch.replacement {
            Replacement::With => Vec::new(),
            Replacement::Without => vec![(0..batch.samples).collect(); WIDTH],
        };
        Picks { batch, picks: vec![[0; WIDTH]; batch.size as usize], orders }
    }

    /// One batch a replicate: b rows. Draws b words a replicate, row after row; no allocation.
    ///
    /// An index is the high half of word × n, whose chances differ from 1/n by less than 2⁻⁶⁴. Without replacement these are
    /// the first b exchanges of Fisher and Yates' shuffle, which give a uniformly random set from *any* order, so the
    /// order left by the last batch serves.
    pub fn draw(&mut self, stream: &mut Stream) -> &[[u32; WIDTH]] {
        let mut words = [0; WIDTH];
        for (row, first_free) in self.picks.iter_mut().zip(0..) {
            stream.fill_words(&mut words);
            if self.orders.is_empty() {
                for (pick, word) in row.iter_mut().zip(words) {
                    *pick = below(self.batch.samples, word);
                }
                continue;
            }
            for ((pick, word), order) in row.iter_mut().zip(words).zip(&mut self.orders) {
                let chosen = first_free + below(self.batch.samples - first_free, word);
                order.swap(first_free as usize, chosen as usize);
                *pick = order[first_free as usize];
            }
        }
        &self.picks
    }
}

/// Draws batches for one replicate.
#[derive(Debug)]
pub(crate) struct Picker {
    batch: Batch,
    words: Vec<u64>,
    picks: Vec<u32>,
    /// Without replacement: all n samples in some order.
    order: Vec<u32>,
}

impl Picker {
    /// Room for one replicate: O(b), and O(n) without replacement.
    pub(crate) fn new(batch: Batch) -> Self {
        let size = batch.size as usize;
        let order: Vec<u32> = match batch.replacement {
            Replacement::With => Vec::new(),
            Replacement::Without => (0..batch.samples).collect(),
        };
        let picks = if batch.is_everything() { order.clone() } else { vec![0; size] };
        Picker { batch, words: vec![0; size], picks, order }
    }

    /// One batch: b samples, as [`Picks::draw`] chooses them. Draws b words, or none where the batch is all samples in
    /// their own order; no allocation.
    pub(crate) fn draw(&mut self, stream: &mut Stream) -> &[u32] {
        if self.batch.is_everything() {
            return &self.picks;
        }
        stream.fill_words(&mut self.words);
        for ((pick, &word), first_free) in self.picks.iter_mut().zip(&self.words).zip(0..) {
            *pick = match self.batch.replacement {
                Replacement::With => below(self.batch.samples, word),
                Replacement::Without => {
                    let chosen = first_free + below(self.batch.samples - first_free, word);
                    self.order.swap(first_free as usize, chosen as usize);
                    self.order[first_free as usize]
                }
            };
        }
        &self.picks
    }
}

/// ⌊word·n/2⁶⁴⌋, one of 0…n−1.
#[expect(clippy::cast_possible_truncation, reason = "the high half of a product with n is below n")]
#[inline]
fn below(n: u32, word: u64) -> u32 {
    ((u128::from(word) * u128::from(n)) >> 64) as u32
}
