//! `observe`, `centre` and `scale` of a measure: metrics, directions and laws in the coordinates of the process.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::ops::Range;

use dynamics::problem::Quadratic;
use dynamics::process::CovarianceEstimate;
use dynamics::{Moments, Observable, Process};
use faer::{Mat, Scale};
use geometry::FisherGeometry;

use super::context::Context;
use super::diagnostic::quote;
use super::expression::{ExpressionError, evaluate, evaluate_along};
use super::problem::{Known, Problem};
use super::raw::{RawCentre, RawDirectionSource, RawDirections, RawLaw, RawMeasure, RawMetric, RawObservable};
use super::scalars::Scalars;
use crate::observer::Observer;

/// The most points of a distribution function.
const MOST_POINTS: usize = 1000;

/// The most numbers that are computed for a law that is found step by step, while a spec is read.
const MOST_WALKED: f64 = 1e9;

/// What a measure is resolved against.
pub(super) struct Setting<'a> {
    pub(super) problem: &'a Problem,
    pub(super) process: &'a dyn Process,
    pub(super) recorded: &'a [u64],
    pub(super) times: &'a [f64],
    pub(super) scalars: &'a Scalars,
    /// Where the numbers of each measure stand among the rows of a process of readings; empty for another process.
    pub(super) readings: &'a [Range<usize>],
    /// Whether the process estimates a covariance.
    pub(super) is_estimate: bool,
}

