//! The manifest: what the results of a folder are, written last, so that where it stands all else stands.

use std::collections::BTreeMap;
use std::path::Path;

use sampling::stream::STREAM_VERSION;
use serde::{Deserialize, Serialize};

use super::atomic::{Prepared, Writer};
use super::{StoreError, atomic};
use crate::spec::LANGUAGE_VERSION;

/// Its name in the folder.
pub const FILE: &str = "manifest.toml";

/// What stands before the manifest's own hash.
const HEADER: &str = "# Written by `cargo xtask run`; do not edit. BLAKE3 of what follows: ";

/// Provenance, verdicts and hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name of the spec.
    pub spec: String,
    /// BLAKE3 of the spec without comments, spelling and the order of keys.
    pub spec_hash: String,
    /// Version of the experiment language.
    pub schema: u32,
    /// Version of the engine.
    pub engine: String,
    /// Version of the map from keys to random numbers.
    pub stream_version: u32,
    /// The seed in force.
    pub seed: u64,
    /// Replicates of each cell, the most where they differ.
    pub replicates: u64,
    /// Replicates of the cells in their order, where they differ: those of cells that stopped at an early look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cell_replicates: Vec<u64>,
    /// Sections of each cell; 0 in manifests that do not say it yet.
    #[serde(default)]
    pub sections: u64,
    /// The worst verdict.
    pub verdict: String,
    /// The verdict of each claim.
    pub claims: BTreeMap<String, String>,
    /// BLAKE3 of each file.
    pub files: BTreeMap<String, String>,
    /// What each cell's numbers depend on, hashed, in the order of the cells.
    pub cells: Vec<String>,
    /// What the sweep sets in each cell, as `key=value`; none in manifests that do not say it yet.
    #[serde(default)]
    pub points: Vec<Vec<String>>,
    /// What the numbers depend on, key by key, as it stood in the spec: see [`crate::Spec::settings`]; none in manifests that
    /// do not say it yet.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

impl Manifest {
    /// The replicates of the cells as a manifest has them: none if they are all the same.
    #[must_use]
    pub fn differing(replicates: Vec<u64>) -> Vec<u64> {
        if replicates.windows(2).all(|pair| pair[0] == pair[1]) { Vec::new() } else { replicates }
    }

    /// The replicates of a cell.
    #[must_use]
    pub fn replicates_of(&self, cell: usize) -> u64 {
        self.cell_replicates.get(cell).copied().unwrap_or(self.replicates)
    }

    /// The fewest and the most replicates of a cell.
    #[must_use]
    pub fn range_of_replicates(&self) -> (u64, u64) {
        (self.cell_replicates.iter().copied().min().unwrap_or(self.replicates), self.replicates)
    }

    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none, [`StoreError::Corrupt`] if it is no manifest, [`StoreError::Io`].
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::Missing { path: folder.to_owned() });
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(StoreError::Corrupt { path, reason: "it is no text".to_owned() });
            }
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        let corrupt = |reason: String| StoreError::Corrupt { path: path.clone(), reason };
        match text.strip_prefix(HEADER).and_then(|text| text.split_once('\n')) {
            Some((hash, body)) if atomic::hash(body.as_bytes()) == hash => {
                toml::from_str(body).map_err(|error| corrupt(error.message().replace('\n', " ")))
            }
            _ => Err(corrupt("its content does not have the hash in its first line".to_owned())),
        }
    }

    /// Removes the manifest of a folder, if there is one, and returns the names of the files that it vouched for.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn withdraw(folder: &Path) -> Result<Vec<String>, StoreError> {
        let files = Manifest::read(folder).map_or(Vec::new(), |manifest| manifest.files.into_keys().collect());
        atomic::remove(&folder.join(FILE))?;
        Ok(files)
    }

    /// The manifest of a folder, ready to take its name.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn prepare(&self, folder: &Path) -> Result<Prepared, StoreError> {
        let path = folder.join(FILE);
        let text = toml::to_string(self).map_err(|error| StoreError::corrupt(&path, &error.to_string()))?;
        let hash = atomic::hash(text.as_bytes());
        Prepared::new(Writer::Alone, &path, format!("{HEADER}{hash}\n{text}").as_bytes())
    }

    /// Checks every file that the manifest names against its hash.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that is missing or changed, [`StoreError::Io`].
    pub fn verify(&self, folder: &Path) -> Result<(), StoreError> {
        for name in self.files.keys() {
            self.content(folder, name)?;
        }
        Ok(())
    }

    /// The content of a file that the manifest vouches for.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if it is missing or another one, [`StoreError::Io`].
    pub fn content(&self, folder: &Path, name: &str) -> Result<Vec<u8>, StoreError> {
        let path = folder.join(name);
        let content = match std::fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::corrupt(&path, "it is missing"));
            }
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        match self.files.get(name) {
            Some(expected) if atomic::hash(&content) == *expected => Ok(content),
            _ => Err(StoreError::corrupt(&path, "its hash is not that of the manifest")),
        }
    }

    /// What the results are, if a run of the spec `name` should not take their place unasked; `None` if it may.
    #[must_use]
    pub fn belongs_elsewhere(&self, name: &str) -> Option<String> {
        if self.spec != name {
            Some(format!("results of the spec {}", self.spec))
        } else if self.engine != crate::VERSION {
            Some(format!("results of engine {}", self.engine))
        } else if self.stream_version != STREAM_VERSION {
            Some(format!("results of random streams {}", self.stream_version))
        } else {
            None
        }
    }

    /// In what the results differ from what the spec of this hash would now give; `None` if they are its own.
    #[must_use]
    pub fn staleness(&self, spec_hash: &str) -> Option<&'static str> {
        if self.spec_hash != spec_hash {
            Some("another text of this spec")
        } else if self.schema != LANGUAGE_VERSION {
            Some("another version of the language")
        } else if self.stream_version != STREAM_VERSION {
            Some("other random streams")
        } else {
            None
        }
    }
}
