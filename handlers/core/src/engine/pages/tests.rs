//! Files of every type and kind of data, read again by the `parquet` crate.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Encoding;
use parquet::file::metadata::ParquetMetaData;

use crate::engine::writer::{FileWriter, RowFile, Shape};
use crate::rules::{Held, Value};
use crate::spec::{ColumnType, OutputCompression};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 20 ^ self.0
    }
}

const TYPES: [ColumnType; 7] = [
    ColumnType::String,
    ColumnType::Json,
    ColumnType::Bigint,
    ColumnType::Double,
    ColumnType::Boolean,
    ColumnType::Date,
    ColumnType::Timestamp,
];

/// How values follow each other.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A few different ones.
    Few,
    /// The same for long, then another.
    Runs,
    /// Few at first, and then as many as there are rows.
    FewThenMany,
    /// Each a little more than the one before.
    Sorted,
    /// Anything.
    Any,
}

const KINDS: [Kind; 5] = [Kind::Few, Kind::Runs, Kind::FewThenMany, Kind::Sorted, Kind::Any];

fn value(column_type: ColumnType, kind: Kind, row: u64, dice: &mut Dice) -> Held {
    let number = match kind {
        Kind::Few => dice.roll() % 5,
        Kind::Runs => row / 300 % 3,
        Kind::FewThenMany if row < 3_000 => dice.roll() % 5,
        Kind::Sorted => 1_000_000 + 3 * row,
        Kind::FewThenMany | Kind::Any => dice.roll(),
    };
    let extreme = |number: u64| match number % 50 {
        0 => i64::MIN,
        1 => i64::MAX,
        _ => number as i64,
    };
    match column_type {
        ColumnType::String => Held::Text(format!("é{number:0width$}", width = (number % 9) as usize)),
        ColumnType::Json => Held::Text(format!("[{number}]")),
        ColumnType::Bigint => Held::Bigint(extreme(number)),
        ColumnType::Double => Held::Double(f64::from_bits(number.rotate_right(7)).max(-1e300)),
        ColumnType::Boolean => Held::Boolean(number % 2 == 1),
        ColumnType::Date => Held::Date(extreme(number) as i32),
        ColumnType::Timestamp => Held::Timestamp(extreme(number)),
    }
}

/// Rows of one column; of a hundred so many have no value.
fn values(column_type: ColumnType, kind: Kind, rows: u64, nulls: u64) -> Vec<Held> {
    let mut dice = Dice(rows ^ nulls << 20);
    let one = |row| {
        let null = dice.roll() % 100 < nulls;
        if null { Held::Null } else { value(column_type, kind, row, &mut dice) }
    };
    (0..rows).map(one).collect()
}

/// One file of one column, its row groups ended after so many rows.
fn written(column_type: ColumnType, values: &[Held], compression: OutputCompression, group: usize) -> Bytes {
    let columns = std::iter::once((0, "x".to_owned(), column_type));
    let shape = Shape::of(columns, None, compression);
    let mut file = FileWriter::new(shape.into());
    let mut bytes = Vec::new();
    for (row, value) in values.iter().enumerate() {
        file.add(&[value.value()], None).unwrap();
        if (row + 1) % group == 0 {
            file.flush().unwrap();
            bytes.extend(file.take().concat());
        }
    }
    bytes.extend(file.finish().unwrap().concat());
    assert_eq!((file.rows(), file.bytes()), (values.len() as u64, bytes.len() as u64));
    bytes.into()
}

fn cell(batch: &RecordBatch, column_type: ColumnType, row: usize) -> Held {
    let array = batch.column(0);
    if array.is_null(row) {
        return Held::Null;
    }
    match column_type {
        ColumnType::String | ColumnType::Json => Held::Text(array.as_string::<i32>().value(row).to_owned()),
        ColumnType::Bigint => Held::Bigint(array.as_primitive::<Int64Type>().value(row)),
        ColumnType::Double => Held::Double(array.as_primitive::<Float64Type>().value(row)),
        ColumnType::Boolean => Held::Boolean(array.as_boolean().value(row)),
        ColumnType::Date => Held::Date(array.as_primitive::<Date32Type>().value(row)),
        ColumnType::Timestamp => Held::Timestamp(array.as_primitive::<TimestampMillisecondType>().value(row)),
    }
}

fn read(bytes: &Bytes, column_type: ColumnType) -> (ParquetMetaData, Vec<Held>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap();
    let metadata = builder.metadata().as_ref().clone();
    let mut found = Vec::new();
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        found.extend((0..batch.num_rows()).map(|row| cell(&batch, column_type, row)));
    }
    (metadata, found)
}

#[test]
fn what_is_written_is_read() {
    for column_type in TYPES {
        for kind in KINDS {
            for (rows, nulls, group) in [
                (1, 0, 9),
                (1, 100, 9),
                (7, 30, 4),
                (129, 0, 64),
                (2_048, 1, 5_000),
                (9_000, 50, 4_000),
                (30_000, 3, 100_000),
                (70_000, 0, 50_000),
            ] {
                let values = values(column_type, kind, rows, nulls);
                let bytes = written(column_type, &values, OutputCompression::Zstd, group);
                let (_, found) = read(&bytes, column_type);
                let different = found.iter().zip(&values).position(|(one, other)| one != other);
                assert_eq!(
                    (found.len(), different),
                    (values.len(), None),
                    "{column_type:?} {kind:?} {rows} rows, {nulls} % nulls"
                );
            }
        }
    }
}

