//! Standard normals from a stream's bits by the Box–Muller transform, branch-free and vectorised.
//!
//! One 64-bit word gives two normals: 36 of its bits a radius √(−2 ln U), the other 28 a direction. Every transcendental
//! is a polynomial of ours in fused multiply-adds, so the compiler turns the loops into vector instructions where the
//! processor has them, and a normal has *the same bits* with and without them. The largest errors against `libm`, and
//! the law of the draws, are pinned in `tests/normal.rs`.
//!
//! Source: G. E. P. Box, M. E. Muller, *A note on the generation of random normal deviates*, Ann. Math. Statist. 29
//! (1958) 610–611. The polynomials are minimax fits by the Remez exchange in 60 digits.

use std::f64::consts::LN_2;

use crate::stream::Stream;

/// Words that are transformed together, each one to two normals: first all cosines, then all sines.
const LANES: usize = 8;
const CHUNK: usize = 2 * LANES;

/// The bits of 1, to which the leading bits of a fraction are put to make a number in [1, 2).
const ONE: u64 = 0x3ff0_0000_0000_0000;

type Words = [u64; LANES];
type Vector = [f64; LANES];

/// Fills `normals` with independent draws from N(0, 1).
///
/// Consumes one word for two normals, and the words of a whole chunk of 16 normals for a remainder. A radius is one of
/// 2³⁶ equally likely values and a direction one of 2²⁸; the largest normal is √(74 ln 2) ≈ 7.16, beyond which one lies
/// with probability 8·10⁻¹³.
pub fn fill_normals(stream: &mut Stream, normals: &mut [f64]) {
    if normals.is_empty() {
        return;
    }
    let arch = pulp::Arch::new();
    let (chunks, rest) = normals.as_chunks_mut();
    arch.dispatch(Fill { stream, chunks });
    if !rest.is_empty() {
        let mut whole = [[0.0; CHUNK]];
        arch.dispatch(Fill { stream, chunks: &mut whole });
        rest.copy_from_slice(&whole[0][..rest.len()]);
    }
}

/// The normals that `words` give, whole chunks of both, without vector instructions of the running processor; for
/// tests of portability.
#[doc(hidden)]
pub fn transform_portably(words: &[u64], normals: &mut [f64]) {
    let mut words = words.as_chunks().0.iter();
    fill(normals.as_chunks_mut().0, || words.next().copied().unwrap_or_default());
}

/// [`fill`] from a stream, compiled for the vector instructions of the running processor.
struct Fill<'a> {
    stream: &'a mut Stream,
    chunks: &'a mut [[f64; CHUNK]],
}

impl pulp::WithSimd for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        // A copy of the generators stays in registers.
        let mut stream = self.stream.clone();
        fill(self.chunks, || stream.next_words());
        *self.stream = stream;
    }
}

/// Transforms a group of words for each chunk. The quotients of the next group are under way while the polynomials of
/// this one are evaluated, so that neither waits for the other.
#[inline(always)]
fn fill(chunks: &mut [[f64; CHUNK]], mut next_words: impl FnMut() -> Words) {
    let Some((last, chunks)) = chunks.split_last_mut() else { return };
    let mut words = next_words();
    let mut reduced = Reduced::new(&words);
    for chunk in chunks {
        let next = next_words();
        let next_reduced = Reduced::new(&next);
        write(chunk, &reduced.radius(), &direction(&words));
        (words, reduced) = (next, next_reduced);
    }
    write(last, &reduced.radius(), &direction(&words));
}

#[inline(always)]
fn write(chunk: &mut [f64; CHUNK], radius: &Vector, (cosine, sine): &(Vector, Vector)) {
    for lane in 0..LANES {
        chunk[lane] = radius[lane] * cosine[lane];
        chunk[LANES + lane] = radius[lane] * sine[lane];
    }
}

/// One short loop for each operation is what the compiler turns into vectors.
#[inline(always)]
fn each(mut value: impl FnMut(usize) -> f64) -> Vector {
    let mut vector = [0.0; LANES];
    for lane in 0..LANES {
        vector[lane] = value(lane);
    }
    vector
}

