//! Finite pools: Lemma 4.1 by listing every batch, the whitening, and the draw of batches with equal chances.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::sync::Arc;

use faer::Mat;
use sampling::designs::{Pool, WithReplacement, WithoutReplacement, enumerate_batches};
use sampling::normal::fill_normals;
use sampling::{Design, DesignError, Purpose, Stream, StreamKey};

fn stream(cell: &str) -> Stream {
    Stream::new(StreamKey { seed: 5, cell, block: 0, purpose: Purpose::Noise })
}

fn normals(cell: &str, n: usize) -> Vec<f64> {
    let mut normals = vec![0.0; n];
    fill_normals(&mut stream(cell), &mut normals);
    normals
}

/// n gradients in the plane, with a mean, different scales, and a correlation.
fn gradients(n: usize) -> Mat<f64> {
    let z = normals("gradients", 2 * n);
    Mat::from_fn(n, 2, |i, j| if j == 0 { 3.0 + z[2 * i] } else { -1.0 + 0.1 * z[2 * i + 1] + 0.05 * z[2 * i] })
}

fn pool(dimension: usize, n: usize) -> Arc<Pool> {
    Arc::new(Pool::from_normals(dimension, n, &normals("pool", n * dimension)).expect("in general position"))
}

/// The covariance of the rows, with the divisor n.
fn covariance(rows: &[Vec<f64>]) -> Mat<f64> {
    let (n, d) = (rows.len() as f64, rows[0].len());
    let mean: Vec<f64> = (0..d).map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / n).collect();
    let entry = |i: usize, j: usize| rows.iter().map(|row| (row[i] - mean[i]) * (row[j] - mean[j])).sum::<f64>() / n;
    Mat::from_fn(d, d, entry)
}

fn mean_of(S: &Mat<f64>, batch: &[usize]) -> Vec<f64> {
    (0..S.ncols()).map(|j| batch.iter().map(|&i| S[(i, j)]).sum::<f64>() / batch.len() as f64).collect()
}

#[test]
fn lemma_4_1_holds_when_every_batch_is_listed() {
    for n in 2..=7 {
        let S = gradients(n);
        let S_n = covariance(&(0..n).map(|i| mean_of(&S, &[i])).collect::<Vec<_>>());
        for b in 1..=n {
            let batches = enumerate_batches(n, b).expect("few");
            let measured = covariance(&batches.iter().map(|batch| mean_of(&S, batch)).collect::<Vec<_>>());
            let off = |factor: f64| (&measured - faer::Scale(factor) * &S_n).norm_max();
            let (n_, b_) = (n as f64, b as f64);
            assert!(off((n_ - b_) / (n_ - 1.0) / b_) < 1e-15 * n_ * S_n.norm_max(), "n = {n}, b = {b}");
            if b < n {
                assert!(
                    off((n_ - b_) / n_ / b_) > 1e-3 * S_n.norm_max(),
                    "n for n − 1 must be caught, n = {n}, b = {b}"
                );
            }
            if n > 2 {
                let design = WithoutReplacement::new(pool(2, n), b as u64).expect("b ≤ n");
                assert!(off(design.variance_factor()) < 1e-15 * n_ * S_n.norm_max(), "the design states it");
            }
        }
    }
}

#[test]
fn with_replacement_the_covariance_is_one_over_b_when_every_sequence_is_listed() {
    for n in 2..=4_usize {
        let S = gradients(n);
        let S_n = covariance(&(0..n).map(|i| mean_of(&S, &[i])).collect::<Vec<_>>());
        for b in 1..=5_u32 {
            let digits = |code: usize| (0..b).map(move |k| code / n.pow(k) % n).collect::<Vec<_>>();
            let means: Vec<_> = (0..n.pow(b)).map(|code| mean_of(&S, &digits(code))).collect();
            let off = |factor: f64| (covariance(&means) - faer::Scale(factor) * &S_n).norm_max() / S_n.norm_max();
            assert!(off(1.0 / f64::from(b)) < 1e-13, "n = {n}, b = {b}");
            let design = WithReplacement::new(pool(1, n), u64::from(b)).expect("positive");
            assert_eq!(design.variance_factor(), 1.0 / f64::from(b));
        }
    }
}

