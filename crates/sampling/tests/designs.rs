//! One harness for every sampling design: what it draws has the covariance that it states.

use faer::Mat;
use geometry::{Psd, Spd};
use sampling::covariance::{expected_squared_error, sample_covariance};
use sampling::designs::{AnyDesign, Gaussian, Iid, Population};
use sampling::{Design, DesignError, Purpose, Stream, StreamKey};

const DRAWS: usize = 200_000;

fn covariance() -> Psd {
    let entries = [[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]];
    Spd::new(Mat::from_fn(3, 3, |i, j| entries[i][j])).expect("diagonally dominant").into()
}

/// The sample covariance of σLζ over `DRAWS` batches.
fn measured(design: &dyn Design, per_sample: &Psd) -> Mat<f64> {
    let mut stream = Stream::new(StreamKey { seed: 11, cell: "designs", block: 0, purpose: Purpose::Noise });
    let mut whitened = vec![0.0; 3 * DRAWS];
    design.draw(&mut stream, &mut whitened, 1);
    let zeta = Mat::from_fn(3, DRAWS, |i, r| whitened[i * DRAWS + r]);
    let factor = per_sample.lower_factor().expect("positive definite");
    let noise = faer::Scale(design.variance_factor().sqrt()) * (factor * zeta);
    sample_covariance(noise.as_ref()).expect("many draws")
}

/// ‖Ĉ−C‖_F in units of its root mean square. Gaussian entries are the worst case among the populations here (their
/// fourth moment is the largest). The square is a sum of six χ²₁ with weights up to 0.57 of the total, for this C, so
/// five units are exceeded with probability 6·10⁻¹¹ and sixteen designs together with 10⁻⁹. A factor wrong by 4 %
/// moves the distance by 10.4 units, and is surely caught.
fn distance(measured: &Mat<f64>, law: &Mat<f64>) -> f64 {
    (measured - law).norm_l2() / expected_squared_error(law.as_ref(), DRAWS as u64).sqrt()
}

#[test]
fn every_design_draws_the_covariance_that_it_states() {
    let per_sample = covariance();
    let mut designs: Vec<(String, Box<dyn Design>)> = Vec::new();
    for b in [1, 3, 64, 100] {
        designs.push((format!("gaussian, b = {b}"), Box::new(Gaussian::new(b).expect("positive"))));
        for population in POPULATIONS {
            designs.push((format!("{population:?}, b = {b}"), Box::new(Iid::new(population, b).expect("positive"))));
        }
    }
    for (name, design) in designs {
        let measured = measured(&*design, &per_sample);
        let law = design.batch_covariance(per_sample.lower_factor().expect("factors").as_ref());
        assert!(distance(&measured, &law) < 5.0, "{name}: {}", distance(&measured, &law));
        for factor in [0.96, 1.04] {
            let broken = faer::Scale(factor) * &law;
            assert!(distance(&measured, &broken) > 5.0, "{name}: a law wrong by 4 % must be caught");
        }
    }
}

#[test]
fn a_rademacher_batch_of_one_is_a_sign() {
    let mut draws = [0.0; 512];
    let mut stream = Stream::new(StreamKey { seed: 11, cell: "signs", block: 0, purpose: Purpose::Noise });
    Iid::new(Population::Rademacher, 1).expect("positive").draw(&mut stream, &mut draws, 1);
    assert!(draws.iter().all(|x| x.abs() == 1.0));
}

const POPULATIONS: [Population; 3] = [Population::Gaussian, Population::Rademacher, Population::Uniform];

fn drawn(design: impl Design, cell: &str, n: usize) -> Vec<f64> {
    let mut whitened = vec![f64::NAN; n];
    design.draw(&mut Stream::new(StreamKey { seed: 11, cell, block: 0, purpose: Purpose::Noise }), &mut whitened, 1);
    whitened
}

fn iid(population: Population, b: u64) -> Iid {
    Iid::new(population, b).expect("positive")
}

