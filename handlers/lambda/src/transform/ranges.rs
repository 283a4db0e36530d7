//! An object of the processed bucket as the engine's thread reads it: by ranges, one after the other.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use datalake_core::formats::columnar::Ranges;
use tokio::runtime::Handle;

use crate::failure::PortError;
use crate::ports::{Clock, ObjectRef, Ports, ReadObject};

/// One object.
pub struct ObjectRanges {
    runtime: Handle,
    reader: Arc<dyn ReadObject>,
    clock: Arc<dyn Clock>,
    object: ObjectRef,
    size_bytes: u64,
    give_up_at: SystemTime,
}

impl ObjectRanges {
    /// Looks the object up; called on a thread that may wait.
    ///
    /// # Errors
    /// [`PortError::Missing`] when there is none.
    pub fn open(
        runtime: &Handle,
        ports: &Ports,
        object: ObjectRef,
        give_up_at: SystemTime,
    ) -> Result<Self, PortError> {
        let head = runtime.block_on(ports.reader.head(&object, 1))?;
        Ok(Self {
            runtime: runtime.clone(),
            reader: Arc::clone(&ports.reader),
            clock: Arc::clone(&ports.clock),
            object,
            size_bytes: head.size_bytes,
            give_up_at,
        })
    }
}

impl Ranges for ObjectRanges {
    fn size(&self) -> u64 {
        self.size_bytes
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        if length == 0 {
            return Ok(Vec::new());
        }
        if self.clock.now() >= self.give_up_at {
            return Err(io::Error::other("not enough time left to transform this object"));
        }
        let bytes = self.runtime.block_on(self.reader.range(&self.object, offset, length as u64));
        bytes.map(|bytes| bytes.to_vec()).map_err(io::Error::other)
    }
}
