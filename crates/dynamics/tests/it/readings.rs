//! Readings against the matrices that define them, against what is known of them, and where they have no value.

use dynamics::model::ensemble::{Ensemble, EnsembleModels, Members};
use dynamics::model::linear::{LinearModels, Parametrisation};
use dynamics::model::{Family, Model};
use dynamics::reading::{
    Block, Centring, CurvatureMatrix, Direction, FitPart, Hessians, NoiseSource, Reading, Size, read,
};
use faer::{Mat, Scale};
use geometry::{PerSample, Spd, Symmetric, frobenius_norm, quadratic_form, relative_commutator, trace_of_product};

use crate::common::{distance, normals, orthogonal, problem_stream, spd, streams};
use crate::linear_models::PARAMETRISATIONS;

const CENTRINGS: [Centring; 2] = [Centring::Centred, Centring::Uncentred];
const SIZES: [Size; 3] = [Size::Top, Size::Trace, Size::Frobenius];

fn features() -> Spd {
    spd(&[0.5, 1.0, 2.0, 4.0], &orthogonal("features of readings", 4))
}

fn linear(parametrisation: Parametrisation, samples: usize, label_noise: f64) -> LinearModels {
    let stream = &mut problem_stream("models of readings");
    LinearModels::generated(&features(), samples, parametrisation, [1.0, 2.0], label_noise, stream).expect("a family")
}

fn fit(part: FitPart, noise: NoiseSource, hessians: Hessians) -> Reading {
    Reading::NoiseCurvature { part, directions: 4, noise, hessians }
}

fn exponent(noise: NoiseSource, hessians: Hessians) -> Reading {
    fit(FitPart::Exponent, noise, hessians)
}

fn read_one(reading: &Reading, model: &mut dyn Model, theta: &[f64]) -> f64 {
    read(std::slice::from_ref(reading), model, theta, &[])[0]
}

/// Everything that can be read of a linear model but accuracy and random directions.
fn readings() -> Vec<Reading> {
    let mut readings = vec![Reading::Loss, Reading::SquaredHessianDistance, Reading::DiagonalEnergy { directions: 3 }];
    for centring in CENTRINGS {
        readings.push(Reading::Alignment(centring));
        readings.push(Reading::DirectionalAlignment { direction: Direction::Gradient, centring });
        readings.push(Reading::DirectionalAlignment { direction: Direction::Sharpest, centring });
    }
    for size in SIZES {
        readings.push(Reading::Sharpness { size, of: CurvatureMatrix::GaussNewton });
        readings.push(Reading::Sharpness { size, of: CurvatureMatrix::Layer });
    }
    for noise in [NoiseSource::Gradients, NoiseSource::SquaredHessians] {
        readings.push(exponent(noise, Hessians::AsTheyAre));
        readings.push(fit(FitPart::StandardError, noise, Hessians::AsTheyAre));
        readings.push(fit(FitPart::RSquared, noise, Hessians::AsTheyAre));
        readings.push(Reading::NoiseAlong { directions: 2, noise });
    }
    readings.push(Reading::CurvatureAlong { directions: 3 });
    for part in [Block::Total, Block::Top, Block::Bulk] {
        readings.push(Reading::Commutation { part, directions: 2, over_baseline: false });
        readings.push(Reading::Commutation { part, directions: 2, over_baseline: true });
    }
    readings
}

/// Averages of the outer products u_iu_iᵀ of the rows of U with weights.
fn average(weights: impl Fn(usize) -> f64, rows: &Mat<f64>) -> Mat<f64> {
    let n = rows.nrows();
    let entry = |i, j| (0..n).map(|k| weights(k) * rows[(k, i)] * rows[(k, j)]).sum::<f64>() / n as f64;
    Mat::from_fn(rows.ncols(), rows.ncols(), entry)
}

