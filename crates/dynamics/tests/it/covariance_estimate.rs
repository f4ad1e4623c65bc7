//! Estimates of G: their law by enumeration and by simulation, the plateau they predict, and the sketch against both.
//!
//! The errors are Wishart, not Gaussian, so they are compared as `studentised.rs` does, with all recorded states stacked to
//! one vector. The most skew of the averaged products is that of a squared χ²₇ − 7, 7.0; over 131 072 replicates that is
//! 0.019, which lifts the false-alarm rate of 6.5 standard errors, 8·10⁻¹¹ an entry, by less than three: below 5·10⁻⁸ for
//! the fewer than 200 entries of a test.

use dynamics::block::{Row, WIDTH};
use dynamics::frame::Frame;
use dynamics::problem::Quadratic;
use dynamics::process::{BlockStreams, CovarianceEstimate, Estimator, Observe, Sgd};
use dynamics::start::Start;
use dynamics::{DynamicsError, Moments, Process};
use faer::Mat;
use geometry::{Psd, Spd, Symmetric, trace_of_product};
use sampling::covariance::{expected_squared_error, sample_covariance};
use sampling::designs::Gaussian;

use crate::common::{at, case, cases, constant, distance, orthogonal, psd, spd, streams, vector_distance};
use crate::joint::{forgetful, joint_law, scaled};
use crate::studentised::{assert_followed, assert_refused, measure};

const BLOCKS: u64 = 4096;
const STEPS: [u64; 3] = [8, 20, 60];

fn estimate(problem: &Quadratic, estimator: Estimator) -> CovarianceEstimate {
    CovarianceEstimate::new(problem, estimator).expect("fits")
}

/// ½θᵀHθ with F = H and the noise G.
fn problem(curvature: Spd, noise: Psd) -> Quadratic {
    let minimiser = vec![0.0; curvature.dimension()];
    Quadratic::new(curvature.clone(), noise, curvature, minimiser).expect("fits")
}

/// The projections of a process on some directions at some steps, stacked: one record of another process.
#[derive(Debug)]
struct Projected {
    process: CovarianceEstimate,
    directions: Vec<Vec<f64>>,
    coordinates: Frame,
}

impl Projected {
    fn new(process: CovarianceEstimate, directions: Vec<Vec<f64>>) -> Self {
        let coordinates = Frame::coordinates(directions.len() * STEPS.len());
        Projected { process, directions, coordinates }
    }

    /// All coordinates of the state.
    fn whole(process: CovarianceEstimate) -> Self {
        let m = process.frame().dimension();
        let unit = |i: usize| (0..m).map(|j| if i == j { 1.0 } else { 0.0 }).collect();
        Projected::new(process, (0..m).map(unit).collect())
    }
}

impl Process for Projected {
    fn frame(&self) -> &Frame {
        &self.coordinates
    }

    fn simulate(&self, streams: BlockStreams, _: &[u64], observe: Observe<'_>) {
        let mut stacked: Vec<Row> = Vec::new();
        self.process.simulate(streams, &STEPS, &mut |_, state| {
            for direction in &self.directions {
                let mut row = [0.0; WIDTH];
                for (w, state) in direction.iter().zip(state).filter(|(w, _)| **w != 0.0) {
                    row.iter_mut().zip(state).for_each(|(sum, e)| *sum += w * e);
                }
                stacked.push(row);
            }
            true
        });
        observe(0, &stacked);
    }

    fn time(&self, step: u64) -> f64 {
        step as f64
    }

    fn exact(&self, _: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        let (law, m, n) = (joint_law(&self.process, &STEPS), self.process.frame().dimension(), self.directions.len());
        let B = Mat::from_fn(n * STEPS.len(), m * STEPS.len(), |i, j| {
            if i / n == j / m { self.directions[i % n][j % m] } else { 0.0 }
        });
        let mean = (0..B.nrows()).map(|i| (0..B.ncols()).map(|j| B[(i, j)] * law.mean[j]).sum()).collect();
        Ok(vec![Moments { mean, covariance: &B * law.covariance * B.transpose() }])
    }
}

