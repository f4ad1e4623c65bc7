//! Over-parameterised linear models: gradients, tangents and second derivatives against differences and definitions.

use dynamics::DynamicsError;
use dynamics::model::linear::{LinearModels, Parametrisation};
use dynamics::model::{Family as _, Model};
use dynamics::reading::{Block, Centring, CurvatureMatrix, FitPart, Hessians, NoiseSource, Reading, Size};
use faer::Mat;
use geometry::Spd;

use crate::common::{central_differences, distance, normals, orthogonal, problem_stream, spd, vector_distance};

const M: usize = 3;
pub(crate) const PARAMETRISATIONS: [Parametrisation; 3] =
    [Parametrisation::Linear, Parametrisation::Diagonal, Parametrisation::Factorised { width: 4 }];

fn features() -> Spd {
    spd(&[0.5, 1.0, 3.0], &orthogonal("features", M))
}

fn family(parametrisation: Parametrisation, samples: usize, label_noise: f64) -> LinearModels {
    let mut stream = problem_stream("linear models");
    LinearModels::generated(&features(), samples, parametrisation, [1.0, 2.0], label_noise, &mut stream)
        .expect("a family")
}

fn model(family: &LinearModels) -> Box<dyn Model> {
    family.draw(&mut problem_stream("data"))
}

/// (1/n)Σ∇ℓ_i.
fn gradient(model: &mut dyn Model, theta: &[f64], n: u32) -> Vec<f64> {
    let mut gradient = vec![0.0; theta.len()];
    model.add_gradients(theta, &(0..n).collect::<Vec<_>>(), &mut gradient);
    gradient.iter().map(|g| g / f64::from(n)).collect()
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    for parametrisation in PARAMETRISATIONS {
        let family = family(parametrisation, 7, 0.3);
        let model = std::cell::RefCell::new(model(&family));
        let theta = normals("theta", family.n_parameters());
        let slopes = central_differences(|theta| vec![model.borrow_mut().loss(theta)], &theta, 1e-5);
        let gradient = gradient(model.borrow_mut().as_mut(), &theta, 7);
        let slopes: Vec<f64> = (0..theta.len()).map(|j| slopes[(0, j)]).collect();
        assert!(vector_distance(&gradient, &slopes) < 1e-8, "{parametrisation:?}");
    }
}

/// ∇ℓ_i = r_i∇f_i, and L = (1/2n)Σr_i²: tangents say the same as gradients and losses do.
#[test]
fn tangents_make_up_the_gradients_and_the_loss() {
    for parametrisation in PARAMETRISATIONS {
        let family = family(parametrisation, 7, 0.3);
        let mut model = model(&family);
        let theta = normals("theta", family.n_parameters());
        let tangents = model.tangents(&theta).expect("squared loss of one output");
        for i in 0..7_u32 {
            let mut gradient = vec![1.0; theta.len()];
            model.add_gradients(&theta, &[i, i], &mut gradient);
            let (row, r) = (i as usize, tangents.residuals[i as usize]);
            let expected: Vec<f64> = (0..theta.len()).map(|j| 1.0 + 2.0 * r * tangents.gradients[(row, j)]).collect();
            assert!(vector_distance(&gradient, &expected) < 1e-14, "{parametrisation:?}, sample {i}");
        }
        let squares: f64 = tangents.residuals.iter().map(|r| r * r).sum();
        assert!((model.loss(&theta) / (squares / 14.0) - 1.0).abs() < 1e-14);
    }
}

/// JJᵀ with the rows of J pulled back one by one.
#[test]
fn gram_matrices_are_products_of_jacobians() {
    for parametrisation in PARAMETRISATIONS {
        let p = parametrisation.n_parameters(M);
        let theta = normals("theta", p);
        let mut J = Mat::zeros(M, p);
        for i in 0..M {
            let (mut unit, mut row) = (vec![0.0; M], vec![0.0; p]);
            unit[i] = 1.0;
            parametrisation.pull_back(&theta, &unit, &mut row);
            row.iter().enumerate().for_each(|(j, g)| J[(i, j)] = *g);
        }
        let predict = |theta: &[f64]| {
            let mut predictor = vec![0.0; M];
            parametrisation.predict(theta, &mut predictor);
            predictor
        };
        assert!(distance(J.as_ref(), central_differences(predict, &theta, 1e-5).as_ref()) < 1e-9);
        let gram = parametrisation.gram(&theta, M);
        assert!(distance(gram.as_ref(), (&J * J.transpose()).as_ref()) < 1e-14, "{parametrisation:?}");
        // F is homogeneous.
        let doubled: Vec<f64> = theta.iter().map(|t| 2.0 * t).collect();
        let factor = f64::from(1 << parametrisation.degree());
        let expected: Vec<f64> = predict(&theta).iter().map(|F| factor * F).collect();
        assert_eq!(predict(&doubled), expected);
    }
}

