//! `cargo xtask dist`: the files of a release, as a Terraform registry wants them.

use std::fs;
use std::path::{Path, PathBuf};

use super::Command;
use crate::archive::{self, Entry};
use crate::artifacts::{self, Bundle, PROVIDER, Profile};
use crate::error::{Context, Result};
use crate::mirror::platform;
use crate::progress::Steps;
use crate::repo::{Repo, VERSION};
use crate::tools::Tools;

/// The command.
pub const COMMAND: Command = Command {
    name: "dist",
    summary: "build what is released into dist/",
    details: "The provider's zip (binary and handler bundles), the registry manifest and SHA256SUMS. Signing is the\n\
              releaser's: the registry wants a detached GPG signature of SHA256SUMS.",
    words: &[],
    flags: &[],
    run: |_| dist(),
};

/// The protocol the provider speaks, in the registry's form.
const MANIFEST: &str = "{\"version\": 1, \"metadata\": {\"protocol_versions\": [\"6.0\"]}}\n";

fn dist() -> Result {
    let repo = Repo::find()?;
    let tools = Tools::find(&repo)?;
    let mut steps = Steps::new(false);
    let provider =
        steps.run("build the provider (ship)", |progress| artifacts::portable_provider(&tools, progress))?;
    let bundles = steps
        .run("build the handlers (ship)", |progress| artifacts::handlers(&tools, Profile::Ship, progress))?;
    let folder = repo.join("dist");
    fs::create_dir_all(&folder).context(|| format!("folder {} cannot be made", folder.display()))?;
    let files = steps.run("pack", |_| pack(&repo, &folder, &provider, &bundles))?;
    let sums = steps.run("checksums", |_| checksums(&folder, &files))?;
    for file in files.iter().chain([&sums]) {
        println!("{}", file.display());
    }
    Ok(())
}

fn pack(repo: &Repo, folder: &Path, provider: &Path, bundles: &[Bundle]) -> Result<Vec<PathBuf>> {
    let base = format!("{PROVIDER}_{VERSION}");
    let binary = format!("{PROVIDER}_v{VERSION}");
    let names: Vec<String> = bundles.iter().map(|bundle| bundle.architecture.zip_name()).collect();
    let license = repo.join("LICENSE");
    let mut entries = vec![Entry { name: &binary, source: provider, mode: 0o755 }];
    entries.extend(names.iter().zip(bundles).map(|(name, bundle)| Entry {
        name,
        source: &bundle.zip,
        mode: 0o644,
    }));
    if license.is_file() {
        entries.push(Entry { name: "LICENSE", source: &license, mode: 0o644 });
    }
    let zip = folder.join(format!("{base}_{}.zip", platform()));
    archive::write(&zip, &entries, 9)?;
    let manifest = folder.join(format!("{base}_manifest.json"));
    fs::write(&manifest, MANIFEST).context(|| format!("{} cannot be written", manifest.display()))?;
    Ok(vec![zip, manifest])
}

fn checksums(folder: &Path, files: &[PathBuf]) -> Result<PathBuf> {
    let line = |file: &PathBuf| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(format!("{}  {name}\n", archive::sha256(file)?))
    };
    let text: String = files.iter().map(line).collect::<Result<_>>()?;
    let sums = folder.join(format!("{PROVIDER}_{VERSION}_SHA256SUMS"));
    fs::write(&sums, text).context(|| format!("{} cannot be written", sums.display()))?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_json() {
        let document: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
        assert_eq!(document["metadata"]["protocol_versions"][0], "6.0");
    }

    #[test]
    fn checksums_are_what_sha256sum_reads() {
        let folder = std::env::temp_dir().join(format!("xtask-dist-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.zip");
        fs::write(&file, "abc").unwrap();
        let text = fs::read_to_string(checksums(&folder, &[file]).unwrap()).unwrap();
        assert_eq!(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.zip\n");
        fs::remove_dir_all(&folder).unwrap();
    }
}
