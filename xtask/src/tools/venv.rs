//! Virtual environments with pinned packages, made once per list of packages.
//!
//! The folder's name holds a hash of the list and of the Python version, so a changed list makes a new environment. A
//! marker file is written last: a folder without it is half made (an interrupted download) and is made again.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::command::Run;
use crate::error::{Context, Result};
use crate::files;
use crate::progress::Progress;
use crate::tools::python::Python;

const MARKER: &str = ".complete";

/// A complete virtual environment.
#[derive(Debug, Clone)]
pub struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// The environment for a list of packages: the one that is there, or a new one.
    ///
    /// # Errors
    /// When the list cannot be read or its packages cannot be installed.
    pub fn get(python: &Python, tools: &Path, name: &str, list: &Path, progress: &Progress) -> Result<Self> {
        let packages =
            fs::read(list).context(|| format!("package list {} cannot be read", list.display()))?;
        fs::create_dir_all(tools).context(|| format!("folder {} cannot be made", tools.display()))?;
        let venv = Self { dir: tools.join(format!("venv-{name}-{}", key(&packages, python.version()))) };
        if !venv.complete() {
            // Two commands at once: the second waits, then finds what the first has made.
            let lock = files::lock_file(&tools.join(format!("venv-{name}.lock")))?;
            files::lock(&lock, progress, "another command that installs the same packages")?;
            if !venv.complete() {
                venv.make(python, list, progress)?;
            }
        }
        Ok(venv)
    }

    /// The folder of its programs, for `PATH`.
    #[must_use]
    pub fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// One of its programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// Its Python, not yet started; never disturbed by the caller's own Python settings.
    #[must_use]
    pub fn python(&self) -> Run {
        let python = Run::new(self.program("python"));
        python.env_remove("PYTHONPATH").env_remove("PYTHONHOME").env("PYTHONDONTWRITEBYTECODE", "1")
    }

    /// `PATH` with its programs first.
    #[must_use]
    pub fn path(&self) -> String {
        let rest = std::env::var("PATH").unwrap_or_default();
        format!("{}:{rest}", self.bin().display())
    }

    fn complete(&self) -> bool {
        self.dir.join(MARKER).is_file()
    }

    fn make(&self, python: &Python, list: &Path, progress: &Progress) -> Result {
        files::clear(&self.dir)?;
        let log = self.dir.with_extension("log");
        progress.say("making a virtual environment");
        Run::new(python.path()).args(["-m", "venv"]).arg(&self.dir).logged(&log, progress)?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--no-input",
            "--disable-pip-version-check",
            "--progress-bar",
            "off",
            "-r",
        ];
        self.python().args(pip).arg(list).logged(&log, progress).context(|| {
            format!("the packages of {} cannot be installed (is PyPI reachable?)", list.display())
        })?;
        let marker = self.dir.join(MARKER);
        fs::write(&marker, "").context(|| format!("{} cannot be written", marker.display()))
    }
}

/// 12 hexadecimal digits over the list and the Python version.
fn key(packages: &[u8], version: (u32, u32)) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("python {}.{}\n", version.0, version.1));
    hash.update(packages);
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_changes_with_the_list_and_the_python() {
        let base = key(b"moto==5.2.5\n", (3, 11));
        assert_eq!(base.len(), 12);
        assert_ne!(base, key(b"moto==5.2.6\n", (3, 11)));
        assert_ne!(base, key(b"moto==5.2.5\n", (3, 12)));
    }

    #[test]
    fn a_half_made_folder_is_made_again() {
        let tools = std::env::temp_dir().join(format!("xtask-venv-{}", std::process::id()));
        let list = tools.join("list.txt");
        fs::create_dir_all(&tools).unwrap();
        fs::write(&list, "# nothing\n").unwrap();
        let python = Python::find().unwrap();
        let half = tools.join(format!("venv-t-{}", key(b"# nothing\n", python.version())));
        fs::create_dir_all(half.join("bin")).unwrap();
        fs::write(half.join("left-over"), "").unwrap();
        let venv = Venv::get(&python, &tools, "t", &list, &Progress::default()).unwrap();
        assert!(venv.complete() && !half.join("left-over").exists());
        assert!(venv.python().args(["-c", "print(1)"]).text().unwrap().starts_with('1'));
        fs::remove_dir_all(&tools).unwrap();
    }
}
