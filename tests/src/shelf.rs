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

    /// The one pipeline in a state, in whatever module it is.
    ///
    /// # Errors
    /// When there is none.
    pub fn pipeline(&self, work: &Workspace) -> Result<Value> {
        let state = work.show(None)?;
        find(&state["values"]["root_module"])
            .cloned()
            .ok_or_else(|| Error::new("the state has no datalake_pipeline"))
    }

    /// The ARN of a new KMS key.
    ///
    /// # Errors
    /// When none can be made.
    pub fn key(&self) -> Result<String> {
        let code = "import os, boto3\n\
            print(boto3.client('kms', region_name=os.environ['AWS_REGION']).create_key()['KeyMetadata']['Arn'])";
        let text = self.kit.venv.python().args(["-c", code]).envs(&self.environment).text()?;
        Ok(text.trim().to_owned())
    }

    /// Nothing of any pipeline may be left.
    ///
    /// # Errors
    /// When something is.
    pub fn expect_nothing_left(&self) -> Result {
        crate::expect_nothing_left(&self.lake)
    }
}

fn find(module: &Value) -> Option<&Value> {
    let resources = module["resources"].as_array().into_iter().flatten();
    let own =
        resources.filter(|resource| resource["type"] == "datalake_pipeline").map(|found| &found["values"]);
    let below = module["child_modules"].as_array().into_iter().flatten().filter_map(find);
    own.chain(below).next()
}

fn failed(error: std::io::Error) -> Error {
    Error::new(format!("modules and examples cannot be copied: {error}"))
}
