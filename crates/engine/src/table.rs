//! The tables as polars frames, and their one way to and from parquet.

use std::io::Cursor;

use polars::error::PolarsResult;
use polars::io::SerReader;
use polars::prelude::{Column, DataFrame, KeyValueMetadata, ParquetReader, ParquetWriter};

use crate::predict::Prediction;
use crate::simulate::CellData;
use crate::spec::{Cell, LANGUAGE_VERSION, Spec};
use crate::statistics::agreement;
use crate::verdict::Judgement;

/// A frame of equally long columns.
pub(crate) fn frame(columns: Vec<Column>) -> PolarsResult<DataFrame> {
    DataFrame::new(columns.first().map_or(0, Column::len), columns)
}

/// The bytes of a parquet file: one chunk, written by one thread, with its provenance in the file's metadata, so that
/// equal frames give equal bytes.
pub(crate) fn to_parquet(spec: &Spec, provenance: &[(&str, &str)], frame: &mut DataFrame) -> PolarsResult<Vec<u8>> {
    let common = [
        ("spec", spec.name.clone()),
        ("seed", spec.seed.to_string()),
        ("schema", LANGUAGE_VERSION.to_string()),
        ("stream_version", sampling::stream::STREAM_VERSION.to_string()),
        ("engine", crate::VERSION.to_owned()),
    ];
    let own = provenance.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let metadata = common.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(own).collect();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(metadata)))
        .set_parallel(false)
        .finish(frame.rechunk_mut())?;
    Ok(bytes)
}

/// Reads a parquet file whose hash has been checked.
pub(crate) fn from_parquet(content: Vec<u8>) -> PolarsResult<DataFrame> {
    ParquetReader::new(Cursor::new(content)).finish()
}

/// What the metadata of a parquet file, whose hash has been checked, say under a key.
pub(crate) fn provenance(content: &[u8], key: &str) -> PolarsResult<Option<String>> {
    let mut reader = ParquetReader::new(Cursor::new(content));
    let entries = reader.get_metadata()?.key_value_metadata().iter().flatten();
    Ok(entries.into_iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone()))
}

/// The numbers of a column without gaps.
pub(crate) fn numbers(frame: &DataFrame, name: &str) -> PolarsResult<Vec<f64>> {
    Ok(frame.column(name)?.f64()?.into_no_null_iter().collect())
}

/// `cells.parquet`: a row for each cell × measure × component × recorded step.
pub(crate) fn cells(spec: &Spec, data: &[CellData], predictions: &[Prediction]) -> PolarsResult<DataFrame> {
    let mut rows = CellRows::default();
    for (c, cell) in spec.cells.iter().enumerate() {
        for (m, measure) in spec.measures.iter().enumerate() {
            for component in 0..measure.n_components {
                for (n, &step) in cell.recorded.iter().enumerate() {
                    let row = spec.row(cell, m, component, n);
                    let sample = data[c].sample(spec, cell, m, component, n);
                    let exact = predictions[c].exact[row];
                    rows.cell.push(c as u64);
                    rows.variant.push(spec.variants[cell.variant].clone());
                    rows.step_size.push(cell.scalars.get("eta"));
                    rows.batch_size.push(cell.scalars.get("b"));
                    rows.measure.push(measure.name.clone());
                    rows.component.push(component as u64 + 1);
                    rows.step.push(step);
                    rows.time.push(cell.times[n]);
                    rows.scale.push(cell.observers[m].scales[n]);
                    rows.estimate.push(sample.mean);
                    rows.standard_error.push(sample.standard_error);
                    rows.replicates.push(data[c].replicates());
                    rows.exact.push(exact.map(|law| law.value));
                    rows.unit.push(exact.map(|law| law.unit));
                    rows.limit.push(predictions[c].limit[row].map(|law| law.value));
                    rows.leading_order.push(predictions[c].leading_order[row].map(|law| law.value));
                    rows.agreement.push(exact.map(|law| agreement(sample.mean, law)));
                    rows.status.push(if sample.is_finite() { "ok" } else { "diverged" });
                    rows.reason.push(reason(spec, &data[c], cell, m, component, n));
                    let frame = cell.process.frame();
                    rows.condition_number.push(frame.condition_number());
                    rows.law_error.push(exact.and_then(|_| frame.law_error(cell.times[n])));
                }
            }
        }
    }
    frame(vec![
        Column::new("cell".into(), rows.cell),
        Column::new("variant".into(), rows.variant),
        Column::new("step_size".into(), rows.step_size),
        Column::new("batch_size".into(), rows.batch_size),
        Column::new("measure".into(), rows.measure),
        Column::new("component".into(), rows.component),
        Column::new("step".into(), rows.step),
        Column::new("time".into(), rows.time),
        Column::new("scale".into(), rows.scale),
        Column::new("estimate".into(), rows.estimate),
        Column::new("standard_error".into(), rows.standard_error),
        Column::new("replicates".into(), rows.replicates),
        Column::new("exact".into(), rows.exact),
        Column::new("unit".into(), rows.unit),
        Column::new("limit".into(), rows.limit),
        Column::new("leading_order".into(), rows.leading_order),
        Column::new("agreement".into(), rows.agreement),
        Column::new("status".into(), rows.status),
        Column::new("reason".into(), rows.reason),
        Column::new("condition_number".into(), rows.condition_number),
        Column::new("law_error".into(), rows.law_error),
    ])
}