#[test]
fn every_compression_is_read() {
    for compression in [OutputCompression::Zstd, OutputCompression::Snappy, OutputCompression::None] {
        let values = values(ColumnType::String, Kind::Any, 20_000, 10);
        let bytes = written(ColumnType::String, &values, compression, 7_000);
        assert_eq!(read(&bytes, ColumnType::String).1, values, "{compression:?}");
    }
}

#[test]
fn texts_of_any_length_are_read() {
    let long = |length: usize| Held::Text("long ".repeat(length));
    let values: Vec<Held> =
        (0..4_000).map(|row| long(if row % 1_000 == 7 { 300_000 } else { row % 9 })).collect();
    let bytes = written(ColumnType::String, &values, OutputCompression::Zstd, 10_000);
    assert_eq!(read(&bytes, ColumnType::String).1, values);
}

/// Type, kind of data, encodings of the pages.
#[test]
fn encodings_are_chosen_by_the_first_values() {
    let coded = [Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY];
    let cases: &[(ColumnType, Kind, &[Encoding])] = &[
        (ColumnType::String, Kind::Few, &coded),
        (ColumnType::String, Kind::Sorted, &[Encoding::RLE, Encoding::DELTA_BYTE_ARRAY]),
        (ColumnType::String, Kind::Any, &[Encoding::RLE, Encoding::DELTA_LENGTH_BYTE_ARRAY]),
        (ColumnType::Bigint, Kind::Few, &coded),
        (ColumnType::Bigint, Kind::Sorted, &[Encoding::RLE, Encoding::DELTA_BINARY_PACKED]),
        (ColumnType::Double, Kind::Any, &[Encoding::PLAIN, Encoding::RLE]),
        (ColumnType::Boolean, Kind::Few, &[Encoding::PLAIN, Encoding::RLE]),
        // More values than a dictionary has room for.
        (
            ColumnType::Timestamp,
            Kind::FewThenMany,
            &[Encoding::PLAIN, Encoding::RLE, Encoding::DELTA_BINARY_PACKED, Encoding::RLE_DICTIONARY],
        ),
    ];
    for (column_type, kind, expected) in cases {
        let values = values(*column_type, *kind, 90_000, 2);
        let bytes = written(*column_type, &values, OutputCompression::Zstd, 100_000);
        let (metadata, _) = read(&bytes, *column_type);
        let found: Vec<Encoding> = metadata.row_group(0).column(0).encodings().collect();
        assert_eq!(found, *expected, "{column_type:?} {kind:?}");
    }
}

/// Type, values, the footer's least and greatest value as bytes, and its nulls.
#[test]
fn footers_hold_bounds() {
    let text = |text: &str| Held::Text(text.to_owned());
    let long = "x".repeat(65);
    type Bounds = (Option<Vec<u8>>, Option<Vec<u8>>);
    let of = |bytes: &[u8]| Some(bytes.to_vec());
    let cases: Vec<(ColumnType, Vec<Held>, Option<Bounds>)> = vec![
        (
            ColumnType::Bigint,
            vec![Held::Bigint(3), Held::Null, Held::Bigint(-5)],
            Some((of(&(-5i64).to_le_bytes()), of(&3i64.to_le_bytes()))),
        ),
        (
            ColumnType::Date,
            vec![Held::Date(-1), Held::Null, Held::Date(7)],
            Some((of(&(-1i32).to_le_bytes()), of(&7i32.to_le_bytes()))),
        ),
        (
            ColumnType::Double,
            vec![Held::Double(0.0), Held::Null, Held::Double(f64::NAN)],
            Some((of(&(-0.0f64).to_le_bytes()), of(&0.0f64.to_le_bytes()))),
        ),
        (
            ColumnType::Boolean,
            vec![Held::Boolean(true), Held::Null, Held::Boolean(false)],
            Some((of(&[0]), of(&[1]))),
        ),
        (
            ColumnType::String,
            vec![text("b"), text("a"), text("b"), text("a"), text("c"), text("c"), Held::Null],
            Some((of(b"a"), of(b"c"))),
        ),
        (
            ColumnType::String,
            vec![text("b"), text("b"), text(&long), text(&long), Held::Null],
            Some((of(b"b"), None)),
        ),
        // In no order, and each its own: the bounds would rule nothing out.
        (ColumnType::String, vec![text("b"), text("a"), text("c"), Held::Null], None),
        (ColumnType::String, vec![Held::Null], None),
    ];
    for (column_type, values, expected) in cases {
        let bytes = written(column_type, &values, OutputCompression::Zstd, 100);
        let (metadata, _) = read(&bytes, column_type);
        let statistics = metadata.row_group(0).column(0).statistics();
        let bounds = statistics.map(|found| {
            assert_eq!(found.null_count_opt(), Some(1), "{values:?}");
            (found.min_bytes_opt().map(<[u8]>::to_vec), found.max_bytes_opt().map(<[u8]>::to_vec))
        });
        assert_eq!(bounds, expected, "{values:?}");
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let values = values(ColumnType::String, Kind::FewThenMany, 80_000, 5);
    let file = || written(ColumnType::String, &values, OutputCompression::Zstd, 30_000);
    assert_eq!(file(), file());
}

#[test]
fn memory_comes_back_with_the_row_group() {
    let shape =
        Shape::of(std::iter::once((0, "x".to_owned(), ColumnType::String)), None, OutputCompression::Zstd);
    let mut file = FileWriter::new(shape.into());
    for row in 0..20_000u64 {
        file.add(&[Value::Text(&row.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string())], None).unwrap();
    }
    assert!(file.memory() > 200_000, "{}", file.memory());
    file.flush().unwrap();
    assert_eq!(file.memory(), 0);
}
