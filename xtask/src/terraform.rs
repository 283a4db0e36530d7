//! Terraform in a working copy of a configuration.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{Output, Run, tail};
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::files::clear;
use crate::mirror::Mirror;
use crate::tools::terraform::Terraform;

/// Variables of the caller's that would change what Terraform does.
pub const STRAY: [&str; 12] = [
    "AWS_CONFIG_FILE",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_apply",
    "TF_CLI_ARGS_init",
    "TF_CLI_ARGS_plan",
    "TF_DATA_DIR",
    "TF_PLUGIN_CACHE_DIR",
    "TF_REATTACH_PROVIDERS",
    "TF_WORKSPACE",
];

/// What a configuration says that takes our provider from a mirror.
pub const REQUIRED: &str =
    "terraform {\n  required_providers {\n    datalake = { source = \"datalake/datalake\" }\n  }\n}\n";

/// A folder with a configuration and its state.
#[derive(Debug, Clone)]
pub struct Workspace {
    terraform: Terraform,
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a plan found.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether anything would change.
    pub changes: bool,
    /// What Terraform printed.
    pub text: String,
}

impl Workspace {
    /// A folder as it is. `environment` is for the provider: credentials, endpoint.
    #[must_use]
    pub fn at(
        terraform: &Terraform,
        mirror: &Mirror,
        folder: &Path,
        environment: &[(String, String)],
    ) -> Self {
        let mut environment = environment.to_vec();
        environment.extend(mirror_environment(mirror));
        Self { terraform: terraform.clone(), folder: folder.to_path_buf(), environment }
    }

    /// A fresh copy of an example, without what Terraform left in it.
    ///
    /// # Errors
    /// When the folder cannot be copied.
    pub fn copy_of(
        example: &Path,
        terraform: &Terraform,
        mirror: &Mirror,
        folder: &Path,
        environment: &[(String, String)],
    ) -> Result<Self> {
        clear(folder)?;
        copy(example, folder)
            .context(|| format!("{} cannot be copied to {}", example.display(), folder.display()))?;
        Ok(Self::at(terraform, mirror, folder, environment))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A Terraform command, not yet started.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Run {
        let run = Run::new(&self.terraform.program).args(arguments).dir(&self.folder);
        let run = STRAY.iter().fold(run, |run, name| run.env_remove(name));
        run.envs(&self.environment)
    }

    /// Runs a command, whatever its exit code.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        self.command(arguments).output()
    }

    /// Runs a command that must succeed, and returns its standard output.
    ///
    /// # Errors
    /// When it does not: with what Terraform said.
    pub fn text(&self, arguments: &[&str]) -> Result<String> {
        self.command(arguments).text()
    }

    /// `terraform init`, from the mirror only.
    ///
    /// # Errors
    /// When it fails.
    pub fn init(&self) -> Result {
        self.text(&["init", "-input=false", "-no-color"]).map(drop)
    }

    /// `terraform plan`, with more arguments such as `-refresh=false` or `-destroy`.
    ///
    /// # Errors
    /// When it fails.
    pub fn plan(&self, more: &[&str]) -> Result<Plan> {
        let arguments = [&["plan", "-input=false", "-no-color", "-detailed-exitcode"], more].concat();
        let output = self.run(&arguments)?;
        match output.code {
            Some(0 | 2) => Ok(Plan { changes: output.code == Some(2), text: output.stdout }),
            _ => Err(self.failed(&arguments, &output)),
        }
    }

    /// A plan that must be empty.
    ///
    /// # Errors
    /// When it is not: with what would change.
    pub fn expect_no_changes(&self, more: &[&str]) -> Result {
        let plan = self.plan(more)?;
        ensure!(
            !plan.changes,
            "a plan that must be empty is not ({}):\n{}",
            more.join(" "),
            tail(&plan.text, 60)
        );
        Ok(())
    }

    /// `terraform apply` without asking; returns what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub fn apply(&self, more: &[&str]) -> Result<String> {
        self.text(&[&["apply", "-input=false", "-no-color", "-auto-approve"], more].concat())
    }

    /// `terraform destroy` without asking; returns what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub fn destroy(&self) -> Result<String> {
        self.text(&["destroy", "-input=false", "-no-color", "-auto-approve"])
    }

    /// `terraform show -json`, of the state or of a plan file.
    ///
    /// # Errors
    /// When it fails or does not answer in JSON.
    pub fn show(&self, plan_file: Option<&str>) -> Result<Value> {
        let arguments: Vec<&str> = ["show", "-json", "-no-color"].into_iter().chain(plan_file).collect();
        self.json(&arguments)
    }

    /// `terraform providers schema -json`.
    ///
    /// # Errors
    /// When it fails or does not answer in JSON.
    pub fn schema(&self) -> Result<Value> {
        self.json(&["providers", "schema", "-json"])
    }

    /// The values of one resource in the state, e.g. `datalake_pipeline.this`.
    ///
    /// # Errors
    /// When the state cannot be read or has no such resource.
    pub fn resource(&self, address: &str) -> Result<Value> {
        let state = self.show(None)?;
        let resources = state["values"]["root_module"]["resources"].as_array();
        let found = resources.into_iter().flatten().find(|resource| resource["address"] == address);
        found.map(|resource| resource["values"].clone()).ok_or_else(|| {
            Error::new(format!("the state in {} has no resource {address}", self.folder.display()))
        })
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.text(arguments)?;
        serde_json::from_str(&text)
            .context(|| format!("`terraform {}` does not answer in JSON", arguments.join(" ")))
    }

    fn failed(&self, arguments: &[&str], output: &Output) -> Error {
        let said = format!("{}{}", output.stdout, output.stderr);
        Error::new(format!(
            "`terraform {}` failed in {}:\n{}",
            arguments.join(" "),
            self.folder.display(),
            tail(&said, 60)
        ))
    }
}

/// What Terraform needs to find the provider and to keep to itself.
#[must_use]
pub fn mirror_environment(mirror: &Mirror) -> Vec<(String, String)> {
    let config = mirror.cli_config().to_string_lossy().into_owned();
    let pairs = [
        ("TF_CLI_CONFIG_FILE", &*config),
        ("CHECKPOINT_DISABLE", "1"),
        ("TF_IN_AUTOMATION", "1"),
        ("TF_INPUT", "0"),
        // The command that chose the shim has said so once.
        ("DATALAKE_QUIET_SHIM", "1"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// Copies a folder without what Terraform left in it.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.starts_with(".terraform") || text.contains(".tfstate") {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to.join(&name))?,
            false => fs::copy(entry.path(), to.join(&name)).map(drop)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_leaves_terraforms_own_files_behind() {
        let base = std::env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        let from = base.join("from");
        fs::create_dir_all(from.join("data")).unwrap();
        fs::create_dir_all(from.join(".terraform/providers")).unwrap();
        for name in ["main.tf", "data/a.json", "terraform.tfstate", ".terraform.lock.hcl"] {
            fs::write(from.join(name), "x").unwrap();
        }
        copy(&from, &base.join("to")).unwrap();
        let there = |name: &str| base.join("to").join(name).exists();
        assert!(there("main.tf") && there("data/a.json"));
        assert!(!there("terraform.tfstate") && !there(".terraform") && !there(".terraform.lock.hcl"));
        fs::remove_dir_all(&base).unwrap();
    }
}
