//! Words of a stream one at a time, as indices and as uniform numbers.

use crate::stream::Stream;

/// Words drawn from the stream at once.
const BUFFER: usize = 256;

/// A known number of words, read from a stream in pieces that stay on the stack.
pub(super) struct Words<'a> {
    stream: &'a mut Stream,
    buffer: [u64; BUFFER],
    next: usize,
    filled: usize,
    left: usize,
}

impl<'a> Words<'a> {
    /// Will read `count` words, and so consumes exactly those (rounded up to a turn of the stream).
    pub(super) fn new(stream: &'a mut Stream, count: usize) -> Self {
        Words { stream, buffer: [0; BUFFER], next: 0, filled: 0, left: count }
    }

    /// An index that is uniform on 0, …, n − 1, as the high half of word × n.
    ///
    /// Each index has ⌊2⁶⁴/n⌋ or one more of the 2⁶⁴ words: its probability is 1/n within a relative n/2⁶⁴, which is
    /// 2⁻⁴⁰ or less for every pool, and too little to be seen in fewer than 2⁸⁰ draws.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the high half is below n, which is a u32")]
    pub(super) fn index(&mut self, n: u32) -> u32 {
        ((u128::from(self.word()) * u128::from(n)) >> 64) as u32
    }

    /// A uniform number in (0, 1): an odd multiple of 2⁻⁵³.
    #[inline]
    pub(super) fn unit(&mut self) -> f64 {
        const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
        ((self.word() >> 12) as f64 + 0.5) / TWO_TO_52
    }

    #[inline]
    fn word(&mut self) -> u64 {
        if self.next == self.filled {
            // A reader that asks for more than it announced still gets fresh words.
            self.filled = self.left.clamp(1, BUFFER);
            self.left = self.left.saturating_sub(self.filled);
            self.stream.fill_words(&mut self.buffer[..self.filled]);
            self.next = 0;
        }
        self.next += 1;
        self.buffer[self.next - 1]
    }
}