impl Context<'_> {
    /// A law that an observation needs, so that it is evaluated while the spec is read.
    fn law(&mut self, setting: &Setting<'_>, law: RawLaw, path: &str) -> Option<Vec<Moments>> {
        let (process, recorded) = (setting.process, setting.recorded);
        let steps = recorded.last().copied().unwrap_or(0) as f64;
        let d = process.frame().dimension() as f64;
        if law == RawLaw::Exact && self.point.raw.is_walked() && steps * d * d > MOST_WALKED {
            let message = format!(
                "the exact law of this process is found step by step, and {steps} steps of {d} × {d} numbers are too many"
            );
            self.fail(path, message, Some("use the limit, or a horizon of fewer steps"));
            return None;
        }
        self.ok(path, if law == RawLaw::Exact { process.exact(recorded) } else { process.limit(recorded) })
    }

    pub(super) fn observer(&mut self, setting: &Setting<'_>, raw: &RawMeasure, i: usize) -> Option<Observer> {
        let path = format!("measure.{i}");
        let centres = match raw.centre {
            None => None,
            Some(_) if matches!(raw.observe, RawObservable::Reading(_)) => {
                let message = "a reading is no error: nothing is subtracted from it";
                self.fail(&format!("{path}.centre"), message, Some("remove this key"));
                return None;
            }
            Some(RawCentre::Estimand) => {
                self.is_estimate(setting, &format!("{path}.centre"))?;
                let known = self.known(setting, &path)?;
                let G = CovarianceEstimate::flatten(known.local.noise().as_mat());
                Some(vec![G.into_iter().map(|x| -x).collect(); setting.recorded.len()])
            }
            Some(centre) => {
                let law = if centre == RawCentre::ExactMean { RawLaw::Exact } else { RawLaw::Limit };
                let laws = self.law(setting, law, &format!("{path}.centre"))?;
                Some(laws.into_iter().map(|law| law.mean).collect())
            }
        };
        let (observable, gains) = match &raw.observe {
            RawObservable::Reading(_) => (self.reading(setting, i)?, None),
            observe => self.observable(setting, observe, &format!("{path}.observe"))?,
        };
        if observable.is_proportion() && raw.scale.is_some() {
            self.fail(&format!("{path}.scale"), "a frequency has no scale", Some("remove this key"));
            return None;
        }
        let scales = self.scales(&format!("{path}.scale"), raw.scale.as_deref(), setting)?;
        let curvatures = curvatures(setting, &observable);
        Some(Observer { observable, centres, gains, curvatures, scales })
    }

    /// The observable, and what the error is multiplied by before it is observed.
    fn observable(
        &mut self,
        setting: &Setting<'_>,
        raw: &RawObservable,
        path: &str,
    ) -> Option<(Observable, Option<Vec<f64>>)> {
        let plain = |observable| Some((observable, None));
        match raw {
            RawObservable::Quadratic(metric) => {
                plain(Observable::Quadratic(self.metric(setting, *metric, &format!("{path}.quadratic"))?))
            }
            RawObservable::Directional(raw) => {
                plain(Observable::Directional(self.directions(setting, raw, &format!("{path}.directional"))?))
            }
            RawObservable::SecondMoment(raw) => {
                plain(Observable::Products(self.directions(setting, raw, &format!("{path}.second_moment"))?))
            }
            RawObservable::Mean(raw) => {
                plain(Observable::Linear(self.directions(setting, raw, &format!("{path}.mean"))?))
            }
            RawObservable::Lagged(raw) => {
                plain(Observable::Lagged(self.directions(setting, raw, &format!("{path}.lagged"))?))
            }
            RawObservable::Reading(_) => None,
            RawObservable::Exceedance(raw) => {
                let path = format!("{path}.exceedance");
                let metric = self.metric(setting, raw.metric, &format!("{path}.metric"))?;
                let bound = evaluate(&raw.above, setting.scalars)
                    .map_err(|error| self.report(&format!("{path}.above"), error))
                    .ok()?;
                plain(Observable::Exceeds { metric, bound })
            }
            RawObservable::Distribution(raw) => {
                let path = format!("{path}.distribution");
                if raw.points == 0 || raw.points > MOST_POINTS {
                    let message = format!("points is {}: it must lie between 1 and {MOST_POINTS}", raw.points);
                    self.fail(&format!("{path}.points"), message, None);
                    return None;
                }
                let directions = RawDirections { of: raw.of, top: raw.index };
                let direction = self.directions_at(setting, &directions, &path, "index")?.pop()?;
                let laws = self.law(setting, raw.variance, &format!("{path}.variance"))?;
                let variance = |law: &Moments| {
                    let C = &law.covariance;
                    let along = |i: usize| (0..direction.len()).map(|j| C[(i, j)] * direction[j]).sum::<f64>();
                    (0..direction.len()).map(|i| direction[i] * along(i)).sum::<f64>()
                };
                let variances: Vec<f64> = laws.iter().map(variance).collect();
                if let Some(n) = variances.iter().position(|variance| *variance <= 0.0) {
                    let step = setting.recorded[n];
                    let message = format!("the law has no spread along this direction at step {step}");
                    self.fail(&path, message, Some("record later steps only"));
                    return None;
                }
                let points =
                    (1..=raw.points).map(|j| sampling::quantile::normal_quantile(j as f64 / (raw.points as f64 + 1.0)));
                let gains = variances.into_iter().map(|variance| 1.0 / variance.sqrt()).collect();
                Some((Observable::Below { direction, points: points.collect() }, Some(gains)))
            }
        }
    }

    fn metric(&mut self, setting: &Setting<'_>, metric: RawMetric, path: &str) -> Option<Mat<f64>> {
        let local = &self.known(setting, path)?.local;
        let (H, F) = (local.curvature().as_mat(), local.fisher());
        let d = setting.process.frame().dimension();
        if metric == RawMetric::Identity {
            return Some(Mat::identity(d, d));
        }
        if matches!(metric, RawMetric::PlateauError | RawMetric::Anisotropy) {
            return self.metric_of_estimate(setting, metric, path);
        }
        if d != local.dimension() {
            let message = format!(
                "the dimension of this process is {d}, not that of the problem: only the metric identity fits it"
            );
            self.fail(path, message, Some("write \"identity\""));
            return None;
        }
        let M = match metric {
            RawMetric::Identity | RawMetric::PlateauError | RawMetric::Anisotropy => Mat::identity(d, d),
            RawMetric::CurvatureInverse => self.ok(path, local.curvature().inverse())?.as_mat().to_owned(),
            RawMetric::FisherInverse => self.ok(path, F.inverse())?.as_mat().to_owned(),
            RawMetric::SmoothnessGap => {
                let dual = self.metric_of_gradient(local, path)?;
                let smoothness = self.ok(path, local.curvature().max_eigenvalue())?;
                let factor = smoothness / self.ok(path, F.min_eigenvalue())?;
                dual - Scale(factor * factor) * F.as_mat()
            }
            RawMetric::Curvature => H.to_owned(),
            RawMetric::CurvatureWithin(top) => self.leading_part(local, top, path, "curvature_within")?,
            RawMetric::CurvatureBeyond(top) => H - self.leading_part(local, top, path, "curvature_beyond")?,
            RawMetric::Fisher => F.as_mat().to_owned(),
            RawMetric::GradientDual => self.metric_of_gradient(local, path)?,
            RawMetric::DiscreteTrace => {
                let Some(step_size) = setting.scalars.get("eta") else {
                    self.fail(path, "discrete_trace is made of the step size η, which this process has not", None);
                    return None;
                };
                H - Scale(0.5 * step_size) * (H * H)
            }
        };
        Some(setting.process.frame().matrix(M.as_ref()))
    }

    /// wwᵀ for the plateau's direction w, or I − ttᵀ/d for the direction t of I.
    fn metric_of_estimate(&mut self, setting: &Setting<'_>, metric: RawMetric, path: &str) -> Option<Mat<f64>> {
        self.is_estimate(setting, path)?;
        let local = &self.known(setting, path)?.local;
        let (d, m) = (local.dimension(), setting.process.frame().dimension());
        if metric == RawMetric::Anisotropy {
            let t = CovarianceEstimate::flatten(Mat::<f64>::identity(d, d).as_ref());
            let entry = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
            return Some(Mat::from_fn(m, m, |i, j| entry(i, j) - t[i] * t[j] / d as f64));
        }
        let Some(step_size) = setting.scalars.get("eta") else {
            let message = "plateau_error is that of a step size: process.covariance_estimate.candidate_step_size";
            self.fail(path, message, None);
            return None;
        };
        let w = self.ok(path, CovarianceEstimate::plateau_direction(local, step_size))?;
        Some(Mat::from_fn(m, m, |i, j| w[i] * w[j]))
    }

    fn is_estimate(&mut self, setting: &Setting<'_>, path: &str) -> Option<()> {
        if setting.is_estimate {
            return Some(());
        }
        self.fail(path, "this process estimates no covariance: only process.covariance_estimate does", None);
        None
    }

    /// Σ λ_iu_iu_iᵀ over the leading eigenvectors of H; `key` is the key that says how many.
    fn leading_part(&mut self, local: &Quadratic, top: usize, path: &str, key: &str) -> Option<Mat<f64>> {
        let d = local.dimension();
        if top == 0 || top >= d {
            let message = format!("{key} is {top}: it must be at least 1, and below the dimension {d}");
            self.fail(&format!("{path}.{key}"), message, None);
            return None;
        }
        let eigen = self.ok(path, local.curvature().eigen())?;
        let (values, U) = (eigen.values(), eigen.vectors());
        let entry = |i: usize, j: usize| (d - top..d).map(|m| U[(i, m)] * values[m] * U[(j, m)]).sum();
        Some(Mat::from_fn(d, d, entry))
    }

    /// The rows of a process of readings that belong to the i-th measure.
    fn reading(&mut self, setting: &Setting<'_>, i: usize) -> Option<Observable> {
        let Some(rows) = setting.readings.get(i) else {
            let message = "only a model can be read: a problem with a law is measured by its error";
            self.fail(&format!("measure.{i}.observe.reading"), message, Some("use process.training or evaluation"));
            return None;
        };
        Some(Observable::Rows(rows.clone()))
    }

    /// What is known of the problem around its minimiser.
    fn known<'a>(&mut self, setting: &Setting<'a>, path: &str) -> Option<&'a Known> {
        let known = setting.problem.known.as_ref().filter(|_| setting.readings.is_empty());
        if known.is_none() {
            self.fail(path, "a model has no error to measure, only readings", Some("write observe.reading = …"));
        }
        known
    }

    /// HF⁻¹H.
    fn metric_of_gradient(&mut self, local: &Quadratic, path: &str) -> Option<Mat<f64>> {
        let parts = (local.fisher().clone(), local.noise().clone(), local.curvature().clone());
        let geometry = self.ok(path, FisherGeometry::new(parts.0, parts.1, parts.2))?;
        Some(self.ok(path, geometry.gradient_dual_norm())?.as_mat().to_owned())
    }

    fn directions(&mut self, setting: &Setting<'_>, raw: &RawDirections, path: &str) -> Option<Vec<Vec<f64>>> {
        self.directions_at(setting, raw, path, "top")
    }

    /// The first directions of a source, in the frame; `key` is the key that says how many.
    fn directions_at(
        &mut self,
        setting: &Setting<'_>,
        raw: &RawDirections,
        path: &str,
        key: &str,
    ) -> Option<Vec<Vec<f64>>> {
        let frame = setting.process.frame();
        let d = frame.dimension();
        let known = self.known(setting, path)?;
        if raw.of != RawDirectionSource::Coordinates && d != known.local.dimension() {
            let message = format!(
                "the dimension of this process is {d}, not that of the problem: it has no other directions than its own"
            );
            self.fail(&format!("{path}.of"), message, Some("write \"coordinates\""));
            return None;
        }
        if raw.top == 0 || raw.top > d {
            let message = format!("{key} is {}: it must lie between 1 and the dimension {d}", raw.top);
            self.fail(&format!("{path}.{key}"), message, None);
            return None;
        }
        let eigen = match raw.of {
            RawDirectionSource::Noise => known.given_noise.eigen(),
            RawDirectionSource::Curvature => known.local.curvature().eigen(),
            RawDirectionSource::Fisher => known.local.fisher().eigen(),
            RawDirectionSource::Coordinates => {
                let axis = |j: usize| (0..d).map(|i| if i == j { 1.0 } else { 0.0 }).collect::<Vec<_>>();
                return Some((0..raw.top).map(|j| frame.vector(&axis(j))).collect());
            }
        };
        let eigen = self.ok(path, eigen)?;
        let from_the_top = (0..d).rev().take(raw.top);
        let vectors = from_the_top.map(|j| frame.vector(&(0..d).map(|i| eigen.vectors()[(i, j)]).collect::<Vec<_>>()));
        Some(vectors.collect())
    }

    /// The scale at each recorded step.
    fn scales(&mut self, path: &str, text: Option<&str>, setting: &Setting<'_>) -> Option<Vec<f64>> {
        let Some(text) = text else { return Some(vec![1.0; setting.recorded.len()]) };
        let values = evaluate_along(text, setting.scalars, setting.recorded, setting.times)
            .map_err(|error| self.report(path, error))
            .ok()?;
        if let Some(n) = values.iter().position(|scale| *scale <= 0.0) {
            let (scale, step) = (values[n], setting.recorded[n]);
            let place =
                if values.iter().all(|value| *value == scale) { String::new() } else { format!(" at step {step}") };
            self.fail(path, format!("`{}` is {scale}{place}: a scale must be above 0", quote(text)), None);
            return None;
        }
        Some(values)
    }

    fn report(&mut self, path: &str, error: ExpressionError) {
        self.fail(path, error.message, error.help.as_deref());
    }
}

/// uᵀHu along the directions of a directional observable.
fn curvatures(setting: &Setting<'_>, observable: &Observable) -> Option<Vec<f64>> {
    let (known, frame) = (setting.problem.known.as_ref()?, setting.process.frame());
    let (Observable::Directional(directions), true) = (observable, frame.dimension() == known.local.dimension()) else {
        return None;
    };
    let H = frame.matrix(known.local.curvature().as_mat());
    let row = |u: &[f64], i: usize| (0..u.len()).map(|j| H[(i, j)] * u[j]).sum::<f64>();
    let along = |u: &Vec<f64>| (0..u.len()).map(|i| u[i] * row(u, i)).sum();
    Some(directions.iter().map(along).collect())
}
