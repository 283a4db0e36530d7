//! Somebody who has a release's zip, Terraform, the AWS CLI and `jq`, and types what a page says, word for word.
//!
//! The commands of a page run in one shell, in order. Between two of its blocks the shell waits until we have looked what became
//! of what was uploaded; a plan then has to find nothing to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;
use xtask::cloud::{Cloud, Options};
use xtask::command::{Run, tail};
use xtask::commands::example::{Expected, Names, surprises, wait_for};
use xtask::documents::Markdown;
use xtask::error::{Error, Result};
use xtask::groups::{self, Registered};
use xtask::lake::Lake;
use xtask::progress::Progress;
use xtask::terraform::STRAY;

use crate::{AwsPlugin, Released};
use xtask::files::read;

/// How long all commands of a page may take.
const PATIENCE: Duration = Duration::from_secs(600);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Languages of the blocks that are typed.
const SHELL: [&str; 2] = ["sh", "shell"];

/// A person with a home of their own, and an account that holds nothing yet.
pub struct Newcomer {
    lake: Lake,
    folder: PathBuf,
    terraform: PathBuf,
    environment: Vec<(String, String)>,
    _cloud: Cloud,
}

/// How it went.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    /// From the first command to the first object that has its verdict; none where nothing was uploaded.
    pub first_verdict: Option<Duration>,
    /// From the first command to the end of the last.
    pub whole: Duration,
    /// Objects that were uploaded and judged.
    pub objects: usize,
}

impl Newcomer {
    /// Somebody new, in a folder with the release's zip and nothing else; `install` is what a page says to do with it.
    ///
    /// # Errors
    /// When the folder or the cloud cannot be made, or the installation fails.
    pub fn new(released: &Released, name: &str, install: &str) -> Result<Self> {
        let folder = released.folder.join(name);
        let home = folder.join("home");
        fs::create_dir_all(&home).map_err(failed)?;
        let zip = released.release.zip(xtask::platform::Platform::HOST);
        fs::copy(&zip, folder.join(zip.file_name().unwrap_or_default())).map_err(failed)?;
        let cloud = released.kit.cloud(&folder, &Options::default())?;
        let mut environment = cloud.environment();
        let lake = released.kit.lake(&environment);
        let terraform = released.kit.terraform.program.clone();
        let programs =
            [released.kit.venv.bin(), terraform.parent().map(Path::to_path_buf).unwrap_or_default()];
        let programs = programs.map(|folder| folder.to_string_lossy().into_owned()).join(":");
        let path = std::env::var("PATH").unwrap_or_default();
        environment.extend([
            ("HOME".to_owned(), home.to_string_lossy().into_owned()),
            ("PATH".to_owned(), format!("{programs}:{path}")),
            ("CHECKPOINT_DISABLE".to_owned(), "1".to_owned()),
            ("DATALAKE_QUIET_SHIM".to_owned(), "1".to_owned()),
        ]);
        if let Some(plugin) = AwsPlugin::find() {
            plugin.link_into(&home.join(".terraform.d/plugins"))?;
        }
        let new = Self { lake, folder, terraform, environment, _cloud: cloud };
        new.bash(&new.folder, install).text()?;
        Ok(new)
    }

    /// A place for copies of what a page is about.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Types every command of a page in a folder; what is uploaded must come to `expected`.
    ///
    /// # Errors
    /// When a command fails, an object comes to something else, or a plan then finds something to do.
    pub fn follow(
        &self,
        folder: &Path,
        page: &str,
        expected: &BTreeMap<String, Expected>,
    ) -> Result<Followed> {
        let blocks = commands(page);
        let steps = self.folder.join("steps");
        let _ = fs::remove_dir_all(&steps);
        fs::create_dir_all(&steps).map_err(failed)?;
        let log = steps.join("log");
        let output = fs::File::create(&log).map_err(failed)?;
        let twin = output.try_clone().map_err(failed)?;
        let run = self.bash(folder, &script(&blocks, &steps));
        let mut shell = Shell::new(run.spawn(run.command().stdout(output).stderr(twin))?, &log);
        let began = Instant::now();
        let mut followed = Followed::default();
        for (index, block) in blocks.iter().enumerate() {
            shell.wait_for(&steps.join(format!("{index}.done")), began)?;
            if uploads(block) {
                self.judged(folder, expected, began, &mut followed)?;
            }
            fs::write(steps.join(format!("{index}.go")), "").map_err(failed)?;
        }
        shell.finish()?;
        followed.whole = began.elapsed();
        Ok(followed)
    }

