//! HashiCorp's AWS provider, where it lies in a filesystem mirror of this machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::mirror::{ADDRESS, Mirror};

/// Names a mirror with the AWS provider in it, instead of [`PLACES`].
const VARIABLE: &str = "DATALAKE_AWS_MIRROR";
/// Where Terraform looks by itself, and where a machine's own programs lie.
const PLACES: [&str; 3] =
    ["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/tf-plugins"];
const AWS: &str = "registry.terraform.io/hashicorp/aws";

/// A mirror with the AWS provider.
#[derive(Debug, Clone)]
pub struct AwsPlugin {
    root: PathBuf,
}

impl AwsPlugin {
    /// The first mirror that holds it; without one, says what is skipped.
    #[must_use]
    pub fn find() -> Option<Self> {
        let given = std::env::var_os(VARIABLE).map(PathBuf::from);
        let places = given.into_iter().chain(PLACES.iter().map(PathBuf::from));
        let found = places.map(|root| Self { root }).find(|plugin| plugin.root.join(AWS).is_dir());
        if found.is_none() {
            eprintln!("skipped: no mirror with {AWS} is in {VARIABLE} or {}", PLACES.join(", "));
        }
        found
    }

    /// The version that the mirror holds; the last of several.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        let versions = fs::read_dir(self.root.join(AWS)).ok()?.flatten();
        versions.map(|entry| entry.file_name().to_string_lossy().into_owned()).max()
    }

    /// A mirror's configuration in a folder of its own, by which Terraform finds our provider and the AWS provider.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn beside(&self, ours: &Mirror, folder: &Path) -> Result<Mirror> {
        let both = Mirror::at(folder);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(both.cli_config(), self.cli_config(ours)))
            .context(|| format!("{} cannot be written", both.cli_config().display()))?;
        Ok(both)
    }

    /// Terraform's CLI configuration: our provider from the one mirror, the AWS provider from this one, nothing else.
    fn cli_config(&self, ours: &Mirror) -> String {
        let mirror = |path: &Path, include: &str| {
            let path = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
            format!("  filesystem_mirror {{\n    path    = \"{path}\"\n    include = [\"{include}\"]\n  }}\n")
        };
        format!(
            "disable_checkpoint = true\n\nprovider_installation {{\n{}{}}}\n",
            mirror(&ours.root().join("mirror"), ADDRESS),
            mirror(&self.root, AWS)
        )
    }
}
