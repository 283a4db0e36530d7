//! The command line: finds the command, runs it, says in one sentence what went wrong.

use std::process::ExitCode;

use xtask::args::Args;
use xtask::commands::{ALL, overview};
use xtask::error::{Error, Result};

fn main() -> ExitCode {
    let line: Vec<String> = std::env::args().skip(1).collect();
    match run(&line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.code())
        }
    }
}

fn run(line: &[String]) -> Result {
    let Some((name, rest)) = line.split_first() else {
        return Err(Error::usage(format!("no command given\n\n{}", overview())));
    };
    let name = if matches!(name.as_str(), "--help" | "-h") { "help" } else { name };
    let command = ALL.iter().find(|command| command.name == name);
    let command =
        command.ok_or_else(|| Error::usage(format!("there is no command {name}\n\n{}", overview())))?;
    if rest.iter().any(|word| matches!(word.as_str(), "--help" | "-h")) {
        print!("{}", command.help());
        return Ok(());
    }
    (command.run)(&Args::parse(rest, command.flags, command.words)?)
}