#[test]
fn the_stated_factor_is_one_over_the_batch_size_and_multiplies_every_entry() {
    let per_sample = covariance();
    for b in [1, 3, 64, 1 << 20] {
        let mut designs: Vec<AnyDesign> = POPULATIONS.map(|p| AnyDesign::Iid(iid(p, b))).to_vec();
        designs.push(AnyDesign::Gaussian(Gaussian::new(b).expect("positive")));
        for design in designs {
            assert_eq!(design.variance_factor(), 1.0 / b as f64);
            let expected = Mat::from_fn(3, 3, |i, j| per_sample.as_mat()[(i, j)] / b as f64);
            assert!(
                (design.batch_covariance(per_sample.lower_factor().expect("factors").as_ref()) - expected).norm_max()
                    < 1e-15 / b as f64
            );
        }
    }
}

#[test]
fn a_design_that_is_chosen_at_run_time_draws_the_same_bits() {
    let gaussian = Gaussian::new(7).expect("positive");
    assert_eq!(drawn(AnyDesign::Gaussian(gaussian), "any", 300), drawn(gaussian, "any", 300));
    for design in POPULATIONS.map(|p| iid(p, 7)) {
        assert_eq!(drawn(AnyDesign::Iid(design), "any", 300), drawn(design, "any", 300));
    }
}

#[test]
fn designs_keep_their_bits_across_releases() {
    let designs = POPULATIONS.map(|p| AnyDesign::Iid(iid(p, 67)));
    // The last entry of a length that is no multiple of 16, of 64 or of the scratch.
    let bits = designs.map(|design| [0, 299].map(|i| drawn(design, "pinned", 300)[i].to_bits()));
    assert_eq!(bits, PINNED, "a change here is value-changing: bump STREAM_VERSION and list it in CHANGELOG.md");
}
const PINNED: [[u64; 2]; 3] = [
    [13_825_041_287_193_289_447, 13_829_607_608_996_944_980],
    [4_609_831_448_605_675_430, 4_593_467_656_888_430_796],
    [4_604_940_996_321_775_865, 4_607_276_480_625_949_277],
];

/// A sum of b signs is an integer of the parity of b in [−b, b], and takes the value 2m − b with the binomial
/// probability C(b, m)2⁻ᵇ. Each count of n = 10⁶ draws lies within 6.3 binomial standard deviations (false-alarm rate
/// below 10⁻⁹ each, 3·10⁻⁷ together; values expected fewer than 1 000 times are left out for their skewness). A
/// probability of 0.1 passes within ±1.9 %, and is surely caught when wrong by 3.8 %.
#[test]
fn a_sum_of_signs_is_binomial() {
    let n = 1_000_000;
    for b in [1, 2, 63, 64, 65, 100, 128, 200] {
        let mut counts = vec![0_u32; b + 1];
        for zeta in drawn(iid(Population::Rademacher, b as u64), "signs", n) {
            let sum = zeta * (b as f64).sqrt();
            let ones = (sum.round() + b as f64) / 2.0;
            assert!((sum - sum.round()).abs() < 1e-12 * b as f64 && ones.fract() == 0.0, "b = {b}: {sum}");
            let place = (0..=b).find(|&m| m as f64 == ones).expect("a sum of b signs");
            counts[place] += 1;
        }
        let misses = |b: usize| {
            let mut probability = (0..b).fold(1.0, |p, _| 0.5 * p);
            let mut misses = 0;
            for (m, &count) in counts.iter().enumerate().take(b + 1) {
                let mean = n as f64 * probability;
                let off = (f64::from(count) - mean).abs() / (mean * (1.0 - probability)).sqrt();
                misses += u32::from(mean >= 1000.0 && off > 6.3);
                probability *= (b - m) as f64 / (m + 1) as f64;
            }
            misses
        };
        assert_eq!(misses(b), 0, "b = {b}");
        assert!(misses(b - 1) > 0, "b = {b}: one sign left out must be caught");
    }
}

