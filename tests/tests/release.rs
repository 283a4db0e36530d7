//! A release as somebody meets it who has nothing else: its files, Terraform, an empty folder. And what the README says
//! of that is what happens.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use datalake_tests::newcomer::lines_of_hcl;
use datalake_tests::{Released, shown};
use xtask::cloud::Options;
use xtask::command::Run;
use xtask::commands::example::{Names, wait_for};
use xtask::documents::hcl::snippets;
use xtask::error::{Error, Result};
use xtask::mirror::ADDRESS;
use xtask::platform::Platform;
use xtask::progress::Progress;
use xtask::repo::VERSION;
use xtask::tools::terraform::find_on_path;

/// Serves a network mirror while a program runs.
const SERVER: &str = include_str!("../src/network_mirror.py");
/// Lines of HCL somebody has to write for a first pipeline, provider and all.
const MOST_LINES: usize = 8;

/// The README's configuration, applied from the packed mirror: what it prints is what the README shows, and a file that
/// is put gets its verdict.
#[test]
fn the_readme_is_true_of_the_release() -> Result {
    let released = Released::new("readme")?;
    let readme = released.read("README.md")?;
    let configuration = snippets("README.md", &readme).into_iter().next().expect("the README has HCL").text;

    let cloud = released.kit.cloud(&released.folder, &Options::default())?;
    let environment = cloud.environment();
    let work = released.workspace("readme", &configuration, &environment)?;
    let mut printed = work.text(&["init", "-input=false", "-no-color"])?;
    printed += &work.apply(&[])?;
    shown::in_order(&printed, &shown::block(&readme, "terraform init")?)?;

    let names = Names::from_resource(&work.resource("datalake_pipeline.sensors")?)?;
    let (lake, key) = (released.kit.lake(&environment), "input/readings/valid.json".to_owned());
    let sample = released.kit.repo().join("examples/quickstart/data").join(&key);
    lake.put(&names.raw, &key, &sample)?;
    let stories = wait_for(&lake, &names.table, &[key], &Progress::default())?;
    assert_eq!((stories[0].status(), stories[0].rows("good")), ("VALIDATED", 1));
    work.expect_no_changes(&[])
}

/// The quickstart is the README's configuration and the line that lets it be thrown away: few enough lines for anybody.
#[test]
fn the_quickstart_is_short() -> Result {
    let kit = datalake_tests::kit()?;
    let readme = xtask::files::read(&kit.repo().join("README.md"))?;
    let folder = kit.repo().join("examples/quickstart");
    let quickstart = xtask::files::read(&folder.join("main.tf"))?;
    let lines = lines_of_hcl(&folder)?;
    assert!(lines <= MOST_LINES, "{lines} lines for a first pipeline");
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let ours = quickstart.lines().filter(|line| !line.contains("force_destroy")).map(words);
    let shown = snippets("README.md", &readme).into_iter().next().expect("the README has HCL").text;
    assert_eq!(shown.lines().map(words).collect::<Vec<_>>(), ours.collect::<Vec<_>>());
    Ok(())
}

/// The checksums carry a signature that anybody can check with the public key, and no other file's.
#[test]
fn a_release_is_signed() -> Result {
    if find_on_path("gpg").is_none() {
        eprintln!("skipped: gpg is not installed");
        return Ok(());
    }
    let released = Released::new("signed")?;
    // The command works in a clone; what makes a folder one is this file. The agent's socket wants a short path.
    let home = std::env::temp_dir().join(format!("gnupg-{}", std::process::id()));
    for folder in [&released.folder.join("xtask"), &home] {
        fs::create_dir_all(folder).map_err(|error| Error::new(error.to_string()))?;
    }
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700))
        .map_err(|error| Error::new(error.to_string()))?;
    fs::write(released.folder.join("xtask/Cargo.toml"), "").map_err(|error| Error::new(error.to_string()))?;
    let gpg = |arguments: &[&str]| {
        Run::new("gpg").arg("--batch").args(arguments).dir(released.release.folder()).env("GNUPGHOME", &home)
    };
    gpg(&[
        "--passphrase",
        "",
        "--quick-gen-key",
        "Release <release@example.com>",
        "rsa2048",
        "sign",
        "never",
    ])
    .text()?;
    Run::new(released.kit.repo().target().join("debug/xtask"))
        .args(["dist", "--seal", "--key", "release@example.com"])
        .dir(&released.folder)
        .env("GNUPGHOME", &home)
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("CARGO_TARGET_DIR")
        .text()?;
    let sums = format!("terraform-provider-datalake_{VERSION}_SHA256SUMS");
    let signature = format!("{sums}.sig");
    gpg(&["--verify", &signature, &sums]).text()?;
    Run::new("sha256sum").args(["--check", "--strict", &sums]).dir(released.release.folder()).text()?;
    let other = format!("terraform-provider-datalake_{VERSION}_manifest.json");
    assert!(gpg(&["--verify", &signature, &other]).text().is_err(), "the signature is of the checksums only");
    Run::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", &home).text()?;
    fs::remove_dir_all(&home).map_err(|error| Error::new(error.to_string()))
}

/// A network mirror, served over HTTPS: `terraform init` takes provider and handlers from it and locks their hash.
#[test]
fn init_takes_the_release_from_a_network_mirror() -> Result {
    let released = Released::new("network")?;
    let configuration = released.read("examples/quickstart/main.tf")?;
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
    let lock = xtask::files::read(&work.folder().join(".terraform.lock.hcl"))?;
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
        let text = released.read(&name)?;
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
    let entries = fs::read_dir(released.kit.repo().join("docs/guides"))
        .map_err(|error| Error::new(error.to_string()))?;
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
