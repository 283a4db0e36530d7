//! The pass: the engine's own thread reads the files of accepted rows, and what it makes is staged as it comes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use datalake_core::engine::{CurateRun, CuratedDataset, Curation};
use datalake_core::spec::Buckets;
use tokio::sync::mpsc;

use crate::failure::PortError;
use crate::ports::Ports;
use crate::validate::piece::ChannelSink;
use crate::validate::staging::{Places, Staged, Staging};
use crate::waiting::{Lost, ObjectRanges, Waiting};

/// Pieces that may wait for their upload.
const PIECES: usize = 4;

/// What to transform.
pub struct Source {
    /// Names the result files.
    pub process_id: String,
    /// The files of accepted rows, in the order in which they are read.
    pub keys: BTreeSet<String>,
    /// When only the time to carry out the result is left.
    pub give_up_at: SystemTime,
}

/// Why there is no result.
#[derive(Debug)]
pub enum PassError {
    /// A file of accepted rows is gone.
    Missing,
    /// Something that may go better next time.
    Transient(String),
}

impl From<PortError> for PassError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Missing => Self::Missing,
            other => Self::Transient(other.to_string()),
        }
    }
}

impl From<Lost> for PassError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NoTime => Self::Transient("not enough time left to transform this object".to_owned()),
            Lost::Port(error) => error.into(),
        }
    }
}

/// Transforms the rows of one object. What was staged comes back in any case, to be committed or aborted.
pub async fn run(
    ports: &Ports,
    dataset: Arc<CuratedDataset>,
    source: Source,
    buckets: &Buckets,
) -> (Result<Curation, PassError>, Staged) {
    // A transformation has no segments, so nothing is kept for a next one.
    let places = Places {
        processed: buckets.processed.clone(),
        quarantine: buckets.quarantine.clone(),
        prefix: String::new(),
        mark: String::new(),
    };
    let mut staging = Staging::new(ports, places);
    let (to_staging, pieces) = mpsc::channel(PIECES);
    let (waiting, bucket) = (Waiting::until(source.give_up_at, ports), buckets.processed.clone());
    let engine = tokio::task::spawn_blocking(move || {
        let open = |key: &str| waiting.open(&bucket, key);
        transform(&dataset, &source, open, &mut ChannelSink(to_staging))
    });
    let (staged, transformed) = tokio::join!(staging.collect(pieces), engine);
    // The first cause first: each of the two stops the other.
    let result = staged
        .map_err(PassError::from)
        .and(transformed.unwrap_or_else(|_| Err(PassError::Transient("the row engine panicked".to_owned()))));
    (result, staging.seal())
}

fn transform(
    dataset: &CuratedDataset,
    source: &Source,
    open: impl Fn(&str) -> Result<ObjectRanges, Lost>,
    sink: &mut ChannelSink,
) -> Result<Curation, PassError> {
    let mut run = CurateRun::new(dataset, &source.process_id);
    let failed = |error: &dyn std::fmt::Display| PassError::Transient(error.to_string());
    for key in &source.keys {
        let file = open(key)?;
        let lost = file.lost();
        run.file(key, file, sink).map_err(|error| match lost.take() {
            Some(Lost::NoTime) => Lost::NoTime.into(),
            _ => failed(&error),
        })?;
    }
    run.finish(sink).map_err(|error| failed(&error))
}