/// The simulated process follows its joint law, and none of the broken ones.
#[track_caller]
fn check(process: &Projected, name: &str, broken: &[(&str, Moments)]) {
    let law = [at(process, 0)];
    let measured = measure(process, name, BLOCKS, &[0], &law);
    assert_followed(name, &measured, &law);
    for (what, broken) in broken {
        assert_refused(&format!("{name}: {what}"), &measured, std::slice::from_ref(broken));
    }
}

/// Four samples in two dimensions, every whitened coordinate at the three nodes of Gauss and Hermite, which integrate the
/// quartic Ĝ_k Ĝ_l exactly: 3⁸ data sets with their probabilities.
#[test]
fn the_law_is_that_of_an_enumeration() {
    let noise = psd(&[9.0, 2.0], &orthogonal("noise", 2));
    let L = noise.lower_factor().expect("factored");
    let problem = problem(Spd::diagonal(&[1.0, 3.0]).expect("positive"), noise);
    let (steps, m) = ([2, 3, 4], 3);
    let nodes = [(-(3.0_f64.sqrt()), 1.0 / 6.0), (0.0, 2.0 / 3.0), (3.0_f64.sqrt(), 1.0 / 6.0)];
    let (mut first, mut second) = (vec![0.0; 3 * m], Mat::<f64>::zeros(3 * m, 3 * m));
    for code in 0..3_usize.pow(8) {
        let digits: Vec<(f64, f64)> = (0..8).map(|place| nodes[code / 3_usize.pow(place) % 3]).collect();
        let weight: f64 = digits.iter().map(|digit| digit.1).product();
        let samples = &L * Mat::from_fn(2, 4, |i, n| digits[2 * n + i].0);
        let estimates = steps.map(|k: usize| sample_covariance(samples.subcols(0, k)).expect("two or more"));
        let root = 2.0_f64.sqrt();
        let state: Vec<f64> = estimates.iter().flat_map(|G| [G[(0, 0)], root * G[(1, 0)], G[(1, 1)]]).collect();
        for i in 0..3 * m {
            first[i] += weight * state[i];
            for j in 0..3 * m {
                second[(i, j)] += weight * state[i] * state[j];
            }
        }
    }
    let G = CovarianceEstimate::flatten(problem.noise().as_mat());
    for estimator in [Estimator::PlugIn, Estimator::Diagonal] {
        let kept = |i: usize| if estimator == Estimator::Diagonal && i % m == 1 { 0.0 } else { 1.0 };
        let mean: Vec<f64> = (0..3 * m).map(|i| kept(i) * first[i] - G[i % m]).collect();
        let covariance = Mat::from_fn(3 * m, 3 * m, |i, j| kept(i) * kept(j) * (second[(i, j)] - first[i] * first[j]));
        let law = joint_law(&estimate(&problem, estimator), &[2, 3, 4]);
        let off = law.mean.iter().zip(&mean).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(off < 1e-12, "{estimator:?}: {off}");
        let off = distance(law.covariance.as_ref(), covariance.as_ref());
        assert!(off < 1e-12, "{estimator:?}: {off}");
    }
}

#[test]
fn the_expected_squared_distance_is_the_trace_of_the_law() {
    for case in cases() {
        let G = case.noise.as_mat();
        for k in [2, 17] {
            let law = at(&estimate(&case.problem(), Estimator::PlugIn), k);
            let trace: f64 = (0..law.mean.len()).map(|i| law.covariance[(i, i)]).sum();
            let expected = expected_squared_error(G, k);
            assert!((trace - expected).abs() <= 1e-13 * expected, "{}", case.name);
            assert!(law.mean.iter().all(|&mean| mean == 0.0));
        }
        let law = at(&estimate(&case.problem(), Estimator::Diagonal), 17);
        let missed: f64 = law.mean.iter().map(|mean| mean * mean).sum();
        let squares = |keep: fn(usize, usize) -> bool| -> f64 {
            let d = case.dimension();
            (0..d * d).map(|at| (at / d, at % d)).filter(|&(i, j)| keep(i, j)).map(|at| G[at] * G[at]).sum()
        };
        let off_diagonal = squares(|i, j| i != j);
        assert!((missed - off_diagonal).abs() <= 1e-13 * off_diagonal, "{}", case.name);
        let trace: f64 = (0..law.mean.len()).map(|i| law.covariance[(i, i)]).sum();
        let diagonal = squares(|i, j| i == j) / 8.0;
        assert!((trace - diagonal).abs() <= 1e-13 * diagonal, "{}", case.name);
    }
}

