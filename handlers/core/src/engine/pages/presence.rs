//! Which rows of a page have a value.

use super::hybrid;

/// A page's definition levels. Nothing is written down for a row as long as there is no null.
#[derive(Debug, Default)]
pub struct Presence {
    rows: usize,
    /// For each row whether it has a value, once one has none.
    levels: Vec<u8>,
    nulls: usize,
}

impl Presence {
    /// Rows of the page.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Rows without a value.
    pub fn nulls(&self) -> usize {
        self.nulls
    }

    #[inline]
    pub fn value(&mut self) {
        self.rows += 1;
        if self.nulls > 0 {
            self.levels.push(1);
        }
    }

    #[inline]
    pub fn null(&mut self) {
        if self.nulls == 0 {
            self.levels.resize(self.rows, 1);
        }
        self.rows += 1;
        self.nulls += 1;
        self.levels.push(0);
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.levels.capacity()
    }

    /// Appends the levels with their length before them, as the first version of data pages has them, and begins anew.
    pub fn encode(&mut self, into: &mut Vec<u8>) {
        let start = into.len();
        into.extend_from_slice(&[0; 4]);
        if self.nulls == 0 || self.nulls == self.rows {
            hybrid::run(u32::from(self.nulls == 0), self.rows, 1, into);
        } else {
            hybrid::encode(&self.levels, 1, into);
        }
        let length = (into.len() - start - 4) as u32;
        into[start..start + 4].copy_from_slice(&length.to_le_bytes());
        (self.rows, self.nulls) = (0, 0);
        self.levels.clear();
    }
}
