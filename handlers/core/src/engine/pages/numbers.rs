//! Numbers as Parquet keeps them. All are held in 64 bits, and the column knows what they are.

use super::delta;

/// What a column's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 32 bits, signed.
    Int32,
    /// 64 bits, signed.
    Int64,
    /// The bits of a double.
    Double,
}

/// Appends them as `PLAIN`.
pub fn encode_plain(values: &[i64], width: Width, into: &mut Vec<u8>) {
    match width {
        Width::Int32 => {
            values.iter().for_each(|value| into.extend_from_slice(&(*value as i32).to_le_bytes()))
        }
        Width::Int64 | Width::Double => {
            values.iter().for_each(|value| into.extend_from_slice(&value.to_le_bytes()));
        }
    }
}

/// Appends them as `DELTA_BINARY_PACKED`, which only whole numbers can be.
pub fn encode_delta(values: &[i64], width: Width, into: &mut Vec<u8>) {
    match width {
        Width::Int32 => delta::encode_narrow(values.iter().map(|value| *value as i32), into),
        Width::Int64 | Width::Double => delta::encode(values.iter().copied(), into),
    }
}
