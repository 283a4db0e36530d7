//! A filesystem mirror with this provider in it, so that a real `terraform init` installs it without a network.

use std::fs;
use std::path::{Path, PathBuf};

use crate::artifacts::{Artifacts, PROVIDER};
use crate::error::{Context, Result};
use crate::platform::Platform;
use crate::repo::VERSION;

/// The provider's address.
pub const ADDRESS: &str = "registry.terraform.io/datalake/datalake";

/// A folder laid out as Terraform wants it, and the configuration that names it.
#[derive(Debug, Clone)]
pub struct Mirror {
    root: PathBuf,
}

impl Mirror {
    /// Lays the mirror out in a folder, replacing what is there.
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub fn lay(root: &Path, artifacts: &Artifacts) -> Result<Self> {
        let mirror = Self { root: root.to_path_buf() };
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

    /// A mirror laid out before, by another process.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
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
}
