//! Avro files written here, as the specification has them.

use std::io::Write;

use super::*;

const SCHEMA: &str = r#"{"type":"record","name":"row","fields":[
    {"name":"id","type":"string"},
    {"name":"n","type":["null","long"]},
    {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
    {"name":"tags","type":{"type":"array","items":"string"}},
    {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}]}"#;

pub(crate) fn long(number: i64) -> Vec<u8> {
    let mut rest = (number << 1 ^ number >> 63) as u64;
    let mut bytes = Vec::new();
    loop {
        let more = rest > 0x7f;
        bytes.push((rest & 0x7f) as u8 | if more { 0x80 } else { 0 });
        rest >>= 7;
        if !more {
            return bytes;
        }
    }
}

pub(crate) fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [long(bytes.len() as i64), bytes.to_vec()].concat()
}

fn row(id: &str, n: Option<i64>) -> Vec<u8> {
    let n = n.map_or(long(0), |n| [long(1), long(n)].concat());
    let tags = [long(-2), long(4), prefixed(b"a"), prefixed(b"b"), long(0)].concat();
    [prefixed(id.as_bytes()), n, long(1_500), tags, prefixed(&[0xff, 0x38])].concat()
}

fn packed(codec: &str, bytes: &[u8]) -> Vec<u8> {
    match codec {
        "deflate" => {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "zstandard" => zstd::encode_all(bytes, 1).unwrap(),
        "bzip2" => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "snappy" => {
            let mut sum = flate2::Crc::new();
            sum.update(bytes);
            [snap::raw::Encoder::new().compress_vec(bytes).unwrap(), sum.sum().to_be_bytes().to_vec()]
                .concat()
        }
        _ => bytes.to_vec(),
    }
}

fn file(codec: &str, blocks: &[(i64, Vec<u8>)]) -> Vec<u8> {
    file_of(SCHEMA, codec, blocks)
}

/// A file of blocks, each with its number of rows.
pub(crate) fn file_of(schema: &str, codec: &str, blocks: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([long(2), prefixed(b"avro.schema"), prefixed(schema.as_bytes())].concat());
    bytes.extend([prefixed(b"avro.codec"), prefixed(codec.as_bytes()), long(0), vec![7; SYNC]].concat());
    for (count, block) in blocks {
        bytes.extend([long(*count), prefixed(&packed(codec, block)), vec![7; SYNC]].concat());
    }
    bytes
}

/// Line and text of each row, or the rule it breaks; or the object's reason.
fn read(bytes: &[u8], block: usize) -> Result<Vec<(u64, String)>, String> {
    let mut rows = Vec::new();
    let mut take = |place: Place, record: Record<'_>| {
        rows.push((
            place.line,
            match record {
                Record::Json(text) => text.to_owned(),
                Record::Broken(_, rule, _) => format!("!{rule}"),
                _ => unreachable!(),
            },
        ));
        Ok(())
    };
    let mut avro = Avro::default();
    let pushed = bytes.chunks(block).try_for_each(|block| avro.push(block, &mut take));
    match pushed.and_then(|()| avro.finish(&mut take)) {
        Ok(()) => Ok(rows),
        Err(Stop::Refused(reason)) => Err(reason.code),
        Err(Stop::Sink(error)) => panic!("{error}"),
    }
}

fn text(id: &str, n: &str) -> String {
    format!(r#"{{"id":"{id}","n":{n},"at":"1970-01-01T00:00:01.500Z","tags":["a","b"],"price":-2.00}}"#)
}

#[test]
fn every_codec_in_any_blocks() {
    let two = [row("a", Some(-1)), row("é", None)].concat();
    let expected = vec![(1, text("a", "-1")), (2, text("é", "null")), (3, text("c", "64"))];
    for codec in ["null", "deflate", "zstandard", "bzip2", "snappy"] {
        let bytes = file(codec, &[(2, two.clone()), (1, row("c", Some(64)))]);
        for block in [1, 13, 1 << 20] {
            assert_eq!(read(&bytes, block).unwrap(), expected, "{codec} in blocks of {block}");
        }
    }
}

#[test]
fn a_row_that_cannot_be_read_spoils_its_block() {
    let spoilt = [row("a", None), vec![0xff; 30], row("b", None)].concat();
    let rows = read(&file("null", &[(3, spoilt), (1, row("c", None))]), 1000).unwrap();
    assert_eq!(rows, [(1, text("a", "null")), (2, "!row.malformed_avro".to_owned()), (4, text("c", "null"))]);
    let mut damaged = file("deflate", &[(1, row("a", None)), (1, row("c", None))]);
    let at = damaged.windows(SYNC).position(|bytes| bytes == [7; SYNC]).unwrap() + SYNC + 4;
    damaged[at..at + 8].fill(0xff);
    let rows = read(&damaged, 1000).unwrap();
    assert_eq!(rows, [(1, "!row.malformed_avro".to_owned()), (2, text("c", "null"))]);
}

#[test]
fn files_that_are_none() {
    let whole = file("null", &[(1, row("a", None))]);
    assert_eq!(read(&whole[..whole.len() - 1], 7), Err("malformed_avro".to_owned()));
    assert_eq!(read(&whole[..20], 7), Err("malformed_avro".to_owned()));
    let mut other_mark = whole.clone();
    *other_mark.last_mut().unwrap() = 8;
    assert_eq!(read(&other_mark, 7), Err("malformed_avro".to_owned()));
    assert_eq!(read(&file("xz", &[]), 7), Err("unsupported_format".to_owned()));
    let endless = [
        MAGIC,
        &long(1),
        &prefixed(b"avro.schema"),
        &prefixed(br#""null""#),
        &long(0),
        &[7; SYNC],
        &long(i64::MAX),
        &long(0),
        &[7; SYNC],
    ];
    assert_eq!(read(&endless.concat(), 7), Err("malformed_avro".to_owned()));
}
