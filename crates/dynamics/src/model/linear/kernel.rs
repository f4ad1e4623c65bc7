//! Inner products and residuals of many samples, in sums of fixed order.

/// Sums that run beside each other: two vector registers of four.
const LANES: usize = 8;

/// aᵀb: eight sums of every eighth product, in fused multiply-adds, then their sum by halves.
#[inline(always)]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let ((whole_a, rest_a), (whole_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in whole_a.iter().zip(whole_b) {
        for lane in 0..LANES {
            sums[lane] = a[lane].mul_add(b[lane], sums[lane]);
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(rest_a).zip(rest_b) {
        *sum = a.mul_add(*b, *sum);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// to ← to + factor·row.
#[inline(always)]
pub(super) fn add_scaled(factor: f64, row: &[f64], to: &mut [f64]) {
    for (to, x) in to.iter_mut().zip(row) {
        *to = factor.mul_add(*x, *to);
    }
}

/// Some samples of a data set, seen at one error e.
pub(super) struct Samples<'a> {
    /// x_i (m), one after the other.
    pub(super) features: &'a [f64],
    /// σε_i.
    pub(super) label_errors: &'a [f64],
    /// e (m).
    pub(super) error: &'a [f64],
}

impl Samples<'_> {
    /// r_i = eᵀx_i − σε_i for all i, into `residuals` (n).
    pub(super) fn residuals(&self, residuals: &mut [f64]) {
        pulp::Arch::new().dispatch(Residuals { samples: self, residuals });
    }

    /// score ← score + Σ_{i ∈ batch} r_ix_i (m).
    pub(super) fn add_scores(&self, batch: &[u32], score: &mut [f64]) {
        pulp::Arch::new().dispatch(AddScores { samples: self, batch, score });
    }

    #[inline(always)]
    fn residual(&self, i: usize) -> (f64, &[f64]) {
        let x = &self.features[i * self.error.len()..][..self.error.len()];
        (dot(self.error, x) - self.label_errors[i], x)
    }
}

struct Residuals<'a> {
    samples: &'a Samples<'a>,
    residuals: &'a mut [f64],
}

impl pulp::WithSimd for Residuals<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        for (i, residual) in self.residuals.iter_mut().enumerate() {
            *residual = self.samples.residual(i).0;
        }
    }
}

struct AddScores<'a> {
    samples: &'a Samples<'a>,
    batch: &'a [u32],
    score: &'a mut [f64],
}

impl pulp::WithSimd for AddScores<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl AddScores<'_> {
    #[inline(always)]
    fn run(self) {
        for &i in self.batch {
            let (r, x) = self.samples.residual(i as usize);
            add_scaled(r, x, self.score);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of no pattern, in [−1, 1].
    fn numbers(first: f64, n: usize) -> Vec<f64> {
        (0..n).map(|i| libm::sin(first + 12.9 * i as f64)).collect()
    }

    #[test]
    fn an_inner_product_has_all_terms_whatever_its_length() {
        for n in 0..40 {
            let (a, b) = (numbers(0.3, n), numbers(1.7, n));
            let exact: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            assert!((dot(&a, &b) - exact).abs() < 1e-14, "{n}");
        }
    }

    #[test]
    fn scores_have_the_same_bits_with_and_without_vector_instructions() {
        for (m, n) in [(1, 3), (7, 5), (100, 9)] {
            let (features, label_errors, error) = (numbers(0.3, n * m), numbers(1.7, n), numbers(2.9, m));
            let samples = Samples { features: &features, label_errors: &label_errors, error: &error };
            let (mut vectorised, mut portable) = (vec![0.5; m], vec![0.5; m]);
            samples.add_scores(&[2, 0, 2], &mut vectorised);
            AddScores { samples: &samples, batch: &[2, 0, 2], score: &mut portable }.run();
            let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&vectorised), bits(&portable));
            let mut residuals = vec![0.0; n];
            samples.residuals(&mut residuals);
            let expected: Vec<f64> = (0..n).map(|i| samples.residual(i).0).collect();
            assert_eq!(bits(&residuals), bits(&expected));
        }
    }
}
