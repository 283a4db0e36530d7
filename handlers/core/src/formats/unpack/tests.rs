//! Every compression: whole, in several parts, cut, damaged, and as a bomb.

use std::io::Write;

use super::*;

const PACKED: [Compression; 3] = [Compression::Gzip, Compression::Zstd, Compression::Bzip2];

pub(crate) fn pack(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    match compression {
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => ::zstd::encode_all(bytes, 3).unwrap(),
        _ => {
            let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}

fn unpack(compression: Compression, bytes: &[u8], block: usize) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    let mut take = |bytes: &[u8]| {
        unpacked.extend_from_slice(bytes);
        Ok(())
    };
    let mut unpacker = unpacker(compression).unwrap();
    let pushed = bytes.chunks(block).try_for_each(|block| unpacker.push(block, &mut take));
    match pushed.and_then(|()| unpacker.finish(&mut take)) {
        Ok(()) => Ok(unpacked),
        Err(Stop::Refused(reason)) => Err(reason.code),
        Err(Stop::Sink(error)) => panic!("{error}"),
    }
}

/// Bytes that do not pack too well.
fn text() -> Vec<u8> {
    let mut state = 42u64;
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) % 10_000
    };
    (0..100_000).flat_map(|_| format!("{} ", word()).into_bytes()).collect()
}

#[test]
fn what_was_packed_comes_out() {
    let text = text();
    for compression in PACKED {
        let packed = pack(compression, &text);
        for block in [1, 1_000, 1 << 20] {
            assert!(
                unpack(compression, &packed, block).unwrap() == text,
                "{compression:?} in blocks of {block}"
            );
        }
        let twice = [packed.as_slice(), &packed].concat();
        assert!(
            unpack(compression, &twice, 777).unwrap() == [text.as_slice(), &text].concat(),
            "{compression:?}"
        );
        assert_eq!(unpack(compression, &pack(compression, b""), 3).unwrap(), b"", "{compression:?}");
    }
}

#[test]
fn what_is_cut_or_damaged_is_refused() {
    let text = text();
    for compression in PACKED {
        let (packed, name) = (pack(compression, &text), word(compression));
        let cut = unpack(compression, &packed[..packed.len() * 2 / 3], 1 << 20).unwrap_err();
        assert_eq!(cut, format!("truncated_{name}"));
        let mut damaged = packed.clone();
        let middle = packed.len() / 2;
        damaged[middle..middle + 64].fill(0x55);
        let damaged = unpack(compression, &damaged, 1 << 20).unwrap_err();
        assert!([format!("corrupt_{name}"), format!("truncated_{name}")].contains(&damaged), "{damaged}");
    }
}

#[test]
fn a_bomb_is_refused() {
    let zeros = vec![0; 100 << 20];
    for compression in PACKED {
        let bomb = pack(compression, &zeros);
        assert_eq!(
            unpack(compression, &bomb, 1 << 20),
            Err("decompression_bomb".to_owned()),
            "{}",
            bomb.len()
        );
    }
}
