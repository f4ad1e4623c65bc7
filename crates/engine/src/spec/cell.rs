//! One cell: a point of the sweep in one variant, built into a process that can be simulated and predicted.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use dynamics::block::WIDTH;
use dynamics::problem::Quadratic;
use dynamics::schedule::{Schedule, StepSize};
use dynamics::start::Start;
use dynamics::{DynamicsError, Observable, Process as _, process};
use faer::{Mat, Scale};
use geometry::{FisherGeometry, GeometryError, Psd, Spd};
use sampling::designs::{AnyDesign, Gaussian, Iid, Population};
use sampling::normal::fill_normals;
use sampling::stream::STREAM_VERSION;
use sampling::{Design, Purpose, Stream, StreamKey};

use super::diagnostic::{Problems, quote};
use super::expression::{Scalars, evaluate};
use super::points::Point;
use super::raw::{
    RawDirectionSource, RawFisher, RawHorizon, RawIid, RawMatrix, RawMeasure, RawMetric, RawNoiseShape, RawObservable,
    RawPopulation, RawProblem, RawProcess, RawQuadratic, RawRecord, RawSampling, RawSchedule, RawSgd, RawSpectrum,
    RawStart,
};
use crate::layout::Layout;

/// The process of a cell.
pub type Process = process::Sgd<AnyDesign>;

/// The largest dimension d: the dense law of larger problems would not fit into memory.
const LARGEST_DIMENSION: usize = 2048;
/// The most steps of a path.
const MOST_STEPS: u64 = 1 << 40;
/// The most recorded steps of a path.
const MOST_RECORDS: u64 = 100_000;

/// One variant at one point of the sweep.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What the sweep sets: dotted keys and values.
    pub coordinates: Vec<(String, String)>,
    /// The coordinates as the name of the cell's random streams; variants share it.
    pub key: String,
    /// Which variant, as an index into [`super::Spec::variants`].
    pub variant: usize,
    /// What expressions may speak of.
    pub scalars: Scalars,
    /// d.
    pub dimension: usize,
    /// The steps that are recorded, ascending.
    pub recorded: Vec<u64>,
    /// What is simulated, and predicts.
    pub process: Process,
    /// What is observed, measure by measure, in the coordinates of the process.
    pub observables: Vec<Observable>,
    /// The value of each measure's scale.
    pub scales: Vec<f64>,
    /// BLAKE3 of all that the cell's numbers depend on.
    pub hash: String,
}

impl Cell {
    /// Coordinate-steps of the whole cell: d × steps × replicates; `None` if that overflows.
    #[must_use]
    pub fn work(&self, layout: &Layout) -> Option<u64> {
        let steps = self.recorded.last().copied().unwrap_or(0);
        let replicates = layout.blocks_per_section.checked_mul(WIDTH as u64)?.checked_mul(layout.sections as u64)?;
        steps.checked_mul(self.dimension as u64)?.checked_mul(replicates)
    }

    /// t = Σ η_k at the n-th recorded step.
    #[must_use]
    pub fn time(&self, n: usize) -> f64 {
        self.recorded[n] as f64 * self.scalars.get("eta").unwrap_or(f64::NAN)
    }
}

/// Builds the cell of `point`, or reports all that is wrong with it.
pub fn resolve(
    point: &Point,
    measures: &[RawMeasure],
    seed: u64,
    layout: &Layout,
    problems: &mut Problems,
) -> Option<Cell> {
    let mut cx = Context { point, problems };
    let RawProblem::Quadratic(quadratic) = &point.raw.problem;
    let RawProcess::Sgd(sgd) = &point.raw.process;
    cx.dimension(quadratic.dimension)?;
    let parts = cx.quadratic(quadratic);
    let (design, batch_size) = cx.design(&point.raw.sampling);
    let schedule = cx.schedule(sgd);
    let start = cx.start(&sgd.start, quadratic.dimension);
    let recorded = schedule.and_then(|schedule| cx.recorded(sgd, schedule));
    let (parts, design, schedule, start, recorded) = (parts?, design?, schedule?, start?, recorded?);
    let step_size = schedule.largest();
    let problem =
        cx.ok("problem.quadratic", Quadratic::new(parts.curvature, parts.noise, parts.fisher, parts.minimiser))?;
    let process = cx.stable(process::Sgd::new(&problem, schedule, design, &start))?;
    let horizon = recorded.last().copied().unwrap_or(0);
    let (h_min, h_max) = extremes(process.frame().rates());
    let scalars = Scalars::new(vec![
        ("b", batch_size as f64),
        ("d", quadratic.dimension as f64),
        ("eta", step_size),
        ("horizon", horizon as f64),
        ("lambda_max", h_max),
        ("lambda_min", h_min),
        ("tau", step_size * design.variance_factor()),
        ("trace_G", problem.noise().trace()),
        ("trace_H", problem.curvature().trace()),
    ]);
    let mut observables = Vec::new();
    let mut scales = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        let observable = cx.observable(&problem, &parts.given_noise, &process, step_size, &measure.observe, i);
        let scale = cx.scale(&format!("measure.{i}.scale"), measure.scale.as_deref(), &scalars);
        observables.push(observable?);
        scales.push(scale?);
    }
    Some(Cell {
        coordinates: point.coordinates.clone(),
        key: point.key(),
        variant: point.variant,
        dimension: quadratic.dimension,
        hash: hash(point, measures, seed, layout),
        scalars,
        recorded,
        process,
        observables,
        scales,
    })
}

