//! The pass: ranged reads, several in flight, feed the engine's own thread; what it makes is staged as it comes.

use std::sync::Arc;

use bytes::Bytes;
use datalake_core::engine::{Checkpoint, CompiledDataset, SinkError};
use datalake_core::rules::Surroundings;
use datalake_core::verdict::Verdict;
use futures::{StreamExt, stream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::engine::Engine;
use super::pace::{Limits, Pace};
use super::piece::{Block, ChannelSink};
use super::references::References;
use super::segment::Start;
use super::siblings::Siblings;
use super::staging::{Staged, Staging};
use crate::failure::PortError;
use crate::ports::{ObjectRef, Ports};
use crate::waiting::Lost;

/// Ranged reads in flight.
const READS: usize = 4;
/// Pieces that may wait for their upload.
const PIECES: usize = 4;

/// What to judge.
pub struct Source {
    /// Names the result files.
    pub process_id: String,
    /// The object.
    pub object: ObjectRef,
    /// Its size.
    pub size_bytes: u64,
    /// Whether it is read where its format says, and not from its first byte to its last.
    pub by_ranges: bool,
    /// What the rules may know beside the rows.
    pub surroundings: Surroundings,
    /// Other datasets they may know.
    pub references: References,
    /// Other files of the dataset, when they are asked about.
    pub siblings: Option<Siblings>,
    /// The processed bucket, where keys of earlier segments lie.
    pub processed: String,
}

/// What a pass comes to.
pub enum Judged {
    /// The object's end; and the key of the mark that it leaves when it is accepted, if other files are told by it.
    Verdict(Box<Verdict>, Option<String>),
    /// The end of its time.
    Stopped(Box<Checkpoint>),
}

/// Why there is no verdict.
#[derive(Debug)]
pub enum PassError {
    /// The object is gone.
    Missing,
    /// What earlier segments left cannot be gone on with: it begins again.
    Lost(String),
    /// Something that may go better next time.
    Transient(String),
}

impl PassError {
    /// The time of an invocation is not enough to come any further.
    pub fn no_time() -> Self {
        let message =
            "not enough time left to judge this object: more of it, or of memory, is in functions.validate";
        PassError::Transient(message.to_owned())
    }
}

impl From<SinkError> for PassError {
    fn from(error: SinkError) -> Self {
        PassError::Transient(error.to_string())
    }
}

impl From<Lost> for PassError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NoTime => Self::no_time(),
            Lost::Port(error) => error.into(),
        }
    }
}

impl From<PortError> for PassError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Missing => PassError::Missing,
            other => PassError::Transient(other.to_string()),
        }
    }
}

/// Judges one object, from `start` on if there is one. What was staged comes back in any case, to be kept, committed or
/// aborted.
pub async fn run(
    ports: &Ports,
    dataset: Arc<CompiledDataset>,
    source: Source,
    start: Option<Start>,
    mut staging: Staging,
    (pace, limits): (&Pace, Limits),
) -> (Result<Judged, PassError>, Staged) {
    let (to_engine, blocks) = mpsc::channel(1);
    let (to_staging, pieces) = mpsc::channel(PIECES);
    let from = match &start {
        // A digest is of all bytes, and its state cannot be written down.
        _ if !dataset.digests().is_empty() => 0,
        _ if source.by_ranges => source.size_bytes,
        Some(start) => start.checkpoint.offset(),
        None => 0,
    };
    let reading = Reading {
        ports: ports.clone(),
        object: source.object.clone(),
        size_bytes: source.size_bytes,
        range_bytes: pace.range_bytes,
    };
    let read = reading.feed(from, limits, to_engine);
    let engine = Engine {
        ports: ports.clone(),
        dataset,
        source,
        from,
        limits,
        step_bytes: pace.step_bytes,
        runtime: Handle::current(),
    };
    let engine =
        tokio::task::spawn_blocking(move || engine.judge(start, blocks, &mut ChannelSink(to_staging)));
    let (read, staged, judged) = tokio::join!(read, staging.collect(pieces), engine);
    // The first cause first: each of the three stops the others.
    let result = read.and(staged.map_err(PassError::from)).and(match judged {
        Ok(result) => result,
        Err(_) => Err(PassError::Transient("the row engine panicked".to_owned())),
    });
    (result, staging.seal())
}

/// Reads an object from one byte to its last.
struct Reading {
    ports: Ports,
    object: ObjectRef,
    size_bytes: u64,
    range_bytes: u64,
}

impl Reading {
    /// Sends the object's blocks in order. That the engine takes no more (it has refused the object, or stopped) is no
    /// failure.
    async fn feed(&self, from: u64, limits: Limits, to_engine: mpsc::Sender<Block>) -> Result<(), PassError> {
        let starts = (0..).map(|number| from + number * self.range_bytes);
        let starts = starts.take_while(|start| *start < self.size_bytes);
        let mut blocks = stream::iter(starts.map(|start| self.range(start))).buffered(READS);
        while let Some(block) = blocks.next().await {
            if self.ports.clock.now() >= limits.give_up_at {
                return Err(PassError::no_time());
            }
            if to_engine.send(Block::Bytes(block?)).await.is_err() {
                return Ok(());
            }
        }
        let _ = to_engine.send(Block::End).await;
        Ok(())
    }

    async fn range(&self, start: u64) -> Result<Bytes, PortError> {
        let length = self.range_bytes.min(self.size_bytes - start);
        self.ports.reader.range(&self.object, start, length).await
    }
}
