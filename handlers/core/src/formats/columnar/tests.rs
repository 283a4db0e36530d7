//! Parquet files made here, read whole and by ranges.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field};

use super::*;

fn file() -> Vec<u8> {
    let x: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]));
    let nested = StructArray::from(vec![(Arc::new(Field::new("x", DataType::Int32, true)), x)]);
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(StringArray::from(vec![Some("a\"b"), None, Some("é")])) as ArrayRef),
        ("n", Arc::new(Float64Array::from(vec![0.5, f64::NAN, -1.0]))),
        ("ok", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_500_000, -1]).with_timezone("UTC"))),
        ("data", Arc::new(nested)),
    ])
    .unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

const ROWS: [&str; 3] = [
    r#"{"id":"a\"b","n":0.5,"ok":true,"at":"1970-01-01T00:00:00Z","data":{"x":1}}"#,
    r#"{"n":"NaN","ok":false,"at":"1970-01-01T00:00:01.500000Z","data":{}}"#,
    r#"{"id":"é","n":-1.0,"ok":true,"at":"1969-12-31T23:59:59.999999Z","data":{"x":3}}"#,
];

struct Memory(Vec<u8>);

impl Ranges for Memory {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap();
        let range = self.0.get(start..start + length);
        range.map(<[u8]>::to_vec).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }
}

#[test]
fn rows_are_the_same_whole_and_by_ranges() {
    for by_ranges in [false, true] {
        let mut rows = Vec::new();
        let mut take = |place: Place, record: Record<'_>| {
            let Record::Json(text) = record else { unreachable!() };
            rows.push((place.line, text.to_owned()));
            Ok(())
        };
        if by_ranges {
            assert!(read(Memory(file()), 0, &mut || true, &mut take).unwrap().is_none());
        } else {
            let mut spool = Spool::default();
            file().chunks(100).try_for_each(|block| spool.push(block, &mut take)).unwrap();
            spool.finish(&mut take).unwrap();
        }
        assert_eq!(rows, [(1, ROWS[0].to_owned()), (2, ROWS[1].to_owned()), (3, ROWS[2].to_owned())]);
    }
}

#[test]
fn damaged_files_are_refused() {
    let whole = file();
    let half = whole[..whole.len() / 2].to_vec();
    let mut spoilt = whole.clone();
    spoilt[8..40].fill(0xff);
    for bytes in [b"PAR1 rubbish".to_vec(), half, spoilt] {
        let mut spool = Spool(bytes);
        let Err(Stop::Refused(reason)) = spool.finish(&mut |_, _| Ok(())) else { panic!("not refused") };
        assert_eq!(reason.code, "malformed_parquet");
    }
    let Err(Stop::Refused(reason)) = Spool(vec![0; MOST_SPOOLED]).push(b"x", &mut |_, _| Ok(())) else {
        panic!()
    };
    assert_eq!(reason.code, "parquet_too_large");
}

/// Five row groups, none of which ends where a batch does.
#[test]
fn a_file_is_gone_on_with_behind_any_batch() {
    let rows = 5_000;
    let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..rows));
    let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_max_row_group_row_count(Some(1_100))
        .build();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let file = writer.into_inner().unwrap();
    let (mut found, mut judged, mut offsets) = (Vec::new(), 0, vec![0]);
    loop {
        let mut take = |place: Place, record: Record<'_>| {
            let Record::Json(text) = record else { unreachable!() };
            found.push((place.line, text.to_owned()));
            Ok(())
        };
        let Some(paused) = read(Memory(file.clone()), judged, &mut || true, &mut take).unwrap() else {
            break;
        };
        let resume = paused.resume().unwrap();
        judged = resume.line - 1;
        offsets.push(resume.offset);
    }
    let expected: Vec<(u64, String)> = (0..rows).map(|n| (n as u64 + 1, format!("{{\"n\":{n}}}"))).collect();
    assert_eq!(found, expected);
    assert!(offsets.len() == 5 && offsets.is_sorted_by(|one, next| one < next), "{offsets:?}");
    assert!(offsets.iter().all(|offset| *offset < file.len() as u64));
}

#[test]
fn what_was_begun_by_ranges_takes_no_bytes() {
    let mut paused = Paused::at(Place { line: 2, offset: 7 });
    let mut take = |_: Place, _: Record<'_>| Ok(());
    assert!(matches!(paused.push(b"x", &mut take), Err(Stop::Refused(_))));
    assert!(matches!(paused.finish(&mut take), Err(Stop::Refused(_))));
}
