//! Ctrl-C and `kill -9` at seeded moments of real applies: one more apply converges, and a destroy leaves nothing.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use datalake_tests::{ADDRESS, World};
use xtask::error::{Error, Result};

/// Seed of the moments.
const SEED: u64 = 4;
/// Moments without `--full`, and with it.
const MOMENTS: (usize, usize) = (5, 20);
/// Calls of a creation, in which the moments lie: fewer than there are, so that none comes too late.
const CALLS: u64 = 130;
/// How long a command may take to come to its moment, and to end.
const PATIENCE: Duration = Duration::from_secs(300);

/// Who is told to end, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Blow {
    /// What a terminal does on Ctrl-C: everybody in the group is interrupted.
    Interrupt,
    /// The provider dies without a word.
    KillProvider,
}

#[test]
fn after_a_kill_of_the_provider_one_apply_converges() -> Result {
    let moments = if std::env::var_os("DATALAKE_FULL").is_some() { MOMENTS.1 } else { MOMENTS.0 };
    let world = World::new("kills")?;
    for (number, moment) in moments_of(SEED, moments).into_iter().enumerate() {
        // Every third blow falls on the destruction of what is whole.
        match number % 3 {
            2 => {
                world.work.apply(&[])?;
                struck(&world, "destroy", moment / 2, Blow::KillProvider)?;
            }
            _ => struck(&world, "apply", moment, Blow::KillProvider)?,
        }
        converges(&world).map_err(|error| Error::new(format!("killed at call {moment}: {error}")))?;
    }
    Ok(())
}

#[test]
fn after_ctrl_c_one_apply_converges() -> Result {
    let world = World::new("interrupts")?;
    for moment in moments_of(SEED + 1, MOMENTS.0) {
        struck(&world, "apply", moment, Blow::Interrupt)?;
        if !world.work.text(&["state", "list"])?.trim().is_empty() {
            // Terraform marks what was not made whole; the diagnostic says to take the mark away.
            world.work.run(&["untaint", ADDRESS])?;
        }
        converges(&world).map_err(|error| Error::new(format!("interrupted at call {moment}: {error}")))?;
    }
    Ok(())
}

/// One apply makes everything right, and a destroy leaves nothing.
fn converges(world: &World) -> Result {
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    world.work.expect_no_changes(&["-refresh=false"])?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Runs a command and strikes once the cloud has had so many calls of it.
fn struck(world: &World, command: &str, moment: u64, blow: Blow) -> Result {
    let before = world.calls().map(|calls| calls.len()).unwrap_or_default();
    let run = world.work.command(&[command, "-input=false", "-no-color", "-auto-approve"]);
    let mut child = run.spawn(run.command().stdout(Stdio::null()).stderr(Stdio::null()))?;
    let began = Instant::now();
    let mut blown = false;
    let ended = loop {
        if let Some(ended) = child.try_wait().map_err(|error| Error::new(error.to_string()))? {
            break ended;
        }
        let made = world.calls().map(|calls| calls.len()).unwrap_or_default().saturating_sub(before);
        if !blown && made as u64 >= moment {
            blown = strike(child.id(), blow)?;
        }
        if began.elapsed() > PATIENCE {
            xtask::groups::end(child.id());
            return Err(Error::new(format!(
                "terraform {command} did not end after {blow:?} at call {moment}"
            )));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    match (blown, ended.success()) {
        (true, false) => Ok(()),
        // The blow came when the last call was already answered: nothing was harmed.
        (true, true) => Ok(()),
        (false, _) => Err(Error::new(format!("terraform {command} ended ({ended}) before call {moment}"))),
    }
}

/// Whether there was somebody to strike.
fn strike(terraform: u32, blow: Blow) -> Result<bool> {
    let (signal, whom) = match blow {
        Blow::Interrupt => ("-INT", Some(format!("-{terraform}"))),
        Blow::KillProvider => ("-KILL", provider_of(terraform).map(|pid| pid.to_string())),
    };
    let Some(whom) = whom else { return Ok(false) };
    let status = Command::new("kill").args([signal, "--", &whom]).status();
    status.map(|status| status.success()).map_err(|error| Error::new(format!("kill cannot be run: {error}")))
}

/// The provider's process in Terraform's group.
fn provider_of(group: u32) -> Option<u32> {
    let pids = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.into_iter().find(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // `pid (name) state ppid pgrp …`; names are cut after fifteen characters.
        let Some((name, rest)) = stat.rsplit_once(") ") else { return false };
        let of_group = rest.split(' ').nth(2).and_then(|number| number.parse::<u32>().ok()) == Some(group);
        of_group && name.ends_with("(terraform-provi")
    })
}

/// So many moments, counted in calls; always the same ones of a seed.
fn moments_of(seed: u64, count: usize) -> Vec<u64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        1 + state % CALLS
    };
    (0..count).map(|_| next()).collect()
}
