//! Two folders a company can put a release into for machines without the registry: one to be served over HTTPS
//! (`network_mirror`), one to be read (`filesystem_mirror`, packed layout).

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::name_of;
use crate::archive;
use crate::error::{Context, Result};
use crate::mirror::ADDRESS;
use crate::platform::Platform;
use crate::repo::VERSION;

/// Lays out the network mirror: `index.json` with the versions, `<version>.json` with this one's archives.
///
/// An index that is there keeps its other versions.
///
/// # Errors
/// When a file cannot be written, or the index that is there cannot be read.
pub fn network(root: &Path, zips: &[(Platform, PathBuf)]) -> Result {
    let folder = root.join(ADDRESS);
    place(&folder, zips)?;
    let mut archives = Map::new();
    for (platform, zip) in zips {
        let hash = format!("zh:{}", archive::sha256(zip)?);
        archives.insert(platform.name.to_owned(), json!({"url": name_of(zip), "hashes": [hash]}));
    }
    write(&folder.join(format!("{VERSION}.json")), &json!({"archives": archives}))?;
    let index = folder.join("index.json");
    let mut versions = versions(&index)?;
    versions.insert(VERSION.to_owned(), json!({}));
    write(&index, &json!({"versions": versions}))
}

/// Lays out the filesystem mirror.
///
/// # Errors
/// When a file cannot be written.
pub fn filesystem(root: &Path, zips: &[(Platform, PathBuf)]) -> Result {
    place(&root.join(ADDRESS), zips)
}

/// The same file twice on the disk would be the same bytes twice: a link is enough where there are links.
fn place(folder: &Path, zips: &[(Platform, PathBuf)]) -> Result {
    fs::create_dir_all(folder).context(|| format!("folder {} cannot be made", folder.display()))?;
    for (_, zip) in zips {
        let target = folder.join(name_of(zip));
        let what = || format!("{} cannot be written", target.display());
        if target.exists() {
            fs::remove_file(&target).context(what)?;
        }
        fs::hard_link(zip, &target).or_else(|_| fs::copy(zip, &target).map(drop)).context(what)?;
    }
    Ok(())
}

fn versions(index: &Path) -> Result<Map<String, Value>> {
    if !index.is_file() {
        return Ok(Map::new());
    }
    let what = || format!("{} cannot be read", index.display());
    let document: Value = serde_json::from_str(&fs::read_to_string(index).context(what)?).context(what)?;
    Ok(document["versions"].as_object().cloned().unwrap_or_default())
}

fn write(file: &Path, document: &Value) -> Result {
    super::write(file, &format!("{document:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_keeps_other_versions() {
        let root = std::env::temp_dir().join(format!("xtask-mirrors-{}", std::process::id()));
        let folder = root.join("mirror").join(ADDRESS);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.json"), r#"{"versions": {"0.0.1": {}}}"#).unwrap();
        let zip = root.join("a.zip");
        fs::write(&zip, "abc").unwrap();
        let zips = [(Platform::ALL[0], zip)];
        network(&root.join("mirror"), &zips).unwrap();
        network(&root.join("mirror"), &zips).unwrap();
        let read = |name: &str| -> Value {
            serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
        };
        assert_eq!(read("index.json"), json!({"versions": {"0.0.1": {}, VERSION: {}}}));
        let archive = &read(&format!("{VERSION}.json"))["archives"]["linux_amd64"];
        assert_eq!(archive["url"], "a.zip");
        assert!(archive["hashes"][0].as_str().unwrap().starts_with("zh:ba7816bf"), "{archive}");
        assert_eq!(fs::read_to_string(folder.join("a.zip")).unwrap(), "abc");
        fs::remove_dir_all(&root).unwrap();
    }
}
