//! Ten thousand experiments in which the theory is true: false alarms come as often as stated, and p-values are uniform.
//!
//! Two checks for each kind of statistic. Of n experiments, the share whose p-value is at most 0.05 is binomial: 0.05 must lie in
//! Clopper and Pearson's exact interval of error 10⁻⁶. And the p-values must be uniform by Kolmogorov's test at 10⁻⁶ (by the
//! inequality of Dvoretzky, Kiefer and Wolfowitz: distance below √(ln(2·10⁶)/(2n)), 0.027 for 10⁴ and 0.0135 for 4·10⁴). So the
//! false-alarm rate of a kind is 2·10⁻⁶. With 4·10⁴ experiments standard errors that are 5 % too small are surely seen: then
//! 0.0626 of the p-values are below 0.05, eleven standard deviations too many; with 10⁴ those that are 10 % too small.

mod common;

use common::parse;
use common::slow::is_wanted;
use engine::Spec;
use engine::predict::{Prediction, predict};
use engine::progress::Quiet;
use engine::simulate::{CellData, simulate};
use engine::verdict::judge;
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};
use stats::{Estimate, Interval, LogSlope, Proportion, Ratio, Sample};

/// The stated rate of false alarms.
const LEVEL: f64 = 0.05;

/// The chance that either check fails by accident.
const ERROR: f64 = 1e-6;

/// A band that is a point at the truth, so that each statistic has a p-value below 1.
fn point(truth: f64) -> Interval {
    Interval::new(truth, truth)
}

/// What is wrong with p-values of true claims, if anything.
fn complaint(p_values: &[f64]) -> Option<String> {
    let n = p_values.len() as f64;
    let alarms = p_values.iter().filter(|p| **p <= LEVEL).count() as f64;
    let rate = Proportion { count: alarms, n }.interval(ERROR);
    let distance = distance_to_uniform(p_values);
    let most = (libm::log(2.0 / ERROR) / (2.0 * n)).sqrt();
    println!(
        "{alarms} of {n} p-values are at most {LEVEL} ({} are due), distance to uniform {distance:.4} of {most:.4}",
        LEVEL * n
    );
    let is_right = rate.low <= LEVEL && LEVEL <= rate.high && distance <= most;
    (!is_right).then(|| format!("{alarms} alarms of {n}, [{:.4}, {:.4}]; distance {distance}", rate.low, rate.high))
}

/// sup |F̂(p) − p|.
fn distance_to_uniform(p_values: &[f64]) -> f64 {
    let mut sorted = p_values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let at = |(i, p): (usize, &f64)| (p - i as f64 / n).abs().max(((i + 1) as f64 / n - p).abs());
    sorted.iter().enumerate().map(at).fold(0.0, f64::max)
}

/// Columns of 128 sections of 32 squared normals each, half of whose numbers the columns share.
struct Columns {
    stream: Stream,
    normals: Vec<f64>,
}

impl Columns {
    fn new(columns: usize) -> Self {
        let key = StreamKey { seed: 11, cell: "null", block: columns as u64, purpose: Purpose::Noise };
        Columns { stream: Stream::new(key), normals: vec![0.0; 4096 * (columns + 1)] }
    }

    fn draw(&mut self) -> Vec<Vec<f64>> {
        fill_normals(&mut self.stream, &mut self.normals);
        let (common, own) = self.normals.split_at(4096);
        let section =
            |(a, b): (&[f64], &[f64])| a.iter().zip(b).map(|(a, b)| 0.5 * (a + b) * (a + b)).sum::<f64>() / 32.0;
        own.chunks(4096).map(|own| common.chunks(32).zip(own.chunks(32)).map(section).collect()).collect()
    }
}

const EXPERIMENTS: usize = 40_000;

#[test]
fn means_of_skewed_sections_have_uniform_p_values() {
    let mut columns = Columns::new(1);
    let samples: Vec<Sample> = (0..EXPERIMENTS).map(|_| Sample::new(&columns.draw()[0])).collect();
    let p = |of: &dyn Fn(Sample) -> Sample| -> Vec<f64> {
        samples.iter().map(|sample| Estimate::Mean(of(*sample)).p_outside(&point(1.0))).collect()
    };
    assert_eq!(complaint(&p(&|sample| sample)), None);
    // And on purpose: errors that are 5 % too small, or too large, are not let pass.
    for factor in [0.95, 1.05] {
        let wrong = p(&|sample| Sample { standard_error: factor * sample.standard_error, ..sample });
        assert!(complaint(&wrong).is_some(), "standard errors times {factor} should be seen");
    }
    // Nor is a law that is off by a tenth of the standard error of a mean.
    let off: Vec<f64> =
        samples.iter().map(|sample| sample.p_outside(&point(1.0 + 0.1 * sample.standard_error))).collect();
    let one_sided: Vec<f64> = off
        .iter()
        .zip(&samples)
        .map(|(p, s)| if s.mean > 1.0 + 0.1 * s.standard_error { 0.5 * p } else { 1.0 - 0.5 * p })
        .collect();
    assert!(complaint(&one_sided).is_some(), "a bias of a tenth of a standard error should be seen at an end");
}

