//! The named numbers that expressions may speak of: those of a cell, of its geometry, and of a step of its path.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]
use std::sync::{Arc, LazyLock, OnceLock};

use dynamics::problem::Quadratic;
use geometry::{FisherGeometry, Psd};

/// What expressions may speak of.
#[derive(Debug, Clone)]
pub struct Scalars {
    values: Vec<(&'static str, f64)>,
    geometry: Option<Arc<Geometry>>,
    /// N, where it is known.
    budget: Option<f64>,
}

/// The numbers of H, G and F, which cost O(d³) and are computed when one is asked for.
#[derive(Debug)]
struct Geometry {
    problem: Quadratic,
    values: OnceLock<Vec<(&'static str, f64)>>,
}

/// The names of [`Geometry`], with what they stand for.
const GEOMETRIC: [&str; 8] =
    ["d_eff", "kappa_F", "lambda_max", "lambda_min", "lambda_min_F", "mu_F", "trace_FG", "trace_FV"];

/// The name of a bound that depends on N and on the spread s of the start.
const VAN_TREES: &str = "van_trees";

impl Scalars {
    /// Named values.
    #[must_use]
    pub fn new(values: Vec<(&'static str, f64)>) -> Self {
        Scalars { values, geometry: None, budget: None }
    }

    /// Named values, and those of a problem's geometry: λ_max and λ_min of H, λ_min, κ and d_eff of F, μ_F, tr FG and
    /// tr FV with V = H⁻¹GH⁻¹.
    #[must_use]
    pub fn of(problem: &Quadratic, mut values: Vec<(&'static str, f64)>) -> Self {
        values.extend([
            ("d", problem.dimension() as f64),
            ("norm_H", geometry::frobenius_norm(problem.curvature().as_mat())),
            ("trace_F", problem.fisher().trace()),
            ("trace_G", problem.noise().trace()),
            ("trace_H", problem.curvature().trace()),
        ]);
        let geometry = Geometry { problem: problem.clone(), values: OnceLock::new() };
        Scalars { values, geometry: Some(Arc::new(geometry)), budget: None }
    }

    /// The same with what changes along a path: the step k, the time t and the oracle budget N = bk.
    #[must_use]
    pub fn at(&self, step: u64, time: f64) -> Self {
        let k = step as f64;
        let mut scalars = self.clone();
        scalars.values.extend([("k", k), ("t", time)]);
        scalars.budget = self.get("b").map(|b| b * k);
        scalars.values.extend(scalars.budget.map(|budget| ("N", budget)));
        scalars
    }

    /// The value of a name; NaN where it has none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let known = |values: &[(&'static str, f64)]| values.iter().find(|(k, _)| *k == name).map(|(_, value)| *value);
        if name == VAN_TREES {
            return self.van_trees();
        }
        known(&self.values).or_else(|| {
            let geometry = self.geometry.as_ref().filter(|_| GEOMETRIC.contains(&name))?;
            known(geometry.values.get_or_init(|| geometry.compute()))
        })
    }

    /// tr(F(NF + J₀)⁻¹), the bound of van Trees for N samples and the prior N(0, s²I), J₀ = I/s².
    fn van_trees(&self) -> Option<f64> {
        let (budget, spread) = (self.budget?, self.get("s")?);
        let problem = &self.geometry.as_ref()?.problem;
        let prior = Psd::diagonal(&vec![1.0 / (spread * spread); problem.dimension()]).ok()?;
        geometry::rates::van_trees(problem.fisher(), budget, &prior).ok()
    }

    /// All names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let geometric = self.geometry.iter().flat_map(|_| GEOMETRIC);
        let bound = self.van_trees().map(|_| VAN_TREES);
        let mut names: Vec<_> = self.values.iter().map(|(name, _)| *name).chain(geometric).chain(bound).collect();
        names.sort_unstable();
        names
    }
}

impl Geometry {
    fn compute(&self) -> Vec<(&'static str, f64)> {
        let (H, G, F) = (self.problem.curvature(), self.problem.noise(), self.problem.fisher());
        let of = LazyLock::new(|| FisherGeometry::new(F.clone(), G.clone(), H.clone()).ok());
        let value = |name: &str| -> Option<f64> {
            let geometry = of.as_ref()?;
            match name {
                "d_eff" => geometry.effective_dimension().ok(),
                "kappa_F" => geometry.fisher_condition_number().ok(),
                "lambda_max" => H.max_eigenvalue().ok(),
                "lambda_min" => H.min_eigenvalue().ok(),
                "lambda_min_F" => F.min_eigenvalue().ok(),
                "mu_F" => geometry.fisher_strong_convexity().ok(),
                "trace_FG" => geometry::trace_of_product(F.as_mat(), G.as_mat()).ok(),
                _ => geometry::trace_of_product(F.as_mat(), geometry.sandwich().ok()?.as_mat()).ok(),
            }
        };
        GEOMETRIC.map(|name| (name, value(name).unwrap_or(f64::NAN))).to_vec()
    }
}
