//! The handlers' package: the zip that becomes the layer, shipped beside the provider's own program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::design::sha256_base64;

/// The largest package Lambda takes in a request, in bytes.
const LARGEST: usize = 50 << 20;

/// Where a package is looked for first, instead of the folder of the provider's program.
pub const FOLDER_VARIABLE: &str = "DATALAKE_HANDLERS_DIR";

/// One architecture's package.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// SHA-256 as Lambda gives it (base64).
    pub sha256: String,
    /// The zip.
    pub package: Arc<[u8]>,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file cannot be read.
    #[error(
        "the handlers for {architecture} are not beside the provider: {path}: {error}. Reinstall the provider with \
         `terraform init -upgrade`, or set {FOLDER_VARIABLE} to the folder that holds the file"
    )]
    Unreadable {
        /// `x86_64` or `arm64`.
        architecture: String,
        /// Where it was looked for.
        path: String,
        /// Why it could not be read.
        error: std::io::Error,
    },
    /// Lambda would refuse it.
    #[error("the handlers' package {path} has {size} bytes; Lambda takes {LARGEST} in a request")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        size: usize,
    },
}

impl Bundle {
    /// A package of these bytes.
    #[must_use]
    pub fn new(package: Vec<u8>) -> Self {
        Self { sha256: sha256_base64(&package), package: package.into() }
    }

    /// The package for an architecture.
    ///
    /// # Errors
    /// When it is not there or too large.
    pub fn load(architecture: &str) -> Result<Self, BundleError> {
        Self::load_from(&folder(), architecture)
    }

    fn load_from(folder: &Path, architecture: &str) -> Result<Self, BundleError> {
        let path = folder.join(format!("datalake-handlers_{architecture}.zip"));
        let unreadable = |error| BundleError::Unreadable {
            architecture: architecture.to_owned(),
            path: path.display().to_string(),
            error,
        };
        let version = Version::of(&path).map_err(unreadable)?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bundle)) = loaded.get(&path).filter(|(held, _)| *held == version) {
            return Ok(bundle.clone());
        }
        let package = std::fs::read(&path).map_err(unreadable)?;
        if package.len() > LARGEST {
            return Err(BundleError::TooLarge { path: path.display().to_string(), size: package.len() });
        }
        let bundle = Self::new(package);
        loaded.insert(path, (version, bundle.clone()));
        Ok(bundle)
    }
}

/// What was read, by path: each pipeline of a configuration asks for it, several times.
static LOADED: Mutex<BTreeMap<PathBuf, (Version, Bundle)>> = Mutex::new(BTreeMap::new());

/// By what a file that was replaced is known.
#[derive(Debug, PartialEq)]
struct Version {
    bytes: u64,
    modified: SystemTime,
}

impl Version {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self { bytes: metadata.len(), modified: metadata.modified()? })
    }
}

fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        return folder.into();
    }
    // A mirror may hold a link to the program; the package lies beside the real file.
    let program = std::env::current_exe().and_then(std::fs::canonicalize).unwrap_or_default();
    program.parent().map(PathBuf::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_read_once_and_again_when_it_was_replaced() {
        let folder = std::env::temp_dir().join(format!("datalake-bundle-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let load = || Bundle::load_from(&folder, "x86_64");
        assert!(matches!(load(), Err(BundleError::Unreadable { .. })));
        let path = folder.join("datalake-handlers_x86_64.zip");
        std::fs::write(&path, "first").unwrap();
        let (first, again) = (load().unwrap(), load().unwrap());
        assert!(Arc::ptr_eq(&first.package, &again.package));
        std::fs::write(&path, "another").unwrap();
        let other = load().unwrap();
        assert_eq!(&other.package[..], b"another");
        assert_ne!(other.sha256, first.sha256);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
