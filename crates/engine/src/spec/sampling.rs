//! `[sampling]` of a spec: the design that draws the noise of batches.

use std::sync::Arc;

use faer::MatRef;
use sampling::DesignError;
use sampling::designs::{
    Antithetic, AnyDesign, ControlVariate, Correlated, Gaussian, Iid, Inflated, Pool, Population, Stratified,
    WithReplacement, WithoutReplacement,
};
use sampling::normal::fill_normals;

use super::context::{Context, problem_stream};
use super::raw::{RawPool, RawPopulation, RawReplacement, RawSampling};

/// The most samples × dimension of a pool.
const LARGEST_POOL: u64 = 1 << 22;

impl Context<'_> {
    /// The design of a sampling whose batches are independent of each other and of the iterate; `Some(None)` for one that
    /// is part of the process.
    pub(super) fn design(&mut self, raw: &RawSampling, d: usize) -> Option<Option<AnyDesign>> {
        let path = format!("sampling.{}", raw.kind());
        let design = match raw {
            RawSampling::Gaussian(raw) => Gaussian::new(raw.batch_size).map(AnyDesign::Gaussian),
            // Of a problem whose noise is taken away.
            RawSampling::FullBatch(_) => Gaussian::new(1).map(AnyDesign::Gaussian),
            RawSampling::Iid(raw) => {
                let population = match raw.population {
                    RawPopulation::Gaussian => Population::Gaussian,
                    RawPopulation::Rademacher => Population::Rademacher,
                    RawPopulation::Uniform => Population::Uniform,
                };
                Iid::new(population, raw.batch_size).map(AnyDesign::Iid)
            }
            RawSampling::Inflated(raw) => Inflated::new(raw.batch_size, raw.inflation).map(AnyDesign::Inflated),
            RawSampling::Correlated(raw) => Correlated::new(raw.batch_size, raw.correlation).map(AnyDesign::Correlated),
            RawSampling::Antithetic(raw) => {
                if raw.odd > d {
                    let message = format!("odd is {}: it must be at most the dimension {d}", raw.odd);
                    self.fail(&format!("{path}.odd"), message, None);
                    return None;
                }
                Antithetic::new(raw.batch_size, raw.odd).map(AnyDesign::Antithetic)
            }
            RawSampling::Stratified(raw) => Stratified::new(raw.batch_size, raw.strata).map(AnyDesign::Stratified),
            RawSampling::ControlVariate(raw) => {
                let coefficient = raw.coefficient.unwrap_or(raw.correlation);
                ControlVariate::with_coefficient(raw.batch_size, raw.correlation, coefficient)
                    .map(AnyDesign::ControlVariate)
            }
            RawSampling::Pool(raw) => self.pool(raw, d, &path)?,
            RawSampling::PartialReuse(_)
            | RawSampling::Reshuffled(_)
            | RawSampling::Nested(_)
            | RawSampling::Data(_)
            | RawSampling::Fresh(_) => return Some(None),
        };
        let key = match &design {
            Ok(_) => "batch_size",
            Err(error) => key_of(error),
        };
        self.ok(&format!("{path}.{key}"), design).map(Some)
    }

    fn pool(&mut self, raw: &RawPool, d: usize, path: &str) -> Option<Result<AnyDesign, DesignError>> {
        let samples = self.pool_samples(path, raw.samples, raw.seed, d)?;
        let n = samples.len() / d;
        let pool = self.ok(&format!("{path}.samples"), Pool::from_normals(d, n, &samples))?;
        let pool = Arc::new(pool);
        Some(match raw.replacement {
            RawReplacement::With => WithReplacement::new(pool, raw.batch_size).map(AnyDesign::WithReplacement),
            RawReplacement::Without => WithoutReplacement::new(pool, raw.batch_size).map(AnyDesign::WithoutReplacement),
        })
    }

    /// Batches of the rows (n×d) of a pool that has the covariance of the problem's noise.
    pub(super) fn pool_of(
        &mut self,
        rows: MatRef<'_, f64>,
        batch_size: u64,
        replacement: RawReplacement,
    ) -> Option<AnyDesign> {
        let whitened = self.ok("problem", Pool::whiten(rows))?;
        let pool = Arc::new(whitened.pool);
        let design = match replacement {
            RawReplacement::With => WithReplacement::new(pool, batch_size).map(AnyDesign::WithReplacement),
            RawReplacement::Without => WithoutReplacement::new(pool, batch_size).map(AnyDesign::WithoutReplacement),
        };
        self.ok("sampling.data.batch_size", design)
    }

    /// The normals (n·d, row by row) of a pool of n samples.
    pub(super) fn pool_samples(&mut self, path: &str, n: u64, seed: u64, d: usize) -> Option<Vec<f64>> {
        let size = n.saturating_mul(d as u64);
        if n == 0 || size > LARGEST_POOL {
            let message = format!("samples is {n}: samples × dimension must lie between 1 and {LARGEST_POOL}");
            self.fail(&format!("{path}.samples"), message, None);
            return None;
        }
        let mut normals = vec![0.0; usize::try_from(size).ok()?];
        fill_normals(&mut problem_stream(seed, "pool"), &mut normals);
        Some(normals)
    }
}

/// The key that an error of a design is about.
fn key_of(error: &DesignError) -> &'static str {
    match error {
        DesignError::NoStrata => "strata",
        DesignError::OutOfRange { parameter, .. } if parameter.contains("inflation") => "inflation",
        DesignError::OutOfRange { parameter, .. } if parameter.contains("coefficient") => "coefficient",
        DesignError::OutOfRange { .. } | DesignError::ImpossibleCorrelation { .. } => "correlation",
        _ => "batch_size",
    }
}
