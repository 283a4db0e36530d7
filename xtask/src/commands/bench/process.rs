//! Processes under measurement.

use std::process::Child;
use std::thread;

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
        resident_mb(&status)
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

fn resident_mb(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_status_file() {
        assert_eq!(resident_mb("Name:\tx\nVmRSS:\t    1000 kB\n"), Some(1.024));
        assert_eq!(resident_mb(""), None);
    }
}
