//! Buckets: objects with versions, uploads that are not visible yet.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use datalake_core::identity;
use tokio::sync::{RwLock, RwLockWriteGuard};

use super::{Faults, lock};
use crate::failure::PortError;
use crate::ports::{
    Head, ListObjects, Listed, Listing, ObjectRef, Page, Part, Place, ReadObject, Upload, WriteObject,
};

/// All buckets of one world.
#[derive(Default)]
pub struct Objects {
    state: Mutex<State>,
    faults: Faults,
    readable: RwLock<()>,
}

#[derive(Default)]
struct State {
    versions: BTreeMap<Place, Vec<Version>>,
    uploads: BTreeMap<String, BTreeMap<i32, Bytes>>,
    made: usize,
    dated: Option<SystemTime>,
    /// The mark of the upload that an object was.
    marks: BTreeMap<Place, String>,
}

#[derive(Clone)]
struct Version {
    id: String,
    etag: String,
    last_modified: Option<SystemTime>,
    body: Bytes,
}

impl Objects {
    pub(super) fn new(faults: Faults) -> Self {
        Self { state: Mutex::default(), faults, readable: RwLock::default() }
    }

    /// Uploads an object as a user does; its version id and ETag.
    pub fn arrive(&self, bucket: &str, key: &str, body: impl Into<Bytes>) -> (String, String) {
        let place = Place { bucket: bucket.to_owned(), key: key.to_owned() };
        lock(&self.state).add(place, body.into())
    }

    /// Objects that arrive from now on say that they were last modified then.
    pub fn date(&self, at: SystemTime) {
        lock(&self.state).dated = Some(at);
    }

    /// Removes every version of an object.
    pub fn vanish(&self, bucket: &str, key: &str) {
        lock(&self.state).versions.remove(&Place { bucket: bucket.to_owned(), key: key.to_owned() });
    }

    /// The visible objects of a bucket with their bytes.
    #[must_use]
    pub fn visible(&self, bucket: &str) -> BTreeMap<String, Bytes> {
        let state = lock(&self.state);
        let here = state.versions.iter().filter(|(place, _)| place.bucket == bucket);
        here.filter_map(|(place, versions)| Some((place.key.clone(), versions.last()?.body.clone())))
            .collect()
    }

    /// Gives up all uploads, as a bucket's lifecycle rule does after days.
    pub fn expire_uploads(&self) {
        lock(&self.state).uploads.clear();
    }

    /// While this is kept, whoever reads a body waits.
    pub async fn hold(&self) -> RwLockWriteGuard<'_, ()> {
        self.readable.write().await
    }

    /// Uploads neither completed nor aborted.
    #[must_use]
    pub fn open_uploads(&self) -> usize {
        lock(&self.state).uploads.len()
    }

    fn find(&self, object: &ObjectRef) -> Result<Version, PortError> {
        self.faults.read()?;
        lock(&self.state).find(object).cloned().ok_or(PortError::Missing)
    }
}

impl State {
    fn add(&mut self, place: Place, body: Bytes) -> (String, String) {
        self.made += 1;
        let (id, etag) = (format!("v{}", self.made), identity::fingerprint(&body));
        let version = Version { id, etag, last_modified: self.dated, body };
        let names = (version.id.clone(), version.etag.clone());
        self.marks.remove(&place);
        self.versions.entry(place).or_default().push(version);
        names
    }

    fn find(&self, object: &ObjectRef) -> Option<&Version> {
        let place = Place { bucket: object.bucket.clone(), key: object.key.clone() };
        let versions = self.versions.get(&place)?;
        match (&object.version_id, &object.etag) {
            (Some(id), _) => versions.iter().find(|version| version.id == *id),
            (None, Some(etag)) => versions.last().filter(|version| version.etag == *etag),
            (None, None) => versions.last(),
        }
    }
}

#[async_trait]
impl ReadObject for Objects {
    async fn head(&self, object: &ObjectRef, bytes: u64) -> Result<Head, PortError> {
        let Version { id, etag, body, last_modified } = self.find(object)?;
        let first = body.slice(..body.len().min(usize::try_from(bytes).unwrap_or(usize::MAX)));
        Ok(Head { size_bytes: body.len() as u64, etag, last_modified, version_id: Some(id), first })
    }

