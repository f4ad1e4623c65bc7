//! The laws of every cell as numbers: what each recorded value should be.

use dynamics::{DynamicsError, LeadingOrder, Moments, Process as _};

use crate::spec::{Cell, Spec};

/// What theory says about the rows of a cell, scaled like the measured values.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The exact expectation of each row.
    pub exact: Vec<f64>,
    /// The leading-order expectation of each row, where its remainder is known.
    pub leading_order: Vec<Option<LeadingOrder>>,
}

/// The predictions of all cells, in their order.
///
/// # Errors
/// [`DynamicsError`] if a law cannot be evaluated.
pub fn predict(spec: &Spec) -> Result<Vec<Prediction>, DynamicsError> {
    predict_from(spec, |c, step| spec.cells[c].process.moments(step))
}

/// The predictions of all cells when `moments(c, step)` are the exact moments of cell c, in the coordinates of its
/// process: what another theory would predict for the same experiment.
///
/// # Errors
/// [`DynamicsError`] if a law cannot be evaluated.
pub fn predict_from(spec: &Spec, moments: impl Fn(usize, u64) -> Moments) -> Result<Vec<Prediction>, DynamicsError> {
    spec.cells.iter().enumerate().map(|(c, cell)| predict_cell(spec, cell, |step| moments(c, step))).collect()
}

fn predict_cell(spec: &Spec, cell: &Cell, exact: impl Fn(u64) -> Moments) -> Result<Prediction, DynamicsError> {
    let n_rows = spec.n_rows(cell);
    let mut prediction = Prediction { exact: vec![f64::NAN; n_rows], leading_order: vec![None; n_rows] };
    for (n, &step) in cell.recorded.iter().enumerate() {
        let moments = exact(step);
        for (m, (observable, scale)) in cell.observables.iter().zip(&cell.scales).enumerate() {
            for c in 0..observable.n_components() {
                let row = spec.row(cell, m, c, n);
                prediction.exact[row] = scale * observable.expected(&moments, c)?;
                let leading_order = observable.leading_order(&cell.process, c, step);
                prediction.leading_order[row] =
                    leading_order.ok().map(|law| LeadingOrder { value: scale * law.value, ..law });
            }
        }
    }
    Ok(prediction)
}
