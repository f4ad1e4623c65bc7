//! The loops over the samples of an empirical risk: for a block of replicates, and for all samples at one θ.

use crate::block::{Row, WIDTH};
use crate::problem::empirical::{EmpiricalRisk, MarginLoss};

/// [`SmoothProblem::add_scores`](crate::problem::SmoothProblem::add_scores).
pub(super) struct AddScores<'a, L> {
    pub(super) risk: &'a EmpiricalRisk<L>,
    pub(super) picks: &'a [[u32; WIDTH]],
    pub(super) parameters: &'a [Row],
    pub(super) scratch: &'a mut [Row],
    pub(super) sums: &'a mut [Row],
}

impl<L: MarginLoss> pulp::WithSimd for AddScores<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl<L: MarginLoss> AddScores<'_, L> {
    #[inline(always)]
    fn run(self) {
        let EmpiricalRisk { samples, loss, ridge } = self.risk;
        let mut targets = [0.0; WIDTH];
        for picks in self.picks {
            for (lane, &pick) in picks.iter().enumerate() {
                targets[lane] = samples.targets()[pick as usize];
            }
            for (four, picks) in picks.as_chunks::<4>().0.iter().enumerate() {
                transpose(picks.map(|pick| samples.features(pick as usize)), four, self.scratch);
            }
            let mut margins = [0.0; WIDTH];
            for (x, theta) in self.scratch.iter().zip(self.parameters) {
                for lane in 0..WIDTH {
                    margins[lane] = x[lane].mul_add(theta[lane], margins[lane]);
                }
            }
            let slopes = loss.slopes(&margins, &targets);
            for (sum, x) in self.sums.iter_mut().zip(&*self.scratch) {
                *sum = std::array::from_fn(|lane| slopes[lane].mul_add(x[lane], sum[lane]));
            }
        }
        add_scaled(self.picks.len() as f64 * ridge, self.parameters, self.sums);
    }
}

/// `rows` ← four samples as the lanes 4·`four`…4·`four` + 3, four coordinates of each at a time.
#[inline(always)]
fn transpose(samples: [&[f64]; 4], four: usize, rows: &mut [Row]) {
    let split = samples.map(|sample| sample.as_chunks::<4>());
    let [a, b, c, d] = split.map(|(whole, _)| whole);
    let (blocks, rest) = rows.as_chunks_mut::<4>();
    for ((((rows, a), b), c), d) in blocks.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let columns = [*a, *b, *c, *d];
        for (k, row) in rows.iter_mut().enumerate() {
            row.as_chunks_mut().0[four] = columns.map(|column| column[k]);
        }
    }
    let [a, b, c, d] = split.map(|(_, rest)| rest);
    for ((((row, a), b), c), d) in rest.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        row.as_chunks_mut().0[four] = [*a, *b, *c, *d];
    }
}

/// [`SmoothProblem::full_gradients`](crate::problem::SmoothProblem::full_gradients).
pub(super) struct FullGradients<'a, L> {
    pub(super) risk: &'a EmpiricalRisk<L>,
    pub(super) parameters: &'a [Row],
    pub(super) gradients: &'a mut [Row],
}

impl<L: MarginLoss> pulp::WithSimd for FullGradients<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl<L: MarginLoss> FullGradients<'_, L> {
    #[inline(always)]
    fn run(self) {
        let EmpiricalRisk { samples, loss, ridge } = self.risk;
        self.gradients.fill([0.0; WIDTH]);
        for (x, y) in samples.iter() {
            let mut margins = [0.0; WIDTH];
            for (&x, theta) in x.iter().zip(self.parameters) {
                for lane in 0..WIDTH {
                    margins[lane] = x.mul_add(theta[lane], margins[lane]);
                }
            }
            let slopes = loss.slopes(&margins, &[y; WIDTH]);
            for (gradient, &x) in self.gradients.iter_mut().zip(x) {
                *gradient = std::array::from_fn(|lane| slopes[lane].mul_add(x, gradient[lane]));
            }
        }
        let share = 1.0 / samples.count() as f64;
        self.gradients.as_flattened_mut().iter_mut().for_each(|gradient| *gradient *= share);
        add_scaled(*ridge, self.parameters, self.gradients);
    }
}

/// sums ← sums + factor·rows, where a factor of 0 costs nothing.
#[inline(always)]
fn add_scaled(factor: f64, rows: &[Row], sums: &mut [Row]) {
    if factor == 0.0 {
        return;
    }
    for (sum, row) in sums.as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
        *sum = factor.mul_add(*row, *sum);
    }
}

/// The loss, or one of its derivatives in the margin.
#[derive(Clone, Copy)]
pub(super) enum Derivative {
    /// φ.
    Value,
    /// φ'.
    Slope,
    /// φ''.
    Curvature,
}

/// `values` ← φ, φ' or φ'' at x_iᵀθ and y_i for all n samples, 32 at a time.
pub(super) struct AtSamples<'a, L> {
    pub(super) risk: &'a EmpiricalRisk<L>,
    pub(super) theta: &'a [f64],
    pub(super) derivative: Derivative,
    pub(super) values: &'a mut [f64],
}

