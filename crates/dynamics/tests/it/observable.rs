//! What observables add up, and what they expect, against plain loops and against draws from a known law.

use dynamics::block::{Row, WIDTH};
use dynamics::observable::lower_pair;
use dynamics::{Moments, Observable, Process as _};
use faer::{Mat, MatRef, Scale};
use geometry::trace_of_product;
use sampling::designs::Gaussian;

use crate::common::{at, case, diagonal_matrix, normals, spd, streams};

const D: usize = 5;

fn rotation() -> Mat<f64> {
    crate::common::orthogonal("metric", D)
}

/// A dense, an indefinite, a diagonal, a partly filled and a zero metric, and some directions.
fn observables() -> Vec<Observable> {
    let dense = spd(&[0.1, 1.0, 2.0, 5.0, 9.0], &rotation());
    let indefinite = dense.as_mat() - diagonal_matrix(&[4.0; D]);
    let mut sparse = diagonal_matrix(&[1.0, -2.0, 0.0, 3.0, 0.5]);
    (sparse[(3, 1)], sparse[(1, 3)]) = (0.7, 0.7);
    let directions: Vec<Vec<f64>> = (0..3).map(|c| (0..D).map(|i| rotation()[(i, c)]).collect()).collect();
    let mut observables: Vec<Observable> = Vec::new();
    for metric in
        [dense.as_mat().to_owned(), indefinite, diagonal_matrix(&[1.0, 2.0, 0.0, -3.0, 0.5]), sparse, Mat::zeros(D, D)]
    {
        observables.push(Observable::Quadratic(metric));
    }
    observables.push(Observable::Products(directions.clone()));
    observables.push(Observable::Directional(directions));
    observables.push(Observable::Directional(Vec::new()));
    observables
}

/// The symmetric matrix whose quadratic form a component is.
fn metric_of(observable: &Observable, c: usize) -> Mat<f64> {
    match observable {
        Observable::Quadratic(M) => M.clone(),
        Observable::Directional(u) => Mat::from_fn(D, D, |i, j| u[c][i] * u[c][j]),
        Observable::Products(u) => {
            let (p, q) = lower_pair(c);
            Mat::from_fn(D, D, |i, j| 0.5 * (u[p][i] * u[q][j] + u[q][i] * u[p][j]))
        }
        other => panic!("{other:?} is no quadratic form"),
    }
}

/// Σ over replicates of eᵀMe by plain loops over every entry, and the sum of the sizes of its terms.
fn plain_sum(M: MatRef<'_, f64>, errors: &[Row]) -> (f64, f64) {
    let (mut sum, mut size) = (0.0, 0.0);
    for lane in 0..WIDTH {
        for (i, j) in (0..D).flat_map(|i| (0..D).map(move |j| (i, j))) {
            let term = errors[i][lane] * M[(i, j)] * errors[j][lane];
            sum += term;
            size += term.abs();
        }
    }
    (sum, size)
}

#[test]
fn an_observable_adds_the_sum_of_the_quadratic_forms_of_a_block() {
    let numbers = normals("observable", D * WIDTH);
    let errors = numbers.as_chunks::<WIDTH>().0;
    for observable in observables() {
        let before: Vec<f64> = (0..observable.n_components()).map(|c| 10.0 + c as f64).collect();
        let mut sums = before.clone();
        observable.add(errors, errors, WIDTH, &mut sums);
        for c in 0..observable.n_components() {
            let misses = |M: &Mat<f64>| {
                let (sum, size) = plain_sum(M.as_ref(), errors);
                (sums[c] - (before[c] + sum)).abs() > 1e-14 * (size + before[c])
            };
            let M = metric_of(&observable, c);
            assert!(!misses(&M), "{observable:?}");
            let mut wrong = M;
            wrong[(2, 1)] += 1e-6;
            assert!(misses(&wrong), "{observable:?}: one entry wrong by 10⁻⁶ must be seen");
        }
    }
}

