//! One harness for every sampling design: what it draws has the covariance that it states.

use std::sync::Arc;

use faer::Mat;
use geometry::{Psd, Spd};
use sampling::covariance::{expected_squared_error, sample_covariance};
use sampling::designs::{
    Antithetic, AnyDesign, ControlVariate, Correlated, Gaussian, Iid, Inflated, Pool, Population, Stratified,
    WithReplacement, WithoutReplacement,
};
use sampling::normal::fill_normals;
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
    let bits = designs.map(|design| drawn(design, "pinned", 300)).map(|draws| [0, 299].map(|i| draws[i].to_bits()));
    assert_eq!(bits, PINNED, "a change here is value-changing: bump STREAM_VERSION and list it in CHANGELOG.md");
}
const PINNED: [[u64; 2]; 3] = [
    [4_600_728_028_046_263_595, 13_827_615_197_796_859_086],
    [4_603_677_242_186_067_584, 4_603_677_242_186_067_584],
    [4_591_542_837_518_588_745, 13_809_444_458_813_969_966],
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
/// from one draw of its Gaussian limit. n = 10⁶ and Var ζ⁴ ≤ 96: the band is 6.3 standard errors, 0.062 (false-alarm
/// rate 3·10⁻¹⁰ each), and 0.124 is surely caught: the limit in place of the sum, up to b = 9 and 16.
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

/// Lengths that are no multiple of the chunk (16), of a turn (4) or of the scratch (256). Each coordinate has mean 0
/// and variance 1 over n = 20 000 calls, and is uncorrelated with its successor: 6.5 standard errors (n^{−1/2}, at most
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

fn pool(dimension: usize, n: usize) -> Arc<Pool> {
    let mut normals = vec![0.0; n * dimension];
    fill_normals(
        &mut Stream::new(StreamKey { seed: 11, cell: "pool", block: 0, purpose: Purpose::Problem }),
        &mut normals,
    );
    Arc::new(Pool::from_normals(dimension, n, &normals).expect("in general position"))
}

/// Every kind of design in dimension d, at several batch sizes and at the ends of its parameters.
fn all_designs(d: usize) -> Result<Vec<AnyDesign>, DesignError> {
    let mut designs = vec![AnyDesign::Gaussian(Gaussian::new(3)?)];
    for population in POPULATIONS {
        designs.push(AnyDesign::Iid(Iid::new(population, 3)?));
    }
    let pool = pool(d, 9);
    for b in [1, 3, 4, 5, 8, 9] {
        designs.push(AnyDesign::WithoutReplacement(WithoutReplacement::new(pool.clone(), b)?));
    }
    for b in [1, 5, 20] {
        designs.push(AnyDesign::WithReplacement(WithReplacement::new(pool.clone(), b)?));
    }
    for (b, inflation) in [(5, -0.5), (7, 3.0)] {
        designs.push(AnyDesign::Inflated(Inflated::new(b, inflation)?));
    }
    let correlations = [(1, 0.3), (1, -0.3), (2, -1.0), (4, -0.3), (6, -1.0 / 5.0), (6, 0.7), (6, 1.0), (30, 0.1)];
    for (b, correlation) in correlations {
        designs.push(AnyDesign::Correlated(Correlated::new(b, correlation)?));
    }
    for (b, odd) in [(2, 0), (2, 2), (10, 1), (4, 9)] {
        designs.push(AnyDesign::Antithetic(Antithetic::new(b, odd)?));
    }
    for (b, strata) in [(1, 1), (4, 4), (12, 3), (14, 7)] {
        designs.push(AnyDesign::Stratified(Stratified::new(b, strata)?));
    }
    for (b, correlation, coefficient) in [(3, 0.8, 0.8), (4, -0.6, 0.5), (5, 0.5, 0.9)] {
        designs.push(AnyDesign::ControlVariate(ControlVariate::with_coefficient(b, correlation, coefficient)?));
    }
    Ok(designs)
}

/// How many standard errors the mean of `values` is away from `law`; 0 if all of them are `law` to rounding.
fn studentised(values: &[f64], law: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let off = (mean - law).abs();
    if off < 1e-14 { 0.0 } else { off / (variance / n).sqrt() }
}

/// The largest deviation, in standard errors, of the moments of ζ from their law: means, variances `k`, covariances
/// within a replicate, with the next replicate, and of squares with those of the next one.
///
/// Each is a studentised mean over n = 100 000 replicates, drawn 50 at a time. 6.5 standard errors have a false-alarm
/// rate of 8·10⁻¹¹ by the normal limit; there are 1 300 of them in all, and the skewest (products of squares of the
/// even antithetic coordinates) cost a factor of ten: about 10⁻⁶ together. Twice that distance is surely caught: a
/// correlation of 0.041, a variance wrong by 5.8 % for a Gaussian coordinate and 15 % for the most heavy-tailed one
/// (kurtosis 15).
fn deviation(design: &dyn Design, d: usize, k: impl Fn(usize) -> f64) -> f64 {
    const WIDTH: usize = 50;
    let n = 100_000;
    let mut stream = Stream::new(StreamKey { seed: 12, cell: "harness", block: 0, purpose: Purpose::Noise });
    let mut rows = vec![Vec::with_capacity(n); d];
    let mut whitened = vec![f64::NAN; d * WIDTH];
    for _ in 0..n / WIDTH {
        design.draw(&mut stream, &mut whitened, WIDTH);
        for (row, drawn) in rows.iter_mut().zip(whitened.chunks(WIDTH)) {
            row.extend_from_slice(drawn);
        }
    }
    let products = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).collect::<Vec<f64>>();
    let mut worst = 0.0_f64;
    let mut check = |values: &[f64], law: f64| worst = worst.max(studentised(values, law));
    for i in 0..d {
        check(&rows[i], 0.0);
        for j in 0..d {
            if j <= i {
                check(&products(&rows[i], &rows[j]), if i == j { k(i) } else { 0.0 });
            }
            check(&products(&rows[i][1..], &rows[j][..n - 1]), 0.0);
        }
        let squares: Vec<f64> = rows[i].iter().map(|x| x * x - k(i)).collect();
        check(&products(&squares[1..], &squares[..n - 1]), 0.0);
    }
    worst
}

