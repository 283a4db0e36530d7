//! What a document shows of a program's output, held against what it printed.

use xtask::documents::Markdown;
use xtask::error::{Error, Result};

/// The block of a document that shows what a command prints: its first line is `$ ` and the command.
///
/// # Errors
/// When there is none.
pub fn block(document: &str, command: &str) -> Result<String> {
    let blocks = Markdown::read(document).blocks.into_iter();
    let found =
        blocks.map(|block| block.text).find(|text| text.lines().next() == Some(&format!("$ {command}")));
    found.ok_or_else(|| Error::new(format!("no block shows `$ {command}`")))
}

/// Every line that is shown was printed, in this order; `…` stands for what is left out.
///
/// # Errors
/// When a line was not, or not there.
pub fn in_order(printed: &str, shown: &str) -> Result {
    let mut rest = printed.lines().map(str::trim);
    for line in shown.lines().map(str::trim).filter(|line| !line.starts_with('$') && !line.is_empty()) {
        let parts: Vec<&str> = line.split('…').map(str::trim).collect();
        let fits = |candidate: &str| {
            candidate.starts_with(parts[0]) && parts.iter().all(|part| candidate.contains(part))
        };
        if line != "…" && !rest.any(fits) {
            return Err(Error::new(format!("`{line}` is shown, which is not (or not here) in:\n{printed}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown() {
        let printed = "one 1\n two\nthree 3 s\n";
        let cases = [
            ("$ run\none …\n…\nthree … s\n", true),
            ("two\none 1\n", false),
            ("four\n", false),
            ("three … min", false),
        ];
        for (shown, fits) in cases {
            assert_eq!(in_order(printed, shown).is_ok(), fits, "{shown}");
        }
        let document = "```console\n$ other\n```\n\n```console\n$ run\none\n```\n";
        assert_eq!(block(document, "run").unwrap(), "$ run\none\n");
        assert!(block(document, "ru").is_err());
    }
}