#[test]
fn generated_families_have_the_norms_asked_for_and_interpolate_at_the_truth() {
    for parametrisation in PARAMETRISATIONS {
        let family = family(parametrisation, 7, 0.0);
        let mut predictor = vec![0.0; M];
        parametrisation.predict(model(&family).start(), &mut predictor);
        assert!((predictor.iter().map(|F| F * F).sum::<f64>() - 4.0).abs() < 1e-14, "{parametrisation:?}");
    }
    let truth = vec![1.0, -2.0, 0.5];
    let family = LinearModels::new(&features(), 7, Parametrisation::Linear, truth.clone(), truth.clone(), 0.0);
    let mut model = model(&family.expect("a family"));
    assert_eq!((model.loss(&truth), gradient(model.as_mut(), &truth, 7)), (0.0, vec![0.0; M]));
}

/// Entries of W have the variance 1/m and those of a 1/w, up to one factor for both: their mean squares are as w to m. With
/// 1 200 and 400 entries the ratio has a relative standard error of 8.2 %, and ±45 % a false-alarm rate of 4·10⁻⁸.
#[test]
fn neither_layer_of_a_generated_factorisation_outweighs_the_other() {
    let width = 400;
    let factorised = Parametrisation::Factorised { width };
    let family = family(factorised, 7, 0.0);
    let built = model(&family);
    let (hidden, output) = built.start().split_at(width * M);
    let mean_square = |entries: &[f64]| entries.iter().map(|x| x * x).sum::<f64>() / entries.len() as f64;
    let ratio = mean_square(hidden) / mean_square(output) / (width as f64 / M as f64);
    assert!((ratio - 1.0).abs() < 0.45, "{ratio}");
}

/// Samples x_i = Lz have the covariance S: seen in H = (1/n)Σ x_ix_iᵀ of 2·10⁵ samples. An entry deviates by
/// √((S_iiS_jj + S_ij²)/n); six of them in 6.5 standard errors are a false-alarm rate of 5·10⁻¹⁰.
#[test]
fn features_have_the_covariance_asked_for() {
    let n = 200_000;
    let family = family(Parametrisation::Linear, n, 0.0);
    let gradients = model(&family).tangents(&[0.0; M]).expect("linear").gradients;
    let S = features();
    let S = S.as_mat();
    for i in 0..M {
        for j in 0..=i {
            let measured = (0..n).map(|k| gradients[(k, i)] * gradients[(k, j)]).sum::<f64>() / n as f64;
            let error = ((S[(i, i)] * S[(j, j)] + S[(i, j)] * S[(i, j)]) / n as f64).sqrt();
            assert!((measured - S[(i, j)]).abs() < 6.5 * error, "({i}, {j}): {measured} for {}", S[(i, j)]);
        }
    }
}

