//! `[process]` of a spec: the process with its schedule, its start and its recorded steps.

use std::ops::Range;
use std::sync::Arc;

use dynamics::problem::SmoothProblem;
use dynamics::process::{
    Averaged, BatchGradient, CovarianceEstimate, EnsembleDescent, Estimator, GradientAverage, HeavyBall, MiniBatch,
    NestedBatches, OrnsteinUhlenbeck, PartialReuse, Preconditioned, Preconditioner, Replacement, Reshuffled, Sgd,
    Stability, StreamingLeastSquares, Transition,
};
use dynamics::reading::Room;
use dynamics::schedule::Schedule;
use dynamics::start::Start;
use dynamics::{DynamicsError, Process};
use faer::MatRef;
use geometry::{Escape, EscapeNoise};
use sampling::Design as _;
use sampling::designs::AnyDesign;

use super::context::{Context, short};
use super::problem::{Beyond, Known, Problem};
use super::raw::{
    RawData, RawEstimator, RawMeasure, RawMethod, RawOrnsteinUhlenbeck, RawPreconditioner, RawProcess, RawReplacement,
    RawRule, RawSampling, RawSchedule, RawSgd, RawSpec, RawStart,
};

/// The most Euler steps within one step of a path.
const MOST_SUBSTEPS: u32 = 1 << 16;

/// What a process is made of, apart from its problem.
pub(super) struct Parts {
    /// `None` for a sampling that is part of the process.
    design: Option<AnyDesign>,
    /// `None` for a process without step sizes.
    pub(super) schedule: Option<Schedule>,
    start: Start,
    pub(super) recorded: Vec<u64>,
}

/// A process, and what belongs to it.
pub(super) struct Built {
    pub(super) process: Arc<dyn Process>,
    /// The steps that are recorded, ascending.
    pub(super) recorded: Vec<u64>,
    /// What expressions may say about it.
    pub(super) scalars: Vec<(&'static str, f64)>,
    /// Where the numbers of each measure stand among the rows of the process, for a process of readings.
    pub(super) readings: Vec<Range<usize>>,
    /// Coordinates that a step of one replicate reads.
    pub(super) work: usize,
    /// What its models take in memory, if it has some.
    pub(super) room: Room,
}

impl Context<'_> {
    /// The parts of a process that can be checked without the matrices of the problem.
    pub(super) fn parts(&mut self, raw: &RawSpec) -> Option<Parts> {
        let d = raw.problem.size().map_or(1, |(_, d)| d);
        let kind = raw.process.kind();
        let design = self.design(&raw.sampling, d);
        let schedule = match raw.process.step_size() {
            Some(step_size) => self.schedule(kind, step_size).map(Some),
            None => Some(None),
        };
        let (start, recorded) = match raw.process.path() {
            Some(path) => {
                let start = self.start(&format!("process.{kind}.start"), path.start, d);
                let interval = match (&raw.process, &schedule) {
                    (RawProcess::OrnsteinUhlenbeck(raw), _) => {
                        let at = format!("process.{kind}.interval");
                        self.positive(&at, "interval", raw.interval).map(|()| Some(raw.interval))
                    }
                    (_, Some(Some(Schedule::Constant(eta)))) => Some(Some(eta.get())),
                    (_, Some(_)) => Some(None),
                    (_, None) => None,
                };
                (start, interval.and_then(|interval| self.recorded(kind, path.horizon, path.record, interval)))
            }
            None => (Start::new(vec![0.0; d], 0.0).ok(), self.steps_without_path(raw, &schedule)),
        };
        Some(Parts { design: design?, schedule: schedule?, start: start?, recorded: recorded? })
    }

    /// The process of a cell.
    pub(super) fn process(
        &mut self,
        raw: &RawSpec,
        parts: Parts,
        problem: &Problem,
        measures: &[RawMeasure],
    ) -> Option<Built> {
        match (&raw.process, &problem.known, &raw.sampling) {
            (RawProcess::Training(_) | RawProcess::Evaluation(_), ..) => self.training(raw, parts, problem, measures),
            (_, None, _) => None,
            (_, Some(known), RawSampling::FullBatch(_)) => {
                let noiseless = self.ok("sampling.full_batch", known.without_noise())?;
                self.process_with_law(raw, parts, &noiseless)
            }
            (_, Some(known), _) => self.process_with_law(raw, parts, known),
        }
    }

