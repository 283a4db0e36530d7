//! The two channels round the row engine: blocks of the object go in, pieces of the result files come out.

use bytes::Bytes;
use datalake_core::engine::{OutputFile, Sink, SinkError};
use tokio::sync::mpsc;

/// What the engine's thread is sent. A channel that closes without [`Block::End`] is a failure, not an end.
pub enum Block {
    /// The next bytes of the object.
    Bytes(Bytes),
    /// There are no more.
    End,
}

/// What the engine's thread sends.
pub struct Piece {
    /// Of which file.
    pub file: OutputFile,
    /// Its next bytes.
    pub bytes: Vec<u8>,
    /// Whether they are its last.
    pub last: bool,
}

/// A [`Sink`] that waits while its channel is full: so the engine is as fast as the uploads, and memory stays flat.
pub struct ChannelSink(pub mpsc::Sender<Piece>);

impl Sink for ChannelSink {
    fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, last: bool) -> Result<(), SinkError> {
        let piece = Piece { file: file.clone(), bytes, last };
        self.0.blocking_send(piece).map_err(|_| SinkError("the uploads have stopped".to_owned()))
    }
}
