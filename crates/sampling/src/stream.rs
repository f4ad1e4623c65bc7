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
pub const STREAM_VERSION: u32 = 2;

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

    /// The next N words; N is a multiple of four, so that the stream stands at a turn's beginning.
    #[inline(always)]
    pub(crate) fn next_words<const N: usize>(&mut self) -> [u64; N] {
        const { assert!(N.is_multiple_of(GENERATORS)) };
        let mut words = [0; N];
        for turn in words.as_chunks_mut::<GENERATORS>().0 {
            for (word, generator) in turn.iter_mut().zip(&mut self.generators) {
                *word = generator.next_u64();
            }
        }
        words
    }

    /// Fills `words`, taking turns between the generators: word `i` is the next one of generator `i mod 4`.
    ///
    /// A length that is no multiple of four draws, and drops, the words that complete the last turn; the stream so
    /// always stands at a turn's beginning and a call's numbers depend on the lengths of the earlier calls alone.
    pub fn fill_words(&mut self, words: &mut [u64]) {
        pulp::Arch::new().dispatch(FillWords { stream: self, words });
    }
}

/// [`Stream::fill_words`], compiled for the vector instructions of the running processor, which multiply words faster.
struct FillWords<'a> {
    stream: &'a mut Stream,
    words: &'a mut [u64],
}

impl pulp::WithSimd for FillWords<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        // A copy of the generators stays in registers.
        let mut stream = self.stream.clone();
        let (turns, rest) = self.words.as_chunks_mut::<GENERATORS>();
        turns.iter_mut().for_each(|turn| *turn = stream.next_words());
        if !rest.is_empty() {
            rest.copy_from_slice(&stream.next_words::<GENERATORS>()[..rest.len()]);
        }
        *self.stream = stream;
    }
}
