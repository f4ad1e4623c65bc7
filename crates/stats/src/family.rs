//! Families of tests: which of many may be rejected when no true hypothesis should be.

/// Which of the hypotheses with these p-values Holm's step-down procedure rejects, so that a true one is among them with
/// probability at most `error`, however the tests depend on each other. Cost O(m log m).
///
/// Source: S. Holm, Scand. J. Statist. 6 (1979) 65–70.
#[must_use]
pub fn holm(p_values: &[f64], error: f64) -> Vec<bool> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).filter(|i| !p_values[*i].is_nan()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]).then(i.cmp(&j)));
    let mut rejected = vec![false; m];
    for (rank, i) in order.into_iter().enumerate() {
        if p_values[i] > error / (m - rank) as f64 {
            break;
        }
        rejected[i] = true;
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rejection_makes_the_next_one_easier() {
        // Thresholds 0.05/4, /3, /2, /1: 0.016 needs the first, 0.03 would pass alone but comes third.
        assert_eq!(holm(&[0.03, 0.01, 0.016, 0.9], 0.05), [false, true, true, false]);
        assert_eq!(holm(&[0.02, 0.01, 0.016, 0.04], 0.05), [true, true, true, true]);
        assert_eq!(holm(&[0.016, 0.03], 0.025), [false, false]);
    }

    #[test]
    fn nothing_and_no_number_are_not_rejected() {
        assert!(holm(&[], 0.05).is_empty());
        assert_eq!(holm(&[f64::NAN, 0.0, 1.0], 0.05), [false, true, false]);
    }
}
