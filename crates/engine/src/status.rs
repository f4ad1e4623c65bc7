//! How far the shards of a spec have come.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::judge::Trial;
use crate::looks::follow;
use crate::predict::Prediction;
use crate::run::{EngineError, predicted};
use crate::shard::Shard;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::store::parts::Parts;
use crate::store::{ShardPlan, StoreError};

/// What is stored of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShardStatus {
    /// k.
    pub shard: usize,
    /// How many cells it has.
    pub cells: usize,
    /// Those of which it would simulate nothing more.
    pub stored: usize,
}

impl ShardStatus {
    /// Whether a run of the shard would simulate nothing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stored == self.cells
    }
}

/// The number of shards that the folder of results was planned for; `None` without a plan.
///
/// # Errors
/// [`StoreError::Foreign`] if the plan is one of another spec or version, [`StoreError`] if it cannot be read.
pub fn planned_shards(spec: &Spec, out: &Path) -> Result<Option<usize>, StoreError> {
    let Some(plan) = ShardPlan::read(out)? else { return Ok(None) };
    match ShardPlan::new(spec, plan.shards).difference(&plan) {
        Some(of) => Err(StoreError::foreign(out, of)),
        None => Ok(Some(plan.shards)),
    }
}

/// What is stored of each of so many shards, and files that cannot be used. Reads, and neither simulates nor writes.
///
/// # Errors
/// [`EngineError::Store`] if the folder cannot be read, [`EngineError::Law`].
pub fn status(spec: &Spec, out: &Path, shards: usize) -> Result<(Vec<ShardStatus>, Vec<StoreError>), EngineError> {
    let parts = Parts::own(out);
    let mut predictions: Option<Vec<Prediction>> = None;
    let (mut all, mut damaged) = (Vec::new(), Vec::new());
    for index in 0..shards {
        let cells = Shard { index, of: shards }.cells(spec);
        let mut all_lacking = BTreeSet::new();
        let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
            damaged.extend(parts.read_all(spec, wanted, look, data)?);
            let lacking: Vec<usize> = wanted.iter().copied().filter(|c| data[*c].layout != look).collect();
            all_lacking.extend(lacking.iter().copied());
            Ok(lacking)
        };
        let trial = Trial::of_shard(spec, &cells);
        follow(spec, trial, cells.clone(), complete, &mut |look, trial, data| {
            if look != spec.layout && !trial.unsettled().is_empty() {
                trial.look(data, predicted(spec, &mut predictions)?);
            }
            Ok(())
        })?;
        all.push(ShardStatus { shard: index, cells: cells.len(), stored: cells.len() - all_lacking.len() });
    }
    Ok((all, damaged))
}
