//! The pass: head → unpack → records → rows → checks → files, and the verdict at the end.

use std::collections::BTreeMap;

use super::codecs::{self, Codecs};
use super::reading::Reading;
use super::recognise::{json_format, text_format};
use super::{CompiledDataset, OutputFile, Sink, SinkError};
use crate::formats::columnar::{self, Ranges};
use crate::formats::csv::Csv;
use crate::formats::frames::Frames;
use crate::formats::lines::Lines;
use crate::formats::unpack::{TakeBytes, Unpacker, word};
use crate::formats::{Content, Framer, PACKED_HEAD, Place, Record, Stop, refused, sniff};
use crate::rules::{KeyCounts, Surroundings};
use crate::spec::{Compression, Format};
use crate::verdict::{ObjectReason, Verdict};

/// Bytes looked at before it is decided how an object is read: at least the first line, if it is no longer than this.
const HEAD: usize = 64 << 10;

/// What is known about an object before its bytes.
#[derive(Debug, Clone, Copy)]
pub struct ObjectFacts<'a> {
    /// Identity of this version in this pipeline.
    pub process_id: &'a str,
    /// Key in the raw bucket.
    pub key: &'a str,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// One object being judged.
pub struct ObjectRun<'d> {
    key: String,
    pub(super) unpack: Unpack,
    pub(super) reader: Reader,
    pub(super) reading: Reading<'d>,
    pub(super) refusal: Option<ObjectReason>,
    pub(super) packed: u64,
    /// Unpacked bytes that another pass has judged.
    pub(super) skip: u64,
    codecs: Codecs,
}

/// How the object's bytes become text.
pub(super) enum Unpack {
    Undecided(Vec<u8>),
    Plain,
    Packed(Compression, Box<dyn Unpacker + Send>),
    /// Being used.
    Lent,
}

/// How the text becomes records.
pub(super) enum Reader {
    Undecided(Vec<u8>),
    Framer(Box<dyn Framer + Send>),
}

impl<'d> ObjectRun<'d> {
    /// Begins with no byte read.
    #[must_use]
    pub fn new(dataset: &'d CompiledDataset, facts: ObjectFacts<'_>) -> Self {
        Self::with(dataset, facts, codecs::ALL)
    }

    /// Begins with an object that is text, of which accepted rows are counted and not stored. A program that begins in no
    /// other way has nothing in it that unpacks, or knows Parquet.
    #[must_use]
    pub fn of_text(dataset: &'d CompiledDataset, facts: ObjectFacts<'_>) -> Self {
        Self::with(dataset, facts, codecs::TEXT)
    }

    fn with(dataset: &'d CompiledDataset, facts: ObjectFacts<'_>, codecs: Codecs) -> Self {
        Self {
            key: facts.key.to_owned(),
            unpack: Unpack::Undecided(Vec::new()),
            reader: Reader::Undecided(Vec::new()),
            reading: Reading::new(dataset, facts.process_id, facts.size_bytes, (codecs.files)(dataset)),
            refusal: None,
            packed: 0,
            skip: 0,
            codecs,
        }
    }

    /// Lets the rules know more than the object's size: the time, earlier objects, other datasets.
    #[must_use]
    pub fn surrounded_by(mut self, surroundings: Surroundings) -> Self {
        self.reading.judge.surroundings = surroundings;
        self
    }

    /// Judges without result files: the verdict is the same, but names no files.
    #[must_use]
    pub fn without_files(mut self) -> Self {
        self.reading.judge.keeps_files = false;
        self
    }

    /// Other limits than the usual, for tests.
    #[cfg(test)]
    pub(super) fn limit(mut self, most_rows: u64, file_bytes: u64) -> Self {
        self.reading.limit(most_rows, file_bytes);
        self
    }

    /// Keeps the keys of rules about uniqueness where `keep` says, once for each measure, instead of in memory; it is told
    /// how many fit there. With [`crate::rules::Spilling`] more than fit are counted exactly.
    #[must_use]
    pub fn keeping_keys(mut self, keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>) -> Self {
        self.reading.judge.keep_keys(keep);
        self
    }

