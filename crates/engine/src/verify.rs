//! Proof that a folder of results is what its spec gives: every hash, the tables made again, and sections simulated again.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use sampling::{Purpose, Stream, StreamKey};

use crate::check::Stored;
use crate::publish::files;
use crate::run::{EngineError, threads};
use crate::simulate::{CellData, simulate_section};
use crate::spec::Spec;
use crate::store::parts::Parts;
use crate::store::{Manifest, StoreError, atomic};

/// How much is simulated again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerifyOptions {
    /// The share of the sections of each cell, above 0 and at most 1; at least one is taken of each cell.
    pub fraction: f64,
    /// What the choice of sections is drawn from.
    pub draw: u64,
    /// Threads; `None` for one per core.
    pub threads: Option<usize>,
}

/// What was compared, and found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Files that have the hash that the manifest says.
    pub files: usize,
    /// Parts that have the hash in their names.
    pub parts: usize,
    /// Parts of other versions of the spec, which are not looked at.
    pub other_parts: usize,
    /// Sections that were simulated again, bit for bit as they are stored.
    pub sections: usize,
    /// All sections of all cells.
    pub of_sections: usize,
    /// Files that are not what a hash says; if there are any, nothing is made again.
    pub damaged: Vec<StoreError>,
    /// What is made again and comes out differently, in sentences.
    pub different: Vec<String>,
}

/// Checks the hash of every file and part in `out`, makes tables, figures and report again from the parts, and simulates a
/// random choice of sections again; all of it must agree bit for bit. Writes nothing.
///
/// Cost: `fraction` of a run, but at least a section of each cell.
///
/// # Errors
/// [`StoreError::Missing`] without results, [`StoreError::Stale`] for those of another text of the spec,
/// [`EngineError::Stopped`] once `stop` is raised, and other [`EngineError`]s.
pub fn verify(spec: &Spec, out: &Path, options: &VerifyOptions, stop: &AtomicBool) -> Result<Verified, EngineError> {
    let mut verified = hashes(out)?;
    if !verified.damaged.is_empty() {
        return Ok(verified);
    }
    let pool = threads(options.threads)?;
    let stored = pool.install(|| Stored::read(spec, out))?;
    if let Some(of) = stored.manifest.staleness(&spec.hash) {
        return Err(StoreError::Stale { path: out.to_owned(), of }.into());
    }
    for (name, content) in files(spec, out, &stored.data, &stored.predictions, &stored.judgement)? {
        if stored.manifest.files.get(&name) != Some(&atomic::hash(&content)) {
            let of = &stored.manifest.engine;
            verified.different.push(format!("{name} is not what this version writes (it is of engine {of})"));
        }
    }
    verified.of_sections = stored.data.iter().map(|data| data.layout.sections).sum();
    let chosen: Vec<(usize, usize)> = (0..spec.cells.len())
        .flat_map(|cell| choose(&stored.data[cell], options, cell).into_iter().map(move |section| (cell, section)))
        .collect();
    let (n, done) = (chosen.len(), AtomicBool::new(true));
    let again = |(cell, section): (usize, usize)| -> Option<String> {
        let data = &stored.data[cell];
        let keep_going = || !stop.load(Ordering::Relaxed);
        let Some(sums) = simulate_section(spec, &spec.cells[cell], data.layout, section, &keep_going) else {
            done.store(false, Ordering::Relaxed);
            return None;
        };
        // What is no number has no bits to speak of.
        let is_same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        let is_equal = sums.len() == data.sums[section].len() && sums.iter().zip(&data.sums[section]).all(is_same);
        (!is_equal).then(|| format!("section {section} of cell {cell} comes out with other bits when simulated again"))
    };
    verified.different.extend(pool.install(|| chosen.into_par_iter().filter_map(again).collect::<Vec<_>>()));
    if !done.into_inner() {
        return Err(EngineError::Stopped);
    }
    verified.sections = n;
    Ok(verified)
}

/// Checks the hashes of a folder alone, for which no spec is needed.
///
/// # Errors
/// [`StoreError::Missing`] without results, [`StoreError`] if they cannot be read.
pub fn hashes(out: &Path) -> Result<Verified, StoreError> {
    let manifest = Manifest::read(out)?;
    let checked = manifest.files.keys().map(|name| manifest.content(out, name));
    let damaged: Vec<StoreError> = checked.filter_map(Result::err).collect();
    let (parts, damaged_parts, other_parts) = Parts::of(out).check(&manifest.cells)?;
    Ok(Verified {
        files: manifest.files.len() - damaged.len(),
        parts,
        other_parts,
        damaged: damaged.into_iter().chain(damaged_parts).collect(),
        ..Verified::default()
    })
}

/// A random choice of the sections of a cell, ascending.
fn choose(data: &CellData, options: &VerifyOptions, cell: usize) -> Vec<usize> {
    let sections = data.layout.sections;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the number of sections")]
    let wanted = ((options.fraction * sections as f64).ceil() as usize).clamp(1, sections);
    let key = StreamKey { seed: options.draw, cell: "verify", block: cell as u64, purpose: Purpose::Start };
    let mut words = vec![0; sections];
    Stream::new(key).fill_words(&mut words);
    let mut order: Vec<usize> = (0..sections).collect();
    order.sort_by_key(|section| words[*section]);
    order.truncate(wanted);
    order.sort_unstable();
    order
}
