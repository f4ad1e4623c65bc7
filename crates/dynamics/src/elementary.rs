//! Elementary functions of inner loops, by polynomials of our own: free of branches, so that the compiler turns loops over
//! them into vector code, and with the same bits with and without it.
//!
//! ```text
//! e^{−a} = 2^{−k}e^{−r},  |r| ≤ ½ln 2, by Taylor's polynomial of degree 13, whose remainder is below 5·10⁻¹⁸
//! ln(1 + t) = 2 artanh(s),  s = t/(2 + t) ≤ ⅓, by the first 16 terms of the series, the rest of which is below 3·10⁻¹⁸
//! ```
//!
//! Their largest errors against `libm` are pinned in the tests below.

/// 1/k! for k = 0…13.
const EXPONENTIAL: [f64; 14] = {
    let mut coefficients = [1.0; 14];
    let (mut k, mut factorial) = (1, 1.0);
    while k < 14 {
        factorial *= k as f64;
        coefficients[k] = 1.0 / factorial;
        k += 1;
    }
    coefficients
};

/// 1/(2k + 1) for k = 0…15.
const ARTANH: [f64; 16] = {
    let mut coefficients = [1.0; 16];
    let mut k = 1;
    while k < 16 {
        coefficients[k] = 1.0 / (2 * k + 1) as f64;
        k += 1;
    }
    coefficients
};

/// e^{−|u|}, and e^{−708} where that is smaller.
#[inline(always)]
pub(crate) fn exp_minus_magnitude(u: f64) -> f64 {
    // Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    #[expect(clippy::excessive_precision, reason = "fdlibm's constants, digit by digit")]
    const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    #[expect(clippy::excessive_precision, reason = "fdlibm's constants, digit by digit")]
    const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    // 708 is within the range of normal numbers. Written so, a NaN stays one.
    let a = if u.abs() > 708.0 { 708.0 } else { u.abs() };
    let rounded = a.mul_add(std::f64::consts::LOG2_E, ROUND);
    let k = rounded - ROUND;
    let r = k.mul_add(-LN_2_LOW, k.mul_add(-LN_2_HIGH, a));
    let scale = f64::from_bits(1023_u64.wrapping_sub(rounded.to_bits() & 0xffff) << 52);
    polynomial(&EXPONENTIAL, -r) * scale
}

/// 1/(1 + e⁻ᵘ).
#[inline(always)]
pub(crate) fn sigmoid(u: f64) -> f64 {
    let t = exp_minus_magnitude(u);
    let numerator = if u >= 0.0 { 1.0 } else { t };
    numerator / (1.0 + t)
}

/// ln(1 + eᵘ).
#[inline(always)]
pub(crate) fn softplus(u: f64) -> f64 {
    let t = exp_minus_magnitude(u);
    let s = t / (2.0 + t);
    (2.0 * s).mul_add(polynomial(&ARTANH, s * s), u.max(0.0))
}

/// Σ_k c_k x^k by Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let mut sum = coefficients[N - 1];
    for coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPSILON: f64 = f64::EPSILON;

    /// 0, and both signs of magnitudes from 10⁻³⁰⁰ to 10³⁰⁸, dense between 10⁻⁴ and 800.
    fn arguments() -> impl Iterator<Item = f64> {
        let powers = (-300..=308).map(|k| 1.7 * libm::exp10(f64::from(k)));
        let dense = (0..400_000).map(|k| 1e-4 * libm::exp(f64::from(k) * (libm::log(8e6) / 4e5)));
        std::iter::once(0.0).chain(powers).chain(dense).flat_map(|a| [a, -a])
    }

    fn largest(errors: impl Fn(f64) -> f64) -> f64 {
        arguments().map(errors).fold(0.0, f64::max)
    }

    #[test]
    fn errors_against_libm_are_a_few_units_in_the_last_place() {
        let relative = |value: f64, exact: f64| (value - exact).abs() / exact;
        let of_exp = largest(|u| relative(exp_minus_magnitude(u), libm::exp(-u.abs().min(708.0))));
        let of_sigmoid = largest(|u| {
            let t = libm::exp(-u.abs().min(708.0));
            relative(sigmoid(u), if u >= 0.0 { 1.0 } else { t } / (1.0 + t))
        });
        let of_softplus = largest(|u| relative(softplus(u), u.max(0.0) + libm::log1p(libm::exp(-u.abs().min(708.0)))));
        let in_epsilons = [of_exp, of_sigmoid, of_softplus].map(|error| (10.0 * error / EPSILON).ceil() / 10.0);
        assert_eq!(in_epsilons, [1.0, 1.5, 2.7]);
    }

    #[test]
    fn limits_are_reached_and_what_is_no_number_stays_none() {
        assert_eq!((exp_minus_magnitude(0.0), sigmoid(0.0)), (1.0, 0.5));
        assert!((softplus(0.0) - std::f64::consts::LN_2).abs() <= 1.2e-16);
        assert_eq!((sigmoid(f64::INFINITY), softplus(f64::INFINITY)), (1.0, f64::INFINITY));
        assert!(sigmoid(f64::NEG_INFINITY) < 1e-300 && softplus(f64::NEG_INFINITY) < 1e-300);
        assert!([exp_minus_magnitude, sigmoid, softplus].into_iter().all(|f| f(f64::NAN).is_nan()));
    }
}
