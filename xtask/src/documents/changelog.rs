//! `CHANGELOG.md`: what has not been released stands under `## Unreleased`; the categories are Terraform's.

use crate::error::{Error, Result};

/// The heading new entries go under.
const UNRELEASED: &str = "## Unreleased";
/// Terraform's categories, in its order.
const CATEGORIES: [&str; 5] = ["BREAKING CHANGES:", "NOTES:", "FEATURES:", "ENHANCEMENTS:", "BUG FIXES:"];

/// The text with what is unreleased under the heading of a version and a date (`2026-01-31`).
///
/// # Errors
/// When there is no such section, it holds nothing, or the version is in it already.
pub fn released(text: &str, version: &str, date: &str) -> Result<String> {
    let missing = || Error::new(format!("CHANGELOG.md has no line `{UNRELEASED}`"));
    let (before, after) = text.split_once(&format!("{UNRELEASED}\n")).ok_or_else(missing)?;
    let entries = after.split("\n## ").next().unwrap_or_default();
    if !entries.contains("\n* ") {
        return Err(Error::new(format!(
            "CHANGELOG.md says nothing under `{UNRELEASED}`: write what changed"
        )));
    }
    let heading = format!("## {version} ");
    if text.contains(&heading) {
        return Err(Error::new(format!("CHANGELOG.md has `{heading}` already")));
    }
    Ok(format!("{before}{UNRELEASED}\n\n{heading}({date})\n{after}"))
}

/// Headings of entries that are none of Terraform's, or in another order within a version.
#[must_use]
pub fn offences(name: &str, text: &str) -> Vec<String> {
    let (mut offences, mut last) = (Vec::new(), 0);
    for (line, number) in text.lines().zip(1..) {
        if line.starts_with("## ") {
            last = 0;
        }
        let heading = line.ends_with(':')
            && line.starts_with(|char: char| char.is_ascii_uppercase())
            && !line.contains(". ");
        if !heading {
            continue;
        }
        match CATEGORIES.iter().position(|category| *category == line) {
            None => offences.push(format!("{name}:{number}: `{line}` is none of {}", CATEGORIES.join(" "))),
            Some(place) if place < last => {
                offences.push(format!("{name}:{number}: the order is {}", CATEGORIES.join(" ")));
            }
            Some(place) => last = place,
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str =
        "# Changelog\n\n## Unreleased\n\nFEATURES:\n\n* New.\n\n## 0.1.0 (2026-01-01)\n\n* Old.\n";

    #[test]
    fn a_version_takes_what_was_unreleased() {
        let after = released(BEFORE, "0.2.0", "2026-01-31").unwrap();
        assert_eq!(
            after,
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-01-31)\n\nFEATURES:\n\n* New.\n\n## 0.1.0 (2026-01-01)\n\n* Old.\n"
        );
        let cases = [
            (released(&after, "0.3.0", "2026-02-01"), "says nothing"),
            (released(BEFORE, "0.1.0", "2026-02-01"), "already"),
            (released("# Changelog\n", "0.1.0", "2026-02-01"), "no line"),
        ];
        for (result, expected) in cases {
            assert!(result.unwrap_err().to_string().contains(expected), "{expected}");
        }
    }

    #[test]
    fn categories() {
        let cases = [
            (BEFORE, 0),
            ("## 1\nFEATURES:\nBUG FIXES:\n## 2\nFEATURES:\n", 0),
            ("## 1\nFIXES:\n", 1),
            ("## 1\nBUG FIXES:\nFEATURES:\n", 1),
        ];
        for (text, expected) in cases {
            assert_eq!(offences("CHANGELOG.md", text).len(), expected, "{text}");
        }
    }
}
