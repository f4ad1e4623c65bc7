//! Random quadratics as models with data: gradients, per-sample derivatives, and how they are drawn.

use dynamics::DynamicsError;
use dynamics::model::ensemble::{Ensemble, EnsembleModels, Members};
use dynamics::model::{Family as _, Model};
use dynamics::reading::{Centring, FitPart, Hessians, NoiseSource, Reading};
use geometry::Spd;

use crate::common::{central_differences, normals, problem_stream, vector_distance};

const S: [f64; 3] = [0.5, 1.0, 4.0];

fn family(c: f64, members: Members, samples: usize) -> EnsembleModels {
    let law = Ensemble::new(&Spd::diagonal(&S).expect("positive"), c, members, 0.7).expect("an ensemble");
    EnsembleModels::new(law, samples).expect("a family")
}

fn gradient(model: &mut dyn Model, theta: &[f64], batch: &[u32]) -> Vec<f64> {
    let mut gradient = vec![0.0; theta.len()];
    model.add_gradients(theta, batch, &mut gradient);
    gradient
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    for members in [Members::Independent, Members::RankOne] {
        let family = family(0.5, members, 5);
        let model = std::cell::RefCell::new(family.draw(&mut problem_stream("data")));
        let theta = normals("theta", 3);
        let slopes = central_differences(|theta| vec![model.borrow_mut().loss(theta)], &theta, 1e-4);
        let gradient = gradient(model.borrow_mut().as_mut(), &theta, &[0, 1, 2, 3, 4]);
        let expected: Vec<f64> = (0..3).map(|j| 5.0 * slopes[(0, j)]).collect();
        assert!(vector_distance(&gradient, &expected) < 1e-10, "{members:?}");
        assert_eq!(model.borrow().start(), [0.0; 3]);
    }
}

/// Moments of 2·10⁵ samples against the law, in 6.5 standard errors: 24 numbers, a false-alarm rate of 2·10⁻⁹.
#[test]
fn samples_have_the_chances_and_the_noise_of_the_law() {
    let n = 200_000_u32;
    for members in [Members::Independent, Members::RankOne] {
        let family = family(0.5, members, n as usize);
        let mut model = family.draw(&mut problem_stream("data"));
        let mut sums = [[0.0; 4]; 3];
        let mut pairs = 0.0;
        for p in 0..n {
            let (low, high) = (gradient(model.as_mut(), &[0.0; 3], &[p]), gradient(model.as_mut(), &[1.0; 3], &[p]));
            let h: Vec<f64> = low.iter().zip(&high).map(|(low, high)| high - low).collect();
            for i in 0..3 {
                for (sum, x) in sums[i].iter_mut().zip([h[i], h[i] * h[i], low[i] * low[i], low[i].powi(4)]) {
                    *sum += x;
                }
            }
            pairs += h[0] * h[2];
        }
        let (law, n) = (family.law(), f64::from(n));
        let squares = law.squared_hessian();
        for i in 0..3 {
            let [h, h_squared, g_squared, g_fourth] = sums[i].map(|sum| sum / n);
            let error = ((h_squared - h * h) / n).sqrt();
            assert!((h - S[i]).abs() < 6.5 * error + 1e-12, "{members:?}, {i}: {h}");
            assert!((h_squared - squares[i]).abs() < 6.5 * law.magnitudes()[i] * error + 1e-11, "{members:?}, {i}");
            let error = ((g_fourth - g_squared * g_squared) / n).sqrt();
            assert!((g_squared - 0.49 * squares[i]).abs() < 6.5 * error, "{members:?}, {i}: {g_squared}");
        }
        let covariance = pairs / n - S[0] * S[2];
        let error = law.magnitudes()[0] * law.magnitudes()[2] / (4.0 * n).sqrt();
        assert!((covariance - law.curvature_covariance(0, 2)).abs() < 6.5 * error, "{members:?}: {covariance}");
    }
}

#[test]
fn what_is_known_and_what_cannot_be_read() {
    let fit = |noise, hessians| Reading::NoiseCurvature { part: FitPart::Exponent, directions: 3, noise, hessians };
    let of_hessians = |hessians| fit(NoiseSource::SquaredHessians, hessians);
    let known = |c, members, reading: &Reading| family(c, members, 9).exact(reading);
    assert_eq!(known(0.5, Members::RankOne, &Reading::Loss), Some(vec![0.5 * 0.7 * 0.7 * 5.5]));
    assert_eq!(known(0.0, Members::RankOne, &of_hessians(Hessians::AsTheyAre)), Some(vec![1.0]));
    assert_eq!(known(0.5, Members::RankOne, &of_hessians(Hessians::AsTheyAre)), None);
    assert_eq!(known(1.0, Members::RankOne, &of_hessians(Hessians::AsTheyAre)), None);
    assert_eq!(known(1.0, Members::Independent, &of_hessians(Hessians::AsTheyAre)), Some(vec![2.0]));
    // λ ∝ √s: 1, √2 and 2√2, of which half the largest leaves two, too few for a fit.
    assert_eq!(known(0.5, Members::RankOne, &of_hessians(Hessians::Equalised(0.3))), Some(vec![1.0]));
    assert_eq!(known(0.5, Members::RankOne, &of_hessians(Hessians::Equalised(0.5))), None);
    let independent = self::family(0.5, Members::Independent, 9);
    assert!(independent.refuses(&of_hessians(Hessians::Top)).is_some());
    assert_eq!(independent.refuses(&of_hessians(Hessians::AsTheyAre)), None);
    let family = family(0.5, Members::RankOne, 9);
    assert!(family.refuses(&Reading::Alignment(Centring::Centred)).is_some());
    assert!(family.refuses(&Reading::Accuracy).is_some());
    assert_eq!(family.refuses(&fit(NoiseSource::Gradients, Hessians::Top)), None);
    let law = family.law().clone();
    assert!(matches!(EnsembleModels::new(law, 0), Err(DynamicsError::ModelSize { .. })));
}
