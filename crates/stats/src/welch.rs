//! Two independent means, each known from sections of its own: Welch's test of their difference.
//!
//! ```text
//! T = (x̄ − ȳ)/√(s_x² + s_y²),   ν = (s_x² + s_y²)²/(s_x⁴/(K_x − 1) + s_y⁴/(K_y − 1))       s the standard errors
//! ```
//!
//! with T taken to be Student's with Satterthwaite's ν degrees of freedom. The skewness of the sections, which verdicts must
//! correct for, cancels here where both have the same law and equally many sections: then T is symmetric.
//!
//! With few sections ν is too large in the tail when the errors differ: of 8 and 12 normal sections with errors 0.3/√8 and
//! 0.1/√12, pairs that have not moved are told apart 1.6 times as often as stated at 10⁻³, 3 times at 10⁻⁴ and 7 times at 10⁻⁵
//! (simulated). So with fewer than [`FEWEST_SECTIONS`] on a side ν = min(K_x, K_y) − 1, which is never too large; the rates
//! are then 0.4, 0.2 and 0.05 of what is stated.
//!
//! Source: B. L. Welch, Biometrika 34 (1947) 28–35; F. E. Satterthwaite, Biometrics Bull. 2 (1946) 110–114; for the bound,
//! M. R. Mickey and M. B. Brown, Ann. Math. Statist. 37 (1966) 639–642.

use crate::FEWEST_SECTIONS;
use crate::student::upper_tail;

/// The relative difference of two numbers that is rounding.
pub const ROUNDING: f64 = 1e-9;

/// A mean over sections, as tables keep it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// x̄.
    pub mean: f64,
    /// s/√K.
    pub standard_error: f64,
    /// K.
    pub sections: u64,
}

/// How far `b` lies above `a` in standard errors of their difference; infinite where both are without error.
#[must_use]
pub fn standard_errors_apart(a: &Measured, b: &Measured) -> f64 {
    let difference = b.mean - a.mean;
    if difference == 0.0 { 0.0 } else { difference / libm::hypot(a.standard_error, b.standard_error) }
}

/// The two-sided error at which two independent means can be told apart; 1 for a difference that is rounding, and for two
/// means of a few equal sections, which say nothing about the next one.
#[must_use]
pub fn p_apart(a: &Measured, b: &Measured) -> f64 {
    if is_rounding(a.mean, b.mean, 0.0) {
        return 1.0;
    }
    let (u, v) = (a.standard_error * a.standard_error, b.standard_error * b.standard_error);
    let fewest = a.sections.min(b.sections);
    if u + v == 0.0 {
        return if fewest < FEWEST_SECTIONS { 1.0 } else { 0.0 };
    }
    let degrees = |sections: u64| sections.saturating_sub(1) as f64;
    // By shares of the variance, whose squares neither overflow nor vanish.
    let (u, v) = (u / (u + v), v / (u + v));
    let freedom = match fewest < FEWEST_SECTIONS {
        true => degrees(fewest),
        false => 1.0 / (u * u / degrees(a.sections) + v * v / degrees(b.sections)),
    };
    (2.0 * upper_tail(standard_errors_apart(a, b).abs(), freedom)).min(1.0)
}

/// Whether two numbers differ by no more than rounding, relative to the larger of them or to `size`.
#[must_use]
pub fn is_rounding(a: f64, b: f64, size: f64) -> bool {
    a == b || (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.ttest_ind_from_stats(m1, s1·√n1, n1, m2, s2·√n2, n2, equal_var=False)`, and for few sections
    /// `2·scipy.stats.t.sf(|m1 − m2|/hypot(s1, s2), 7)`.
    #[test]
    fn p_values_agree_with_reference_values() {
        let measured = |mean, standard_error, sections| Measured { mean, standard_error, sections };
        for (a, b, expected) in [
            (measured(1.0, 0.1, 128), measured(1.5, 0.05, 256), 1.321921807802579e-5),
            (measured(1.0, 0.1, 8), measured(1.5, 0.05, 12), 0.002893495120607212),
            (measured(-2.0, 0.3, 8), measured(-2.1, 0.0, 8), 0.7486445487540937),
        ] {
            assert!((p_apart(&a, &b) / expected - 1.0).abs() < 1e-9, "{} against {expected}", p_apart(&a, &b));
            assert_eq!(p_apart(&a, &b), p_apart(&b, &a));
        }
    }

    #[test]
    fn no_error_tells_all_but_rounding_apart_unless_there_are_few_sections() {
        let measured = |mean, sections| Measured { mean, standard_error: 0.0, sections };
        assert_eq!(p_apart(&measured(1.0, 128), &measured(1.0 + 1e-8, 128)), 0.0);
        assert_eq!(p_apart(&measured(1.0, 128), &measured(1.0 + 1e-12, 128)), 1.0);
        assert_eq!(p_apart(&measured(1.0, 8), &measured(0.9, 8)), 1.0);
    }
}
