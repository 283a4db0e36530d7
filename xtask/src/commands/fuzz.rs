//! `cargo xtask fuzz`: inputs that nobody thought of, for the readers that are our own.
//!
//! A stable compiler will do: what is counted are the branches taken, and only the sanitizers, which look for memory errors,
//! need a nightly one. There is no `unsafe` in what is fuzzed.

use std::path::{Path, PathBuf};

use super::Command;
use crate::args::{Args, Flag};
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::progress::{Progress, Steps};
use crate::repo::Repo;
use crate::tools::cargo;

/// Where the targets and their corpora are.
const FOLDER: &str = "handlers/core/fuzz";
/// The targets.
const TARGETS: [&str; 3] = ["json", "csv", "dqdl"];
/// What has the compiler count branches and show comparisons to the fuzzer.
const COUNTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                       -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                       -Cllvm-args=-sanitizer-coverage-pc-table \
                       -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1 \
                       -Cdebug-assertions -Coverflow-checks";

/// The command.
pub const COMMAND: Command = Command {
    name: "fuzz",
    summary: "look for inputs that a reader gets wrong",
    details: "Builds a target of handlers/core/fuzz and runs it: json (against serde_json), csv (against the csv crate), dqdl (printed\n\
              and read again). An input that is got wrong is kept, and its path shown. What the search reaches is kept under target/\n\
              and gone on from; --keep adds the fewest inputs that reach as much to the corpus in the repository, which is a test.",
    words: &["[TARGET]"],
    flags: &[
        Flag { name: "--seconds", value: Some("N"), help: "how long (60 by default)" },
        Flag {
            name: "--keep",
            value: None,
            help: "add to the corpus in the repository, instead of searching",
        },
    ],
    run: fuzz,
};

fn fuzz(args: &Args) -> Result {
    let repo = Repo::find()?;
    let target = Some(args.word(0)).filter(|word| !word.is_empty()).unwrap_or(TARGETS[0]);
    if !TARGETS.contains(&target) {
        return Err(Error::usage(format!("there is no target {target}; there are {}", TARGETS.join(", "))));
    }
    let seconds: u64 = args.read("--seconds")?.unwrap_or(60);
    let mut steps = Steps::new(false);
    let program =
        steps.run(&format!("build the target {target}"), |progress| build(&repo, target, progress))?;
    let reached = repo.work_dir(&format!("fuzz-{target}"))?;
    let kept = repo.join(FOLDER).join("corpus").join(target);
    run(&program, &reached, &kept, args.has("--keep"), seconds).shown()
}

fn build(repo: &Repo, target: &str, progress: &Progress) -> Result<PathBuf> {
    let folder = repo.target().join("fuzz");
    cargo(repo)?
        .args(["build", "--release", "--manifest-path"])
        .arg(repo.join(FOLDER).join("Cargo.toml"))
        .args(["--bin", target])
        // With a target named, build scripts and macros are left uncounted.
        .args(["--target", Platform::HOST.target, "--target-dir"])
        .arg(&folder)
        .env("RUSTFLAGS", COUNTED)
        .logged(&repo.work_dir("logs")?.join("build-fuzz.log"), progress)?;
    Ok(folder.join(Platform::HOST.target).join("release").join(target))
}

/// The fuzzer: searching, or merging what it has reached into what is kept.
fn run(program: &Path, reached: &Path, kept: &Path, keep: bool, seconds: u64) -> crate::command::Run {
    let run = crate::command::Run::new(program);
    if keep {
        return run.arg("-merge=1").arg(kept).arg(reached);
    }
    run.arg(format!("-max_total_time={seconds}"))
        .arg("-print_final_stats=1")
        .arg(format!("-artifact_prefix={}/wrong-", reached.display()))
        .arg(reached)
        .arg(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_there_with_its_corpus() {
        let folder = Repo::find().unwrap().join(FOLDER);
        for target in TARGETS {
            assert!(folder.join(format!("fuzz_targets/{target}.rs")).is_file(), "{target}");
            assert!(folder.join("corpus").join(target).is_dir(), "{target}");
        }
    }

    #[test]
    fn what_is_reached_is_written_to_the_first_folder() {
        let line = |keep| run(Path::new("json"), Path::new("reached"), Path::new("kept"), keep, 5).line();
        assert!(line(false).ends_with("-artifact_prefix=reached/wrong- reached kept"), "{}", line(false));
        assert_eq!(line(true), "json -merge=1 kept reached");
    }
}
