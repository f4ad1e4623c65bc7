//! The gradient step on a batch of random quadratics, drawn through how many of them have curvature along each axis.
//!
//! ```text
//! N_i = Σ_p ξ_pi,    Σ_p h_p(e − w_p) = (λ_i(N_ie_i − σ√N_i·n_i))_i,    n ~ N(0, I)
//! ```
//!
//! in law, exactly: given the ξ, the sum of the N_i minima w_pi that count is N(0, σ²N_i). So b·d words and d normals do what
//! b·d words and b·d normals would. Symbols: see [`Ensemble`].

use sampling::Stream;
use sampling::normal::fill_normals;

use crate::block::{Row, WIDTH};
use crate::model::ensemble::{Ensemble, Members};

/// Draws batches for a block of replicates, and steps on them.
pub(super) struct CountedBatch<'a> {
    ensemble: &'a Ensemble,
    /// λ (d).
    magnitudes: &'a [f64],
    size: u32,
    /// What a uniform number is below where a sample counts: p for independent members; for rank one the sums of p up to
    /// each axis, of which the last is 1.
    thresholds: Vec<f64>,
    words: Vec<[u64; WIDTH]>,
    /// N (d rows).
    counts: Vec<Row>,
    /// n (d rows).
    normals: Vec<Row>,
}

impl<'a> CountedBatch<'a> {
    /// Batches of b = `size` samples of `ensemble`; all that is allocated.
    pub(super) fn new(ensemble: &'a Ensemble, size: u32) -> Self {
        let d = ensemble.magnitudes().len();
        let (thresholds, n_words) = match ensemble.members() {
            Members::Independent => (ensemble.chances().to_vec(), d),
            Members::RankOne => (ensemble.cumulative_chances().to_vec(), 1),
        };
        let rows = vec![[0.0; WIDTH]; d];
        CountedBatch {
            ensemble,
            magnitudes: ensemble.magnitudes(),
            size,
            thresholds,
            words: vec![[0; WIDTH]; n_words],
            counts: rows.clone(),
            normals: rows,
        }
    }

    /// e ← e − (η/b)Σ_p h_p(e − w_p) for every replicate, η = `step_size`.
    pub(super) fn step(&mut self, step_size: f64, stream: &mut Stream, errors: &mut [Row]) {
        let arch = pulp::Arch::new();
        self.counts.fill([0.0; WIDTH]);
        for _ in 0..self.size {
            stream.fill_words(self.words.as_flattened_mut());
            arch.dispatch(Count { thresholds: &self.thresholds, words: &self.words, counts: &mut self.counts });
        }
        if self.ensemble.members() == Members::RankOne {
            arch.dispatch(Differences { size: f64::from(self.size), counts: &mut self.counts });
        }
        fill_normals(stream, self.normals.as_flattened_mut());
        let (counts, normals) = (&self.counts[..], &self.normals[..]);
        let (magnitudes, sigma, share) = (self.magnitudes, self.ensemble.spread(), step_size / f64::from(self.size));
        arch.dispatch(Step { magnitudes, sigma, share, counts, normals, errors });
    }
}

/// Adds 1 to the count of each axis where the uniform number of a word, of the axis or of all, is below its threshold.
struct Count<'a> {
    thresholds: &'a [f64],
    /// d rows, or one.
    words: &'a [[u64; WIDTH]],
    counts: &'a mut [Row],
}

impl pulp::WithSimd for Count<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Count<'_> {
    #[inline(always)]
    fn run(self) {
        let all = self.counts.iter_mut().zip(self.thresholds).zip(self.words.iter().cycle());
        for ((counts, &threshold), words) in all {
            for lane in 0..WIDTH {
                counts[lane] += if uniform(words[lane]) < threshold { 1.0 } else { 0.0 };
            }
        }
    }
}

/// Turns the numbers of samples up to each axis into the numbers along it; all b are up to the last.
struct Differences<'a> {
    size: f64,
    counts: &'a mut [Row],
}

