//! Comma separated values as RFC 4180 has them, with a header line.
//!
//! `csv-core` finds fields and quotes; this framer keeps each record's original bytes beside them, judges the header,
//! and isolates ragged records.

use csv_core::{ReadRecordResult, Reader};

use super::{
    Framer, KEPT_OF_TOO_LONG, LONGEST_RECORD, MOST_FIELDS, Place, Record, Stop, Take, line_ends, refused,
};

/// The fields of one record.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Fields<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of one field, unquoted.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }
}

/// Cuts CSV into records.
pub struct Csv {
    reader: Reader,
    /// Original bytes of the record under way.
    original: Vec<u8>,
    fields: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    ended: usize,
    /// Names of the header, once it was read.
    header: Option<Vec<String>>,
    skipping: bool,
    begun: Place,
    next: Place,
    on_header: OnHeader,
}

/// Judges the header's names: the reason, when the object cannot be read by them.
pub type OnHeader = Box<dyn FnMut(&[String]) -> Result<(), Stop> + Send>;

impl Csv {
    /// A framer that asks `on_header` about the names before the first record.
    #[must_use]
    pub fn new(offset: u64, on_header: OnHeader) -> Self {
        let place = Place { line: 1, offset };
        Self {
            reader: Reader::new(),
            original: Vec::new(),
            fields: vec![0; 4_096],
            filled: 0,
            ends: vec![0; 64],
            ended: 0,
            header: None,
            skipping: false,
            begun: place,
            next: place,
            on_header,
        }
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.next.line += line_ends(bytes);
        self.next.offset += bytes.len() as u64;
    }

    /// Feeds `bytes` (empty: the end) and handles each record that ends.
    fn feed(&mut self, mut bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        loop {
            if self.original.is_empty() && !self.skipping {
                // csv-core passes over blank lines before a record; they are not part of it.
                let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                self.pass(&bytes[..blank]);
                if blank > 0 {
                    self.reader.read_record(&bytes[..blank], &mut self.fields, &mut self.ends);
                    bytes = &bytes[blank..];
                    if bytes.is_empty() {
                        return Ok(());
                    }
                }
                self.begun = self.next;
            }
            let (result, read, filled, ended) =
                self.reader.read_record(bytes, &mut self.fields[self.filled..], &mut self.ends[self.ended..]);
            self.original.extend_from_slice(&bytes[..read]);
            self.pass(&bytes[..read]);
            bytes = &bytes[read..];
            self.filled += filled;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty => return self.cut(take),
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => {
                    if self.ends.len() > 4 * MOST_FIELDS {
                        return refused(
                            "too_many_fields",
                            format!("a record has more than {MOST_FIELDS} fields"),
                        );
                    }
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::Record => self.record(take)?,
                ReadRecordResult::End => return Ok(()),
            }
        }
    }

    fn record(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        let (filled, ended) = (std::mem::take(&mut self.filled), std::mem::take(&mut self.ended));
        let original = std::mem::take(&mut self.original);
        if !std::mem::take(&mut self.skipping) {
            let fields = Fields { bytes: &self.fields[..filled], ends: &self.ends[..ended] };
            let line = original.strip_suffix(b"\n").unwrap_or(&original);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match &self.header {
                None => {
                    let names = header(fields)?;
                    (self.on_header)(&names)?;
                    self.header = Some(names);
                }
                Some(names) if names.len() != fields.len() => {
                    let message = "the number of fields differs from the header's";
                    take(self.begun, Record::Broken(line, "row.ragged", message))?;
                }
                Some(_) => take(self.begun, Record::Csv(line, fields))?,
            }
        }
        self.original = original;
        self.original.clear();
        Ok(())
    }

    fn cut(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        if self.original.len() <= LONGEST_RECORD {
            return Ok(());
        }
        if self.header.is_none() {
            return refused("bad_header", "the header line is longer than 16 MiB");
        }
        if !self.skipping {
            let kept = &self.original[..KEPT_OF_TOO_LONG];
            take(
                self.begun,
                Record::Broken(kept, "row.too_long", "the row is longer than 16 MiB; its beginning is kept"),
            )?;
        }
        self.skipping = true;
        self.original.clear();
        self.filled = 0;
        self.ended = 0;
        Ok(())
    }
}

/// The names of the header line.
fn header(fields: Fields<'_>) -> Result<Vec<String>, Stop> {
    if fields.len() > MOST_FIELDS {
        return refused("bad_header", format!("the header has more than {MOST_FIELDS} names"));
    }
    let mut names: Vec<String> = Vec::with_capacity(fields.len());
    for index in 0..fields.len() {
        let bytes = fields.get(index).unwrap_or_default();
        let Ok(name) = std::str::from_utf8(bytes) else {
            return refused("bad_header", format!("name {} of the header is not UTF-8", index + 1));
        };
        let name = name.trim();
        if name.is_empty() {
            return refused("bad_header", format!("name {} of the header is empty", index + 1));
        }
        if names.iter().any(|known| known == name) {
            return refused("bad_header", format!("name {} of the header stands twice", index + 1));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

impl Framer for Csv {
    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        if bytes.is_empty() { Ok(()) } else { self.feed(bytes, take) }
    }

    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        // An odd number of quotes means that a quoted field was never closed and swallowed the rest.
        let unclosed = memchr::memchr_iter(b'"', &self.original).count() % 2 == 1;
        if unclosed && self.header.is_some() {
            let original = std::mem::take(&mut self.original);
            let message = "a quoted field of this row is never closed";
            take(self.begun, Record::Broken(&original, "row.unclosed_quote", message))?;
            return refused(
                "malformed_csv",
                format!("a quoted field that begins after line {} is never closed", self.begun.line),
            );
        }
        self.feed(&[], take)
    }
}

impl std::fmt::Debug for Csv {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Csv")
            .field("header", &self.header)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
