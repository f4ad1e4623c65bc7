//! Problems that are models with data: ensembles, linear models, networks.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::sync::Arc;

use dynamics::DynamicsError;
use dynamics::model::Family;
use dynamics::model::ensemble::{Ensemble, EnsembleModels, Members};
use dynamics::model::linear::{LinearModels, Parametrisation};
use dynamics::model::network::{Activation, DataSource, Loss, Network, NetworkSpec, OutputWeights, Teacher, Trained};
use dynamics::problem::Quadratic;
use faer::Mat;
use geometry::{GeometryError, Psd};

use super::context::{Context, problem_stream};
use super::problem::{Beyond, Known, Problem};
use super::raw::{
    RawActivation, RawEnsemble, RawExamples, RawGivenMaps, RawLinearModel, RawLoss, RawMaps, RawMembers, RawNetwork,
    RawOutputWeights, RawParametrisation, RawRandomMaps, RawTrained,
};

impl Context<'_> {
    pub(super) fn ensemble(&mut self, raw: &RawEnsemble) -> Option<Problem> {
        let path = "problem.ensemble";
        let d = raw.dimension;
        let curvature = self.definite(&raw.curvature, d, &format!("{path}.curvature"), "curvature")?;
        let members = match raw.members {
            None | Some(RawMembers::Independent) => Members::Independent,
            Some(RawMembers::RankOne) => Members::RankOne,
        };
        self.positive(&format!("{path}.deviation"), "deviation", raw.deviation)?;
        let ensemble = Ensemble::new(&curvature, raw.correlation, members, raw.deviation);
        let ensemble = self.ok(&format!("{path}.correlation"), ensemble)?;
        let family = match raw.samples {
            None => None,
            Some(samples) => {
                let family = EnsembleModels::new(ensemble.clone(), samples);
                Some(Arc::new(self.ok(&format!("{path}.samples"), family)?) as Arc<dyn Family>)
            }
        };
        let variance = raw.deviation * raw.deviation;
        let along: Vec<f64> = ensemble.squared_hessian().into_iter().map(|square| variance * square).collect();
        if !along.iter().all(|along| along.is_finite()) {
            let message = "the noise σ²E h² is beyond all numbers";
            self.fail(&format!("{path}.deviation"), message, Some("lower the deviation or the curvature"));
            return None;
        }
        let noise = match curvature.is_diagonal() {
            true => Psd::diagonal(&along),
            false => curvature.eigen().and_then(|eigen| {
                let U = eigen.vectors();
                Psd::new(Mat::from_fn(d, d, |i, j| (0..d).map(|m| U[(i, m)] * along[m] * U[(j, m)]).sum()))
            }),
        };
        let noise = self.ok(path, noise)?;
        let local = self.ok(path, Quadratic::new(curvature.clone(), noise.clone(), curvature, vec![0.0; d]))?;
        let known = Known { local, given_noise: noise, beyond: Beyond::Ensemble(ensemble) };
        Some(Problem { known: Some(known), family, data_hash: None })
    }

    pub(super) fn linear_model(&mut self, raw: &RawLinearModel) -> Option<Problem> {
        let path = "problem.linear_model";
        let features = self.definite(&raw.features, raw.inputs, &format!("{path}.features"), "features");
        self.table_size(path, ("samples", raw.samples), ("inputs", raw.inputs))?;
        if let RawParametrisation::Factorised(rows) = raw.parameters {
            self.table_size(&format!("{path}.parameters"), ("factorised", rows), ("inputs", raw.inputs))?;
        }
        let parametrisation = match raw.parameters {
            RawParametrisation::Linear => Parametrisation::Linear,
            RawParametrisation::Diagonal => Parametrisation::Diagonal,
            RawParametrisation::Factorised(width) => Parametrisation::Factorised { width },
        };
        let (features, deviation) = (features?, raw.deviation.unwrap_or(0.0));
        let family = match &raw.maps {
            RawMaps::Given(RawGivenMaps { truth, start }) => {
                LinearModels::new(&features, raw.samples, parametrisation, truth.clone(), start.clone(), deviation)
            }
            RawMaps::Random(RawRandomMaps { truth_norm, start_norm, seed }) => {
                let norms = [*truth_norm, *start_norm];
                let mut stream = problem_stream(*seed, "maps");
                LinearModels::generated(&features, raw.samples, parametrisation, norms, deviation, &mut stream)
            }
        };
        let family =
            family.map_err(|error| self.fail(&format!("{path}.{}", of_linear_model(&error)), error.to_string(), None));
        Some(Problem { known: None, family: Some(Arc::new(family.ok()?)), data_hash: None })
    }

    pub(super) fn network(&mut self, raw: &RawNetwork) -> Option<Problem> {
        let path = "problem.network";
        let (data, data_hash) = match &raw.data {
            RawExamples::Labelled(labelled) => {
                let (data, hash) = self.data_file(&format!("{path}.data.labelled.file"), &labelled.file)?;
                let (classes, samples) = (labelled.classes.clone(), labelled.samples);
                (DataSource::Subset { data, classes, samples }, Some(hash))
            }
            RawExamples::Teacher(teacher) => {
                let path = format!("{path}.data.teacher");
                self.table_size(&path, ("samples", teacher.samples), ("inputs", teacher.inputs))?;
                self.table_size(&path, ("width", teacher.width), ("inputs", teacher.inputs))?;
                let teacher = Teacher {
                    samples: teacher.samples,
                    n_features: teacher.inputs,
                    width: teacher.width,
                    activation: activation(teacher.activation),
                    seed: teacher.seed,
                };
                (DataSource::Teacher(teacher), None)
            }
        };
        let analysed = self.analysed_layer(raw)?;
        let network = Network::new(&NetworkSpec {
            data,
            hidden: raw.hidden.clone(),
            activation: activation(raw.activation),
            loss: match raw.loss {
                RawLoss::CrossEntropy => Loss::CrossEntropy,
                RawLoss::SquaredSoftmax => Loss::SquaredSoftmax,
                RawLoss::Squared => Loss::Squared,
            },
            trained: match raw.trained {
                None | Some(RawTrained::All) => Trained::All,
                Some(RawTrained::FirstLayer) => Trained::FirstLayer,
            },
            gain: raw.gain.unwrap_or(1.0),
            output: match raw.output_weights {
                None => OutputWeights::InverseRootWidth(1.0),
                Some(RawOutputWeights::InverseRootWidth(gain)) => OutputWeights::InverseRootWidth(gain),
                Some(RawOutputWeights::InverseWidth(gain)) => OutputWeights::InverseWidth(gain),
            },
            analysed,
        });
        let network = network.map_err(|error| {
            let (key, message) = of_network(raw, &error);
            self.fail(&format!("{path}.{key}"), message, None);
        });
        Some(Problem { known: None, family: Some(Arc::new(network.ok()?)), data_hash })
    }

    /// The analysed layer, counted from 0.
    fn analysed_layer(&mut self, raw: &RawNetwork) -> Option<Option<usize>> {
        let layers = raw.hidden.len() + 1;
        match raw.analysed_layer {
            None => Some(layers.checked_sub(2)),
            Some(layer) if (1..=layers).contains(&layer) => Some(Some(layer - 1)),
            Some(layer) => {
                let message = format!("analysed_layer is {layer}: this network has {layers} weight matrices");
                self.fail("problem.network.analysed_layer", message, Some("count them from 1"));
                None
            }
        }
    }
}

