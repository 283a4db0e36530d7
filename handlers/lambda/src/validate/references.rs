//! Other datasets that the rules compare an object with: their accepted rows as they are when the object has been read.
//!
//! Of each file only the columns that the rules name are read, by ranges, on the engine's own thread; what is kept of them
//! are keys, within the memory for keys and then on disk.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use datalake_core::engine::{CompiledDataset, read_accepted};
use datalake_core::formats::columnar::Ranges;
use datalake_core::layout::validated_prefix;
use datalake_core::rules::{Asked, Reference};
use tokio::runtime::Handle;

use super::scratch;
use crate::failure::PortError;
use crate::pipeline::Pipeline;
use crate::ports::{Listing, ObjectRef, Ports};

/// Most files of a dataset that is compared with.
const MOST_FILES: usize = 10_000;
/// Keys listed at a time.
const PAGE: usize = 1_000;
/// Bytes read at once, and how many such blocks of a file are kept: one for each column that is read in turn.
const BLOCK: u64 = 1 << 20;
const BLOCKS: usize = 16;

/// What is read when the object has been.
pub struct References {
    ports: Ports,
    bucket: String,
    asked: BTreeMap<String, (Option<Arc<CompiledDataset>>, Asked)>,
    most_keys: usize,
    give_up_at: SystemTime,
}

/// Other datasets by name, each as it is or why it cannot be had.
pub type Found = BTreeMap<String, Arc<Result<Reference, String>>>;

impl References {
    /// Those that the rules of a dataset name.
    pub fn of(ports: &Ports, pipeline: &Pipeline, dataset: &CompiledDataset, give_up_at: SystemTime) -> Self {
        let (asked, most_keys) = dataset.references();
        let asked = asked.into_iter().map(|(name, asked)| {
            let there = pipeline.dataset(&name);
            (name, (there, asked))
        });
        let (ports, bucket) = (ports.clone(), pipeline.spec.buckets.processed.clone());
        Self { ports, bucket, asked: asked.collect(), most_keys, give_up_at }
    }

    /// Reads them all. Blocks: not for the runtime's own threads.
    ///
    /// # Errors
    /// When that may go better another time.
    pub fn read(&self) -> Result<Found, String> {
        let mut found = BTreeMap::new();
        for (name, (dataset, asked)) in &self.asked {
            let reference = match dataset {
                Some(dataset) => self.dataset(name, dataset, asked)?,
                None => Err(format!("the pipeline has no dataset `{name}`")),
            };
            found.insert(name.clone(), Arc::new(reference));
        }
        Ok(found)
    }

    fn dataset(
        &self,
        name: &str,
        dataset: &CompiledDataset,
        asked: &Asked,
    ) -> Result<Result<Reference, String>, String> {
        let mut reference = Reference::new(dataset.columns(), asked, self.most_keys, &mut scratch::keep);
        let keys = self.list(&validated_prefix(name))?;
        if keys.len() > MOST_FILES {
            return Ok(Err(format!("the dataset `{name}` has more than {MOST_FILES} files")));
        }
        for key in keys {
            let file = self.open(&key)?;
            let lost = Arc::clone(&file.lost);
            let read = read_accepted(&key, file, &mut reference);
            if let Some(reason) = lost.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return Err(reason);
            }
            if let Err(reason) = read {
                return Ok(Err(reason));
            }
        }
        Ok(Ok(reference))
    }

    /// Keys of files, one more than there may be at most.
    fn list(&self, prefix: &str) -> Result<Vec<String>, String> {
        let mut keys: Vec<String> = Vec::new();
        let mut after = String::new();
        loop {
            let listing = Listing { bucket: &self.bucket, prefix, after: &after, most: PAGE };
            let page = self.wait(self.ports.lister.list(listing))?;
            if let Some(last) = page.objects.last() {
                after.clone_from(&last.key);
            }
            keys.extend(
                page.objects.into_iter().map(|listed| listed.key).filter(|key| key.ends_with(".parquet")),
            );
            if !page.more || keys.len() > MOST_FILES {
                return Ok(keys);
            }
        }
    }

    fn open(&self, key: &str) -> Result<File, String> {
        let mut object =
            ObjectRef { bucket: self.bucket.clone(), key: key.to_owned(), version_id: None, etag: None };
        let head = self.wait(self.ports.reader.head(&object, BLOCK))?;
        object.etag = Some(head.etag);
        Ok(File {
            ports: self.ports.clone(),
            handle: Handle::current(),
            object,
            size: head.size_bytes,
            blocks: Mutex::new(VecDeque::from([(0, head.first)])),
            lost: Arc::default(),
        })
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, PortError>>) -> Result<T, String> {
        if self.ports.clock.now() >= self.give_up_at {
            return Err("not enough time left to read the datasets that the rules compare with".to_owned());
        }
        Handle::current().block_on(work).map_err(reason)
    }
}

fn reason(error: PortError) -> String {
    match error {
        PortError::Missing => {
            "a file of a dataset that the rules compare with was replaced meanwhile".to_owned()
        }
        other => other.to_string(),
    }
}

/// One file, read block by block.
struct File {
    ports: Ports,
    handle: Handle,
    object: ObjectRef,
    size: u64,
    /// The blocks read last, by their number.
    blocks: Mutex<VecDeque<(u64, Bytes)>>,
    /// Why a block could not be had: Parquet's own errors do not tell that from a damaged file.
    lost: Arc<Mutex<Option<String>>>,
}

impl File {
    fn block(&self, number: u64) -> Result<Bytes, Error> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, block)) = blocks.iter().find(|(known, _)| *known == number) {
            return Ok(block.clone());
        }
        let start = number * BLOCK;
        let length = BLOCK.min(self.size.saturating_sub(start));
        let read = self.handle.block_on(self.ports.reader.range(&self.object, start, length));
        let block = read.map_err(|error| {
            let reason = reason(error);
            *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.clone());
            Error::other(reason)
        })?;
        if blocks.len() >= BLOCKS {
            blocks.pop_front();
        }
        blocks.push_back((number, block.clone()));
        Ok(block)
    }
}

impl Ranges for File {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let end = offset.checked_add(length as u64).filter(|end| *end <= self.size);
        let end = end.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let at = offset + bytes.len() as u64;
            let block = self.block(at / BLOCK)?;
            let from = usize::try_from(at % BLOCK).unwrap_or(usize::MAX);
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX);
            let part = block.get(from..).filter(|part| !part.is_empty());
            let part = part.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
            bytes.extend_from_slice(&part[..part.len().min(wanted)]);
        }
        Ok(bytes)
    }
}