/// BLAKE3 of all that the simulated numbers depend on; comments, the order of keys, claims and figures do not count.
fn hash(point: &Point, measures: &[RawMeasure], seed: u64, layout: &Layout) -> String {
    let observed: Vec<&RawObservable> = measures.iter().map(|measure| &measure.observe).collect();
    let names: Vec<&str> = measures.iter().map(|measure| measure.name.as_str()).collect();
    let raw = &point.raw;
    let layout = (layout.sections, layout.blocks_per_section, WIDTH);
    let content = serde_json::json!([
        STREAM_VERSION,
        seed,
        layout,
        point.key(),
        raw.problem,
        raw.sampling,
        raw.process,
        names,
        observed
    ]);
    blake3::hash(content.to_string().as_bytes()).to_hex().to_string()
}

fn extremes(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, 0.0), |(low, high), &value| (value.min(low), value.max(high)))
}

/// The matrices of a quadratic problem.
struct Parts {
    curvature: Spd,
    noise: Psd,
    /// G before its shape was replaced.
    given_noise: Psd,
    fisher: Spd,
    minimiser: Vec<f64>,
}

/// Where a problem is reported, and to whom.
struct Context<'a> {
    point: &'a Point,
    problems: &'a mut Problems,
}

impl Context<'_> {
    fn fail(&mut self, path: &str, message: impl Into<String>, help: Option<&str>) {
        let span = self.point.root.locate(path).span.clone();
        self.problems.add(&span, message, help.map(str::to_owned));
    }

    fn ok<T>(&mut self, path: &str, result: Result<T, impl std::error::Error>) -> Option<T> {
        result.map_err(|error| self.fail(path, error.to_string(), None)).ok()
    }

    fn stable<T>(&mut self, result: Result<T, DynamicsError>) -> Option<T> {
        let message = match result {
            Ok(process) => return Some(process),
            Err(DynamicsError::Unstable { step_size, largest_curvature, limit }) => format!(
                "step size η = {step_size} is not stable: it must be below 2/λ_max(H) = {}, because λ_max(H) = {}",
                short(limit),
                short(largest_curvature)
            ),
            Err(error) => error.to_string(),
        };
        self.fail("process.sgd.step_size.constant", message, None);
        None
    }

    fn scale(&mut self, path: &str, text: Option<&str>, scalars: &Scalars) -> Option<f64> {
        let Some(text) = text else { return Some(1.0) };
        match evaluate(text, scalars) {
            Ok(scale) if scale > 0.0 => return Some(scale),
            Ok(scale) => self.fail(path, format!("`{}` is {scale}: a scale must be above 0", quote(text)), None),
            Err(error) => self.fail(path, error.message, error.help.as_deref()),
        }
        None
    }

    /// Comes first, because all else allocates by it.
    fn dimension(&mut self, d: usize) -> Option<()> {
        if (1..=LARGEST_DIMENSION).contains(&d) {
            return Some(());
        }
        let message = format!("dimension is {d}: it must lie between 1 and {LARGEST_DIMENSION}");
        self.fail("problem.quadratic.dimension", message, None);
        None
    }

    fn quadratic(&mut self, raw: &RawQuadratic) -> Option<Parts> {
        let path = "problem.quadratic";
        let d = raw.dimension;
        let curvature = self.definite(&raw.curvature, d, &format!("{path}.curvature"), "curvature");
        let given_noise = self.semidefinite(&raw.noise, d, &format!("{path}.noise"), "noise");
        let fisher = match &raw.fisher {
            None | Some(RawFisher::Curvature) => curvature.clone(),
            Some(RawFisher::Matrix(matrix)) => self.definite(matrix, d, &format!("{path}.fisher.matrix"), "fisher"),
        };
        let minimiser = raw.minimiser.clone().unwrap_or_else(|| vec![0.0; d]);
        if minimiser.len() != d {
            let message = format!("minimiser has {} coordinates, but dimension is {d}", minimiser.len());
            self.fail(&format!("{path}.minimiser"), message, None);
            return None;
        }
        let (curvature, given_noise, fisher) = (curvature?, given_noise?, fisher?);
        let noise = match raw.noise_shape {
            None | Some(RawNoiseShape::AsGiven) => given_noise.clone(),
            Some(RawNoiseShape::TraceMatchedIsotropic) => {
                let geometry = FisherGeometry::new(fisher.clone(), given_noise.clone(), curvature.clone());
                let geometry = self.ok(&format!("{path}.noise_shape"), geometry)?;
                self.ok(&format!("{path}.noise_shape"), geometry.isotropic_surrogate())?
            }
        };
        Some(Parts { curvature, noise, given_noise, fisher, minimiser })
    }

    fn definite(&mut self, raw: &RawMatrix, d: usize, path: &str, name: &str) -> Option<Spd> {
        let M = self.matrix(raw, d, path)?;
        let result = Spd::new(M.clone());
        // The pivot of a Cholesky factor says less than an eigenvalue.
        let result = result.map_err(|error| match (Psd::new(M), error) {
            (Err(negative), GeometryError::NotPositiveDefinite { .. }) => negative,
            (_, error) => error,
        });
        self.matrix_ok(result, raw, path, &format!("{name} must be symmetric positive definite"))
    }

    fn semidefinite(&mut self, raw: &RawMatrix, d: usize, path: &str, name: &str) -> Option<Psd> {
        let M = self.matrix(raw, d, path)?;
        self.matrix_ok(Psd::new(M), raw, path, &format!("{name} must be symmetric positive semidefinite"))
    }

    /// Reports a matrix that is refused in the terms of the spec, as near to its entries as can be.
    fn matrix_ok<T>(
        &mut self,
        result: Result<T, GeometryError>,
        raw: &RawMatrix,
        path: &str,
        demand: &str,
    ) -> Option<T> {
        let mut at = match raw {
            RawMatrix::LogSpaced(_) => format!("{path}.log_spaced"),
            RawMatrix::Diagonal(_) => format!("{path}.diagonal"),
            RawMatrix::Dense(_) => format!("{path}.dense"),
            RawMatrix::RandomSpd(_) => format!("{path}.random_spd"),
            RawMatrix::Isotropic(_) => format!("{path}.isotropic"),
        };
        let reason = match result {
            Ok(matrix) => return Some(matrix),
            Err(GeometryError::NotSymmetric { row, column, value, mirrored, .. }) => {
                at = format!("{at}.{row}.{column}");
                let (i, j) = (row + 1, column + 1);
                format!("row {i}, column {j} is {value}, but row {j}, column {i} is {mirrored}")
            }
            Err(GeometryError::NotPositiveSemidefinite { eigenvalue, .. }) => {
                format!("its smallest eigenvalue is {}", short(eigenvalue))
            }
            Err(GeometryError::NotPositiveDefinite { .. }) => "it is singular, or nearly so".to_owned(),
            Err(error) => error.to_string(),
        };
        self.fail(&at, format!("{demand}: {reason}"), None);
        None
    }

    fn matrix(&mut self, raw: &RawMatrix, d: usize, path: &str) -> Option<Mat<f64>> {
        let diagonal = |entries: &[f64]| Mat::from_fn(d, d, |i, j| if i == j { entries[i] } else { 0.0 });
        match raw {
            RawMatrix::LogSpaced(RawSpectrum { from, to }) => {
                let entries = self.log_spaced(&format!("{path}.log_spaced"), *from, *to, d);
                entries.map(|entries| diagonal(&entries))
            }
            RawMatrix::Diagonal(entries) => {
                if entries.len() != d {
                    let message = format!("diagonal has {} entries, but dimension is {d}", entries.len());
                    self.fail(&format!("{path}.diagonal"), message, None);
                    return None;
                }
                Some(diagonal(entries))
            }
            RawMatrix::Dense(rows) => {
                if rows.len() != d {
                    let message = format!("dense has {} rows, but dimension is {d}", rows.len());
                    self.fail(&format!("{path}.dense"), message, None);
                    return None;
                }
                if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != d) {
                    let message = format!("this row has {} entries, but dimension is {d}", row.len());
                    self.fail(&format!("{path}.dense.{i}"), message, None);
                    return None;
                }
                Some(Mat::from_fn(d, d, |i, j| rows[i][j]))
            }
            RawMatrix::RandomSpd(random) => {
                let at = format!("{path}.random_spd");
                let mut spectrum = self.log_spaced(&at, random.from, random.to, d)?;
                if let Some(trace) = random.trace {
                    self.positive(&format!("{at}.trace"), "trace", trace)?;
                    let sum: f64 = spectrum.iter().sum();
                    spectrum.iter_mut().for_each(|value| *value *= trace / sum);
                }
                let mut normals = vec![0.0; d * d];
                fill_normals(&mut problem_stream(random.seed, "matrix"), &mut normals);
                let matrix = self.ok(&at, geometry::generators::random_spd(&spectrum, &normals))?;
                Some(matrix.as_mat().to_owned())
            }
            RawMatrix::Isotropic(isotropic) => {
                self.positive(&format!("{path}.isotropic.trace"), "trace", isotropic.trace)?;
                Some(diagonal(&vec![isotropic.trace / d as f64; d]))
            }
        }
    }

    fn log_spaced(&mut self, path: &str, from: f64, to: f64, d: usize) -> Option<Vec<f64>> {
        let (from_ok, to_ok) =
            (self.positive(&format!("{path}.from"), "from", from), self.positive(&format!("{path}.to"), "to", to));
        from_ok.and(to_ok)?;
        self.ok(path, geometry::generators::log_spaced(from, to, d))
    }

    fn positive(&mut self, path: &str, name: &str, value: f64) -> Option<()> {
        if value > 0.0 && value.is_finite() {
            return Some(());
        }
        self.fail(path, format!("{name} is {value}: it must be a finite number above 0"), None);
        None
    }

    fn design(&mut self, raw: &RawSampling) -> (Option<AnyDesign>, u64) {
        match raw {
            RawSampling::Gaussian(raw) => {
                let design = self.ok("sampling.gaussian.batch_size", Gaussian::new(raw.batch_size));
                (design.map(AnyDesign::Gaussian), raw.batch_size)
            }
            RawSampling::Iid(RawIid { batch_size, population }) => {
                let population = match population {
                    RawPopulation::Gaussian => Population::Gaussian,
                    RawPopulation::Rademacher => Population::Rademacher,
                    RawPopulation::Uniform => Population::Uniform,
                };
                let design = self.ok("sampling.iid.batch_size", Iid::new(population, *batch_size));
                (design.map(AnyDesign::Iid), *batch_size)
            }
        }
    }

    fn schedule(&mut self, raw: &RawSgd) -> Option<Schedule> {
        let RawSchedule::Constant(step_size) = raw.step_size;
        self.ok("process.sgd.step_size.constant", StepSize::new(step_size)).map(Schedule::Constant)
    }

    fn start(&mut self, raw: &RawStart, d: usize) -> Option<Start> {
        let path = "process.sgd.start";
        match raw {
            RawStart::Point(point) => {
                if point.len() != d {
                    let message = format!("point has {} coordinates, but dimension is {d}", point.len());
                    self.fail(&format!("{path}.point"), message, None);
                    return None;
                }
                self.ok(&format!("{path}.point"), Start::new(point.clone(), 0.0))
            }
            RawStart::RandomPoint(random) => {
                self.positive(&format!("{path}.random_point.radius"), "radius", random.radius)?;
                let mut point = vec![0.0; d];
                fill_normals(&mut problem_stream(random.seed, "start"), &mut point);
                let length = point.iter().map(|x| x * x).sum::<f64>().sqrt();
                point.iter_mut().for_each(|x| *x *= random.radius / length);
                self.ok(&format!("{path}.random_point"), Start::new(point, 0.0))
            }
            RawStart::Gaussian(gaussian) => {
                self.ok(&format!("{path}.gaussian.spread"), Start::new(vec![0.0; d], gaussian.spread))
            }
        }
    }

    /// The steps that are recorded, ascending.
    fn recorded(&mut self, raw: &RawSgd, schedule: Schedule) -> Option<Vec<u64>> {
        let path = match raw.horizon {
            RawHorizon::Steps(_) => "process.sgd.horizon.steps",
            RawHorizon::Time(_) => "process.sgd.horizon.time",
        };
        let horizon = match raw.horizon {
            RawHorizon::Steps(steps) => steps as f64,
            RawHorizon::Time(time) => {
                self.positive(path, "time", time)?;
                // A time that is a whole number of steps up to rounding takes that many.
                let steps = time / schedule.largest();
                if (steps - steps.round()).abs() < 1e-9 * steps { steps.round() } else { steps.ceil() }
            }
        };
        if !(1.0..=MOST_STEPS as f64).contains(&horizon) {
            let message = format!("the horizon is {} steps: it must lie between 1 and {MOST_STEPS}", short(horizon));
            self.fail(path, message, None);
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and between 1 and 2⁴⁰")]
        let horizon = horizon as u64;
        let mut recorded = match &raw.record {
            RawRecord::Logarithmic(n) => {
                self.record_count("logarithmic", *n)?;
                let ratio = libm::log(horizon as f64) / (*n as f64 - 1.0).max(1.0);
                (0..*n).map(|i| nearest_step(libm::exp(ratio * i as f64), horizon)).chain([horizon]).collect()
            }
            RawRecord::Linear(n) => {
                self.record_count("linear", *n)?;
                let distance = horizon as f64 / *n as f64;
                (1..=*n).map(|i| nearest_step(distance * i as f64, horizon)).chain([horizon]).collect()
            }
            RawRecord::Steps(steps) => {
                self.record_count("steps", steps.len() as u64)?;
                if let Some(i) = steps.iter().position(|step| *step > horizon) {
                    let message = format!("step {} is beyond the horizon of {horizon} steps", steps[i]);
                    self.fail(&format!("process.sgd.record.steps.{i}"), message, None);
                    return None;
                }
                steps.clone()
            }
        };
        recorded.sort_unstable();
        recorded.dedup();
        Some(recorded)
    }

    fn record_count(&mut self, key: &str, n: u64) -> Option<()> {
        if (1..=MOST_RECORDS).contains(&n) {
            return Some(());
        }
        let message = format!("{key} asks for {n} recorded steps: it must be between 1 and {MOST_RECORDS}");
        self.fail(&format!("process.sgd.record.{key}"), message, None);
        None
    }

    fn observable(
        &mut self,
        problem: &Quadratic,
        given_noise: &Psd,
        process: &Process,
        step_size: f64,
        raw: &RawObservable,
        i: usize,
    ) -> Option<Observable> {
        let frame = process.frame();
        match raw {
            RawObservable::Quadratic(metric) => {
                let path = format!("measure.{i}.observe.quadratic");
                let (H, F) = (problem.curvature().as_mat(), problem.fisher());
                let M = match metric {
                    RawMetric::Identity => Mat::identity(H.nrows(), H.ncols()),
                    RawMetric::Curvature => H.to_owned(),
                    RawMetric::Fisher => F.as_mat().to_owned(),
                    RawMetric::GradientDual => {
                        let parts = (F.clone(), problem.noise().clone(), problem.curvature().clone());
                        let geometry = self.ok(&path, FisherGeometry::new(parts.0, parts.1, parts.2))?;
                        self.ok(&path, geometry.gradient_dual_norm())?.as_mat().to_owned()
                    }
                    RawMetric::DiscreteTrace => H - Scale(0.5 * step_size) * (H * H),
                };
                Some(Observable::Quadratic(frame.matrix(M.as_ref())))
            }
            RawObservable::Directional(directions) => {
                let path = format!("measure.{i}.observe.directional");
                let d = frame.dimension();
                if directions.top == 0 || directions.top > d {
                    let message = format!("top is {}: it must lie between 1 and the dimension {d}", directions.top);
                    self.fail(&format!("{path}.top"), message, None);
                    return None;
                }
                let eigen = match directions.of {
                    RawDirectionSource::Noise => given_noise.eigen(),
                    RawDirectionSource::Curvature => problem.curvature().eigen(),
                };
                let eigen = self.ok(&path, eigen)?;
                let from_the_top = (0..d).rev().take(directions.top);
                let vectors =
                    from_the_top.map(|j| frame.vector(&(0..d).map(|i| eigen.vectors()[(i, j)]).collect::<Vec<_>>()));
                Some(Observable::Directional(vectors.collect()))
            }
        }
    }
}

/// A computed number for a message: four digits, and no long row of zeros.
fn short(value: f64) -> String {
    let text = format!("{value:.3e}");
    match text.parse::<f64>() {
        Ok(rounded) if rounded == 0.0 || (1e-4..1e12).contains(&rounded.abs()) => rounded.to_string(),
        _ => text,
    }
}

fn problem_stream(seed: u64, what: &str) -> Stream {
    Stream::new(StreamKey { seed, cell: what, block: 0, purpose: Purpose::Problem })
}

fn nearest_step(step: f64, horizon: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, positive, and at most 2⁴⁰")]
    let rounded = step.round().max(1.0) as u64;
    rounded.min(horizon)
}
