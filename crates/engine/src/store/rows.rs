//! The rows of the two tables of a folder of results, read back.

use polars::error::PolarsResult;
use polars::prelude::DataFrame;
use stats::Interval;

use crate::table;
use crate::verdict::Verdict;

/// A row of `claims.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct TestRow {
    /// The name of the claim.
    pub claim: String,
    /// The cell, from 0.
    pub cell: usize,
    /// Its variant.
    pub variant: String,
    /// The component of the measure, from 1; `None` for a statistic of all components.
    pub component: Option<u64>,
    /// The step; `None` for a statistic of the whole path.
    pub step: Option<u64>,
    /// The statistic.
    pub statistic: f64,
    /// Its standard error; NaN where there is none.
    pub standard_error: f64,
    /// Its simultaneous interval.
    pub interval: Interval,
    /// Its band.
    pub band: Interval,
    /// The replicates of each cell that it was judged on; `None` in tables that do not say it yet.
    pub replicates: Option<u64>,
    /// What became of it.
    pub verdict: Verdict,
    /// The replicates that would decide it.
    pub replicates_to_decide: Option<u64>,
}

/// A row of `cells.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueRow {
    /// The cell, from 0.
    pub cell: usize,
    /// Its variant.
    pub variant: String,
    /// The measure.
    pub measure: String,
    /// The component of the measure, from 1.
    pub component: u64,
    /// The step.
    pub step: u64,
    /// η of the cell, where it has one.
    pub step_size: Option<f64>,
    /// b of the cell, where it has one.
    pub batch_size: Option<f64>,
    /// The measure's factor, which the values contain.
    pub scale: f64,
    /// The mean over the replicates.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The exact law.
    pub exact: Option<f64>,
    /// What deviations from it are measured in.
    pub unit: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// The leading order.
    pub leading_order: Option<f64>,
    /// 1 + (estimate − exact)/unit.
    pub agreement: Option<f64>,
}

/// The rows of `claims.parquet`; `None` if one has a gap.
pub(crate) fn tests(frame: &DataFrame) -> PolarsResult<Option<Vec<TestRow>>> {
    let (claim, variant, verdict) = (texts(frame, "claim")?, texts(frame, "variant")?, texts(frame, "verdict")?);
    let (cell, component) = (wholes(frame, "cell")?, wholes(frame, "component")?);
    let (step, to_decide) = (wholes(frame, "step")?, wholes(frame, "replicates_to_decide")?);
    let replicates = wholes(frame, "replicates").unwrap_or_else(|_| vec![None; frame.height()]);
    let number = |name: &str| table::numbers(frame, name);
    let (statistic, standard_error) = (number("statistic")?, number("standard_error")?);
    let (interval_low, interval_high) = (number("interval_low")?, number("interval_high")?);
    let (band_low, band_high) = (number("band_low")?, number("band_high")?);
    let row = |i: usize| {
        Some(TestRow {
            claim: claim[i].to_owned(),
            cell: index(cell[i])?,
            variant: variant[i].to_owned(),
            component: component[i],
            step: step[i],
            statistic: statistic[i],
            standard_error: standard_error[i],
            interval: Interval::new(interval_low[i], interval_high[i]),
            band: Interval::new(band_low[i], band_high[i]),
            replicates: replicates[i],
            verdict: Verdict::from_word(verdict[i])?,
            replicates_to_decide: to_decide[i],
        })
    };
    Ok((0..frame.height()).map(row).collect())
}

/// The rows of `cells.parquet`; `None` if one has a gap.
pub(crate) fn values(frame: &DataFrame) -> PolarsResult<Option<Vec<ValueRow>>> {
    let (measure, variant) = (texts(frame, "measure")?, texts(frame, "variant")?);
    let (cell, component, step) = (wholes(frame, "cell")?, wholes(frame, "component")?, wholes(frame, "step")?);
    let number = |name: &str| table::numbers(frame, name);
    let (scale, estimate, standard_error) = (number("scale")?, number("estimate")?, number("standard_error")?);
    let (exact, unit) = (optional(frame, "exact")?, optional(frame, "unit")?);
    let (limit, leading_order) = (optional(frame, "limit")?, optional(frame, "leading_order")?);
    let (step_size, batch_size) = (optional(frame, "step_size")?, optional(frame, "batch_size")?);
    let agreement = optional(frame, "agreement")?;
    let row = |i: usize| {
        Some(ValueRow {
            cell: index(cell[i])?,
            variant: variant[i].to_owned(),
            measure: measure[i].to_owned(),
            component: component[i]?,
            step: step[i]?,
            step_size: step_size[i],
            batch_size: batch_size[i],
            scale: scale[i],
            estimate: estimate[i],
            standard_error: standard_error[i],
            exact: exact[i],
            unit: unit[i],
            limit: limit[i],
            leading_order: leading_order[i],
            agreement: agreement[i],
        })
    };
    Ok((0..frame.height()).map(row).collect())
}

fn index(number: Option<u64>) -> Option<usize> {
    number.and_then(|number| usize::try_from(number).ok())
}

fn texts<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<Vec<&'a str>> {
    Ok(frame.column(name)?.str()?.iter().map(Option::unwrap_or_default).collect())
}

fn wholes(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<u64>>> {
    Ok(frame.column(name)?.u64()?.iter().collect())
}

fn optional(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<f64>>> {
    Ok(frame.column(name)?.f64()?.iter().collect())
}
