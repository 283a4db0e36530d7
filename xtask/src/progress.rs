//! What a person sees while a command works: one line per step, with its time.
//!
//! On a terminal the line of the running step turns and shows what the step is busy with; elsewhere (CI, a pipe) a step
//! is a plain line at its start, one at its end, and one now and then between, so that a log shows it is alive.

use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Result;

const TURN: [&str; 4] = ["|", "/", "-", "\\"];
const TICK: Duration = Duration::from_millis(200);
/// Time between two lines of a running step in a log.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Tells the running step's line what it is busy with.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    state: Arc<Mutex<Detail>>,
}

#[derive(Debug, Default)]
struct Detail {
    text: String,
    log: Option<PathBuf>,
}

/// The steps of one command.
#[derive(Debug)]
pub struct Steps {
    started: Instant,
    terminal: bool,
    quiet: bool,
    done: Vec<(String, Duration)>,
}

impl Progress {
    /// Shows a text beside the step's title.
    pub fn say(&self, text: impl Into<String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = Detail { text: text.into(), log: None };
    }

    /// Shows the last line of a growing log.
    pub fn follow(&self, log: &Path) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).log = Some(log.to_path_buf());
    }

    fn detail(&self) -> String {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.log.as_deref().and_then(last_line).unwrap_or_else(|| state.text.clone())
    }
}

impl Steps {
    /// Steps shown on standard error; none are shown when `quiet`.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { started: Instant::now(), terminal, quiet, done: Vec::new() }
    }

    /// Does one step, showing that it runs and how long it took.
    ///
    /// # Errors
    /// What the step's own work says.
    pub fn run<T>(&mut self, title: &str, work: impl FnOnce(&Progress) -> Result<T>) -> Result<T> {
        let progress = Progress::default();
        let began = Instant::now();
        let (stop, stopped) = channel::<()>();
        let (shown, name, terminal, quiet) = (progress.clone(), title.to_owned(), self.terminal, self.quiet);
        let ticker = thread::spawn(move || {
            if !quiet {
                tick(&name, &shown, terminal, &stopped);
            }
        });
        let result = work(&progress);
        drop(stop);
        // A line that could not be drawn is no reason to fail the step.
        let _ = ticker.join();
        let took = began.elapsed();
        if !self.quiet {
            let mark = if result.is_ok() { "ok  " } else { "FAIL" };
            let clear = if self.terminal { "\r\x1b[2K" } else { "" };
            eprintln!("{clear}{mark} {title}  {}", seconds(took));
        }
        self.done.push((title.to_owned(), took));
        result
    }

    /// A line between two steps.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("     {text}");
        }
    }

    /// Every step with its time, and the total.
    #[must_use]
    pub fn summary(&self) -> Vec<(String, Duration)> {
        let mut rows = self.done.clone();
        rows.push(("total".to_owned(), self.started.elapsed()));
        rows
    }
}

/// A duration as people read it: `850 ms`, `12.3 s`, `4 min 05 s`.
#[must_use]
pub fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 1.0 => format!("{:.0} ms", short * 1000.0),
        middle if middle < 100.0 => format!("{middle:.1} s"),
        _ => format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

fn tick(title: &str, progress: &Progress, terminal: bool, stopped: &Receiver<()>) {
    let began = Instant::now();
    let mut last_line = began;
    if !terminal {
        eprintln!("...  {title}");
    }
    for turn in TURN.iter().cycle() {
        if terminal {
            let text = format!("{turn}    {title}  {}  {}", seconds(began.elapsed()), progress.detail());
            eprint!("\r\x1b[2K{}", text.chars().take(terminal_width()).collect::<String>());
            let _ = std::io::stderr().flush();
        } else if last_line.elapsed() >= HEARTBEAT {
            last_line = Instant::now();
            eprintln!("...  {title}  {}  {}", seconds(began.elapsed()), progress.detail());
        }
        if !matches!(stopped.recv_timeout(TICK), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// Columns a line may take, so that it stays one line and can be rewritten.
fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    columns.unwrap_or(80).saturating_sub(1)
}

/// The last line with something on it, of the last 2 KiB.
fn last_line(log: &Path) -> Option<String> {
    let mut file = File::open(log).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(2048))).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    tail.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let cases = [(850, "850 ms"), (12_340, "12.3 s"), (245_000, "4 min 05 s")];
        for (millis, expected) in cases {
            assert_eq!(seconds(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn a_step_hands_its_result_on_and_is_counted() {
        let mut steps = Steps::new(true);
        assert_eq!(steps.run("one", |_| Ok(1)), Ok(1));
        assert!(steps.run("two", |_| Err::<(), _>(crate::error::Error::new("no"))).is_err());
        let names: Vec<String> = steps.summary().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["one", "two", "total"]);
    }
}