/// The joint law with a covariance of the entries (i, j) and (p, q) of Ĝ_k and Ĝ_l, k ≤ l, of one's own.
fn law_with(d: usize, covariance: impl Fn([usize; 4], u64, u64) -> f64) -> Moments {
    let pairs: Vec<(usize, usize)> = (0..d).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
    let m = pairs.len();
    let root = |(i, j): (usize, usize)| if i == j { 1.0 } else { 2.0_f64.sqrt() };
    let entry = |row: usize, column: usize| {
        let (a, b) = (pairs[row % m], pairs[column % m]);
        let (k, l) = (STEPS[row / m], STEPS[column / m]);
        root(a) * root(b) * covariance([a.0, a.1, b.0, b.1], k.min(l), k.max(l))
    };
    let size = m * STEPS.len();
    Moments { mean: vec![0.0; size], covariance: Mat::from_fn(size, size, entry) }
}

#[test]
fn the_plug_in_estimator_follows_its_law() {
    let case = case("diagonal H, dense G");
    let (G, d) = (case.noise.as_mat(), 3);
    let process = estimate(&case.problem(), Estimator::PlugIn);
    let law = joint_law(&process, &STEPS);
    let wishart = |[i, j, p, q]: [usize; 4]| G[(i, p)] * G[(j, q)] + G[(i, q)] * G[(j, p)];
    let over = |k: u64| 1.0 / (k - 1) as f64;
    let same = law_with(d, |at, _, l| wishart(at) * over(l));
    assert!(distance(same.covariance.as_ref(), law.covariance.as_ref()) < 1e-14);
    let unscaled = Mat::from_fn(law.mean.len(), law.mean.len(), |i, j| {
        let half = |i: usize| if [1, 3, 4].contains(&(i % 6)) { 0.5_f64.sqrt() } else { 1.0 };
        half(i) * half(j) * law.covariance[(i, j)]
    });
    let broken = [
        ("k for k − 1", law_with(d, |at, _, l| wishart(at) / l as f64)),
        ("without the symmetric term", law_with(d, |[i, j, p, q], _, l| 2.0 * G[(i, p)] * G[(j, q)] * over(l))),
        ("the symmetric term not counted", law_with(d, |[i, j, p, q], _, l| G[(i, p)] * G[(j, q)] * over(l))),
        ("the covariance of the earlier estimate", law_with(d, |at, k, _| wishart(at) * over(k))),
        ("estimates of separate samples", forgetful(&law, 6)),
        ("entries without √2", Moments { mean: law.mean.clone(), covariance: unscaled }),
    ];
    check(&Projected::whole(process), "plug-in", &broken);
}

#[test]
fn the_plug_in_estimator_follows_its_law_with_singular_noise() {
    let case = case("diagonal H, G of rank 1");
    let process = Projected::whole(estimate(&case.problem(), Estimator::PlugIn));
    let broken = [("G wrong by 4 %", scaled(&at(&process, 0), 1.08))];
    check(&process, "plug-in, rank 1", &broken);
}

