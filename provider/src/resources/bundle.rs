//! The handlers' package: the zip that becomes the layer, shipped beside the provider's own program.

use std::path::PathBuf;
use std::sync::Arc;

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
        let path = folder().join(format!("datalake-handlers_{architecture}.zip"));
        let shown = path.display().to_string();
        let package = std::fs::read(&path).map_err(|error| BundleError::Unreadable {
            architecture: architecture.to_owned(),
            path: shown.clone(),
            error,
        })?;
        if package.len() > LARGEST {
            return Err(BundleError::TooLarge { path: shown, size: package.len() });
        }
        Ok(Self::new(package))
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
