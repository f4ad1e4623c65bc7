//! One run at a time in a folder: a kernel lock, which frees itself when its process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::{StoreError, refuse_link};

/// A held lock; dropping it frees the folder.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `folder`, and so proves that the folder can be written.
    ///
    /// On NFS, where a lock may block for ever, it is not locked: two runs there write the same bytes under the same names.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process holds it, [`StoreError::Link`] if it or the folder is a link,
    /// [`StoreError::Io`] if the folder cannot be written.
    pub fn take(folder: &Path) -> Result<Self, StoreError> {
        refuse_link(folder)?;
        let path = folder.join("run.lock");
        refuse_link(&path)?;
        let open = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(StoreError::io("write", &path))?;
        match if is_on_nfs(&file) { Ok(()) } else { file.try_lock() } {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder's own description is a courtesy: without it, the lock still holds.
                let described = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
                let holder = if described { holder.trim().to_owned() } else { "another run".to_owned() };
                return Err(StoreError::Busy { path: folder.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", &path)(source)),
        }
        let describe = |file: &mut File| -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "process {}", std::process::id())
        };
        describe(&mut file).map_err(StoreError::io("write", &path))?;
        Ok(Lock { _file: file })
    }
}

#[cfg(target_os = "linux")]
fn is_on_nfs(file: &File) -> bool {
    const NFS_SUPER_MAGIC: u64 = 0x6969;
    rustix::fs::fstatfs(file).is_ok_and(|of| u64::try_from(of.f_type) == Ok(NFS_SUPER_MAGIC))
}

#[cfg(not(target_os = "linux"))]
fn is_on_nfs(_: &File) -> bool {
    false
}
