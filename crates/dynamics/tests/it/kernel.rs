//! The kernel that advances a block, against plain loops and against itself without vector instructions.

use dynamics::block::{PackedLower, Row, WIDTH, advance, advance_portably};
use faer::Mat;

use crate::common::normals;

struct Input {
    decay: Vec<f64>,
    factor: Mat<f64>,
    whitened: Vec<Row>,
    errors: Vec<Row>,
}

const SCALE: f64 = 0.3;

/// Random numbers everywhere, also above the diagonal of the factor.
fn input(d: usize) -> Input {
    let numbers = normals(&format!("kernel {d}"), d + d * d + 2 * d * WIDTH);
    let (decay, rest) = numbers.split_at(d);
    let (factor, rest) = rest.split_at(d * d);
    let (rows, _) = rest.as_chunks::<WIDTH>();
    Input {
        decay: decay.to_vec(),
        factor: Mat::from_fn(d, d, |i, j| factor[i * d + j]),
        whitened: rows[..d].to_vec(),
        errors: rows[d..].to_vec(),
    }
}

type Kernel = fn(&[f64], &PackedLower, f64, &[Row], &mut [Row]);

fn advanced(kernel: Kernel, input: &Input, factor: &Mat<f64>) -> Vec<Row> {
    let mut errors = input.errors.clone();
    kernel(&input.decay, &PackedLower::new(factor.as_ref()), SCALE, &input.whitened, &mut errors);
    errors
}

fn bits(rows: &[Row]) -> Vec<u64> {
    rows.as_flattened().iter().map(|x| x.to_bits()).collect()
}

/// The largest error against diag(decay)·e − scale·Lζ by plain loops, in units of the rounding that d + 2 operations on
/// terms of that size can commit.
fn worst_error(input: &Input, result: &[Row]) -> f64 {
    let d = input.decay.len();
    let mut worst = 0.0_f64;
    for (i, lane) in (0..d).flat_map(|i| (0..WIDTH).map(move |lane| (i, lane))) {
        let terms: Vec<f64> = (0..=i).map(|j| -SCALE * input.factor[(i, j)] * input.whitened[j][lane]).collect();
        let own = input.decay[i] * input.errors[i][lane];
        let size = own.abs() + terms.iter().map(|t| t.abs()).sum::<f64>();
        let error = (result[i][lane] - (own + terms.iter().sum::<f64>())).abs();
        worst = worst.max(error / (size * f64::EPSILON * (d + 2) as f64));
    }
    worst
}

fn dimensions() -> impl Iterator<Item = usize> {
    (1..=9).chain([50, 64])
}

#[test]
fn a_step_of_the_kernel_is_the_plain_loop_up_to_rounding() {
    for d in dimensions() {
        let input = input(d);
        let result = advanced(advance, &input, &input.factor);
        assert!(result.as_flattened().iter().all(|e| e.is_finite()), "d = {d}");
        assert!(worst_error(&input, &result) < 1.0, "d = {d}: {}", worst_error(&input, &result));
    }
}

#[test]
fn a_kernel_that_transposes_or_shortens_the_factor_is_caught() {
    for d in dimensions().skip(1) {
        let input = input(d);
        let transposed = input.factor.transpose().to_owned();
        let shortened = Mat::from_fn(d, d, |i, j| if j + 1 == d { 0.0 } else { input.factor[(i, j)] });
        for wrong in [transposed, shortened] {
            let result = advanced(advance, &input, &wrong);
            assert!(worst_error(&input, &result) > 1e9, "d = {d}");
        }
    }
}

#[test]
fn vector_instructions_do_not_change_a_bit_of_a_step() {
    for d in dimensions() {
        let input = input(d);
        let dispatched = advanced(advance, &input, &input.factor);
        let portable = advanced(advance_portably, &input, &input.factor);
        assert_eq!(bits(&dispatched), bits(&portable), "d = {d}");
    }
}

#[test]
fn what_stands_above_the_diagonal_of_a_factor_is_not_read() {
    for d in dimensions() {
        let input = input(d);
        let poisoned = Mat::from_fn(d, d, |i, j| if j > i { f64::NAN } else { input.factor[(i, j)] });
        assert_eq!(PackedLower::new(poisoned.as_ref()).dimension(), d);
        let (clean, poisoned) = (advanced(advance, &input, &input.factor), advanced(advance, &input, &poisoned));
        assert_eq!(bits(&clean), bits(&poisoned), "d = {d}");
    }
}

#[test]
fn replicates_of_a_block_do_not_touch_each_other() {
    for d in [3, 8, 50] {
        let clean = input(d);
        let expected = advanced(advance, &clean, &clean.factor);
        for poisoned in [0, 7, 8, WIDTH - 1] {
            let mut input = input(d);
            for row in input.errors.iter_mut().chain(&mut input.whitened) {
                row[poisoned] = f64::NAN;
            }
            let result = advanced(advance, &input, &input.factor);
            for (row, expected) in result.iter().zip(&expected) {
                for lane in 0..WIDTH {
                    assert!(if lane == poisoned { row[lane].is_nan() } else { row[lane] == expected[lane] });
                }
            }
        }
    }
}
