//! `cargo xtask dist`: builds a release into `dist/`, and shows that anybody who builds it gets the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use super::Command;
use crate::archive;
use crate::args::{Args, Flag};
use crate::artifacts::{self, Architecture, Artifacts, Bundle, Profile};
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::files;
use crate::platform::Platform;
use crate::progress::Steps;
use crate::release::Release;
use crate::release::inventory::Inventory;
use crate::repo::Repo;
use crate::tools::Tools;

/// The command.
pub const COMMAND: Command = Command {
    name: "dist",
    summary: "build what is released into dist/",
    details: "A zip with the provider, the handlers, licences and bill of materials; then, about all zips in dist/: the\n\
              registry's manifest, SHA256SUMS, a detached GPG signature when a key is given, a network mirror and a\n\
              filesystem mirror. Several machines can build a zip each; one then seals them with --seal.",
    words: &[],
    flags: &[
        Flag { name: "--key", value: Some("ID"), help: "sign the checksums with this GPG key" },
        Flag { name: "--platform", value: Some("OS_ARCH"), help: "build for another machine than this one" },
        Flag {
            name: "--handlers",
            value: Some("DIR"),
            help: "pack the handlers' zips of this folder, build none",
        },
        Flag {
            name: "--only-handlers",
            value: None,
            help: "build the handlers' zips into dist/handlers, no more",
        },
        Flag { name: "--seal", value: None, help: "build nothing; seal the zips in dist/" },
        Flag {
            name: "--reproduce",
            value: None,
            help: "build again in another folder and compare every file",
        },
    ],
    run: dist,
};

fn dist(args: &Args) -> Result {
    let built = !["--seal", "--only-handlers"].iter().any(|flag| args.has(flag));
    ensure!(built || !args.has("--reproduce"), "--reproduce compares what is built with what is built again");
    let repo = Repo::find()?;
    let release = Release::at(&repo.join("dist"))?;
    let mut steps = Steps::new(false);
    if args.has("--only-handlers") {
        return only_handlers(&Tools::find(&repo)?, &mut steps, &release.folder().join("handlers"));
    }
    if !args.has("--seal") {
        let platform = args.value("--platform").map_or(Ok(Platform::HOST), Platform::named)?;
        build(&repo, &mut steps, &release, platform, args.value("--handlers"))?;
    }
    let files = steps.run("seal", |_| release.seal(args.value("--key")))?;
    for file in &files {
        println!("{}", file.display());
    }
    if args.has("--reproduce") {
        steps.run("build again elsewhere", |_| again(&repo, args))?;
        steps.run("compare", |_| compare(&release, &again_folder(&repo)?.join("source/dist")))?;
    }
    Ok(())
}

fn build(
    repo: &Repo,
    steps: &mut Steps,
    release: &Release,
    platform: Platform,
    handlers: Option<&str>,
) -> Result {
    let tools = Tools::find(repo)?;
    let provider = steps.run("build the provider (ship)", |progress| {
        artifacts::shipped_provider(&tools, platform, progress)
    })?;
    let bundles = match handlers {
        Some(folder) => found_bundles(Path::new(folder))?,
        None => steps.run("build the handlers (ship)", |progress| {
            artifacts::handlers(&tools, Profile::Ship, progress)
        })?,
    };
    let inventory = steps.run("list what is in it", |_| Inventory::of(repo, platform))?;
    steps.run("pack", |_| {
        release.pack(platform, &Artifacts { provider, bundles }, &inventory, &repo.join("LICENSE"))
    })?;
    Ok(())
}

/// A state file is shared by people on different machines: the handlers of every platform's zip must be the same bytes,
/// so a release builds them once.
fn only_handlers(tools: &Tools, steps: &mut Steps, folder: &Path) -> Result {
    let bundles = steps
        .run("build the handlers (ship)", |progress| artifacts::handlers(tools, Profile::Ship, progress))?;
    fs::create_dir_all(folder).context(|| format!("folder {} cannot be made", folder.display()))?;
    for bundle in bundles {
        let target = folder.join(bundle.architecture.zip_name());
        fs::copy(&bundle.zip, &target).context(|| format!("{} cannot be written", target.display()))?;
        println!("{}  {}", archive::sha256(&target)?, target.display());
    }
    Ok(())
}

