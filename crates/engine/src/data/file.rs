//! A file as it is read: its bytes, unpacked, and the hash of what stands on the disk.

use std::io::{Read, Take};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::DataError;

/// The most bytes that are read from a file, packed and unpacked.
pub(super) const MOST_BYTES: u64 = 1 << 30;

/// What packed files begin with, and no format that we read.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file.
#[derive(Debug)]
pub(super) struct File {
    /// Its path, for messages.
    pub(super) name: String,
    /// What stands in it, unpacked if it was packed by gzip.
    pub(super) bytes: Vec<u8>,
    /// BLAKE3 of the file as it stands on the disk.
    pub(super) hash: blake3::Hash,
}

impl File {
    /// Reads a plain file once.
    ///
    /// # Errors
    /// [`DataError::Unreadable`], [`DataError::TooLarge`].
    pub(super) fn read(path: &Path) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let unreadable = |source| DataError::Unreadable { file: name.clone(), source };
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(unreadable(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a plain file")));
        }
        let stored = bounded(std::fs::File::open(path).map_err(unreadable)?.take(MOST_BYTES + 1), &name)?;
        let hash = blake3::hash(&stored);
        let bytes = match stored.starts_with(&GZIP) {
            true => bounded(MultiGzDecoder::new(stored.as_slice()).take(MOST_BYTES + 1), &name)?,
            false => stored,
        };
        Ok(File { name, bytes, hash })
    }
}

/// All bytes, of which a reader gives at most one too many.
fn bounded(mut reader: Take<impl Read>, file: &str) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|source| DataError::Unreadable { file: file.to_owned(), source })?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(DataError::TooLarge { file: file.to_owned() }),
        false => Ok(bytes),
    }
}