#[test]
fn alignments_and_sharpnesses_are_those_of_explicit_matrices() {
    for parametrisation in PARAMETRISATIONS {
        let family = linear(parametrisation, 9, 0.3);
        let mut model = family.draw(&mut problem_stream("data"));
        let (theta, random) = (normals("theta", family.n_parameters()), normals("random", family.n_parameters()));
        let tangents = model.tangents(&theta).expect("one output");
        let (r, rows, p) = (&tangents.residuals, &tangents.gradients, theta.len());
        let G = average(|_| 1.0, rows);
        let gradient: Vec<f64> = (0..p).map(|j| (0..9).map(|i| r[i] * rows[(i, j)]).sum::<f64>() / 9.0).collect();
        let twice_loss = r.iter().map(|r| r * r).sum::<f64>() / 9.0;
        let eigen = Symmetric::new(G.clone()).expect("symmetric").eigen().expect("converges");
        let sharpest: Vec<f64> = (0..p).map(|j| eigen.vectors()[(j, p - 1)]).collect();
        let mut read = |reading: &Reading| read(std::slice::from_ref(reading), model.as_mut(), &theta, &random)[0];
        for centring in CENTRINGS {
            let taken = if centring == Centring::Centred { 1.0 } else { 0.0 };
            let uncentred = average(|i| r[i] * r[i], rows);
            let Sigma = Mat::from_fn(p, p, |i, j| uncentred[(i, j)] - taken * gradient[i] * gradient[j]);
            let squared_norm = frobenius_norm(G.as_ref()).powi(2);
            let mu = trace_of_product(Sigma.as_ref(), G.as_ref()).expect("fits") / (twice_loss * squared_norm);
            assert!((read(&Reading::Alignment(centring)) / mu - 1.0).abs() < 1e-12, "{parametrisation:?} {centring:?}");
            for (direction, v) in
                [(Direction::Gradient, &gradient), (Direction::Sharpest, &sharpest), (Direction::Random, &random)]
            {
                let form = |M: &Mat<f64>| quadratic_form(M.as_ref(), v).expect("fits");
                let expected = form(&Sigma) / (twice_loss * form(&G));
                let measured = read(&Reading::DirectionalAlignment { direction, centring });
                assert!((measured / expected - 1.0).abs() < 1e-10, "{parametrisation:?} {direction:?}: {measured}");
            }
        }
        let sizes = [eigen.max_value(), (0..p).map(|i| G[(i, i)]).sum(), frobenius_norm(G.as_ref())];
        for (size, expected) in SIZES.into_iter().zip(sizes) {
            let measured = read(&Reading::Sharpness { size, of: CurvatureMatrix::GaussNewton });
            assert!((measured / expected - 1.0).abs() < 1e-12, "{parametrisation:?} {size:?}: {measured}");
        }
    }
}

/// h_i = x_ix_iᵀ and g_i = r_ix_i, written out.
#[test]
fn readings_of_a_layer_are_those_of_explicit_matrices() {
    let family = linear(Parametrisation::Linear, 30, 0.3);
    let mut model = family.draw(&mut problem_stream("data"));
    let theta = normals("theta", 4);
    let tangents = model.tangents(&theta).expect("one output");
    let (r, rows) = (&tangents.residuals, &tangents.gradients);
    let H = average(|_| 1.0, rows);
    let E_h2 = average(|i| (0..4).map(|j| rows[(i, j)] * rows[(i, j)]).sum(), rows);
    let mean: Vec<f64> = (0..4).map(|j| (0..30).map(|i| r[i] * rows[(i, j)]).sum::<f64>() / 30.0).collect();
    let uncentred = average(|i| r[i] * r[i], rows);
    let C = Mat::from_fn(4, 4, |i, j| uncentred[(i, j)] - mean[i] * mean[j]);
    let eigen = Symmetric::new(H.clone()).expect("symmetric").eigen().expect("converges");
    let forms = |M: &Mat<f64>, k: usize| -> Vec<f64> {
        let along = |i: usize| (0..4).map(|j| eigen.vectors()[(j, 3 - i)]).collect::<Vec<f64>>();
        (0..k).map(|i| quadratic_form(M.as_ref(), &along(i)).expect("fits")).collect()
    };
    let mut check = |reading: Reading, expected: &[f64]| {
        let measured = read(std::slice::from_ref(&reading), model.as_mut(), &theta, &[]);
        assert_eq!(measured.len(), expected.len());
        for (measured, expected) in measured.iter().zip(expected) {
            assert!((measured / expected - 1.0).abs() < 1e-10, "{reading:?}: {measured} for {expected}");
        }
    };
    check(Reading::CurvatureAlong { directions: 3 }, &forms(&H, 3));
    for (noise, M) in [(NoiseSource::Gradients, &C), (NoiseSource::SquaredHessians, &E_h2)] {
        check(Reading::NoiseAlong { directions: 2, noise }, &forms(M, 2));
        let points: Vec<(f64, f64)> =
            forms(&H, 4).iter().zip(forms(M, 4)).map(|(h, c)| (libm::log(*h), libm::log(c))).collect();
        let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / 4.0, y + point.1 / 4.0));
        let moment = |f: fn(f64, f64) -> f64| points.iter().map(|point| f(point.0 - x, point.1 - y)).sum::<f64>();
        let (xx, xy, yy) = (moment(|x, _| x * x), moment(|x, y| x * y), moment(|_, y| y * y));
        let left = yy - xy * xy / xx;
        check(exponent(noise, Hessians::AsTheyAre), &[xy / xx]);
        check(fit(FitPart::RSquared, noise, Hessians::AsTheyAre), &[1.0 - left / yy]);
        check(fit(FitPart::StandardError, noise, Hessians::AsTheyAre), &[(left / 2.0 / xx).sqrt()]);
    }
    let total = relative_commutator(C.as_ref(), H.as_ref()).expect("a value");
    check(Reading::Commutation { part: Block::Total, directions: 2, over_baseline: false }, &[total]);
    let s = trace_of_product(C.as_ref(), E_h2.as_ref()).expect("fits") / frobenius_norm(E_h2.as_ref()).powi(2);
    check(Reading::SquaredHessianDistance, &[distance((Scale(s) * &E_h2).as_ref(), C.as_ref())]);
    let sizes = [eigen.max_value(), (0..4).map(|i| H[(i, i)]).sum(), frobenius_norm(H.as_ref())];
    for (size, expected) in SIZES.into_iter().zip(sizes) {
        check(Reading::Sharpness { size, of: CurvatureMatrix::Layer }, &[expected]);
    }
}

