//! One column of a file under way. Its first rows decide how it is encoded: a dictionary where values repeat, differences
//! where they do not. A dictionary that does not pay costs more than everything else about a column.

use std::collections::HashSet;
use std::hash::Hash;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;

use super::bits::BitWriter;
use super::bounds::Bounds;
use super::chunk::Chunk;
use super::codec::Codec;
use super::dictionary::{NumberDictionary, TextDictionary};
use super::hybrid;
use super::numbers::{Width, encode_delta, encode_plain};
use super::presence::Presence;
use super::texts::Texts;
use crate::rules::Value;
use crate::spec::ColumnType;

pub use super::dictionary::Full;

/// Values that are looked at.
const SAMPLE: usize = 2_048;
/// A dictionary pays when there are at least so many of them for each different value.
const VALUES_FOR_A_CODE: usize = 2;
/// Bytes of a page before compression: it is still in a processor's second cache when it is compressed.
const PAGE_BYTES: usize = 256 << 10;
/// Rows of a page.
const PAGE_ROWS: usize = 20_000;

/// A column.
pub struct Column {
    column_type: ColumnType,
    /// Which rows of the page under way have a value, and the values.
    presence: Presence,
    values: Values,
    /// How values are encoded that are in no dictionary.
    encoding: Encoding,
    /// Whether the first values have decided.
    settled: bool,
    chunk: Chunk,
    bounds: Bounds,
}

/// The values of a page.
enum Values {
    Booleans(Vec<bool>),
    Numbers(Vec<i64>),
    Texts(Texts),
    NumberCodes(Box<NumberDictionary>, Vec<u32>),
    TextCodes(Box<TextDictionary>, Vec<u32>),
}

impl Column {
    pub fn new(column_type: ColumnType) -> Self {
        Self {
            column_type,
            presence: Presence::default(),
            values: Values::new(column_type),
            encoding: Encoding::PLAIN,
            settled: column_type == ColumnType::Boolean,
            chunk: Chunk::default(),
            bounds: Bounds::default(),
        }
    }

    /// Adds a value. Only rows that passed their type checks come here, so one that does not fit is null.
    ///
    /// # Errors
    /// When the dictionary is full, and nothing was added: [`leave`](Self::leave) it and add again.
    #[inline]
    pub fn push(&mut self, value: &Value<'_>) -> Result<(), Full> {
        match &mut self.values {
            Values::Texts(texts) => match value {
                Value::Text(text) | Value::Json(text) => texts.push(text.as_bytes()),
                _ => return self.null(),
            },
            Values::TextCodes(dictionary, codes) => match value {
                Value::Text(text) | Value::Json(text) => codes.push(dictionary.code(text.as_bytes())?),
                _ => return self.null(),
            },
            Values::Numbers(numbers) => match number(self.column_type, value) {
                Some(number) => numbers.push(number),
                None => return self.null(),
            },
            Values::NumberCodes(dictionary, codes) => match number(self.column_type, value) {
                Some(number) => codes.push(dictionary.code(number)?),
                None => return self.null(),
            },
            Values::Booleans(booleans) => match value {
                Value::Boolean(value) => booleans.push(*value),
                _ => return self.null(),
            },
        }
        self.presence.value();
        Ok(())
    }

    #[inline]
    fn null(&mut self) -> Result<(), Full> {
        self.presence.null();
        Ok(())
    }

