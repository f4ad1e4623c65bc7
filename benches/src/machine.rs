//! Measured speeds of this machine, on one thread: what the rooflines are made of.

use std::hint::black_box;

use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};

use crate::run::shortest;

/// What one thread can do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machine {
    /// Floating-point operations a second in fused multiply-adds, two each, from registers.
    pub operations_per_second: f64,
    /// Seconds of a standard normal, drawn 1 600 at a time (what a step in 50 dimensions asks for).
    pub normal: f64,
    /// Seconds of a random word, drawn 1 600 at a time.
    pub word: f64,
}

/// Numbers drawn by one call.
const DRAWN: usize = 1_600;

impl Machine {
    /// Measures, each part as the shortest of some `repeats`.
    #[must_use]
    pub fn measure(repeats: u32) -> Self {
        let calls = 500 * repeats.min(8);
        let mut stream = Stream::new(StreamKey { seed: 0, cell: "machine", block: 0, purpose: Purpose::Noise });
        let (mut normals, mut words) = (vec![0.0; DRAWN], vec![0; DRAWN]);
        let of_normals = shortest(repeats, || {
            for _ in 0..calls {
                fill_normals(&mut stream, black_box(&mut normals));
            }
        });
        let of_words = shortest(repeats, || {
            for _ in 0..calls {
                stream.fill_words(black_box(&mut words));
            }
        });
        let of_peak = shortest(repeats, || {
            black_box(pulp::Arch::new().dispatch(MultiplyAdds { steps: 1_000 * calls, factor: black_box(0.5) }));
        });
        let drawn = f64::from(calls) * DRAWN as f64;
        let operations = 2.0 * (CHAINS * LANES) as f64 * 1_000.0 * f64::from(calls);
        Machine { operations_per_second: operations / of_peak, normal: of_normals / drawn, word: of_words / drawn }
    }
}

/// Chains of multiply-adds that wait for nobody: enough to fill two pipes of four or five cycles.
const CHAINS: usize = 10;
/// Numbers of a chain, which the compiler makes a vector.
const LANES: usize = 4;

/// x ← fx + f on all lanes of all chains.
struct MultiplyAdds {
    steps: u32,
    factor: f64,
}

impl pulp::WithSimd for MultiplyAdds {
    type Output = [[f64; LANES]; CHAINS];

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
        let mut chains = [[1.0_f64; LANES]; CHAINS];
        for _ in 0..self.steps {
            for chain in &mut chains {
                for x in chain {
                    *x = self.factor.mul_add(*x, self.factor);
                }
            }
        }
        chains
    }
}