#[test]
fn readings_are_the_same_whichever_others_are_taken_with_them() {
    let family = linear(Parametrisation::Linear, 30, 0.3);
    let mut model = family.draw(&mut problem_stream("data"));
    let theta = normals("theta", 4);
    let readings = readings();
    let together = read(&readings, model.as_mut(), &theta, &[]);
    assert!(together.iter().all(|value| value.is_finite()), "{together:?}");
    let apart: Vec<f64> =
        readings.iter().flat_map(|reading| read(std::slice::from_ref(reading), model.as_mut(), &theta, &[])).collect();
    assert_eq!(together.len(), readings.iter().map(Reading::n_components).sum());
    // Fewer leading pairs are the same ones: below 256 dimensions all of them are computed.
    assert_eq!(together, apart);
}

/// Mean and squared standard error over 600 models, for every component.
fn sampled(family: &dyn Family, readings: &[Reading]) -> Vec<(f64, f64)> {
    let count = 600;
    let values: Vec<Vec<f64>> = (0..count)
        .map(|block| {
            let mut model = family.draw(&mut streams("readings", block).start);
            let theta = model.start().to_vec();
            read(readings, model.as_mut(), &theta, &[])
        })
        .collect();
    let n = count as f64;
    (0..values[0].len())
        .map(|c| {
            let mean = values.iter().map(|value| value[c]).sum::<f64>() / n;
            let variance = values.iter().map(|value| (value[c] - mean).powi(2)).sum::<f64>() / n;
            (mean, variance / n)
        })
        .collect()
}

/// 2·(mean at 2n) − (mean at n) has no error of order 1/n; what remains of order 1/n² is allowed 30/n². The rest is
/// chance: 6.5 standard errors, a false-alarm rate of 10⁻¹⁰ a component.
fn check_limits(family: impl Fn(usize) -> Box<dyn Family>, n: usize, readings: &[Reading]) {
    let limit = |reading: &Reading| family(n).limit(reading).unwrap_or_else(|| panic!("no limit of {reading:?}"));
    let limits: Vec<f64> = readings.iter().flat_map(limit).collect();
    let (coarse, fine) = (sampled(family(n).as_ref(), readings), sampled(family(2 * n).as_ref(), readings));
    assert_eq!(limits.len(), coarse.len());
    for (c, limit) in limits.into_iter().enumerate() {
        let extrapolated = 2.0 * fine[c].0 - coarse[c].0;
        let allowed = 6.5 * (4.0 * fine[c].1 + coarse[c].1).sqrt() + 30.0 / (n * n) as f64;
        let gap = (extrapolated - limit).abs();
        assert!(gap < allowed, "{c} of {readings:?}: {extrapolated} for {limit}, {gap:e} apart of {allowed:e}");
    }
}

#[test]
fn alignments_tend_to_those_of_the_population() {
    let readings: Vec<Reading> = readings().into_iter().filter(|reading| !reading.is_of_layer()).collect();
    for parametrisation in PARAMETRISATIONS {
        // Label noise of the size of the rest: it halves what alignments have above 1.
        check_limits(|n| Box::new(linear(parametrisation, n, 3.0)), 60, &readings);
        let family = linear(parametrisation, 60, 3.0);
        let random = Reading::DirectionalAlignment { direction: Direction::Random, centring: Centring::Centred };
        assert_eq!((family.limit(&random), family.exact(&Reading::Alignment(Centring::Centred))), (None, None));
    }
}

