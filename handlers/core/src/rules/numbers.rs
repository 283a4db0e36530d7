//! Every number of a column, for what needs them in order: exact up to a bound of memory, and past it nothing.

use serde::{Deserialize, Serialize};

use super::frequencies::{BYTES_A_KEY, Unkept};

/// Bytes a number may take at worst: the list grown to twice its length, and a copy of it in order.
const BYTES_A_NUMBER: usize = 24;

/// Numbers, as long as there is room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    most: usize,
    /// By their bits, which can be written down exactly.
    all: Option<Vec<u64>>,
}

impl Numbers {
    /// None yet, and the room that so many keys would have.
    #[must_use]
    pub fn new(most_keys: usize) -> Self {
        Self { most: most_keys.saturating_mul(BYTES_A_KEY) / BYTES_A_NUMBER, all: Some(Vec::new()) }
    }

    /// Keeps a number; without room all are given up.
    pub fn add(&mut self, number: f64) {
        match &mut self.all {
            Some(all) if all.len() < self.most => all.push(number.to_bits()),
            _ => self.all = None,
        }
    }

    /// Keeps other numbers as well.
    pub fn merge(&mut self, other: &Self) {
        match &other.all {
            Some(all) => all.iter().for_each(|bits| self.add(f64::from_bits(*bits))),
            None => self.all = None,
        }
    }

    /// From the first quarter to the third, between two neighbours in proportion; nothing for no numbers.
    ///
    /// # Errors
    /// When there was no room.
    pub fn interquartile_range(&self) -> Result<Option<f64>, Unkept> {
        let all = self.all.as_ref().ok_or(Unkept::Full)?;
        let mut sorted: Vec<f64> = all.iter().map(|bits| f64::from_bits(*bits)).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok((!sorted.is_empty()).then(|| quantile(&sorted, 0.75) - quantile(&sorted, 0.25)))
    }
}

/// The value below which so large a part of the (sorted, not empty) values lies, between two neighbours in proportion.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters() {
        let of = |numbers: &[f64], most: usize| {
            let mut kept = Numbers { most, all: Some(Vec::new()) };
            numbers.iter().for_each(|number| kept.add(*number));
            kept.interquartile_range()
        };
        assert_eq!(of(&[5.0, 1.0, 3.0, 2.0, 4.0], 9), Ok(Some(2.0)));
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0], 4), Ok(Some(1.5)));
        assert_eq!(of(&[7.0], 1), Ok(Some(0.0)));
        assert_eq!(of(&[], 0), Ok(None));
        assert_eq!(of(&[1.0, 2.0], 1), Err(Unkept::Full));
    }
}
