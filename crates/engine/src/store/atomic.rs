//! Files that appear whole or not at all: a temporary file in the same folder, synced, renamed, and the folder synced.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::StoreError;

/// Who writes a temporary file, as its name begins: [`clean`] removes those of killed writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// A command that holds the folder's lock, so that all such files of others are left over.
    Alone,
    /// One of several shards, none of which knows whether another one is still writing.
    Shard,
}

impl Writer {
    fn prefix(self) -> &'static str {
        match self {
            Writer::Alone => ".tmp-",
            Writer::Shard => ".shard-tmp-",
        }
    }
}

/// Writes `content` to `path` so that, whatever happens, the old file or the whole new one stands there.
///
/// # Errors
/// [`StoreError::Io`]; the old file is then untouched, and no temporary file is left.
pub fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    write_as(Writer::Alone, path, content)
}

/// The same for a writer of this kind.
///
/// # Errors
/// [`StoreError::Io`]; the old file is then untouched, and no temporary file is left.
pub fn write_as(writer: Writer, path: &Path, content: &[u8]) -> Result<(), StoreError> {
    Prepared::new(writer, path, content)?.publish()
}

/// A file that is on the disk whole, and has yet to take its name: what can fail for lack of room is over.
#[derive(Debug)]
pub struct Prepared {
    file: NamedTempFile,
    path: PathBuf,
}

impl Prepared {
    /// A synced temporary file beside `path`, with the permissions that it is to have.
    ///
    /// # Errors
    /// [`StoreError::Io`]; no temporary file is left.
    pub fn new(writer: Writer, path: &Path, content: &[u8]) -> Result<Self, StoreError> {
        let folder = folder_of(path);
        let file = NamedTempFile::with_prefix_in(writer.prefix(), folder);
        let mut file = file.map_err(StoreError::io("write into", folder))?;
        file.write_all(content).map_err(StoreError::io("write", path))?;
        // Once a sync has failed, the kernel may have dropped the data: the file is abandoned, not synced again.
        file.as_file().sync_all().map_err(StoreError::io("sync", path))?;
        make_readable(&file).map_err(StoreError::io("set the permissions of", path))?;
        Ok(Prepared { file, path: path.to_owned() })
    }

    /// Gives it its name, in the place of an old file.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn publish(self) -> Result<(), StoreError> {
        let Prepared { file, path } = self;
        file.persist(&path).map_err(|error| StoreError::io("rename to", &path)(error.error))?;
        sync_folder(&path)
    }
}

/// The same for a file that must not be there yet.
///
/// # Errors
/// [`StoreError::Io`], of the kind `AlreadyExists` if it is there.
pub fn create(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let file = Prepared::new(Writer::Alone, path, content)?.file;
    file.persist_noclobber(path).map_err(|error| StoreError::io("rename to", path)(error.error))?;
    sync_folder(path)
}

/// The folder of a file, which is the current one for a bare name.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = folder_of(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io("sync the folder", folder))
}

/// Removes a file, if it is there, and syncs its folder.
///
/// # Errors
/// [`StoreError::Io`].
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::io("remove", path)(error));
        }
        _ => {}
    }
    sync_folder(path)
}

/// Puts a folder with files that are synced already in the place of another, or where none is yet.
///
/// Where the system can exchange two folders (Linux and macOS, on most file systems), one of the two stands there whatever
/// happens; elsewhere a moment has neither, and a crash in it leaves none.
///
/// # Errors
/// [`StoreError::Io`]; the old folder then stays.
pub fn replace_folder(folder: &Path, new: TempDir) -> Result<(), StoreError> {
    make_folder_readable(&new).map_err(StoreError::io("set the permissions of", new.path()))?;
    if folder.exists() && !exchanged(new.path(), folder) {
        let parent = folder.parent().unwrap_or(Path::new("."));
        let aside = tempfile::Builder::new().prefix(".tmp-").tempdir_in(parent);
        let aside = aside.map_err(StoreError::io("write into", parent))?;
        let old = aside.path().join("old");
        std::fs::rename(folder, &old).map_err(StoreError::io("move away", folder))?;
        if let Err(error) = std::fs::rename(new.path(), folder) {
            let restored = std::fs::rename(&old, folder);
            return Err(StoreError::io("rename to", folder)(restored.err().unwrap_or(error)));
        }
    } else if !folder.exists() {
        std::fs::rename(new.path(), folder).map_err(StoreError::io("rename to", folder))?;
    }
    // What `new` holds now, the old folder or nothing, goes with it.
    sync_folder(folder)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchanged(new: &Path, old: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchanged(_: &Path, _: &Path) -> bool {
    false
}

#[cfg(unix)]
fn make_folder_readable(folder: &TempDir) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_folder_readable(_: &TempDir) -> std::io::Result<()> {
    Ok(())
}

/// Temporary files are private; results are for everyone.
#[cfg(unix)]
fn make_readable(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// Removes temporary files and folders that killed writers of this kind have left in `folder`.
///
/// # Errors
/// [`StoreError::Io`].
pub fn clean(folder: &Path, writer: Writer) -> Result<(), StoreError> {
    let entries = std::fs::read_dir(folder).map_err(StoreError::io("read", folder))?;
    for entry in entries {
        let entry = entry.map_err(StoreError::io("read", folder))?;
        let path = entry.path();
        if !entry.file_name().to_string_lossy().starts_with(writer.prefix()) {
            continue;
        }
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.map_err(StoreError::io("remove", &path))?;
    }
    Ok(())
}

/// BLAKE3 of a content, in hexadecimal.
#[must_use]
pub fn hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}