    /// Nothing of a pipeline may be left; a bucket for states is none.
    ///
    /// # Errors
    /// When something is.
    pub fn expect_nothing_left(&self) -> Result {
        let mut left = self.lake.inventory(None)?;
        for names in left.values_mut() {
            names.retain(|name| !name.contains("terraform-state"));
        }
        left.retain(|_, names| !names.is_empty());
        if left.is_empty() { Ok(()) } else { Err(Error::new(format!("left behind: {left:?}"))) }
    }

    fn judged(
        &self,
        folder: &Path,
        expected: &BTreeMap<String, Expected>,
        began: Instant,
        followed: &mut Followed,
    ) -> Result {
        let state = self.terraform(folder, &["show", "-json"]).text()?;
        let state: Value = serde_json::from_str(&state).map_err(|error| Error::new(error.to_string()))?;
        let places = places(&state)?;
        while followed.first_verdict.is_none() {
            for (_, table) in &places {
                let stories = self.lake.stories(table)?;
                if stories.iter().any(|story| matches!(story.status(), "VALIDATED" | "QUARANTINED")) {
                    followed.first_verdict = Some(began.elapsed());
                }
            }
            if began.elapsed() > PATIENCE {
                return Err(Error::new("no object has a verdict"));
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        let mut stories = Vec::new();
        for (raw, table) in &places {
            let keys = self.lake.keys(raw, "")?;
            stories.extend(wait_for(&self.lake, table, &keys, &Progress::default())?);
        }
        followed.objects = stories.len();
        let surprises = surprises(&stories, expected);
        if surprises.is_empty() { Ok(()) } else { Err(Error::new(surprises.join("\n"))) }
    }

    fn terraform(&self, folder: &Path, arguments: &[&str]) -> Run {
        self.at_home(Run::new(&self.terraform).args(arguments).dir(folder))
    }

    fn bash(&self, folder: &Path, script: &str) -> Run {
        self.at_home(Run::new("bash").args(["-euo", "pipefail", "-c", script]).dir(folder))
    }

    fn at_home(&self, run: Run) -> Run {
        let run = STRAY.iter().fold(run, |run, name| run.env_remove(name));
        run.env_remove("TF_CLI_CONFIG_FILE").envs(&self.environment)
    }
}

/// Raw bucket and metadata table of every pipeline in a state; where the AWS provider has made one, its outputs say them.
fn places(state: &Value) -> Result<Vec<(String, String)>> {
    let pipelines = crate::shelf::pipelines_in(state);
    let places: Result<Vec<_>> = pipelines
        .into_iter()
        .map(|pipeline| Names::from_resource(pipeline).map(|names| (names.raw, names.table)))
        .collect();
    let output = |name: &str| state["values"]["outputs"][name]["value"].as_str().map(str::to_owned);
    match (places?, output("raw_bucket_name").zip(output("metadata_table_name"))) {
        (places, Some(outputs)) if places.is_empty() => Ok(vec![outputs]),
        (places, None) if places.is_empty() => Err(Error::new("the state has no pipeline")),
        (places, _) => Ok(places),
    }
}

/// The blocks of a page that are typed.
#[must_use]
pub fn commands(page: &str) -> Vec<String> {
    let blocks = Markdown::read(page).blocks.into_iter();
    blocks.filter(|block| SHELL.contains(&block.language)).map(|block| block.text).collect()
}

/// All blocks, with a halt after each, and an empty plan after what uploads; whoever asks is told `yes`.
fn script(blocks: &[String], steps: &Path) -> String {
    let mut text = "exec < <(yes yes)\n".to_owned();
    for (index, block) in blocks.iter().enumerate() {
        let halt = steps.join(index.to_string());
        let halt = halt.display();
        text += &format!("{block}\n: > '{halt}.done'\nwhile [ ! -e '{halt}.go' ]; do sleep 0.05; done\n");
        if let (true, Some(arguments)) = (uploads(block), planned(&blocks[..=index])) {
            text += &format!("terraform plan -input=false -no-color -detailed-exitcode {arguments}\n");
        }
    }
    text
}

/// The arguments of the last plan or apply that was typed; what applies a saved plan has none of its own.
fn planned(typed: &[String]) -> Option<String> {
    let lines = typed.iter().flat_map(|block| block.lines());
    let mut plans =
        lines.filter(|line| line.starts_with("terraform apply") || line.starts_with("terraform plan"));
    let line = plans.rfind(|line| !line.ends_with(".tfplan") || line.contains("-out="))?;
    let given = line.split_whitespace().skip(2).filter(|word| !word.starts_with("-out="));
    Some(given.collect::<Vec<_>>().join(" "))
}

/// Whether a block puts files into the raw bucket.
fn uploads(block: &str) -> bool {
    block.lines().any(|line| {
        line.starts_with("aws s3 cp") && (line.contains("s3://$raw") || line.contains("raw_bucket"))
    })
}

/// The shell; it ends with us.
struct Shell {
    child: Child,
    log: PathBuf,
    _registered: Registered,
}

impl Shell {
    fn new(child: Child, log: &Path) -> Self {
        Self { _registered: Registered::new(child.id()), child, log: log.to_path_buf() }
    }

    fn wait_for(&mut self, halt: &Path, began: Instant) -> Result {
        while !halt.exists() {
            let ended = self.child.try_wait().map_err(failed)?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                return Err(self.failure(if ended.is_some() { "failed" } else { "take too long" }));
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result {
        let status = self.child.wait().map_err(failed)?;
        if status.success() { Ok(()) } else { Err(self.failure("failed")) }
    }

    fn failure(&self, how: &str) -> Error {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        Error::new(format!("the page's commands {how}; the last they said:\n{}", tail(&said, 40)))
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        groups::end(self.child.id());
        let _ = self.child.wait();
    }
}

/// Lines of HCL in a folder's own files, without comments and empty lines.
///
/// # Errors
/// When a file cannot be read.
pub fn lines_of_hcl(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|ending| ending == "tf") {
            let text = read(&file)?;
            let lines = text.lines().map(str::trim);
            count += lines.filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        }
    }
    Ok(count)
}

fn failed(error: std::io::Error) -> Error {
    Error::new(format!("a newcomer's folder cannot be used: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_plan_that_was_typed() {
        let cases = [
            ("terraform init\nterraform apply\n", Some("")),
            ("terraform apply -var \"kms_key_arn=$key\"\naws s3 ls\n", Some("-var \"kms_key_arn=$key\"")),
            (
                "terraform plan -var-file=a.tfvars -out=plan.tfplan\nterraform apply plan.tfplan\n",
                Some("-var-file=a.tfvars"),
            ),
            ("terraform init\n", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(planned(&[typed.to_owned()]).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn uploads_are_recognised() {
        let cases = [
            ("aws s3 cp --recursive data \"s3://$raw/\"", true),
            (
                "aws s3 cp orders.csv \"s3://$(terraform output -raw raw_bucket)/input/orders/orders.csv\"",
                true,
            ),
            ("aws s3 cp --recursive \"s3://$quarantine/quarantine/\" refused/", false),
            ("raw=$(terraform output -raw raw_bucket_name)", false),
        ];
        for (line, expected) in cases {
            assert_eq!(uploads(line), expected, "{line}");
        }
    }
}
