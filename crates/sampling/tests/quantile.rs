//! The normal quantile against values of 40 digits, and against the distribution function that it inverts.

use sampling::quantile::{normal_density, normal_quantile};

/// Both sides of each seam between the three rational functions (0.075 and e⁻²⁵ = 1.4·10⁻¹¹) are among them.
#[test]
fn quantiles_agree_with_forty_digit_arithmetic() {
    let known = [
        (1e-300, -37.047_096_299_361_2),
        (1e-17, -8.493_793_224_109_598),
        (1e-10, -6.361_340_902_404_056),
        (0.001, -3.090_232_306_167_813_5),
        (0.024_25, -1.972_961_051_311_885),
        (0.074_9, -1.440_238_267_527_963_6),
        (0.075, -1.439_531_470_938_456),
        (0.25, -0.674_489_750_196_081_7),
        (0.4, -0.253_347_103_135_799_8),
        (0.9, 1.281_551_565_544_600_5),
    ];
    for (p, z) in known {
        assert!((normal_quantile(p) / z - 1.0).abs() < 2e-15, "p = {p}: {}", normal_quantile(p));
    }
}

/// A relative error ε in z moves Φ(z) by z²ε of itself in the tail, so 10⁻¹⁵(4 + z²) leaves z about 10⁻¹⁵.
#[test]
fn the_distribution_function_leads_back() {
    let distribution = |z: f64| 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
    let within = |p: f64, z: f64| (distribution(z) / p - 1.0).abs() < 1e-15 * (4.0 + z * z);
    let mut p = 0.5;
    while p > 1e-300 {
        assert!(within(p, normal_quantile(p)), "p = {p}");
        assert!(!within(p, normal_quantile(p) + 1e-14 * (1.0 + normal_quantile(p).abs())), "p = {p}: 10⁻¹⁴ off");
        p *= if p > 1e-3 { 0.997 } else { 0.8 };
    }
}

#[test]
fn quantiles_are_odd_about_one_half_and_defined_at_the_ends() {
    for k in 1..512 {
        let p = f64::from(k) / 1024.0;
        assert_eq!(normal_quantile(1.0 - p), -normal_quantile(p), "1 − p is exact here");
    }
    assert_eq!([normal_quantile(0.0), normal_quantile(1.0)], [f64::NEG_INFINITY, f64::INFINITY]);
    assert!([-0.1, 1.1, f64::NAN].iter().all(|&p| normal_quantile(p).is_nan()));
}

#[test]
fn the_density_is_the_slope_of_the_distribution_function() {
    assert_eq!(normal_density(0.0), 0.398_942_280_401_432_7);
    assert_eq!([normal_density(f64::INFINITY), normal_density(f64::NEG_INFINITY)], [0.0; 2]);
    for x in [-3.0, -0.4, 1.7] {
        let slope = (normal_density(x + 1e-5) - normal_density(x - 1e-5)) / 2e-5;
        assert!((slope + x * normal_density(x)).abs() < 1e-9, "φ' = −xφ at {x}");
    }
}
