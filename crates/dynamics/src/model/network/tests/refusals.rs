//! What is no network, and what cannot be read off one.

use super::*;

#[track_caller]
fn check(spec: &NetworkSpec, message: &str) {
    let error = Network::new(spec).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

fn of(data: DataSource) -> NetworkSpec {
    NetworkSpec { data, ..spec() }
}

fn subset(data: Arc<LabelledData>, classes: Option<Vec<u32>>, samples: Option<usize>) -> NetworkSpec {
    of(DataSource::Subset { data, classes, samples })
}

#[test]
fn specs_that_are_no_networks_are_refused() {
    check(&NetworkSpec { hidden: vec![4, 0], ..spec() }, "hidden layer 2 has width 0");
    check(&NetworkSpec { analysed: Some(3), ..spec() }, "layer 3 is to be analysed, but the network has 3 layers");
    check(&NetworkSpec { gain: 0.0, ..spec() }, "gain of the hidden layers is 0");
    check(&NetworkSpec { output: OutputWeights::InverseWidth(f64::NAN), ..spec() }, "gain of the last layer is NaN");
    check(&NetworkSpec { hidden: vec![1 << 40], ..spec() }, "weights: at most 134217728");
    check(&NetworkSpec { hidden: vec![20_000, 20_000], ..spec() }, "weights: at most 134217728");
}

#[test]
fn data_that_do_not_fit_are_refused() {
    let data = labelled(7, 5, 3);
    check(&subset(data.clone(), Some(vec![1]), None), "1 classes are chosen: at least 2");
    check(&subset(data.clone(), Some(vec![1, 2, 1]), None), "class 1 is chosen twice");
    check(&subset(data.clone(), Some(vec![1, 8]), None), "class 8 has 0 samples");
    check(&subset(data.clone(), None, Some(8)), "class 1 has 2 samples, but a balanced subset takes 3 of it");
    check(&subset(data, None, Some(2)), "2 samples: from 3 to 7");

    let values = LabelledData::new(1, vec![1.0, 2.0], Targets::Values(vec![3.0, 4.0])).unwrap();
    let values = Arc::new(values);
    check(&of(whole(&values)), "cross-entropy needs labels");
    let squared = NetworkSpec { loss: Loss::Squared, ..subset(values.clone(), Some(vec![0, 1]), None) };
    check(&squared, "a choice of classes needs labels");
    check(&NetworkSpec { loss: Loss::Squared, ..subset(values, None, Some(3)) }, "3 samples: from 1 to 2");

    let teacher = Teacher { samples: 5, n_features: 2, width: 0, activation: Activation::Relu, seed: 0 };
    let of_teacher = |loss, teacher| NetworkSpec { loss, ..of(DataSource::Teacher(teacher)) };
    check(&of_teacher(Loss::SquaredSoftmax, teacher.clone()), "squared loss on soft-max output needs labels");
    check(&of_teacher(Loss::Squared, teacher.clone()), "teacher is empty");
    let none = Teacher { samples: 0, width: 1, ..teacher };
    check(&of_teacher(Loss::Squared, none), "0 samples: from 1");
}

#[test]
fn broken_tables_are_refused() {
    let check = |n_features, features: &[f64], targets, message: &str| {
        let error = LabelledData::new(n_features, features.to_vec(), targets).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    };
    let labels = || Targets::Labels(vec![0]);
    check(0, &[1.0], labels(), "feature vector is empty");
    check(2, &[], Targets::Labels(vec![]), "the data set has 0 samples");
    check(2, &[1.0, 2.0, 3.0], labels(), "table of features has 3 entries: 2 are required");
    check(1, &[1.0, 2.0], labels(), "vector of labels has 1 entries: 2 are required");
    check(1, &[1.0, 2.0], Targets::Values(vec![1.0; 3]), "table of targets has 3 entries: 4 are required");
    check(1, &[f64::INFINITY], labels(), "a feature is inf");
    check(1, &[1.0], Targets::Values(vec![f64::NAN]), "a target is NaN");
}

#[test]
fn readings_are_refused_where_they_mean_nothing() {
    let of_layer = |directions| {
        let (noise, hessians) = (NoiseSource::Gradients, Hessians::AsTheyAre);
        Reading::NoiseCurvature { part: FitPart::Exponent, directions, noise, hessians }
    };
    let commutation = |directions| Reading::Commutation { part: Block::Bulk, directions, over_baseline: false };
    let layer = Reading::Sharpness { size: Size::Top, of: CurvatureMatrix::Layer };
    let alignment = Reading::Alignment(Centring::Centred);
    let check = |spec: &NetworkSpec, reading: &Reading, expected: Option<&str>| {
        let refusal = Network::new(spec).unwrap().refuses(reading);
        assert_eq!(refusal.as_deref(), expected, "{reading:?}");
    };

    let classifier = NetworkSpec { analysed: Some(1), ..spec() };
    check(&classifier, &Reading::Loss, None);
    check(&classifier, &Reading::Accuracy, None);
    check(&classifier, &layer, None);
    check(&classifier, &of_layer(12), None);
    let too_many = "13 leading directions are asked for: there must be from 3 to 12";
    check(&classifier, &of_layer(13), Some(too_many));
    check(&classifier, &of_layer(2), Some("2 leading directions are asked for: there must be from 3 to 12"));
    check(&classifier, &commutation(11), None);
    let none = "all 12 directions are leading ones, and none is left for the bulk";
    check(&classifier, &commutation(12), Some(none));
    check(&classifier, &alignment, Some("it is known for a squared loss only, that of raw outputs"));
    let of_three = NetworkSpec { loss: Loss::Squared, ..spec() };
    check(&of_three, &alignment, Some("it is known for one output, and this network has 3"));
    let wide = NetworkSpec { hidden: vec![10_000], analysed: Some(0), ..spec() };
    assert!(Network::new(&wide).unwrap().refuses(&layer).is_some());
    check(&wide, &Reading::Loss, None);
    let nowhere = "it is read in one layer: say by analysed_layer in which";
    check(&spec(), &layer, Some(nowhere));
    check(&spec(), &of_layer(2), Some(nowhere));

    let teacher = Teacher { samples: 5, n_features: 2, width: 1, activation: Activation::Relu, seed: 0 };
    let regression = NetworkSpec { loss: Loss::Squared, ..of(DataSource::Teacher(teacher)) };
    check(&regression, &alignment, None);
    check(&regression, &Reading::Accuracy, Some("only labels can be right, and these targets are real"));
}

#[test]
fn readings_whose_tables_do_not_fit_in_memory_are_refused_and_the_others_are_not() {
    let layer = Reading::Sharpness { size: Size::Top, of: CurvatureMatrix::Layer };
    let alignment = Reading::Alignment(Centring::Centred);
    let check = |spec: &NetworkSpec, reading: &Reading, expected: &str| {
        let refusal = Network::new(spec).unwrap().refuses(reading).unwrap_or_default();
        assert!(refusal.contains(expected), "{refusal}");
    };
    // 7 Hessians of 10⁴×10⁴, of which half are kept; the layer itself has 5·10⁴ weights.
    let wide = NetworkSpec { hidden: vec![10_000], analysed: Some(0), ..spec() };
    check(&wide, &layer, "matrices of a layer of 10000×5 weights and 7 samples would have 2500000000");
    assert_eq!(Network::new(&wide).unwrap().refuses(&Reading::Loss), None);
    // A wide two-layer network is read by its outputs, whatever its layers would be.
    let teacher = |samples| {
        let teacher = Teacher { samples, n_features: 1, width: 1, activation: Activation::Relu, seed: 0 };
        NetworkSpec { loss: Loss::Squared, analysed: Some(0), ..of(DataSource::Teacher(teacher)) }
    };
    let two_layer = |width, samples| NetworkSpec { hidden: vec![width], ..teacher(samples) };
    assert_eq!(Network::new(&two_layer(40_000, 100)).unwrap().refuses(&alignment), None);
    check(&two_layer(1000, 1000), &layer, "per-sample Hessians of");
    check(&two_layer(1000, 100_000), &alignment, "gradients of the outputs of 100000 samples and 2000 parameters");
    check(&two_layer(2, 20_000), &alignment, "kernel of");
    assert_eq!(Network::new(&two_layer(2, 20_000)).unwrap().refuses(&Reading::Loss), None);
    let inputs = |analysed| NetworkSpec { hidden: vec![600], analysed, ..teacher(1000) };
    check(&inputs(Some(1)), &layer, "products of activations of a layer of 1×600 weights and 1000 samples");
}
