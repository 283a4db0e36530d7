//! The least and the greatest value of a row group's column, by which queries pass over it.

use parquet::data_type::ByteArray;
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::numbers::Width;

/// Longer texts are no bounds: they would be copied into the footer that every query reads.
const LONGEST: usize = 64;

/// Bounds of the values seen so far.
#[derive(Debug, Default)]
pub enum Bounds {
    /// No value was seen.
    #[default]
    Empty,
    Numbers(i64, i64),
    Doubles(f64, f64),
    Booleans(bool, bool),
    Texts(Vec<u8>, Vec<u8>),
    /// Values were seen that nobody looked at.
    Unknown,
}

impl Bounds {
    pub fn add_numbers(&mut self, values: &[i64], width: Width) {
        if width == Width::Double {
            let doubles =
                values.iter().map(|bits| f64::from_bits(*bits as u64)).filter(|value| !value.is_nan());
            doubles.for_each(|value| self.add_double(value));
            return;
        }
        let Some((least, greatest)) = values.iter().min().zip(values.iter().max()) else { return };
        *self = match self {
            Self::Numbers(low, high) => Self::Numbers((*low).min(*least), (*high).max(*greatest)),
            _ => Self::Numbers(*least, *greatest),
        };
    }

    fn add_double(&mut self, value: f64) {
        match self {
            Self::Doubles(low, high) => (*low, *high) = (low.min(value), high.max(value)),
            _ => *self = Self::Doubles(value, value),
        }
    }

    pub fn add_booleans(&mut self, values: &[bool]) {
        for value in values {
            match self {
                Self::Booleans(low, high) => (*low, *high) = (*low & value, *high | value),
                _ => *self = Self::Booleans(*value, *value),
            }
        }
    }

    pub fn add_texts<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>) {
        for value in values {
            match self {
                Self::Unknown => return,
                Self::Texts(low, high) => {
                    if value < low.as_slice() {
                        value.clone_into(low);
                    } else if value > high.as_slice() {
                        value.clone_into(high);
                    }
                }
                _ => *self = Self::Texts(value.to_vec(), value.to_vec()),
            }
        }
    }

    /// What the footer says, and begins anew.
    pub fn take(&mut self, width: Width, nulls: u64) -> Option<Statistics> {
        let nulls = Some(nulls);
        Some(match std::mem::take(self) {
            Self::Empty | Self::Unknown => return None,
            Self::Numbers(low, high) if width == Width::Int32 => {
                Statistics::new(Some(low as i32), Some(high as i32), None, nulls, false)
            }
            Self::Numbers(low, high) => Statistics::new(Some(low), Some(high), None, nulls, false),
            // Nought has two signs, and readers may take them for different.
            Self::Doubles(low, high) => {
                let low = if low == 0.0 { -0.0 } else { low };
                let high = if high == 0.0 { 0.0 } else { high };
                Statistics::new(Some(low), Some(high), None, nulls, false)
            }
            Self::Booleans(low, high) => Statistics::new(Some(low), Some(high), None, nulls, false),
            Self::Texts(low, high) => {
                let bound = |text: Vec<u8>| (text.len() <= LONGEST).then(|| ByteArray::from(text));
                Statistics::ByteArray(ValueStatistics::new(bound(low), bound(high), None, nulls, false))
            }
        })
    }
}
