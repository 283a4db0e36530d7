//! What is built: the provider for this machine, and the handlers' `bootstrap` for Lambda.

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::{self, Entry};
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Result};
use crate::glibc;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::tools::{Tools, cargo};

/// File name of the provider's binary.
pub const PROVIDER: &str = "terraform-provider-datalake";

/// The C library a released provider may need: that of RHEL 8 and Debian 10.
const OLD_LINUX: glibc::Version = glibc::Version(2, 28);

/// How things are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build: demo and tests.
    Dev,
    /// What is shipped: `dist` and `bench` only.
    Ship,
}

/// Processors Lambda functions run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Lambda's `x86_64`.
    X86,
    /// Lambda's `arm64`.
    Arm,
}

/// The handlers for one architecture.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Which.
    pub architecture: Architecture,
    /// The binary.
    pub bootstrap: PathBuf,
    /// The zip the provider publishes as layer.
    pub zip: PathBuf,
}

/// Everything the provider needs at run time.
#[derive(Debug, Clone)]
pub struct Artifacts {
    /// The provider's binary.
    pub provider: PathBuf,
    /// The handlers, one bundle per architecture that can be built here.
    pub bundles: Vec<Bundle>,
}

impl Profile {
    /// Cargo's name of the profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Ship => "ship",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "debug",
            Profile::Ship => "ship",
        }
    }
}

impl Architecture {
    /// Every one, the one always built first.
    pub const ALL: [Self; 2] = [Self::X86, Self::Arm];

    /// Lambda's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        }
    }

    /// Rust's target.
    #[must_use]
    pub fn target(self) -> &'static str {
        match self {
            Self::X86 => "x86_64-unknown-linux-gnu",
            Self::Arm => "aarch64-unknown-linux-gnu",
        }
    }

    /// The name under which the provider looks for the bundle, beside its own binary.
    #[must_use]
    pub fn zip_name(self) -> String {
        format!("datalake-handlers_{}.zip", self.name())
    }

    /// Whether Rust's library for the target is installed.
    #[must_use]
    pub fn installed(self) -> bool {
        let run = Run::new("rustc").args(["--print", "target-libdir", "--target", self.target()]);
        run.text().is_ok_and(|folder| Path::new(folder.trim()).is_dir())
    }
}

/// Builds the provider.
///
/// # Errors
/// When it does not compile.
pub fn provider(repo: &Repo, profile: Profile, progress: &Progress) -> Result<PathBuf> {
    let packages: &[&str] = match profile {
        // The whole workspace's features, as `cargo test --workspace` builds: every dependency is compiled once.
        Profile::Dev => &["--workspace"],
        // Its own features and no others: what is measured must be what is shipped.
        Profile::Ship => &["--package", PROVIDER],
    };
    cargo(repo)?
        .arg("build")
        .args(packages)
        .args(["--bin", PROVIDER, "--profile", profile.name()])
        .logged(&repo.work_dir("logs")?.join("build-provider.log"), progress)?;
    Ok(repo.target().join(profile.folder()).join(PROVIDER))
}

/// Builds the handlers for every architecture whose Rust target is installed.
///
/// # Errors
/// When they do not compile, or need a newer C library than Lambda has.
pub fn handlers(tools: &Tools, profile: Profile, progress: &Progress) -> Result<Vec<Bundle>> {
    let found = Architecture::ALL.into_iter().filter(|one| *one == Architecture::X86 || one.installed());
    found.map(|architecture| bundle(tools, profile, architecture, progress)).collect()
}

/// Builds the provider as it is released: for any Linux of the last years, not only the one it was built on.
///
/// # Errors
/// When it does not compile.
pub fn portable_provider(tools: &Tools, progress: &Progress) -> Result<PathBuf> {
    let architecture = if cfg!(target_arch = "aarch64") { Architecture::Arm } else { Architecture::X86 };
    let build = Zigbuild { package: PROVIDER, binary: PROVIDER, architecture, library: OLD_LINUX };
    build.run(tools, Profile::Ship, progress)
}

fn bundle(
    tools: &Tools,
    profile: Profile,
    architecture: Architecture,
    progress: &Progress,
) -> Result<Bundle> {
    let library = glibc::AMAZON_LINUX_2023;
    let build = Zigbuild { package: "datalake-handlers", binary: "bootstrap", architecture, library };
    let bootstrap = build.run(tools, profile, progress)?;
    glibc::require_amazon_linux(&bootstrap)?;
    let zip = bootstrap.with_file_name(architecture.zip_name());
    progress.say(format!("packing {}", architecture.zip_name()));
    pack(&bootstrap, &zip, if profile == Profile::Dev { 1 } else { 9 })?;
    Ok(Bundle { architecture, bootstrap, zip })
}

/// One binary, built against an older C library than this machine's.
struct Zigbuild {
    package: &'static str,
    binary: &'static str,
    architecture: Architecture,
    library: glibc::Version,
}

impl Zigbuild {
    fn run(&self, tools: &Tools, profile: Profile, progress: &Progress) -> Result<PathBuf> {
        let (repo, venv, target) = (tools.repo(), tools.build(progress)?, self.architecture.target());
        let log =
            repo.work_dir("logs")?.join(format!("build-{}-{}.log", self.binary, self.architecture.name()));
        cargo(repo)?
            .args(["zigbuild", "-p", self.package, "--bin", self.binary, "--profile", profile.name()])
            .args(["--target", &format!("{target}.{}", self.library)])
            .env("PATH", venv.path())
            .env("ZIG_GLOBAL_CACHE_DIR", repo.tools().join("zig-cache"))
            .env("CARGO_ZIGBUILD_CACHE_DIR", repo.tools().join("zigbuild-cache"))
            // Symbols are four fifths of a debug build, and every byte is uploaded to the local cloud.
            .env("CARGO_PROFILE_DEV_STRIP", "symbols")
            .logged(&log, progress)
            .context(|| format!("{} cannot be built for {target}", self.binary))?;
        Ok(repo.target().join(target).join(profile.folder()).join(self.binary))
    }
}

/// Packs the binary, unless the archive was made from this very file.
fn pack(bootstrap: &Path, zip: &Path, level: i64) -> Result {
    let data = fs::metadata(bootstrap).context(|| format!("{} was not built", bootstrap.display()))?;
    let stamp = format!("{level} {} {:?}", data.len(), data.modified().ok());
    let stamp_file = zip.with_extension("stamp");
    if zip.is_file() && fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
        return Ok(());
    }
    ensure!(data.len() > 0, "{} is empty", bootstrap.display());
    archive::write(zip, &[Entry { name: "bootstrap", source: bootstrap, mode: 0o755 }], level)?;
    fs::write(&stamp_file, stamp).context(|| format!("{} cannot be written", stamp_file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Architecture::X86.zip_name(), "datalake-handlers_x86_64.zip");
        assert_eq!(Architecture::Arm.zip_name(), "datalake-handlers_arm64.zip");
        assert_eq!(
            format!("{}.{}", Architecture::X86.target(), glibc::AMAZON_LINUX_2023),
            "x86_64-unknown-linux-gnu.2.34"
        );
    }

    #[test]
    fn this_machine_has_its_own_target() {
        if cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")) {
            assert!(Architecture::X86.installed());
        }
    }
}