/// Not the commutators, which are no smooth functions of C and H where these commute.
#[test]
fn noise_and_curvature_tend_to_those_of_the_population() {
    let mut readings: Vec<Reading> = readings().into_iter().filter(Reading::is_of_layer).collect();
    readings.retain(|reading| !matches!(reading, Reading::Commutation { .. }));
    check_limits(|n| Box::new(linear(Parametrisation::Linear, n, 0.5)), 400, &readings);
}

/// theory §6: well-specified regression at its minimum has C ∝ H, although E[h²] = tr(H)H + 2H².
#[test]
fn well_specified_regression_has_noise_proportional_to_curvature() {
    let truth = vec![1.0, -1.0, 0.5, 0.0];
    let family = |n| LinearModels::new(&features(), n, Parametrisation::Linear, truth.clone(), truth.clone(), 0.7);
    let limit = |reading: &Reading| family(50).expect("a family").limit(reading).expect("a limit")[0];
    assert!((limit(&exponent(NoiseSource::Gradients, Hessians::AsTheyAre)) - 1.0).abs() < 1e-13);
    let of_squares = limit(&exponent(NoiseSource::SquaredHessians, Hessians::AsTheyAre));
    assert!(of_squares > 1.1 && of_squares < 2.0, "{of_squares}");
    assert!(limit(&Reading::SquaredHessianDistance) > 0.1);
    let total = Reading::Commutation { part: Block::Total, directions: 2, over_baseline: false };
    assert!(limit(&total) < 1e-14);
    assert_eq!(limit(&Reading::Loss), 0.5 * 0.7 * 0.7);
    let sampled = |n| Box::new(family(n).expect("a family")) as Box<dyn Family>;
    check_limits(sampled, 400, &[exponent(NoiseSource::Gradients, Hessians::AsTheyAre)]);
}

fn ensemble(c: f64, members: Members, samples: usize) -> EnsembleModels {
    let law = Ensemble::new(&features(), c, members, 0.7).expect("an ensemble");
    EnsembleModels::new(law, samples).expect("a family")
}

#[test]
fn exponents_of_ensembles_that_do_not_depend_on_the_draw_are_exact() {
    let (one, two) = ([Members::Independent, Members::RankOne].map(|members| (0.0, members, 1.0)), 2.0);
    let as_they_are = one.into_iter().chain([(1.0, Members::Independent, two)]);
    let cases = as_they_are.map(|(c, members, exponent)| (c, members, Hessians::AsTheyAre, exponent));
    // The magnitudes lie within a factor 8^0.6, of which the inverse is 0.287.
    let equalised = [0.0, 0.28].map(|share| (0.6, Members::RankOne, Hessians::Equalised(share), 1.0));
    for (c, members, hessians, expected) in cases.chain(equalised) {
        let (family, reading) = (ensemble(c, members, 200), exponent(NoiseSource::SquaredHessians, hessians));
        let mut model = family.draw(&mut problem_stream("data"));
        let value = read_one(&reading, model.as_mut(), &[0.3; 4]);
        assert!((value - expected).abs() < 1e-12, "{members:?}, c = {c}, {hessians:?}: {value}");
        assert_eq!(family.exact(&reading), Some(vec![expected]));
    }
}

#[test]
fn exponents_of_ensembles_tend_to_one_and_the_correlation() {
    let exponents =
        [NoiseSource::Gradients, NoiseSource::SquaredHessians].map(|noise| exponent(noise, Hessians::AsTheyAre));
    let mut readings = vec![Reading::Loss, Reading::CurvatureAlong { directions: 4 }];
    readings.push(Reading::Sharpness { size: Size::Trace, of: CurvatureMatrix::Layer });
    readings.push(Reading::NoiseAlong { directions: 4, noise: NoiseSource::Gradients });
    readings.extend(exponents.clone());
    for members in [Members::Independent, Members::RankOne] {
        for c in [0.0, 0.5, 1.0] {
            for reading in &exponents {
                let limit = ensemble(c, members, 300).limit(reading).expect("a limit")[0];
                assert!((limit - 1.0 - c).abs() < 1e-13, "{members:?} c = {c}: {limit}");
            }
            check_limits(|n| Box::new(ensemble(c, members, n)), 1000, &readings);
        }
    }
}