#[test]
fn each_end_of_an_interval_is_right_by_itself() {
    let mut columns = Columns::new(1);
    let one_sided = |_| {
        let sample = Sample::new(&columns.draw()[0]);
        let p = sample.p_outside(&point(1.0));
        if sample.mean > 1.0 { 0.5 * p } else { 1.0 - 0.5 * p }
    };
    let p_values: Vec<f64> = (0..EXPERIMENTS).map(one_sided).collect();
    assert_eq!(complaint(&p_values), None);
}

#[test]
fn ratios_and_slopes_of_correlated_columns_have_uniform_p_values() {
    let mut columns = Columns::new(4);
    let (mut ratios, mut slopes) = (Vec::new(), Vec::new());
    for _ in 0..EXPERIMENTS / 4 {
        let drawn = columns.draw();
        let slope = Estimate::Slope(LogSlope::new(&[1.0, 2.0, 4.0, 8.0], &drawn));
        slopes.push(slope.p_outside(&point(0.0)));
        let [a, b, ..] = <[Vec<f64>; 4]>::try_from(drawn).expect("four columns");
        ratios.push(Estimate::Ratio(Ratio::new(a, b)).p_outside(&point(1.0)));
    }
    assert_eq!((complaint(&ratios), complaint(&slopes)), (None, None));
}

/// Counts are discrete and their intervals exact, so false alarms are at most as many as stated, and p-values at least as large
/// as uniform ones: by how much, depends on the size of a step. For 8 192 trials at 0.3 a step is 1 % of a standard
/// deviation, and both checks apply.
#[test]
fn frequencies_have_p_values_that_are_uniform_but_for_their_steps() {
    const TRIALS: usize = 8192;
    let mut stream = Stream::new(StreamKey { seed: 12, cell: "null", block: 0, purpose: Purpose::Noise });
    let mut words = vec![0_u64; TRIALS];
    let frequency = |_| {
        stream.fill_words(&mut words);
        // P(word < 0.3·2⁶⁴) = 0.3.
        let count = words.iter().filter(|word| (**word as f64) < 0.3 * 18_446_744_073_709_551_616.0).count() as f64;
        let proportion = Proportion { count, n: TRIALS as f64 };
        Estimate::Proportion { proportion, offset: 0.0, slope: 1.0 }.p_outside(&point(0.3))
    };
    let p_values: Vec<f64> = (0..EXPERIMENTS / 4).map(frequency).collect();
    let alarms = p_values.iter().filter(|p| **p <= LEVEL).count() as f64;
    let rate = Proportion { count: alarms, n: p_values.len() as f64 }.interval(ERROR);
    println!("{alarms} of {} frequencies are refuted at {LEVEL}", p_values.len());
    assert!(rate.low <= LEVEL && rate.high >= 0.9 * LEVEL, "{alarms} alarms");
}

/// SGD in two dimensions, three steps of 4 096 replicates, simulated by the engine's own kernel: a claim of one test, with the
/// truth on both edges of its band.
fn experiment() -> (Spec, Vec<Prediction>) {
    let spec = parse(
        "null",
        r#"
        schema = 1
        title = "a true claim"
        seed = 0
        family_wise_error = 0.05
        source = { paper = "none", statements = [] }
        sampling.gaussian.batch_size = 2
        replicates.count = 4096
        problem.quadratic = { dimension = 2, curvature.diagonal = [1.0, 4.0], noise.dense = [[2.0, 0.5], [0.5, 1.0]] }
        [process.sgd]
        step_size.constant = 0.2
        start.gaussian = { spread = 0.2 }
        horizon.steps = 3
        record.steps = [3]
        [[measure]]
        name = "second-moment"
        observe.directional = { of = "noise", top = 1 }
        [[claim]]
        name = "exact"
        says = "The exact law is exact."
        measure = "second-moment"
        against.exact = { resolution = 1e-9 }
        "#,
    );
    let predictions = predict(&spec).expect("a law");
    (spec, predictions)
}

/// 10 000 experiments, 40 000 with SLOW=1.
#[test]
fn verdicts_on_the_simulated_recursion_are_right_as_often_as_stated() {
    let (mut spec, predictions) = experiment();
    let n = if is_wanted("40 000 experiments with the kernel, instead of 10 000") { 40_000 } else { 10_000 };
    let (mut p_values, mut short) = (Vec::new(), Vec::new());
    let mut refuted = 0.0;
    for seed in 0..n {
        spec.seed = seed;
        let data: Vec<CellData> = vec![simulate(&spec, &spec.cells[0], &|| true, &Quiet).expect("nobody stops it")];
        let judgement = judge(&spec, &data, &predictions);
        refuted += f64::from(u8::from(judgement.overall() == engine::Verdict::Refuted));
        let test = &judgement.tests[0];
        p_values.push(test.estimate.p_outside(&test.band));
        let sample = test.estimate.as_sample().expect("a mean");
        short.push(Sample { standard_error: 0.9 * sample.standard_error, ..sample }.p_outside(&test.band));
    }
    let rate = Proportion { count: refuted, n: n as f64 }.interval(ERROR);
    println!("{refuted} of {n} true claims are refuted at {LEVEL}");
    assert!(rate.low <= LEVEL && LEVEL <= rate.high, "{refuted} false alarms of {n}");
    assert_eq!(complaint(&p_values), None);
    assert!(complaint(&short).is_some(), "standard errors that are 10 % too small should be seen");
}