/// Packages that were built before.
fn found_bundles(folder: &Path) -> Result<Vec<Bundle>> {
    let bundles: Vec<Bundle> = Architecture::ALL
        .into_iter()
        .map(|architecture| (architecture, folder.join(architecture.zip_name())))
        .filter(|(_, zip)| zip.is_file())
        .map(|(architecture, zip)| Bundle { architecture, bootstrap: zip.clone(), zip })
        .collect();
    ensure!(!bundles.is_empty(), "{} holds none of the handlers' zips", folder.display());
    Ok(bundles)
}

/// A copy of the clone's own files and a build folder of its own, with the tools that are there.
fn again(repo: &Repo, args: &Args) -> Result {
    let base = again_folder(repo)?;
    let (source, target) = (base.join("source"), base.join("target"));
    files::clear(&source)?;
    let listed = Run::new("git").args(["ls-files", "-z"]).dir(repo.root()).text()?;
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (repo.join(name), source.join(name));
        let folder = to.parent().unwrap_or(&source);
        fs::create_dir_all(folder)
            .and_then(|()| fs::copy(&from, &to))
            .context(|| format!("{} cannot be copied", from.display()))?;
    }
    fs::create_dir_all(&target).context(|| format!("folder {} cannot be made", target.display()))?;
    let tools = target.join("tools");
    if !tools.exists() {
        std::os::unix::fs::symlink(repo.tools(), &tools)
            .context(|| format!("{} cannot be made", tools.display()))?;
    }
    let program = std::env::current_exe().context(|| "this program cannot be found".to_owned())?;
    let platform = args.value("--platform").map(|platform| ["--platform", platform]);
    Run::new(program)
        .arg("dist")
        .args(platform.into_iter().flatten())
        .dir(&source)
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("CARGO_MANIFEST_DIR")
        .text()
        .map(drop)
}

fn again_folder(repo: &Repo) -> Result<PathBuf> {
    repo.work_dir("reproduce")
}

/// Every file of the one release must be in the other, byte for byte.
fn compare(release: &Release, other: &Path) -> Result {
    let files = release.seal(None)?;
    let differing: Vec<String> = files
        .iter()
        .filter_map(|file| file.file_name().map(|name| (file, other.join(name))))
        .filter(|(file, twin)| archive::sha256(file).ok() != archive::sha256(twin).ok())
        .map(|(file, _)| file.display().to_string())
        .collect();
    match differing.len() {
        0 => Ok(()),
        _ => Err(Error::new(format!(
            "built in {} these files are others: {}",
            other.display(),
            differing.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::tests::packed;

    #[test]
    fn releases_are_compared_byte_for_byte() {
        let (one, other) = (packed("compare-one"), packed("compare-other"));
        other.seal(None).unwrap();
        compare(&one, other.folder()).unwrap();
        let zip = other.zip(Platform::HOST);
        let bytes = fs::read(&zip).unwrap();
        let changes: [&dyn Fn(); 2] =
            [&|| fs::write(&zip, [&bytes[..], b"x"].concat()).unwrap(), &|| fs::remove_file(&zip).unwrap()];
        for change in changes {
            change();
            let error = compare(&one, other.folder()).unwrap_err().to_string();
            assert!(error.contains(&one.zip(Platform::HOST).display().to_string()), "{error}");
            assert!(!error.contains("manifest"), "{error}");
        }
        for release in [one, other] {
            fs::remove_dir_all(release.folder().parent().unwrap()).unwrap();
        }
    }

    #[test]
    fn only_what_is_built_can_be_built_again() {
        for flag in ["--seal", "--only-handlers"] {
            let line = ["--reproduce", flag].map(str::to_owned);
            let error = dist(&Args::parse(&line, COMMAND.flags, &[]).unwrap()).unwrap_err().to_string();
            assert!(error.contains("built again"), "{error}");
        }
    }

    #[test]
    fn bundles_are_found_by_name() {
        let folder = std::env::temp_dir().join(format!("xtask-bundles-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(found_bundles(&folder).unwrap_err().to_string().contains("none of the handlers' zips"));
        fs::write(folder.join("datalake-handlers_arm64.zip"), "").unwrap();
        let found = found_bundles(&folder).unwrap();
        assert_eq!((found.len(), found[0].architecture), (1, Architecture::Arm));
        fs::remove_dir_all(&folder).unwrap();
    }
}
