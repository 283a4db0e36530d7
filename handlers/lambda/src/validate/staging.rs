//! Result files between the engine and their buckets: complete, but not visible.
//!
//! Small files are held in memory, within a bound; larger ones are multipart uploads that wait to be completed. A pass that
//! stops before the object's end leaves all of them as such uploads: nobody sees them, and the next segment can complete them.

use std::collections::BTreeMap;

use bytes::Bytes;
use datalake_core::engine::OutputFile;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::piece::Piece;
use crate::failure::PortError;
use crate::ports::{Part, Place, Ports, Upload};

/// S3's smallest part that is not the last: a file is held until it is that large.
const SMALLEST_PART: usize = 5 * 1024 * 1024;
/// Size of the parts of an upload.
const PART: usize = 8 * 1024 * 1024;
/// All held files together; beyond it, finished ones are uploaded however small.
const HELD: usize = 32 * 1024 * 1024;

/// Files made safe or visible at a time.
const IN_FLIGHT: usize = 8;

/// Where one pass leaves its files.
#[derive(Debug, Clone)]
pub struct Places {
    /// The processed bucket.
    pub processed: String,
    /// The quarantine bucket.
    pub quarantine: String,
    /// Begin of the keys of what only the next segment reads, in the processed bucket.
    pub prefix: String,
    /// Unique to this attempt.
    pub mark: String,
}

/// Takes pieces, one pass long.
pub struct Staging {
    ports: Ports,
    places: Places,
    files: BTreeMap<Place, Building>,
    held_bytes: usize,
}

struct Building {
    kind: Kind,
    finished: bool,
    buffer: Vec<u8>,
    bytes: u64,
    upload: Option<Uploading>,
}

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Accepted rows.
    Good,
    /// Refused rows.
    Refused,
    /// Keys of the measure with this number, for the next segment.
    Keys(usize),
}

#[derive(Debug, Serialize, Deserialize)]
struct Uploading {
    upload: Upload,
    parts: Vec<Part>,
}

/// A finished file that nobody sees yet.
pub struct StagedFile {
    place: Place,
    bytes: u64,
    body: Body,
}

enum Body {
    Held(Bytes),
    Uploaded(Uploading),
}

/// A file that nobody sees yet, as a segment leaves it to the next.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    kind: Kind,
    place: Place,
    bytes: u64,
    upload: Uploading,
}

/// Everything one pass made.
#[derive(Default)]
pub struct Staged {
    /// Accepted rows.
    pub good: Vec<StagedFile>,
    /// Refused rows.
    pub refused: Vec<StagedFile>,
    /// Keys for the next segment, by measure.
    pub keys: Vec<(usize, StagedFile)>,
    /// Key of the mark in the processed bucket that an accepted object leaves, when other files are told by it.
    pub mark: Option<String>,
    unfinished: Vec<StagedFile>,
}

impl Staging {
    pub fn new(ports: &Ports, places: Places) -> Self {
        Self { ports: ports.clone(), places, files: BTreeMap::new(), held_bytes: 0 }
    }

    /// Takes pieces until there are no more. After an error the channel is closed, which stops the engine.
    pub async fn collect(&mut self, mut pieces: mpsc::Receiver<Piece>) -> Result<(), PortError> {
        while let Some(piece) = pieces.recv().await {
            self.take(piece).await?;
        }
        Ok(())
    }

    async fn take(&mut self, piece: Piece) -> Result<(), PortError> {
        let places = &self.places;
        let (bucket, key, kind) = match piece.file {
            OutputFile::Good(key) => (&places.processed, key, Kind::Good),
            OutputFile::Quarantine(key) => (&places.quarantine, key, Kind::Refused),
            OutputFile::Keys(measure) => {
                (&places.processed, format!("{}-keys-{measure:03}", places.prefix), Kind::Keys(measure))
            }
        };
        let place = Place { bucket: bucket.clone(), key };
        let new = || Building { kind, finished: false, buffer: Vec::new(), bytes: 0, upload: None };
        let building = self.files.entry(place.clone()).or_insert_with(new);
        building.finished = piece.last;
        building.bytes += piece.bytes.len() as u64;
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
            let upload = self.ports.writer.begin(place, &self.places.mark).await?;
            building.upload = Some(Uploading { upload, parts: Vec::new() });
        }
        let Some(uploading) = building.upload.as_mut() else { return Ok(()) };
        uploading.add(&self.ports, place, body).await
    }

    /// Ends the pass. Files the engine did not finish are kept apart, to be aborted.
    pub fn seal(self) -> Staged {
        let mut staged = Staged::default();
        for (place, building) in self.files {
            let body = building.upload.map_or_else(|| Body::Held(building.buffer.into()), Body::Uploaded);
            let file = StagedFile { place, bytes: building.bytes, body };
            match building.kind {
                _ if !building.finished => staged.unfinished.push(file),
                Kind::Good => staged.good.push(file),
                Kind::Refused => staged.refused.push(file),
                Kind::Keys(measure) => staged.keys.push((measure, file)),
            }
        }
        staged
    }
}

