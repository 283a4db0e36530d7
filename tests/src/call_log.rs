//! The call log of a local cloud, read as it grows.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use serde_json::Value;
use xtask::error::{Error, Result};

/// A call log and how far it was read.
#[derive(Debug)]
pub struct CallLog {
    path: PathBuf,
    read_to: u64,
}

impl CallLog {
    /// The log at a path, from its beginning.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, read_to: 0 }
    }

    /// The calls since the last time; the line of a call is there before its answer.
    ///
    /// # Errors
    /// When the log cannot be read: before the first call there is none.
    pub fn new_calls(&mut self) -> Result<Vec<Value>> {
        let failed = |error: &dyn std::fmt::Display| Error::new(format!("{}: {error}", self.path.display()));
        let mut text = String::new();
        let mut file = File::open(&self.path).map_err(|error| failed(&error))?;
        let read = file.seek(SeekFrom::Start(self.read_to)).and_then(|_| file.read_to_string(&mut text));
        let lines = text.lines().map(|line| serde_json::from_str(line).map_err(|error| failed(&error)));
        let calls = lines.collect::<Result<_>>()?;
        self.read_to += read.map_err(|error| failed(&error))? as u64;
        Ok(calls)
    }
}

/// A call's name, `service:Operation`.
#[must_use]
pub fn name_of(call: &Value) -> String {
    [&call["service"], &call["operation"]].map(|part| part.as_str().unwrap_or("?")).join(":")
}