    /// Ends the page when it is large enough.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub fn look(&mut self, codec: &mut Codec) -> Result<(), ParquetError> {
        if !self.settled && self.values.len() >= SAMPLE {
            self.settle();
        }
        let large = self.values.size() >= PAGE_BYTES || self.presence.rows() >= PAGE_ROWS;
        if large { self.end_page(codec) } else { Ok(()) }
    }

    /// Leaves a dictionary for good: values are encoded as they are from now on.
    ///
    /// # Errors
    /// When the page or the dictionary cannot be compressed.
    pub fn leave(&mut self, codec: &mut Codec) -> Result<(), ParquetError> {
        self.end_page(codec)?;
        self.end_dictionary(codec)?;
        self.values = Values::new(self.column_type);
        self.encoding = as_they_are(self.column_type);
        Ok(())
    }

    /// Ends the column in this row group: its bytes, in `memory` that nobody needs any more, and what the footer says
    /// about them.
    ///
    /// # Errors
    /// When a page cannot be compressed.
    pub fn end_row_group(
        &mut self,
        descriptor: &ColumnDescPtr,
        codec: &mut Codec,
        memory: Vec<u8>,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        self.end_page(codec)?;
        self.end_dictionary(codec)?;
        let statistics = self.bounds.take(width(self.column_type), self.chunk.nulls as u64);
        self.chunk.take(descriptor, codec.compression(), statistics, memory)
    }

    /// Bytes of the row group so far.
    pub fn size(&self) -> usize {
        self.chunk.size + self.values.size()
    }

    /// Memory held, in bytes.
    pub fn memory(&self) -> usize {
        self.chunk.size + self.values.memory() + self.presence.memory()
    }

    /// Gives back what the values of a page have taken.
    pub fn shrink(&mut self) {
        if self.presence.rows() == 0 {
            self.presence = Presence::default();
            self.values.shrink();
        }
    }

    fn end_page(&mut self, codec: &mut Codec) -> Result<(), ParquetError> {
        let rows = self.presence.rows();
        if rows == 0 {
            return Ok(());
        }
        if !self.settled && self.values.len() > 0 {
            self.settle();
        }
        self.chunk.nulls += self.presence.nulls();
        let encoding = self.bound();
        let (presence, values, width) = (&mut self.presence, &self.values, width(self.column_type));
        let packed = codec.pack(|page| {
            presence.encode(page);
            values.encode(encoding, width, page);
        })?;
        self.chunk.add(packed, rows, encoding);
        self.values.clear();
        Ok(())
    }

    /// Looks at the values of the page for the footer's sake; how they are encoded.
    fn bound(&mut self) -> Encoding {
        match &self.values {
            // Codes of no value need no dictionary.
            values if values.len() == 0 => return Encoding::PLAIN,
            Values::NumberCodes(..) | Values::TextCodes(..) => return Encoding::RLE_DICTIONARY,
            Values::Booleans(booleans) => self.bounds.add_booleans(booleans),
            Values::Numbers(numbers) => self.bounds.add_numbers(numbers, width(self.column_type)),
            Values::Texts(texts) if self.encoding == Encoding::DELTA_BYTE_ARRAY => {
                self.bounds.add_texts(texts.iter());
            }
            // The least and the greatest of many texts in no order rule nothing out.
            Values::Texts(_) => self.bounds = Bounds::Unknown,
        }
        self.encoding
    }

    fn end_dictionary(&mut self, codec: &mut Codec) -> Result<(), ParquetError> {
        let width = width(self.column_type);
        let (packed, count) = match &mut self.values {
            Values::NumberCodes(dictionary, _) if !dictionary.numbers().is_empty() => {
                self.bounds.add_numbers(dictionary.numbers(), width);
                let packed = codec.pack(|page| encode_plain(dictionary.numbers(), width, page))?;
                let count = dictionary.numbers().len();
                dictionary.clear();
                (packed, count)
            }
            Values::TextCodes(dictionary, _) if dictionary.len() > 0 => {
                self.bounds.add_texts(dictionary.iter());
                let packed = codec.pack(|page| dictionary.encode(page))?;
                let count = dictionary.len();
                dictionary.clear();
                (packed, count)
            }
            _ => return Ok(()),
        };
        self.chunk.set_dictionary(packed, count);
        Ok(())
    }

    /// Decides by the values of the page.
    fn settle(&mut self) {
        self.settled = true;
        let most = self.values.len().min(SAMPLE) / VALUES_FOR_A_CODE;
        let coded = match &self.values {
            Values::Texts(texts) if few(texts.iter().take(SAMPLE), most) => codes_of_texts(texts),
            Values::Numbers(numbers) if few(numbers.iter().take(SAMPLE), most) => codes_of_numbers(numbers),
            _ => None,
        };
        if let Some(coded) = coded {
            self.values = coded;
            return;
        }
        self.encoding = match &self.values {
            Values::Texts(texts) if texts.are_prefixed(SAMPLE) => Encoding::DELTA_BYTE_ARRAY,
            _ => as_they_are(self.column_type),
        };
    }
}

/// How values are encoded of which nothing is known but their type.
fn as_they_are(column_type: ColumnType) -> Encoding {
    match column_type {
        // Lengths apart from the texts: these lie side by side then, which compresses faster and better.
        ColumnType::String | ColumnType::Json => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        ColumnType::Double | ColumnType::Boolean => Encoding::PLAIN,
        ColumnType::Bigint | ColumnType::Date | ColumnType::Timestamp => Encoding::DELTA_BINARY_PACKED,
    }
}

/// Whether there are at most so many different values; stops looking as soon as there are more.
fn few<T: Hash + Eq>(mut values: impl Iterator<Item = T>, most: usize) -> bool {
    let mut seen = HashSet::with_capacity(most + 1);
    values.all(|value| {
        seen.insert(value);
        seen.len() <= most
    })
}

fn codes_of_texts(texts: &Texts) -> Option<Values> {
    let mut dictionary = Box::<TextDictionary>::default();
    let codes: Result<Vec<u32>, Full> = texts.iter().map(|text| dictionary.code(text)).collect();
    codes.ok().map(|codes| Values::TextCodes(dictionary, codes))
}

