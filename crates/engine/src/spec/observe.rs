//! `observe` and `scale` of a measure: metrics and directions in the coordinates of the process.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use dynamics::problem::Quadratic;
use dynamics::{Observable, Process as _};
use faer::{Mat, Scale};
use geometry::{FisherGeometry, Psd};

use super::cell::Process;
use super::context::Context;
use super::diagnostic::quote;
use super::expression::{Scalars, evaluate};
use super::raw::{RawDirectionSource, RawMetric, RawObservable};

impl Context<'_> {
    pub(super) fn observable(
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

    pub(super) fn scale(&mut self, path: &str, text: Option<&str>, scalars: &Scalars) -> Option<f64> {
        let Some(text) = text else { return Some(1.0) };
        match evaluate(text, scalars) {
            Ok(scale) if scale > 0.0 => return Some(scale),
            Ok(scale) => self.fail(path, format!("`{}` is {scale}: a scale must be above 0", quote(text)), None),
            Err(error) => self.fail(path, error.message, error.help.as_deref()),
        }
        None
    }
}
