//! A Python that can make virtual environments.

use std::path::{Path, PathBuf};

use crate::command::Run;
use crate::error::{Error, Result};

/// The oldest version that serves.
const OLDEST: (u32, u32) = (3, 10);
/// Names to try, the machine's own choice first.
const NAMES: [&str; 7] =
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
const PROBE: &str = "import sys; print(*sys.version_info[:2], sys.executable); import venv, ensurepip";

/// A Python interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    path: PathBuf,
    version: (u32, u32),
}

/// What was found under one name.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Usable(Python),
    TooOld(u32, u32),
    WithoutVenv(u32, u32),
    Nothing,
}

impl Python {
    /// The first Python that is new enough and can make virtual environments.
    ///
    /// # Errors
    /// When there is none: one sentence on what to install.
    pub fn find() -> Result<Self> {
        let found: Vec<Found> = NAMES.iter().map(|name| probe(name)).collect();
        choose(found)
    }

    /// The interpreter.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Major and minor version: an environment made by one does not serve another.
    #[must_use]
    pub fn version(&self) -> (u32, u32) {
        self.version
    }
}

fn probe(name: &str) -> Found {
    let Ok(output) = Run::new(name).args(["-c", PROBE]).output() else { return Found::Nothing };
    read_probe(&output.stdout, output.code == Some(0))
}

fn read_probe(said: &str, imports: bool) -> Found {
    let mut words = said.trim().splitn(3, ' ');
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
    let (Some(major), Some(minor)) = (number(), number()) else { return Found::Nothing };
    let Some(path) = words.next().filter(|path| !path.is_empty()) else { return Found::Nothing };
    match () {
        () if (major, minor) < OLDEST => Found::TooOld(major, minor),
        () if !imports => Found::WithoutVenv(major, minor),
        () => Found::Usable(Python { path: PathBuf::from(path), version: (major, minor) }),
    }
}

fn choose(found: Vec<Found>) -> Result<Python> {
    let mut complaint =
        "Python is missing: install Python 3.10 or newer (as `python3`) and try again".to_owned();
    for one in found {
        match one {
            Found::Usable(python) => return Ok(python),
            Found::WithoutVenv(major, minor) => {
                complaint = format!(
                    "Python {major}.{minor} cannot make virtual environments: install its venv package \
                     (Debian: python{major}.{minor}-venv) and try again"
                );
            }
            Found::TooOld(major, minor) => {
                complaint =
                    format!("Python {major}.{minor} is too old: install Python 3.10 or newer and try again");
            }
            Found::Nothing => {}
        }
    }
    Err(Error::new(complaint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes() {
        let usable = Found::Usable(Python { path: PathBuf::from("/opt/my python"), version: (3, 10) });
        let cases = [
            ("3 10 /opt/my python\n", true, usable),
            ("3 9 /usr/bin/python3\n", true, Found::TooOld(3, 9)),
            ("3 12 /usr/bin/python3\n", false, Found::WithoutVenv(3, 12)),
            ("", false, Found::Nothing),
            ("pyenv: no such version", false, Found::Nothing),
        ];
        for (said, imports, expected) in cases {
            assert_eq!(read_probe(said, imports), expected, "{said}");
        }
    }

    #[test]
    fn the_complaint_says_what_to_install() {
        let cases = [
            (vec![Found::Nothing], "Python is missing"),
            (vec![Found::TooOld(3, 8), Found::Nothing], "Python 3.8 is too old"),
            (vec![Found::WithoutVenv(3, 11)], "python3.11-venv"),
        ];
        for (found, expected) in cases {
            assert!(choose(found).unwrap_err().to_string().contains(expected));
        }
    }
}
