//! The local cloud as the commands start, use and end it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use xtask::cloud::{Cloud, Options};
use xtask::groups;
use xtask::lake::Lake;
use xtask::progress::Progress;
use xtask::repo::Repo;
use xtask::tools::Tools;
use xtask::tools::venv::Venv;

/// Set for the copy of this test that is to be killed.
const VICTIM: &str = "XTASK_TEST_VICTIM";

struct Makings {
    repo: Repo,
    venv: Venv,
    folder: PathBuf,
}

impl Makings {
    fn new(name: &str) -> Self {
        let repo = Repo::find().unwrap();
        let venv = Tools::find(&repo).unwrap().cloud(&Progress::default()).unwrap();
        let folder = repo.work_dir(&format!("test-{name}-{}", std::process::id())).unwrap();
        Self { repo, venv, folder }
    }

    fn start(&self, options: &Options) -> Cloud {
        let launcher = self.repo.join("xtask/local-cloud/launcher.py");
        Cloud::start(&self.venv, &launcher, &self.folder, options).unwrap()
    }

    fn lake(&self, cloud: &Cloud) -> Lake {
        Lake::new(&self.venv, &self.repo.join("xtask/local-cloud/lake.py"), &cloud.environment())
    }
}

impl Drop for Makings {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn wait_until_gone(leader: u32) {
    let began = Instant::now();
    while groups::alive(leader) {
        assert!(began.elapsed() < Duration::from_secs(20), "group {leader} is still alive");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn it_answers_and_ends_when_dropped() {
    let makings = Makings::new("answers");
    let log = makings.folder.join("calls.ndjson");
    let cloud = makings.start(&Options { call_log: Some(log.clone()), ..Options::default() });
    let lake = makings.lake(&cloud);
    assert!(lake.inventory(None).unwrap().is_empty());
    assert!(std::fs::read_to_string(&log).unwrap().contains("\"ListBuckets\""));
    let error = lake.get("no-such-bucket", "key").unwrap_err().to_string();
    assert!(error.contains("NoSuchBucket"), "{error}");
    cloud.set_delay(Duration::from_millis(300)).unwrap();
    let began = Instant::now();
    lake.get("no-such-bucket", "key").unwrap_err();
    assert!(began.elapsed() > Duration::from_millis(300));
    let leader = cloud.pid();
    assert!(groups::alive(leader));
    drop(cloud);
    wait_until_gone(leader);
}

#[test]
fn a_taken_port_is_said() {
    let makings = Makings::new("port");
    let holder = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = holder.local_addr().unwrap().port();
    let launcher = makings.repo.join("xtask/local-cloud/launcher.py");
    let options = Options { port: Some(port), ..Options::default() };
    let error = Cloud::start(&makings.venv, &launcher, &makings.folder, &options).unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
}

/// The process that [`it_ends_with_its_command`] kills: prints the leader of its cloud and waits.
#[test]
fn victim() {
    if std::env::var_os(VICTIM).is_some() {
        let makings = Makings::new("victim");
        let cloud = makings.start(&Options::default());
        println!("leader {} ", cloud.pid());
        thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn it_ends_with_its_command() {
    for signal in ["-TERM", "-INT", "-KILL"] {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "victim", "--nocapture"])
            .env(VICTIM, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let leader = leader(victim.stdout.as_mut().unwrap());
        assert!(groups::alive(leader));
        Command::new("kill").args([signal, &victim.id().to_string()]).status().unwrap();
        victim.wait().unwrap();
        wait_until_gone(leader);
    }
}

fn leader(output: &mut impl Read) -> u32 {
    let mut text = String::new();
    let mut byte = [0];
    loop {
        assert_eq!(output.read(&mut byte).unwrap(), 1, "the victim said only {text:?}");
        text.push(char::from(byte[0]));
        let number = text.split_once("leader ").and_then(|(_, rest)| rest.strip_suffix(' '));
        if let Some(number) = number {
            return number.parse().unwrap();
        }
    }
}
