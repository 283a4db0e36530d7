//! A row of Arrow arrays as JSON text.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Fields, TimeUnit};

use crate::engine::quote;
use crate::formats::moments::{push_date, push_decimal, push_instant};

/// Appends one row: its columns as members of an object. What is null is left out.
pub(super) fn push_row(fields: &Fields, columns: &[ArrayRef], row: usize, into: &mut String) {
    into.push('{');
    let mut comma = "";
    for (field, column) in fields.iter().zip(columns).filter(|(_, column)| column.is_valid(row)) {
        into.push_str(std::mem::replace(&mut comma, ","));
        quote(field.name(), into);
        into.push(':');
        push(column.as_ref(), row, into);
    }
    into.push('}');
}

fn push(column: &dyn Array, row: usize, into: &mut String) {
    if column.is_null(row) {
        return into.push_str("null");
    }
    match column.data_type() {
        DataType::Boolean => into.push_str(if column.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Int8 => plain::<Int8Type>(column, row, into),
        DataType::Int16 => plain::<Int16Type>(column, row, into),
        DataType::Int32 => plain::<Int32Type>(column, row, into),
        DataType::Int64 => plain::<Int64Type>(column, row, into),
        DataType::UInt8 => plain::<UInt8Type>(column, row, into),
        DataType::UInt16 => plain::<UInt16Type>(column, row, into),
        DataType::UInt32 => plain::<UInt32Type>(column, row, into),
        DataType::UInt64 => plain::<UInt64Type>(column, row, into),
        DataType::Float32 => float(value::<Float32Type>(column, row).into(), into),
        DataType::Float64 => float(value::<Float64Type>(column, row), into),
        DataType::Utf8 => quote(column.as_string::<i32>().value(row), into),
        DataType::LargeUtf8 => quote(column.as_string::<i64>().value(row), into),
        DataType::Utf8View => quote(column.as_string_view().value(row), into),
        DataType::Date32 => push_date(value::<Date32Type>(column, row), into),
        DataType::Timestamp(unit, _) => instant(*unit, column, row, into),
        DataType::Decimal32(_, scale) => {
            push_decimal(value::<Decimal32Type>(column, row).into(), i32::from(*scale), into);
        }
        DataType::Decimal64(_, scale) => {
            push_decimal(value::<Decimal64Type>(column, row).into(), i32::from(*scale), into);
        }
        DataType::Decimal128(_, scale) => {
            push_decimal(value::<Decimal128Type>(column, row), i32::from(*scale), into)
        }
        DataType::Struct(fields) => push_row(fields, column.as_struct().columns(), row, into),
        DataType::List(_) => list(&column.as_list::<i32>().value(row), into),
        DataType::LargeList(_) => list(&column.as_list::<i64>().value(row), into),
        DataType::Map(..) => list(&(std::sync::Arc::new(column.as_map().value(row)) as ArrayRef), into),
        DataType::Binary => bytes(column.as_binary::<i32>().value(row), into),
        DataType::LargeBinary => bytes(column.as_binary::<i64>().value(row), into),
        DataType::FixedSizeBinary(_) => bytes(column.as_fixed_size_binary().value(row), into),
        // What no column can be declared as; the text says what it is, and no check takes it for something else.
        other => quote(&format!("a value of the type {other}"), into),
    }
}

fn value<T: ArrowPrimitiveType>(column: &dyn Array, row: usize) -> T::Native {
    column.as_primitive::<T>().value(row)
}

fn plain<T: ArrowPrimitiveType>(column: &dyn Array, row: usize, into: &mut String)
where
    T::Native: std::fmt::Display,
{
    into.push_str(&value::<T>(column, row).to_string());
}

/// A floating point number; JSON has no text for those that are none.
fn float(number: f64, into: &mut String) {
    match serde_json::Number::from_f64(number) {
        Some(number) => into.push_str(&number.to_string()),
        None => quote(&number.to_string(), into),
    }
}

fn instant(unit: TimeUnit, column: &dyn Array, row: usize, into: &mut String) {
    let (count, parts) = match unit {
        TimeUnit::Second => (value::<TimestampSecondType>(column, row), 1),
        TimeUnit::Millisecond => (value::<TimestampMillisecondType>(column, row), 1_000),
        TimeUnit::Microsecond => (value::<TimestampMicrosecondType>(column, row), 1_000_000),
        TimeUnit::Nanosecond => (value::<TimestampNanosecondType>(column, row), 1_000_000_000),
    };
    push_instant(count, parts, into);
}

fn list(items: &ArrayRef, into: &mut String) {
    into.push('[');
    for row in 0..items.len() {
        into.push_str(if row == 0 { "" } else { "," });
        push(items.as_ref(), row, into);
    }
    into.push(']');
}

/// Bytes: a text where they are one, else a character for each.
fn bytes(bytes: &[u8], into: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(text) => quote(text, into),
        Err(_) => quote(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>(), into),
    }
}
