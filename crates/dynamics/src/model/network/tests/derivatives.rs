//! Gradients, tangents and second derivatives against finite differences and closed forms.

use super::*;

/// All activations, losses and depths, with a name for messages.
fn variants() -> impl Iterator<Item = (NetworkSpec, String)> {
    let hidden = [vec![], vec![4], vec![4, 3], vec![4, 3, 9]];
    hidden.into_iter().flat_map(|hidden| {
        ACTIVATIONS.into_iter().flat_map(move |activation| {
            let hidden = hidden.clone();
            LOSSES.into_iter().map(move |loss| {
                let what = format!("{activation:?}, {loss:?}, hidden {hidden:?}");
                (NetworkSpec { hidden: hidden.clone(), activation, loss, ..spec() }, what)
            })
        })
    })
}

#[test]
fn slopes_and_curvatures_of_activations_are_their_derivatives() {
    for activation in ACTIVATIONS {
        for z in [-30.0, -2.0, -0.3, 0.4, 1.7, 30.0] {
            let (value, slope) = activation.value_and_slope(z);
            let slopes = difference(&[z], 0, |z| vec![activation.value_and_slope(z[0]).0]);
            assert_close(&[slope], &slopes, &format!("σ'({z}) of {activation:?}"));
            let curvatures = difference(&[z], 0, |z| vec![activation.value_and_slope(z[0]).1]);
            assert_close(&[activation.curvature(value, slope)], &curvatures, &format!("σ''({z}) of {activation:?}"));
        }
    }
}

#[test]
fn a_diverged_unit_is_not_silent() {
    for activation in ACTIVATIONS {
        assert!(activation.value_and_slope(f64::NAN).0.is_nan(), "{activation:?}");
    }
}

#[test]
fn a_diverged_network_is_neither_right_nor_wrong() {
    for loss in LOSSES {
        let mut model = draw(&NetworkSpec { loss, activation: Activation::Identity, ..spec() });
        let theta = model.start().to_vec();
        assert!(model.accuracy(&theta).unwrap().is_finite());
        // One output only, then all: outputs of 10³⁰⁸ and more are infinite, and of no number.
        let mut last = theta.clone();
        last.iter_mut().rev().take(1).for_each(|w| *w = f64::INFINITY);
        let large: Vec<f64> = theta.iter().map(|w| 1e200 * w).collect();
        for theta in [last, large, vec![f64::NAN; theta.len()]] {
            assert!(model.accuracy(&theta).unwrap().is_nan(), "{loss:?}");
        }
    }
}

#[test]
fn gradients_are_those_of_the_loss_whatever_is_trained() {
    for (spec, what) in variants() {
        for trained in [Trained::All, Trained::FirstLayer] {
            let mut model = draw(&NetworkSpec { trained, ..spec.clone() });
            let theta = model.start().to_vec();
            let summed = gradient(&mut model, &theta, &[0, 1, 2, 3, 4, 5, 6]);
            let mean: Vec<f64> = summed.iter().map(|g| g / 7.0).collect();
            let differences: Vec<f64> =
                (0..theta.len()).flat_map(|k| difference(&theta, k, |theta| vec![model.loss(theta)])).collect();
            assert_close(&mean, &differences, &format!("{what}, {trained:?}"));
        }
    }
}

#[test]
fn a_batch_adds_the_gradients_of_its_samples_also_of_repeated_ones_and_beyond_a_chunk() {
    let mut model = draw(&spec());
    let theta = model.start().to_vec();
    let batch: Vec<u32> = (0..7).cycle().take(150).collect();
    let mut expected = vec![1.0; theta.len()];
    for &i in &batch {
        gradient(&mut model, &theta, &[i]).iter().zip(&mut expected).for_each(|(g, sum)| *sum += g);
    }
    let mut added = vec![1.0; theta.len()];
    model.add_gradients(&theta, &batch, &mut added);
    for (added, expected) in added.iter().zip(&expected) {
        assert!((added - expected).abs() < 1e-12 * (1.0 + expected.abs()));
    }
}

#[test]
fn per_sample_derivatives_are_those_of_each_sample_in_each_layer() {
    for (spec, what) in variants() {
        let mut model = draw(&spec);
        let theta = model.start().to_vec();
        let mut offset = 0;
        for l in 0..=spec.hidden.len() {
            let Derivatives { deltas, activations, hessians } = model.derivatives(&theta, l);
            let (o, i) = (deltas.ncols(), activations.ncols());
            assert_eq!(hessians.ncols(), o * (o + 1) / 2);
            for s in 0..7_u32 {
                let p = s as usize;
                let what = format!("{what}, layer {l}, sample {s}");
                let of_layer = |all: Vec<f64>| all[offset..offset + o * i].to_vec();
                let outer: Vec<f64> = (0..o * i).map(|k| deltas[(p, k / i)] * activations[(p, k % i)]).collect();
                assert_close(&outer, &of_layer(gradient(&mut model, &theta, &[s])), &what);

                let M = |r: usize, c: usize| hessians[(p, r.max(c) * (r.max(c) + 1) / 2 + r.min(c))];
                for k in 0..o * i {
                    let column: Vec<f64> = (0..o * i)
                        .map(|j| M(j / i, k / i) * activations[(p, j % i)] * activations[(p, k % i)])
                        .collect();
                    let differences =
                        difference(&theta, offset + k, |theta| of_layer(gradient(&mut model, theta, &[s])));
                    assert_close(&column, &differences, &what);
                }
            }
            offset += o * i;
        }
    }
}

