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
mod index;
mod overview;
mod page;
mod paper;
mod prose;
mod published;
mod spec;
mod stored;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::report::verdicts::grouped;
use crate::spec::{Outline, outline};
use crate::store::{StoreError, atomic};
use entry::Entry;
use paper::Paper;

/// The name of the page in the folder of reports.
pub const FILE: &str = "index.html";

/// Writes the page of `outlines`, whose results stand below `reports`, and returns what is wrong with those results.
///
/// `unreadable` are specs that are none; the page names them. `with_index` also writes README.md, the overview in
/// Markdown. Equal results, costs and specs give equal bytes; of README.md, equal results and specs.
///
/// # Errors
/// [`StoreError::Io`] if the page cannot be written. Damaged results are no error: the page leaves them out and says so.
pub fn write(
    outlines: Vec<Outline>,
    unreadable: &[PathBuf],
    reports: &Path,
    with_index: bool,
) -> Result<Vec<String>, StoreError> {
    std::fs::create_dir_all(reports).map_err(StoreError::io("make the folder", reports))?;
    // Each place once, whatever was named how often.
    let entries: BTreeMap<String, Entry> =
        outlines.into_iter().map(|outline| (outline.place(), Entry::read(outline, reports))).collect();
    let mut entries: Vec<Entry> = entries.into_values().collect();
    // Those at the top of the folder first, in the order of their paper.
    let depth = |entry: &Entry| entry.place.matches('/').count();
    entries.sort_by(|a, b| depth(a).cmp(&depth(b)).then_with(|| paper::first(a).cmp(&paper::first(b))));
    let site = Site {
        entries,
        unreadable: unreadable.iter().map(|path| outline::file_below_specs(&path.display().to_string())).collect(),
    };
    atomic::write(&reports.join(FILE), page::write(&site).into_string().as_bytes())?;
    if with_index {
        atomic::write(&reports.join(index::FILE), index::write(&site).as_bytes())?;
    }
    Ok(site.damage())
}

/// A whole number in groups of three digits, between which no line ends.
fn unbroken(number: u64) -> String {
    grouped(number).replace(' ', "\u{202f}")
}

/// Everything that the page is about.
struct Site {
    entries: Vec<Entry>,
    /// Files that are no specs.
    unreadable: Vec<String>,
}

impl Site {
    /// The papers with their specs, in the order of the specs.
    fn papers(&self) -> Vec<Paper<'_>> {
        let mut papers: Vec<Paper<'_>> = Vec::new();
        for entry in &self.entries {
            let source = &entry.outline.raw.source;
            let known = papers.iter().position(|paper| paper.identifier == source.paper);
            let n = known.unwrap_or_else(|| {
                papers.push(Paper { n: papers.len(), identifier: &source.paper, title: None, entries: Vec::new() });
                papers.len() - 1
            });
            papers[n].title = papers[n].title.or(source.title.as_deref());
            papers[n].entries.push(entry);
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