impl Uploading {
    async fn add(&mut self, ports: &Ports, place: &Place, body: Bytes) -> Result<(), PortError> {
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let part = ports.writer.part(place, &self.upload, number, body).await?;
        self.parts.push(part);
        Ok(())
    }
}

impl StagedFile {
    /// Its key.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes it outlive this process, still seen by nobody.
    async fn keep(self, kind: Kind, ports: &Ports, mark: &str) -> Result<Kept, PortError> {
        let Self { place, bytes, body } = self;
        let upload = match body {
            Body::Uploaded(upload) => upload,
            Body::Held(body) => {
                let upload = ports.writer.begin(&place, mark).await?;
                let mut upload = Uploading { upload, parts: Vec::new() };
                upload.add(ports, &place, body).await?;
                upload
            }
        };
        Ok(Kept { kind, place, bytes, upload })
    }

    /// Makes it visible.
    pub async fn publish(self, ports: &Ports) -> Result<(), PortError> {
        match self.body {
            Body::Held(bytes) => ports.writer.put(&self.place, bytes).await,
            Body::Uploaded(made) => ports.writer.complete(&self.place, &made.upload, &made.parts).await,
        }
    }

    async fn abort(self, ports: &Ports) {
        let Body::Uploaded(made) = self.body else { return };
        if let Err(error) = ports.writer.abort(&self.place, &made.upload).await {
            // It costs storage until the bucket's lifecycle rule ends it, and nothing else.
            tracing::warn!(%error, "an upload could not be aborted");
        }
    }
}

impl Staged {
    /// Gives up everything.
    pub async fn abort(self, ports: &Ports) {
        let keys = self.keys.into_iter().map(|(_, file)| file);
        abort(self.good.into_iter().chain(self.refused).chain(self.unfinished).chain(keys), ports).await;
    }

    /// Makes everything but the keys outlive this process. After an error what was begun costs storage until the bucket's
    /// lifecycle rule ends it.
    pub async fn keep(self, ports: &Ports, mark: &str) -> Result<Vec<Kept>, PortError> {
        let good = self.good.into_iter().map(|file| file.keep(Kind::Good, ports, mark));
        let refused = self.refused.into_iter().map(|file| file.keep(Kind::Refused, ports, mark));
        let (good, refused) = (stream::iter(good), stream::iter(refused));
        let mut kept: Vec<Kept> = good.buffered(IN_FLIGHT).try_collect().await?;
        kept.extend(refused.buffered(IN_FLIGHT).try_collect::<Vec<Kept>>().await?);
        Ok(kept)
    }

    /// Puts what earlier segments left before what this one made.
    pub fn after(mut self, kept: Vec<Kept>) -> Self {
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for Kept { kind, place, bytes, upload } in kept {
            let file = StagedFile { place, bytes, body: Body::Uploaded(upload) };
            if kind == Kind::Good { good.push(file) } else { refused.push(file) }
        }
        good.append(&mut self.good);
        refused.append(&mut self.refused);
        Self { good, refused, ..self }
    }

    /// Gives up the files that were not finished.
    pub async fn abort_unfinished(&mut self, ports: &Ports) {
        abort(std::mem::take(&mut self.unfinished), ports).await;
    }

    /// Gives up the files of accepted rows that were not taken.
    pub async fn abort_good(&mut self, ports: &Ports) {
        abort(std::mem::take(&mut self.good), ports).await;
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