    /// A process of errors around a known minimiser.
    fn process_with_law(&mut self, raw: &RawSpec, parts: Parts, problem: &Known) -> Option<Built> {
        let local = &problem.local;
        let mut scalars = Vec::new();
        scalars.extend(self.batch_size(raw, problem).map(|b| ("b", b)));
        match parts.schedule {
            Some(Schedule::RobbinsMonro(steps)) => scalars.extend([("c", steps.scale()), ("k0", steps.offset())]),
            Some(Schedule::Constant(eta)) => scalars.push(("eta", eta.get())),
            _ => {}
        }
        let process: Arc<dyn Process> = match &raw.process {
            RawProcess::Sgd(sgd) => self.descent(raw, sgd, &parts, problem)?,
            RawProcess::OrnsteinUhlenbeck(ou) => {
                let design = self.gaussian_design(raw, &parts)?;
                scalars.push(("dt", ou.interval));
                let transition = match ou.method {
                    None | Some(RawMethod::Exact) => Transition::Exact,
                    Some(RawMethod::EulerMaruyama(substeps)) => {
                        self.few_substeps(substeps)?;
                        Transition::EulerMaruyama { substeps }
                    }
                };
                let factor = design.variance_factor();
                let process = OrnsteinUhlenbeck::new(local, factor, ou.interval, transition, &parts.start);
                Arc::new(self.ok("process.ornstein_uhlenbeck.method", process)?)
            }
            RawProcess::BatchGradient(_) => self.batch_gradient(raw, &parts, problem)?,
            RawProcess::CovarianceEstimate(estimate) => {
                scalars.extend(estimate.candidate_step_size.map(|eta| ("eta", eta)));
                let estimator = match estimate.estimator {
                    RawEstimator::PlugIn => Estimator::PlugIn,
                    RawEstimator::Diagonal => Estimator::Diagonal,
                    RawEstimator::LowRank(rank) => Estimator::LowRank { rank },
                };
                self.gaussian_design(raw, &parts)?;
                let process = CovarianceEstimate::new(local, estimator);
                Arc::new(self.ok("process.covariance_estimate.estimator", process)?)
            }
            RawProcess::Training(_) | RawProcess::Evaluation(_) => return None,
            RawProcess::GradientAverage(_) => {
                let (descent, fisher) = (self.mini_batch(raw, &parts, problem)?, local.fisher());
                Arc::new(self.ok("process.gradient_average", GradientAverage::new(descent, fisher))?)
            }
        };
        if let Some(RawStart::Gaussian(start)) = raw.process.path().map(|path| path.start)
            && start.spread > 0.0
        {
            scalars.push(("s", start.spread));
        }
        if let Some(factor) = self.variance_factor(raw, &parts, problem) {
            scalars.push(("sigma2", factor));
            scalars.extend(parts.schedule.map(|schedule| ("tau", schedule.largest() * factor)));
        }
        scalars.extend(self.growth(raw, &parts, problem)?.map(|growth| ("growth", growth)));
        if let Beyond::Data { problem, smoothness, minimum } = &problem.beyond {
            let theta: Vec<f64> = problem.minimiser().iter().zip(parts.start.mean()).map(|(m, e)| m + e).collect();
            let gap = problem.loss(&theta) - minimum;
            scalars.extend([("M", *smoothness), ("loss_gap", gap), ("n", problem.samples() as f64)]);
        }
        let substeps = match &raw.process {
            RawProcess::OrnsteinUhlenbeck(RawOrnsteinUhlenbeck {
                method: Some(RawMethod::EulerMaruyama(n)), ..
            }) => *n,
            _ => 1,
        };
        let work = local.dimension().saturating_mul(substeps as usize);
        let (readings, room) = (Vec::new(), Room::default());
        Some(Built { process, recorded: parts.recorded, scalars, readings, work, room })
    }

    /// Within a step nobody is asked whether to go on.
    fn few_substeps(&mut self, substeps: u32) -> Option<()> {
        if substeps <= MOST_SUBSTEPS {
            return Some(());
        }
        let message = format!("euler_maruyama is {substeps}: at most {MOST_SUBSTEPS} substeps are taken in a step");
        let help = "shorten the interval, and take more steps";
        self.fail("process.ornstein_uhlenbeck.method.euler_maruyama", message, Some(help));
        None
    }

    /// b: as stated, or n for all samples of a data set.
    fn batch_size(&self, raw: &RawSpec, problem: &Known) -> Option<f64> {
        match (&raw.sampling, &problem.beyond) {
            (RawSampling::FullBatch(_), Beyond::Data { problem, .. }) => Some(problem.samples() as f64),
            _ => raw.sampling.batch_size().map(|b| b as f64),
        }
    }

