//! Process groups of ours: every one is ended when the command ends, however it ends.
//!
//! A child is the leader of its own group, so that what it starts (the functions of the local cloud, Terraform's
//! provider, rustc) goes with it. A signal to us reaches none of them by itself: a thread passes it on by ending every
//! group still registered. SIGKILL cannot be seen; the local cloud watches its parent for that case.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};
use std::{process, thread};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static STOPPING: AtomicBool = AtomicBool::new(false);
static WATCH: Once = Once::new();
/// How long a group may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// A registered group; taken off the list when dropped.
#[derive(Debug)]
pub struct Registered(u32);

impl Registered {
    /// Registers the group led by a child just started.
    #[must_use]
    pub fn new(leader: u32) -> Self {
        WATCH.call_once(watch);
        running().insert(leader);
        Self(leader)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        running().remove(&self.0);
        // The child may have ended because of the signal: that is no failure to report, and the watcher ends us.
        while STOPPING.load(Ordering::SeqCst) {
            thread::park();
        }
    }
}

/// Ends a group: asks, waits a little, insists. A group that is gone already is no error.
///
/// A leader that we started must be waited for by its [`std::process::Child`], or it stays as a zombie.
pub fn end(leader: u32) {
    let Some(group) = group(leader) else { return };
    let _ = kill_process_group(group, Signal::TERM);
    let asked = Instant::now();
    while alive(leader) && asked.elapsed() < GRACE {
        thread::sleep(Duration::from_millis(20));
    }
    let _ = kill_process_group(group, Signal::KILL);
}

/// Whether any process of the group is left; a zombie counts only as long as its parent has not waited for it.
#[must_use]
pub fn alive(leader: u32) -> bool {
    group(leader).is_some_and(|group| test_kill_process_group(group).is_ok())
}

fn group(leader: u32) -> Option<Pid> {
    // Groups 0 and 1 would mean our own processes and every process.
    i32::try_from(leader).ok().filter(|pid| *pid > 1).and_then(Pid::from_raw)
}

fn running() -> std::sync::MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            STOPPING.store(true, Ordering::SeqCst);
            let leaders: Vec<u32> = running().iter().copied().collect();
            for leader in leaders {
                end_from_watcher(leader);
            }
            eprintln!("\nstopped by signal {signal}; everything that was started is ended");
            process::exit(128 + signal);
        }
    });
}

/// Nobody waits for the leader here, so a zombie would look alive for the whole grace time.
fn end_from_watcher(leader: u32) {
    let Some(group) = group(leader) else { return };
    let _ = kill_process_group(group, Signal::TERM);
    let asked = Instant::now();
    while running().contains(&leader) && alive(leader) && !zombie(leader) && asked.elapsed() < GRACE {
        thread::sleep(Duration::from_millis(20));
    }
    let _ = kill_process_group(group, Signal::KILL);
}

fn zombie(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    #[test]
    fn a_group_ends_with_its_leader() {
        let script = "sleep 600 & sleep 600";
        let mut child =
            Command::new("sh").args(["-c", script]).process_group(0).stdout(Stdio::null()).spawn().unwrap();
        let leader = child.id();
        assert!(alive(leader));
        let waiter = thread::spawn(move || child.wait());
        end(leader);
        waiter.join().unwrap().unwrap();
        // The background process is reaped by init: give it a moment.
        let began = Instant::now();
        while alive(leader) && began.elapsed() < GRACE {
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!alive(leader));
        end(leader);
    }

    #[test]
    fn our_own_group_is_never_meant() {
        assert!(!alive(0) && !alive(1));
        end(0);
        end(1);
    }
}
