//! The site: one page, complete in itself, of what is stored for each spec, and of what is missing.
//!
//! It is made from stored results alone: each manifest, the files that it vouches for, and the texts of the specs. What a
//! hash does not vouch for is not shown but reported; a verdict of another version of a spec is not shown as its own.

mod badge;
pub(in crate::report) mod band;
mod entry;
mod figure;
mod forest;
mod highlight;
mod overview;
mod page;
mod paper;
mod spec;
mod stored;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::spec::{Outline, outline};
use crate::store::{StoreError, atomic};
use entry::Entry;

/// The name of the page in the folder of reports.
pub const FILE: &str = "index.html";

/// Writes the page of `outlines`, whose results stand below `reports`, and returns what is wrong with those results.
///
/// `unreadable` are specs that are none; the page names them. Equal results and specs give equal bytes.
///
/// # Errors
/// [`StoreError::Io`] if the page cannot be written. Damaged results are no error: the page leaves them out and says so.
pub fn write(outlines: Vec<Outline>, unreadable: &[PathBuf], reports: &Path) -> Result<Vec<String>, StoreError> {
    std::fs::create_dir_all(reports).map_err(StoreError::io("make the folder", reports))?;
    // Sorted, and each place once, whatever was named how often.
    let entries: BTreeMap<String, Entry> =
        outlines.into_iter().map(|outline| (outline.place(), Entry::read(outline, reports))).collect();
    let site = Site {
        entries: entries.into_values().collect(),
        unreadable: unreadable.iter().map(|path| outline::file_below_specs(&path.display().to_string())).collect(),
    };
    atomic::write(&reports.join(FILE), page::write(&site).into_string().as_bytes())?;
    Ok(site.damage())
}

/// Everything that the page is about.
struct Site {
    entries: Vec<Entry>,
    /// Files that are no specs.
    unreadable: Vec<String>,
}

impl Site {
    /// The papers, sorted, with their specs.
    fn papers(&self) -> BTreeMap<&str, Vec<&Entry>> {
        let mut papers: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            papers.entry(entry.paper()).or_default().push(entry);
        }
        papers
    }

    /// What is wrong with stored results, a sentence each.
    fn damage(&self) -> Vec<String> {
        let of = |entry: &Entry| -> Vec<String> {
            entry.damage().into_iter().map(|damage| format!("{}: {damage}", entry.place)).collect()
        };
        self.entries.iter().flat_map(of).collect()
    }
}