#[test]
fn the_diagonal_estimator_follows_its_law_and_misses_the_rest() {
    let case = case("diagonal H, dense G");
    let process = estimate(&case.problem(), Estimator::Diagonal);
    let law = joint_law(&process, &STEPS);
    let size = law.mean.len();
    let uncorrelated = |i: usize, j: usize| if i % 6 == j % 6 { law.covariance[(i, j)] } else { 0.0 };
    let broken = [
        ("no bias", Moments { mean: vec![0.0; size], covariance: law.covariance.clone() }),
        (
            "variances uncorrelated",
            Moments { mean: law.mean.clone(), covariance: Mat::from_fn(size, size, uncorrelated) },
        ),
        ("the plug-in law", joint_law(&estimate(&case.problem(), Estimator::PlugIn), &STEPS)),
        ("k for k − 1", {
            let over = |i: usize| STEPS[i / 6] as f64;
            let shrunk = |i: usize, j: usize| (1.0 - 1.0 / over(i.max(j))) * law.covariance[(i, j)];
            Moments { mean: law.mean.clone(), covariance: Mat::from_fn(size, size, shrunk) }
        }),
    ];
    check(&Projected::whole(process), "diagonal", &broken);
}

#[test]
fn the_plateau_is_linear_in_the_noise() {
    for case in cases() {
        let (eta, b) = (0.9 / case.largest_curvature(), 4);
        let design = Gaussian::new(b).expect("positive");
        let d = case.dimension();
        let at_rest = Start::new(vec![0.0; d], 0.0).expect("finite");
        let fisher = spd(&(1..=d).map(|i| i as f64).collect::<Vec<_>>(), &orthogonal("fisher", d));
        for F in [case.curvature.clone(), fisher] {
            let problem = Quadratic::new(case.curvature.clone(), case.noise.clone(), F.clone(), vec![0.0; d]);
            let problem = problem.expect("fits");
            let sgd = Sgd::new(&problem, constant(eta), design, &at_rest).expect("stable");
            let metric = sgd.frame().matrix(F.as_mat());
            let risk = trace_of_product(metric.as_ref(), sgd.stationary_covariance().as_ref()).expect("one shape");
            let plateau = b as f64 / eta * risk;
            let w = CovarianceEstimate::plateau_direction(&problem, eta).expect("stable");
            let flat = CovarianceEstimate::flatten(case.noise.as_mat());
            let linear: f64 = w.iter().zip(&flat).map(|(w, G)| w * G).sum();
            assert!((linear - plateau).abs() <= 1e-12 * plateau, "{}: {linear} and {plateau}", case.name);
        }
        // F = H: Σ G_ii/(2 − ηh_i).
        let frame = Frame::new(&case.curvature).expect("converges");
        let G = frame.matrix(case.noise.as_mat());
        let closed: f64 = (0..d).map(|i| G[(i, i)] / (2.0 - eta * frame.rates()[i])).sum();
        let w = CovarianceEstimate::plateau_direction(&case.problem(), eta).expect("stable");
        let flat = CovarianceEstimate::flatten(case.noise.as_mat());
        let linear: f64 = w.iter().zip(&flat).map(|(w, G)| w * G).sum();
        assert!((linear - closed).abs() <= 1e-12 * closed, "{}", case.name);
    }
}

#[test]
fn the_predicted_plateau_scatters_as_its_law_says() {
    let case = case("dense H and G");
    let (d, eta) = (case.dimension(), 1.4 / case.largest_curvature());
    let direction = CovarianceEstimate::plateau_direction(&case.problem(), eta).expect("stable");
    // W = (2I − ηH)⁻¹, back from its coordinates: the variance is 2tr(WGWG)/(k − 1).
    let W = Mat::from_fn(d, d, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        direction[i * (i + 1) / 2 + j] * if i == j { 1.0 } else { 0.5_f64.sqrt() }
    });
    let inverse = 2.0 * Mat::<f64>::identity(d, d) - eta * case.curvature.as_mat();
    assert!(distance((&W * inverse).as_ref(), Mat::<f64>::identity(d, d).as_ref()) < 1e-13);
    let WG = &W * case.noise.as_mat();
    let spread = 2.0 * trace_of_product(WG.as_ref(), WG.as_ref()).expect("one shape");
    let process = Projected::new(estimate(&case.problem(), Estimator::PlugIn), vec![direction]);
    let law = at(&process, 0);
    for (i, &k) in STEPS.iter().enumerate() {
        let expected = spread / (k - 1) as f64;
        assert!((law.covariance[(i, i)] - expected).abs() < 1e-12 * expected);
    }
    // To leading order in η the plateau is ½tr G, of another variance.
    let leading = 0.5 * trace_of_product(case.noise.as_mat(), case.noise.as_mat()).expect("one shape");
    let broken = [
        ("half the variance", scaled(&law, 0.5)),
        ("that of the leading order", scaled(&law, leading / spread)),
        ("estimates of separate samples", forgetful(&law, 1)),
    ];
    check(&process, "plateau", &broken);
}

