//! Accepted rows read again: a file of another dataset, for rules that compare with it.

use crate::columns::parse_date;
use crate::formats::columnar::{Ranges, project};
use crate::layout::{catalog_column, partition_value};
use crate::rules::{Held, Reference, Value};
use crate::spec::ColumnType;

/// Where a column's values are.
enum At {
    /// In the file, in this place among the columns read.
    File(usize),
    /// In the file's key: the same for all its rows.
    Key(Held),
}

/// Reads the file with this key in the processed bucket. What only has to be counted is not read.
///
/// # Errors
/// When it is not a file that the engine wrote for such a dataset.
pub fn read_accepted(key: &str, file: impl Ranges + 'static, into: &mut Reference) -> Result<(), String> {
    let mut in_file = Vec::new();
    let mut places = Vec::new();
    for (name, column_type) in into.projection() {
        let column = catalog_column(name);
        match partition_value(key, &column) {
            Some(text) => places.push(At::Key(held(text.as_deref(), *column_type).ok_or_else(|| {
                format!("the folder of the column `{name}` of an accepted file has another type")
            })?)),
            None => {
                places.push(At::File(in_file.len()));
                in_file.push((column, *column_type));
            }
        }
    }
    if in_file.is_empty() {
        let rows = project(file, &[], &mut |_| {})?;
        let row: Vec<Value<'_>> = places.iter().map(|place| found(place, &[])).collect();
        if row.is_empty() {
            into.count(rows);
        }
        (0..rows).filter(|_| !row.is_empty()).for_each(|_| into.add(&row));
        return Ok(());
    }
    project(file, &in_file, &mut |cells| {
        let row: Vec<Value<'_>> = places.iter().map(|place| found(place, cells)).collect();
        into.add(&row);
    })
    .map(drop)
}

fn found<'a>(place: &'a At, cells: &[Value<'a>]) -> Value<'a> {
    match place {
        At::File(at) => cells[*at],
        At::Key(held) => held.value(),
    }
}

/// A folder's text as a value; only these types become folders.
fn held(text: Option<&str>, column_type: ColumnType) -> Option<Held> {
    let Some(text) = text else { return Some(Held::Null) };
    match column_type {
        ColumnType::String => Some(Held::Text(text.to_owned())),
        ColumnType::Bigint => text.parse().ok().map(Held::Bigint),
        ColumnType::Boolean => text.parse().ok().map(Held::Boolean),
        ColumnType::Date => parse_date(text).map(Held::Date),
        _ => None,
    }
}
