//! Result files between the engine and their buckets: complete, but not visible.
//!
//! Small files are held in memory, within a bound; larger ones are multipart uploads that wait to be completed.

use std::collections::BTreeMap;

use bytes::Bytes;
use datalake_core::engine::OutputFile;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc;

use super::piece::Piece;
use crate::failure::PortError;
use crate::ports::{Part, Place, Ports};

/// S3's smallest part that is not the last: a file is held until it is that large.
const SMALLEST_PART: usize = 5 * 1024 * 1024;
/// Size of the parts of an upload.
const PART: usize = 8 * 1024 * 1024;
/// All held files together; beyond it, finished ones are uploaded however small.
const HELD: usize = 32 * 1024 * 1024;

/// Files made visible at a time.
const IN_FLIGHT: usize = 8;

/// Takes pieces, one pass long.
pub struct Staging {
    ports: Ports,
    processed: String,
    quarantine: String,
    files: BTreeMap<Place, Building>,
    held_bytes: usize,
}

#[derive(Default)]
struct Building {
    good: bool,
    finished: bool,
    buffer: Vec<u8>,
    upload: Option<Upload>,
}

struct Upload {
    id: String,
    parts: Vec<Part>,
}

/// A finished file that nobody sees yet.
pub struct StagedFile {
    place: Place,
    body: Body,
}

enum Body {
    Held(Bytes),
    Uploaded(Upload),
}

/// Everything one pass made.
#[derive(Default)]
pub struct Staged {
    /// Accepted rows.
    pub good: Vec<StagedFile>,
    /// Refused rows.
    pub refused: Vec<StagedFile>,
    unfinished: Vec<StagedFile>,
}

impl Staging {
    pub fn new(ports: &Ports, processed: &str, quarantine: &str) -> Self {
        Self {
            ports: ports.clone(),
            processed: processed.to_owned(),
            quarantine: quarantine.to_owned(),
            files: BTreeMap::new(),
            held_bytes: 0,
        }
    }

    /// Takes pieces until there are no more. After an error the channel is closed, which stops the engine.
    pub async fn collect(&mut self, mut pieces: mpsc::Receiver<Piece>) -> Result<(), PortError> {
        while let Some(piece) = pieces.recv().await {
            self.take(piece).await?;
        }
        Ok(())
    }

    async fn take(&mut self, piece: Piece) -> Result<(), PortError> {
        let (bucket, key, good) = match piece.file {
            OutputFile::Good(key) => (&self.processed, key, true),
            OutputFile::Quarantine(key) => (&self.quarantine, key, false),
        };
        let place = Place { bucket: bucket.clone(), key };
        let building = self.files.entry(place.clone()).or_default();
        building.good = good;
        building.finished = piece.last;
        building.buffer.extend_from_slice(&piece.bytes);
        self.held_bytes += piece.bytes.len();
        self.upload_if_large(&place).await?;
        while self.held_bytes > HELD {
            let Some(largest) = self.largest_finished() else { break };
            self.upload_buffer(&largest).await?;
        }
        Ok(())
    }

    async fn upload_if_large(&mut self, place: &Place) -> Result<(), PortError> {
        let Some(building) = self.files.get(place) else { return Ok(()) };
        let uploading = building.upload.is_some();
        let limit = if uploading { PART } else { SMALLEST_PART };
        let rest = uploading && building.finished && !building.buffer.is_empty();
        if building.buffer.len() >= limit || rest { self.upload_buffer(place).await } else { Ok(()) }
    }

    /// The largest held file that is finished: one that is not cannot be a part while it is small.
    fn largest_finished(&self) -> Option<Place> {
        let held = self.files.iter().filter(|(_, building)| building.finished && !building.buffer.is_empty());
        held.max_by_key(|(_, building)| building.buffer.len()).map(|(place, _)| place.clone())
    }

    async fn upload_buffer(&mut self, place: &Place) -> Result<(), PortError> {
        let Some(building) = self.files.get_mut(place) else { return Ok(()) };
        let body = Bytes::from(std::mem::take(&mut building.buffer));
        self.held_bytes -= body.len();
        if building.upload.is_none() {
            let id = self.ports.writer.begin(place).await?;
            building.upload = Some(Upload { id, parts: Vec::new() });
        }
        let Some(upload) = building.upload.as_mut() else { return Ok(()) };
        let number = i32::try_from(upload.parts.len() + 1).unwrap_or(i32::MAX);
        let part = self.ports.writer.part(place, &upload.id, number, body).await?;
        upload.parts.push(part);
        Ok(())
    }

    /// Ends the pass. Files the engine did not finish are kept apart, to be aborted.
    pub fn seal(self) -> Staged {
        let mut staged = Staged::default();
        for (place, building) in self.files {
            let list = match (building.finished, building.good) {
                (false, _) => &mut staged.unfinished,
                (true, true) => &mut staged.good,
                (true, false) => &mut staged.refused,
            };
            let body = building.upload.map_or_else(|| Body::Held(building.buffer.into()), Body::Uploaded);
            list.push(StagedFile { place, body });
        }
        staged
    }
}

impl StagedFile {
    /// Its key.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Makes it visible.
    pub async fn publish(self, ports: &Ports) -> Result<(), PortError> {
        match self.body {
            Body::Held(bytes) => ports.writer.put(&self.place, bytes).await,
            Body::Uploaded(upload) => ports.writer.complete(&self.place, &upload.id, &upload.parts).await,
        }
    }

    async fn abort(self, ports: &Ports) {
        let Body::Uploaded(upload) = self.body else { return };
        if let Err(error) = ports.writer.abort(&self.place, &upload.id).await {
            // It costs storage until the bucket's lifecycle rule ends it, and nothing else.
            tracing::warn!(%error, "an upload could not be aborted");
        }
    }
}

impl Staged {
    /// Gives up everything.
    pub async fn abort(self, ports: &Ports) {
        abort(self.good.into_iter().chain(self.refused).chain(self.unfinished), ports).await;
    }

    /// Gives up the files that were not finished.
    pub async fn abort_unfinished(&mut self, ports: &Ports) {
        abort(std::mem::take(&mut self.unfinished), ports).await;
    }
}

/// Makes files visible.
pub async fn publish(files: Vec<StagedFile>, ports: &Ports) -> Result<(), PortError> {
    let files = files.into_iter().map(|file| file.publish(ports));
    stream::iter(files).buffer_unordered(IN_FLIGHT).try_collect::<()>().await
}

/// Gives up files.
pub async fn abort(files: impl IntoIterator<Item = StagedFile>, ports: &Ports) {
    for file in files {
        file.abort(ports).await;
    }
}
