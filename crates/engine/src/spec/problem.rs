//! `[problem]` of a spec: matrices built and proven.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use dynamics::DynamicsError;
use dynamics::model::Family;
use dynamics::model::ensemble::Ensemble;
use dynamics::problem::{Link, Logistic, LogisticData, Quadratic, Robust, RobustData, SmoothProblem};
use faer::{Mat, Scale};
use geometry::{FisherGeometry, GeometryError, Psd, Spd};
use sampling::normal::fill_normals;

use super::context::{Context, problem_stream, short, sphere_point};
use super::raw::{
    RawFisher, RawLabels, RawLeastSquares, RawLogistic, RawMatrix, RawNoiseShape, RawProblem, RawQuadratic,
    RawRobustRegression, RawSpectrum,
};

/// The largest dimension d: the dense law of larger problems would not fit into memory.
const LARGEST_DIMENSION: usize = 2048;

/// The most samples × dimension of a data set.
const LARGEST_DATA: usize = 1 << 22;

/// What is minimised.
pub(super) struct Problem {
    /// What is known of it around its minimiser.
    pub(super) known: Option<Known>,
    /// The models of the replicates, for a problem that has them.
    pub(super) family: Option<Arc<dyn Family>>,
    /// What vouches for the data files that it was made from.
    pub(super) data_hash: Option<String>,
}

/// A problem with a known minimiser.
#[derive(Clone)]
pub(super) struct Known {
    /// H, G, F and θ*, at the minimiser.
    pub(super) local: Quadratic,
    /// G before its shape was replaced.
    pub(super) given_noise: Psd,
    /// What there is beyond that local model.
    pub(super) beyond: Beyond,
}

/// What a problem is away from its minimiser.
#[derive(Clone)]
pub(super) enum Beyond {
    /// The same: the local model is all.
    Nothing,
    /// A finite data set with its losses; M, its smoothness; and L(θ*).
    Data { problem: Arc<dyn SmoothProblem>, smoothness: f64, minimum: f64 },
    /// Fresh samples of features of covariance S, with residuals of this variance.
    Stream { features: Spd, residual_variance: f64 },
    /// Fresh samples of random quadratics.
    Ensemble(Ensemble),
}

/// Problems that are fitted to data, by their descriptions: each is fitted once, however many cells minimise it.
pub(super) type Fits = RefCell<BTreeMap<String, Known>>;

impl Known {
    /// The same seen through all of its samples: without noise.
    pub(super) fn without_noise(&self) -> Result<Self, DynamicsError> {
        let nothing = Psd::diagonal(&vec![0.0; self.local.dimension()])?;
        let (H, F) = (self.local.curvature().clone(), self.local.fisher().clone());
        let local = Quadratic::new(H, nothing, F, self.local.minimiser().to_vec())?;
        Ok(Known { local, given_noise: self.given_noise.clone(), beyond: self.beyond.clone() })
    }

    fn only(self) -> Problem {
        Problem { known: Some(self), family: None, data_hash: None }
    }
}

