//! The normals: their law, their largest errors, and their bits.

use sampling::normal::{fill_normals, transform_portably};
use sampling::{Purpose, Stream, StreamKey};

const KEY: StreamKey<'_> = StreamKey { seed: 20_260_301, cell: "normals", block: 0, purpose: Purpose::Noise };

fn draw(key: StreamKey<'_>, n: usize) -> Vec<f64> {
    let mut normals = vec![0.0; n];
    fill_normals(&mut Stream::new(key), &mut normals);
    normals
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[test]
fn normals_keep_their_bits_across_releases() {
    let bits: Vec<u64> = draw(KEY, 4).iter().map(|x| x.to_bits()).collect();
    assert_eq!(bits, PINNED, "a change here is value-changing: bump STREAM_VERSION and list it in CHANGELOG.md");
}
const PINNED: [u64; 4] =
    [4_606_512_490_065_143_889, 13_818_282_752_539_744_410, 4_604_372_007_331_628_897, 4_607_883_854_036_052_829];

#[test]
fn vector_instructions_do_not_change_a_bit() {
    let mut words = vec![0; 1 << 16];
    Stream::new(KEY).fill_words(&mut words);
    let mut portable = vec![0.0; words.len()];
    transform_portably(&words, &mut portable);
    let dispatched = draw(KEY, words.len());
    assert!(portable.iter().zip(&dispatched).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn the_transform_agrees_with_libm_to_a_few_units_in_the_last_place() {
    let mut words = vec![0; 1 << 20];
    Stream::new(KEY).fill_words(&mut words);
    // The ends of both ranges, and the seams between the eighths of a turn.
    for (i, edge) in
        [0, u64::MAX, 1 << 12, 1 << 63, (1 << 63) - 1, 1 << 62, 3 << 62, 1 << 61, 3 << 61].into_iter().enumerate()
    {
        words[16 * i..16 * (i + 1)].fill(edge);
        words[16 * i..16 * i + 8].fill(edge.rotate_left(1));
    }
    let mut normals = vec![0.0; words.len()];
    transform_portably(&words, &mut normals);
    let scale = 1.0 / (1_u64 << 52) as f64;
    let mut worst = 0.0_f64;
    for (words, normals) in words.chunks_exact(16).zip(normals.chunks_exact(16)) {
        for lane in 0..8 {
            let u = 1.0 - (words[lane] >> 12) as f64 * scale;
            let v = (words[8 + lane] >> 12) as f64 * scale - 0.5;
            let radius = (-2.0 * libm::log(u)).sqrt();
            let angle = std::f64::consts::TAU * v;
            // Relative to the radius: near the zeros of sine and cosine the reference itself is only that good.
            for (ours, reference) in [(normals[lane], libm::cos(angle)), (normals[8 + lane], libm::sin(angle))] {
                if radius > 0.0 {
                    worst = worst.max((ours / radius - reference).abs());
                } else {
                    assert_eq!(ours, 0.0);
                }
            }
        }
    }
    assert!(worst < 6.0 * f64::EPSILON / 2.0, "worst error {:.2} × 2⁻⁵³", worst / (f64::EPSILON / 2.0));
}

/// Dvoretzky–Kiefer–Wolfowitz: P(sup|F̂ − F| > ε) ≤ 2 exp(−2nε²). At n = 4·10⁶ and a false-alarm rate of 10⁻⁸ the
/// band is ε = 1.55·10⁻³, so a shift of the mean by 0.0078 or a scale wrong by 1.3 % is surely (miss rate 10⁻⁸) caught.
#[test]
fn the_distribution_function_is_normal_within_a_band_of_false_alarm_rate_1e_8() {
    let n = 4_000_000;
    let epsilon = (libm::log(2.0 / 1e-8) / (2.0 * n as f64)).sqrt();
    let mut normals = draw(StreamKey { block: 1, ..KEY }, n);
    let distance = |sorted: &[f64]| {
        sorted.iter().enumerate().fold(0.0_f64, |worst, (i, &x)| {
            let f = normal_cdf(x);
            worst.max((f - i as f64 / n as f64).abs()).max((f - (i + 1) as f64 / n as f64).abs())
        })
    };
    normals.sort_by(f64::total_cmp);
    assert!(distance(&normals) < epsilon, "{} ≥ {epsilon}", distance(&normals));
    // The test can fail: a scale wrong by 1.3 % is caught.
    let wrong: Vec<f64> = normals.iter().map(|x| 1.013 * x).collect();
    assert!(distance(&wrong) > epsilon);
}

/// Each moment against its exact value, in standard errors of the exact law; 5.9 standard errors for eight moments and
/// one tail count is a false-alarm rate of 10⁻⁸ · 9/2.7 in total.
#[test]
fn moments_to_order_eight_and_the_tail_are_those_of_the_normal_law() {
    let n = 8_000_000;
    let normals = draw(StreamKey { block: 2, ..KEY }, n);
    // E X^{2m} = (2m−1)!!
    let even_moment = |order: i32| (1..order).step_by(2).map(f64::from).product::<f64>();
    for order in 1..=8 {
        let exact = if order % 2 == 0 { even_moment(order) } else { 0.0 };
        let standard_error = ((even_moment(2 * order) - exact * exact) / n as f64).sqrt();
        let measured = normals.iter().map(|x| x.powi(order)).sum::<f64>() / n as f64;
        assert!((measured - exact).abs() < 5.9 * standard_error, "moment {order}: {measured} against {exact}");
    }
    let p = 2.0 * normal_cdf(-4.0);
    let count = normals.iter().filter(|x| x.abs() > 4.0).count() as f64;
    let (mean, deviation) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
    assert!((count - mean).abs() < 5.9 * deviation, "{count} beyond four, expected {mean}");
}

/// Products of distinct normals have mean 0 and variance 1, so a correlation has standard error n^{−1/2}: 5.7 of them
/// is a false-alarm rate of 10⁻⁸ each, and 1.1·10⁻² is surely caught.
#[test]
fn streams_are_uncorrelated_with_each_other_and_along_themselves() {
    let n = 1 << 20;
    let bound = 5.7 / (n as f64).sqrt();
    let correlation = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / a.len() as f64;
    let base = draw(KEY, n);
    let others = [
        StreamKey { seed: KEY.seed + 1, ..KEY },
        StreamKey { block: KEY.block + 1, ..KEY },
        StreamKey { cell: "normalt", ..KEY },
        StreamKey { purpose: Purpose::Start, ..KEY },
    ];
    for key in others {
        let r = correlation(&base, &draw(key, n));
        assert!(r.abs() < bound, "{key:?}: correlation {r}");
    }
    for lag in [1, 2, 4, 8, 16, 32, 50, 1600] {
        let r = correlation(&base[lag..], &base[..n - lag]);
        assert!(r.abs() < bound, "lag {lag}: correlation {r}");
    }
    assert!(correlation(&base, &draw(KEY, n)) > 0.9, "the same key must be caught");
}

#[test]
fn a_remainder_draws_a_whole_chunk_and_no_more() {
    let mut stream = Stream::new(KEY);
    let mut short = [0.0; 19];
    fill_normals(&mut stream, &mut short);
    assert_eq!(short[..], draw(KEY, 32)[..19]);
}

#[test]
fn the_length_of_a_call_does_not_change_its_numbers() {
    let long = draw(KEY, 4096);
    for n in [0, 1, 15, 16, 17, 1023, 1024, 1025, 1040, 2050] {
        assert_eq!(draw(KEY, n)[..], long[..n], "n = {n}");
    }
}
