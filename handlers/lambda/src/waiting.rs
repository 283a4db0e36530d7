//! The world as the engine's own thread has it: that thread may wait, until it is time to give up.

use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use datalake_core::formats::columnar::Ranges;
use tokio::runtime::Handle;

use crate::failure::PortError;
use crate::ports::{Listed, Listing, ObjectRef, Ports};

/// Keys listed at a time.
const PAGE: usize = 1_000;
/// Bytes read with an object's size: most files are no larger.
const FIRST: u64 = 1 << 20;

/// Why something could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It was too late to ask.
    #[error("not enough time left to read it")]
    NoTime,
    /// The world said no.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// What is asked of the world in turn. Not for the runtime's own threads.
#[derive(Clone)]
pub struct Waiting {
    ports: Ports,
    runtime: Handle,
    give_up_at: SystemTime,
}

impl Waiting {
    /// Called within the runtime.
    pub fn until(give_up_at: SystemTime, ports: &Ports) -> Self {
        Self { ports: ports.clone(), runtime: Handle::current(), give_up_at }
    }

    /// Hands on the objects of a prefix, by key, until there are no more or `take` wants no more; whether there are more.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub fn list(
        &self,
        bucket: &str,
        prefix: &str,
        take: &mut dyn FnMut(Vec<Listed>) -> bool,
    ) -> Result<bool, Lost> {
        let mut after = String::new();
        loop {
            let listing = Listing { bucket, prefix, after: &after, most: PAGE };
            let page = self.wait(self.ports.lister.list(listing))?;
            if let Some(last) = page.objects.last() {
                after.clone_from(&last.key);
            }
            if !take(page.objects) || !page.more {
                return Ok(page.more);
            }
        }
    }

    /// Looks an object up, to read this very version of it.
    ///
    /// # Errors
    /// `Missing` when there is none.
    pub fn open(&self, bucket: &str, key: &str) -> Result<ObjectRanges, Lost> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let mut object = ObjectRef { bucket, key, version_id: None, etag: None };
        let head = self.wait(self.ports.reader.head(&object, FIRST))?;
        object.etag = Some(head.etag);
        Ok(ObjectRanges { first: head.first, ..self.ranges(object, head.size_bytes) })
    }

    /// An object whose size is known.
    pub fn ranges(&self, object: ObjectRef, size_bytes: u64) -> ObjectRanges {
        ObjectRanges {
            waiting: self.clone(),
            object,
            size_bytes,
            first: Bytes::new(),
            lost: LostRange::default(),
        }
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, PortError>>) -> Result<T, Lost> {
        if self.ports.clock.now() >= self.give_up_at {
            return Err(Lost::NoTime);
        }
        Ok(self.runtime.block_on(work)?)
    }
}

/// An object that is read by ranges.
pub struct ObjectRanges {
    waiting: Waiting,
    object: ObjectRef,
    size_bytes: u64,
    /// Its first bytes, if they came with its size.
    first: Bytes,
    lost: LostRange,
}

/// Why a range could not be had; the first counts. Parquet's own errors do not tell that from a damaged file.
#[derive(Clone, Default)]
pub struct LostRange(Arc<Mutex<Option<Lost>>>);

impl LostRange {
    /// What was lost, if anything was.
    pub fn take(&self) -> Option<Lost> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, lost: Lost) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(lost);
    }
}

impl ObjectRanges {
    /// Where to look when it could not be read.
    pub fn lost(&self) -> LostRange {
        self.lost.clone()
    }
}

impl Ranges for ObjectRanges {
    fn size(&self) -> u64 {
        self.size_bytes
    }

    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        // The file itself may name bytes that it does not have.
        let end = offset.checked_add(length as u64).filter(|end| *end <= self.size_bytes);
        let end = end.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        if length == 0 {
            return Ok(Vec::new());
        }
        let held = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
        if let Some(held) = held.and_then(|(start, end)| self.first.get(start..end)) {
            return Ok(held.to_vec());
        }
        let range = self.waiting.ports.reader.range(&self.object, offset, length as u64);
        self.waiting.wait(range).map(|bytes| bytes.to_vec()).map_err(|lost| {
            self.lost.note(lost.clone());
            Error::other(lost)
        })
    }
}
