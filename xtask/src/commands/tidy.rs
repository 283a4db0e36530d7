//! Our own rules for files: every source says what it is about, none is long, none knows the machine it was written on,
//! and no document names a file or a command that is not there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::documents::{changelog, commands, links};
use crate::error::{Context, Error, Result};

/// Lines a source file may have; 300 is long already.
const MOST_LINES: usize = 500;
/// Folders that are not ours or not kept.
const SKIPPED: [&str; 6] = ["target", "dist", ".git", ".terraform", "__pycache__", "node_modules"];
/// Endings of files that are looked at.
const TEXTS: [&str; 10] = ["rs", "toml", "md", "tf", "hcl", "py", "sh", "json", "yml", "txt"];

/// Beginnings of paths that exist on one machine only. In parts, or this file would offend against itself.
fn machine_paths() -> [String; 4] {
    [["/ro", "ot/"], ["/ho", "me/"], ["/Us", "ers/"], ["/wo", "rk/"]].map(|parts| parts.concat())
}

/// Checks every file of the clone.
///
/// # Errors
/// When a file breaks a rule: every offence, with its place.
pub fn check(root: &Path) -> Result {
    let mut files = Vec::new();
    collect(root, &mut files).context(|| format!("{} cannot be listed", root.display()))?;
    files.sort();
    let mut offences = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        // A file that is no text has no lines to check.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        offences.extend(offences_in(&name, &text));
        offences.extend(commands::offences(&name, &text));
        if name.ends_with(".md") {
            offences.extend(links::offences(root, &name, &text));
        }
        if name == "CHANGELOG.md" {
            offences.extend(changelog::offences(&name, &text));
        }
    }
    match offences.len() {
        0 => Ok(()),
        count => Err(Error::new(format!("{count} offences against tidiness:\n  {}", offences.join("\n  ")))),
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        // A symbolic link leads out of the clone, or to a file that is looked at anyway.
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            collect(&path, files)?;
        } else if kind.is_file() && (is_text(&path) || name == "run") {
            files.push(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| TEXTS.contains(&ending))
}

fn offences_in(name: &str, text: &str) -> Vec<String> {
    let mut offences = Vec::new();
    let source = name.ends_with(".rs");
    if source && !text.starts_with("//! ") {
        offences.push(format!("{name}:1: the first line must say what the file is about (`//! …`)"));
    }
    let lines = text.lines().count();
    if (source || name.ends_with(".py")) && lines > MOST_LINES {
        offences
            .push(format!("{name}: {lines} lines are too many (at most {MOST_LINES}): split it by subject"));
    }
    let named = text.lines().zip(1..).filter(|(line, _)| names_machine(line));
    offences.extend(named.map(|(_, number)| format!("{name}:{number}: a path of one machine")));
    offences
}

/// Whether a path begins here: what stands before its first slash belongs to no longer path or address.
fn names_machine(line: &str) -> bool {
    machine_paths().iter().any(|path| {
        line.match_indices(path.as_str()).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|before| !(before.is_alphanumeric() || "._-/$}~>".contains(before)))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offences() {
        let path = &machine_paths()[0];
        let cases = [
            ("a.rs", "//! Fine.\n".to_owned(), 0),
            ("a.rs", "fn main() {}\n".to_owned(), 1),
            ("a.rs", "//! Long.\n".repeat(MOST_LINES + 1), 1),
            ("a.md", format!("see {path}x and `{path}y`\n"), 1),
            ("a.md", format!("s3://bucket{path}x and target{path}y and $HOME{path}z\n"), 0),
            ("a.py", "x = 1\n".repeat(MOST_LINES + 1), 1),
        ];
        for (name, text, expected) in cases {
            assert_eq!(offences_in(name, &text).len(), expected, "{name} {:?}", text.lines().next());
        }
    }

    #[test]
    fn folders_that_are_not_ours_are_left_out() {
        let root = std::env::temp_dir().join(format!("xtask-tidy-{}", std::process::id()));
        for folder in ["src", "target"] {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("a.rs"), "fn main() {}\n").unwrap();
        }
        let error = check(&root).unwrap_err().to_string();
        assert!(error.contains("src/a.rs:1") && !error.contains("target"), "{error}");
        fs::remove_dir_all(&root).unwrap();
    }
}
