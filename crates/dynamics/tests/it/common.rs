//! Problems to test with, and one way to compare two matrices.

use dynamics::problem::Quadratic;
use dynamics::process::{BlockStreams, Sgd};
use dynamics::schedule::{Cyclical, RobbinsMonro, Schedule, StepSize};
use dynamics::start::Start;
use dynamics::{Moments, Process};
use faer::{Mat, MatRef, Scale};
use geometry::generators::{haar_orthogonal, log_spaced, rotated};
use geometry::{Psd, Spd, Symmetric, frobenius_norm};
use sampling::normal::fill_normals;
use sampling::{Design, Purpose, Stream, StreamKey};

/// A curvature and a noise covariance.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) curvature: Spd,
    pub(crate) noise: Psd,
}

impl Case {
    pub(crate) fn dimension(&self) -> usize {
        self.curvature.dimension()
    }

    pub(crate) fn largest_curvature(&self) -> f64 {
        self.curvature.eigen().expect("converges").max_value()
    }

    /// The problem with F = H.
    pub(crate) fn problem(&self) -> Quadratic {
        let minimiser = vec![0.0; self.dimension()];
        Quadratic::new(self.curvature.clone(), self.noise.clone(), self.curvature.clone(), minimiser).expect("fits")
    }

    pub(crate) fn process<D: Design>(&self, eta: f64, design: D, start: &Start) -> Sgd<D> {
        self.sgd(constant(eta), design, start)
    }

    pub(crate) fn sgd<D: Design>(&self, schedule: Schedule, design: D, start: &Start) -> Sgd<D> {
        Sgd::new(&self.problem(), schedule, design, start).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    /// I − ηH in the problem's own coordinates.
    pub(crate) fn contraction(&self, eta: f64) -> Mat<f64> {
        Mat::<f64>::identity(self.dimension(), self.dimension()) - Scale(eta) * self.curvature.as_mat()
    }

    /// Constant, decreasing and cyclical steps: with an overshoot (1 − ηh < 0), and without.
    pub(crate) fn schedules(&self) -> [Schedule; 4] {
        let largest = self.largest_curvature();
        [
            constant(1.4 / largest),
            decreasing(6.0 / largest, 4.0, 1.0),
            decreasing(2.0 / largest, 1.5, 0.75),
            cyclical(1.4 / largest, 0.2 / largest, 2, 5),
        ]
    }

    /// A point with every coordinate different, and that point widened to a Gaussian cloud.
    pub(crate) fn starts(&self) -> [Start; 2] {
        let mean: Vec<f64> = (0..self.dimension()).map(|i| [1.0, -0.5, 2.0][i % 3] + 0.1 * i as f64).collect();
        [0.0, 0.7].map(|spread| Start::new(mean.clone(), spread).expect("finite"))
    }
}

/// Diagonal, dense and degenerate curvatures, with noise that commutes with them, does not, or is singular.
pub(crate) fn cases() -> Vec<Case> {
    let diagonal = |entries: &[f64]| Spd::diagonal(entries).expect("positive");
    let three = diagonal(&[1.0, 4.0, 10.0]);
    let (five, basis) = ([1.0, 2.0, 3.0, 5.0, 8.0], orthogonal("basis", 5));
    let twelve = log_spaced(1.0, 100.0, 12).expect("two ends");
    let case = |name, curvature, noise| Case { name, curvature, noise };
    vec![
        case("one dimension", diagonal(&[2.0]), diagonal(&[3.0]).into()),
        case("diagonal H and G", three.clone(), diagonal(&[2.0, 1.0, 0.5]).into()),
        case("diagonal H, dense G", three.clone(), psd(&[9.0, 2.0, 0.5], &orthogonal("noise", 3))),
        case("diagonal H, G of rank 1", three.clone(), psd(&[3.0, 0.0, 0.0], &orthogonal("noise", 3))),
        case("diagonal H, no noise", three, Psd::diagonal(&[0.0; 3]).expect("non-negative")),
        case("equal curvatures, dense G", diagonal(&[2.0; 3]), psd(&[9.0, 2.0, 0.5], &orthogonal("noise", 3))),
        case("dense H and G", spd(&five, &basis), psd(&[9.0, 4.0, 2.0, 1.0, 0.2], &orthogonal("noise", 5))),
        case("dense H, G commuting", spd(&five, &basis), psd(&[0.2, 4.0, 2.0, 1.0, 9.0], &basis)),
        case("dense H, G of rank 2", spd(&five, &basis), psd(&[9.0, 4.0, 0.0, 0.0, 0.0], &orthogonal("noise", 5))),
        case(
            "dense H of condition 100",
            spd(&twelve, &orthogonal("basis", 12)),
            psd(&twelve, &orthogonal("noise", 12)),
        ),
    ]
}

pub(crate) fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).expect("a case of that name")
}

/// η as a constant schedule.
pub(crate) fn constant(eta: f64) -> Schedule {
    Schedule::Constant(StepSize::new(eta).expect("positive"))
}

/// η_k = c/(k + k₀)^α.
pub(crate) fn decreasing(c: f64, offset: f64, exponent: f64) -> Schedule {
    Schedule::RobbinsMonro(RobbinsMonro::new(c, offset, exponent).expect("positive"))
}

/// r steps of η_high, then q − r of η_low, over and over.
pub(crate) fn cyclical(high: f64, low: f64, high_steps: u64, period: u64) -> Schedule {
    let step_size = |eta| StepSize::new(eta).expect("positive");
    Schedule::Cyclical(Cyclical::new(step_size(high), step_size(low), high_steps, period).expect("a cycle"))
}