/// The states of one block at `recorded`.
fn states(process: &CovarianceEstimate, recorded: &[u64]) -> Vec<Vec<Row>> {
    let mut seen = Vec::new();
    process.simulate(streams("estimates", 0), recorded, &mut |_, state| {
        seen.push(state.to_vec());
        true
    });
    seen
}

#[test]
fn a_sketch_with_room_for_all_samples_is_the_plug_in_estimate() {
    for (name, rank, steps) in [
        ("diagonal H, dense G", 3, [2, 7, 50]),
        ("diagonal H, G of rank 1", 1, [2, 7, 50]),
        ("dense H, G of rank 2", 3, [2, 7, 50]),
        ("dense H and G", 2, [2, 3, 3]),
    ] {
        let problem = case(name).problem();
        let (sketch, plug_in) =
            (estimate(&problem, Estimator::LowRank { rank }), estimate(&problem, Estimator::PlugIn));
        for (a, b) in states(&sketch, &steps).iter().zip(&states(&plug_in, &steps)) {
            let off = vector_distance(a.as_flattened(), b.as_flattened());
            assert!(off < 1e-12, "{name}: {off}");
        }
        let (law, expected) = (joint_law(&sketch, &steps), joint_law(&plug_in, &steps));
        assert_eq!(law.covariance, expected.covariance);
        assert_eq!(law.mean, expected.mean);
    }
}

/// Replicate by replicate, the sketch lies below the plug-in estimate in the Loewner order. What it misses on average
/// is below the bound of the bias: 6.5 standard errors over 2 048 replicates, a false alarm of 10⁻⁹ for a mean of bounded
/// skewness, were the bound attained.
#[test]
fn a_smaller_sketch_lies_below_the_plug_in_estimate_by_no_more_than_its_bound() {
    let problem = case("dense H and G").problem();
    for rank in [1, 2, 4] {
        let (sketch, plug_in) =
            (estimate(&problem, Estimator::LowRank { rank }), estimate(&problem, Estimator::PlugIn));
        let bound = CovarianceEstimate::sketch_bias(&problem, rank).expect("a rank");
        let mut missed = Vec::new();
        for block in 0..64 {
            let state = |process: &CovarianceEstimate| {
                let mut state = Vec::new();
                process.simulate(streams("sketch", block), &[40], &mut |_, rows| {
                    state = rows.to_vec();
                    true
                });
                state
            };
            let (small, whole) = (state(&sketch), state(&plug_in));
            for lane in 0..WIDTH {
                let difference = Mat::from_fn(5, 5, |i, j| {
                    let (i, j) = (i.max(j), i.min(j));
                    let at = i * (i + 1) / 2 + j;
                    (whole[at][lane] - small[at][lane]) * if i == j { 1.0 } else { 0.5_f64.sqrt() }
                });
                let eigen = Symmetric::new(difference).expect("symmetric").eigen().expect("converges");
                assert!(eigen.min_value() > -1e-12, "rank {rank}: {}", eigen.min_value());
                missed.push(eigen.max_value());
            }
        }
        let n = missed.len() as f64;
        let mean = missed.iter().sum::<f64>() / n;
        let error = (missed.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n * n)).sqrt();
        assert!(mean < bound + 6.5 * error, "rank {rank}: {mean} is above {bound}");
        assert!(mean > 20.0 * error, "rank {rank}: the bias is there");
    }
}

