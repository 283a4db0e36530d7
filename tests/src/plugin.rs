//! HashiCorp's AWS provider, where it lies in a filesystem mirror of this machine.

use std::path::{Path, PathBuf};

use xtask::error::{Error, Result};
use xtask::mirror::{ADDRESS, Mirror};

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
    /// The first mirror that holds it; without one, says that a test is skipped.
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

    /// Makes it known in a folder where Terraform looks by itself.
    ///
    /// # Errors
    /// When a link cannot be made.
    pub fn link_into(&self, plugins: &Path) -> Result {
        let (from, to) = (self.root.join(AWS), plugins.join(AWS));
        std::fs::create_dir_all(to.parent().unwrap_or(plugins))
            .and_then(|()| std::os::unix::fs::symlink(&from, &to))
            .map_err(|error| Error::new(format!("{}: {error}", to.display())))
    }

    /// Terraform's CLI configuration: our provider from the one mirror, the AWS provider from this one, nothing else.
    #[must_use]
    pub fn cli_config(&self, ours: &Mirror) -> String {
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
