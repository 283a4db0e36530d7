//! The files of a release, as a Terraform registry and a mirror want them.
//!
//! A zip a platform is made by [`Release::pack`], on as many machines as it takes; [`Release::seal`] then makes what is
//! about all of them: the manifest, the checksums, the signature, the mirrors. Same sources, same bytes: nothing here
//! knows the time, a folder or chance (a signature does).

pub mod inventory;
pub mod licenses;
pub mod mirrors;
pub mod sbom;

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::{self, Entry};
use crate::artifacts::{Artifacts, PROVIDER};
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Result};
use crate::platform::Platform;
use crate::repo::VERSION;
use inventory::Inventory;

/// The protocol the provider speaks, in the registry's form.
const MANIFEST: &str = "{\"version\": 1, \"metadata\": {\"protocol_versions\": [\"6.0\"]}}\n";
/// Deflate's smallest.
const LEVEL: i64 = 9;

/// A folder with the files of this version.
#[derive(Debug, Clone)]
pub struct Release {
    folder: PathBuf,
}

impl Release {
    /// A release in a folder, which is made when it is missing; files of other versions are left alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn at(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).context(|| format!("folder {} cannot be made", folder.display()))?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Packs one platform's zip: the provider, the handlers for Lambda beside it, the licences and the bill of materials.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn pack(
        &self,
        platform: Platform,
        artifacts: &Artifacts,
        inventory: &Inventory,
        license: &Path,
    ) -> Result<PathBuf> {
        let bill = self.file(&format!("{}_sbom.cdx.json", platform.name));
        let document = serde_json::to_string_pretty(&sbom::cyclonedx(inventory))
            .context(|| "the bill of materials cannot be written as JSON".to_owned())?;
        write(&bill, &(document + "\n"))?;
        let licences = self.file(&format!("{}_licenses.txt", platform.name));
        write(&licences, &licenses::text(inventory)?)?;
        let program = platform.program(&format!("{PROVIDER}_v{VERSION}"));
        let bundles: Vec<(String, &Path)> =
            artifacts.bundles.iter().map(|bundle| (bundle.architecture.zip_name(), &*bundle.zip)).collect();
        let mut entries = vec![
            Entry { name: "LICENSE", source: license, mode: 0o644 },
            Entry { name: "THIRD-PARTY-LICENSES.txt", source: &licences, mode: 0o644 },
            Entry { name: "sbom.cdx.json", source: &bill, mode: 0o644 },
            Entry { name: &program, source: &artifacts.provider, mode: 0o755 },
        ];
        entries.extend(bundles.iter().map(|(name, source)| Entry { name, source, mode: 0o644 }));
        entries.sort_by_key(|entry| entry.name);
        let zip = self.zip(platform);
        archive::write(&zip, &entries, LEVEL)?;
        Ok(zip)
    }

    /// Makes what is about every platform: manifest, checksums, the signature when a key is given, both mirrors.
    ///
    /// # Errors
    /// When there is no zip, or a file cannot be written or signed.
    pub fn seal(&self, key: Option<&str>) -> Result<Vec<PathBuf>> {
        let zips = self.zips();
        ensure!(!zips.is_empty(), "{} holds no zip of version {VERSION}", self.folder.display());
        write(&self.file("manifest.json"), MANIFEST)?;
        mirrors::network(&self.folder.join("network-mirror"), &zips)?;
        mirrors::filesystem(&self.folder.join("filesystem-mirror"), &zips)?;
        let mut files = self.listed()?;
        let sums = self.file("SHA256SUMS");
        write(&sums, &checksums(&files)?)?;
        files.push(sums.clone());
        if let Some(key) = key {
            files.push(sign(&sums, key)?);
        }
        Ok(files)
    }

    /// The zip of a platform.
    #[must_use]
    pub fn zip(&self, platform: Platform) -> PathBuf {
        self.file(&format!("{}.zip", platform.name))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{PROVIDER}_{VERSION}_{name}"))
    }

    /// The platforms whose zip is there.
    fn zips(&self) -> Vec<(Platform, PathBuf)> {
        let all = Platform::ALL.into_iter().map(|platform| (platform, self.zip(platform)));
        all.filter(|(_, zip)| zip.is_file()).collect()
    }

    /// Every file the checksums are of, sorted.
    fn listed(&self) -> Result<Vec<PathBuf>> {
        let what = || format!("{} cannot be listed", self.folder.display());
        let prefix = format!("{PROVIDER}_{VERSION}_");
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).context(what)? {
            let path = entry.context(what)?.path();
            let name = name_of(&path);
            let ours = name.strip_prefix(&prefix).is_some_and(|rest| !rest.starts_with("SHA256SUMS"));
            if ours && path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// In the form of `sha256sum`, as the registry wants it.
fn checksums(files: &[PathBuf]) -> Result<String> {
    files.iter().map(|file| Ok(format!("{}  {}\n", archive::sha256(file)?, name_of(file)))).collect()
}

/// A binary detached signature. The registry takes keys of kind RSA and DSA only; that is the owner's choice of key.
fn sign(file: &Path, key: &str) -> Result<PathBuf> {
    let signature = file.with_file_name(format!("{}.sig", name_of(file)));
    let run = Run::new("gpg").args(["--batch", "--yes", "--local-user", key, "--detach-sign", "--output"]);
    run.arg(&signature).arg(file).text().context(|| format!("{} cannot be signed", file.display()))?;
    Ok(signature)
}

fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn write(file: &Path, text: &str) -> Result {
    fs::write(file, text).context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::artifacts::{Architecture, Bundle};

    /// A release for every platform, in a folder that the name keeps apart.
    pub fn packed(name: &str) -> Release {
        let base = std::env::temp_dir().join(format!("xtask-release-{name}-{}", std::process::id()));
        let release = Release::at(&base.join("dist")).unwrap();
        let source = base.join("source");
        fs::write(&source, "abc").unwrap();
        let bundle =
            Bundle { architecture: Architecture::X86, bootstrap: source.clone(), zip: source.clone() };
        let artifacts = Artifacts { provider: source.clone(), bundles: vec![bundle] };
        for platform in Platform::ALL {
            release.pack(platform, &artifacts, &Inventory { parts: Vec::new() }, &source).unwrap();
        }
        release
    }

    #[test]
    fn a_zip_holds_all_that_is_needed_in_order() {
        let release = packed("zip");
        for (platform, ending) in [("linux_amd64", ""), ("darwin_arm64", ""), ("windows_arm64", ".exe")] {
            let zip = fs::File::open(release.zip(Platform::named(platform).unwrap())).unwrap();
            let zip = zip::ZipArchive::new(zip).unwrap();
            let names: Vec<&str> = zip.file_names().collect();
            let program = format!("{PROVIDER}_v{VERSION}{ending}");
            let expect = [
                "LICENSE",
                "THIRD-PARTY-LICENSES.txt",
                "datalake-handlers_x86_64.zip",
                "sbom.cdx.json",
                &program,
            ];
            assert_eq!(names, expect, "{platform}");
        }
        fs::remove_dir_all(release.folder().parent().unwrap()).unwrap();
    }

    #[test]
    fn a_sealed_release_is_complete_and_the_same_twice() {
        let release = packed("seal");
        let files = release.seal(None).unwrap();
        let sums = fs::read_to_string(files.last().unwrap()).unwrap();
        assert_eq!(sums.lines().count(), 3 * Platform::ALL.len() + 1, "{sums}");
        let manifest = format!("  {PROVIDER}_{VERSION}_manifest.json\n");
        assert!(sums.contains(&manifest), "{sums}");
        let document: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
        assert_eq!(document["metadata"]["protocol_versions"][0], "6.0");
        assert_eq!(fs::read_to_string(packed("twice").seal(None).unwrap().last().unwrap()).unwrap(), sums);
        for name in ["seal", "twice"] {
            let base = std::env::temp_dir().join(format!("xtask-release-{name}-{}", std::process::id()));
            fs::remove_dir_all(base).unwrap();
        }
    }

    #[test]
    fn nothing_to_seal_is_said() {
        let folder = std::env::temp_dir().join(format!("xtask-release-none-{}", std::process::id()));
        let error = Release::at(&folder).unwrap().seal(None).unwrap_err().to_string();
        assert!(error.contains("holds no zip"), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