/// Mean and covariance of a vector x under explicit steps x' = Mx + (noise of covariance N), in dense matrices.
#[derive(Clone)]
pub(crate) struct Dense {
    pub(crate) mean: Mat<f64>,
    pub(crate) covariance: Mat<f64>,
}

impl Dense {
    /// x = (e₀, y) with an uncorrelated y of mean 0 and the given covariance.
    pub(crate) fn augmented(start: &Start, appended: &Mat<f64>) -> Self {
        let Moments { mean, covariance } = start.moments();
        let d = mean.len();
        let zero = Mat::zeros(d, d);
        let mean = Mat::from_fn(2 * d, 1, |i, _| if i < d { mean[i] } else { 0.0 });
        Dense { mean, covariance: blocks([[&covariance, &zero], [&zero, appended]]) }
    }

    pub(crate) fn step(&mut self, M: &Mat<f64>, N: &Mat<f64>) {
        self.mean = M * &self.mean;
        self.covariance = M * &self.covariance * M.transpose() + N;
    }

    /// The moments of the d entries from `first` on, scaled.
    pub(crate) fn part(&self, first: usize, d: usize, scale: f64) -> Moments {
        Moments {
            mean: (0..d).map(|i| scale * self.mean[(first + i, 0)]).collect(),
            covariance: Scale(scale * scale) * self.covariance.submatrix(first, first, d, d),
        }
    }
}

/// A matrix of four blocks of one size.
pub(crate) fn blocks(blocks: [[&Mat<f64>; 2]; 2]) -> Mat<f64> {
    let d = blocks[0][0].nrows();
    Mat::from_fn(2 * d, 2 * d, |i, j| blocks[i / d][j / d][(i % d, j % d)])
}

/// How far a law in its frame is from moments in the problem's own coordinates, mean and covariance added up.
pub(crate) fn distance_from(process: &dyn Process, law: &Moments, explicit: &Moments) -> f64 {
    let frame = process.frame();
    vector_distance(&law.mean, &frame.vector(&explicit.mean))
        + distance(law.covariance.as_ref(), frame.matrix(explicit.covariance.as_ref()).as_ref())
}

/// Standard normals from a stream of their own.
pub(crate) fn normals(name: &str, n: usize) -> Vec<f64> {
    let mut normals = vec![0.0; n];
    fill_normals(
        &mut Stream::new(StreamKey { seed: 5, cell: name, block: 0, purpose: Purpose::Problem }),
        &mut normals,
    );
    normals
}

/// The stream that the random data of a problem come from.
pub(crate) fn problem_stream(name: &str) -> Stream {
    Stream::new(StreamKey { seed: 20_260_301, cell: name, block: 0, purpose: Purpose::Problem })
}

/// The central differences (f(θ + he_j) − f(θ − he_j))/2h of a vector function, in columns (m×d).
pub(crate) fn central_differences(f: impl Fn(&[f64]) -> Vec<f64>, theta: &[f64], h: f64) -> Mat<f64> {
    let moved = |j: usize, by: f64| {
        let mut theta = theta.to_vec();
        theta[j] += by;
        f(&theta)
    };
    let columns: Vec<Vec<f64>> = (0..theta.len())
        .map(|j| moved(j, h).iter().zip(moved(j, -h)).map(|(above, below)| (above - below) / (2.0 * h)).collect())
        .collect();
    Mat::from_fn(columns[0].len(), theta.len(), |i, j| columns[j][i])
}

/// A Haar-distributed orthogonal matrix.
pub(crate) fn orthogonal(name: &str, d: usize) -> Mat<f64> {
    haar_orthogonal(d, &normals(name, d * d)).expect("independent columns")
}

/// Q diag(spectrum) Qᵀ.
fn conjugated(spectrum: &[f64], Q: &Mat<f64>) -> Symmetric {
    let d = spectrum.len();
    let diagonal = Mat::from_fn(d, d, |i, j| if i == j { spectrum[i] } else { 0.0 });
    rotated(&Symmetric::new(diagonal).expect("symmetric"), Q.as_ref()).expect("orthogonal")
}

pub(crate) fn spd(spectrum: &[f64], Q: &Mat<f64>) -> Spd {
    conjugated(spectrum, Q).try_into().expect("positive definite")
}

pub(crate) fn psd(spectrum: &[f64], Q: &Mat<f64>) -> Psd {
    conjugated(spectrum, Q).try_into().expect("positive semidefinite")
}

/// The streams of block `block` in the cell `name`.
pub(crate) fn streams(name: &str, block: u64) -> BlockStreams {
    let stream = |purpose| Stream::new(StreamKey { seed: 20_260_301, cell: name, block, purpose });
    BlockStreams { start: stream(Purpose::Start), noise: stream(Purpose::Noise) }
}

pub(crate) fn diagonal_matrix(entries: &[f64]) -> Mat<f64> {
    Mat::from_fn(entries.len(), entries.len(), |i, j| if i == j { entries[i] } else { 0.0 })
}

/// ‖A − B‖_F/‖B‖_F, or ‖A‖_F where B = 0.
pub(crate) fn distance(A: MatRef<'_, f64>, B: MatRef<'_, f64>) -> f64 {
    let norm = frobenius_norm(B);
    frobenius_norm((A - B).as_ref()) / if norm == 0.0 { 1.0 } else { norm }
}

/// The same for vectors.
pub(crate) fn vector_distance(a: &[f64], b: &[f64]) -> f64 {
    let column = |v: &[f64]| Mat::from_fn(v.len(), 1, |i, _| v[i]);
    distance(column(a).as_ref(), column(b).as_ref())
}

/// The exact moments after `step` steps.
pub(crate) fn at(process: &dyn Process, step: u64) -> Moments {
    process.exact(&[step]).expect("an exact law").remove(0)
}
