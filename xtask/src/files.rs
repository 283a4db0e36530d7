//! Files and folders, with errors that name them.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::error::{Context, Error, Result};
use crate::progress::Progress;

/// A file's text.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).context(|| format!("{} cannot be read", file.display()))
}

/// Removes a folder with everything in it, so that what is put there next is alone; there may be none.
///
/// # Errors
/// When it cannot be removed.
pub fn clear(folder: &Path) -> Result {
    if folder.exists() {
        fs::remove_dir_all(folder).context(|| format!("folder {} cannot be removed", folder.display()))?;
    }
    Ok(())
}

/// Opens a lock file, which is made when it is missing.
///
/// # Errors
/// When it cannot be made.
pub fn lock_file(path: &Path) -> Result<File> {
    File::create(path).context(|| format!("lock {} cannot be made", path.display()))
}

/// Has a lock to oneself until the file is closed or unlocked; whoever has to wait is told for what.
///
/// # Errors
/// When it cannot be taken.
pub fn lock(file: &File, progress: &Progress, waiting_for: &str) -> Result {
    let what = || "a lock cannot be taken".to_owned();
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            progress.say(format!("waiting for {waiting_for}"));
            file.lock().context(what)
        }
        Err(TryLockError::Error(error)) => Err(Error::new(error.to_string())).context(what),
    }
}
