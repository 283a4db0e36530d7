//! Where the version is written: cargo's manifest and lock files, the constraints and sources that users copy.

use std::ops::Range;

use crate::error::{Error, Result};

/// A release's number, `1.2.3`; no suffix, because the registry would not offer it to anybody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Major, minor and patch.
    pub parts: [u64; 3],
}

impl Version {
    /// Reads `1.2.3`.
    ///
    /// # Errors
    /// When it is another thing.
    pub fn read(text: &str) -> Result<Self> {
        let plain = |part: &str| part == "0" || part.starts_with(|first: char| matches!(first, '1'..='9'));
        let number = |part: &str| if plain(part) { part.parse::<u64>().ok() } else { None };
        let parts: Option<Vec<u64>> = text.split('.').map(number).collect();
        let parts = parts.and_then(|parts| parts.try_into().ok());
        parts
            .map(|parts| Self { parts })
            .ok_or_else(|| Error::usage(format!("{text:?} is no version: three numbers, as in 1.2.3")))
    }

    /// `1.2.3`.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.map(|part| part.to_string()).join(".")
    }

    /// What a user's configuration should ask for: this minor version or a later one of the same major.
    #[must_use]
    pub fn constraint(&self) -> String {
        format!("~> {}.{}", self.parts[0], self.parts[1])
    }
}

/// A file's text with this version wherever it names one; other texts come back as they are.
#[must_use]
pub fn restated(name: &str, text: &str, version: &Version, members: &[String]) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    match (file, file.rsplit('.').next()) {
        ("Cargo.toml", _) => in_manifest(text, version),
        ("Cargo.lock", _) => in_lock(text, version, members),
        (_, Some("tf" | "md" | "hcl")) => in_configuration(text, version),
        _ => text.to_owned(),
    }
}

/// The workspace's version: the first one after its heading.
fn in_manifest(text: &str, version: &Version) -> String {
    let Some((before, after)) = text.split_once("[workspace.package]\nversion = \"") else {
        return text.to_owned();
    };
    let rest = after.split_once('"').map_or("", |(_, rest)| rest);
    format!("{before}[workspace.package]\nversion = \"{}\"{rest}", version.text())
}

/// The versions of our own packages.
fn in_lock(text: &str, version: &Version, members: &[String]) -> String {
    let blocks = text.split("[[package]]\n").map(|block| {
        let ours = members.iter().any(|name| block.starts_with(&format!("name = \"{name}\"\nversion = \"")));
        if ours && !block.contains("\nsource = ") {
            replaced(block, |block, from| find_between(block, from, "\nversion = \"", "\""), &version.text())
        } else {
            block.to_owned()
        }
    });
    blocks.collect::<Vec<_>>().join("[[package]]\n")
}

/// Constraints on the provider, and sources of modules in this repository.
fn in_configuration(text: &str, version: &Version) -> String {
    let constrained = replaced(
        text,
        |text, from| {
            let source = find_between(text, from, "\"datalake/datalake\"\n", "\n")?;
            let found = find_between(text, source.start, "version = \"", "\"")?;
            // The line after the source, or this provider asks for no version.
            (found.end <= source.end).then_some(found).or(Some(source.start..source.start))
        },
        &version.constraint(),
    );
    // The same in a module's table of requirements.
    let tabled = replaced(
        &constrained,
        |text, from| find_between(text, from, "\n| datalake | ", " |\n"),
        &version.constraint(),
    );
    replaced(
        &tabled,
        |text, from| {
            let reference = find_between(text, from, "terraform-provider-datalake//modules/", "\n")?;
            let found = find_between(text, reference.start, "?ref=v", "\"")?;
            (found.end <= reference.end).then_some(found).or(Some(reference.start..reference.start))
        },
        &version.text(),
    )
}

/// The text with another in every place that `find` names, one after the other; an empty place is passed by.
fn replaced(text: &str, find: impl Fn(&str, usize) -> Option<Range<usize>>, by: &str) -> String {
    let (mut result, mut at) = (String::new(), 0);
    while let Some(place) = find(text, at) {
        result.push_str(&text[at..place.start]);
        if !place.is_empty() {
            result.push_str(by);
        }
        at = place.end;
    }
    result + &text[at..]
}

/// What stands between two texts, at or after a place.
fn find_between(text: &str, from: usize, before: &str, after: &str) -> Option<Range<usize>> {
    let start = from + text[from..].find(before)? + before.len();
    Some(start..start + text[start..].find(after)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(Version::read("1.20.3").unwrap().text(), "1.20.3");
        assert!(Version::read("0.10.0").unwrap() > Version::read("0.9.9").unwrap());
        for text in ["1.2", "1.2.3.4", "v1.2.3", "1.2.3-rc1", "01.2.3", "1..3", "+1.2.3", ""] {
            assert!(Version::read(text).unwrap_err().to_string().contains("is no version"), "{text}");
        }
    }

    #[test]
    fn every_place_and_no_other() {
        let version = Version::read("1.2.3").unwrap();
        let source = "source  = \"datalake/datalake\"\n";
        let cases = [
            ("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\nx\nversion = \"9\"\n".to_owned(), "[workspace.package]\nversion = \"1.2.3\"\nx\nversion = \"9\"\n".to_owned()),
            ("a/Cargo.lock", "[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n[[package]]\nname = \"other\"\nversion = \"0.1.0\"\n".to_owned(), "[[package]]\nname = \"ours\"\nversion = \"1.2.3\"\n[[package]]\nname = \"other\"\nversion = \"0.1.0\"\n".to_owned()),
            ("m.tf", format!("{source}  version = \"~> 0.1\"\nother {{ version = \"~> 5\" }}\n"), format!("{source}  version = \"~> 1.2\"\nother {{ version = \"~> 5\" }}\n")),
            ("m.tf", format!("{source}}}\nversion = \"~> 5\"\n"), format!("{source}}}\nversion = \"~> 5\"\n")),
            ("R.md", "x/terraform-provider-datalake//modules/a?ref=v0.1.0\"\ny?ref=v9\"\n".to_owned(), "x/terraform-provider-datalake//modules/a?ref=v1.2.3\"\ny?ref=v9\"\n".to_owned()),
            ("R.md", "|---|\n| datalake | ~> 0.1 |\n| aws | ~> 0.1 |\n".to_owned(), "|---|\n| datalake | ~> 1.2 |\n| aws | ~> 0.1 |\n".to_owned()),
            ("main.rs", "?ref=v0.1.0\"".to_owned(), "?ref=v0.1.0\"".to_owned()),
        ];
        for (name, text, expected) in cases {
            assert_eq!(restated(name, &text, &version, &["ours".to_owned()]), expected, "{name}");
        }
    }
}
