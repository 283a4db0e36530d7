//! The values of one column, collected for one batch after the other in the same memory.
//!
//! Arrow's own builders give their memory away with every batch. Pages that are new to the process are the most
//! expensive thing in a pass, so here the memory comes back when the batch is encoded.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray, builder::BooleanBuilder};
use arrow_buffer::{ArrowNativeType, Buffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use crate::rules::Value;
use crate::spec::ColumnType;

/// One column of the batch under way.
pub(super) enum Column {
    Text(Texts),
    Bigint(Numbers<Int64Type>),
    Double(Numbers<Float64Type>),
    Boolean(BooleanBuilder),
    Date(Numbers<Date32Type>),
    Timestamp(Numbers<TimestampMillisecondType>),
}

/// A column whose array was handed out; it gives the memory back.
pub(super) enum Lent {
    Text(StringArray),
    Bigint(PrimitiveArray<Int64Type>),
    Double(PrimitiveArray<Float64Type>),
    Boolean(BooleanArray),
    Date(PrimitiveArray<Date32Type>),
    Timestamp(PrimitiveArray<TimestampMillisecondType>),
}

/// Texts, one after the other, and where each ends.
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

/// Numbers.
pub(super) struct Numbers<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    nulls: NullBufferBuilder,
}

impl Texts {
    pub fn new() -> Self {
        Self { bytes: Vec::new(), ends: vec![0], nulls: NullBufferBuilder::new(0) }
    }

    /// Adds a text or null.
    #[inline]
    pub fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.bytes.extend_from_slice(text.as_bytes());
                self.nulls.append_non_null();
            }
            None => self.nulls.append_null(),
        }
        // A batch ends long before its texts have two gigabytes.
        self.ends.push(self.bytes.len() as i32);
    }

    pub fn lend(&mut self) -> Result<StringArray, ArrowError> {
        let ends = OffsetBuffer::new(ScalarBuffer::from(std::mem::take(&mut self.ends)));
        StringArray::try_new(ends, Buffer::from_vec(std::mem::take(&mut self.bytes)), self.nulls.finish())
    }

    pub fn take_back(&mut self, array: StringArray) {
        let (ends, bytes, _) = array.into_parts();
        (self.ends, self.bytes) = (emptied(ends.into_inner().into_inner()), emptied(bytes));
        self.ends.push(0);
    }
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    fn new() -> Self {
        Self { values: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }

    #[inline]
    fn push(&mut self, value: Option<T::Native>) {
        self.values.push(value.unwrap_or_default());
        self.nulls.append(value.is_some());
    }

    fn lend(&mut self) -> PrimitiveArray<T> {
        PrimitiveArray::new(ScalarBuffer::from(std::mem::take(&mut self.values)), self.nulls.finish())
    }

    fn take_back(&mut self, array: PrimitiveArray<T>) {
        self.values = emptied(array.into_parts().1.into_inner());
    }
}

/// The memory of a buffer that nobody else holds.
fn emptied<T: ArrowNativeType>(buffer: Buffer) -> Vec<T> {
    let mut values: Vec<T> = buffer.into_vec().unwrap_or_default();
    values.clear();
    values
}

impl Column {
    pub fn new(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::String | ColumnType::Json => Self::Text(Texts::new()),
            ColumnType::Bigint => Self::Bigint(Numbers::new()),
            ColumnType::Double => Self::Double(Numbers::new()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnType::Date => Self::Date(Numbers::new()),
            ColumnType::Timestamp => Self::Timestamp(Numbers::new()),
        }
    }

    /// Adds a value. Only rows that passed their type checks come here, so a value that does not fit is null.
    #[inline]
    pub fn push(&mut self, value: &Value<'_>) {
        match self {
            Self::Text(column) => column.push(match value {
                Value::Text(text) | Value::Json(text) => Some(text),
                _ => None,
            }),
            Self::Bigint(column) => column.push(match value {
                Value::Bigint(number) => Some(*number),
                _ => None,
            }),
            Self::Double(column) => column.push(match value {
                Value::Double(number) => Some(*number),
                _ => None,
            }),
            Self::Boolean(column) => column.append_option(match value {
                Value::Boolean(value) => Some(*value),
                _ => None,
            }),
            Self::Date(column) => column.push(match value {
                Value::Date(days) => Some(*days),
                _ => None,
            }),
            Self::Timestamp(column) => column.push(match value {
                Value::Timestamp(instant) => Some(*instant),
                _ => None,
            }),
        }
    }

    /// Hands the values out as an array.
    pub fn lend(&mut self) -> Result<Lent, ArrowError> {
        Ok(match self {
            Self::Text(column) => Lent::Text(column.lend()?),
            Self::Bigint(column) => Lent::Bigint(column.lend()),
            Self::Double(column) => Lent::Double(column.lend()),
            Self::Boolean(column) => Lent::Boolean(column.finish()),
            Self::Date(column) => Lent::Date(column.lend()),
            Self::Timestamp(column) => Lent::Timestamp(column.lend().with_timezone("UTC")),
        })
    }

    /// Takes the memory back, once the array is not needed any more.
    pub fn take_back(&mut self, lent: Lent) {
        match (self, lent) {
            (Self::Text(column), Lent::Text(array)) => column.take_back(array),
            (Self::Bigint(column), Lent::Bigint(array)) => column.take_back(array),
            (Self::Double(column), Lent::Double(array)) => column.take_back(array),
            (Self::Date(column), Lent::Date(array)) => column.take_back(array),
            (Self::Timestamp(column), Lent::Timestamp(array)) => column.take_back(array),
            _ => {}
        }
    }
}

impl Lent {
    /// The array.
    pub fn array(&self) -> ArrayRef {
        match self {
            Self::Text(array) => Arc::new(array.clone()),
            Self::Bigint(array) => Arc::new(array.clone()),
            Self::Double(array) => Arc::new(array.clone()),
            Self::Boolean(array) => Arc::new(array.clone()),
            Self::Date(array) => Arc::new(array.clone()),
            Self::Timestamp(array) => Arc::new(array.clone()),
        }
    }
}
