//! Some columns of a Parquet file as values, row by row: how accepted rows are read again.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::ProjectionMask;

use super::builder;
use super::ranges::{Chunks, Ranges};
use crate::rules::Value;
use crate::spec::ColumnType;

/// Visits the values of the columns `wanted`, in this order, of every row; a column that the file does not have is null
/// throughout. With no column wanted nothing is visited. Tells how many rows there are.
///
/// # Errors
/// When the file cannot be read, or a column is of another type.
pub fn project(
    file: impl Ranges + 'static,
    wanted: &[(String, ColumnType)],
    visit: &mut dyn FnMut(&[Value<'_>]),
) -> Result<u64, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("an accepted file cannot be read: {error}");
    let builder = builder(Chunks::new(file)).map_err(|error| unreadable(&error))?;
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
    if wanted.is_empty() {
        return Ok(rows);
    }
    let names = wanted.iter().map(|(name, _)| name.as_str());
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let reader = builder.with_projection(mask).build();
    for batch in reader.map_err(|error| unreadable(&error))? {
        let batch = batch.map_err(|error| unreadable(&error))?;
        let columns: Vec<Option<&ArrayRef>> =
            wanted.iter().map(|(name, _)| batch.column_by_name(name)).collect();
        for row in 0..batch.num_rows() {
            let cells = columns.iter().zip(wanted).map(|(column, (name, wanted))| match column {
                Some(column) => value(column.as_ref(), row, *wanted).ok_or(name),
                None => Ok(Value::Null),
            });
            let cells: Result<Vec<Value<'_>>, &String> = cells.collect();
            visit(
                &cells.map_err(|name| format!("the column `{name}` of an accepted file has another type"))?,
            );
        }
    }
    Ok(rows)
}

/// The value, if the column is of the type.
fn value(column: &dyn Array, row: usize, wanted: ColumnType) -> Option<Value<'_>> {
    let fits = matches!(
        (wanted, column.data_type()),
        (ColumnType::String | ColumnType::Json, DataType::Utf8)
            | (ColumnType::Bigint, DataType::Int64)
            | (ColumnType::Double, DataType::Float64)
            | (ColumnType::Boolean, DataType::Boolean)
            | (ColumnType::Date, DataType::Date32)
            | (ColumnType::Timestamp, DataType::Timestamp(TimeUnit::Millisecond, _))
    );
    if !fits {
        return None;
    }
    if column.is_null(row) {
        return Some(Value::Null);
    }
    Some(match wanted {
        ColumnType::String => Value::Text(column.as_string::<i32>().value(row)),
        ColumnType::Json => Value::Json(column.as_string::<i32>().value(row)),
        ColumnType::Bigint => Value::Bigint(column.as_primitive::<Int64Type>().value(row)),
        ColumnType::Double => Value::Double(column.as_primitive::<Float64Type>().value(row)),
        ColumnType::Boolean => Value::Boolean(column.as_boolean().value(row)),
        ColumnType::Date => Value::Date(column.as_primitive::<Date32Type>().value(row)),
        ColumnType::Timestamp => {
            Value::Timestamp(column.as_primitive::<TimestampMillisecondType>().value(row))
        }
    })
}
