//! Processes under measurement.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::groups::{self, Registered};

/// A child that ends when this is dropped.
pub struct Ended {
    child: Option<Child>,
    leader: u32,
    _registered: Registered,
}

impl Ended {
    /// Takes a child over that leads its own group.
    pub fn new(child: Child) -> Self {
        let leader = child.id();
        Self { child: Some(child), leader, _registered: Registered::new(leader) }
    }

    /// The child.
    pub fn child(&mut self) -> Option<&mut Child> {
        self.child.as_mut()
    }

    /// Its resident memory now, in MB.
    pub fn resident_mb(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.leader)).ok()?;
        megabytes(&status, "VmRSS:")
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let waiter = thread::spawn(move || child.wait());
        groups::end(self.leader);
        let _ = waiter.join();
    }
}

/// How often processes are looked at: what a process holds at most the kernel keeps, so only its last moments are missed.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Watches the processes of a program that work in a folder, as Terraform's providers do.
pub struct Watch {
    over: Arc<AtomicBool>,
    watcher: JoinHandle<f64>,
}

impl Watch {
    /// Watches from now on. `program` is the beginning of the program's file name.
    pub fn begin(folder: &Path, program: &'static str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ends, folder) = (Arc::clone(&over), folder.to_path_buf());
        let watcher = thread::spawn(move || {
            let folder = fs::canonicalize(&folder).unwrap_or(folder);
            let mut most: f64 = 0.0;
            while !ends.load(Ordering::Relaxed) {
                most = processes(&folder, program).filter_map(|process| peak(&process)).fold(most, f64::max);
                thread::sleep(LOOK_EVERY);
            }
            most
        });
        Self { over, watcher }
    }

    /// The most memory that one of them has held, in MB; 0 when there was none.
    pub fn end(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.watcher.join().unwrap_or(0.0)
    }
}

/// The folders of the processes in `/proc`.
fn processes(folder: &Path, program: &str) -> impl Iterator<Item = PathBuf> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    all.filter(move |process| {
        let runs = fs::read_link(process.join("exe"));
        let named = runs.is_ok_and(|file| {
            file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(program))
        });
        named && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder)
    })
}

fn peak(process: &Path) -> Option<f64> {
    megabytes(&fs::read_to_string(process.join("status")).ok()?, "VmHWM:")
}

fn megabytes(status: &str, field: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_status_file() {
        assert_eq!(megabytes("Name:\tx\nVmRSS:\t    1000 kB\n", "VmRSS:"), Some(1.024));
        assert_eq!(megabytes("Name:\tx\nVmRSS:\t    1000 kB\n", "VmHWM:"), None);
    }

    #[test]
    fn only_the_program_in_the_folder_is_watched() {
        // The test's own process.
        let program = std::env::current_exe().unwrap();
        let name: &'static str = program.file_name().unwrap().to_string_lossy().into_owned().leak();
        let here = std::env::current_dir().unwrap();
        for (folder, program, found) in
            [(&*here, name, true), (Path::new("/"), name, false), (&*here, "terraform-provider-none", false)]
        {
            let watch = Watch::begin(folder, program);
            thread::sleep(2 * LOOK_EVERY);
            assert_eq!(watch.end() > 1.0, found, "{folder:?} {program}");
        }
    }
}