#[test]
fn batches_are_listed_once_each_in_order() {
    assert_eq!(enumerate_batches(4, 4), Ok(vec![vec![0, 1, 2, 3]]));
    let batches = enumerate_batches(9, 4).expect("126");
    assert_eq!(batches.len(), 126);
    assert!(batches.is_sorted_by(|a, b| a < b));
    assert!(batches.iter().all(|batch| batch.is_sorted_by(|i, j| i < j) && batch[3] < 9));
    assert_eq!(enumerate_batches(3, 0), Err(DesignError::EmptyBatch));
    assert_eq!(enumerate_batches(3, 4), Err(DesignError::BatchExceedsPool { given: 4, samples: 3 }));
    let limit = 1 << 20;
    assert_eq!(enumerate_batches(60, 30), Err(DesignError::TooManyBatches { samples: 60, batch_size: 30, limit }));
}

#[test]
fn whitening_gives_mean_zero_and_covariance_one_and_leads_back_to_the_gradients() {
    for n in [3, 4, 40, 2000] {
        // One pool has coordinates of scales 10³ apart, one a second coordinate that is nearly the first. Of three samples a draw
        // in a hundred is so near that it is refused: the smaller eigenvalue of its correlations is below 7·10⁻¹⁵, where rank is judged.
        let z = normals("whitened", 3 * n);
        let scales = [1.0, 1e-3];
        let S = Mat::from_fn(n, 2, |i, j| 7.0 + scales[j] * z[3 * i + j]);
        let nearly = Mat::from_fn(n, 2, |i, j| z[3 * i] + if j == 1 { 1e-5 * z[3 * i + 2] } else { 0.0 });
        for S in [S, nearly, gradients(n)] {
            let whitened = Pool::whiten(S.as_ref()).expect("full rank");
            let (pool, L) = (&whitened.pool, &whitened.factor);
            let rows: Vec<_> = (0..n).map(|i| pool.sample(i).to_vec()).collect();
            assert!((covariance(&rows) - Mat::<f64>::identity(2, 2)).norm_max() < 1e-14 * (n as f64).sqrt());
            let all: Vec<usize> = (0..n).collect();
            assert!(mean_of(&Mat::from_fn(n, 2, |i, j| rows[i][j]), &all).iter().all(|m| m.abs() < 1e-15));
            assert_eq!(L[(0, 1)], 0.0);
            for i in 0..n {
                for j in 0..2 {
                    let back = whitened.mean[j] + (0..2).map(|k| L[(j, k)] * rows[i][k]).sum::<f64>();
                    assert!((back - S[(i, j)]).abs() < 1e-14 * S[(i, j)].abs().max(10.0 * L[(j, 0)]), "n = {n}");
                }
            }
            let S_n = covariance(&(0..n).map(|i| mean_of(&S, &[i])).collect::<Vec<_>>());
            assert!((L * L.transpose() - &S_n).norm_max() < 1e-13 * S_n.norm_max());
        }
    }
}

#[test]
fn pools_that_cannot_be_whitened_say_why() {
    let line = Mat::from_fn(9, 2, |i, j| (1 + j) as f64 * i as f64);
    assert_eq!(Pool::whiten(line.as_ref()).err(), Some(DesignError::SingularPool { rank: 1, dimension: 2 }));
    let constant = Mat::from_fn(9, 2, |i, j| if j == 0 { 0.1 } else { i as f64 });
    let error = Pool::whiten(constant.as_ref()).expect_err("one coordinate is constant");
    assert_eq!(error.to_string(), "the pool covariance S_n is singular: rank 1 in dimension 2; full rank is needed");
    for (d, n) in [(2, 2), (0, 5), (3, 1)] {
        let error = Pool::from_normals(d, n, &vec![1.0; n * d]);
        assert_eq!(error.err(), Some(DesignError::PoolTooSmall { samples: n, dimension: d }));
    }
    assert_eq!(Pool::from_normals(2, 4, &[0.0; 7]), Err(DesignError::WrongLength { given: 7, expected: 8 }));
    let mut infinite = gradients(5);
    infinite[(3, 1)] = f64::INFINITY;
    let error = Pool::whiten(infinite.as_ref()).err();
    assert_eq!(error, Some(DesignError::NotFinite { sample: 3, coordinate: 1, value: f64::INFINITY }));
    let error = WithoutReplacement::new(pool(2, 5), 6).expect_err("b > n");
    assert_eq!(error.to_string(), "batch size is 6: b > n without replacement, from a pool of n = 5");
    assert_eq!(WithoutReplacement::new(pool(2, 5), 0), Err(DesignError::EmptyBatch));
    assert!(matches!(WithReplacement::new(pool(2, 5), 1 << 21), Err(DesignError::BatchTooLarge { .. })));
}

