//! The verdicts' own error rates, over many experiments in which the theory is true.

mod common;

use common::{parse, simulate_all};
use engine::predict::predict;
use engine::stats::student::upper_quantile;
use engine::stats::{Estimate, Interval, LogSlope, Ratio, Sample};
use engine::verdict::judge;
use engine::{Spec, Verdict};
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};

/// An experiment so short that thousands can be run. A resolution of 10⁻⁹ puts the truth on the edge of the band,
/// where a true claim is most easily refuted: there the chance is the stated one, not merely below it.
fn null_experiment(seed: u64, record: &str, top: usize) -> Spec {
    parse(
        "null",
        &format!(
            r#"
            schema = 1
            title = "a true claim"
            seed = {seed}
            family_wise_error = 0.05
            source = {{ paper = "none", statements = [] }}
            sampling.gaussian.batch_size = 2
            replicates.count = 4096
            [problem.quadratic]
            dimension = 3
            curvature.diagonal = [1.0, 2.0, 4.0]
            noise.dense = [[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 0.5]]
            [process.sgd]
            step_size.constant = 0.2
            start.gaussian = {{ spread = 0.2 }}
            horizon.steps = 40
            record.steps = {record}
            [[measure]]
            name = "second-moment"
            observe.directional = {{ of = "noise", top = {top} }}
            [[claim]]
            name = "exact"
            says = "The exact law is exact."
            measure = "second-moment"
            against.exact = {{ resolution = 1e-9 }}
            "#
        ),
    )
}

/// The number of experiments whose true claim is refuted.
fn false_alarms(experiments: u64, record: &str, top: usize) -> f64 {
    let refuted = |seed: u64| {
        let spec = null_experiment(seed, record, top);
        let judgement = judge(&spec, &simulate_all(&spec), &predict(&spec).expect("a law"));
        judgement.overall() == Verdict::Refuted
    };
    (0..experiments).filter(|seed| refuted(*seed)).count() as f64
}

/// One test an experiment: the count is binomial with p = 0.05. Bounds of 5.2 standard deviations have a false-alarm
/// rate of 2·10⁻⁷; a true rate of 0.1 or of 0.015 is caught with more than 99 % probability.
#[test]
fn a_single_true_claim_is_refuted_as_often_as_stated() {
    let n = 2_000.0_f64;
    let count = false_alarms(2_000, "[40]", 1);
    let (mean, deviation) = (0.05 * n, (0.05 * 0.95 * n).sqrt());
    assert!((count - mean).abs() < 5.2 * deviation, "{count} false alarms in {n}, expected {mean}");
}

/// Fifteen dependent tests an experiment: the family-wise rate is at most 0.05, and not absurdly below it.
#[test]
fn a_family_of_true_claims_is_refuted_no_more_often_than_stated() {
    let n = 1_000.0_f64;
    let count = false_alarms(1_000, "[0, 1, 4, 10, 40]", 3);
    let deviation = (0.05 * 0.95 * n).sqrt();
    assert!(count < 0.05 * n + 5.2 * deviation, "{count} false alarms in {n}");
    assert!(count > 0.01 * n, "{count} false alarms in {n}: the verdicts waste their power");
}

/// Far in the tail, where verdicts live, means of squares are still skewed: 128 sections of 32 squared normals each. At
/// a stated error of 10⁻³ each end of the 200 000 intervals should miss the truth 100 times; the counts are Poisson, so
/// [50, 160] has a false-alarm rate of 10⁻⁷, and of 3·10⁻⁶ if the upper rate is 1.1 times the stated one, as measured. Student's interval without the correction misses 1.7 times as
/// often above as it should, and 0.6 times as often below.
#[test]
fn skewness_does_not_spoil_the_coverage_in_the_tail() {
    let mut stream = Stream::new(StreamKey { seed: 5, cell: "coverage", block: 0, purpose: Purpose::Noise });
    let mut normals = vec![0.0; 4096];
    let (mut corrected, mut uncorrected) = ([0; 2], [0; 2]);
    for _ in 0..200_000 {
        fill_normals(&mut stream, &mut normals);
        let sections: Vec<f64> = normals.chunks(32).map(|z| z.iter().map(|z| z * z).sum::<f64>() / 32.0).collect();
        let sample = Sample::new(&sections);
        for (misses, sample) in [(&mut corrected, sample), (&mut uncorrected, Sample { skewness: 0.0, ..sample })] {
            let interval = sample.interval(1e-3);
            misses[0] += u32::from(interval.low > 1.0);
            misses[1] += u32::from(interval.high < 1.0);
        }
    }
    let right = |misses: u32| (50..=160).contains(&misses);
    assert!(right(corrected[0]) && right(corrected[1]), "{corrected:?} misses below and above; 100 each were stated");
    assert!(uncorrected[1] > corrected[1] + 15, "{uncorrected:?}: without the correction the rates should be off");
}

