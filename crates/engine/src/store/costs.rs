//! How long the simulation of each cell took: for people who plan a run, and for no result.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{StoreError, atomic};

/// Its name in the folder.
pub const FILE: &str = "costs.toml";

const HEADER: &str = "# Seconds of one thread that the simulation of each cell took. No result depends on this file.\n";

/// Seconds of one thread, by the hash of a cell.
///
/// No manifest vouches for it, as it differs from run to run; a file that cannot be read counts as none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    cells: BTreeMap<String, f64>,
}

impl Costs {
    /// What is known in a folder of results.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        let mut costs: Costs = toml::from_str(&text).unwrap_or_default();
        costs.cells.retain(|_, seconds| seconds.is_finite() && *seconds >= 0.0);
        costs
    }

    /// Notes what the blocks of a cell took, beside those of its earlier looks unless they are the `first` ones.
    pub fn note(&mut self, cell: &str, seconds: f64, first: bool) {
        let earlier = if first { None } else { self.cells.get(cell) };
        self.cells.insert(cell.to_owned(), earlier.unwrap_or(&0.0) + seconds);
    }

    /// What all of `cells` took together; `None` if it is not known of each.
    #[must_use]
    pub fn total<'a>(&self, cells: impl IntoIterator<Item = &'a String>) -> Option<f64> {
        cells.into_iter().map(|cell| self.cells.get(cell)).sum()
    }

    /// Writes what is known of `cells`, and forgets the others.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn write<'a>(mut self, folder: &Path, cells: impl IntoIterator<Item = &'a String>) -> Result<(), StoreError> {
        let kept: Vec<&String> = cells.into_iter().collect();
        self.cells.retain(|cell, _| kept.contains(&cell));
        let path = folder.join(FILE);
        let text = toml::to_string(&self)
            .map_err(|error| StoreError::Corrupt { path: path.clone(), reason: error.to_string() })?;
        atomic::write(&path, format!("{HEADER}{text}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_total_is_known_only_if_each_cell_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut costs = Costs::default();
        for (cell, seconds, first) in
            [("a", 9.0, true), ("a", 1.0, true), ("a", 0.5, false), ("b", 2.0, true), ("gone", 7.0, true)]
        {
            costs.note(cell, seconds, first);
        }
        costs.write(folder.path(), &names(&["a", "b", "c"])).expect("writable");
        let costs = Costs::read(folder.path());
        assert_eq!(costs.total(&names(&["a", "b"])), Some(3.5));
        assert_eq!(costs.total(&names(&["a", "b", "c"])), None);
        assert_eq!(costs.total(&names(&["gone"])), None);
    }

    #[test]
    fn what_cannot_be_read_counts_as_unknown() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Costs::read(folder.path()), Costs::default());
        for text in ["cells = 3", "\u{0}", "[cells]\na = inf\nb = -1.0\n"] {
            std::fs::write(folder.path().join(FILE), text).expect("writable");
            assert_eq!(Costs::read(folder.path()), Costs::default(), "{text}");
        }
    }
}
