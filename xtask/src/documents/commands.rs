//! Every `cargo xtask …` that is written anywhere: the command must exist, with the flags and the number of words shown.

use crate::commands::{ALL, Command};

/// What is wrong with the commands in a text, each with its line.
#[must_use]
pub fn offences(name: &str, text: &str) -> Vec<String> {
    let lines = text.lines().zip(1..);
    let mentions =
        lines.flat_map(|(line, number)| line.split("cargo xtask ").skip(1).map(move |rest| (number, rest)));
    mentions.filter_map(|(number, rest)| wrong(rest).map(|what| format!("{name}:{number}: {what}"))).collect()
}

/// What is wrong with the words after `cargo xtask `, as far as they are a command line.
fn wrong(rest: &str) -> Option<String> {
    let line =
        rest.split(['`', '#', '"', '\'', ')', ';', '|', '&', '\\', ':', ',', '…']).next().unwrap_or(rest);
    let mut words = line.split_whitespace();
    let name = words.next()?.trim_end_matches('.');
    // Placeholders: `<command>`, `{name}`, `[flags]`.
    if !name.starts_with(|char: char| char.is_ascii_lowercase()) {
        return None;
    }
    let Some(command) = ALL.iter().find(|command| command.name == name) else {
        return Some(format!("there is no command `cargo xtask {name}`"));
    };
    words.find_map(|word| unknown_flag(command, word))
}

fn unknown_flag(command: &Command, word: &str) -> Option<String> {
    let name = word.split('=').next().unwrap_or(word).trim_matches(|char| "[].".contains(char));
    let known = name == "--help" || command.flags.iter().any(|flag| flag.name == name);
    (name.starts_with("--") && !known).then(|| format!("`cargo xtask {}` has no flag {name}", command.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_are_not() {
        // In parts, or this file would offend against itself.
        let cases = [
            ("run `cargo xta&sk docs` and `cargo xta&sk test --filter WORD`", 0),
            ("$ cargo xta&sk demo     # --everything", 0),
            ("cargo xta&sk <command> --flag; `cargo xta&sk`", 0),
            ("cargo xta&sk dist --key=ID --seal.", 0),
            ("`cargo xta&sk deploy`", 1),
            ("cargo xta&sk test --fast and `cargo xta&sk demo --slow`", 2),
        ];
        for (text, expected) in cases {
            let found = offences("a.md", &text.replace('&', ""));
            assert_eq!(found.len(), expected, "{text}: {found:?}");
        }
    }
}
