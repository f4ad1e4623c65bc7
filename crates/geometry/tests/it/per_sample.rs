//! Moments of per-sample derivatives against Kronecker products that are written out.

use faer::Mat;
use geometry::{PerSample, Suppression, Symmetric, frobenius_norm};
use proptest::prelude::*;

use crate::common::{Outcome, assert_close, assert_near, distance, random};

/// n samples with o outputs and i inputs, and their δ, a and M written out.
struct Samples {
    derivatives: PerSample,
    gradients: Vec<Vec<f64>>,
    hessians: Vec<Mat<f64>>,
}

/// M_p = BBᵀ of rank `rank`, less `shift`·I.
fn samples(
    seed: u64,
    (n, o, i): (usize, usize, usize),
    rank: usize,
    shift: f64,
) -> Result<Samples, geometry::GeometryError> {
    let (deltas, activations) = (random(seed, n, o), random(seed + 1, n, i));
    let of_outputs: Vec<Mat<f64>> = (0..n as u64)
        .map(|p| random(seed + 2 + p, o, rank))
        .map(|b| &b * b.transpose() - Mat::from_fn(o, o, |r, c| if r == c { shift } else { 0.0 }))
        .collect();
    let places: Vec<(usize, usize)> = (0..o).flat_map(|r| (0..=r).map(move |c| (r, c))).collect();
    let lower = Mat::from_fn(n, places.len(), |p, t| of_outputs[p][places[t]]);
    let d = o * i;
    let gradients = (0..n).map(|p| (0..d).map(|w| deltas[(p, w / i)] * activations[(p, w % i)]).collect()).collect();
    let kronecker = |p: usize| {
        let entry =
            |w: usize, v: usize| of_outputs[p][(w / i, v / i)] * activations[(p, w % i)] * activations[(p, v % i)];
        Mat::from_fn(d, d, |w, v| entry(w.max(v), w.min(v)))
    };
    let hessians = (0..n).map(kronecker).collect();
    Ok(Samples { derivatives: PerSample::new(deltas, activations, lower)?, gradients, hessians })
}

fn mean(matrices: impl ExactSizeIterator<Item = Mat<f64>>) -> Mat<f64> {
    let n = matrices.len() as f64;
    let sum = matrices.reduce(|sum, matrix| sum + matrix).expect("at least one sample");
    Mat::from_fn(sum.nrows(), sum.ncols(), |i, j| sum[(i, j)] / n)
}

fn assert_symmetric(a: &Mat<f64>) {
    assert_eq!(a.transpose().to_owned(), *a);
}

#[test]
fn moments_are_those_of_the_samples_written_out() -> Outcome {
    for shape in [(7, 3, 4), (5, 1, 6), (9, 6, 1), (1, 2, 2)] {
        let Samples { derivatives, gradients, hessians } = samples(5, shape, 2, 0.3)?;
        let d = derivatives.dimension();
        let column = |g: &Vec<f64>| Mat::from_fn(d, 1, |i, _| g[i]);
        let gradient = mean(gradients.iter().map(column));
        assert_close(column(&derivatives.mean_gradient()).as_ref(), gradient.as_ref(), 1e-14);
        let uncentred = mean(gradients.iter().map(|g| column(g) * column(g).transpose()));
        assert_close(derivatives.noise(false).matrix.as_ref(), uncentred.as_ref(), 1e-14);
        let rank_one = &gradient * gradient.transpose();
        assert_close((derivatives.noise(true).matrix + &rank_one).as_ref(), uncentred.as_ref(), 1e-14);
        assert_close(derivatives.mean_hessian().as_ref(), mean(hessians.iter().cloned()).as_ref(), 1e-14);
        let squares = mean(hessians.iter().map(|h| h * h));
        assert_close(derivatives.mean_squared_hessian().as_ref(), squares.as_ref(), 1e-14);
        for moment in
            [derivatives.noise(false).matrix, derivatives.noise(true).matrix, derivatives.mean_squared_hessian()]
        {
            assert_symmetric(&moment);
        }
        assert_symmetric(&derivatives.mean_hessian());
    }
    Ok(())
}

