//! A folder in which the real Terraform runs the toy provider.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A configuration, its state, and the things it manages.
pub struct Sandbox {
    folder: TempDir,
    extra: Vec<(String, String)>,
}

/// What a run of Terraform came to.
pub struct Run {
    /// The exit code.
    pub code: Option<i32>,
    /// Both streams, without frames and line breaks, so that a sentence can be looked for.
    pub text: String,
}

impl Run {
    /// Holds the run to an exit code and to sentences it must print.
    pub fn expect(self, code: i32, sentences: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for sentence in sentences {
            assert!(self.text.contains(sentence), "`{sentence}` is not in:\n{}", self.text);
        }
        self
    }
}

impl Sandbox {
    /// A folder with this configuration.
    pub fn new(resources: &str) -> Self {
        let sandbox = Self { folder: TempDir::new().unwrap(), extra: Vec::new() };
        for folder in ["things", "tmp", "plugin"] {
            fs::create_dir(sandbox.path(folder)).unwrap();
        }
        std::os::unix::fs::symlink(toy(), sandbox.path("plugin/terraform-provider-toy")).unwrap();
        let overrides = format!(
            "provider_installation {{\n dev_overrides {{ \"example/toy\" = {:?} }}\n direct {{}}\n}}\n",
            sandbox.path("plugin")
        );
        fs::write(sandbox.path("cli.tfrc"), overrides).unwrap();
        sandbox.configure(resources);
        sandbox
    }

    /// Replaces the configuration.
    pub fn configure(&self, resources: &str) {
        let require = "terraform {\n required_providers { toy = { source = \"example/toy\" } }\n}\n";
        fs::write(self.path("main.tf"), format!("{require}{resources}\n")).unwrap();
    }

    /// Sets a variable of the environment for the runs that follow.
    pub fn set(&mut self, name: &str, value: &str) {
        self.extra.push((name.to_owned(), value.to_owned()));
    }

    /// A path in the sandbox.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs Terraform to its end.
    pub fn terraform(&self, args: &[&str]) -> Run {
        finish(self.command("terraform").args(args))
    }

    /// `apply`, or with `-destroy` its opposite.
    pub fn apply(&self, more: &[&str]) -> Run {
        self.terraform(&[&["apply", "-auto-approve", "-input=false", "-no-color"], more].concat())
    }

    /// `plan`, which exits with 0 for no change and with 2 for one.
    pub fn plan(&self) -> Run {
        self.terraform(&["plan", "-detailed-exitcode", "-input=false", "-no-color"])
    }

    /// A command with the sandbox's environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for name in
            ["TF_LOG", "TF_LOG_PROVIDER", "TF_CLI_ARGS", "TF_REATTACH_PROVIDERS", "TOY_SCHEMA_VERSION"]
        {
            command.env_remove(name);
        }
        command
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("TOY_DIR", self.path("things"))
            .env("TMPDIR", self.path("tmp"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("RUST_BACKTRACE", "1") // no diagnostic may show one
            .envs(self.extra.iter().cloned());
        command
    }

    /// The attributes of the only resource in the state, with its status beside them.
    pub fn instance(&self) -> Value {
        let text = fs::read_to_string(self.path("terraform.tfstate")).unwrap_or_default();
        let state: Value = serde_json::from_str(&text).unwrap_or_default();
        state["resources"][0]["instances"][0].clone()
    }

    /// The sockets' folders that are left.
    pub fn sockets(&self) -> usize {
        fs::read_dir(self.path("tmp")).map_or(0, |entries| {
            entries
                .flatten()
                .filter(|it| it.file_name().to_string_lossy().starts_with("terraform-provider-"))
                .count()
        })
    }
}

/// The toy provider, which cargo builds beside the tests.
pub fn toy() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let target = here.parent().and_then(Path::parent).unwrap();
    let toy = target.join("examples/toy");
    assert!(toy.exists(), "{} is missing: run `cargo build -p datalake-host --example toy`", toy.display());
    toy
}

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    let words: Vec<_> = text.split_whitespace().filter(|it| !matches!(*it, "│" | "╷" | "╵")).collect();
    Run { code: output.status.code(), text: words.join(" ") }
}

/// Waits until something is there.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
        sleep(Duration::from_millis(50));
    }
}
