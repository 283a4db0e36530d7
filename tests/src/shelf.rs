//! The modules and examples of the clone, copied side by side so that their relative paths hold, with a cloud of their own.

use std::fs;
use std::path::PathBuf;

use crate::AwsPlugin;
use serde_json::Value;
use xtask::cloud::{Cloud, Options};
use xtask::error::{Error, Result};
use xtask::kit::Kit;
use xtask::lake::Lake;
use xtask::mirror::Mirror;
use xtask::terraform::{Workspace, copy};

/// Modules and examples that need the AWS provider, which is there where a mirror has it.
pub const WITH_AWS: [&str; 3] = ["alarms", "pipeline-native", "team-workspace"];

/// The copies and the cloud.
pub struct Shelf {
    /// A client of the cloud.
    pub lake: Lake,
    kit: Kit,
    mirror: Mirror,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    _cloud: Cloud,
}

impl Shelf {
    /// Copies everything and starts a cloud; the name keeps its files apart.
    ///
    /// # Errors
    /// When something cannot be copied or started.
    pub fn new(name: &str) -> Result<Self> {
        let kit = crate::kit()?;
        let folder = kit.folder(&format!("test-shelf-{name}-{}", std::process::id()))?;
        for part in ["modules", "examples"] {
            copy(&kit.repo().join(part), &folder.join(part)).map_err(failed)?;
        }
        let cloud = kit.cloud(&folder, &Options::default())?;
        let environment = cloud.environment();
        let (lake, mirror) = (kit.lake(&environment), kit.mirror.clone());
        Ok(Self { lake, kit, mirror, folder, environment, _cloud: cloud })
    }

    /// The same with the AWS provider at hand.
    ///
    /// # Errors
    /// When the configuration that names its mirror cannot be written.
    pub fn with_aws(mut self, plugin: &AwsPlugin) -> Result<Self> {
        self.mirror = plugin.beside(&self.kit.mirror, &self.folder.join("with-aws"))?;
        Ok(self)
    }

    /// The folders in a part, sorted.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn folders(&self, part: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder.join(part)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.path().is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Terraform in one of the copies, e.g. `modules/pipeline`.
    #[must_use]
    pub fn workspace(&self, path: &str) -> Workspace {
        Workspace::at(&self.kit.terraform, &self.mirror, &self.folder.join(path), &self.environment)
    }

    /// Nothing of any pipeline may be left.
    ///
    /// # Errors
    /// When something is.
    pub fn expect_nothing_left(&self) -> Result {
        crate::expect_nothing_left(&self.lake)
    }
}

/// Every pipeline in a state, as `terraform show -json` tells it.
#[must_use]
pub fn pipelines_in(state: &Value) -> Vec<&Value> {
    find(&state["values"]["root_module"])
}

fn find(module: &Value) -> Vec<&Value> {
    let resources = module["resources"].as_array().into_iter().flatten();
    let own =
        resources.filter(|resource| resource["type"] == "datalake_pipeline").map(|found| &found["values"]);
    let below = module["child_modules"].as_array().into_iter().flatten().flat_map(find);
    own.chain(below).collect()
}

fn failed(error: std::io::Error) -> Error {
    Error::new(format!("modules and examples cannot be copied: {error}"))
}
