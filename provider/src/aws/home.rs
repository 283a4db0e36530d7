//! Paths of files as people write them in a provider block.

use std::path::PathBuf;

/// The path, a leading `~/` being the user's home.
pub fn expand(path: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    match (path.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
