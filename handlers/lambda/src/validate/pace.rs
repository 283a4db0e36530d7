//! When a pass stops for lack of time, and in how large steps it reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::time;

/// Time kept back while nothing has been measured: for carrying out a verdict, or handing the pass on.
const FIRST_RESERVE: Duration = Duration::from_secs(15);
/// The least time kept back, however quick it was so far.
const LEAST_RESERVE: Duration = Duration::from_secs(3);
/// So many times the longest measured is kept back.
const CAUTION: u32 = 3;

/// Seconds after which a pass stops in any case, if this variable of the environment says so: for tests on machines of any speed.
const PASS_SECONDS: &str = "DATALAKE_PASS_SECONDS";
/// A message that came so often is given the least time; halved once more would be none.
const MOST_HALVINGS: u32 = 6;

/// Sizes of steps, and what this process has measured.
#[derive(Debug)]
pub struct Pace {
    /// Size of one ranged read.
    pub range_bytes: u64,
    /// What the engine takes at once, and may stop after.
    pub step_bytes: usize,
    /// A pass stops after so long in any case.
    longest_pass: Option<Duration>,
    /// The longest it took to carry out a verdict or to hand a pass on, in milliseconds; 0 before the first.
    longest: AtomicU64,
}

/// The moments that matter to one pass.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From here on it stops where it can, to be gone on with.
    pub stop_at: SystemTime,
    /// From here on it is given up: nothing could be done with its result any more.
    pub give_up_at: SystemTime,
}

impl Default for Pace {
    /// Blocks large enough for S3's speed, several of which are held; and steps that fit into a processor's cache.
    fn default() -> Self {
        Self::of(4 << 20, 1 << 20)
    }
}

impl Pace {
    /// Other sizes than the usual, for tests that stop everywhere.
    #[must_use]
    pub fn of(range_bytes: u64, step_bytes: usize) -> Self {
        Self { range_bytes, step_bytes, longest_pass: None, longest: AtomicU64::new(0) }
    }

    /// The usual pace, or what the environment says of it.
    #[must_use]
    pub fn from_environment() -> Self {
        let seconds = std::env::var(PASS_SECONDS).ok().and_then(|seconds| seconds.parse().ok());
        Self { longest_pass: seconds.map(Duration::from_secs), ..Self::default() }
    }

    /// The limits of a pass that begins now, for a message that is received for the `receives`th time: where an invocation
    /// before was ended from outside, as one that kept too little time back is, the next works half as long.
    #[must_use]
    pub fn limits(&self, now: SystemTime, deadline: SystemTime, receives: u32) -> Limits {
        let left = deadline.duration_since(now).unwrap_or_default();
        let measured = Duration::from_millis(self.longest.load(Ordering::Relaxed));
        let reserve = match measured.is_zero() {
            true => FIRST_RESERVE.min(left / 4),
            // More than half is never kept back: a pass that makes no way would never end.
            false => (measured * CAUTION).max(LEAST_RESERVE).min(left / 2),
        };
        let work = (left - reserve) / 2_u32.pow(receives.saturating_sub(1).min(MOST_HALVINGS));
        let work = self.longest_pass.map_or(work, |longest| longest.min(work));
        Limits { stop_at: now + work, give_up_at: deadline - reserve / 2 }
    }

    /// Takes note of how long it took to end a pass.
    pub fn measured(&self, began: SystemTime, ended: SystemTime) {
        let took = time::epoch_millis(ended).saturating_sub(time::epoch_millis(began));
        self.longest.fetch_max(took, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserves() {
        let cases = [
            // Limit, longest measured, receives, time that is worked, all times in seconds.
            (900, 0, 1, 885),
            (900, 0, 0, 885),
            (60, 0, 1, 45),
            (20, 0, 1, 15),
            (900, 1, 1, 897),
            (900, 20, 1, 840),
            (60, 20, 1, 30),
            (64, 16, 2, 16),
            (64, 16, 3, 8),
            (128, 64, 99, 1),
        ];
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        for (limit, longest, receives, work) in cases {
            let pace = Pace::default();
            pace.measured(now, now + Duration::from_secs(longest));
            let deadline = now + Duration::from_secs(limit);
            let limits = pace.limits(now, deadline, receives);
            assert_eq!(limits.stop_at, now + Duration::from_secs(work), "{limit} {longest} {receives}");
            assert!(limits.give_up_at > limits.stop_at && limits.give_up_at < deadline);
        }
    }
}
