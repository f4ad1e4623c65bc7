//! Standard normals from a stream's bits by the Box–Muller transform, branch-free and vectorised.
//!
//! Every transcendental is a polynomial of ours in fused multiply-adds, so the compiler turns the loops into vector
//! instructions where the processor has them, and a normal has *the same bits* with and without them. The largest
//! errors against `libm`, and the law of the draws, are pinned in `tests/normal.rs`.
//!
//! Source: G. E. P. Box, M. E. Muller, *A note on the generation of random normal deviates*, Ann. Math. Statist. 29
//! (1958) 610–611; polynomials from Sun's fdlibm (`e_log.c`, `k_sin.c`, `k_cos.c`).

#![expect(clippy::excessive_precision, reason = "fdlibm's coefficients, digit by digit")]

use crate::stream::Stream;

/// Normals made at once: eight radii with their cosines, then the same radii with their sines.
const CHUNK: usize = 16;
const HALF: usize = CHUNK / 2;

/// Words turned into normals per call of the vectorised body; a multiple of [`CHUNK`].
const BATCH: usize = 1024;

/// Fills `normals` with independent draws from N(0, 1).
///
/// Consumes one word per normal, and the words of a whole chunk of 16 for a remainder. The largest value that can
/// occur is √(104 ln 2) ≈ 8.49, beyond which a normal lies with probability 2·10⁻¹⁷.
pub fn fill_normals(stream: &mut Stream, normals: &mut [f64]) {
    let arch = pulp::Arch::new();
    let mut words = [0_u64; BATCH];
    for batch in normals.chunks_mut(BATCH) {
        let rounded = batch.len().next_multiple_of(CHUNK);
        let words = &mut words[..rounded];
        stream.fill_words(words);
        if rounded == batch.len() {
            arch.dispatch(Transform { words, normals: batch });
        } else {
            let mut whole = [0.0; BATCH];
            arch.dispatch(Transform { words, normals: &mut whole[..rounded] });
            batch.copy_from_slice(&whole[..batch.len()]);
        }
    }
}

/// The transform of whole chunks of words without vector instructions of the running processor; for tests of
/// portability.
#[doc(hidden)]
pub fn transform_portably(words: &[u64], normals: &mut [f64]) {
    transform(words, normals);
}

/// [`transform`], compiled for the vector instructions of the running processor.
struct Transform<'a> {
    words: &'a [u64],
    normals: &'a mut [f64],
}

impl pulp::WithSimd for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        transform(self.words, self.normals);
    }
}

#[inline(always)]
fn transform(words: &[u64], normals: &mut [f64]) {
    let (words, _) = words.as_chunks::<CHUNK>();
    let (normals, _) = normals.as_chunks_mut::<CHUNK>();
    for (words, normals) in words.iter().zip(normals) {
        // One short loop a step, over arrays of known length: this is what the compiler turns into vectors.
        let (mut radius, mut sine, mut cosine) = ([0.0; HALF], [0.0; HALF], [0.0; HALF]);
        for lane in 0..HALF {
            radius[lane] = (-2.0 * ln_unit(words[lane])).sqrt();
        }
        for lane in 0..HALF {
            (sine[lane], cosine[lane]) = sin_cos_turn(words[HALF + lane]);
        }
        for lane in 0..HALF {
            normals[lane] = radius[lane] * cosine[lane];
            normals[HALF + lane] = radius[lane] * sine[lane];
        }
    }
}

/// ln U for U = 1 − (w >> 12)·2⁻⁵² ∈ (0, 1], by fdlibm's reduction and polynomial (error below one unit in the last
/// place).
#[inline(always)]
fn ln_unit(word: u64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    const L: [f64; 7] = [
        6.666_666_666_666_735_130e-1,
        3.999_999_999_940_941_908e-1,
        2.857_142_874_366_239_149e-1,
        2.222_219_843_214_978_396e-1,
        1.818_357_216_161_805_012e-1,
        1.531_383_769_920_937_332e-1,
        1.479_819_860_511_658_591e-1,
    ];
    let u = 2.0 - f64::from_bits(word >> 12 | ONE);
    // u = 2^k (1 + f) with 1 + f ∈ [√½, √2); the exponent reaches a float through the bits of 2⁵² + k.
    let shifted = u.to_bits().wrapping_add(ONE - SQRT_HALF);
    let k = f64::from_bits(shifted >> 52 | TWO_TO_52) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((shifted & MANTISSA).wrapping_add(SQRT_HALF)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * w.mul_add(w.mul_add(L[5], L[3]), L[1]);
    let odd = z * w.mul_add(w.mul_add(w.mul_add(L[6], L[4]), L[2]), L[0]);
    let half_square = 0.5 * f * f;
    let tail = s.mul_add(half_square + (even + odd), k * LN_2_LOW);
    k.mul_add(LN_2_HIGH, f - (half_square - tail))
}

/// (sin 2πV, cos 2πV) for V = (w >> 12)·2⁻⁵² − ½, by reduction to an eighth of a turn.
#[inline(always)]
fn sin_cos_turn(word: u64) -> (f64, f64) {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    // Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const S: [f64; 6] = [
        -1.666_666_666_666_663_243_48e-1,
        8.333_333_333_322_489_461_24e-3,
        -1.984_126_982_985_794_931_34e-4,
        2.755_731_370_707_006_767_89e-6,
        -2.505_076_025_340_686_341_95e-8,
        1.589_690_995_211_550_102_21e-10,
    ];
    const C: [f64; 6] = [
        4.166_666_666_666_660_190_37e-2,
        -1.388_888_888_887_410_957_49e-3,
        2.480_158_728_947_672_941_78e-5,
        -2.755_731_435_139_066_330_35e-7,
        2.087_572_321_298_174_827_90e-9,
        -1.135_964_755_778_819_482_65e-11,
    ];
    let v = f64::from_bits(word >> 12 | ONE) - 1.5;
    let rounded = v.mul_add(4.0, ROUND);
    let quarter = rounded.to_bits();
    let x = std::f64::consts::TAU * (rounded - ROUND).mul_add(-0.25, v);
    let z = x * x;
    let sine_tail = z.mul_add(z.mul_add(z.mul_add(z.mul_add(z.mul_add(S[5], S[4]), S[3]), S[2]), S[1]), S[0]);
    let sine = (z * x).mul_add(sine_tail, x);
    let cosine_tail = z.mul_add(z.mul_add(z.mul_add(z.mul_add(z.mul_add(C[5], C[4]), C[3]), C[2]), C[1]), C[0]);
    let cosine = z.mul_add(z.mul_add(cosine_tail, -0.5), 1.0);
    // Quarter turns exchange the two and flip signs; bit operations keep the loop free of branches.
    let exchange = (quarter & 1).wrapping_neg();
    let (sine_bits, cosine_bits) = (sine.to_bits(), cosine.to_bits());
    let difference = (sine_bits ^ cosine_bits) & exchange;
    let sine_sign = (quarter & 2) << 62;
    let cosine_sign = (quarter.wrapping_add(1) & 2) << 62;
    (f64::from_bits((sine_bits ^ difference) ^ sine_sign), f64::from_bits((cosine_bits ^ difference) ^ cosine_sign))
}
