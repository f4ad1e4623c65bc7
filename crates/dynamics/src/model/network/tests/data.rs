//! What a replicate draws: balanced subsets, teachers, first weights.

use super::*;
use crate::model::network::source::{Source, TrainingSet};

fn subset(data: Arc<LabelledData>, classes: Option<Vec<u32>>, samples: Option<usize>, loss: Loss) -> Source {
    Source::new(&DataSource::Subset { data, classes, samples }, loss).unwrap()
}

/// All features, sample after sample.
fn features(set: &TrainingSet) -> Vec<f64> {
    (0..set.count()).flat_map(|i| set.features(i)).copied().collect()
}

/// What a stream would give next.
fn next(stream: &mut Stream) -> [u64; 4] {
    let mut words = [0; 4];
    stream.fill_words(&mut words);
    words
}

#[test]
fn a_subset_holds_each_class_as_often_as_the_others_and_no_sample_twice() {
    let data = labelled(40, 1, 4);
    let source = subset(data.clone(), Some(vec![3, 0, 2]), Some(11), Loss::CrossEntropy);
    assert_eq!((source.n_samples(), source.n_outputs()), (11, 3));
    let mut stream = stream(0);
    let first = source.draw(&mut stream);
    let second = source.draw(&mut stream);
    assert_ne!(features(&first), features(&second));
    for set in [first, second] {
        assert_eq!(set.count(), 11);
        let of_class = |class: usize| (0..11).filter(|&i| set.target(i)[class] == 1.0).count();
        assert_eq!([of_class(0), of_class(1), of_class(2)], [4, 4, 3]);
        assert!(Arc::ptr_eq(&set.data, &data), "the data set is shared and not copied");
        // Features are all different, and tell which sample of the data set it is, and so its label.
        for i in 0..11 {
            let x = set.features(i)[0];
            assert_eq!(features(&set).iter().filter(|other| **other == x).count(), 1);
            let original = data.features.iter().position(|other| *other == x).unwrap();
            assert_eq!(set.target(i)[[1, 9, 2, 0][original % 4]], 1.0);
        }
    }
}

#[test]
fn every_sample_is_drawn_equally_often() {
    let data = labelled(12, 1, 2);
    let source = subset(data.clone(), None, Some(4), Loss::CrossEntropy);
    let mut stream = stream(0);
    let mut counts = vec![0.0; 12];
    for _ in 0..6000 {
        let set = source.draw(&mut stream);
        for x in features(&set) {
            counts[data.features.iter().position(|y| *y == x).unwrap()] += 1.0;
        }
    }
    // Each is drawn with chance 1/3; six standard errors.
    let allowed = 6.0 * (6000.0 * 2.0 / 9.0_f64).sqrt();
    assert!(counts.iter().all(|count: &f64| (count - 2000.0).abs() < allowed), "{counts:?}");
}

#[test]
fn a_whole_data_set_leaves_nothing_to_chance() {
    let data = labelled(7, 2, 3);
    let mut stream = stream(0);
    let untouched = next(&mut stream.clone());
    let set = subset(data.clone(), None, None, Loss::SquaredSoftmax).draw(&mut stream);
    assert_eq!(next(&mut stream), untouched);
    assert_eq!(features(&set), data.features);
    assert!(Arc::ptr_eq(&set.data, &data));
    assert_eq!(set.target(4), [0.0, 1.0, 0.0]);
}

#[test]
fn two_classes_under_squared_loss_are_signs_and_more_are_one_hot() {
    let data = labelled(8, 1, 4);
    let signs = subset(data.clone(), Some(vec![2, 1]), None, Loss::Squared);
    assert_eq!(signs.draw(&mut stream(0)).targets, [1.0, -1.0, 1.0, -1.0]);
    let one_hot = subset(data, Some(vec![2, 1, 0]), None, Loss::Squared);
    assert_eq!(one_hot.draw(&mut stream(0)).target(0), [0.0, 0.0, 1.0]);

    let classes = Some(vec![2, 1]);
    let source = DataSource::Subset { data: labelled(8, 1, 4), classes, samples: None };
    let spec = NetworkSpec { data: source, hidden: vec![], loss: Loss::Squared, ..spec() };
    let mut model = draw(&spec);
    // f = θx is right where x has the sign of the label.
    let x = [1, 2, 5, 6].map(|k| libm::sin(1.0 + 12.9 * f64::from(k)));
    let right = x.iter().zip([1.0, -1.0, 1.0, -1.0]).filter(|(x, y)| *x * y > 0.0).count();
    assert_eq!(model.accuracy(&[1.0]), Some(right as f64 / 4.0));
    assert_eq!(model.accuracy(&[-1.0]), Some(1.0 - right as f64 / 4.0));
}