#[test]
fn readings_that_a_linear_model_does_not_have_are_refused() {
    let fit = |directions| Reading::NoiseCurvature {
        part: FitPart::Exponent,
        directions,
        noise: NoiseSource::Gradients,
        hessians: Hessians::AsTheyAre,
    };
    let (plain, diagonal) = (family(Parametrisation::Linear, 5, 0.0), family(Parametrisation::Diagonal, 5, 0.0));
    assert_eq!(plain.refuses(&fit(3)), None);
    assert!(plain.refuses(&fit(4)).is_some_and(|reason| reason.contains("from 3 to 3")));
    assert!(plain.refuses(&fit(2)).is_some());
    // A block of one dimension has no baseline, and three dimensions leave no bulk.
    let commutes = |part, directions, over_baseline| {
        plain.refuses(&Reading::Commutation { part, directions, over_baseline }).is_none()
    };
    assert_eq!([1, 2, 3].map(|k| commutes(Block::Total, k, true)), [true, true, true]);
    assert_eq!([1, 2, 3].map(|k| commutes(Block::Top, k, true)), [false, true, true]);
    assert_eq!([1, 2, 3].map(|k| commutes(Block::Bulk, k, true)), [true, false, false]);
    assert_eq!([1, 2, 3].map(|k| commutes(Block::Bulk, k, false)), [true, true, false]);
    let part = FitPart::Exponent;
    let (noise, hessians) = (NoiseSource::SquaredHessians, Hessians::Damped(1.5));
    let damped = Reading::NoiseCurvature { part, directions: 3, noise, hessians };
    assert!(plain.refuses(&damped).is_some_and(|reason| reason.contains("1.5")));
    let all = Reading::NoiseCurvature { part, directions: 3, noise, hessians: Hessians::Equalised(1.0) };
    assert!(plain.refuses(&all).is_some_and(|reason| reason.contains("below 1")));
    let commutation =
        |part, directions, over_baseline| plain.refuses(&Reading::Commutation { part, directions, over_baseline });
    assert_eq!((commutation(Block::Total, 3, true), commutation(Block::Bulk, 2, false)), (None, None));
    assert!(commutation(Block::Bulk, 3, false).is_some_and(|reason| reason.contains("none is left")));
    for (part, directions) in [(Block::Bulk, 2), (Block::Top, 1)] {
        assert_eq!(commutation(part, directions, false), None);
        assert!(commutation(part, directions, true).is_some_and(|reason| reason.contains("no baseline")));
    }
    let many = family(Parametrisation::Linear, 20_000, 0.0);
    assert!(many.refuses(&Reading::Alignment(Centring::Centred)).is_some_and(|reason| reason.contains("kernel")));
    assert_eq!((many.refuses(&fit(3)), many.refuses(&Reading::Loss)), (None, None));
    assert!(plain.refuses(&Reading::Accuracy).is_some());
    assert!(diagonal.refuses(&fit(3)).is_some());
    let layer = Reading::Sharpness { size: Size::Top, of: CurvatureMatrix::Layer };
    assert!(plain.refuses(&layer).is_none() && diagonal.refuses(&layer).is_some());
    assert_eq!(diagonal.refuses(&Reading::Alignment(Centring::Centred)), None);
}

#[test]
fn the_room_of_readings_grows_with_what_they_hold() {
    let room = |samples, reading| {
        family(Parametrisation::Factorised { width: 50 }, samples, 0.0).room(&[Reading::Loss, reading]).model
    };
    let alignment = Reading::Alignment(Centring::Centred);
    // n·m features and two vectors of p = 50·4 numbers; the gradients of n outputs and their products.
    assert_eq!(room(100, Reading::Loss), 300.0 + 400.0);
    assert_eq!(room(100, alignment.clone()), 700.0 + 100.0 * 200.0 + 3.0 * 100.0 * 100.0);
    let trace = Reading::Sharpness { size: Size::Trace, of: CurvatureMatrix::Layer };
    // Of each sample δ, x and M, and ten matrices of a layer of 1×3 weights.
    assert_eq!(family(Parametrisation::Linear, 100, 0.0).room(&[trace]).model, 306.0 + 500.0 + 90.0);
}

#[test]
fn families_that_cannot_be_are_refused() {
    let build = |samples, parametrisation, truth: usize, start: usize| {
        LinearModels::new(&features(), samples, parametrisation, vec![1.0; truth], vec![1.0; start], 0.0)
    };
    assert!(build(5, Parametrisation::Diagonal, 3, 6).is_ok());
    assert!(matches!(build(5, Parametrisation::Diagonal, 3, 3), Err(DynamicsError::Geometry(_))));
    assert!(matches!(build(5, Parametrisation::Linear, 2, 3), Err(DynamicsError::Geometry(_))));
    assert!(matches!(build(0, Parametrisation::Linear, 3, 3), Err(DynamicsError::ModelSize { samples: 0, .. })));
    let empty = Parametrisation::Factorised { width: 0 };
    assert!(matches!(build(5, empty, 3, 0), Err(DynamicsError::ModelSize { parameters: 0, .. })));
    // (2⁶² + 1)·(3 + 1) is 4 in 64 bits.
    let huge = Parametrisation::Factorised { width: (1 << 62) + 1 };
    assert!(matches!(build(5, huge, 3, 4), Err(DynamicsError::ModelSize { .. })));
    let generated =
        LinearModels::generated(&features(), 5, huge, [1.0, 1.0], 0.0, &mut problem_stream("models too large"));
    assert!(matches!(generated, Err(DynamicsError::ModelSize { .. })));
    assert_eq!(Parametrisation::Diagonal.n_parameters(usize::MAX), usize::MAX);
    assert!(LinearModels::new(&features(), 5, Parametrisation::Linear, vec![1.0; 3], vec![1.0; 3], -1.0).is_err());
}
