//! Numbers of any width side by side, and numbers of as many bytes as they need.

/// Appends numbers bit by bit, the lowest bits first.
pub struct BitWriter<'a> {
    into: &'a mut Vec<u8>,
    held: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub fn new(into: &'a mut Vec<u8>) -> Self {
        Self { into, held: 0, count: 0 }
    }

    /// Appends a number of at most 32 bits.
    #[inline]
    pub fn put(&mut self, value: u32, width: u32) {
        self.held |= u64::from(value) << self.count;
        self.count += width;
        if self.count >= 32 {
            self.into.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    /// Appends a number of at most 64 bits.
    #[inline]
    pub fn put_wide(&mut self, value: u64, width: u32) {
        if width > 32 {
            self.put(value as u32, 32);
            self.put((value >> 32) as u32, width - 32);
        } else {
            self.put(value as u32, width);
        }
    }

    /// Appends what is left, filled up to a whole byte.
    pub fn finish(self) {
        let bytes = self.held.to_le_bytes();
        self.into.extend_from_slice(&bytes[..self.count.div_ceil(8) as usize]);
    }
}

/// Appends a number seven bits a byte, as unsigned LEB128.
pub fn varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Appends a signed number so that small ones take few bytes whatever their sign.
pub fn zigzag(value: i64, into: &mut Vec<u8>) {
    varint((value << 1 ^ value >> 63) as u64, into);
}
