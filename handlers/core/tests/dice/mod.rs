//! A small generator of what tests are tried with.

/// A small generator of numbers: the tests are the same each time.
pub struct Dice(pub u64);

impl Dice {
    /// A number below so many.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// One of some.
    pub fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// An awkward text.
    pub fn text(&mut self) -> String {
        let parts = ["a", "B", " ", "\"", "\\", "ä", "#", "'", "\\n", "(", "]", "where", "日"];
        (0..=self.below(4)).map(|_| self.one_of(&parts)).collect()
    }
}
