//! Independent samples from a population: the b per-sample gradients are really drawn, and averaged.

use crate::design::{Design, DesignError, checked_batch_size};
use crate::normal::fill_normals;
use crate::stream::Stream;

/// The law of the whitened per-sample gradients r, whose coordinates are independent with mean 0 and variance 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Population {
    /// r_i ~ N(0, 1).
    Gaussian,
    /// r_i = ±1 with equal chance (kurtosis 1, the least that is possible).
    Rademacher,
    /// r_i uniform on [−√3, √3] (kurtosis 9/5).
    Uniform,
}

/// A batch of b independent per-sample gradients s = ∇L + Lr, LLᵀ = G, so ĝ_B − ∇L = L·(1/b)Σr.
///
/// Law: Cov(ĝ_B) = G/b for *every* population (ZM Theorem 4.3): the marginal law enters the fourth moments only.
/// One step costs b draws per coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iid {
    population: Population,
    samples: u32,
    batch_size: f64,
}

impl Iid {
    /// The largest batch that is drawn sample by sample.
    pub const LARGEST_BATCH: u64 = 1 << 20;

    /// A design with batches of b = `batch_size` samples from `population`.
    ///
    /// # Errors
    /// [`DesignError`] unless 1 ≤ b ≤ [`Iid::LARGEST_BATCH`].
    pub fn new(population: Population, batch_size: u64) -> Result<Self, DesignError> {
        let as_float = checked_batch_size(batch_size, Self::LARGEST_BATCH)?;
        let samples = u32::try_from(batch_size)
            .map_err(|_| DesignError::BatchTooLarge { given: batch_size, limit: Self::LARGEST_BATCH })?;
        Ok(Iid { population, samples, batch_size: as_float })
    }
}

impl Design for Iid {
    /// ζ = b^{−1/2} Σ r, a sum over the batch.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], _width: usize) {
        let mut draws = [0.0; SCRATCH];
        let mut words = [0; SCRATCH];
        let normaliser = 1.0 / self.batch_size.sqrt();
        for part in whitened.chunks_mut(SCRATCH) {
            let (draws, words) = (&mut draws[..part.len()], &mut words[..part.len()]);
            part.fill(0.0);
            match self.population {
                Population::Gaussian => {
                    for _ in 0..self.samples {
                        fill_normals(stream, draws);
                        for (sum, draw) in part.iter_mut().zip(&*draws) {
                            *sum += draw;
                        }
                    }
                }
                Population::Rademacher => add_signs(self.samples, stream, words, part),
                Population::Uniform => {
                    // Odd multiples of 2⁻⁵³ in (0, 1), centred and scaled to variance 1.
                    let width = 12.0_f64.sqrt();
                    for _ in 0..self.samples {
                        stream.fill_words(words);
                        for (sum, word) in part.iter_mut().zip(&*words) {
                            *sum += width * (((word >> 12) as f64 + 0.5) / TWO_TO_52 - 0.5);
                        }
                    }
                }
            }
            for sum in part {
                *sum *= normaliser;
            }
        }
    }

    fn variance_factor(&self) -> f64 {
        1.0 / self.batch_size
    }
}

/// Coordinates drawn at a time, so that the scratch stays on the stack.
const SCRATCH: usize = 256;
const TWO_TO_52: f64 = 4_503_599_627_370_496.0;

/// Adds the sum of `samples` random signs to each entry: 64 signs cost one word and a count of its ones.
fn add_signs(samples: u32, stream: &mut Stream, words: &mut [u64], sums: &mut [f64]) {
    let mut left = samples;
    while left > 0 {
        let taken = left.min(u64::BITS);
        stream.fill_words(words);
        for (sum, word) in sums.iter_mut().zip(&*words) {
            let ones = (word >> (u64::BITS - taken)).count_ones();
            *sum += 2.0 * f64::from(ones) - f64::from(taken);
        }
        left -= taken;
    }
}