#[test]
fn a_batch_of_the_whole_pool_has_no_noise() {
    let design = WithoutReplacement::new(pool(3, 6), 6).expect("b = n");
    let mut zeta = [f64::NAN; 12];
    design.draw(&mut stream("whole"), &mut zeta, 4);
    assert_eq!((design.variance_factor(), zeta.map(f64::abs)), (0.0, [0.0; 12]));
}

#[test]
#[should_panic(expected = "12 numbers for 4 replicates of a pool of dimension 2")]
fn a_pool_of_another_dimension_is_refused() {
    let design = WithReplacement::new(pool(2, 6), 1).expect("positive");
    design.draw(&mut stream("wrong"), &mut [0.0; 12], 4);
}

/// Each of the C(6, b) batches is drawn with the same frequency, read off its sum. χ² of 60 000 batches over at most 20
/// cells exceeds 90 with probability 3·10⁻¹¹ (10⁻¹⁰ for the five together). A batch that is 30 % too frequent adds 260
/// or more to its mean, which has then a standard deviation of 33: it is surely caught.
#[test]
fn all_batches_without_replacement_have_equal_chances() {
    let (n, draws, width) = (6, 60_000, 50);
    let pool = pool(2, n);
    for b in [1, 2, 3, 4, 5] {
        let design = WithoutReplacement::new(pool.clone(), b as u64).expect("b < n");
        let scale = 1.0 / (b as f64 * design.variance_factor().sqrt());
        let batches = enumerate_batches(n, b).expect("few");
        let zeta_of = |batch: &[usize]| [0, 1].map(|j| scale * batch.iter().map(|&i| pool.sample(i)[j]).sum::<f64>());
        let expected: Vec<_> = batches.iter().map(|batch| zeta_of(batch)).collect();
        let mut counts = vec![0.0; batches.len()];
        let mut stream = stream("subsets");
        let mut zeta = vec![0.0; 2 * width];
        for _ in 0..draws / width {
            design.draw(&mut stream, &mut zeta, width);
            for r in 0..width {
                let near = |e: &[f64; 2]| (e[0] - zeta[r]).abs() < 1e-12 && (e[1] - zeta[width + r]).abs() < 1e-12;
                let place = expected.iter().position(near).expect("the sum of b different samples");
                counts[place] += 1.0;
            }
        }
        let chi_squared = |weight_of_first: f64| -> f64 {
            let total = weight_of_first + (counts.len() - 1) as f64;
            let mean = |cell: usize| draws as f64 / total * if cell == 0 { weight_of_first } else { 1.0 };
            counts.iter().enumerate().map(|(cell, count)| (count - mean(cell)).powi(2) / mean(cell)).sum()
        };
        assert!(chi_squared(1.0) < 90.0, "b = {b}: {}", chi_squared(1.0));
        assert!(chi_squared(1.4) > 90.0, "b = {b}: a batch two fifths too rare must be caught");
    }
}

/// What one thread draws from pools of different sizes does not depend on the order in which it draws.
#[test]
fn a_draw_leaves_nothing_behind() {
    let draw = |n: usize, b: u64| {
        let mut zeta = [0.0; 20];
        WithoutReplacement::new(pool(2, n), b).expect("b ≤ n").draw(&mut stream("order"), &mut zeta, 10);
        zeta
    };
    let (small, large) = (draw(5, 2), draw(200, 90));
    assert_eq!((draw(5, 2), draw(200, 90), draw(5, 2)), (small, large, small));
    let elsewhere = std::thread::scope(|scope| scope.spawn(|| draw(200, 90)).join().expect("no panic"));
    assert_eq!(elsewhere, large);
}
