//! A release of what was built for the tests, in a folder of its own.

use std::fs;
use std::path::PathBuf;

use xtask::artifacts::{Architecture, Artifacts, Bundle};
use xtask::error::{Error, Result};
use xtask::files::read;
use xtask::kit::Kit;
use xtask::mirror::{Mirror, config_text};
use xtask::platform::Platform;
use xtask::release::Release;
use xtask::release::inventory::Inventory;
use xtask::terraform::Workspace;

/// A packed and sealed release.
pub struct Released {
    /// The makings.
    pub kit: Kit,
    /// The folder of this test.
    pub folder: PathBuf,
    /// The release.
    pub release: Release,
}

impl Released {
    /// Packs one; the name keeps its files apart.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn new(name: &str) -> Result<Self> {
        let kit = crate::kit()?;
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
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn workspace(
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

    /// The text of a file of the clone.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> Result<String> {
        read(&self.kit.repo().join(name))
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(format!("the test's folder cannot be written: {error}"))
}