#[test]
fn the_bound_of_the_bias_is_the_smallest_of_its_tails() {
    let three = case("diagonal H, dense G").problem();
    let four = problem(Spd::identity(4).expect("d ≥ 1"), Spd::identity(4).expect("d ≥ 1").into());
    // Spectrum 9, 2, ½; then all ones, where all of the trace over r + 1 wins.
    for (problem, rank, expected) in
        [(&three, 1, 2.5), (&three, 2, 0.5), (&three, 3, 0.0), (&four, 1, 2.0), (&four, 2, 4.0 / 3.0), (&four, 3, 1.0)]
    {
        let bound = CovarianceEstimate::sketch_bias(problem, rank).expect("a rank");
        assert!((bound - expected).abs() < 1e-13, "{bound} and {expected}");
    }
}

#[test]
fn all_recorded_steps_come_from_one_pass() {
    let problem = case("diagonal H, dense G").problem();
    for estimator in [Estimator::PlugIn, Estimator::Diagonal, Estimator::LowRank { rank: 2 }] {
        let process = estimate(&problem, estimator);
        let seen = states(&process, &[0, 1, 2, 9, 30]);
        assert_eq!(seen[2..], states(&process, &[2, 9, 30]));
        assert_eq!(seen[4..], states(&process, &[30]));
        assert!(seen[..2].iter().flatten().flatten().all(|e| e.is_nan()), "{estimator:?}");
        assert!(seen[2..].iter().flatten().flatten().all(|e| e.is_finite()), "{estimator:?}");
        let mut calls = 0;
        process.simulate(streams("estimates", 0), &[2, 9, 30], &mut |n, _| {
            calls += 1;
            n < 1
        });
        assert_eq!((calls, process.time(9)), (2, 9.0));
    }
}

/// The message of a refusal.
#[track_caller]
fn refusal<T>(result: Result<T, DynamicsError>) -> String {
    result.err().expect("it must be refused").to_string()
}

#[test]
fn what_is_not_there_is_refused() {
    let three = case("diagonal H, dense G").problem();
    let large = problem(Spd::identity(65).expect("d ≥ 1"), Spd::identity(65).expect("d ≥ 1").into());
    let new = |problem, estimator| refusal(CovarianceEstimate::new(problem, estimator));
    assert_eq!(new(&large, Estimator::PlugIn), "dimension d is 65: at most 64 are supported here");
    for rank in [0, 4] {
        let expected = format!("rank is {rank} in dimension 3: 1 ≤ r ≤ d is required");
        assert_eq!(new(&three, Estimator::LowRank { rank }), expected);
        assert_eq!(refusal(CovarianceEstimate::sketch_bias(&three, rank)), expected);
    }
    let plug_in = estimate(&three, Estimator::PlugIn);
    for step in [0, 1] {
        assert!(refusal(plug_in.exact(&[step])).contains("fewer than two samples"));
        assert!(refusal(plug_in.cross_covariance(step, 5)).contains("fewer than two samples"));
    }
    let sketch = estimate(&three, Estimator::LowRank { rank: 2 });
    assert!(sketch.exact(&[2, 3]).is_ok() && sketch.cross_covariance(2, 3).is_ok());
    assert!(refusal(sketch.exact(&[3, 4])).contains("lower rank"));
    assert!(refusal(sketch.cross_covariance(3, 4)).contains("lower rank"));
    assert!(refusal(sketch.limit(&[4])).contains("limit"));
    let plateau = |eta| refusal(CovarianceEstimate::plateau_direction(&three, eta));
    assert!(plateau(0.2).contains("must be below 2/λ_max(H) = 0.2"));
    assert!(plateau(0.0).contains("step size η is 0"));
    assert!(plateau(f64::NAN).contains("step size η is NaN"));
}
