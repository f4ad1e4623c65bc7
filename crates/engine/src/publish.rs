//! What a judged experiment is written down as: tables, figures, README.md and, last, the manifest.

use std::collections::BTreeMap;
use std::path::Path;

use crate::predict::Prediction;
use crate::report;
use crate::run::EngineError;
use crate::simulate::CellData;
use crate::spec::{LANGUAGE_VERSION, Spec};
use crate::store::atomic::{Prepared, Writer};
use crate::store::{Manifest, StoreError, atomic};
use crate::table;
use crate::verdict::Judgement;

/// The names and contents of all files that a manifest vouches for: a function of the numbers alone.
pub(crate) fn files(
    spec: &Spec,
    out: &Path,
    data: &[CellData],
    predictions: &[Prediction],
    judgement: &Judgement,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let draw = |figure| report::figure::draw(spec, figure, data, predictions, judgement);
    let figures: Vec<_> = spec.figures.iter().map(draw).collect();
    let keys: Vec<Option<String>> = figures.iter().map(|drawn| drawn.as_ref().map(|drawn| drawn.key.clone())).collect();
    let readme = report::markdown::write(spec, data, predictions, judgement, &keys);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let tables =
        [("cells.parquet", table::cells(spec, data, predictions)), ("claims.parquet", table::claims(spec, judgement))];
    for (name, frame) in tables {
        let bytes = frame.and_then(|mut frame| table::to_parquet(spec, &[], &mut frame));
        let bytes = bytes.map_err(|source| StoreError::Table { path: out.join(name), source })?;
        files.push((name.to_owned(), bytes));
    }
    for (figure, drawn) in spec.figures.iter().zip(figures) {
        files.extend(drawn.map(|drawn| (format!("{}.svg", figure.name), drawn.svg.into_bytes())));
    }
    files.push(("README.md".to_owned(), readme.into_bytes()));
    Ok(files)
}

/// Writes them into `out`, and the manifest last.
pub(crate) fn publish(
    spec: &Spec,
    out: &Path,
    data: &[CellData],
    predictions: &[Prediction],
    judgement: &Judgement,
) -> Result<(), EngineError> {
    let files = files(spec, out, data, predictions, judgement)?;
    let hashes: BTreeMap<String, String> =
        files.iter().map(|(name, content)| (name.clone(), atomic::hash(content))).collect();
    let verdicts = spec.claims.iter().zip(&judgement.claims);
    let manifest = Manifest {
        spec: spec.name.clone(),
        spec_hash: spec.hash.clone(),
        schema: LANGUAGE_VERSION,
        engine: crate::VERSION.to_owned(),
        stream_version: sampling::stream::STREAM_VERSION,
        seed: spec.seed,
        replicates: data.iter().map(CellData::replicates).max().unwrap_or(0),
        cell_replicates: Manifest::differing(data.iter().map(CellData::replicates).collect()),
        sections: spec.layout.sections as u64,
        verdict: judgement.overall().word().to_owned(),
        claims: verdicts.map(|(claim, judged)| (claim.name.clone(), judged.verdict.word().to_owned())).collect(),
        files: hashes.clone(),
        cells: spec.cells.iter().map(|cell| cell.hash.clone()).collect(),
        points: spec.cells.iter().map(|cell| point(&cell.coordinates)).collect(),
        settings: spec.settings.clone(),
    };
    // All of it is on the disk before any of the old files is touched: a disk that is full leaves them as they were.
    let prepare = |(name, content): &(String, Vec<u8>)| Prepared::new(Writer::Alone, &out.join(name), content);
    let prepared: Vec<Prepared> = files.iter().map(prepare).collect::<Result<_, _>>()?;
    let manifest = manifest.prepare(out)?;
    // Without a manifest nothing vouches for files that are being replaced.
    let replaced = Manifest::withdraw(out)?;
    prepared.into_iter().try_for_each(Prepared::publish)?;
    let is_plain = |name: &str| Path::new(name).file_name().is_some_and(|file| file == name);
    for stale in replaced.iter().filter(|name| is_plain(name) && !hashes.contains_key(*name)) {
        atomic::remove(&out.join(stale))?;
    }
    Ok(manifest.publish()?)
}

/// What the sweep sets, a text for each key.
pub(crate) fn point(coordinates: &[(String, String)]) -> Vec<String> {
    coordinates.iter().map(|(key, value)| format!("{key}={value}")).collect()
}
