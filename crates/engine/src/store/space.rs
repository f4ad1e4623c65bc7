//! Whether there is room on the disk, asked before anything is simulated.

use std::path::Path;

use super::StoreError;

/// Refuses a folder in which there is no room for half of what is needed: an estimate that is too high by a factor of two
/// should stop nobody.
///
/// # Errors
/// [`StoreError::Full`].
pub fn require(folder: &Path, needed: u64) -> Result<(), StoreError> {
    match available(folder) {
        Some(available) if available < needed / 2 => {
            Err(StoreError::Full { path: folder.to_owned(), available, needed })
        }
        _ => Ok(()),
    }
}

/// Bytes that this user may write; `None` where the system does not say.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn available(folder: &Path) -> Option<u64> {
    let of = rustix::fs::statvfs(folder).ok()?;
    of.f_bavail.checked_mul(of.f_frsize)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn available(_: &Path) -> Option<u64> {
    None
}
