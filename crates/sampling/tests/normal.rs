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
    [4_612_458_925_077_052_323, 13_826_965_300_430_539_868, 13_827_480_034_272_014_733, 13_818_515_274_290_972_259];

#[test]
fn vector_instructions_do_not_change_a_bit() {
    let mut words = vec![0; 1 << 16];
    Stream::new(KEY).fill_words(&mut words);
    let mut portable = vec![0.0; 2 * words.len()];
    transform_portably(&words, &mut portable);
    let dispatched = draw(KEY, portable.len());
    assert!(portable.iter().zip(&dispatched).all(|(a, b)| a.to_bits() == b.to_bits()));
}

/// U and the direction V in half turns that a word stands for, and whether its cosine is negative.
fn meaning(word: u64) -> (f64, f64, bool) {
    let u = ((word >> 28) as f64 + 0.5) / (1_u64 << 36) as f64;
    let v = ((word & 0x7ff_ffff) as f64 + 0.5) / (1_u64 << 27) as f64 - 0.5;
    (u, v, word & 0x800_0000 != 0)
}

#[test]
fn the_transform_agrees_with_libm_to_a_few_units_in_the_last_place() {
    let mut words = vec![0; 1 << 20];
    Stream::new(KEY).fill_words(&mut words);
    // The ends of both ranges, and the seams of the logarithm's reduction.
    let seam = 48_592_007_999; // ⌊2³⁶√½⌋
    let edges =
        [0, 1, (1 << 36) - 1, (1 << 36) - 2, 1 << 35, (1 << 35) - 1, seam, seam - 1, seam + 1, seam / 2, seam / 2 + 1];
    let directions = [0, 1, (1 << 28) - 1, 1 << 27, (1 << 27) - 1, 1 << 26, (1 << 26) - 1];
    let special = edges.iter().flat_map(|radius| directions.iter().map(move |direction| radius << 28 | direction));
    special.zip(&mut words).for_each(|(edge, word)| *word = edge);
    let mut normals = vec![0.0; 2 * words.len()];
    transform_portably(&words, &mut normals);
    let worst = words.chunks_exact(8).zip(normals.chunks_exact(16)).fold(0.0_f64, |worst, (words, normals)| {
        (0..8).fold(worst, |worst, lane| {
            let (u, v, is_left) = meaning(words[lane]);
            let radius = (-2.0 * libm::log(u)).sqrt();
            let angle = std::f64::consts::PI * v;
            let cosine = if is_left { -libm::cos(angle) } else { libm::cos(angle) };
            // Relative to the radius: near the zeros of sine and cosine the reference itself is only that good.
            let error = |ours: f64, reference: f64| (ours / radius - reference).abs();
            worst.max(error(normals[lane], cosine)).max(error(normals[8 + lane], libm::sin(angle)))
        })
    });
    assert!(worst < 7.0 * f64::EPSILON / 2.0, "worst error {:.2} × 2⁻⁵³", worst / (f64::EPSILON / 2.0));
    let largest = normals.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let bound = (74.0 * std::f64::consts::LN_2).sqrt();
    assert!(largest <= bound * (1.0 + f64::EPSILON) && largest > 0.999 * bound, "{largest} is the largest");
}

/// The sums and counts of many draws, block of streams by block of streams.
struct Tally {
    n: usize,
    /// Draws in (j/4096, (j + 1)/4096], from −8.
    bins: Vec<u64>,
    /// Σ xʲ for j = 1…8.
    powers: [f64; 8],
    /// Draws beyond each of [`TAILS`], either side.
    beyond: [u64; TAILS.len()],
}

const TAILS: [f64; 4] = [3.0, 4.0, 5.0, 5.5];

impl Tally {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "normals lie between −8 and 8")]
    fn new(n: usize) -> Self {
        let mut tally = Tally { n, bins: vec![0; 16 * 4096], powers: [0.0; 8], beyond: [0; TAILS.len()] };
        let mut normals = vec![0.0; 1 << 20];
        assert_eq!(n % normals.len(), 0);
        for block in 0..n / normals.len() {
            fill_normals(&mut Stream::new(StreamKey { block: block as u64, ..KEY }), &mut normals);
            let mut powers = [0.0; 8];
            for x in &normals {
                tally.bins[((x + 8.0) * 4096.0) as usize] += 1;
                let mut power = 1.0;
                powers.iter_mut().for_each(|sum| {
                    power *= x;
                    *sum += power;
                });
                tally.beyond.iter_mut().zip(TAILS).for_each(|(count, tail)| *count += u64::from(x.abs() > tail));
            }
            tally.powers.iter_mut().zip(powers).for_each(|(sum, block)| *sum += block);
        }
        tally
    }

    /// sup |F̂ − F(·/scale)| over the ends of the bins.
    fn distance(&self, scale: f64) -> f64 {
        let mut below = 0;
        let distances = self.bins.iter().enumerate().map(|(bin, count)| {
            below += count;
            let end = (bin + 1) as f64 / 4096.0 - 8.0;
            (below as f64 / self.n as f64 - normal_cdf(end / scale)).abs()
        });
        distances.fold(0.0, f64::max)
    }
}

