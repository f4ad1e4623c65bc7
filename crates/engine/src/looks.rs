//! The one way through the looks of a spec: bring cells to a look, judge, go on with those that are undecided.

use crate::judge::Trial;
use crate::layout::Layout;
use crate::run::EngineError;
use crate::simulate::CellData;
use crate::spec::Spec;

/// Brings cells to a look, from the store or by simulation, and returns those of which there is no such look.
pub(crate) type Complete<'a> = dyn FnMut(Layout, &[usize], &mut [CellData]) -> Result<Vec<usize>, EngineError> + 'a;

/// Judges a trial at a look.
pub(crate) type Judge<'a> = dyn FnMut(Layout, &mut Trial<'_>, &[CellData]) -> Result<(), EngineError> + 'a;

/// Follows `cells` from look to look until the tests that read them are settled.
///
/// Decisions fall between looks, when all data of one is there, so they depend on neither threads nor interruptions.
pub(crate) fn follow<'a>(
    spec: &'a Spec,
    mut trial: Trial<'a>,
    cells: Vec<usize>,
    complete: &mut Complete<'_>,
    judge: &mut Judge<'_>,
) -> Result<(Trial<'a>, Vec<CellData>), EngineError> {
    let mut data: Vec<CellData> = spec.cells.iter().map(|cell| CellData::nothing(spec, cell)).collect();
    let mut wanted = cells;
    for look in &spec.looks {
        let lacking = complete(*look, &wanted, &mut data)?;
        trial.give_up(&lacking);
        judge(*look, &mut trial, &data)?;
        wanted = trial.unsettled();
        if wanted.is_empty() {
            break;
        }
    }
    Ok((trial, data))
}

/// All cells of a spec.
pub(crate) fn all_cells(spec: &Spec) -> Vec<usize> {
    (0..spec.cells.len()).collect()
}