    /// The factor by which the second moment grows in a step, in the long run: of least squares without residuals, and of
    /// gradient descent.
    fn growth(&mut self, raw: &RawSpec, parts: &Parts, problem: &Known) -> Option<Option<f64>> {
        let (RawProcess::Sgd(RawSgd { rule: None | Some(RawRule::Plain), .. }), Some(Schedule::Constant(eta))) =
            (&raw.process, parts.schedule)
        else {
            return Some(None);
        };
        let curvatures =
            |cx: &mut Self| cx.ok("problem", problem.local.curvature().eigen()).map(|e| e.values().to_vec());
        let path = "process.sgd.step_size.constant";
        match (&raw.sampling, &problem.beyond) {
            (RawSampling::Fresh(fresh), Beyond::Stream { residual_variance: 0.0, .. }) => {
                let map = Escape::new(&curvatures(self)?, eta.get(), fresh.batch_size, EscapeNoise::GaussianFeatures);
                Some(Some(self.ok(path, map)?.growth()))
            }
            (RawSampling::FullBatch(_), Beyond::Nothing | Beyond::Stream { .. } | Beyond::Ensemble(_)) => {
                let curvatures = curvatures(self)?;
                let growth = |lambda: f64| (1.0 - eta.get() * lambda) * (1.0 - eta.get() * lambda);
                Some(Some(curvatures.into_iter().map(growth).fold(0.0, f64::max)))
            }
            _ => Some(None),
        }
    }

    /// σ² with Cov ĝ_B = σ²G, where one number says it.
    fn variance_factor(&self, raw: &RawSpec, parts: &Parts, problem: &Known) -> Option<f64> {
        if matches!(raw.sampling, RawSampling::FullBatch(_)) {
            return Some(0.0);
        }
        if let Some(design) = &parts.design {
            let is_scalar = (0..problem.local.dimension()).all(|i| design.shape(i) == 1.0);
            return is_scalar.then(|| design.variance_factor());
        }
        let b = self.batch_size(raw, problem)?;
        let without_replacement = |n: f64| if n > b { (n - b) / (b * (n - 1.0)) } else { 0.0 };
        match (&raw.sampling, &problem.beyond) {
            (RawSampling::Nested(_), _) => None,

            (RawSampling::Reshuffled(pool), _) => Some(without_replacement(pool.samples as f64)),
            (RawSampling::Data(RawData { replacement: RawReplacement::Without, .. }), Beyond::Data { problem, .. }) => {
                Some(without_replacement(problem.samples() as f64))
            }
            _ => Some(1.0 / b),
        }
    }

    fn descent(&mut self, raw: &RawSpec, sgd: &RawSgd, parts: &Parts, problem: &Known) -> Option<Arc<dyn Process>> {
        let (local, start, schedule) = (&problem.local, &parts.start, parts.schedule?);
        let is_plain = matches!(sgd.rule, None | Some(RawRule::Plain));
        let is_of_data = matches!((&raw.sampling, &problem.beyond), (RawSampling::FullBatch(_), Beyond::Data { .. }));
        let design = parts.design.clone().filter(|_| !is_of_data);
        let has_law = design.is_some() || matches!(raw.sampling, RawSampling::Fresh(_));
        if sgd.may_diverge == Some(true) && !(is_plain && has_law) {
            let message = "only plain steps with an exact law of the growing moments may diverge";
            let help = "remove `may_diverge`, or use the plain rule and a sampling without memory";
            self.fail("process.sgd.may_diverge", message, Some(help));
            return None;
        }
        let Some(design) = design else {
            if !is_plain {
                let message = format!("sampling.{} has a memory or a problem of its own", raw.sampling.kind());
                let help = "remove `rule`, or draw batches by a sampling whose noise is independent of the iterate";
                self.fail(
                    "process.sgd.rule",
                    format!("{message}: no other rule than plain is implemented"),
                    Some(help),
                );
                return None;
            }
            return self.descent_with_memory(raw, parts, problem, schedule);
        };
        let constant = match schedule {
            Schedule::Constant(eta) => Some(eta),
            _ => None,
        };
        let needs_constant = matches!(sgd.rule, Some(RawRule::HeavyBall(_) | RawRule::Preconditioned(_)));
        if needs_constant && constant.is_none() {
            self.fail("process.sgd.step_size", "this rule is implemented for constant steps only", None);
            return None;
        }
        Some(match (&sgd.rule, constant) {
            (Some(RawRule::HeavyBall(momentum)), Some(eta)) => {
                let process = HeavyBall::new(local, eta, *momentum, design, start);
                Arc::new(self.stable_at("process.sgd.rule.heavy_ball", process)?)
            }
            (Some(RawRule::Preconditioned(raw)), Some(eta)) => {
                let path = "process.sgd.rule.preconditioned";
                let preconditioner = match raw {
                    RawPreconditioner::Newton => Preconditioner::Newton,
                    RawPreconditioner::NaturalGradient => Preconditioner::NaturalGradient,
                    RawPreconditioner::Matrix(matrix) => {
                        let path = format!("{path}.matrix");
                        Preconditioner::Matrix(self.definite(matrix, local.dimension(), &path, "matrix")?)
                    }
                };
                let process = Preconditioned::new(local, &preconditioner, eta, design, start);
                Arc::new(self.stable_at("process.sgd.step_size.constant", process)?)
            }
            (Some(RawRule::AverageFrom(from)), _) => {
                let sgd = self.stable(raw, Sgd::new(local, schedule, design, start))?;
                if parts.recorded.last().is_some_and(|last| last <= from) {
                    let message = format!("average_from is {from}: no recorded step lies after it");
                    self.fail("process.sgd.rule.average_from", message, None);
                    return None;
                }
                Arc::new(Averaged::new(sgd, *from))
            }
            _ => Arc::new(self.stable(raw, Sgd::with_stability(local, schedule, design, start, stability(raw)))?),
        })
    }