const BOUND: f64 = 6.5;

fn shape_of_draws(design: &AnyDesign, i: usize) -> f64 {
    if design.variance_factor() == 0.0 { 0.0 } else { design.shape(i) }
}

#[test]
fn every_design_draws_independent_replicates_of_the_moments_that_it_states() {
    for d in [1, 4] {
        for design in all_designs(d).expect("in range") {
            let worst = deviation(&design, d, |i| shape_of_draws(&design, i));
            assert!(worst < BOUND, "{design:?}, d = {d}: {worst} standard errors");
        }
    }
}

#[test]
fn a_variance_off_by_a_fifth_is_caught_in_every_design() {
    for design in all_designs(4).expect("in range") {
        if (0..4).all(|i| shape_of_draws(&design, i) == 0.0) {
            continue;
        }
        for factor in [0.8, 1.2] {
            let worst = deviation(&design, 4, |i| factor * shape_of_draws(&design, i));
            assert!(worst > BOUND, "{design:?}: a variance times {factor} passes");
        }
    }
}

/// The draws of a design in units of its own σ are compared with laws that forget a part of σ² or of k.
#[test]
fn laws_that_forget_a_term_are_caught() {
    let broken = |design: AnyDesign, wrong_variance: &dyn Fn(usize) -> f64| {
        let worst = deviation(&design, 2, |i| wrong_variance(i) / design.variance_factor());
        assert!(worst > BOUND, "{design:?}: {worst}");
    };
    let (n, b) = (9.0, 4.0);
    let design = || AnyDesign::WithoutReplacement(WithoutReplacement::new(pool(2, 9), 4).expect("b < n"));
    broken(design(), &|_| (n - b) / n / b);
    broken(design(), &|_| 1.0 / b);
    for correlation in [0.1, -0.1] {
        let design = AnyDesign::Correlated(Correlated::new(4, correlation).expect("in range"));
        broken(design.clone(), &|_| 1.0 / b);
        broken(design, &|_| (1.0 + b * correlation) / b);
    }
    broken(AnyDesign::Antithetic(Antithetic::new(4, 1).expect("even")), &|_| 1.0 / b);
    broken(AnyDesign::Stratified(Stratified::new(4, 2).expect("a multiple")), &|_| 1.0 / b);
    let control = ControlVariate::with_coefficient(4, 0.5, 0.9).expect("in range");
    broken(AnyDesign::ControlVariate(control), &|i| if i == 0 { 0.75 / b } else { 1.0 / b });
}

/// Draws with a dependence put in on purpose.
#[derive(Debug)]
struct Broken(fn(&mut [f64], usize));

impl Design for Broken {
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        fill_normals(stream, whitened);
        self.0(whitened, width);
    }

    fn variance_factor(&self) -> f64 {
        1.0
    }
}

