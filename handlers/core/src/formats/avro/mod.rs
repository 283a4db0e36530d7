//! Avro's object container files: a header with the schema, then blocks of rows, each packed by itself.
//!
//! A block that cannot be read spoils only itself: its length stands before it.

mod codec;
mod datum;
mod schema;
#[cfg(test)]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};

use self::codec::Codec;
use self::datum::Bytes;
use self::schema::Schema;
use super::{Framer, LONGEST_RECORD, Place, Record, Resume, Stop, Take, kept, refused};

/// The first bytes of a file.
pub const MAGIC: &[u8] = b"Obj\x01";
/// The largest block, packed or not, and the largest header.
pub const LARGEST_BLOCK: usize = 32 << 20;
/// Bytes of the mark between two blocks.
const SYNC: usize = 16;

/// Reads one file.
#[derive(Debug)]
pub struct Avro {
    carry: Vec<u8>,
    file: Option<File>,
    /// Rows so far, which stand for lines; offset of the block under way.
    next: Place,
    text: String,
}

/// What the header says, as it is written there: enough to go on behind any block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    schema: String,
    codec: String,
    sync: [u8; SYNC],
}

/// What the header means.
#[derive(Debug)]
struct File {
    header: Header,
    schema: Schema,
    codec: Codec,
}

impl File {
    fn of(header: Header) -> Result<Self, Stop> {
        match schema::parse(header.schema.as_bytes()) {
            Ok(schema) => Ok(Self { codec: Codec::named(header.codec.as_bytes())?, header, schema }),
            Err(message) => refused("malformed_avro", message),
        }
    }
}

impl Default for Avro {
    fn default() -> Self {
        Self { carry: Vec::new(), file: None, next: Place { line: 1, offset: 0 }, text: String::new() }
    }
}

impl Avro {
    /// A framer that goes on at the beginning of a block.
    ///
    /// # Errors
    /// When the header is none.
    pub fn at(next: Place, header: Header) -> Result<Self, Stop> {
        Ok(Self { next, file: Some(File::of(header)?), ..Self::default() })
    }

    /// Reads what is complete in the carry.
    fn read(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        let carry = std::mem::take(&mut self.carry);
        let mut bytes = Bytes { rest: &carry };
        loop {
            let begun = bytes.rest.len();
            let Some(file) = &self.file else {
                match header(&mut bytes)? {
                    Some(file) => self.file = Some(file),
                    None => break,
                }
                self.next.offset += (begun - bytes.rest.len()) as u64;
                continue;
            };
            let mut ahead = bytes;
            let Some((count, size)) = ahead.long().zip(ahead.long()) else { break };
            let Some(size) = usize::try_from(size).ok().filter(|size| *size <= LARGEST_BLOCK) else {
                return self.malformed("a block has no sane length");
            };
            let Some((block, sync)) = ahead.take(size).zip(ahead.take(SYNC)) else { break };
            if *sync != file.header.sync {
                return self.malformed("the mark after a block is another than the header's");
            }
            // Rows may take no bytes, so their number has a bound of its own.
            let Some(count) = u64::try_from(count).ok().filter(|count| *count <= LARGEST_BLOCK as u64) else {
                return self.malformed("a block has no sane number of rows");
            };
            self.block(count, block, take)?;
            bytes = ahead;
            self.next.offset += (begun - bytes.rest.len()) as u64;
        }
        let used = carry.len() - bytes.rest.len();
        self.carry = carry;
        self.carry.drain(..used);
        if self.carry.len() > LARGEST_BLOCK + 64 { self.malformed("the header is too long") } else { Ok(()) }
    }

    /// The rows of one block.
    fn block(&mut self, count: u64, packed: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        let Some(file) = &self.file else { return Ok(()) };
        let Some(unpacked) = file.codec.unpack(packed, LARGEST_BLOCK) else {
            let message = "the block of this row cannot be unpacked; its other rows are lost with it";
            take(self.next, Record::Broken(kept(packed), "row.malformed_avro", message))?;
            self.next.line += count;
            return Ok(());
        };
        let mut bytes = Bytes { rest: &unpacked };
        for row in 0..count {
            let before = bytes;
            self.text.clear();
            let place = Place { line: self.next.line + row, offset: self.next.offset };
            if datum::push(&file.schema, &mut bytes, LONGEST_RECORD, &mut self.text).is_none() {
                let message =
                    "the row is none of the file's schema; the rows after it in its block are lost with it";
                take(place, Record::Broken(kept(before.rest), "row.malformed_avro", message))?;
                break;
            }
            take(place, Record::Json(&self.text))?;
        }
        self.next.line += count;
        Ok(())
    }

    fn malformed<T>(&self, what: &str) -> Result<T, Stop> {
        refused("malformed_avro", format!("{what}, at byte {}", self.next.offset))
    }
}

/// The header, once it is complete.
fn header(bytes: &mut Bytes<'_>) -> Result<Option<File>, Stop> {
    let mut ahead = *bytes;
    let Some(()) = ahead.take(MAGIC.len()).map(|_| ()) else { return Ok(None) };
    let (mut schema, mut codec) = (None, "null".to_owned());
    loop {
        let Some(count) = ahead.long() else { return Ok(None) };
        if count == 0 {
            break;
        }
        if count < 0 && ahead.long().is_none() {
            return Ok(None);
        }
        for _ in 0..count.unsigned_abs() {
            let Some((key, value)) = ahead.prefixed().zip(ahead.prefixed()) else { return Ok(None) };
            match key {
                b"avro.schema" => schema = Some(value),
                b"avro.codec" => codec = String::from_utf8_lossy(value).into_owned(),
                _ => {}
            }
        }
    }
    let Some(sync) = ahead.take(SYNC).and_then(|sync| sync.first_chunk()) else { return Ok(None) };
    let Some(schema) = schema else { return refused("malformed_avro", "the header holds no schema") };
    // What is no text is no JSON, and refused as that.
    let schema = String::from_utf8(schema.to_vec()).unwrap_or_default();
    *bytes = ahead;
    File::of(Header { schema, codec, sync: *sync }).map(Some)
}

impl Framer for Avro {
    fn resume(&self) -> Option<Resume> {
        let header = self.file.as_ref()?.header.clone();
        Some(Resume { header: Some(header), ..self.next.resume() })
    }

    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        self.carry.extend_from_slice(bytes);
        self.read(take)
    }

    fn finish(&mut self, _take: &mut Take<'_>) -> Result<(), Stop> {
        if self.file.is_none() || !self.carry.is_empty() {
            return self.malformed("the file ends in the middle");
        }
        Ok(())
    }
}