    /// A descent whose batches depend on the batches before, or on where the iterate stands.
    fn descent_with_memory(
        &mut self,
        raw: &RawSpec,
        parts: &Parts,
        problem: &Known,
        schedule: Schedule,
    ) -> Option<Arc<dyn Process>> {
        let (local, start) = (&problem.local, &parts.start);
        Some(match &raw.sampling {
            RawSampling::PartialReuse(reuse) => {
                let process = PartialReuse::new(local, schedule, reuse.batch_size, reuse.reused, start);
                Arc::new(self.built(raw, "sampling.partial_reuse.reused", process)?)
            }
            RawSampling::Reshuffled(pool) => {
                let path = "sampling.reshuffled";
                let d = local.dimension();
                let samples = self.pool_samples(path, pool.samples, pool.seed, d)?;
                let rows = MatRef::from_row_major_slice(&samples, samples.len() / d, d);
                let batch_size = usize::try_from(pool.batch_size).unwrap_or(usize::MAX);
                let process = Reshuffled::new(local, schedule, batch_size, rows, start);
                Arc::new(self.built(raw, &format!("{path}.batch_size"), process)?)
            }
            RawSampling::Data(_) | RawSampling::FullBatch(_) => Arc::new(self.mini_batch(raw, parts, problem)?),
            RawSampling::Fresh(fresh) => {
                let (b, stability) = (fresh.batch_size, stability(raw));
                match &problem.beyond {
                    Beyond::Stream { features, residual_variance } => {
                        let process = StreamingLeastSquares::with_stability(
                            features,
                            *residual_variance,
                            schedule,
                            b,
                            start,
                            stability,
                        );
                        Arc::new(self.stable(raw, process)?)
                    }
                    Beyond::Ensemble(ensemble) => {
                        let process = EnsembleDescent::new(ensemble.clone(), schedule, b, start, stability);
                        Arc::new(self.stable(raw, process)?)
                    }
                    _ => return self.mismatch(raw, "least_squares and ensemble draw their samples as they go"),
                }
            }
            _ => return self.mismatch(raw, "process.batch_gradient draws a data set for each replicate"),
        })
    }

    fn mini_batch(
        &mut self,
        raw: &RawSpec,
        parts: &Parts,
        problem: &Known,
    ) -> Option<MiniBatch<Arc<dyn SmoothProblem>>> {
        let problem = match &problem.beyond {
            Beyond::Data { problem, .. } => problem,
            Beyond::Ensemble(_) => {
                return self
                    .mismatch(raw, "draw samples as it goes, by sampling.fresh, or train models by process.training");
            }
            _ => return self.mismatch(raw, "problems with data of their own have batches of it, by sampling.data"),
        };
        let (batch_size, replacement) = self.batches_of_data(raw, problem.samples())?;
        let process = MiniBatch::new(problem.clone(), parts.schedule?, batch_size, replacement, &parts.start);
        self.built(raw, "sampling.data.batch_size", process)
    }