#[test]
fn per_sample_derivatives_have_the_shape_of_the_analysed_layer_and_do_not_exist_of_a_diverged_network() {
    let mut model = draw(&NetworkSpec { analysed: Some(1), ..spec() });
    let theta = model.start().to_vec();
    let derivatives = model.per_sample(&theta).unwrap();
    assert_eq!((derivatives.count(), derivatives.dimension()), (7, 12));
    assert!(model.per_sample(&vec![f64::NAN; theta.len()]).is_none());
    assert!(draw(&spec()).per_sample(&theta).is_none());
}

/// A two-layer network for a regression.
fn two_layer(activation: Activation, trained: Trained) -> NetworkSpec {
    let teacher = Teacher { samples: 70, n_features: 3, width: 2, activation: Activation::Tanh, seed: 5 };
    let (data, hidden) = (DataSource::Teacher(teacher), vec![6]);
    NetworkSpec { data, hidden, activation, trained, loss: Loss::Squared, ..spec() }
}

#[test]
fn tangents_are_the_derivatives_of_the_residuals() {
    for activation in ACTIVATIONS {
        for trained in [Trained::All, Trained::FirstLayer] {
            let what = format!("{activation:?}, {trained:?}");
            let mut model = draw(&two_layer(activation, trained));
            let theta = model.start().to_vec();
            let tangents = model.tangents(&theta).unwrap();
            for k in 0..theta.len() {
                let column: Vec<f64> = (0..70).map(|i| tangents.gradients[(i, k)]).collect();
                let differences = difference(&theta, k, |theta| model.tangents(theta).unwrap().residuals);
                assert_close(&column, &differences, &what);
            }
            let loss = tangents.residuals.iter().map(|r| 0.5 * r * r / 70.0).sum::<f64>();
            assert!((loss - model.loss(&theta)).abs() < 1e-14, "{what}");
            let gradient = gradient(&mut model, &theta, &[3]);
            let expected: Vec<f64> =
                (0..theta.len()).map(|k| tangents.residuals[3] * tangents.gradients[(3, k)]).collect();
            assert_close(&gradient, &expected, &what);
        }
    }
    assert!(draw(&spec()).tangents(&[0.0; 41]).is_none());
}

#[test]
fn a_network_of_identities_is_the_product_of_its_matrices() {
    let data = LabelledData::new(2, vec![1.0, 2.0], Targets::Values(vec![0.5])).unwrap();
    let data = whole(&Arc::new(data));
    let mut model = draw(&NetworkSpec {
        data,
        hidden: vec![2, 2],
        activation: Activation::Identity,
        loss: Loss::Squared,
        ..spec()
    });
    // [2 −1]·[1 0; 3 1]·[1 1; 0 2]·(1, 2)ᵀ = [2 −1]·[1 0; 3 1]·(3, 4)ᵀ = [2 −1]·(3, 13)ᵀ = −7.
    let theta = [1.0, 1.0, 0.0, 2.0, 1.0, 0.0, 3.0, 1.0, 2.0, -1.0];
    assert_eq!(model.loss(&theta), 0.5 * 7.5 * 7.5);
    // r·W₂ᵀaᵀ for the middle layer: δ = −7.5·(2, −1), a = (3, 4).
    let gradient = gradient(&mut model, &theta, &[0]);
    assert_eq!(gradient[4..8], [-45.0, -60.0, 22.5, 30.0]);
    assert_eq!(gradient[8..], [-22.5, -97.5]);
}

#[test]
fn frozen_layers_keep_the_weights_that_they_would_start_from() {
    let mut all = draw(&spec());
    let mut first = draw(&NetworkSpec { trained: Trained::FirstLayer, ..spec() });
    let (every, some) = (all.start().to_vec(), first.start().to_vec());
    assert_eq!((every.len(), some.len()), (20 + 12 + 9, 20));
    assert_eq!(every[..20], some);
    assert_eq!(all.loss(&every), first.loss(&some));
    // Another first layer, the same others.
    let moved: Vec<f64> = some.iter().map(|w| w + 0.1).collect();
    assert_eq!(all.loss(&[&moved, &every[20..]].concat()), first.loss(&moved));
}

#[test]
fn labels_that_features_separate_are_learnt() {
    // Sample i stands near corner i mod 3 of a triangle.
    let corners = [[1.0, 0.0], [-0.5, 0.9], [-0.5, -0.9]];
    let features = (0..30).flat_map(|i| corners[i % 3].map(|x| x + 0.2 * libm::sin(7.0 * i as f64))).collect();
    let data = LabelledData::new(2, features, Targets::Labels((0..3).cycle().take(30).collect())).unwrap();
    let data = whole(&Arc::new(data));
    for loss in LOSSES {
        let mut model = draw(&NetworkSpec {
            data: data.clone(),
            hidden: vec![8],
            activation: Activation::Relu,
            loss,
            gain: 1.0,
            ..spec()
        });
        let mut theta = model.start().to_vec();
        let first = model.loss(&theta);
        for step in 0..600 {
            let batch: Vec<u32> = (0..10).map(|i| (10 * step + i) % 30).collect();
            let gradient = gradient(&mut model, &theta, &batch);
            theta.iter_mut().zip(&gradient).for_each(|(theta, g)| *theta -= 0.02 * g);
        }
        assert_eq!(model.accuracy(&theta), Some(1.0), "{loss:?}");
        assert!(model.loss(&theta) < 0.5 * first, "{loss:?}");
    }
}
