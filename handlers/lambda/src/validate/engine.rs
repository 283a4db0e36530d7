//! The engine's own thread: it takes the object's blocks, and stops in time to be gone on with.

use std::sync::Arc;

use datalake_core::engine::{CheckpointError, CompiledDataset, ObjectFacts, ObjectRun};
use datalake_core::rules::{CONTENT, Surroundings};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::digest::Digests;
use super::pace::Limits;
use super::pass::{Judged, PassError, Source};
use super::piece::{Block, ChannelSink};
use super::scratch;
use super::segment::{KeysFile, Start};
use crate::failure::PortError;
use crate::ports::{ObjectRef, Ports};
use crate::waiting::Waiting;

/// Bytes of keys read at once.
const KEYS_PIECE: u64 = 4 << 20;

/// One pass over one object, or a segment of it.
pub struct Engine {
    /// The world; this thread may wait for it.
    pub ports: Ports,
    /// What the rows are held to.
    pub dataset: Arc<CompiledDataset>,
    /// The object.
    pub source: Source,
    /// Offset of the first byte that comes.
    pub from: u64,
    /// When it stops.
    pub limits: Limits,
    /// Bytes between two looks at the clock.
    pub step_bytes: usize,
    /// Where the world is waited for.
    pub runtime: Handle,
}

impl Engine {
    /// Judges what comes until there is no more of it, or no more time.
    pub fn judge(
        &self,
        start: Option<Start>,
        mut blocks: mpsc::Receiver<Block>,
        sink: &mut ChannelSink,
    ) -> Result<Judged, PassError> {
        let (mut run, judged_bytes, first) = match start {
            Some(start) => self.resume(start)?,
            None => (self.begin(), 0, 0),
        };
        let mut digests = Digests::of(&self.dataset.digests());
        let mut at = self.from;
        loop {
            match blocks.blocking_recv() {
                Some(Block::Bytes(block)) => {
                    for step in block.chunks(self.step_bytes) {
                        digests.push(step);
                        // What an earlier segment has judged comes only for the digests.
                        let judged = usize::try_from(first.saturating_sub(at)).unwrap_or(usize::MAX);
                        at += step.len() as u64;
                        if !self.source.by_ranges {
                            run.push(&step[judged.min(step.len())..], sink)?;
                        }
                        if run.refusal().is_some() {
                            return Ok(Judged::Verdict(Box::new(run.finish(sink)?), None));
                        }
                        let now = self.ports.clock.now();
                        // Without a row more than at the last stop nothing is gained.
                        if now >= self.limits.stop_at
                            && run.can_stop().is_ok_and(|bytes| bytes > judged_bytes)
                        {
                            return Self::stop(run, sink);
                        }
                        if now >= self.limits.give_up_at {
                            return Err(PassError::no_time());
                        }
                    }
                }
                Some(Block::End) => {
                    if self.source.by_ranges && self.read_ranges(&mut run, sink)? {
                        return Self::stop(run, sink);
                    }
                    let (surroundings, mark) = self.surroundings(digests).map_err(PassError::Transient)?;
                    let verdict = run.surrounded_by(surroundings).finish(sink)?;
                    return Ok(Judged::Verdict(Box::new(verdict), mark));
                }
                None => {
                    return Err(PassError::Transient("the object was not read to its end".to_owned()));
                }
            }
        }
    }

    /// What the rules may know once the object has been read, and the mark that it leaves when it is accepted.
    fn surroundings(&self, digests: Digests) -> Result<(Surroundings, Option<String>), String> {
        let mut surroundings = self.source.surroundings.clone();
        surroundings.file.digests = digests.finish();
        surroundings.references = self.source.references.read()?;
        let content = surroundings.file.digests.get(CONTENT);
        let Some((siblings, content)) = self.source.siblings.as_ref().zip(content) else {
            return Ok((surroundings, None));
        };
        let (found, mark) = siblings.find(content)?;
        surroundings.file.siblings = Some(found);
        Ok((surroundings, Some(mark)))
    }

    fn facts(&self) -> ObjectFacts<'_> {
        ObjectFacts {
            process_id: &self.source.process_id,
            key: &self.source.object.key,
            size_bytes: self.source.size_bytes,
        }
    }

    fn begin(&self) -> ObjectRun<'_> {
        ObjectRun::new(&self.dataset, self.facts())
            .surrounded_by(self.source.surroundings.clone())
            .keeping_keys(&mut scratch::keep)
    }

    /// The run as an earlier segment left it, the bytes of the object that are judged, and the offset of the next that it wants.
    fn resume(&self, start: Start) -> Result<(ObjectRun<'_>, u64, u64), PassError> {
        let (judged_bytes, first) = (start.checkpoint.judged_bytes(), start.checkpoint.offset());
        let lost = |error: CheckpointError| PassError::Lost(error.to_string());
        let run = ObjectRun::resume(&self.dataset, self.facts(), start.checkpoint).map_err(lost)?;
        let mut failed = None;
        let mut read = |measure: usize, take: &mut dyn FnMut(&[u8])| {
            let keys = start.keys.get(&measure).ok_or("keys of a measure are not there")?;
            self.read_keys(keys, take).map_err(|error| {
                let message = error.to_string();
                failed = Some(error);
                message
            })
        };
        let run = run.taking_keys(&mut scratch::keep, &mut read);
        match failed {
            Some(error @ PortError::Unavailable { .. }) => Err(error.into()),
            _ => {
                let run = run.map_err(lost)?.surrounded_by(self.source.surroundings.clone());
                Ok((run, judged_bytes, first))
            }
        }
    }

    fn read_keys(&self, keys: &KeysFile, take: &mut dyn FnMut(&[u8])) -> Result<(), PortError> {
        let object = ObjectRef {
            bucket: self.source.processed.clone(),
            key: keys.key.clone(),
            version_id: None,
            etag: None,
        };
        let mut at = 0;
        while at < keys.bytes {
            let length = KEYS_PIECE.min(keys.bytes - at);
            take(&self.runtime.block_on(self.ports.reader.range(&object, at, length))?);
            at += length;
        }
        Ok(())
    }

    fn stop(run: ObjectRun<'_>, sink: &mut ChannelSink) -> Result<Judged, PassError> {
        let checkpoint = run.checkpoint(sink);
        let checkpoint = checkpoint.map_err(|error| PassError::Transient(error.to_string()))?;
        Ok(Judged::Stopped(Box::new(checkpoint)))
    }

    /// Has the format ask for the bytes it wants; true when the time was over before the rows were. A read that fails is our
    /// failure, not the object's.
    fn read_ranges(&self, run: &mut ObjectRun<'_>, sink: &mut ChannelSink) -> Result<bool, PassError> {
        let waiting = Waiting::until(self.limits.give_up_at, &self.ports);
        let ranges = waiting.ranges(self.source.object.clone(), self.source.size_bytes);
        let lost = ranges.lost();
        let paused = run.read_ranges(ranges, &mut || self.ports.clock.now() >= self.limits.stop_at, sink)?;
        lost.take().map_or(Ok(paused), |lost| Err(lost.into()))
    }
}
