//! Reproducible streams of random bits, one per (seed, cell, block, purpose).
//!
//! A stream is four [`Pcg64Dxsm`] generators read in turn. Their states *and* increments come from BLAKE3 in
//! key-derivation mode, because streams of one PCG that differ only in the increment are correlated, and because a hash
//! makes a stream independent of every other key: adding a cell, a block or a purpose shifts no existing number.
//! Four generators instead of one hide the latency of the 128-bit multiplication.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Dxsm;

/// The version of the map from keys to numbers; a change here changes every simulated value.
///
/// Stored in each manifest, so that results of different versions are never mixed.
pub const STREAM_VERSION: u32 = 1;

/// How many generators a stream reads in turn.
const GENERATORS: usize = 4;

/// The domain-separation string of the key derivation (BLAKE3 asks for a unique, hard-coded one).
const CONTEXT: &str = "sgd-noise 2026-11 stream of (seed, cell, block, purpose)";

/// What the numbers of a stream are used for; two purposes never share bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A problem's random matrices, drawn once per problem.
    Problem,
    /// Where the replicates start.
    Start,
    /// The noise of the mini-batch gradients.
    Noise,
}

impl Purpose {
    fn tag(self) -> &'static str {
        match self {
            Purpose::Problem => "problem",
            Purpose::Start => "start",
            Purpose::Noise => "noise",
        }
    }
}

/// The full name of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamKey<'a> {
    /// The seed of the experiment.
    pub seed: u64,
    /// The cell's place in the sweep, in canonical text. Variants of one cell share it, and so share their numbers.
    pub cell: &'a str,
    /// The block of replicates within the cell.
    pub block: u64,
    /// What the numbers are for.
    pub purpose: Purpose,
}

/// An endless, reproducible sequence of 64-bit words.
#[derive(Debug, Clone)]
pub struct Stream {
    generators: [Pcg64Dxsm; GENERATORS],
}

impl Stream {
    /// The stream that belongs to `key`.
    ///
    /// # Example
    /// ```
    /// use sampling::{Purpose, Stream, StreamKey};
    /// let key = StreamKey { seed: 7, cell: "", block: 0, purpose: Purpose::Noise };
    /// let (mut a, mut b) = ([0; 8], [0; 8]);
    /// Stream::new(key).fill_words(&mut a);
    /// Stream::new(key).fill_words(&mut b);
    /// assert_eq!(a, b);
    /// Stream::new(StreamKey { block: 1, ..key }).fill_words(&mut b);
    /// assert_ne!(a, b);
    /// ```
    #[must_use]
    pub fn new(key: StreamKey<'_>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&STREAM_VERSION.to_le_bytes());
        hasher.update(&key.seed.to_le_bytes());
        hasher.update(&key.block.to_le_bytes());
        // Length first, so that no (purpose, cell) pair can be read as another.
        for text in [key.purpose.tag(), key.cell] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        let mut material = hasher.finalize_xof();
        let generators = std::array::from_fn(|_| {
            let mut seed = [0; 32];
            material.fill(&mut seed);
            Pcg64Dxsm::from_seed(seed)
        });
        Stream { generators }
    }

    /// Fills `words`, taking turns between the generators: word `i` is the next one of generator `i mod 4`.
    ///
    /// A length that is no multiple of four draws, and drops, the words that complete the last turn; the stream so
    /// always stands at a turn's beginning and a call's numbers depend on the lengths of the earlier calls alone.
    #[inline]
    pub fn fill_words(&mut self, words: &mut [u64]) {
        let [mut a, mut b, mut c, mut d] = self.generators.clone();
        let mut turns = words.chunks_exact_mut(GENERATORS);
        for turn in &mut turns {
            turn[0] = a.next_u64();
            turn[1] = b.next_u64();
            turn[2] = c.next_u64();
            turn[3] = d.next_u64();
        }
        let rest = turns.into_remainder();
        if !rest.is_empty() {
            let turn = [a.next_u64(), b.next_u64(), c.next_u64(), d.next_u64()];
            rest.copy_from_slice(&turn[..rest.len()]);
        }
        self.generators = [a, b, c, d];
    }
}
