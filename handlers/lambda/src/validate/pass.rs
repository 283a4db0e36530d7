//! The pass: ranged reads, several in flight, feed the engine's own thread; what it makes is staged as it comes.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use datalake_core::engine::{CompiledDataset, ObjectFacts, ObjectRun, SinkError};
use datalake_core::rules::Surroundings;
use datalake_core::verdict::Verdict;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;

use super::digest::Digests;
use super::piece::{Block, ChannelSink};
use super::references::References;
use super::scratch;
use super::staging::{Staged, Staging};
use crate::failure::PortError;
use crate::ports::{ObjectRef, Ports};

/// Size of one ranged read.
const RANGE_BYTES: u64 = 8 * 1024 * 1024;
/// Ranged reads in flight.
const READS: usize = 3;
/// What the engine takes at once: a block and what it remembers of the last fit into a processor's cache.
const STEP_BYTES: usize = 1024 * 1024;
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
    /// What the rules may know beside the rows.
    pub surroundings: Surroundings,
    /// Other datasets they may know.
    pub references: References,
}

/// Why there is no verdict.
#[derive(Debug)]
pub enum PassError {
    /// The object is gone.
    Missing,
    /// Something that may go better next time.
    Transient(String),
}

impl From<PortError> for PassError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Missing => PassError::Missing,
            other => PassError::Transient(other.to_string()),
        }
    }
}

/// Judges one object. What was staged comes back in any case, to be committed or aborted.
pub async fn run(
    ports: &Ports,
    dataset: Arc<CompiledDataset>,
    source: Source,
    mut staging: Staging,
    give_up_at: SystemTime,
) -> (Result<Verdict, PassError>, Staged) {
    let (to_engine, blocks) = mpsc::channel(1);
    let (to_staging, pieces) = mpsc::channel(PIECES);
    let read = feed(ports.clone(), source.object.clone(), source.size_bytes, give_up_at, to_engine);
    let engine =
        tokio::task::spawn_blocking(move || judge(&dataset, &source, blocks, &mut ChannelSink(to_staging)));
    let (read, staged, judged) = tokio::join!(read, staging.collect(pieces), engine);
    // The first cause first: each of the three stops the others.
    let result = read.and(staged.map_err(PassError::from)).and(match judged {
        Ok(Ok(verdict)) => Ok(verdict),
        Ok(Err(error)) => Err(PassError::Transient(error.to_string())),
        Err(_) => Err(PassError::Transient("the row engine panicked".to_owned())),
    });
    (result, staging.seal())
}

/// Sends the object's blocks in order. That the engine takes no more (it has refused the object) is no failure.
async fn feed(
    ports: Ports,
    object: ObjectRef,
    size_bytes: u64,
    give_up_at: SystemTime,
    to_engine: mpsc::Sender<Block>,
) -> Result<(), PassError> {
    let starts = (0..size_bytes).step_by(RANGE_BYTES as usize);
    let mut blocks =
        stream::iter(starts.map(|start| read_range(&ports, &object, start, size_bytes))).buffered(READS);
    while let Some(block) = blocks.next().await {
        if ports.clock.now() >= give_up_at {
            return Err(PassError::Transient("not enough time left to judge this object".to_owned()));
        }
        if to_engine.send(Block::Bytes(block?)).await.is_err() {
            return Ok(());
        }
    }
    let _ = to_engine.send(Block::End).await;
    Ok(())
}

async fn read_range(ports: &Ports, object: &ObjectRef, start: u64, size: u64) -> Result<Bytes, PortError> {
    ports.reader.range(object, start, RANGE_BYTES.min(size - start)).await
}

fn judge(
    dataset: &CompiledDataset,
    source: &Source,
    mut blocks: mpsc::Receiver<Block>,
    sink: &mut ChannelSink,
) -> Result<Verdict, SinkError> {
    let facts = ObjectFacts {
        process_id: &source.process_id,
        key: &source.object.key,
        size_bytes: source.size_bytes,
    };
    let mut run = ObjectRun::new(dataset, facts)
        .surrounded_by(source.surroundings.clone())
        .keeping_keys(&mut scratch::keep);
    let mut digests = Digests::of(&dataset.digests());
    loop {
        match blocks.blocking_recv() {
            Some(Block::Bytes(block)) => {
                for step in block.chunks(STEP_BYTES) {
                    digests.push(step);
                    run.push(step, sink)?;
                    if run.refusal().is_some() {
                        return run.finish(sink);
                    }
                }
            }
            Some(Block::End) => {
                let mut surroundings = source.surroundings.clone();
                surroundings.file.digests = digests.finish();
                surroundings.references = source.references.read().map_err(SinkError)?;
                return run.surrounded_by(surroundings).finish(sink);
            }
            None => return Err(SinkError("the object was not read to its end".to_owned())),
        }
    }
}
