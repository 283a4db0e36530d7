//! One file per command, and the table they are all found in.

pub mod bench;
pub mod demo;
pub mod dist;
pub mod docs;
pub mod example;
pub mod fuzz;
pub mod lint;
pub mod status;
pub mod sweep;
pub mod test;
pub mod tidy;
pub mod up;
pub mod version;

use std::fmt::Write as _;

use crate::args::{Args, Flag};
use crate::error::Result;

/// One command.
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What more there is to know.
    pub details: &'static str,
    /// Its positional arguments.
    pub words: &'static [&'static str],
    /// Its flags.
    pub flags: &'static [Flag],
    /// Does it.
    pub run: fn(&Args) -> Result,
}

/// Every command, in the order of the help.
pub const ALL: [Command; 14] = [
    demo::COMMAND,
    test::COMMAND,
    sweep::COMMAND,
    up::UP,
    up::DOWN,
    status::COMMAND,
    lint::LINT,
    lint::FMT,
    docs::COMMAND,
    dist::COMMAND,
    version::COMMAND,
    bench::COMMAND,
    fuzz::COMMAND,
    HELP,
];

const HELP: Command = Command {
    name: "help",
    summary: "show this",
    details: "`cargo xtask <command> --help` tells more about one command.",
    words: &[],
    flags: &[],
    run: |_| {
        print!("{}", overview());
        Ok(())
    },
};

/// Flag for a machine-readable answer, the same wherever there is one.
pub const JSON: Flag = Flag { name: "--json", value: None, help: "answer in JSON on standard output" };
/// Flag for the local cloud's port.
pub const PORT: Flag = Flag {
    name: "--port",
    value: Some("N"),
    help: "loopback port of the local cloud (a free one by default)",
};

/// Every command with its line.
#[must_use]
pub fn overview() -> String {
    let mut text = "usage: cargo xtask <command> [flags]\n\n".to_owned();
    for command in &ALL {
        let _ = writeln!(
            text,
            "  {:<14}{}",
            [&[command.name], command.words].concat().join(" "),
            command.summary
        );
    }
    text
}

impl Command {
    /// Everything about this command.
    #[must_use]
    pub fn help(&self) -> String {
        let usage = [&["cargo xtask", self.name], self.words].concat().join(" ");
        let mut text = format!("{}\n\nusage: {usage} [flags]\n\n{}\n", self.summary, self.details);
        for (index, flag) in self.flags.iter().enumerate() {
            let head = if index == 0 { "\n" } else { "" };
            let name = format!("{} {}", flag.name, flag.value.unwrap_or_default());
            let _ = writeln!(text, "{head}  {name:<20}{}", flag.help);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_the_overview_once_and_explains_itself() {
        for command in &ALL {
            let line = format!("\n  {} ", command.name);
            assert_eq!(overview().matches(&line).count(), 1, "{}", command.name);
            assert!(command.help().contains("usage: cargo xtask"));
            assert!(command.flags.iter().all(|flag| flag.name.starts_with("--") && !flag.help.is_empty()));
        }
    }
}