/// Σ_k c_k x^k by Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: &Vector) -> Vector {
    let mut sum = [coefficients[N - 1]; LANES];
    for &coefficient in coefficients[..N - 1].iter().rev() {
        sum = each(|lane| sum[lane].mul_add(x[lane], coefficient));
    }
    sum
}

/// U = 2^k(1 + f) with 1 + f ∈ [√½, √2), as k and s = f/(2 + f), so that ln U = k ln 2 + 2 artanh s.
struct Reduced {
    exponent: Vector,
    quotient: Vector,
}

impl Reduced {
    /// For U = (⌊w/2²⁸⌋ + ½)·2⁻³⁶ ∈ (0, 1).
    #[inline(always)]
    fn new(words: &Words) -> Self {
        const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
        const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
        const LEADING_36: u64 = 0x000f_ffff_ffff_0000;
        const HALF_OF_LAST: u64 = 0x8000;
        const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
        let u = each(|lane| f64::from_bits((words[lane] >> 12) & LEADING_36 | (ONE | HALF_OF_LAST)) - 1.0);
        // Moves √½ to the beginning of a binade; the exponent reaches a float through the bits of 2⁵² + k.
        let shifted = |lane: usize| u[lane].to_bits().wrapping_add(ONE - SQRT_HALF);
        let f = each(|lane| f64::from_bits((shifted(lane) & MANTISSA).wrapping_add(SQRT_HALF)) - 1.0);
        Reduced {
            quotient: each(|lane| f[lane] / (2.0 + f[lane])),
            exponent: each(|lane| f64::from_bits(shifted(lane) >> 52 | TWO_TO_52) - (4_503_599_627_370_496.0 + 1023.0)),
        }
    }

    /// √(−2 ln U).
    #[inline(always)]
    fn radius(&self) -> Vector {
        /// −4 artanh(s)/s as a polynomial in s² ≤ (√2 − 1)²/(√2 + 1)²; relative error 2·10⁻¹⁶.
        const MINUS_4_ARTANH: [f64; 7] = [
            -4.000000000000001,
            -1.333333333331036,
            -0.8000000012436664,
            -0.5714283191409756,
            -0.4444687749240674,
            -0.36243615203909263,
            -0.3367819309576561,
        ];
        let Reduced { exponent: k, quotient: s } = self;
        let logarithm = polynomial(&MINUS_4_ARTANH, &each(|lane| s[lane] * s[lane]));
        each(|lane| k[lane].mul_add(-2.0 * LN_2, s[lane] * logarithm[lane]).sqrt())
    }
}

/// (±cos πv, sin πv) for v = ((w mod 2²⁸ without its top bit) + ½)·2⁻²⁷ − ½ ∈ (−½, ½), the sign being that top bit.
#[inline(always)]
fn direction(words: &Words) -> (Vector, Vector) {
    const LEADING_27: u64 = 0x000f_ffff_fe00_0000;
    const HALF_OF_LAST: u64 = 0x0100_0000;
    const SIGN: u64 = 1 << 63;
    /// sin(πv)/v as a polynomial in v² ≤ ¼; error 4·10⁻¹⁶.
    const SINE: [f64; 8] = [
        3.1415926535897927,
        -5.167712780049786,
        2.5501640398619,
        -0.5992645288260054,
        0.08214587882523941,
        -0.007370364378905986,
        0.00046598716815069677,
        -2.1133801443867396e-5,
    ];
    /// cos(πv) as a polynomial in v² ≤ ¼; error 4·10⁻¹⁸.
    const COSINE: [f64; 9] = [
        1.0,
        -4.934802200544676,
        4.058712126416498,
        -1.3352627688434646,
        0.23533063012980843,
        -0.0258068887393532,
        0.001929556283593826,
        -0.00010456658073743866,
        4.149591701727263e-6,
    ];
    let v = each(|lane| f64::from_bits((words[lane] << 25) & LEADING_27 | (ONE | HALF_OF_LAST)) - 1.5);
    let square = each(|lane| v[lane] * v[lane]);
    let (cosine, sine) = (polynomial(&COSINE, &square), polynomial(&SINE, &square));
    (
        each(|lane| f64::from_bits(cosine[lane].to_bits() ^ (words[lane] << 36 & SIGN))),
        each(|lane| v[lane] * sine[lane]),
    )
}
