//! The licences of what is linked: each crate with its expression, then every text its source carries, each text once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::inventory::{Inventory, Part};
use crate::error::{Context, Result};

/// Beginnings of names of files with licences or what they demand to be told.
const NAMES: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];
/// How deep below a crate's folder the sources of a C library may lie.
const DEPTH: usize = 3;
const RULE: &str = "--------------------------------------------------------------------------------";

/// The file.
///
/// # Errors
/// When a crate's folder or a licence cannot be read.
pub fn text(inventory: &Inventory) -> Result<String> {
    let mut text =
        "This program contains the following packages. The texts of their licences follow the list.\n\n"
            .to_owned();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in inventory.parts.iter().filter(|part| !part.ours) {
        let licence = part.licence.as_deref().unwrap_or("see its text");
        let _ = writeln!(text, "{} {}: {licence}", part.name, part.version);
        for (name, found) in texts_of(part)? {
            texts.entry(found).or_default().push(name);
        }
    }
    let mut texts: Vec<(String, Vec<String>)> = texts.into_iter().collect();
    texts.sort_by(|one, other| one.1.cmp(&other.1));
    for (found, names) in texts {
        let _ = write!(text, "\n{RULE}\n{}\n{RULE}\n\n{found}\n", names.join("\n"));
    }
    Ok(text)
}

/// Where each text lies (`crate version: file`) and what it says.
fn texts_of(part: &Part) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    collect(&part.folder, 0, &mut files).context(|| format!("{} cannot be listed", part.folder.display()))?;
    files.sort();
    let read = |file: &PathBuf| {
        let bytes = fs::read(file).context(|| format!("{} cannot be read", file.display()))?;
        let name = file.strip_prefix(&part.folder).unwrap_or(file).display().to_string();
        let found = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim().to_owned();
        Ok((format!("{} {}: {name}", part.name, part.version), found))
    };
    files.iter().map(read).collect()
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEPTH {
            collect(&entry.path(), depth + 1, files)?;
        } else if kind.is_file() && is_licence(&entry.path()) {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_licence(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let source = [".rs", ".c", ".h", ".py", ".html"].iter().any(|ending| name.ends_with(ending));
    !source && NAMES.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::super::inventory::tests::small;
    use super::*;

    #[test]
    fn each_text_stands_once_with_everybody_who_has_it() {
        let base = std::env::temp_dir().join(format!("xtask-licenses-{}", std::process::id()));
        let mut inventory = small();
        for part in &mut inventory.parts {
            part.folder = base.join(format!("{}-{}", part.name, part.version));
            fs::create_dir_all(part.folder.join("c/lib")).unwrap();
            fs::write(part.folder.join("LICENSE-MIT"), "Permission is granted\r\n").unwrap();
            fs::write(part.folder.join("license.rs"), "code").unwrap();
        }
        fs::write(inventory.parts[0].folder.join("c/lib/COPYING"), "Deep").unwrap();
        let text = text(&inventory).unwrap();
        assert!(text.contains("b 2.0.0: MIT OR Apache-2.0\n"), "{text}");
        assert!(!text.contains("terraform-provider-datalake") && !text.contains("code"), "{text}");
        assert_eq!(text.matches("Permission is granted\n").count(), 1);
        assert!(
            text.contains("a 1.0.0: LICENSE-MIT\nb 1.0.0: LICENSE-MIT\nb 2.0.0: LICENSE-MIT\n"),
            "{text}"
        );
        assert!(text.contains("a 1.0.0: c/lib/COPYING"), "{text}");
        fs::remove_dir_all(&base).unwrap();
    }
}