#[test]
fn dependence_within_and_between_replicates_is_caught() {
    let faults: [fn(&mut [f64], usize); 4] = [
        // One in ten values is shared by two coordinates.
        |zeta, width| (0..width).step_by(10).for_each(|r| zeta[r] = zeta[width + r]),
        // One in ten is shared by two replicates, with and without its sign.
        |zeta, width| (0..width - 1).step_by(10).for_each(|r| zeta[r] = zeta[r + 1]),
        |zeta, width| {
            (0..width - 1).step_by(10).for_each(|r| zeta[r] = if r % 20 == 0 { -zeta[r + 1] } else { zeta[r + 1] })
        },
        |zeta, _| zeta.iter_mut().for_each(|x| *x += 0.05),
    ];
    assert!(deviation(&Broken(|_, _| ()), 3, |_| 1.0) < BOUND);
    for fault in faults {
        assert!(deviation(&Broken(fault), 3, |_| 1.0) > BOUND);
    }
}

#[test]
fn variance_factors_and_shapes_are_their_closed_forms() {
    let check = |design: &dyn Design, factor: f64, shape: [f64; 2]| {
        assert_eq!(design.variance_factor(), factor, "{design:?}");
        for i in 0..2 {
            assert!((design.shape(i) - shape[i]).abs() < 1e-15, "{design:?}: {} in {i}", design.shape(i));
        }
    };
    let shared = pool(2, 9);
    check(&WithoutReplacement::new(shared.clone(), 5).expect("b < n"), 4.0 / 8.0 / 5.0, [1.0; 2]);
    check(&WithReplacement::new(shared.clone(), 16).expect("positive"), 1.0 / 16.0, [1.0; 2]);
    check(&Inflated::new(8, -0.75).expect("in range"), 1.0 / 32.0, [1.0; 2]);
    check(&Correlated::new(4, 1.0).expect("in range"), 1.0, [1.0; 2]);
    check(&Antithetic::new(8, 1).expect("even"), 0.125, [0.0, 2.0]);
    // Quartiles of a normal: m = ∓1.27, ∓0.32; see the doctest for H = 2.
    let (outer, inner) = (1.271_106_290_736_427_7, 0.324_662_830_869_303);
    let within = 1.0 - 0.5 * (outer * outer + inner * inner);
    check(&Stratified::new(8, 4).expect("a multiple"), 0.125, [within, 1.0]);
    check(&ControlVariate::optimal(4, -0.6).expect("in range"), 0.25, [0.64, 1.0]);
    for design in all_designs(4).expect("in range") {
        let pooled = matches!(design, AnyDesign::WithoutReplacement(_) | AnyDesign::WithReplacement(_));
        assert_eq!(design.dimension(), pooled.then_some(4));
    }
}

/// ρ_c = −1/(b − 1) is a rounded number, but means that the samples cancel.
#[test]
fn the_most_negative_correlation_leaves_no_noise_at_any_batch_size() {
    for b in 2..=4096_u32 {
        let smallest = -1.0 / f64::from(b - 1);
        let design = Correlated::new(u64::from(b), smallest).expect("the limit is allowed");
        assert_eq!(design.variance_factor(), 0.0, "b = {b}");
        assert!(Correlated::new(u64::from(b), smallest * (1.0 + 1e-9)).is_err(), "b = {b}");
    }
}

/// Each sample has variance 1 and each two have correlation ρ_c: 40 000 batches, 6.5 standard errors, 78 of them
/// (false-alarm rate 6·10⁻⁹). A correlation wrong by 0.092 is surely caught.
#[test]
fn samples_of_a_correlated_batch_have_the_correlation_asked_for() {
    let (b, lanes, n) = (4, 100, 40_000);
    for correlation in [-1.0 / 3.0, -0.2, 0.0, 0.4, 1.0] {
        let design = Correlated::new(b as u64, correlation).expect("in range");
        let mut stream = Stream::new(StreamKey { seed: 11, cell: "batches", block: 0, purpose: Purpose::Noise });
        let mut samples = vec![0.0; b * lanes];
        let mut rows = vec![Vec::with_capacity(n); b];
        for _ in 0..n / lanes {
            design.fill_batches(&mut stream, &mut samples, lanes);
            for (row, drawn) in rows.iter_mut().zip(samples.chunks(lanes)) {
                row.extend_from_slice(drawn);
            }
        }
        for i in 0..b {
            for j in 0..=i {
                let products: Vec<f64> = rows[i].iter().zip(&rows[j]).map(|(x, y)| x * y).collect();
                let law = if i == j { 1.0 } else { correlation };
                assert!(studentised(&products, law) < BOUND, "ρ_c = {correlation}: samples {i} and {j}");
                assert!(studentised(&products, law - 0.1) > BOUND, "0.1 off must be caught");
            }
        }
        if correlation < -0.3 {
            let sums = (0..n).map(|r| rows.iter().map(|row| row[r]).sum::<f64>());
            assert!(sums.into_iter().all(|sum| sum.abs() < 1e-14), "they cancel");
        }
    }
}