#[test]
fn real_targets_are_drawn_with_their_features() {
    let values: Vec<f64> = (0..20).map(f64::from).collect();
    let features = (0..10).map(|i| -f64::from(i)).collect();
    let data = LabelledData::new(1, features, Targets::Values(values)).unwrap();
    let source = subset(Arc::new(data), None, Some(6), Loss::Squared);
    let set = source.draw(&mut stream(0));
    assert_eq!((set.count(), set.n_outputs), (6, 2));
    for i in 0..6 {
        let x = set.features(i)[0];
        assert_eq!(set.target(i), [-2.0 * x, 1.0 - 2.0 * x]);
    }
}

#[test]
fn a_teacher_is_one_function_for_all_replicates() {
    let teacher = Teacher { samples: 50, n_features: 3, width: 1, activation: Activation::Identity, seed: 9 };
    let source = Source::new(&DataSource::Teacher(teacher.clone()), Loss::Squared).unwrap();
    // y = ±uᵀx: three samples tell what u is.
    let set = source.draw(&mut stream(0));
    let X = faer::Mat::from_fn(3, 3, |i, j| set.features(i)[j]);
    let y = faer::Mat::from_fn(3, 1, |i, _| set.target(i)[0]);
    let u = faer::linalg::solvers::Solve::solve(&X.full_piv_lu(), &y);
    assert!((u.norm_l2() - 1.0).abs() < 1e-13);
    let other = source.draw(&mut stream(1));
    assert_ne!(features(&set), features(&other));
    for i in 0..50 {
        let product: f64 = (0..3).map(|j| u[(j, 0)] * other.features(i)[j]).sum();
        assert!((product - other.target(i)[0]).abs() < 1e-13);
    }

    let reseeded = Source::new(&DataSource::Teacher(Teacher { seed: 10, ..teacher }), Loss::Squared).unwrap();
    let reseeded = reseeded.draw(&mut stream(0));
    assert_eq!(features(&reseeded), features(&set));
    assert_ne!(reseeded.targets, set.targets);
}

#[test]
fn first_weights_have_the_variances_that_they_are_said_to_have() {
    let variance = |activation, output| -> [f64; 3] {
        let gain = 0.7;
        let data = whole(&labelled(7, 50, 3));
        let spec = NetworkSpec { data, hidden: vec![200, 1000], activation, gain, output, ..spec() };
        let start = draw(&spec).start().to_vec();
        let (first, rest) = start.split_at(10_000);
        let (second, last) = rest.split_at(200_000);
        [first, second, last].map(|weights| weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64)
    };
    for (activation, output, expected) in [
        (Activation::Relu, OutputWeights::InverseRootWidth(3.0), [0.98 / 50.0, 0.98 / 200.0, 9.0 / 1e3]),
        (Activation::Tanh, OutputWeights::InverseWidth(3.0), [0.49 / 50.0, 0.49 / 200.0, 9.0 / 1e6]),
    ] {
        let given = variance(activation, output);
        for (place, size) in [10_000.0, 200_000.0, 3_000.0_f64].into_iter().enumerate() {
            // Six standard errors of a mean of squares of normals.
            let allowed = 6.0 * (2.0 / size).sqrt();
            assert!((given[place] / expected[place] - 1.0).abs() < allowed, "{activation:?}, layer {place}: {given:?}");
        }
    }
}

#[test]
fn networks_of_different_widths_share_their_samples() {
    let teacher = Teacher { samples: 5, n_features: 3, width: 4, activation: Activation::Relu, seed: 1 };
    let spec = NetworkSpec { data: DataSource::Teacher(teacher), loss: Loss::Squared, ..spec() };
    // With no weights the outputs are 0 and the losses those of the targets alone.
    let mut narrow = draw(&NetworkSpec { hidden: vec![2], ..spec.clone() });
    let mut wide = draw(&NetworkSpec { hidden: vec![30], ..spec });
    let loss = narrow.loss(&[0.0; 8]);
    assert!(loss > 0.0);
    assert_eq!(loss, wide.loss(&[0.0; 120]));
}