/// The key that an error of a linear model is about.
fn of_linear_model(error: &DynamicsError) -> &'static str {
    match error {
        DynamicsError::Geometry(GeometryError::WrongLength { name, .. }) if name.starts_with("start") => {
            "maps.given.start"
        }
        DynamicsError::Geometry(GeometryError::WrongLength { .. }) => "maps.given.truth",
        DynamicsError::NotFinite { .. } => "maps.given",
        DynamicsError::Negative { what, .. } if what.starts_with("norm of F*") => "maps.random.truth_norm",
        DynamicsError::Negative { what, .. } if what.starts_with("norm") => "maps.random.start_norm",
        DynamicsError::Negative { .. } => "deviation",
        _ => "samples",
    }
}

/// The key that an error of a network is about, and what is wrong in the terms of the spec.
fn of_network(raw: &RawNetwork, error: &DynamicsError) -> (String, String) {
    let key = match error {
        DynamicsError::EmptyLayer { layer } => return (format!("hidden.{layer}"), error.to_string()),
        DynamicsError::SampleCount { given, smallest, .. } => {
            let message = format!("samples is {given}: at least {smallest} are drawn, one of each class");
            return ("data.labelled.samples".to_owned(), message);
        }
        DynamicsError::ClassTooSmall { class, available: 0, .. } => {
            let message = format!("class {class} has no samples in this file: leave it out");
            return ("data.labelled.classes".to_owned(), message);
        }
        DynamicsError::NotPositive { what, .. } if what.contains("last") => match raw.output_weights {
            Some(RawOutputWeights::InverseWidth(_)) => "output_weights.inverse_width",
            _ => "output_weights.inverse_root_width",
        },
        DynamicsError::NotPositive { .. } => "gain",
        DynamicsError::NetworkTooLarge { .. } => "hidden",
        DynamicsError::NeedsLabels { .. } => "loss",
        DynamicsError::TooFewClasses { .. } | DynamicsError::RepeatedClass { .. } => "data.labelled.classes",
        DynamicsError::ClassTooSmall { .. } => "data.labelled.samples",
        _ => "data",
    };
    (key.to_owned(), error.to_string())
}

fn activation(raw: RawActivation) -> Activation {
    match raw {
        RawActivation::Relu => Activation::Relu,
        RawActivation::Tanh => Activation::Tanh,
        RawActivation::Softplus => Activation::Softplus,
        RawActivation::Identity => Activation::Identity,
    }
}
