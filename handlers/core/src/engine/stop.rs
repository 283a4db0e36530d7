//! Where a pass stops and how it goes on: see [`Checkpoint`].

use super::checkpoint::{Checkpoint, CheckpointError};
use super::reading::Reading;
use super::run::{ObjectFacts, ObjectRun, Reader, Unpack};
use super::{CompiledDataset, ReadKeys, Sink};
use crate::formats::avro::Avro;
use crate::formats::columnar::Paused;
use crate::formats::csv::Csv;
use crate::formats::frames::Frames;
use crate::formats::lines::Lines;
use crate::formats::unpack::unpacker;
use crate::formats::{Framer, Place, Resume};
use crate::rules::KeyCounts;
use crate::spec::Format;

impl<'d> ObjectRun<'d> {
    /// Stops between two rows: everything that was stored is final, and the rest can be judged elsewhere, from
    /// [`Checkpoint::offset`] on, with the same verdict as if nothing had happened.
    ///
    /// # Errors
    /// When it cannot stop here; the pass is lost then, so ask [`Self::can_stop`] first.
    pub fn checkpoint(self, sink: &mut dyn Sink) -> Result<Checkpoint, CheckpointError> {
        let resume = self.place()?;
        let packed = match self.unpack {
            Unpack::Packed(compression, _) => Some(compression),
            _ => None,
        };
        let Reading { judge, seen, .. } = self.reading;
        judge.checkpoint(resume, packed, seen, sink)
    }

    /// How many bytes of the object, unpacked, would be judged at a [`Self::checkpoint`] now.
    ///
    /// # Errors
    /// Why there cannot be one.
    pub fn can_stop(&self) -> Result<u64, CheckpointError> {
        self.place().map(|place| place.offset)
    }

    fn place(&self) -> Result<Resume, CheckpointError> {
        match (&self.unpack, &self.reader) {
            _ if self.refusal.is_some() => Err(CheckpointError::Refused),
            // What was judged before is still being passed over.
            _ if self.skip > 0 => Err(CheckpointError::NotBetweenRows),
            (Unpack::Plain | Unpack::Packed(..), Reader::Framer(framer)) => {
                framer.resume().ok_or(match self.reading.judge.format {
                    Some(Format::Parquet) => CheckpointError::NoPlaces,
                    _ => CheckpointError::NotBetweenRows,
                })
            }
            _ => Err(CheckpointError::NotBetweenRows),
        }
    }

    /// Goes on from a checkpoint: the bytes from its offset on are to be pushed, or, where it was made by
    /// [`Self::read_ranges`], that is to be called. Keys that went to the sink are taken back by
    /// [`Self::taking_keys`].
    ///
    /// # Errors
    /// When the checkpoint was made for another dataset or cannot be read.
    pub fn resume(
        dataset: &'d CompiledDataset,
        facts: ObjectFacts<'_>,
        checkpoint: Checkpoint,
    ) -> Result<Self, CheckpointError> {
        if !checkpoint.belongs_to(dataset) {
            return Err(CheckpointError::Foreign);
        }
        let mut run = Self::new(dataset, facts);
        run.reader = Reader::Framer(framer(dataset, checkpoint.format, checkpoint.resume.clone())?);
        run.packed = checkpoint.offset();
        let packed = checkpoint.packed.and_then(|compression| Some((compression, unpacker(compression)?)));
        (run.unpack, run.skip) = match packed {
            Some((compression, unpacker)) => {
                (Unpack::Packed(compression, unpacker), checkpoint.judged_bytes())
            }
            None => (Unpack::Plain, 0),
        };
        run.reading.seen = checkpoint.seen;
        run.reading.judge.go_on(checkpoint, facts.process_id)?;
        Ok(run)
    }

    /// Takes back the keys of [`OutputFile::Keys`](super::OutputFile::Keys), each measure's where `keep` says; it is told how
    /// many fit into memory.
    ///
    /// # Errors
    /// When `read` fails.
    pub fn taking_keys(
        mut self,
        keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>,
        read: &mut ReadKeys<'_>,
    ) -> Result<Self, CheckpointError> {
        self.reading.judge.take_keys(keep, read)?;
        Ok(self)
    }
}

/// What goes on reading an object of the format from a place.
fn framer(
    dataset: &CompiledDataset,
    format: Format,
    resume: Resume,
) -> Result<Box<dyn Framer + Send>, CheckpointError> {
    let Resume { line, offset, names, within, header } = resume;
    let place = Place { line, offset };
    Ok(match (format, names, within, header) {
        (Format::Ndjson, ..) => Box::new(Lines::at(place)),
        (Format::Json, _, Some(within), _) => Box::new(Frames::at(place, within)),
        (Format::Csv | Format::Tsv, Some(names), ..) => {
            Box::new(Csv::at(place, dataset.dialect(format).0, names))
        }
        (Format::Avro, _, _, Some(header)) => {
            Box::new(Avro::at(place, header).map_err(|_| CheckpointError::Foreign)?)
        }
        (Format::Parquet, ..) => Box::new(Paused::at(place)),
        _ => return Err(CheckpointError::NoPlaces),
    })
}
