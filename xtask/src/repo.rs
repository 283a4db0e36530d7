//! The clone the commands work in, and the folders they may write to.

use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};

/// The workspace's version, which is the provider's.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A clone of this repository.
#[derive(Debug, Clone)]
pub struct Repo {
    root: PathBuf,
    target: PathBuf,
}

impl Repo {
    /// The clone that holds this package; `CARGO_TARGET_DIR` moves its build folder.
    ///
    /// # Errors
    /// When neither cargo's package folder nor the working directory lies inside a clone.
    pub fn find() -> Result<Self> {
        let here = std::env::current_dir().context(|| "the working directory cannot be read".to_owned())?;
        // A binary in a shared build folder may have been built for another clone: ask the running cargo first.
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = package.iter().chain([&here]).find_map(|start| root_above(start)).ok_or_else(|| {
            Error::new(format!(
                "{} is not inside a clone of the repository: change to one and try again",
                here.display()
            ))
        })?;
        let target = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
        let target = root.join(target.map_or_else(|| PathBuf::from("target"), PathBuf::from));
        Ok(Self { root, target })
    }

    /// The root of the clone.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the clone.
    #[must_use]
    pub fn join(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Cargo's build folder; everything the commands make lies under it.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Downloaded tools: kept between runs, and by CI between clones.
    #[must_use]
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A folder for logs, the mirror and working copies, made when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn work_dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.target.join("xtask").join(name);
        std::fs::create_dir_all(&dir).context(|| format!("folder {} cannot be made", dir.display()))?;
        Ok(dir)
    }
}

fn root_above(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|dir| dir.join("xtask/Cargo.toml").is_file()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clone_is_found_from_inside() {
        let repo = Repo::find().unwrap();
        assert!(repo.join("Cargo.toml").is_file());
        assert_eq!(root_above(&repo.join("xtask/src")).as_deref(), Some(repo.root()));
        assert_eq!(root_above(Path::new("/")), None);
    }
}
