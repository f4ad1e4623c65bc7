//! The laws of every cell as numbers: what each recorded value should be.

use dynamics::{DynamicsError, Expectation, LeadingOrder, Moments, Observable, Process};
use faer::Mat;
use rayon::prelude::*;

use crate::spec::{Cell, Spec};

/// What theory says about the rows of a cell, scaled like the measured values; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prediction {
    /// The exact expectation of each row.
    pub exact: Vec<Option<Expectation>>,
    /// The expectation of each row in the limit.
    pub limit: Vec<Option<Expectation>>,
    /// The leading-order expectation of each row, where its remainder is known.
    pub leading_order: Vec<Option<LeadingOrder>>,
}

/// The predictions of all cells, in their order, on the threads of the caller's pool.
///
/// # Errors
/// [`DynamicsError`] of the first cell that has one, if a law that exists cannot be evaluated.
pub fn predict(spec: &Spec) -> Result<Vec<Prediction>, DynamicsError> {
    let of_cells: Vec<_> = spec.cells.par_iter().map(|cell| predict_as(spec, cell, cell.process.as_ref())).collect();
    of_cells.into_iter().collect()
}

/// The predictions of `cells`, and nothing for the others.
pub(crate) fn predict_cells(spec: &Spec, cells: &[usize]) -> Result<Vec<Prediction>, DynamicsError> {
    let is_wanted = |c: usize| cells.contains(&c);
    let of_cell = |(c, cell): (usize, &Cell)| match is_wanted(c) {
        true => predict_as(spec, cell, cell.process.as_ref()),
        false => Ok(Prediction::default()),
    };
    let of_cells: Vec<_> = spec.cells.par_iter().enumerate().map(of_cell).collect();
    of_cells.into_iter().collect()
}

/// The prediction of a cell as if its process were `theory`, in the same coordinates: what another theory would predict
/// for the same experiment.
///
/// # Errors
/// [`DynamicsError`] if a law that exists cannot be evaluated.
pub fn predict_as(spec: &Spec, cell: &Cell, theory: &dyn Process) -> Result<Prediction, DynamicsError> {
    let leading_order = spec.rows(cell).map(|(m, c, n)| {
        let observer = &cell.observers[m];
        let law = observer.is_plain().then(|| observer.observable.leading_order(theory, c, cell.recorded[n]).ok());
        law.flatten().map(|law| LeadingOrder { value: observer.scales[n] * law.value, ..law })
    });
    let leading_order = leading_order.collect();
    Ok(Prediction { leading_order, ..predict_moments_as(spec, cell, theory)? })
}

/// The same without what is known to leading order, which takes most of the time.
pub(crate) fn predict_moments_as(spec: &Spec, cell: &Cell, theory: &dyn Process) -> Result<Prediction, DynamicsError> {
    let exact = known(theory.exact(&cell.recorded))?;
    let limit = known(theory.limit(&cell.recorded))?;
    let looks_back = cell.observers.iter().any(|observer| matches!(observer.observable, Observable::Lagged(_)));
    let cross: Option<Vec<Mat<f64>>> = match looks_back {
        false => None,
        true => known(cell.recorded.iter().map(|&step| theory.cross_covariance(cell.recorded[0], step)).collect())?,
    };
    let expected = |path: &Option<Vec<Moments>>, cross: &Option<Vec<Mat<f64>>>| -> Vec<Option<Expectation>> {
        let at = |m: usize, c: usize, n: usize| {
            let path = path.as_ref()?;
            cell.observers[m].expected(n, path, cross.as_ref().map(|cross| &cross[n]), c)
        };
        spec.rows(cell).map(|(m, c, n)| at(m, c, n)).collect()
    };
    let leading_order = vec![None; spec.n_rows(cell)];
    Ok(Prediction { exact: expected(&exact, &cross), limit: expected(&limit, &None), leading_order })
}

/// A law, or `None` if none is known.
fn known<T>(law: Result<T, DynamicsError>) -> Result<Option<T>, DynamicsError> {
    match law {
        Ok(law) => Ok(Some(law)),
        Err(DynamicsError::NoLaw { .. } | DynamicsError::SlowRate { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
