//! A release as somebody meets it who has nothing else: its files, Terraform, an empty folder. And what the README says
//! of that is what happens.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use xtask::artifacts::{Architecture, Artifacts, Bundle};
use xtask::cloud::Options;
use xtask::commands::quickstart::{Names, wait_for};
use xtask::documents::Markdown;
use xtask::documents::hcl::snippets;
use xtask::error::{Error, Result};
use xtask::kit::Kit;
use xtask::mirror::{ADDRESS, Mirror, config_text};
use xtask::platform::Platform;
use xtask::progress::Progress;
use xtask::release::Release;
use xtask::release::inventory::Inventory;
use xtask::repo::VERSION;
use xtask::terraform::Workspace;

/// Serves a network mirror while a program runs.
const SERVER: &str = include_str!("../src/network_mirror.py");
/// Lines of HCL somebody has to write for a first pipeline, provider and all.
const MOST_LINES: usize = 8;

/// A release of what was built for the tests, in a folder of its own.
struct Released {
    kit: Kit,
    folder: PathBuf,
    release: Release,
}

impl Released {
    fn new(name: &str) -> Result<Self> {
        let kit = datalake_tests::kit()?;
        let folder = kit.folder(&format!("test-release-{name}-{}", std::process::id()))?;
        let release = Release::at(&folder.join("dist"))?;
        let package = kit.mirror.package();
        let bundle = |architecture: Architecture| {
            let zip = package.join(architecture.zip_name());
            Bundle { architecture, bootstrap: zip.clone(), zip }
        };
        let bundles =
            Architecture::ALL.into_iter().map(bundle).filter(|bundle| bundle.zip.is_file()).collect();
        let artifacts = Artifacts { provider: kit.mirror.provider(), bundles };
        let inventory = Inventory::of(kit.repo(), Platform::HOST)?;
        release.pack(Platform::HOST, &artifacts, &inventory, &kit.repo().join("LICENSE"))?;
        release.seal(None)?;
        Ok(Self { kit, folder, release })
    }

    /// An empty folder that knows the filesystem mirror, with this configuration in it.
    fn workspace(
        &self,
        name: &str,
        configuration: &str,
        environment: &[(String, String)],
    ) -> Result<Workspace> {
        let base = self.folder.join(name);
        let work = base.join("work");
        fs::create_dir_all(&work).map_err(failed)?;
        fs::write(work.join("main.tf"), configuration).map_err(failed)?;
        let mirror = self.release.folder().join("filesystem-mirror");
        fs::write(base.join("terraform.tfrc"), config_text(&mirror)).map_err(failed)?;
        Ok(Workspace::at(&self.kit.terraform, &Mirror::at(&base), &work, environment))
    }
}

/// The README's configuration, applied from the packed mirror: what it prints is what the README shows, and a file that
/// is put gets its verdict.
#[test]
fn the_readme_is_true_of_the_release() -> Result {
    let released = Released::new("readme")?;
    let readme = read(&released.kit.repo().join("README.md"))?;
    let configuration = snippets("README.md", &readme).into_iter().next().expect("the README has HCL").text;
    let lines = configuration.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= MOST_LINES, "{lines} lines for a first pipeline");

    let cloud = released.kit.cloud(&released.folder, &Options::default())?;
    let environment = cloud.environment();
    let work = released.workspace("readme", &configuration, &environment)?;
    let mut printed = work.text(&["init", "-input=false", "-no-color"])?;
    printed += &work.apply(&[])?;
    let shown =
        Markdown::read(&readme).blocks.into_iter().find(|block| block.text.starts_with("$ terraform"));
    in_order(&printed, &shown.expect("the README shows Terraform").text);

    let names = Names::from_resource(&work.resource("datalake_pipeline.sensors")?)?;
    let (lake, key) = (released.kit.lake(&environment), "input/readings/valid.json".to_owned());
    let sample = released.kit.repo().join("examples/quickstart/data").join(&key);
    lake.put(&names.raw, &key, &sample)?;
    let stories = wait_for(&lake, &names.table, &[key], &Progress::default())?;
    assert_eq!((stories[0].status(), stories[0].rows("good")), ("VALIDATED", 1));
    work.expect_no_changes(&[])
}