impl pulp::WithSimd for Differences<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Differences { size, counts } = self;
        if let Some(last) = counts.last_mut() {
            // The last sum of chances can be rounded to below 1.
            *last = [size; WIDTH];
        }
        for i in (1..counts.len()).rev() {
            let before = counts[i - 1];
            for lane in 0..WIDTH {
                counts[i][lane] -= before[lane];
            }
        }
    }
}

/// e ← e − share·λ(Ne − σ√N·n), where share = η/b.
struct Step<'a> {
    magnitudes: &'a [f64],
    sigma: f64,
    share: f64,
    counts: &'a [Row],
    normals: &'a [Row],
    errors: &'a mut [Row],
}

impl pulp::WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Step<'_> {
    #[inline(always)]
    fn run(self) {
        let Step { magnitudes, sigma, share, counts, normals, errors } = self;
        for (((e, &magnitude), count), normal) in errors.iter_mut().zip(magnitudes).zip(counts).zip(normals) {
            let scale = share * magnitude;
            for lane in 0..WIDTH {
                let noise = sigma * (count[lane].sqrt() * normal[lane]);
                e[lane] = scale.mul_add(noise - count[lane] * e[lane], e[lane]);
            }
        }
    }
}

/// A word as a number in [0, 1) with 52 bits, by a path that vector instructions have.
#[inline(always)]
fn uniform(word: u64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    f64::from_bits(word >> 12 | ONE) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::Spd;

    /// Words of no pattern: the sequence of splitmix64.
    fn words(n: usize) -> Vec<[u64; WIDTH]> {
        let mut state = 0_u64;
        let mut word = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        (0..n).map(|_| std::array::from_fn(|_| word())).collect()
    }

    #[test]
    fn directions_are_counted_as_they_are_drawn_one_by_one() -> Result<(), crate::DynamicsError> {
        let ensemble = Ensemble::new(&Spd::diagonal(&[1.0, 2.0, 4.0])?, 0.25, Members::RankOne, 1.0)?;
        let (mut counts, mut expected) = (vec![[0.0; WIDTH]; 3], vec![[0.0; WIDTH]; 3]);
        let batch = words(7);
        for words in batch.iter().map(std::slice::from_ref) {
            Count { thresholds: ensemble.cumulative_chances(), words, counts: &mut counts }.run();
            for (lane, word) in words[0].iter().enumerate() {
                expected[ensemble.direction(*word)][lane] += 1.0;
            }
        }
        pulp::Arch::new().dispatch(Differences { size: 7.0, counts: &mut counts });
        assert_eq!(counts, expected);
        Ok(())
    }

    #[test]
    fn a_step_has_the_same_bits_with_and_without_vector_instructions() {
        let (d, arch) = (5, pulp::Arch::new());
        let numbers = |first: f64| -> Vec<Row> {
            (0..d)
                .map(|i| std::array::from_fn(|lane| libm::sin(first + 12.9 * i as f64 + 78.2 * lane as f64)))
                .collect()
        };
        let (normals, magnitudes, words) = (numbers(0.3), [4.0, 3.0, 2.5, 1.0, 0.3], words(d));
        let outcomes = [true, false].map(|vectorised| {
            let (mut errors, mut counts) = (numbers(1.7), vec![[0.0; WIDTH]; d]);
            let count = Count { thresholds: &[0.1, 0.5, 0.7, 0.9, 1.0], words: &words, counts: &mut counts };
            if vectorised {
                arch.dispatch(count)
            } else {
                count.run()
            }
            let (counts, normals, errors_now) = (&counts[..], &normals[..], &mut errors[..]);
            let step = Step { magnitudes: &magnitudes, sigma: 0.5, share: 0.2, counts, normals, errors: errors_now };
            if vectorised {
                arch.dispatch(step)
            } else {
                step.run()
            }
            errors.into_iter().flatten().map(f64::to_bits).collect::<Vec<_>>()
        });
        assert_eq!(outcomes[0], outcomes[1]);
    }
}
