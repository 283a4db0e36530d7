//! The list of an object's accepted files, which must fit into an item however many partitions the object has.

use std::collections::BTreeSet;

use bytes::Bytes;
use datalake_core::layout;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, PortError};
use crate::ports::{ObjectRef, Place, Ports};

/// More files than this are listed in an object of their own: an item holds 400 KB, and a pointer several lists.
const INLINE: usize = 20;
/// Deletions in flight.
const IN_FLIGHT: usize = 8;

/// Keys of accepted files, and where more of them are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileList {
    /// Keys in the processed bucket.
    #[serde(default)]
    pub files: Vec<String>,
    /// Key of a JSON document in the processed bucket that lists more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_manifest: Option<String>,
}

impl FileList {
    /// The list of these keys: itself, or the name of its document, when they are many.
    #[must_use]
    pub fn of(process_id: &str, keys: &BTreeSet<String>) -> Self {
        if keys.len() <= INLINE {
            return Self { files: keys.iter().cloned().collect(), files_manifest: None };
        }
        Self { files: Vec::new(), files_manifest: Some(format!("{}{process_id}.json", layout::FILE_LISTS)) }
    }
}

/// Lists of files, in one processed bucket.
pub struct Files<'a> {
    /// The world.
    pub ports: &'a Ports,
    /// The processed bucket.
    pub bucket: &'a str,
}

impl Files<'_> {
    /// Writes the document of a list that has one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write(&self, list: &FileList, keys: &BTreeSet<String>) -> Result<(), Failure> {
        let Some(manifest) = &list.files_manifest else { return Ok(()) };
        let document = serde_json::to_vec(keys).map_err(|error| Failure::Transient(error.to_string()))?;
        Ok(self.ports.writer.put(&self.place(manifest), Bytes::from(document)).await?)
    }

    /// Deletes the document of a list, if it has one.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete_document(&self, list: &FileList) -> Result<(), Failure> {
        let Some(manifest) = &list.files_manifest else { return Ok(()) };
        Ok(self.ports.writer.delete(&self.place(manifest)).await?)
    }

    /// The keys of a list. A document that is not there lists none: it is named before it is written, which is before
    /// its files are visible, and deleted after they are.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub async fn load(&self, list: &FileList) -> Result<BTreeSet<String>, Failure> {
        let mut keys: BTreeSet<String> = list.files.iter().cloned().collect();
        if let Some(manifest) = &list.files_manifest {
            keys.extend(self.document(manifest).await?);
        }
        Ok(keys)
    }

    /// Deletes the files of a list, and then its document.
    ///
    /// # Errors
    /// When one cannot be deleted; the list is then still whole.
    pub async fn delete(&self, list: &FileList) -> Result<(), Failure> {
        self.delete_keys(self.load(list).await?).await?;
        self.delete_document(list).await
    }

    /// Deletes files.
    ///
    /// # Errors
    /// When one cannot be deleted.
    pub async fn delete_keys(&self, keys: impl IntoIterator<Item = String>) -> Result<(), Failure> {
        let places: Vec<Place> = keys.into_iter().map(|key| self.place(&key)).collect();
        let writer = &self.ports.writer;
        let deletions = places.into_iter().map(|place| async move { writer.delete(&place).await });
        stream::iter(deletions).buffer_unordered(IN_FLIGHT).try_collect::<()>().await?;
        Ok(())
    }

    /// Reads a whole document.
    ///
    /// # Errors
    /// [`PortError::Missing`] when it is not there.
    pub async fn read(&self, key: &str) -> Result<Bytes, PortError> {
        let object =
            ObjectRef { bucket: self.bucket.to_owned(), key: key.to_owned(), version_id: None, etag: None };
        Ok(self.ports.reader.head(&object, u64::from(u32::MAX)).await?.first)
    }

    async fn document(&self, key: &str) -> Result<BTreeSet<String>, Failure> {
        match self.read(key).await {
            Ok(document) => serde_json::from_slice(&document)
                .map_err(|error| Failure::Transient(format!("list of files {key} is malformed: {error}"))),
            Err(PortError::Missing) => Ok(BTreeSet::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn place(&self, key: &str) -> Place {
        Place { bucket: self.bucket.to_owned(), key: key.to_owned() }
    }
}