#[test]
fn expectations_are_the_closed_forms_of_mean_and_covariance() {
    let C = spd(&[0.5, 1.0, 2.0, 3.0, 4.0], &crate::common::orthogonal("law", D)).as_mat().to_owned();
    let moments = Moments { mean: normals("mean", D), covariance: C };
    for observable in observables() {
        for c in 0..observable.n_components() {
            let M = metric_of(&observable, c);
            let mut expected = 0.0;
            for (i, j) in (0..D).flat_map(|i| (0..D).map(move |j| (i, j))) {
                expected += M[(i, j)] * (moments.covariance[(i, j)] + moments.mean[i] * moments.mean[j]);
            }
            let given = law_of(&observable, &moments, c);
            assert!((given - expected).abs() < 1e-12, "{observable:?}: {given} against {expected}");
        }
    }
}

/// Gaussian e ~ N(m, C): Var eᵀMe = 2tr(MCMC) + 4mᵀMCMm. 6.5 standard errors at n = 1 048 576 replicates are a
/// false-alarm rate of 8·10⁻¹¹ for each of the eight components. An expectation that is 13 standard errors off is surely
/// caught: each component but the zero metric's is when the mean is left out or the covariance is 10 % too large.
#[test]
fn measured_means_agree_with_the_expectations_of_a_known_law() {
    let (case, step, blocks) = (case("dense H and G"), 7, 32_768);
    let process = case.process(0.15, Gaussian::new(2).expect("positive"), &case.starts()[1]);
    let law = at(&process, step);
    let observables = observables();
    let mut sums: Vec<Vec<f64>> = observables.iter().map(|o| vec![0.0; o.n_components()]).collect();
    for block in 0..blocks {
        process.simulate(streams("observable", block), &[step], &mut |_, errors| {
            for (observable, sums) in observables.iter().zip(&mut sums) {
                observable.add(errors, errors, WIDTH, sums);
            }
            true
        });
    }
    let n = blocks as f64 * WIDTH as f64;
    for (observable, sums) in observables.iter().zip(&sums) {
        for (c, sum) in sums.iter().enumerate() {
            let M = metric_of(observable, c);
            let MC = &M * &law.covariance;
            let m = Mat::from_fn(D, 1, |i, _| law.mean[i]);
            let variance = 2.0 * trace_of_product(MC.as_ref(), MC.as_ref()).expect("square")
                + 4.0 * (m.transpose() * &MC * &M * &m)[(0, 0)];
            let standard_error = (variance / n).sqrt();
            let expected = law_of(observable, &law, c);
            let off = (sum / n - expected).abs();
            assert!(off <= 6.5 * standard_error, "{observable:?}: off by {} standard errors", off / standard_error);
            let broken = [
                Moments { mean: vec![0.0; D], ..law.clone() },
                Moments { covariance: Scale(1.1) * &law.covariance, ..law.clone() },
            ];
            for wrong in broken.iter().filter(|_| variance > 0.0) {
                let wrong = law_of(observable, wrong, c);
                assert!((wrong - expected).abs() > 13.0 * standard_error, "{observable:?}");
                assert!((sum / n - wrong).abs() > 6.5 * standard_error, "{observable:?}");
            }
        }
    }
}

fn law_of(observable: &Observable, law: &Moments, c: usize) -> f64 {
    observable.expected(law, law, law.covariance.as_ref(), c).expect("same dimension").value
}

