//! tanh of many numbers at once, branch-free and vectorised.
//!
//! ```text
//! tanh x = sign(x)·t/(t + 2),   t = e^{2|x|} − 1 = 2^k(e^r − 1) + (2^k − 1),   2|x| = k ln 2 + r,   |r| ≤ ½ ln 2
//! ```
//!
//! A polynomial in fused multiply-adds: the same bits with and without vector instructions.

#![expect(clippy::excessive_precision, reason = "fdlibm's parts of ln 2, digit by digit")]

/// Replaces each z of `values` by tanh z and writes the slope 1 − tanh² z to `slopes`.
pub(super) fn apply(values: &mut [f64], slopes: &mut [f64]) {
    pulp::Arch::new().dispatch(Apply { values, slopes });
}

struct Apply<'a> {
    values: &'a mut [f64],
    slopes: &'a mut [f64],
}

impl pulp::WithSimd for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Apply<'_> {
    #[inline(always)]
    fn run(self) {
        for (value, slope) in self.values.iter_mut().zip(self.slopes) {
            let a = tanh(*value);
            (*value, *slope) = (a, (1.0 - a) * (1.0 + a));
        }
    }
}

/// tanh x, within four units in the last place of that of libm; NaN for NaN.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    // Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    // 1/2!, …, 1/14!: what is left of the series is below 2⁻⁵⁶r.
    const C: [f64; 13] = [
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
        1.0 / 87_178_291_200.0,
    ];
    let y = 2.0 * x.abs();
    // Where tanh is 1 already; a NaN stays one.
    let y = if y > 40.0 { 40.0 } else { y };
    let shifted = y.mul_add(std::f64::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let r = k.mul_add(-LN_2_LOW, k.mul_add(-LN_2_HIGH, y));
    let mut series = C[12];
    for c in C[..12].iter().rev() {
        series = series.mul_add(r, *c);
    }
    let t = power.mul_add((r * r).mul_add(series, r), power - 1.0);
    (t / (t + 2.0)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_within_four_units_in_the_last_place_of_libm() {
        let mut worst = 0.0_f64;
        // From the smallest numbers up by 0.1 ‰, and evenly over where tanh bends.
        let small = std::iter::successors(Some(1e-300), |x| Some(x * 1.0001)).take_while(|x| *x < 50.0);
        for x in small.chain((0..400_000).map(|i| 1e-4 * f64::from(i))) {
            let exact = libm::tanh(x);
            let unit = f64::from_bits(exact.to_bits() + 1) - exact;
            worst = worst.max((tanh(x) - exact).abs() / unit);
            assert_eq!(tanh(-x).to_bits(), (-tanh(x)).to_bits());
        }
        assert!(worst <= 4.0, "{worst} units");
    }

    #[test]
    fn special_values_are_kept() {
        for x in [0.0, -0.0, 5e-324, -1e-310, 20.0, -700.0, 1e300, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(tanh(x).to_bits(), libm::tanh(x).to_bits(), "{x}");
        }
        assert!(tanh(f64::NAN).is_nan());
    }

    #[test]
    fn it_has_the_same_bits_with_and_without_vector_instructions() {
        let values: Vec<f64> = (0..1003).map(|i| 25.0 * libm::sin(1.0 + 12.9 * f64::from(i))).collect();
        let (mut vectorised, mut portable) = (values.clone(), values.clone());
        let mut slopes = [vec![0.0; 1003], vec![0.0; 1003]];
        apply(&mut vectorised, &mut slopes[0]);
        Apply { values: &mut portable, slopes: &mut slopes[1] }.run();
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&vectorised), bits(&portable));
        assert_eq!(bits(&slopes[0]), bits(&slopes[1]));
    }
}
