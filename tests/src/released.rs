//! A release in a folder of its own: of what was built for the tests, or, where `DATALAKE_DIST` names the `dist` folder of
//! `cargo xtask dist`, that one, as it is shipped.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::artifacts::{Architecture, Artifacts, Bundle};
use xtask::error::{Error, Result};
use xtask::files::read;
use xtask::kit::Kit;
use xtask::mirror::{Mirror, config_text};
use xtask::platform::Platform;
use xtask::release::Release;
use xtask::release::inventory::Inventory;
use xtask::terraform::Workspace;

/// The folder of a release that is there already, instead of one of what was built for the tests.
const GIVEN: &str = "DATALAKE_DIST";

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
        match std::env::var_os(GIVEN).filter(|given| !given.is_empty()) {
            Some(given) => take(&Release::at(Path::new(&given))?, &release)?,
            None => pack(&kit, &release)?,
        }
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

/// What was built for the tests becomes a zip.
fn pack(kit: &Kit, release: &Release) -> Result {
    let package = kit.mirror.package();
    let bundle = |architecture: Architecture| {
        let zip = package.join(architecture.zip_name());
        Bundle { architecture, bootstrap: zip.clone(), zip }
    };
    let bundles = Architecture::ALL.into_iter().map(bundle).filter(|bundle| bundle.zip.is_file()).collect();
    let artifacts = Artifacts { provider: kit.mirror.provider(), bundles };
    let inventory = Inventory::of(kit.repo(), Platform::HOST)?;
    release.pack(Platform::HOST, &artifacts, &inventory, &kit.repo().join("LICENSE")).map(drop)
}

/// Its zip is copied; the rest is sealed anew.
fn take(given: &Release, release: &Release) -> Result {
    let (from, to) = (given.zip(Platform::HOST), release.zip(Platform::HOST));
    fs::copy(&from, &to)
        .map(drop)
        .map_err(|error| Error::new(format!("{GIVEN}: {} cannot be copied: {error}", from.display())))
}

fn failed(error: std::io::Error) -> Error {
    Error::new(format!("the test's folder cannot be written: {error}"))
}