/// Why a value is no number: how many sections are none there, and where the first of them stopped being one.
fn reason(spec: &Spec, data: &CellData, cell: &Cell, m: usize, component: usize, n: usize) -> Option<String> {
    let values = |n: usize| data.values(spec, cell, m, component, n);
    let lost = values(n).iter().filter(|value| !value.is_finite()).count();
    if lost == 0 {
        return None;
    }
    let first = (0..=n).find(|n| values(*n).iter().any(|value| !value.is_finite())).unwrap_or(n);
    let (sections, step) = (data.layout.sections, cell.recorded[first]);
    Some(format!("{lost} of {sections} sections are not finite, from step {step} on"))
}

#[derive(Default)]
struct CellRows {
    cell: Vec<u64>,
    variant: Vec<String>,
    step_size: Vec<Option<f64>>,
    batch_size: Vec<Option<f64>>,
    measure: Vec<String>,
    component: Vec<u64>,
    step: Vec<u64>,
    time: Vec<f64>,
    scale: Vec<f64>,
    estimate: Vec<f64>,
    standard_error: Vec<f64>,
    replicates: Vec<u64>,
    exact: Vec<Option<f64>>,
    unit: Vec<Option<f64>>,
    limit: Vec<Option<f64>>,
    leading_order: Vec<Option<f64>>,
    agreement: Vec<Option<f64>>,
    status: Vec<&'static str>,
    reason: Vec<Option<String>>,
    condition_number: Vec<Option<f64>>,
    law_error: Vec<Option<f64>>,
}

/// `claims.parquet`: a row for each test of each claim.
pub(crate) fn claims(spec: &Spec, judgement: &Judgement) -> PolarsResult<DataFrame> {
    let tests = &judgement.tests;
    let column = |name: &str, value: &dyn Fn(&crate::verdict::Test) -> f64| {
        Column::new(name.into(), tests.iter().map(value).collect::<Vec<_>>())
    };
    let step = |test: &crate::verdict::Test| test.record.map(|n| spec.cells[test.cell].recorded[n]);
    let component = |test: &crate::verdict::Test| {
        let is_about_all = spec.claims[test.claim].against.is_about_all_components();
        (!is_about_all).then_some(test.component as u64 + 1)
    };
    let variant = |test: &crate::verdict::Test| spec.variants[spec.cells[test.cell].variant].as_str();
    frame(vec![
        Column::new("claim".into(), tests.iter().map(|test| spec.claims[test.claim].name.as_str()).collect::<Vec<_>>()),
        Column::new("cell".into(), tests.iter().map(|test| test.cell as u64).collect::<Vec<_>>()),
        Column::new("variant".into(), tests.iter().map(variant).collect::<Vec<_>>()),
        Column::new("component".into(), tests.iter().map(component).collect::<Vec<_>>()),
        Column::new("step".into(), tests.iter().map(step).collect::<Vec<_>>()),
        column("statistic", &|test| test.estimate.value()),
        column("standard_error", &|test| test.estimate.standard_error()),
        column("skewness", &|test| test.estimate.skewness()),
        Column::new("replicates".into(), tests.iter().map(|test| test.replicates).collect::<Vec<_>>()),
        column("interval_low", &|test| test.interval.low),
        column("interval_high", &|test| test.interval.high),
        column("band_low", &|test| test.band.low),
        column("band_high", &|test| test.band.high),
        Column::new("verdict".into(), tests.iter().map(|test| test.verdict.word()).collect::<Vec<_>>()),
        Column::new(
            "replicates_to_decide".into(),
            tests.iter().map(|test| test.replicates_to_decide).collect::<Vec<_>>(),
        ),
    ])
}
