//! The plan of shards: what all processes that fill one folder must agree on, written by the first of them.

use std::io::ErrorKind;
use std::path::Path;

use sampling::stream::STREAM_VERSION;
use serde::{Deserialize, Serialize};

use super::{StoreError, atomic};
use crate::spec::{LANGUAGE_VERSION, Spec};

/// Its name in the folder.
pub const FILE: &str = "shards.toml";

const HEADER: &str = "# What all shards that write into this folder agree on. `cargo xtask merge` removes it.\n";

/// Spec, versions, seed, and the number of shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardPlan {
    /// Name of the spec.
    pub spec: String,
    /// BLAKE3 of the spec without comments, spelling and the order of keys.
    pub spec_hash: String,
    /// The seed in force.
    pub seed: u64,
    /// N.
    pub shards: usize,
    /// Version of the experiment language.
    pub schema: u32,
    /// Version of the engine.
    pub engine: String,
    /// Version of the map from keys to random numbers.
    pub stream_version: u32,
}

impl ShardPlan {
    /// The plan of a spec in so many shards by this engine.
    #[must_use]
    pub fn new(spec: &Spec, shards: usize) -> Self {
        ShardPlan {
            spec: spec.place(),
            spec_hash: spec.hash.clone(),
            seed: spec.seed,
            shards,
            schema: LANGUAGE_VERSION,
            engine: crate::VERSION.to_owned(),
            stream_version: STREAM_VERSION,
        }
    }

    /// The plan in a folder, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if it is none, [`StoreError::Io`].
    pub fn read(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map(Some).map_err(|error| {
                let reason = format!("{}; `plan --shards N --force` replaces it", error.message().replace('\n', " "));
                StoreError::Corrupt { path, reason }
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    /// Makes sure that this is the plan of a folder: writes it if there is none. Of several processes, one writes.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] if there is another plan, [`StoreError`] otherwise.
    pub fn agree(&self, folder: &Path) -> Result<(), StoreError> {
        if ShardPlan::read(folder)?.is_none() {
            match atomic::create(&folder.join(FILE), &self.text(folder)?) {
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
                result => return result,
            }
        }
        match ShardPlan::read(folder)?.and_then(|other| self.difference(&other)) {
            Some(of) => Err(StoreError::foreign(folder, of)),
            None => Ok(()),
        }
    }

    /// Makes this the plan of a folder, whatever was there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn replace(&self, folder: &Path) -> Result<(), StoreError> {
        atomic::write(&folder.join(FILE), &self.text(folder)?)
    }

    /// Whose plan another one is, if not this one.
    #[must_use]
    pub fn difference(&self, other: &ShardPlan) -> Option<String> {
        Some(match other {
            other if other.spec != self.spec => format!("shards of the spec {}", other.spec),
            other if other.spec_hash != self.spec_hash => "shards of another text of this spec".to_owned(),
            other if other.seed != self.seed => format!("shards of seed {}", other.seed),
            other if other.engine != self.engine => format!("shards of engine {}", other.engine),
            other if (other.stream_version, other.schema) != (self.stream_version, self.schema) => {
                "shards of another version of the engine".to_owned()
            }
            other if other.shards != self.shards => format!("a plan of {} shards", other.shards),
            _ => return None,
        })
    }

    fn text(&self, folder: &Path) -> Result<Vec<u8>, StoreError> {
        let text =
            toml::to_string(self).map_err(|error| StoreError::corrupt(&folder.join(FILE), &error.to_string()))?;
        Ok(format!("{HEADER}{text}").into_bytes())
    }
}
