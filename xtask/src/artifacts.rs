//! What is built: the provider for this machine, and the handlers' `bootstrap` for Lambda.

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::{self, Entry};
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::glibc;
use crate::platform::Platform;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::tools::{Tools, cargo};

/// File name of the provider's binary.
pub const PROVIDER: &str = "terraform-provider-datalake";

/// The C library of what is shipped, provider and handlers: that of RHEL 8 and Debian 10, older than Lambda's. One for
/// both, because the compiler's wrapper is named after it: another name rebuilds everything that rests on C code.
const OLD_LINUX: glibc::Version = glibc::Version(2, 28);
/// The time that Windows' linker writes into a program: that of the archives' files, 1980-01-01.
const LINKED_AT: &str = "315532800";
/// The package with the handlers' binary.
const HANDLERS: &str = "datalake-handlers";
/// What is shipped is compiled with the features of these together: every dependency once, and what is measured is
/// what is released.
pub const SHIPPED: [&str; 2] = [PROVIDER, HANDLERS];

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

    /// This machine's.
    #[must_use]
    pub fn host() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm } else { Self::X86 }
    }

    /// The machine that Lambda runs.
    #[must_use]
    pub fn platform(self) -> Platform {
        match self {
            Self::X86 => Platform::ALL[0],
            Self::Arm => Platform::ALL[1],
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
        let run = Run::new("rustc").args(["--print", "target-libdir", "--target", self.platform().target]);
        run.text().is_ok_and(|folder| Path::new(folder.trim()).is_dir())
    }
}

/// Builds the provider for this machine: as quickly as it goes, or as it is released.
///
/// # Errors
/// When it does not compile.
pub fn provider(tools: &Tools, profile: Profile, progress: &Progress) -> Result<PathBuf> {
    match profile {
        Profile::Dev => quick_provider(tools.repo(), progress),
        Profile::Ship => shipped_provider(tools, Platform::HOST, progress),
    }
}

/// Builds the provider as it is released, for any platform whose Rust target is installed.
///
/// # Errors
/// When it does not compile.
pub fn shipped_provider(tools: &Tools, platform: Platform, progress: &Progress) -> Result<PathBuf> {
    let build = Build { package: PROVIDER, binary: PROVIDER, platform };
    build.run(tools, Profile::Ship, progress)
}

/// The whole workspace's features, as `cargo test --workspace` builds: every dependency is compiled once.
fn quick_provider(repo: &Repo, progress: &Progress) -> Result<PathBuf> {
    let profile = Profile::Dev;
    cargo(repo)?
        .args(["build", "--workspace", "--bin", PROVIDER, "--profile", profile.name()])
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

fn bundle(
    tools: &Tools,
    profile: Profile,
    architecture: Architecture,
    progress: &Progress,
) -> Result<Bundle> {
    let build = Build { package: HANDLERS, binary: "bootstrap", platform: architecture.platform() };
    let bootstrap = build.run(tools, profile, progress)?;
    glibc::require_amazon_linux(&bootstrap)?;
    let zip = bootstrap.with_file_name(architecture.zip_name());
    progress.say(format!("packing {}", architecture.zip_name()));
    pack(&bootstrap, &zip, if profile == Profile::Dev { 1 } else { 9 })?;
    Ok(Bundle { architecture, bootstrap, zip })
}

/// One binary for one platform; for Linux against an older C library than this machine's.
struct Build {
    package: &'static str,
    binary: &'static str,
    platform: Platform,
}

impl Build {
    fn run(&self, tools: &Tools, profile: Profile, progress: &Progress) -> Result<PathBuf> {
        let (repo, target) = (tools.repo(), self.platform.target);
        let log = repo.work_dir("logs")?.join(format!("build-{}-{}.log", self.binary, self.platform.name));
        let (packages, library) = match profile {
            Profile::Dev => (&[self.package][..], glibc::AMAZON_LINUX_2023),
            Profile::Ship => (&SHIPPED[..], OLD_LINUX),
        };
        let packages = packages.iter().flat_map(|package| ["--package", package]);
        let run = self
            .compiler(tools, library, progress)?
            .args(packages)
            .args(["--bin", self.binary, "--profile", profile.name()])
            // Symbols are four fifths of a debug build, and every byte is uploaded to the local cloud.
            .env("CARGO_PROFILE_DEV_STRIP", "symbols");
        let run = match profile {
            Profile::Dev => run,
            Profile::Ship => {
                run.env("CARGO_ENCODED_RUSTFLAGS", placeless(repo)?).env("SOURCE_DATE_EPOCH", LINKED_AT)
            }
        };
        run.logged(&log, progress).context(|| format!("{} cannot be built for {target}", self.binary))?;
        Ok(repo.target().join(target).join(profile.folder()).join(self.platform.program(self.binary)))
    }

    /// Cargo's command up to the target.
    fn compiler(&self, tools: &Tools, library: glibc::Version, progress: &Progress) -> Result<Run> {
        let (repo, target) = (tools.repo(), self.platform.target);
        if !self.platform.linked_by_zig() {
            return Ok(cargo(repo)?.args(["build", "--target", target]));
        }
        let venv = tools.build(progress)?;
        let target = if self.platform.is_linux() { format!("{target}.{library}") } else { target.to_owned() };
        let run = cargo(repo)?.args(["zigbuild", "--target", &target]);
        Ok(run
            .env("PATH", venv.path())
            .env("ZIG_GLOBAL_CACHE_DIR", repo.tools().join("zig-cache"))
            .env("CARGO_ZIGBUILD_CACHE_DIR", repo.tools().join("zigbuild-cache")))
    }
}

/// Flags for a binary that says nothing about the folders it was built in: the same bytes from every clone.
fn placeless(repo: &Repo) -> Result<String> {
    let registry = std::env::var_os("CARGO_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let registry = registry.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registry = registry.ok_or_else(|| Error::new("neither CARGO_HOME nor HOME is set"))?;
    // Of several that fit the compiler takes the last: the build folder may lie in the clone.
    let folders = [(repo.root(), "/source"), (&*registry, "/cargo"), (repo.target(), "/build")];
    let flags = folders.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()));
    Ok(flags.join("\u{1f}"))
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
            format!("{}.{}", Architecture::X86.platform().target, glibc::AMAZON_LINUX_2023),
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