impl<L: MarginLoss> pulp::WithSimd for AtSamples<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl<L: MarginLoss> AtSamples<'_, L> {
    #[inline(always)]
    fn run(self) {
        let EmpiricalRisk { samples, loss, .. } = self.risk;
        for (block, values) in self.values.chunks_mut(WIDTH).enumerate() {
            let (mut margins, mut targets) = ([0.0; WIDTH], [0.0; WIDTH]);
            for lane in 0..values.len() {
                let i = block * WIDTH + lane;
                targets[lane] = samples.targets()[i];
                for (x, theta) in samples.features(i).iter().zip(self.theta) {
                    margins[lane] = x.mul_add(*theta, margins[lane]);
                }
            }
            let of_block = match self.derivative {
                Derivative::Value => loss.values(&margins, &targets),
                Derivative::Slope => loss.slopes(&margins, &targets),
                Derivative::Curvature => loss.curvatures(&margins, &targets),
            };
            values.copy_from_slice(&of_block[..values.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::logistic::LogLoss;
    use crate::problem::nonconvex::GemanMcClure;
    use crate::problem::samples::Samples;

    fn number(k: usize) -> f64 {
        libm::sin(0.3 + 12.9 * k as f64)
    }

    /// 3, 32 and 70 samples: less than a block, one, and two with a rest. Margins reach 40.
    fn check<L: MarginLoss>(loss: L) {
        for n in [3, 32, 70] {
            let features = (0..3 * n).map(|k| 20.0 * number(k)).collect();
            let targets = (0..n).map(|i| f64::from(i % 3 == 0)).collect();
            let samples = Samples::from_rows(3, features, targets).expect("enough samples");
            let risk = EmpiricalRisk { samples, loss, ridge: 0.0 };
            let theta = [1.0, -0.5, 0.7];
            for derivative in [Derivative::Value, Derivative::Slope, Derivative::Curvature] {
                let (mut vectorised, mut portable) = (vec![0.0; n], vec![0.0; n]);
                let all = |values| AtSamples { risk: &risk, theta: &theta, derivative, values };
                pulp::Arch::new().dispatch(all(&mut vectorised));
                all(&mut portable).run();
                for (i, (value, portable)) in vectorised.iter().zip(&portable).enumerate() {
                    let (x, y) = (risk.samples.features(i), risk.samples.targets()[i]);
                    let u = x.iter().zip(&theta).map(|(x, theta)| x * theta).sum();
                    let exact = match derivative {
                        Derivative::Value => loss.value(u, y),
                        Derivative::Slope => loss.slope(u, y),
                        Derivative::Curvature => loss.curvature(u, y),
                    };
                    assert_eq!(value.to_bits(), portable.to_bits());
                    assert!((value - exact).abs() <= 1e-14 * (1.0 + exact.abs()), "{loss:?}: {value} for {exact}");
                }
            }
        }
    }

    /// Sums and gradients of 11 samples in so many dimensions, in vector code, without, and one product after the other.
    fn check_gradients(d: usize) {
        let features = (0..11 * d).map(number).collect();
        let targets = (0..11).map(|i| f64::from(i % 3 == 0)).collect();
        let samples = Samples::from_rows(d, features, targets).expect("enough samples");
        let risk = EmpiricalRisk { samples, loss: LogLoss, ridge: 0.3 };
        let parameters: Vec<Row> = (0..d).map(|i| std::array::from_fn(|lane| number(7 * i + lane))).collect();
        let picks = [0, 3].map(|first| std::array::from_fn(|lane| [first, 5, 10, 1, 7, first, 2][lane % 7]));
        let gradient = |i: usize, lane: usize| -> Vec<f64> {
            let (x, y) = (risk.samples.features(i), risk.samples.targets()[i]);
            let slope = LogLoss.slope(x.iter().zip(&parameters).map(|(x, theta)| x * theta[lane]).sum(), y);
            x.iter().zip(&parameters).map(|(x, theta)| slope * x + risk.ridge * theta[lane]).collect()
        };
        let [mut vectorised, mut portable, mut scratch] = [0; 3].map(|_| vec![[0.0; WIDTH]; d]);
        let arch = pulp::Arch::new();
        let (risk, parameters, picks) = (&risk, &parameters, &picks);
        arch.dispatch(AddScores { risk, picks, parameters, scratch: &mut scratch, sums: &mut vectorised });
        AddScores { risk, picks, parameters, scratch: &mut scratch, sums: &mut portable }.run();
        let scores = |lane: usize| picks.map(|row| gradient(row[lane] as usize, lane));
        compare(&vectorised, &portable, |i, lane| scores(lane).iter().map(|g| g[i]).sum());
        arch.dispatch(FullGradients { risk, parameters, gradients: &mut vectorised });
        FullGradients { risk, parameters, gradients: &mut portable }.run();
        compare(&vectorised, &portable, |i, lane| (0..11).map(|s| gradient(s, lane)[i]).sum::<f64>() / 11.0);
    }

    fn compare(vectorised: &[Row], portable: &[Row], expected: impl Fn(usize, usize) -> f64) {
        for (i, (vectorised, portable)) in vectorised.iter().zip(portable).enumerate() {
            for lane in 0..WIDTH {
                assert_eq!(vectorised[lane].to_bits(), portable[lane].to_bits());
                assert!((vectorised[lane] - expected(i, lane)).abs() < 1e-13, "coordinate {i} of replicate {lane}");
            }
        }
    }

    /// Less than four coordinates, four and eight, and these with a rest.
    #[test]
    fn gradients_have_the_same_bits_with_and_without_vector_instructions() {
        [1, 3, 4, 6, 8].into_iter().for_each(check_gradients);
    }

    #[test]
    fn losses_of_all_samples_have_the_same_bits_with_and_without_vector_instructions() {
        check(LogLoss);
        check(GemanMcClure);
    }
}