#[test]
fn moments_along_directions_are_those_of_the_whole_moments() -> Outcome {
    // More samples than weights and fewer; more samples than are taken at a time.
    for shape in [(7, 3, 4), (150, 2, 3), (9, 6, 1), (1, 2, 2)] {
        let Samples { derivatives, .. } = samples(5, shape, 2, 0.3)?;
        let directions = random(77, derivatives.dimension(), 3);
        let projected = |moment: &Mat<f64>| directions.transpose() * moment * &directions;
        let noise = derivatives.noise(true);
        let along = derivatives.noise_along(directions.as_ref())?;
        assert!(frobenius_norm((&along - projected(&noise.matrix)).as_ref()) < 1e-13, "{shape:?}");
        assert_symmetric(&along);
        let along = derivatives.mean_squared_hessian_along(directions.as_ref())?;
        assert_close(along.as_ref(), projected(&derivatives.mean_squared_hessian()).as_ref(), 1e-13);
        assert_symmetric(&along);
        let size = derivatives.noise_size();
        assert!((size.norm - frobenius_norm(noise.matrix.as_ref())).abs() < 1e-13);
        assert!((size.resolution / noise.resolution - 1.0).abs() < 1e-12);
        assert_eq!(size.is_resolved(), noise.is_resolved());
        let trace: f64 = (0..derivatives.dimension()).map(|i| derivatives.mean_squared_hessian()[(i, i)]).sum();
        let unit = 8.0 * derivatives.dimension() as f64 * f64::EPSILON;
        assert!((derivatives.mean_squared_hessian_resolution() / (unit * trace) - 1.0).abs() < 1e-12);
        assert!(derivatives.noise_along(random(1, derivatives.dimension() + 1, 2).as_ref()).is_err());
    }
    Ok(())
}

#[test]
fn weights_that_no_sample_sees_have_no_moments() -> Outcome {
    let Samples { derivatives, .. } = samples(8, (6, 2, 3), 2, 0.3)?;
    // Output 1 of three is silent, and input 2 of four.
    let (outputs, inputs) = ([0, 2], [0, 1, 3]);
    let spread = |from: &Mat<f64>, to: &[usize], size: usize| {
        let place = |c: usize| to.iter().position(|of| *of == c);
        Mat::from_fn(6, size, |p, c| place(c).map_or(0.0, |c| from[(p, c)]))
    };
    let (deltas, activations) = (random(8, 6, 2), random(9, 6, 3));
    let lower: Vec<Mat<f64>> = (0..6).map(|p| random(10 + p, 2, 2)).map(|b| &b * b.transpose()).collect();
    let triangle = [(0, 0), (1, 0), (1, 1)];
    let compact = Mat::from_fn(6, 3, |p, t| lower[p][triangle[t]]);
    let padded = spread(&compact, &[0, 3, 5], 6);
    let with_silent = PerSample::new(spread(&deltas, &outputs, 3), spread(&activations, &inputs, 4), padded)?;
    let live = with_silent.live();
    assert_eq!((with_silent.dimension(), live.dimension(), derivatives.live().dimension()), (12, 6, 6));
    let expected = PerSample::new(deltas, activations, compact)?;
    assert_eq!(live.noise(true).matrix, expected.noise(true).matrix);
    assert_eq!(live.mean_squared_hessian(), expected.mean_squared_hessian());
    let norm = frobenius_norm(with_silent.mean_hessian().as_ref());
    assert!((frobenius_norm(live.mean_hessian().as_ref()) / norm - 1.0).abs() < 1e-15);
    let nothing = PerSample::new(Mat::zeros(2, 2), Mat::zeros(2, 3), Mat::zeros(2, 3))?;
    assert_eq!(nothing.live().dimension(), 1);
    Ok(())
}

#[test]
fn an_output_that_is_seen_only_through_another_is_live() -> Outcome {
    // δ of one output is 0, and of M only what couples it to the other is not.
    for deltas in [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]] {
        let one = |entries: &[f64]| Mat::from_fn(1, entries.len(), |_, j| entries[j]);
        let samples = PerSample::new(one(&deltas), one(&[2.0]), one(&[0.0, 3.0, 0.0]))?;
        assert_eq!(samples.live().mean_hessian(), samples.mean_hessian(), "{deltas:?}");
    }
    Ok(())
}

/// n samples with the same gradient, so that C = 0.
fn without_noise(seed: u64, (n, o, i): (usize, usize, usize)) -> Result<PerSample, geometry::GeometryError> {
    let (delta, activation) = (random(seed, 1, o), random(seed + 1, 1, i));
    let (deltas, activations) =
        (Mat::from_fn(n, o, |_, r| delta[(0, r)]), Mat::from_fn(n, i, |_, c| activation[(0, c)]));
    PerSample::new(deltas, activations, Mat::zeros(n, o * (o + 1) / 2))
}

#[test]
fn noise_that_is_only_rounding_is_within_its_resolution() -> Outcome {
    for seed in 0..20 {
        for shape in [(7, 3, 4), (50, 1, 6), (3000, 2, 1), (100_000, 1, 1)] {
            let noise = without_noise(seed, shape)?.noise(true);
            assert!(
                !noise.is_resolved(),
                "{shape:?}: {:e} of {:e}",
                frobenius_norm(noise.matrix.as_ref()),
                noise.resolution
            );
        }
        // Of one sample nothing is left at all, where the products of the moments round differently.
        assert_eq!(frobenius_norm(without_noise(seed, (1, 3, 4))?.noise(true).matrix.as_ref()), 0.0);
    }
    let one = without_noise(1, (1, 3, 4))?;
    assert!(one.noise(false).is_resolved() && !one.noise(true).is_resolved());
    let Samples { derivatives, .. } = samples(3, (7, 3, 4), 2, 0.3)?;
    assert!(derivatives.noise(true).is_resolved());
    let nothing = PerSample::new(Mat::zeros(2, 1), Mat::zeros(2, 1), Mat::zeros(2, 1))?;
    assert!(nothing.noise(false).resolution == 0.0 && !nothing.noise(false).is_resolved());
    assert!(nothing.noise_size().resolution == 0.0 && !nothing.noise_size().is_resolved());
    Ok(())
}