    /// Takes the next block.
    ///
    /// # Errors
    /// When the sink cannot take a result.
    pub fn push(&mut self, block: &[u8], sink: &mut dyn Sink) -> Result<(), SinkError> {
        self.packed += block.len() as u64;
        if self.refusal.is_some() || block.is_empty() {
            return Ok(());
        }
        let result = self.unpack(block, sink);
        self.settle(result)
    }

    /// Judges an object that is Parquet by its ranges, instead of taking its blocks. Between some rows and the next it is
    /// asked whether to `pause`; true when it did, so that the run can be brought to a [`Self::checkpoint`].
    ///
    /// # Errors
    /// When the sink cannot take a result.
    pub fn read_ranges(
        &mut self,
        ranges: impl Ranges + 'static,
        pause: &mut dyn FnMut() -> bool,
        sink: &mut dyn Sink,
    ) -> Result<bool, SinkError> {
        self.packed += ranges.size();
        self.unpack = Unpack::Plain;
        self.reading.judge.format = Some(Format::Parquet);
        let reading = &mut self.reading;
        let judged = reading.seen;
        let mut take = |place: Place, record: Record<'_>| reading.record(place, record, sink);
        let (paused, result) = match columnar::read(ranges, judged, pause, &mut take) {
            Ok(paused) => (paused, Ok(())),
            Err(stop) => (None, Err(stop)),
        };
        let is_paused = paused.is_some();
        self.reader = Reader::Framer(match paused {
            Some(paused) => Box::new(paused),
            None => Box::new(Lines::new(0)),
        });
        self.settle(result)?;
        Ok(is_paused)
    }

    /// Why the object is refused whole, as soon as that is certain; the rest need not be read then.
    #[must_use]
    pub fn refusal(&self) -> Option<&ObjectReason> {
        self.refusal.as_ref()
    }