/// Over n = 2²⁷ = 1.3·10⁸ draws:
///
/// - the distribution function by Dvoretzky–Kiefer–Wolfowitz, P(sup|F̂ − F| > ε) ≤ 2 exp(−2nε²): at a false-alarm rate of
///   10⁻⁸ the band is ε = 2.7·10⁻⁴, so a shift of the mean by 1.4·10⁻³ or a scale wrong by 0.23 % is surely caught;
/// - eight moments and four tails, 5.9 standard errors each, 4·10⁻⁹ a piece (the rarest, 5.5, expects 5.1 draws, which
///   are counted against Poisson's law: more than 30 have a probability of 10⁻¹³).
#[test]
fn a_hundred_million_draws_have_the_distribution_the_moments_and_the_tails_of_the_normal_law() {
    let n = 1 << 27;
    let tally = Tally::new(n);
    let epsilon = (libm::log(2.0 / 1e-8) / (2.0 * n as f64)).sqrt();
    assert!(tally.distance(1.0) < epsilon, "{} ≥ {epsilon}", tally.distance(1.0));
    // The test can fail: a scale wrong by 0.23 % is caught.
    assert!(tally.distance(1.0023) > epsilon);

    // E X^{2m} = (2m−1)!!
    let even_moment = |order: i32| (1..order).step_by(2).map(f64::from).product::<f64>();
    for (order, sum) in (1..=8).zip(tally.powers) {
        let exact = if order % 2 == 0 { even_moment(order) } else { 0.0 };
        let standard_error = ((even_moment(2 * order) - exact * exact) / n as f64).sqrt();
        let measured = sum / n as f64;
        assert!((measured - exact).abs() < 5.9 * standard_error, "moment {order}: {measured} against {exact}");
    }
    for (tail, count) in TAILS.into_iter().zip(tally.beyond) {
        let p = 2.0 * normal_cdf(-tail);
        let (mean, deviation) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
        let bound = if mean < 100.0 { 25.0 } else { 5.9 * deviation };
        assert!((count as f64 - mean).abs() < bound, "{count} beyond {tail}, expected {mean}");
    }
}

/// The two normals of a word, 8 apart, are independent in every way that a moment of order four sees: their products,
/// the products of their squares, and x³y − xy³, which is the fourfold symmetry of the direction. 5.8 standard errors
/// are a false-alarm rate of 7·10⁻⁹ each; at n = 2²⁴ pairs a correlation of 2.8·10⁻³ is surely caught.
#[test]
fn the_two_normals_of_a_word_are_independent() {
    let normals = draw(KEY, 1 << 25);
    let mut sums = [0.0; 3];
    for chunk in normals.chunks_exact(16) {
        for (x, y) in chunk[..8].iter().zip(&chunk[8..]) {
            let products =
                [x * y, (x * x - 1.0) * (y * y - 1.0) / 2.0, (x * x * x * y - x * y * y * y) / 12_f64.sqrt()];
            sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
        }
    }
    let pairs = (normals.len() / 2) as f64;
    for sum in sums {
        assert!((sum / pairs).abs() < 5.8 / pairs.sqrt(), "{}", sum / pairs);
    }
}

/// Products of distinct normals, and of their squares, have mean 0 and variance 1, so a correlation has standard error n^{−1/2}: 5.7 of them
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
    let squares: Vec<f64> = base.iter().map(|x| (x * x - 1.0) / 2_f64.sqrt()).collect();
    for lag in [1, 2, 4, 8, 16, 32, 50, 1600] {
        for series in [&base, &squares] {
            let r = correlation(&series[lag..], &series[..n - lag]);
            assert!(r.abs() < bound, "lag {lag}: correlation {r}");
        }
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
