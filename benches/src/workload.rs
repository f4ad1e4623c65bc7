//! A workload: a process with its sizes, its cost, and the numbers that a peer needs to simulate the same.

use dynamics::{DynamicsError, Process};
use faer::MatRef;

use crate::cost::Cost;
use crate::{Error, gaussian, sampled};

/// One process to be timed.
#[derive(Debug)]
pub struct Workload {
    /// What the tables call it.
    pub name: &'static str,
    /// What is simulated.
    pub process: Box<dyn Process>,
    /// Steps of a replicate.
    pub steps: u64,
    /// Blocks that are simulated beside the peers.
    pub blocks: u64,
    /// Of a step of a replicate.
    pub cost: Cost,
    /// E|e|² after all steps.
    pub expected: Expected,
    /// What a peer needs, by name.
    pub parameters: Parameters,
}

/// E|e|² after all steps of a workload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The value.
    pub value: f64,
    /// Its relative error: 0 for an exact law.
    pub error: f64,
}

/// Named lists of numbers; a matrix is stored row after row.
#[derive(Debug, Clone, Default)]
pub struct Parameters(Vec<(&'static str, Vec<f64>)>);

/// The names of all workloads, in the order of the tables.
pub const NAMES: [&str; 10] = [
    "sgd",
    "ornstein-uhlenbeck",
    "robbins-monro",
    "averaging",
    "heavy-ball",
    "pool",
    "logistic",
    "robust",
    "streaming",
    "ensemble",
];

impl Workload {
    /// The workload called `name`, of [`NAMES`].
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn named(name: &str) -> Result<Self, Error> {
        match name {
            "sgd" => gaussian::sgd(50),
            "ornstein-uhlenbeck" => gaussian::ornstein_uhlenbeck(50),
            "robbins-monro" => gaussian::robbins_monro(50),
            "averaging" => gaussian::averaging(50),
            "heavy-ball" => gaussian::heavy_ball(50),
            "pool" => sampled::pool(),
            "logistic" => sampled::logistic(),
            "robust" => sampled::robust(),
            "streaming" => sampled::streaming(),
            "ensemble" => sampled::ensemble(),
            other => Err(format!("no workload `{other}`: there are {}", NAMES.join(", ")).into()),
        }
    }

    /// d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.process.frame().dimension()
    }

    /// Coordinates × replicates × steps of `blocks` blocks.
    #[must_use]
    pub fn coordinate_steps(&self, blocks: u64) -> f64 {
        (self.dimension() * self.process.lanes()) as f64 * blocks as f64 * self.steps as f64
    }
}

impl Expected {
    /// The exact law.
    ///
    /// # Errors
    /// If none is known.
    pub fn exact(process: &dyn Process, steps: u64) -> Result<Self, DynamicsError> {
        let law = process.exact(&[steps])?.remove(0);
        Ok(Expected {
            value: law.covariance.diagonal().column_vector().iter().sum::<f64>() + square(&law.mean),
            error: 0.0,
        })
    }
}

pub(crate) fn square(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum()
}

impl Parameters {
    /// Adds a list.
    #[must_use]
    pub fn list(mut self, name: &'static str, numbers: &[f64]) -> Self {
        self.0.push((name, numbers.to_vec()));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &'static str, number: f64) -> Self {
        self.list(name, &[number])
    }

    /// Adds a matrix, row after row.
    #[must_use]
    pub fn matrix(self, name: &'static str, matrix: MatRef<'_, f64>) -> Self {
        let rows = (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| matrix[(i, j)]));
        self.list(name, &rows.collect::<Vec<_>>())
    }

    /// As an object of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let fields: Vec<String> = self.0.iter().map(|(name, numbers)| format!("\"{name}\": {numbers:?}")).collect();
        format!("{{{}}}", fields.join(", "))
    }
}
