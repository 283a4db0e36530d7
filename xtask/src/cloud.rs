//! The local cloud: one process group on one loopback port, ended when the command ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{Run, tail};
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::groups::{self, Registered};
use crate::http;
use crate::tools::venv::Venv;

/// Longest time from start to the first answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Another program can take a free port before the cloud does.
const ATTEMPTS: u32 = 3;

/// How a local cloud is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Its port; a free one when none is given.
    pub port: Option<u16>,
    /// File that gets one JSON line per API call.
    pub call_log: Option<PathBuf>,
    /// More environment for the launcher.
    pub environment: Vec<(String, String)>,
    /// Whether it goes on when this process ends.
    pub detached: bool,
}

/// A running local cloud; dropped, it ends.
#[derive(Debug)]
pub struct Cloud {
    child: Option<Child>,
    registered: Option<Registered>,
    leader: u32,
    endpoint: String,
}

impl Cloud {
    /// Starts one and waits until it answers. `folder` takes its ready file and log.
    ///
    /// # Errors
    /// When it does not come up: with the end of its log.
    pub fn start(venv: &Venv, launcher: &Path, folder: &Path, options: &Options) -> Result<Self> {
        fs::create_dir_all(folder).context(|| format!("folder {} cannot be made", folder.display()))?;
        let mut last = Error::new("the local cloud was not started");
        for _ in 0..ATTEMPTS {
            match Self::attempt(venv, launcher, folder, options) {
                Ok(cloud) => return Ok(cloud),
                Err(error) if options.port.is_some() => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn attempt(venv: &Venv, launcher: &Path, folder: &Path, options: &Options) -> Result<Self> {
        let port = match options.port {
            Some(port) => port,
            None => http::free_port()?,
        };
        let (ready, log) = (folder.join("ready.json"), folder.join("cloud.log"));
        let _ = fs::remove_file(&ready);
        let run = command(venv, launcher, folder, options, port, &ready);
        let early = fs::File::create(folder.join("start.log"))
            .context(|| format!("{} cannot be written to", folder.display()))?;
        let child = run.spawn(run.command().stdout(Stdio::null()).stderr(early))?;
        let leader = child.id();
        let registered = Some(Registered::new(leader));
        let mut cloud =
            Self { child: Some(child), registered, leader, endpoint: format!("http://127.0.0.1:{port}") };
        match cloud.wait_until_ready(&ready) {
            Ok(()) => Ok(cloud),
            Err(error) => {
                cloud.stop();
                let text =
                    [folder.join("start.log"), log].map(|file| fs::read_to_string(file).unwrap_or_default());
                Err(Error::new(format!("{error}\n{}", tail(&text.concat(), 20))))
            }
        }
    }

    fn wait_until_ready(&mut self, ready: &Path) -> Result {
        let began = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(ready) {
                let document: Value =
                    serde_json::from_str(&text).context(|| format!("{} is not JSON", ready.display()))?;
                if let Some(endpoint) = document["endpoint"].as_str() {
                    self.endpoint = endpoint.to_owned();
                }
                return Ok(());
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            ensure!(ended.is_none(), "the local cloud ended before it was ready; the end of its log:");
            ensure!(
                began.elapsed() < PATIENCE,
                "the local cloud is not ready after {} s; the end of its log:",
                PATIENCE.as_secs()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its address.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The leader of its process group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.leader
    }

    /// What a client's environment must say to reach it as its administrator.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        client_environment(&self.endpoint)
    }

    /// Makes every call from outside wait this long first.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn set_delay(&self, delay: Duration) -> Result {
        http::request("POST", &self.endpoint, &format!("/_datalake/delay?ms={}", delay.as_millis())).map(drop)
    }

    /// Ends it now.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // It must be waited for while it is being ended, or it stays as a zombie for the whole grace time.
        let waiter = thread::spawn(move || child.wait());
        groups::end(self.leader);
        let _ = waiter.join();
        self.registered = None;
    }

    /// Lets it run on after this process.
    pub fn leave_running(mut self) {
        self.child = None;
        self.registered = None;
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The environment that points an AWS client at a local cloud.
#[must_use]
pub fn client_environment(endpoint: &str) -> Vec<(String, String)> {
    let pairs = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

fn command(venv: &Venv, launcher: &Path, folder: &Path, options: &Options, port: u16, ready: &Path) -> Run {
    let run = venv.python().arg(launcher).args(["--port", &port.to_string()]);
    let mut run = run.arg("--ready-file").arg(ready).arg("--log-dir").arg(folder).envs(&options.environment);
    if !options.detached {
        run = run.args(["--parent-pid", &std::process::id().to_string()]);
    }
    match &options.call_log {
        Some(file) => run.env("DATALAKE_CALL_LOG", file),
        None => run.env_remove("DATALAKE_CALL_LOG"),
    }
}
