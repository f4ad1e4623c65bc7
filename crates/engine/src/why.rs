//! Which cells a run would simulate again, and why: which key has changed since they were stored.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::publish::point;
use crate::run::EngineError;
use crate::spec::{Cell, LANGUAGE_VERSION, Spec};
use crate::store::parts::{Found, Parts};
use crate::store::{Manifest, StoreError};

/// How a cell stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellStatus {
    /// Its index.
    pub cell: usize,
    /// What the sweep sets in it, as `key=value`.
    pub point: Vec<String>,
    /// Its variant.
    pub variant: String,
    /// Whether its numbers are stored.
    pub is_stored: bool,
    /// Why not, in short sentences.
    pub reasons: Vec<String>,
}

/// How all cells stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Staleness {
    /// All cells.
    pub cells: Vec<CellStatus>,
    /// What else a run would do, though nothing is simulated: judge claims anew that have changed, for instance.
    pub otherwise: Option<String>,
}

/// Compares a spec with what is stored of it. Reads, and neither simulates nor writes.
///
/// Comments, the order of keys, claims, figures and spelling make no cell stale.
///
/// # Errors
/// [`StoreError::Io`] if the folder cannot be read.
pub fn why(spec: &Spec, out: &Path) -> Result<Staleness, EngineError> {
    let (manifest, otherwise) = match Manifest::read(out) {
        Ok(manifest) => {
            let stale = manifest.staleness(&spec.hash);
            let otherwise = stale.map(|of| format!("the verdicts are those of {of}: a run judges again"));
            (Some(manifest), otherwise)
        }
        Err(StoreError::Missing { .. }) => (None, Some("there are no verdicts yet: a run judges".to_owned())),
        Err(StoreError::Corrupt { path, reason }) => {
            (None, Some(format!("{} is corrupt ({reason}): a run makes it anew", path.display())))
        }
        Err(error) => return Err(error.into()),
    };
    let parts = Parts::own(out);
    let cells: Result<Vec<_>, StoreError> =
        spec.cells.iter().enumerate().map(|(c, cell)| status(spec, c, cell, manifest.as_ref(), &parts)).collect();
    Ok(Staleness { cells: cells?, otherwise })
}

fn status(
    spec: &Spec,
    c: usize,
    cell: &Cell,
    manifest: Option<&Manifest>,
    parts: &Parts,
) -> Result<CellStatus, StoreError> {
    let mut damage = None;
    let mut is_stored = false;
    // A cell that is decided has ended at one of its looks.
    for look in &spec.looks {
        match parts.find(spec, cell, *look)? {
            Found::Whole(_) => is_stored = true,
            Found::Nothing => {}
            Found::Damaged(error) => damage = Some(error.to_string()),
        }
    }
    let point = point(&cell.coordinates);
    let reasons = match (is_stored, damage) {
        (true, _) => Vec::new(),
        (false, Some(damage)) => vec![damage],
        (false, None) => reasons(spec, c, cell, &point, manifest),
    };
    Ok(CellStatus { cell: c, point, variant: spec.variants[cell.variant].clone(), is_stored, reasons })
}

fn reasons(spec: &Spec, c: usize, cell: &Cell, point: &[String], manifest: Option<&Manifest>) -> Vec<String> {
    let Some(manifest) = manifest else { return vec!["it was not simulated yet".to_owned()] };
    if manifest.cells.contains(&cell.hash) {
        return vec!["its part is gone".to_owned()];
    }
    let mut reasons = Vec::new();
    if manifest.stream_version != sampling::stream::STREAM_VERSION || manifest.schema != LANGUAGE_VERSION {
        let versions = (manifest.stream_version, sampling::stream::STREAM_VERSION);
        reasons.push(format!("random streams are of version {}, and were of version {}", versions.1, versions.0));
    }
    if !manifest.points.is_empty() && !manifest.points.iter().any(|other| other == point) {
        reasons.push("its point of the sweep is new".to_owned());
    }
    if !manifest.settings.is_empty() {
        reasons.extend(differences(spec, cell, &manifest.settings));
    }
    if reasons.is_empty() {
        let of = spec.variants[spec.cells[c].variant].as_str();
        reasons.push(format!("the data that it reads, a law behind `centre`, or the variant {of} has changed"));
    }
    reasons
}

/// The keys that differ, but for those that the cell's point of the sweep sets, and those of other variants.
fn differences(spec: &Spec, cell: &Cell, before: &BTreeMap<String, String>) -> Vec<String> {
    let is_swept = |key: &str| cell.coordinates.iter().any(|(swept, _)| key == swept || key.starts_with(swept));
    let own = format!("variants.{}.", spec.variants[cell.variant]);
    let counts = |key: &str| !is_swept(key) && (!key.starts_with("variants.") || key.starts_with(&own));
    let keys = spec.settings.keys().chain(before.keys().filter(|key| !spec.settings.contains_key(*key)));
    let said = keys.filter(|key| counts(key)).filter_map(|key| match (before.get(key), spec.settings.get(key)) {
        (Some(before), Some(now)) if before != now => Some(format!("{key} is {now}, and was {before}")),
        (None, Some(now)) => Some(format!("{key} is {now}, and was not set")),
        (Some(before), None) => Some(format!("{key} is not set, and was {before}")),
        _ => None,
    });
    said.collect()
}