#[test]
fn what_has_no_value_is_not_a_number() {
    let truth = vec![1.0; 4];
    let family = LinearModels::new(&features(), 9, Parametrisation::Linear, truth.clone(), truth.clone(), 0.0);
    let mut model = family.expect("a family").draw(&mut problem_stream("data"));
    let readings = [
        Reading::Loss,
        Reading::Alignment(Centring::Centred),
        Reading::Accuracy,
        exponent(NoiseSource::Gradients, Hessians::AsTheyAre),
        Reading::CurvatureAlong { directions: 2 },
    ];
    // At the truth the loss and all gradients are 0, but there is a curvature.
    let values = read(&readings, model.as_mut(), &truth, &[]);
    assert_eq!((values[0], values.len()), (0.0, 6));
    assert!(values[1..4].iter().all(|value| value.is_nan()) && values[4] > values[5] && values[5] > 0.0, "{values:?}");
    let nowhere = read(&readings, model.as_mut(), &[1.0, f64::INFINITY, 0.0, 0.0], &[]);
    assert!(nowhere.len() == 6 && nowhere.iter().all(|value| value.is_nan()));
    // Two samples in four dimensions: two directions, too few for a fit.
    let mut model = linear(Parametrisation::Linear, 2, 0.0).draw(&mut problem_stream("data"));
    assert!(read_one(&exponent(NoiseSource::SquaredHessians, Hessians::AsTheyAre), model.as_mut(), &[0.0; 4]).is_nan());
    // Three of the four directions that are asked for have a logarithm: a fit to them is not the one asked for.
    let mut model = linear(Parametrisation::Linear, 3, 0.0).draw(&mut problem_stream("data"));
    let squares = |directions| Reading::NoiseCurvature {
        part: FitPart::Exponent,
        directions,
        noise: NoiseSource::SquaredHessians,
        hessians: Hessians::AsTheyAre,
    };
    let mut read_squares = |directions| read_one(&squares(directions), model.as_mut(), &[0.0; 4]);
    assert!(read_squares(3).is_finite() && read_squares(4).is_nan());
    // Equalised, the smallest magnitudes are dropped with their direction.
    let family = ensemble(0.6, Members::RankOne, 200);
    let dropped = exponent(NoiseSource::SquaredHessians, Hessians::Equalised(0.3));
    assert_eq!(family.exact(&dropped), None);
    assert!(read_one(&dropped, family.draw(&mut problem_stream("data")).as_mut(), &[0.3; 4]).is_nan());
    // The centred noise of one sample is 0.
    let mut model = linear(Parametrisation::Linear, 1, 0.0).draw(&mut problem_stream("data"));
    assert_eq!(read_one(&Reading::Alignment(Centring::Centred), model.as_mut(), &[0.0; 4]), 0.0);
}

/// Samples with one gradient.
struct Repeated(usize);

impl Model for Repeated {
    fn start(&self) -> &[f64] {
        &[0.0; 4]
    }

    fn add_gradients(&mut self, _: &[f64], _: &[u32], _: &mut [f64]) {}

    fn loss(&mut self, _: &[f64]) -> f64 {
        0.0
    }

    fn per_sample(&mut self, _: &[f64]) -> Option<PerSample> {
        let row = |values: [f64; 2]| Mat::from_fn(self.0, 2, |_, j| values[j]);
        let hessians = Mat::from_fn(self.0, 3, |p, t| [1.0, 0.1 * p as f64, 3.0][t]);
        PerSample::new(row([0.1, -0.7]), row([0.3, 1.1]), hessians).ok()
    }
}

#[test]
fn noise_that_is_only_rounding_has_no_readings() {
    let mut readings = vec![Reading::SquaredHessianDistance, Reading::DiagonalEnergy { directions: 1 }];
    readings.push(Reading::NoiseAlong { directions: 1, noise: NoiseSource::Gradients });
    for part in [Block::Total, Block::Top, Block::Bulk] {
        readings.push(Reading::Commutation { part, directions: 2, over_baseline: false });
    }
    for n in [1, 7, 50] {
        let values = read(&readings, &mut Repeated(n), &[0.0; 4], &[]);
        assert!(values.iter().all(|value| value.is_nan()), "{n}: {values:?}");
        let top = Reading::Sharpness { size: Size::Top, of: CurvatureMatrix::Layer };
        assert!(read_one(&top, &mut Repeated(n), &[0.0; 4]) > 0.0);
    }
}
