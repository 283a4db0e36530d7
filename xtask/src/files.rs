//! Files and folders, with errors that name them.

use std::fs;
use std::path::Path;

use crate::error::{Context, Result};

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