/// Ratios and slopes are no means. Two (and four) columns of 128 sections of 32 squared normals, half of whose numbers
/// they share; at a stated error of 2·10⁻³ each end should miss 40 times in 40 000. The bounds [12, 75] have a
/// false-alarm rate of 10⁻⁶ (Poisson); an end that misses three times as often as stated is caught surely.
#[test]
fn ratios_and_slopes_keep_their_level_in_the_tail() {
    let mut stream = Stream::new(StreamKey { seed: 6, cell: "coverage", block: 0, purpose: Purpose::Noise });
    let mut normals = vec![0.0; 4096 * 5];
    let (mut ratios, mut slopes) = ([0; 2], [0; 2]);
    for _ in 0..40_000 {
        fill_normals(&mut stream, &mut normals);
        let (common, own) = normals.split_at(4096);
        let column = |own: &[f64]| -> Vec<f64> {
            let sum =
                |(a, b): (&[f64], &[f64])| a.iter().zip(b).map(|(a, b)| 0.5 * (a + b) * (a + b)).sum::<f64>() / 32.0;
            common.chunks(32).zip(own.chunks(32)).map(sum).collect()
        };
        let columns: Vec<Vec<f64>> = own.chunks(4096).map(column).collect();
        let count = |misses: &mut [u32; 2], interval: Interval, truth: f64| {
            misses[0] += u32::from(interval.low > truth);
            misses[1] += u32::from(interval.high < truth);
        };
        let ratio = Estimate::Ratio(Ratio::new(columns[0].clone(), columns[1].clone()));
        count(&mut ratios, ratio.interval(2e-3), 1.0);
        let slope = Estimate::Slope(LogSlope::new(&[1.0, 2.0, 4.0, 8.0], &columns));
        count(&mut slopes, slope.interval(2e-3), 0.0);
    }
    println!("misses of ratios {ratios:?}, of slopes {slopes:?}");
    for (name, misses) in [("ratio", ratios), ("slope", slopes)] {
        assert!(
            misses.iter().all(|misses| (12..=75).contains(misses)),
            "{name}: {misses:?} misses; 40 each were stated"
        );
    }
}

/// A dozen models, one replicate a section: Student's interval and Fieller's are exact for normal readings. At a stated
/// error of 2·10⁻³ each end should miss 40 times in 40 000; the bounds [12, 75] have a false-alarm rate of 10⁻⁶ (Poisson).
/// With the correction for skewness, which a dozen sections cannot tell, the ends of means would miss 1.7 times as often
/// (1.74 in 4·10⁶ experiments), 140 times together where 80 are due.
#[test]
fn a_dozen_models_keep_the_level_for_normal_readings() {
    const MODELS: usize = 12;
    let mut stream = Stream::new(StreamKey { seed: 7, cell: "coverage", block: 0, purpose: Purpose::Noise });
    let mut normals = vec![0.0; 2 * MODELS];
    let (mut means, mut ratios, mut corrected) = ([0; 2], [0; 2], [0; 2]);
    for _ in 0..40_000 {
        fill_normals(&mut stream, &mut normals);
        let numerators: Vec<f64> = normals[..MODELS].iter().map(|z| 2.0 + 0.2 * z).collect();
        let denominators: Vec<f64> =
            (0..MODELS).map(|k| 1.0 + 0.05 * normals[k] + 0.05 * normals[MODELS + k]).collect();
        let mean = Estimate::Mean(Sample::new(&numerators)).interval(2e-3);
        let ratio = Estimate::Ratio(Ratio::new(numerators.clone(), denominators)).interval(2e-3);
        let with_correction = halls_interval(&Sample::new(&numerators), 2e-3);
        for (misses, interval) in [(&mut means, mean), (&mut ratios, ratio), (&mut corrected, with_correction)] {
            misses[0] += u32::from(interval.low > 2.0);
            misses[1] += u32::from(interval.high < 2.0);
        }
    }
    println!("misses of means {means:?}, of ratios {ratios:?}, of means with the correction {corrected:?}");
    assert!(corrected[0] + corrected[1] > 105, "{corrected:?}: the correction should spoil the level");
    for (name, misses) in [("mean", means), ("ratio", ratios)] {
        assert!(misses.iter().all(|misses| (12..=75).contains(misses)), "{name}: {misses:?} misses; 40 were stated");
    }
}

/// The interval of a mean with Hall's correction, whatever the number of sections.
fn halls_interval(sample: &Sample, error: f64) -> Interval {
    let a = sample.skewness / (sample.sections as f64).sqrt();
    let quantile = upper_quantile(0.5 * error, sample.freedom());
    let untransform = |y: f64| 3.0 / a * (libm::cbrt(1.0 + a * (y - a / 6.0)) - 1.0);
    let at = |y: f64| sample.mean - sample.standard_error * untransform(y);
    Interval::new(at(quantile), at(-quantile))
}