    /// The bytes are over: the verdict.
    ///
    /// # Errors
    /// When the sink cannot take a result.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<Verdict, SinkError> {
        if self.refusal.is_none() {
            let result = self.end(sink);
            self.settle(result)?;
        }
        let compression = match (&self.unpack, self.packed) {
            (_, 0) => None,
            (Unpack::Packed(compression, _), _) => Some(word(*compression).to_owned()),
            _ => Some("none".to_owned()),
        };
        self.reading.judge.verdict(self.refusal, compression, sink)
    }

    /// Judges a whole object that is in memory, and keeps the result files there.
    ///
    /// # Errors
    /// When Parquet cannot be written.
    pub fn judge_whole(
        mut self,
        bytes: &[u8],
    ) -> Result<(Verdict, BTreeMap<OutputFile, Vec<u8>>), SinkError> {
        #[derive(Default)]
        struct Memory(BTreeMap<OutputFile, Vec<u8>>);
        impl Sink for Memory {
            fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, _last: bool) -> Result<(), SinkError> {
                self.0.entry(file.clone()).or_default().extend(bytes);
                Ok(())
            }
        }
        let mut files = Memory::default();
        self.push(bytes, &mut files)?;
        let verdict = self.finish(&mut files)?;
        Ok((verdict, files.0))
    }

    fn settle(&mut self, result: Result<(), Stop>) -> Result<(), SinkError> {
        match result {
            Ok(()) => Ok(()),
            Err(Stop::Sink(error)) => Err(error),
            Err(Stop::Refused(reason)) => {
                self.refusal = Some(reason);
                Ok(())
            }
        }
    }

    fn unpack(&mut self, block: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
        match &mut self.unpack {
            Unpack::Undecided(head) => {
                head.extend_from_slice(block);
                if head.len() < PACKED_HEAD {
                    return Ok(());
                }
                let head = std::mem::take(head);
                self.decide_unpack(&head);
                self.unpack(&head, sink)
            }
            Unpack::Plain => self.read(block, sink),
            Unpack::Packed(..) => self.unpacked(|unpacker, take| unpacker.push(block, take), sink),
            Unpack::Lent => Ok(()),
        }
    }

    /// Lets the unpacker work and reads what comes out.
    fn unpacked(
        &mut self,
        work: impl FnOnce(&mut dyn Unpacker, &mut TakeBytes<'_>) -> Result<(), Stop>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let mut unpack = std::mem::replace(&mut self.unpack, Unpack::Lent);
        let result = match &mut unpack {
            Unpack::Packed(_, unpacker) => work(unpacker.as_mut(), &mut |text| self.read(text, sink)),
            _ => Ok(()),
        };
        self.unpack = unpack;
        result
    }

    /// Content first; the declaration only matters for saying what is wrong.
    fn decide_unpack(&mut self, head: &[u8]) {
        let compression = match sniff(head) {
            Content::Packed(compression) => compression,
            _ => Compression::None,
        };
        self.unpack =
            (self.codecs.unpacker)(compression).map_or(Unpack::Plain, |it| Unpack::Packed(compression, it));
    }

    fn read(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
        let judged = usize::try_from(self.skip).unwrap_or(usize::MAX).min(text.len());
        self.skip -= judged as u64;
        let text = &text[judged..];
        match &mut self.reader {
            Reader::Undecided(head) => {
                head.extend_from_slice(text);
                if head.len() < HEAD
                    && memchr::memchr(b'\n', head).is_none_or(|end| head[..end].trim_ascii().is_empty())
                {
                    return Ok(());
                }
                self.decide_reader(false, sink)
            }
            Reader::Framer(framer) => {
                let reading = &mut self.reading;
                framer.push(text, &mut |place, record| reading.record(place, record, sink))
            }
        }
    }

    /// Decides how to read from what has arrived; `complete` when no more will.
    fn decide_reader(&mut self, complete: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        let Reader::Undecided(head) = &mut self.reader else { return Ok(()) };
        let head = std::mem::take(head);
        let (bom, text) = match head.strip_prefix(b"\xef\xbb\xbf") {
            Some(text) => (3, text),
            None => (0, head.as_slice()),
        };
        let format = self.format(text, complete)?;
        self.reading.judge.format = Some(format);
        self.reader = Reader::Framer(match format {
            Format::Json => Box::new(Frames::new(bom)),
            Format::Ndjson => Box::new(Lines::new(bom)),
            Format::Parquet => (self.codecs.parquet)(),
            Format::Avro => (self.codecs.avro)(),
            Format::Csv | Format::Tsv => {
                let (dialect, names) = self.reading.judge.dataset.dialect(format);
                Box::new(Csv::new(bom, dialect, names))
            }
        });
        self.read(text, sink)
    }

    /// The format: what the content says, then what was declared, then what the name says.
    fn format(&self, text: &[u8], complete: bool) -> Result<Format, Stop> {
        let declared = self.reading.judge.dataset.declared_format();
        match sniff(text) {
            Content::Empty if complete => refused("empty_object", "the object holds nothing"),
            Content::Parquet => Ok(Format::Parquet),
            Content::Avro => Ok(Format::Avro),
            Content::Unsupported(name) => {
                refused("unsupported_format", format!("the object is {name}, which cannot be read yet"))
            }
            Content::Binary => {
                refused("unsupported_format", "the object holds binary data of no known format")
            }
            Content::Packed(_) => refused("unsupported_format", "the object is packed twice"),
            Content::Json => Ok(json_format(text, declared, complete)),
            Content::Empty | Content::Text => {
                Ok(text_format(text, declared, &self.key, self.reading.judge.dataset))
            }
        }
    }

    fn end(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.packed == 0 {
            return refused("empty_object", "the object has no bytes");
        }
        if let Unpack::Undecided(head) = &mut self.unpack {
            let head = std::mem::take(head);
            self.decide_unpack(&head);
            self.unpack(&head, sink)?;
        }
        self.unpacked(|unpacker, take| unpacker.finish(take), sink)?;
        if matches!(self.reader, Reader::Undecided(_)) {
            self.decide_reader(true, sink)?;
        }
        if let Reader::Framer(framer) = &mut self.reader {
            let reading = &mut self.reading;
            framer.finish(&mut |place, record| reading.record(place, record, sink))?;
        }
        Ok(())
    }
}

/// Judges a whole object that is in memory: for tests.
///
/// # Errors
/// When Parquet cannot be written.
pub fn judge(
    dataset: &CompiledDataset,
    facts: ObjectFacts<'_>,
    bytes: &[u8],
) -> Result<(Verdict, BTreeMap<OutputFile, Vec<u8>>), SinkError> {
    ObjectRun::new(dataset, facts).judge_whole(bytes)
}