#[test]
fn eigenvalues_that_rounding_made_positive_are_not_kept() -> Outcome {
    // M = −BBᵀ of rank 2 in four dimensions: its top eigenvalue is 0, and rounding decides its sign.
    let b: Vec<Mat<f64>> = (0..60).map(|p| random(900 + p, 4, 2)).collect();
    let places: Vec<(usize, usize)> = (0..4).flat_map(|r| (0..=r).map(move |c| (r, c))).collect();
    let lower = Mat::from_fn(60, 10, |p, t| {
        let (r, c) = places[t];
        -(0..2).map(|k| b[p][(r, k)] * b[p][(c, k)]).sum::<f64>()
    });
    for unit in [1.0, 100.0] {
        let samples = PerSample::new(Mat::zeros(60, 4), unit * random(899, 60, 3), lower.clone())?;
        let error = samples.suppressed(Suppression::Top).expect_err("nothing is positive");
        assert!(error.to_string().contains("samples with a positive curvature"), "{error}");
    }
    // Nor is there any curvature without activations.
    let one = |entry: f64| Mat::full(1, 1, entry);
    assert!(PerSample::new(one(0.0), one(0.0), one(1.0))?.suppressed(Suppression::Top).is_err());
    Ok(())
}

#[test]
fn suppression_keeps_the_top_eigenpair_of_each_whole_hessian() -> Outcome {
    let Samples { derivatives, hessians, .. } = samples(21, (12, 3, 2), 2, 3.0)?;
    let mut tops = Vec::new();
    for h in &hessians {
        let eigen = Symmetric::new(h.clone())?.eigen()?;
        let u = eigen.vectors().subcols(5, 1).to_owned();
        tops.push((eigen.max_value(), &u * u.transpose()));
    }
    let positive = tops.iter().filter(|top| top.0 > 0.1).count();
    assert!((4..12).contains(&positive) && tops.iter().all(|top| top.0 < 1e-12 || top.0 > 0.1), "{positive}");
    let largest = tops.iter().fold(0.0_f64, |largest, top| largest.max(top.0));
    let expected = |share: f64, f: &dyn Fn(f64) -> f64| {
        let weight = |value: f64| if value > 1e-12 && value >= share * largest { f(value) } else { 0.0 };
        mean(tops.iter().map(|(value, projector)| weight(*value) * projector))
    };
    for (suppression, share) in [(Suppression::Top, 0.0), (Suppression::Damped(0.4), 0.4)] {
        let moments = derivatives.suppressed(suppression)?;
        assert_close(moments.mean.as_ref(), expected(share, &|value| value).as_ref(), 1e-13);
        assert_close(moments.mean_square.as_ref(), expected(share, &|value| value * value).as_ref(), 1e-13);
        assert_eq!(moments.kept, tops.iter().filter(|top| top.0 > 1e-12 && top.0 >= share * largest).count());
        assert_symmetric(&moments.mean);
        let directions = random(78, 6, 2);
        let tops = derivatives.top_curvatures()?;
        let kept = tops.kept(suppression)?;
        let along = kept.mean_square_along(directions.as_ref())?;
        let whole = directions.transpose() * &moments.mean_square * &directions;
        assert_close(along.as_ref(), whole.as_ref(), 1e-13);
        let trace: f64 = (0..6).map(|i| moments.mean_square[(i, i)]).sum();
        assert_near(kept.mean_square_resolution(), 48.0 * f64::EPSILON * trace, 1e-13);
    }
    let kept: Vec<f64> = tops.iter().map(|top| top.0).filter(|value| *value >= 0.4 * largest).collect();
    let mean_value = kept.iter().sum::<f64>() / kept.len() as f64;
    let equalised = derivatives.suppressed(Suppression::Equalised(0.4))?;
    assert_close(equalised.mean.as_ref(), expected(0.4, &|_| mean_value).as_ref(), 1e-13);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_curvatures_make_the_second_moment_a_multiple_of_the_first(seed in 0_u64..10_000, share in 0.0_f64..1.0) {
        let samples = samples(seed, (10, 3, 2), 2, 0.0).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let moments = samples.derivatives.suppressed(Suppression::Equalised(share)).unwrap();
        // tr E[h̃²]/tr E[h̃] = κ̄.
        let traces = |a: &Mat<f64>| (0..6).map(|i| a[(i, i)]).sum::<f64>();
        let multiple = traces(&moments.mean_square) / traces(&moments.mean);
        prop_assert!(distance(moments.mean_square.as_ref(), (multiple * &moments.mean).as_ref()) < 1e-14);
    }
}