    async fn range(&self, object: &ObjectRef, start: u64, length: u64) -> Result<Bytes, PortError> {
        let _open = self.readable.read().await;
        let body = self.find(object)?.body;
        let bounds = usize::try_from(start).ok().zip(usize::try_from(start + length).ok());
        match bounds.filter(|(_, end)| *end <= body.len()) {
            Some((start, end)) => Ok(body.slice(start..end)),
            None => Err(unavailable("GetObject", "the range is not within the object")),
        }
    }
}

#[async_trait]
impl ListObjects for Objects {
    async fn list(&self, listing: Listing<'_>) -> Result<Page, PortError> {
        self.faults.read()?;
        let state = lock(&self.state);
        let here = state.versions.iter().filter(|(place, _)| {
            place.bucket == listing.bucket
                && place.key.starts_with(listing.prefix)
                && place.key.as_str() > listing.after
        });
        let listed = here.map(|(place, versions)| Listed {
            key: place.key.clone(),
            last_modified: versions.last().and_then(|version| version.last_modified),
        });
        let mut objects: Vec<Listed> = listed.take(listing.most + 1).collect();
        let more = objects.len() > listing.most;
        objects.truncate(listing.most);
        Ok(Page { objects, more })
    }
}

#[async_trait]
impl WriteObject for Objects {
    async fn put(&self, at: &Place, body: Bytes) -> Result<(), PortError> {
        self.faults.effect(|| {
            lock(&self.state).add(at.clone(), body);
            Ok(())
        })
    }

    async fn begin(&self, _at: &Place, mark: &str) -> Result<Upload, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            state.made += 1;
            let id = format!("u{}", state.made);
            state.uploads.insert(id.clone(), BTreeMap::new());
            Ok(Upload { id, mark: mark.to_owned() })
        })
    }

    async fn part(&self, _at: &Place, upload: &Upload, number: i32, body: Bytes) -> Result<Part, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let parts =
                state.uploads.get_mut(&upload.id).ok_or_else(|| unavailable("UploadPart", "NoSuchUpload"))?;
            let etag = identity::fingerprint(&body);
            parts.insert(number, body);
            Ok(Part { number, etag })
        })
    }

    async fn complete(&self, at: &Place, upload: &Upload, parts: &[Part]) -> Result<(), PortError> {
        const SMALLEST: usize = 5 * 1024 * 1024;
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let Some(stored) = state.uploads.remove(&upload.id) else {
                let done = state.marks.get(at) == Some(&upload.mark);
                return if done { Ok(()) } else { Err(PortError::Missing) };
            };
            let last = stored.len();
            let small = stored.values().take(last.saturating_sub(1)).any(|body| body.len() < SMALLEST);
            if small || last != parts.len() || last == 0 {
                return Err(unavailable("CompleteMultipartUpload", "EntityTooSmall or InvalidPart"));
            }
            let body: Vec<u8> = stored.into_values().flatten().collect();
            state.add(at.clone(), body.into());
            state.marks.insert(at.clone(), upload.mark.clone());
            Ok(())
        })
    }

    async fn abort(&self, _at: &Place, upload: &Upload) -> Result<(), PortError> {
        self.faults.effect(|| {
            lock(&self.state).uploads.remove(&upload.id);
            Ok(())
        })
    }

    async fn copy(&self, from: &ObjectRef, size_bytes: u64, to: &Place) -> Result<(), PortError> {
        let body = self.find(from)?.body;
        if body.len() as u64 != size_bytes {
            return Err(unavailable("CopyObject", "the size is not the object's"));
        }
        self.put(to, body).await
    }

    async fn delete(&self, at: &Place) -> Result<(), PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            state.versions.remove(at);
            state.marks.remove(at);
            Ok(())
        })
    }
}

fn unavailable(operation: &'static str, message: &str) -> PortError {
    PortError::Unavailable { operation, message: message.to_owned() }
}
