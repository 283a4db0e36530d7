//! The pointer of one key: the newest version whose rows show, and the rows of earlier ones that must go.

use crate::failure::Failure;
use crate::files::{FileList, Files};
use crate::order::{self, Advance};
use crate::records::Pointer;

/// Attempts to change a pointer that others change at the same time.
const SWAPS: usize = 10;

/// The pointer of a key, as one version of the key sees it.
pub struct Latest<'a> {
    /// The bucket with the rows, and the world.
    pub files: Files<'a>,
    /// Which pointer.
    pub key_id: String,
    /// The place of this version among the versions of its key.
    pub order: String,
}

impl Latest<'_> {
    /// Whether a newer version was here first.
    ///
    /// # Errors
    /// When the pointer cannot be read.
    pub async fn is_superseded(&self) -> Result<bool, Failure> {
        let pointer = self.files.ports.table.pointer(&self.key_id).await?;
        Ok(order::is_newer(pointer.as_ref(), &self.order))
    }

    /// Whether the pointer is at this very version as another process id knows it: judged again under other rules.
    ///
    /// # Errors
    /// When the pointer cannot be read.
    pub async fn is_of_another(&self, process_id: &str) -> Result<bool, Failure> {
        let pointer = self.files.ports.table.pointer(&self.key_id).await?;
        Ok(pointer
            .is_some_and(|pointer| pointer.order == self.order && pointer.current.process_id != process_id))
    }

    /// Moves the pointer to this version; none when a newer version has it.
    ///
    /// # Errors
    /// When others change it all the time, or the table fails.
    pub async fn advance(&self, process_id: &str, files: &FileList) -> Result<Option<Pointer>, Failure> {
        let table = &self.files.ports.table;
        for _ in 0..SWAPS {
            let seen = table.pointer(&self.key_id).await?;
            let next = match order::advance(seen.as_ref(), &self.order, process_id, files) {
                Advance::Newer => return Ok(None),
                Advance::Done(pointer) => return Ok(Some(pointer)),
                Advance::Write(next) => next,
            };
            if table.swap(&self.key_id, seen.map(|seen| seen.revision), &next).await? {
                return Ok(Some(next));
            }
        }
        Err(contended())
    }

    /// Deletes the rows of the versions before, and then forgets them.
    ///
    /// # Errors
    /// When something cannot be deleted; what is left is still in the pointer.
    pub async fn clear(&self, pointer: Pointer) -> Result<(), Failure> {
        for left in pointer.stale {
            self.files.delete(&left.files).await?;
            self.forget(&left.process_id).await?;
        }
        Ok(())
    }

    async fn forget(&self, process_id: &str) -> Result<(), Failure> {
        let table = &self.files.ports.table;
        for _ in 0..SWAPS {
            let seen = table.pointer(&self.key_id).await?;
            let Some((seen, next)) =
                seen.and_then(|seen| order::forget(&seen, process_id).map(|next| (seen, next)))
            else {
                return Ok(());
            };
            if table.swap(&self.key_id, Some(seen.revision), &next).await? {
                return Ok(());
            }
        }
        Err(contended())
    }
}

fn contended() -> Failure {
    Failure::Transient("the key's pointer is changed too often by others".to_owned())
}
