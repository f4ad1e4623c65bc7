//! `[process]` of a spec: the process with its schedule, its start and its recorded steps.

use std::sync::Arc;

use dynamics::problem::SmoothProblem;
use dynamics::process::{
    Averaged, BatchGradient, CovarianceEstimate, Estimator, GradientAverage, HeavyBall, MiniBatch, NestedBatches,
    OrnsteinUhlenbeck, PartialReuse, Preconditioned, Preconditioner, Replacement, Reshuffled, Sgd,
    StreamingLeastSquares, Transition,
};
use dynamics::schedule::Schedule;
use dynamics::start::Start;
use dynamics::{DynamicsError, Process};
use faer::MatRef;
use sampling::Design as _;
use sampling::designs::AnyDesign;

use super::context::{Context, short};
use super::problem::{Beyond, Problem};
use super::raw::{
    RawData, RawEstimator, RawMethod, RawPreconditioner, RawProcess, RawReplacement, RawRule, RawSampling, RawSchedule,
    RawSgd, RawSpec, RawStart,
};

/// What a process is made of, apart from its problem.
pub(super) struct Parts {
    /// `None` for a sampling that is part of the process.
    design: Option<AnyDesign>,
    /// `None` for a process without step sizes.
    schedule: Option<Schedule>,
    start: Start,
    recorded: Vec<u64>,
}

/// A process, and what belongs to it.
pub(super) struct Built {
    pub(super) process: Arc<dyn Process>,
    /// The steps that are recorded, ascending.
    pub(super) recorded: Vec<u64>,
    /// What expressions may say about it.
    pub(super) scalars: Vec<(&'static str, f64)>,
}

impl Context<'_> {
    /// The parts of a process that can be checked without the matrices of the problem.
    pub(super) fn parts(&mut self, raw: &RawSpec) -> Option<Parts> {
        let d = raw.problem.dimension();
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
                (start, interval.and_then(|interval| self.recorded(kind, path, interval)))
            }
            None => (Start::new(vec![0.0; d], 0.0).ok(), self.batches(raw)),
        };
        Some(Parts { design: design?, schedule: schedule?, start: start?, recorded: recorded? })
    }

    /// The process of a cell.
    pub(super) fn process(&mut self, raw: &RawSpec, parts: Parts, problem: &Problem) -> Option<Built> {
        let local = &problem.local;
        let mut scalars = vec![("b", raw.sampling.batch_size() as f64)];
        match parts.schedule {
            Some(Schedule::RobbinsMonro(steps)) => scalars.extend([("c", steps.scale()), ("k0", steps.offset())]),
            Some(schedule) => scalars.push(("eta", schedule.largest())),
            None => {}
        }
        let process: Arc<dyn Process> = match &raw.process {
            RawProcess::Sgd(sgd) => self.descent(raw, sgd, &parts, problem)?,
            RawProcess::OrnsteinUhlenbeck(ou) => {
                let design = self.gaussian_design(raw, &parts)?;
                scalars.push(("dt", ou.interval));
                let transition = match ou.method {
                    None | Some(RawMethod::Exact) => Transition::Exact,
                    Some(RawMethod::EulerMaruyama(substeps)) => Transition::EulerMaruyama { substeps },
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
        if let Beyond::Data { problem, smoothness, minimum } = &problem.beyond {
            let theta: Vec<f64> = problem.minimiser().iter().zip(parts.start.mean()).map(|(m, e)| m + e).collect();
            let gap = problem.loss(&theta) - minimum;
            scalars.extend([("M", *smoothness), ("loss_gap", gap), ("n", problem.samples() as f64)]);
        }
        Some(Built { process, recorded: parts.recorded, scalars })
    }

    /// σ² with Cov ĝ_B = σ²G, where one number says it.
    fn variance_factor(&self, raw: &RawSpec, parts: &Parts, problem: &Problem) -> Option<f64> {
        if let Some(design) = &parts.design {
            let is_scalar = (0..problem.local.dimension()).all(|i| design.shape(i) == 1.0);
            return is_scalar.then(|| design.variance_factor());
        }
        let b = raw.sampling.batch_size() as f64;
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

    fn descent(&mut self, raw: &RawSpec, sgd: &RawSgd, parts: &Parts, problem: &Problem) -> Option<Arc<dyn Process>> {
        let (local, start, schedule) = (&problem.local, &parts.start, parts.schedule?);
        let is_plain = matches!(sgd.rule, None | Some(RawRule::Plain));
        let Some(design) = parts.design.clone() else {
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
            _ => Arc::new(self.stable(raw, Sgd::new(local, schedule, design, start))?),
        })
    }

    /// A descent whose batches depend on the batches before, or on where the iterate stands.
    fn descent_with_memory(
        &mut self,
        raw: &RawSpec,
        parts: &Parts,
        problem: &Problem,
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
            RawSampling::Data(_) => Arc::new(self.mini_batch(raw, parts, problem)?),
            RawSampling::Fresh(fresh) => {
                let Beyond::Stream { features, residual_variance } = &problem.beyond else {
                    return self.mismatch(raw, "problem.least_squares draws its samples as it goes");
                };
                let process =
                    StreamingLeastSquares::new(features, *residual_variance, schedule, fresh.batch_size, start);
                Arc::new(self.stable(raw, process)?)
            }
            _ => return self.mismatch(raw, "process.batch_gradient draws a data set for each replicate"),
        })
    }

    fn mini_batch(
        &mut self,
        raw: &RawSpec,
        parts: &Parts,
        problem: &Problem,
    ) -> Option<MiniBatch<Arc<dyn SmoothProblem>>> {
        let (RawSampling::Data(data), Beyond::Data { problem, .. }) = (&raw.sampling, &problem.beyond) else {
            return self.mismatch(raw, "problems with data of their own have batches of it, by sampling.data");
        };
        let replacement = match data.replacement {
            RawReplacement::With => Replacement::With,
            RawReplacement::Without => Replacement::Without,
        };
        let process = MiniBatch::new(problem.clone(), parts.schedule?, data.batch_size, replacement, &parts.start);
        self.built(raw, "sampling.data.batch_size", process)
    }

    fn batch_gradient(&mut self, raw: &RawSpec, parts: &Parts, problem: &Problem) -> Option<Arc<dyn Process>> {
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
    fn mismatch<T>(&mut self, raw: &RawSpec, help: &str) -> Option<T> {
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
            _ => self.stable_at(&format!("process.{kind}.step_size.constant"), result),
        }
    }

    fn stable_at<T>(&mut self, path: &str, result: Result<T, DynamicsError>) -> Option<T> {
        result.map_err(|error| self.fail(path, unstable(&error), None)).ok()
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
