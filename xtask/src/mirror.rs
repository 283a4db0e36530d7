//! A filesystem mirror with this provider in it, so that a real `terraform init` installs it without a network.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::artifacts::{Artifacts, PROVIDER};
use crate::error::{Context, Result};
use crate::files;
use crate::platform::Platform;
use crate::progress::Progress;
use crate::repo::VERSION;

/// The provider's address.
pub const ADDRESS: &str = "registry.terraform.io/datalake/datalake";

/// A folder laid out as Terraform wants it, and the configuration that names it.
#[derive(Debug, Clone)]
pub struct Mirror {
    root: PathBuf,
    /// Keeps other commands from replacing what is in it.
    _lease: Option<Arc<File>>,
}

impl Mirror {
    /// Lays the mirror out in a folder, replacing what is there.
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub fn lay(root: &Path, artifacts: &Artifacts) -> Result<Self> {
        let mirror = Self::at(root);
        let package = mirror.package();
        fs::create_dir_all(&package).context(|| format!("folder {} cannot be made", package.display()))?;
        place(&artifacts.provider, &package, &format!("{PROVIDER}_v{VERSION}"))?;
        for bundle in &artifacts.bundles {
            place(&bundle.zip, &package, &bundle.architecture.zip_name())?;
        }
        let config = mirror.cli_config();
        fs::write(&config, config_text(&mirror.root.join("mirror")))
            .context(|| format!("{} cannot be written", config.display()))?;
        Ok(mirror)
    }

    /// The mirror in a folder that several commands use at once: as long as one does, none replaces it with another.
    ///
    /// # Errors
    /// When a file cannot be copied, or the folder cannot be locked.
    pub fn leased(root: &Path, artifacts: &Artifacts, progress: &Progress) -> Result<Self> {
        let lock = files::lock_file(&root.join(".lock"))?;
        let what = || format!("{} cannot be locked", root.display());
        let (stamp, stamp_file) = (stamp(artifacts)?, root.join(".stamp"));
        loop {
            lock.lock_shared().context(what)?;
            if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
                return Ok(Self { _lease: Some(Arc::new(lock)), ..Self::at(root) });
            }
            lock.unlock().context(what)?;
            files::lock(&lock, progress, "another command that uses what was built before")?;
            Self::lay(root, artifacts)?;
            fs::write(&stamp_file, &stamp)
                .context(|| format!("{} cannot be written", stamp_file.display()))?;
            lock.unlock().context(what)?;
        }
    }

    /// A mirror laid out before, by another process.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf(), _lease: None }
    }

    /// The folder it was laid out in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Terraform's CLI configuration file, for `TF_CLI_CONFIG_FILE`.
    #[must_use]
    pub fn cli_config(&self) -> PathBuf {
        self.root.join("terraform.tfrc")
    }

    /// The folder with the provider and its bundles.
    #[must_use]
    pub fn package(&self) -> PathBuf {
        self.root.join("mirror").join(ADDRESS).join(VERSION).join(Platform::HOST.name)
    }

    /// The provider's binary in the mirror.
    #[must_use]
    pub fn provider(&self) -> PathBuf {
        self.package().join(format!("{PROVIDER}_v{VERSION}"))
    }
}

/// What tells files from those that were built before or after them.
fn stamp(artifacts: &Artifacts) -> Result<String> {
    let sources = artifacts.bundles.iter().map(|bundle| &bundle.zip);
    let mut text = String::new();
    for source in sources.chain([&artifacts.provider]) {
        let data = fs::metadata(source).context(|| format!("{} was not built", source.display()))?;
        let _ = writeln!(text, "{} {} {:?}", source.display(), data.len(), data.modified().ok());
    }
    Ok(text)
}

/// Copied beside and renamed: a provider that is running keeps its file.
fn place(source: &Path, folder: &Path, name: &str) -> Result {
    let (fresh, target) = (folder.join(format!(".{name}.{}", std::process::id())), folder.join(name));
    fs::copy(source, &fresh)
        .and_then(|_| fs::rename(&fresh, &target))
        .context(|| format!("{} cannot be copied to {}", source.display(), target.display()))
}

/// Terraform's CLI configuration that installs from this mirror and nowhere else: a typing error must not reach for a
/// registry.
#[must_use]
pub fn config_text(mirror: &Path) -> String {
    let path = mirror.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "disable_checkpoint = true\n\nprovider_installation {{\n  filesystem_mirror {{\n    path    = \"{path}\"\n    \
         include = [\"registry.terraform.io/*/*\"]\n  }}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_terraforms() {
        let root = std::env::temp_dir().join(format!("xtask-mirror-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let provider = root.join("built");
        fs::write(&provider, "binary").unwrap();
        let mirror = Mirror::lay(&root, &Artifacts { provider, bundles: Vec::new() }).unwrap();
        let expected = format!(
            "mirror/registry.terraform.io/datalake/datalake/{VERSION}/{}/terraform-provider-datalake_v{VERSION}",
            Platform::HOST.name
        );
        assert_eq!(fs::read_to_string(root.join(expected)).unwrap(), "binary");
        assert!(fs::read_to_string(mirror.cli_config()).unwrap().contains("filesystem_mirror"));
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn a_mirror_in_use_is_not_replaced_by_another() {
        let root = std::env::temp_dir().join(format!("xtask-leased-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let built = |content: &str| {
            let provider = root.join("built");
            fs::write(&provider, content).unwrap();
            Artifacts { provider, bundles: Vec::new() }
        };
        let progress = Progress::default();
        let first = built("first");
        let held = [(); 2].map(|()| Mirror::leased(&root, &first, &progress).unwrap());
        let provider = held[0].provider();
        let found = || fs::read_to_string(&provider).unwrap();
        let second = built("second one");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Mirror::leased(&root, &second, &progress).unwrap());
            std::thread::sleep(std::time::Duration::from_millis(200));
            assert!(!waiting.is_finished() && found() == "first");
            drop(held);
            waiting.join().unwrap();
            assert_eq!(found(), "second one");
        });
        fs::remove_dir_all(&root).unwrap();
    }
}
