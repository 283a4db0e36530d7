//! The brackets that are open, a bit each: how deep a value may be is a number here, not the size of a stack.

use super::Unreadable;

/// Most brackets open at once in one field. A deeper row is refused, as no reader of what we write could open it.
pub const DEEPEST: usize = 512;

/// Open brackets.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    /// A bit per bracket: set for an object.
    bits: [u64; DEEPEST / 64],
    count: usize,
}

impl Brackets {
    /// Opens one.
    #[inline]
    pub fn push(&mut self, object: bool) -> Result<(), Unreadable> {
        let word = self.bits.get_mut(self.count / 64).ok_or(Unreadable::TooDeep)?;
        let bit = 1 << (self.count % 64);
        *word = if object { *word | bit } else { *word & !bit };
        self.count += 1;
        Ok(())
    }

    /// Whether the innermost is an object's; nothing when none is open.
    #[inline]
    pub fn top(&self) -> Option<bool> {
        let last = self.count.checked_sub(1)?;
        Some(self.bits[last / 64] >> (last % 64) & 1 == 1)
    }

    /// Closes the innermost.
    #[inline]
    pub fn pop(&mut self) {
        self.count -= 1;
    }
}