fn codes_of_numbers(numbers: &[i64]) -> Option<Values> {
    let mut dictionary = Box::<NumberDictionary>::default();
    let codes: Result<Vec<u32>, Full> = numbers.iter().map(|number| dictionary.code(*number)).collect();
    codes.ok().map(|codes| Values::NumberCodes(dictionary, codes))
}

/// A value as the column's numbers are held; none when it is null or does not fit.
#[inline]
fn number(column_type: ColumnType, value: &Value<'_>) -> Option<i64> {
    match (value, column_type) {
        (Value::Bigint(number), ColumnType::Bigint) => Some(*number),
        (Value::Timestamp(instant), ColumnType::Timestamp) => Some(*instant),
        (Value::Double(number), ColumnType::Double) => Some(number.to_bits() as i64),
        (Value::Date(days), ColumnType::Date) => Some(i64::from(*days)),
        _ => None,
    }
}

fn width(column_type: ColumnType) -> Width {
    match column_type {
        ColumnType::Double => Width::Double,
        ColumnType::Date => Width::Int32,
        _ => Width::Int64,
    }
}

impl Values {
    fn new(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::String | ColumnType::Json => Self::Texts(Texts::default()),
            ColumnType::Boolean => Self::Booleans(Vec::new()),
            _ => Self::Numbers(Vec::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Booleans(booleans) => booleans.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts(texts) => texts.len(),
            Self::NumberCodes(_, codes) | Self::TextCodes(_, codes) => codes.len(),
        }
    }

    /// Bytes of the page, as far as they are known before it is encoded.
    fn size(&self) -> usize {
        match self {
            Self::Booleans(booleans) => booleans.len() / 8,
            Self::Numbers(numbers) => 8 * numbers.len(),
            Self::Texts(texts) => texts.size(),
            Self::NumberCodes(_, codes) | Self::TextCodes(_, codes) => 2 * codes.len(),
        }
    }

    fn memory(&self) -> usize {
        match self {
            Self::Booleans(booleans) => booleans.capacity(),
            Self::Numbers(numbers) => 8 * numbers.capacity(),
            Self::Texts(texts) => texts.memory(),
            Self::NumberCodes(dictionary, codes) => dictionary.memory() + 4 * codes.capacity(),
            Self::TextCodes(dictionary, codes) => dictionary.memory() + 4 * codes.capacity(),
        }
    }

    fn encode(&self, encoding: Encoding, width: Width, page: &mut Vec<u8>) {
        match (self, encoding) {
            (Self::Booleans(booleans), _) => {
                let mut bits = BitWriter::new(page);
                booleans.iter().for_each(|value| bits.put(u32::from(*value), 1));
                bits.finish();
            }
            (Self::Numbers(numbers), Encoding::DELTA_BINARY_PACKED) => encode_delta(numbers, width, page),
            (Self::Numbers(numbers), _) => encode_plain(numbers, width, page),
            (Self::Texts(texts), _) if texts.len() == 0 => {}
            (Self::Texts(texts), Encoding::DELTA_BYTE_ARRAY) => texts.encode_prefixes(page),
            (Self::Texts(texts), _) => texts.encode_lengths(page),
            (Self::NumberCodes(_, codes) | Self::TextCodes(_, codes), _) if codes.is_empty() => {}
            (Self::NumberCodes(dictionary, codes), _) => {
                encode_codes(codes, dictionary.numbers().len(), page);
            }
            (Self::TextCodes(dictionary, codes), _) => encode_codes(codes, dictionary.len(), page),
        }
    }

    /// Forgets the values of the page and keeps the memory, and the dictionary.
    fn clear(&mut self) {
        match self {
            Self::Booleans(booleans) => booleans.clear(),
            Self::Numbers(numbers) => numbers.clear(),
            Self::Texts(texts) => texts.clear(),
            Self::NumberCodes(_, codes) | Self::TextCodes(_, codes) => codes.clear(),
        }
    }

    /// Gives back the memory of the page, and a dictionary that was ended.
    fn shrink(&mut self) {
        match self {
            Self::Booleans(booleans) => *booleans = Vec::new(),
            Self::Numbers(numbers) => *numbers = Vec::new(),
            Self::Texts(texts) => *texts = Texts::default(),
            Self::NumberCodes(dictionary, codes) => {
                (**dictionary, *codes) = (NumberDictionary::default(), Vec::new());
            }
            Self::TextCodes(dictionary, codes) => {
                (**dictionary, *codes) = (TextDictionary::default(), Vec::new());
            }
        }
    }
}

/// Appends codes behind the number of bits that the greatest of them needs.
fn encode_codes(codes: &[u32], values: usize, page: &mut Vec<u8>) {
    // One bit even where none would do: not every reader takes a width of nought.
    let width = (usize::BITS - (values.max(2) - 1).leading_zeros()).max(1);
    page.push(width as u8);
    hybrid::encode(codes, width, page);
}
