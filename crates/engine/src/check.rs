//! Judges stored results again with today's theory, also those of a run that goes on or was interrupted.

use std::path::Path;

use crate::judge::Trial;
use crate::looks::{all_cells, follow};
use crate::predict::{Prediction, predict};
use crate::run::EngineError;
use crate::simulate::CellData;
use crate::spec::Spec;
use crate::store::parts::Parts;
use crate::store::{Manifest, StoreError};
use crate::verdict::Judgement;

/// Judges stored results again with today's theory, without simulating or writing.
///
/// # Errors
/// [`EngineError::Store`] if results are missing, incomplete or corrupt.
pub fn check(spec: &Spec, out: &Path) -> Result<Judgement, EngineError> {
    Ok(Stored::read(spec, out)?.judgement)
}

/// What is judged of the parts that there are.
#[derive(Debug)]
pub struct Partial {
    /// The verdicts; a test that reads a cell that is not there is undecided.
    pub judgement: Judgement,
    /// Cells of which nothing is stored.
    pub missing: Vec<usize>,
    /// Files that cannot be used, and why.
    pub damaged: Vec<StoreError>,
}

/// Judges what is stored so far, whether or not a run still adds to it.
///
/// A verdict may still change: without all cells, another look may follow, and Holm's procedure may refute more.
///
/// # Errors
/// [`EngineError`] if the folder cannot be read or a law not be evaluated.
pub fn check_partial(spec: &Spec, out: &Path) -> Result<Partial, EngineError> {
    let (parts, predictions) = (Parts::of(out), predict(spec)?);
    let mut all_damaged = Vec::new();
    let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
        all_damaged.extend(parts.read_all(spec, wanted, look, data)?);
        Ok(wanted.iter().copied().filter(|c| data[*c].layout != look).collect())
    };
    let (trial, data) = follow(spec, Trial::new(spec), all_cells(spec), complete, &mut |_, trial, data| {
        trial.look(data, &predictions);
        Ok(())
    })?;
    let missing = all_cells(spec).into_iter().filter(|c| data[*c].replicates() == 0).collect();
    Ok(Partial { judgement: trial.end(), missing, damaged: all_damaged })
}

/// A folder of results whose files are all as their manifest says, judged again.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) manifest: Manifest,
    pub(crate) data: Vec<CellData>,
    pub(crate) predictions: Vec<Prediction>,
    pub(crate) judgement: Judgement,
}

impl Stored {
    pub(crate) fn read(spec: &Spec, out: &Path) -> Result<Self, EngineError> {
        let manifest = Manifest::read(out)?;
        manifest.verify(out)?;
        let (parts, predictions) = (Parts::of(out), predict(spec)?);
        let complete = &mut |look, wanted: &[usize], data: &mut [CellData]| {
            if let Some(error) = parts.read_all(spec, wanted, look, data)?.into_iter().next() {
                return Err(error.into());
            }
            let lacking: Vec<usize> = wanted.iter().copied().filter(|c| data[*c].layout != look).collect();
            // A cell that ended at an earlier look lacks nothing, though today's theory wants more of it.
            let missing = lacking.iter().filter(|c| data[**c].replicates() < manifest.replicates_of(**c)).count();
            match missing {
                0 => Ok(lacking),
                _ => Err(StoreError::Incomplete { path: out.to_owned(), missing, cells: spec.cells.len() }.into()),
            }
        };
        let (trial, data) = follow(spec, Trial::new(spec), all_cells(spec), complete, &mut |_, trial, data| {
            trial.look(data, &predictions);
            Ok(())
        })?;
        Ok(Stored { judgement: trial.end(), manifest, data, predictions })
    }
}