/// Two correlated coordinates, an earlier state that explains them, and what lagged, linear and counting observables
/// should say, by hand.
#[test]
fn observables_that_are_no_quadratic_forms_say_what_they_say_by_hand() {
    let axes = vec![vec![1.0, 0.0], vec![0.0, 1.0]];
    let now = [std::array::from_fn(|r| r as f64), [2.0; WIDTH]];
    let then = [[3.0; WIDTH], std::array::from_fn(|r| -(r as f64))];
    let sums = |observable: &Observable| {
        let mut sums = vec![0.0; observable.n_components()];
        observable.add(&now, &then, WIDTH, &mut sums);
        sums
    };
    let n = WIDTH as f64;
    let (first, second) = (n * (n - 1.0) / 2.0, (n - 1.0) * n * (2.0 * n - 1.0) / 6.0);
    assert_eq!(sums(&Observable::Lagged(axes.clone())), [3.0 * first, -second, 6.0 * n, -2.0 * first]);
    assert_eq!(sums(&Observable::Linear(axes.clone())), [first, 2.0 * n]);
    let below = Observable::Below { direction: vec![1.0, 0.0], points: vec![-0.5, 3.0, 100.0] };
    assert_eq!(sums(&below), [0.0, 4.0, n]);
    let exceeds = Observable::Exceeds { metric: Mat::identity(2, 2), bound: 4.0 + 9.0 };
    assert_eq!(sums(&exceeds), [n - 4.0]);

    let law =
        |mean: [f64; 2], variances: [f64; 2]| Moments { mean: mean.to_vec(), covariance: diagonal_matrix(&variances) };
    let (at, before) = (law([1.0, 2.0], [3.0, 5.0]), law([4.0, 0.0], [9.0, 1.0]));
    let cross = faer::mat![[0.5, 0.25], [-1.0, 2.0]];
    let lagged = |c: usize| Observable::Lagged(axes.clone()).expected(&at, &before, cross.as_ref(), c).expect("a law");
    // E x_t x_s = m_t m_s + Cov, relative to √(E x_t²·E x_s²).
    assert_eq!((lagged(0).value, lagged(0).unit), (4.5, (4.0 * 25.0_f64).sqrt()));
    assert_eq!((lagged(2).value, lagged(2).unit), (7.0, (9.0 * 25.0_f64).sqrt()));
    assert_eq!((lagged(3).value, lagged(3).unit), (2.0, 3.0));
    let linear = Observable::Linear(axes).expected(&at, &at, cross.as_ref(), 1).expect("a law");
    assert_eq!((linear.value, linear.unit), (2.0, 3.0));
    let diverged = [[f64::NAN; WIDTH], [2.0; WIDTH]];
    for event in [&exceeds, &below] {
        let mut sums = vec![0.0; event.n_components()];
        event.add(&diverged, &then, WIDTH, &mut sums);
        assert!(sums.iter().all(|sum| sum.is_nan()), "a replicate without a number is no event that did not happen");
        assert!(event.expected(&at, &at, cross.as_ref(), 0).is_err());
    }
    assert!(exceeds.is_proportion() && below.is_proportion() && !Observable::Quadratic(cross).is_proportion());
}

#[test]
fn every_observable_counts_its_components() {
    let directions = vec![vec![1.0; 4]; 3];
    let counts = [
        Observable::Quadratic(Mat::identity(4, 4)),
        Observable::Directional(directions.clone()),
        Observable::Linear(directions.clone()),
        Observable::Products(directions.clone()),
        Observable::Lagged(directions),
        Observable::Rows(1..3),
        Observable::Below { direction: vec![1.0; 4], points: vec![0.0; 5] },
    ];
    assert_eq!(counts.map(|observable| observable.n_components()), [1, 3, 3, 6, 9, 2, 5]);
}

#[test]
fn rows_are_the_coordinates_themselves() {
    let errors: [Row; 3] = std::array::from_fn(|i| std::array::from_fn(|r| 10.0 * i as f64 + r as f64));
    let rows = Observable::Rows(1..3);
    let mut sums = vec![0.5, -0.5];
    rows.add(&errors, &errors, 4, &mut sums);
    assert_eq!(sums, [0.5 + 40.0 + 6.0, -0.5 + 80.0 + 6.0]);
    let law = Moments { mean: vec![1.0, -2.0, 3.0], covariance: Mat::identity(3, 3) };
    let expected = [0, 1].map(|c| rows.expected(&law, &law, law.covariance.as_ref(), c).expect("a law"));
    assert_eq!(expected.map(|expectation| (expectation.value, expectation.unit)), [(-2.0, -2.0), (3.0, 3.0)]);
}

#[test]
fn a_product_is_measured_in_the_sizes_of_its_factors() {
    let law = Moments { mean: vec![1.0, 2.0], covariance: diagonal_matrix(&[3.0, 5.0]) };
    let products = Observable::Products(vec![vec![1.0, 0.0], vec![0.0, 1.0]]);
    let expected = products.expected(&law, &law, law.covariance.as_ref(), 1).expect("a law");
    // E xy = 1·2 relative to √(E x²·E y²) = √(4·9).
    assert_eq!((expected.value, expected.unit), (2.0, 6.0));
}