/// Every line that is shown was printed, in this order; `…` stands for what is left out.
fn in_order(printed: &str, shown: &str) {
    let mut rest = printed.lines().map(str::trim);
    for line in shown.lines().map(str::trim).filter(|line| !line.starts_with('$') && !line.is_empty()) {
        let parts: Vec<&str> = line.split('…').map(str::trim).collect();
        let fits = |candidate: &str| {
            candidate.starts_with(parts[0]) && parts.iter().all(|part| candidate.contains(part))
        };
        assert!(
            line == "…" || rest.any(fits),
            "the README shows `{line}`, which is not (or not here) in:\n{printed}"
        );
    }
}

/// A network mirror, served over HTTPS: `terraform init` takes provider and handlers from it and locks their hash.
#[test]
fn init_takes_the_release_from_a_network_mirror() -> Result {
    let released = Released::new("network")?;
    let configuration = read(&released.kit.repo().join("examples/quickstart/main.tf"))?;
    let work = released.workspace("network", &configuration, &[])?;
    let run = released.kit.venv.python().args(["-c", SERVER]);
    let run = run.arg(released.release.folder().join("network-mirror"));
    let run = run.arg(released.folder.join("server.pem")).arg(released.folder.join("network.tfrc"));
    let run = run.arg(&released.kit.terraform.program).args(["init", "-input=false", "-no-color"]);
    run.dir(work.folder()).env("CHECKPOINT_DISABLE", "1").env("TF_INPUT", "0").text()?;
    let installed =
        work.folder().join(".terraform/providers").join(ADDRESS).join(VERSION).join(Platform::HOST.name);
    for name in
        [&*format!("terraform-provider-datalake_v{VERSION}"), "datalake-handlers_x86_64.zip", "sbom.cdx.json"]
    {
        assert!(installed.join(name).is_file(), "{name} is not in {}", installed.display());
    }
    let lock = read(&work.folder().join(".terraform.lock.hcl"))?;
    assert!(lock.contains("\"h1:"), "{lock}");
    Ok(())
}

/// Configurations in documents that can stand alone are valid.
#[test]
fn whole_configurations_in_documents_are_valid() -> Result {
    let released = Released::new("documents")?;
    let mut wrong = Vec::new();
    let mut count = 0;
    for name in ["README.md", "docs/index.md", "docs/resources/pipeline.md"]
        .iter()
        .map(|name| (*name).to_owned())
        .chain(guides(&released)?)
    {
        let text = read(&released.kit.repo().join(&name))?;
        for snippet in snippets(&name, &text).into_iter().filter(|snippet| snippet.is_whole()) {
            count += 1;
            let configuration = with_provider(&snippet.text);
            let work = released.workspace(&format!("snippet-{count}"), &configuration, &[])?;
            let checked = work.init().and_then(|()| work.text(&["validate", "-no-color"]).map(drop));
            wrong.extend(checked.err().map(|error| format!("{}: {error}", snippet.place)));
        }
    }
    assert!(count >= 3, "only {count} whole configurations were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn guides(released: &Released) -> Result<Vec<String>> {
    let entries = fs::read_dir(released.kit.repo().join("docs/guides")).map_err(failed)?;
    let names = entries.flatten().map(|entry| format!("docs/guides/{}", entry.file_name().to_string_lossy()));
    Ok(names.collect())
}

/// A snippet need not repeat where the provider comes from.
fn with_provider(text: &str) -> String {
    if text.contains("required_providers") {
        return text.to_owned();
    }
    format!(
        "terraform {{\n  required_providers {{\n    datalake = {{\n      source = \"datalake/datalake\"\n    }}\n  }}\n}}\n{text}"
    )
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| Error::new(format!("{}: {error}", file.display())))
}

fn failed(error: std::io::Error) -> Error {
    Error::new(format!("the test's folder cannot be written: {error}"))
}