impl Context<'_> {
    pub(super) fn problem(&mut self, raw: &RawProblem) -> Option<Problem> {
        match raw {
            RawProblem::Quadratic(raw) => self.quadratic(raw).map(Known::only),
            RawProblem::Logistic(fit) => self.fitted(raw, |cx| cx.logistic(fit)).map(Known::only),
            RawProblem::LeastSquares(raw) => self.least_squares(raw).map(Known::only),
            RawProblem::RobustRegression(fit) => self.fitted(raw, |cx| cx.robust_regression(fit)).map(Known::only),
            RawProblem::Ensemble(raw) => self.ensemble(raw),
            RawProblem::LinearModel(raw) => self.linear_model(raw),
            RawProblem::Network(raw) => self.network(raw),
        }
    }

    /// The problem of another cell with the same description, or else what `fit` makes of it.
    fn fitted(&mut self, raw: &RawProblem, fit: impl FnOnce(&mut Self) -> Option<Known>) -> Option<Known> {
        let description = serde_json::json!(raw).to_string();
        if let Some(known) = self.fits.borrow().get(&description) {
            return Some(known.clone());
        }
        let known = fit(self)?;
        self.fits.borrow_mut().insert(description, known.clone());
        Some(known)
    }

    fn logistic(&mut self, raw: &RawLogistic) -> Option<Known> {
        let path = "problem.logistic";
        self.table_size(path, ("samples", raw.samples), ("dimension", raw.dimension))?;
        self.positive(&format!("{path}.truth_norm"), "truth_norm", raw.truth_norm)?;
        let d = raw.dimension;
        let scales = match &raw.feature_scales {
            None => vec![1.0; d],
            Some(RawSpectrum { from, to }) => self.log_spaced(&format!("{path}.feature_scales"), *from, *to, d)?,
        };
        let link = match raw.labels {
            RawLabels::Probit => Link::Probit,
            RawLabels::Logit => Link::Logit,
        };
        let truth = sphere_point(raw.truth_norm, raw.seed, "truth", d);
        let mut stream = problem_stream(raw.seed, "data");
        let data = LogisticData::generate_scaled(raw.samples, &scales, &truth, link, &mut stream);
        let data = self.ok(&format!("{path}.samples"), data)?;
        let ridge = if raw.ridge.is_some() { format!("{path}.ridge") } else { path.to_owned() };
        let fitted = self.ok(&ridge, Logistic::fit(data, raw.ridge.unwrap_or(0.0)))?;
        let smoothness = self.ok(path, fitted.risk().smoothness())?;
        self.data_problem(path, fitted.into(), smoothness)
    }

    fn robust_regression(&mut self, raw: &RawRobustRegression) -> Option<Known> {
        let path = "problem.robust_regression";
        self.table_size(path, ("samples", raw.samples), ("dimension", raw.dimension))?;
        self.positive(&format!("{path}.truth_norm"), "truth_norm", raw.truth_norm)?;
        let truth = sphere_point(raw.truth_norm, raw.seed, "truth", raw.dimension);
        let mut stream = problem_stream(raw.seed, "data");
        let data = RobustData::generate(raw.samples, &truth, raw.deviation, raw.contamination, &mut stream);
        let data = self.ok(path, data)?;
        let fitted = self.ok(path, Robust::fit(data, &truth))?;
        let smoothness = self.ok(path, fitted.risk().smoothness())?;
        self.data_problem(path, fitted.into(), smoothness)
    }

    fn data_problem(&mut self, path: &str, problem: Arc<dyn SmoothProblem>, smoothness: f64) -> Option<Known> {
        let local = self.ok(path, problem.quadratic())?;
        let minimum = problem.loss(problem.minimiser());
        let given_noise = local.noise().clone();
        Some(Known { local, given_noise, beyond: Beyond::Data { problem, smoothness, minimum } })
    }

    /// Refuses a table of no rows or columns, or too many, each with the key that states their number.
    pub(super) fn table_size(&mut self, path: &str, rows: (&str, usize), columns: (&str, usize)) -> Option<()> {
        if (1..=LARGEST_DATA).contains(&rows.1.saturating_mul(columns.1)) {
            return Some(());
        }
        let (key, number) = if columns.1 == 0 { columns } else { rows };
        let message = format!("{key} is {number}: {} × {} must lie between 1 and {LARGEST_DATA}", rows.0, columns.0);
        self.fail(&format!("{path}.{key}"), message, None);
        None
    }

    fn least_squares(&mut self, raw: &RawLeastSquares) -> Option<Known> {
        let path = "problem.least_squares";
        let features = self.definite(&raw.features, raw.dimension, &format!("{path}.features"), "features");
        let variance = raw.residual_variance;
        if !(variance >= 0.0 && variance.is_finite()) {
            let message = format!("residual_variance is {variance}: it must be a finite number, 0 or above");
            self.fail(&format!("{path}.residual_variance"), message, None);
            return None;
        }
        let features = features?;
        let noise = self.ok(path, Psd::new(Scale(variance) * features.as_mat()))?;
        let minimiser = vec![0.0; raw.dimension];
        let local = Quadratic::new(features.clone(), noise.clone(), features.clone(), minimiser);
        let local = self.ok(path, local)?;
        let beyond = Beyond::Stream { features, residual_variance: variance };
        Some(Known { local, given_noise: noise, beyond })
    }

    pub(super) fn dimension(&mut self, raw: &RawProblem) -> Option<()> {
        let Some((key, d)) = raw.size() else { return Some(()) };
        if (1..=LARGEST_DIMENSION).contains(&d) {
            return Some(());
        }
        let message = format!("{key} is {d}: it must lie between 1 and {LARGEST_DIMENSION}");
        self.fail(&format!("problem.{}.{key}", raw.kind()), message, None);
        None
    }

    fn quadratic(&mut self, raw: &RawQuadratic) -> Option<Known> {
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
        let local = self.ok(path, Quadratic::new(curvature, noise, fisher, minimiser))?;
        Some(Known { local, given_noise, beyond: Beyond::Nothing })
    }

    pub(super) fn definite(&mut self, raw: &RawMatrix, d: usize, path: &str, name: &str) -> Option<Spd> {
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
                fill_normals(&mut problem_stream(random.seed, path), &mut normals);
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
}