#[test]
fn finer_strata_leave_less_variance_within() {
    let within = |strata| Stratified::new(strata, strata).expect("b = H").shape(0);
    assert_eq!(within(1), 1.0);
    let mut last = 1.0;
    for strata in [2, 4, 16, 256, 4096, 1 << 16] {
        let next = within(strata);
        assert!(0.0 < next && next < 0.75 * last, "H = {strata}: {next}");
        last = next;
    }
    // By 30-digit arithmetic.
    assert!((within(4096) - 3.134_449_617_293e-5).abs() < 1e-14);
}

#[test]
fn every_design_keeps_its_bits_across_releases() {
    let bits = all_designs(4).expect("in range").into_iter().map(|design| {
        let mut whitened = vec![f64::NAN; 4 * 77];
        let key = StreamKey { seed: 11, cell: "pinned", block: 0, purpose: Purpose::Noise };
        design.draw(&mut Stream::new(key), &mut whitened, 77);
        // The sum of the bits, each turned by its place: any changed number changes it.
        whitened.iter().fold(0_u64, |hash, x| hash.rotate_left(7) ^ x.to_bits())
    });
    let bits: Vec<u64> = bits.collect();
    assert_eq!(bits, ALL_PINNED, "a change here is value-changing: bump STREAM_VERSION and list it in CHANGELOG.md");
}
const ALL_PINNED: [u64; 34] = [
    6_907_490_403_727_265_548,
    16_274_591_002_756_392_923,
    6_891_500_664_978_142_630,
    16_379_336_564_740_416_082,
    9_338_496_761_860_611_250,
    739_397_995_049_527_410,
    7_669_886_567_273_620_954,
    10_847_230_614_570_916_516,
    9_034_487_639_717_831_628,
    0,
    9_338_496_761_860_611_250,
    9_559_217_122_550_558_229,
    6_238_813_334_098_225_247,
    6_907_490_403_727_265_548,
    6_907_490_403_727_265_548,
    15_420_964_510_315_229_431,
    13_638_251_413_999_622_510,
    15_712_775_131_700_473_068,
    12_613_477_199_387_746_088,
    2_541_372_278_552_860_485,
    8_051_665_544_187_779_809,
    17_015_155_052_690_342_380,
    6_416_821_594_818_767_349,
    17_417_980_509_733_309_925,
    16_835_757_286_278_212_273,
    17_537_357_517_727_698_915,
    0,
    7_364_511_461_232_648_078,
    12_610_630_626_067_572_580,
    9_156_256_233_598_814_722,
    670_997_563_522_331_925,
    1_108_155_422_384_651_115,
    7_066_876_777_367_922_808,
    11_824_931_357_879_686_516,
];

#[test]
fn impossible_parameters_are_errors_that_say_what_was_expected() {
    let message = |error: Option<DesignError>| error.map(|error| error.to_string()).unwrap_or_default();
    let check = |error: Option<DesignError>, expected: &str| assert_eq!(message(error), expected);
    check(Inflated::new(4, -1.0).err(), "variance inflation is -1: it must be finite and > −1");
    check(Inflated::new(4, f64::NAN).err(), "variance inflation is NaN: it must be finite and > −1");
    check(Inflated::new(0, 1.0).err(), "batch size is 0: a batch needs at least one sample");
    check(Correlated::new(4097, 0.1).err(), "batch size is 4097: at most 4096 is supported");
    check(Correlated::new(1, 1.5).err(), "intra-batch correlation is 1.5: it must be between −1 and 1");
    check(
        Correlated::new(5, -0.5).err(),
        "intra-batch correlation is -0.5: 5 samples can share no correlation below −1/(b−1) = -0.25",
    );
    check(Antithetic::new(7, 1).err(), "batch size is 7: antithetic pairs need an even one");
    check(Stratified::new(4, 0).err(), "number of strata is 0: at least one is needed (1 is no stratification)");
    check(Stratified::new(4, 5).err(), "empty strata: a batch of 4 cannot reach 5 strata; b ≥ H is needed");
    check(Stratified::new(7, 2).err(), "batch size is 7: it must be a multiple of the 2 strata");
    check(ControlVariate::optimal(4, 1.0).err(), "correlation with the control is 1: it must be > −1 and < 1");
    check(
        ControlVariate::with_coefficient(4, 0.5, f64::INFINITY).err(),
        "coefficient of the control is inf: it must be between −1e6 and 1e6",
    );
}