/// E ζ⁴ = 3 + κ/b with the fourth cumulant κ of one sample: 0, −2 and −6/5. This is where a mean of b samples differs
/// from one draw of its Gaussian limit. n = 10⁶ and Var ζ⁴ ≤ 96: the band is 6.3 standard errors, 0.062 (false-alarm rate
/// 3·10⁻¹⁰ each), and 0.124 is surely caught: the limit in place of the sum, up to b = 9 and 16.
#[test]
fn the_population_enters_the_fourth_moment_as_one_over_the_batch_size() {
    let (n, band) = (1_000_000, 0.062);
    for (population, cumulant) in POPULATIONS.into_iter().zip([0.0, -2.0, -1.2]) {
        for b in [1, 2, 3, 9] {
            let fourth = drawn(iid(population, b), "fourth", n).iter().map(|x| x.powi(4)).sum::<f64>() / n as f64;
            let law = 3.0 + cumulant / b as f64;
            assert!((fourth - law).abs() < band, "{population:?}, b = {b}: {fourth} against {law}");
            assert!(cumulant == 0.0 || (fourth - 3.0).abs() > band, "{population:?}, b = {b}: 3 must be caught");
        }
    }
}

/// Lengths that are no multiple of the chunk (16), of a turn (4) or of the scratch (256). Each coordinate has mean 0 and
/// variance 1 over n = 20 000 calls, and is uncorrelated with its successor: 6.5 standard errors (n^{−1/2}, at most
/// (2/n)^{1/2}, n^{−1/2}) are a false-alarm rate of 2·10⁻¹⁰ each and 8·10⁻⁷ for the 3 804 of them. A variance wrong by
/// 13 % and a correlation of 0.092 are surely caught, so is a coordinate that is not filled or copies its neighbour.
#[test]
fn every_coordinate_is_drawn_whatever_the_length() {
    let (n, bound) = (20_000, 6.5);
    let misses = |draw: &dyn Fn(&mut Stream, &mut [f64]), length: usize| {
        let mut stream =
            Stream::new(StreamKey { seed: 11, cell: "length", block: length as u64, purpose: Purpose::Noise });
        let mut whitened = vec![0.0; length];
        let mut sums = vec![[0.0; 3]; length];
        for _ in 0..n {
            whitened.fill(0.0);
            draw(&mut stream, &mut whitened);
            for (i, sums) in sums.iter_mut().enumerate() {
                let (x, next) = (whitened[i], whitened.get(i + 1).copied().unwrap_or(0.0));
                *sums = [sums[0] + x, sums[1] + x * x - 1.0, sums[2] + x * next];
            }
        }
        let n = f64::from(n);
        let errors = [n.sqrt(), (2.0 * n).sqrt(), n.sqrt()];
        let within = |sums: &[f64; 3]| sums.iter().zip(errors).all(|(sum, error)| sum.abs() <= bound * error);
        !sums.iter().all(within)
    };
    for length in [1, 3, 17, 37, 259] {
        let gaussian = Gaussian::new(2).expect("positive");
        assert!(!misses(&|stream, whitened| gaussian.draw(stream, whitened, 1), length), "Gaussian, length {length}");
        for design in POPULATIONS.map(|p| iid(p, 2)) {
            assert!(
                !misses(&|stream, whitened| design.draw(stream, whitened, 1), length),
                "{design:?}, length {length}"
            );
        }
        let unfilled = |stream: &mut Stream, whitened: &mut [f64]| gaussian.draw(stream, &mut whitened[1..], 1);
        assert!(misses(&unfilled, length), "length {length}: a coordinate left out must be caught");
    }
    let copied = |stream: &mut Stream, whitened: &mut [f64]| {
        iid(Population::Uniform, 2).draw(stream, whitened, 1);
        whitened[36] = whitened[35];
    };
    assert!(misses(&copied, 37), "a copied coordinate must be caught");
}

#[test]
fn impossible_batch_sizes_are_errors() {
    assert_eq!(Gaussian::new(0), Err(DesignError::EmptyBatch));
    let given = Iid::LARGEST_BATCH + 1;
    assert_eq!(
        Iid::new(Population::Uniform, given),
        Err(DesignError::BatchTooLarge { given, limit: Iid::LARGEST_BATCH })
    );
}
