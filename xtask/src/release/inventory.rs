//! What a release is made of: every crate that is linked into the provider or the handlers, as cargo resolved it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::artifacts::SHIPPED;
use crate::error::{Context, Error, Result};
use crate::files;
use crate::platform::Platform;
use crate::repo::Repo;
use crate::tools::cargo;

/// One crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as an SPDX expression; none when it states a file only.
    pub licence: Option<String>,
    /// Where its source is kept.
    pub repository: Option<String>,
    /// SHA-256 of the package in the registry; none for our own crates.
    pub checksum: Option<String>,
    /// Whether it is one of this repository's.
    pub ours: bool,
    /// The folder with its source.
    pub folder: PathBuf,
    /// What it uses itself, as indices into [`Inventory::parts`].
    pub uses: Vec<usize>,
}

/// Every crate, sorted by name and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The crates.
    pub parts: Vec<Part>,
}

impl Inventory {
    /// Asks cargo, for a provider of this platform and for the handlers.
    ///
    /// # Errors
    /// When cargo or the lock file cannot be read.
    pub fn of(repo: &Repo, platform: Platform) -> Result<Self> {
        let mut platforms = vec![Platform::ALL[0].target];
        if platform != Platform::ALL[0] {
            platforms.push(platform.target);
        }
        let filters = platforms.iter().flat_map(|target| ["--filter-platform", target]);
        let run = cargo(repo)?.args(["metadata", "--format-version", "1", "--locked"]).args(filters);
        let metadata = serde_json::from_str(&run.text()?)
            .context(|| "`cargo metadata` does not answer in JSON".to_owned())?;
        let lock = repo.join("Cargo.lock");
        let lock = files::read(&lock)?;
        Self::read(&metadata, &lock)
    }

    /// From what cargo says and the text of the lock file.
    ///
    /// # Errors
    /// When a crate that is used is not described.
    pub fn read(metadata: &Value, lock: &str) -> Result<Self> {
        let packages = by_id(&metadata["packages"]);
        let nodes = by_id(&metadata["resolve"]["nodes"]);
        let roots =
            packages.iter().filter(|(_, package)| SHIPPED.iter().any(|name| package["name"] == *name));
        let mut wanted: Vec<&str> = roots.map(|(id, _)| *id).collect();
        let mut found = BTreeMap::new();
        while let Some(id) = wanted.pop() {
            if found.contains_key(id) {
                continue;
            }
            let node = nodes.get(id).ok_or_else(|| Error::new(format!("cargo did not resolve {id}")))?;
            let linked = linked(node);
            wanted.extend(linked.iter().copied());
            found.insert(id, linked);
        }
        let mut ids: Vec<&str> = found.keys().copied().collect();
        ids.sort_by_key(|id| packages.get(id).map(|package| key(package)));
        let place: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let checksums = checksums(lock);
        let part = |id: &&str| {
            let package = packages.get(id).ok_or_else(|| Error::new(format!("cargo does not know {id}")))?;
            let uses: BTreeSet<usize> =
                found[id].iter().filter_map(|used| place.get(used).copied()).collect();
            Ok(part(package, &checksums, uses.into_iter().collect()))
        };
        Ok(Self { parts: ids.iter().map(part).collect::<Result<_>>()? })
    }
}

fn by_id(list: &Value) -> BTreeMap<&str, &Value> {
    let entries = list.as_array().into_iter().flatten();
    entries.filter_map(|entry| Some((entry["id"].as_str()?, entry))).collect()
}

/// Dependencies that end in the binary: neither build scripts' nor tests'.
fn linked(node: &Value) -> Vec<&str> {
    let normal =
        |edge: &&Value| edge["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null());
    let edges = node["deps"].as_array().into_iter().flatten().filter(normal);
    edges.filter_map(|edge| edge["pkg"].as_str()).collect()
}

fn key(package: &Value) -> (String, String) {
    (text(&package["name"]).unwrap_or_default(), text(&package["version"]).unwrap_or_default())
}

fn part(package: &Value, checksums: &BTreeMap<(String, String), String>, uses: Vec<usize>) -> Part {
    let (name, version) = key(package);
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
    Part {
        // Before SPDX had expressions, crates wrote a slash.
        licence: text(&package["license"]).map(|licence| licence.replace(" / ", "/").replace('/', " OR ")),
        repository: text(&package["repository"]),
        checksum: checksums.get(&(name.clone(), version.clone())).cloned(),
        ours: package["source"].is_null(),
        folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
        name,
        version,
        uses,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Name and version to checksum, from a lock file: blocks of `name = "…"` lines that cargo wrote.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""));
        line.and_then(|line| line.strip_suffix('"')).map(str::to_owned)
    };
    let blocks = lock.split("[[package]]").skip(1);
    let entries = blocks.filter_map(|block| {
        Some(((field(block, "name")?, field(block, "version")?), field(block, "checksum")?))
    });
    entries.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    /// The provider uses `b` in two versions, one by way of `a`; the build script's `c` is not linked.
    pub fn small() -> Inventory {
        let package = |name: &str, version: &str, licence: &str, source: Option<&str>| {
            json!({
                "id": format!("{name}@{version}"), "name": name, "version": version, "license": licence, "source": source,
                "repository": "https://example.com/b", "manifest_path": format!("/nowhere/{name}-{version}/Cargo.toml"),
            })
        };
        let edge = |id: &str, kind: Value| json!({"pkg": id, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [
                package("terraform-provider-datalake", "0.1.0", "Apache-2.0", None),
                package("b", "2.0.0", "MIT/Apache-2.0", Some("registry")),
                package("b", "1.0.0", "MIT", Some("registry")),
                package("a", "1.0.0", "MIT / Apache-2.0", Some("registry")),
                package("c", "1.0.0", "GPL-3.0", Some("registry")),
            ],
            "resolve": {"nodes": [
                {"id": "terraform-provider-datalake@0.1.0", "deps": [
                    edge("b@2.0.0", Value::Null), edge("a@1.0.0", Value::Null), edge("c@1.0.0", json!("build"))]},
                {"id": "a@1.0.0", "deps": [edge("b@1.0.0", Value::Null), edge("c@1.0.0", json!("dev"))]},
                {"id": "b@1.0.0", "deps": []}, {"id": "b@2.0.0", "deps": []}, {"id": "c@1.0.0", "deps": []},
            ]},
        });
        let lock = "[[package]]\nname = \"b\"\nversion = \"2.0.0\"\nchecksum = \"beef\"\n";
        Inventory::read(&metadata, lock).unwrap()
    }

    #[test]
    fn what_is_linked_is_listed_once() {
        let parts = small().parts;
        let listed: Vec<String> =
            parts.iter().map(|part| format!("{} {}", part.name, part.version)).collect();
        assert_eq!(listed, ["a 1.0.0", "b 1.0.0", "b 2.0.0", "terraform-provider-datalake 0.1.0"]);
        assert_eq!((&*parts[3].uses, &*parts[0].uses), (&[0, 2][..], &[1][..]));
        assert_eq!(parts[0].licence.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(parts[2].licence.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!((parts[2].checksum.as_deref(), &parts[1].checksum), (Some("beef"), &None));
        assert!(parts[3].ours && !parts[0].ours);
    }

    #[test]
    fn an_answer_without_a_crate_is_an_error() {
        let metadata =
            json!({"packages": [{"id": "x", "name": "datalake-handlers"}], "resolve": {"nodes": []}});
        assert!(Inventory::read(&metadata, "").unwrap_err().to_string().contains("did not resolve x"));
    }
}
