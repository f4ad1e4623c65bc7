//! Powers aᵏ of a contraction, and the share 1 − aᵏ of a stationary covariance that k steps have filled.

/// aᵏ by repeated squaring, the same on every platform.
pub(super) fn power(a: f64, mut k: u64) -> f64 {
    let (mut result, mut square) = (1.0, a);
    while k > 0 {
        if k & 1 == 1 {
            result *= square;
        }
        square *= square;
        k >>= 1;
    }
    result
}

/// 1 − (1 − δ)ᵏ without cancellation; for δ = 1 − a_ia_j this is the filled share of a stationary covariance.
pub(super) fn one_minus_power(delta: f64, k: u64) -> f64 {
    if delta < 1.0 { -libm::expm1(k as f64 * libm::log1p(-delta)) } else { 1.0 - power(1.0 - delta, k) }
}