    /// b of n samples, and whether one can be there twice.
    pub(super) fn batches_of_data(&mut self, raw: &RawSpec, n: usize) -> Option<(u64, Replacement)> {
        match &raw.sampling {
            RawSampling::Data(RawData { batch_size, replacement: RawReplacement::With }) => {
                Some((*batch_size, Replacement::With))
            }
            RawSampling::Data(RawData { batch_size, replacement: RawReplacement::Without }) => {
                Some((*batch_size, Replacement::Without))
            }
            RawSampling::FullBatch(_) => Some((n as u64, Replacement::Without)),
            _ => self.mismatch(raw, "a model has batches of its own samples, by sampling.data or sampling.full_batch"),
        }
    }

    fn batch_gradient(&mut self, raw: &RawSpec, parts: &Parts, problem: &Known) -> Option<Arc<dyn Process>> {
        let local = &problem.local;
        let design = match (&parts.design, &raw.sampling, &problem.beyond) {
            (Some(design), _, _) => design.clone(),
            (None, RawSampling::Nested(nested), _) => {
                let process = NestedBatches::new(local, nested.samples, nested.batch_size, nested.mean_spread);
                return Some(Arc::new(self.ok("sampling.nested", process)?));
            }
            (None, RawSampling::Data(data), Beyond::Data { problem, .. }) => {
                let scores = problem.scores(problem.minimiser());
                self.pool_of(scores.as_ref(), data.batch_size, data.replacement)?
            }
            _ => return self.mismatch(raw, "process.batch_gradient needs batches that do not depend on each other"),
        };
        Some(Arc::new(self.ok("process.batch_gradient", BatchGradient::new(local, design))?))
    }

    /// The design of a process whose noise is Gaussian by definition.
    fn gaussian_design(&mut self, raw: &RawSpec, parts: &Parts) -> Option<AnyDesign> {
        match &parts.design {
            Some(design @ (AnyDesign::Gaussian(_) | AnyDesign::Inflated(_))) => Some(design.clone()),
            _ => self
                .mismatch(raw, "this process has Gaussian noise: use sampling.gaussian (or inflated, for a diffusion)"),
        }
    }

    /// Reports a sampling that the process or the problem has no use for.
    pub(super) fn mismatch<T>(&mut self, raw: &RawSpec, help: &str) -> Option<T> {
        let (sampling, process, problem) = (raw.sampling.kind(), raw.process.kind(), raw.problem.kind());
        let message = format!("sampling.{sampling} does not go with process.{process} and problem.{problem}");
        self.fail(&format!("sampling.{sampling}"), message, Some(help));
        None
    }

    /// A process, or its error at the step size where it is unstable and at `path` otherwise.
    fn built<T>(&mut self, raw: &RawSpec, path: &str, result: Result<T, DynamicsError>) -> Option<T> {
        match result {
            Err(error @ (DynamicsError::Unstable { .. } | DynamicsError::MeanSquareUnstable { .. })) => {
                self.stable(raw, Err(error))
            }
            other => self.ok(path, other),
        }
    }

    /// A process whose step sizes must be stable.
    fn stable<T>(&mut self, raw: &RawSpec, result: Result<T, DynamicsError>) -> Option<T> {
        let kind = raw.process.kind();
        match raw.process.step_size() {
            Some(RawSchedule::RobbinsMonro(_)) => {
                let path = format!("process.{kind}.step_size.robbins_monro.offset");
                let help = "the first step is scale/offset^exponent: raise the offset";
                result.map_err(|error| self.fail(&path, unstable(&error), Some(help))).ok()
            }
            Some(RawSchedule::Cyclical(_)) => {
                self.stable_at(&format!("process.{kind}.step_size.cyclical.high"), result)
            }
            _ => self.stable_at(&format!("process.{kind}.step_size.constant"), result),
        }
    }

    fn stable_at<T>(&mut self, path: &str, result: Result<T, DynamicsError>) -> Option<T> {
        result.map_err(|error| self.fail(path, unstable(&error), None)).ok()
    }
}

/// Whether a descent may diverge.
fn stability(raw: &RawSpec) -> Stability {
    match &raw.process {
        RawProcess::Sgd(RawSgd { may_diverge: Some(true), .. }) => Stability::Any,
        _ => Stability::Required,
    }
}

/// Why a process is not stable, with short numbers.
fn unstable(error: &DynamicsError) -> String {
    match error {
        DynamicsError::Unstable { step_size, largest_curvature, limit } => format!(
            "step size η = {step_size} is not stable: it must be below 2/λ_max(H) = {}, because λ_max(H) = {}",
            short(*limit),
            short(*largest_curvature)
        ),
        error => error.to_string(),
    }
}
