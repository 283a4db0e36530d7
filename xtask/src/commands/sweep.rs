//! `cargo xtask sweep`: faults at every call of every scenario, and what must hold after each.

use super::{Command, JSON};
use crate::args::{Args, Flag};
use crate::error::Result;
use crate::kit::MIRROR_VARIABLE;
use crate::progress::Steps;
use crate::repo::Repo;
use crate::tools::{Tools, cargo};

/// Runs that `cargo xtask test` makes.
pub const CI_SAMPLE: usize = 40;

/// Permission runs that it makes; `--permissions` makes all.
pub const CI_PERMISSIONS: usize = 10;

/// The command.
pub const COMMAND: Command = Command {
    name: "sweep",
    summary: "the fault sweep: the provider with a fault at every call",
    details: "Runs the provider's resource against local clouds with a fault in the SDK's HTTP path: every scenario (create, update\n\
              of every attribute, destroy, import, ...), every mode (refused, done but answer lost, denied, killed, ...), at every\n\
              call. After each: nothing of a stranger touched, no data lost, a true state; then one apply converges. A violation\n\
              prints what replays it. Whole it takes hours: --part I/N takes a part of it, --sample N a seeded sample.",
    words: &[],
    flags: &[
        JSON,
        Flag { name: "--sample", value: Some("N"), help: "so many runs, spread over scenarios and modes" },
        Flag {
            name: "--seed",
            value: Some("N"),
            help: "seed of the sample and of pairs of faults (1 by default)",
        },
        Flag {
            name: "--scenario",
            value: Some("TEXT"),
            help: "only the scenario of this name, or those whose names contain it",
        },
        Flag {
            name: "--mode",
            value: Some("WORD"),
            help: "only this mode; with --k the modes, comma-separated",
        },
        Flag {
            name: "--k",
            value: Some("PLACES"),
            help: "one run: w17 is the 17th call that writes, r17 that reads",
        },
        Flag { name: "--pairs", value: Some("N"), help: "only pairs of faults, N for each scenario" },
        Flag {
            name: "--part",
            value: Some("I/N"),
            help: "the I-th of N parts of the runs, which together are all of them",
        },
        Flag {
            name: "--permissions",
            value: None,
            help: "no faults: a life under exactly apply_policy_json, then each step without each action it calls",
        },
    ],
    run: sweep,
};

fn sweep(args: &Args) -> Result {
    let repo = Repo::find()?;
    let tools = Tools::find(&repo)?;
    let mut steps = Steps::new(false);
    steps.run("Python packages of the local cloud", |progress| tools.cloud(progress))?;
    let run = cargo(&repo)?.args(["test", "--workspace", "--test", "sweep", "--"]);
    // The sweep needs no provider to be installed: it is the provider.
    let run = run.env(MIRROR_VARIABLE, repo.target());
    let given = COMMAND.flags.iter().filter(|flag| args.has(flag.name));
    let line = given.map(|flag| match args.value(flag.name).filter(|_| flag.value.is_some()) {
        Some(value) => format!("{}={value}", flag.name),
        None => flag.name.to_owned(),
    });
    // Without a flag it would take itself for a part of `cargo xtask test`.
    let line: Vec<String> =
        line.chain(["--seed=1".to_owned()].into_iter().filter(|_| !args.has("--seed"))).collect();
    line.iter().fold(run, |run, word| run.args([word.as_str()])).shown()
}
