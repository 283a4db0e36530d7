//! Sums and moments of numbers, kept so that parts can be merged (Welford; Chan; Pébay for the higher ones).

use serde::{Deserialize, Serialize};

/// What is known of the numbers of one column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Moments {
    /// How many numbers.
    pub count: u64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
    /// Smallest.
    pub minimum: Option<f64>,
    /// Largest.
    pub maximum: Option<f64>,
    /// How many are nought.
    pub zeros: u64,
    /// Exact sum of the whole numbers.
    whole: i128,
    /// Sum of the others, with what rounding lost.
    fraction: f64,
    lost: f64,
}

/// Moments as they are written down: floats by their bits, since a decimal may be read as its neighbour.
#[derive(Serialize, Deserialize)]
struct Written {
    count: u64,
    zeros: u64,
    /// As text: JSON has no numbers of this size.
    whole: String,
    floats: [u64; 6],
    ends: Option<[u64; 2]>,
}

impl From<Moments> for Written {
    fn from(moments: Moments) -> Self {
        let m = &moments;
        let floats = [m.mean, m.second, m.third, m.fourth, m.fraction, m.lost].map(f64::to_bits);
        let ends = m.minimum.zip(m.maximum).map(|(minimum, maximum)| [minimum, maximum].map(f64::to_bits));
        Self { count: m.count, zeros: m.zeros, whole: m.whole.to_string(), floats, ends }
    }
}

impl From<Written> for Moments {
    fn from(written: Written) -> Self {
        let [mean, second, third, fourth, fraction, lost] = written.floats.map(f64::from_bits);
        let [minimum, maximum] = written.ends.map_or([None, None], |ends| ends.map(f64::from_bits).map(Some));
        let whole = written.whole.parse().unwrap_or_default();
        let (count, zeros) = (written.count, written.zeros);
        Self { count, mean, second, third, fourth, minimum, maximum, zeros, whole, fraction, lost }
    }
}

impl Moments {
    /// Adds a whole number.
    pub fn add_whole(&mut self, number: i64) {
        self.whole += i128::from(number);
        self.add(number as f64);
    }

    /// Adds any other number.
    pub fn add_float(&mut self, number: f64) {
        self.add_fraction(number);
        self.add(number);
    }

    fn add_fraction(&mut self, number: f64) {
        let sum = self.fraction + number;
        let (large, small) = if self.fraction.abs() >= number.abs() {
            (self.fraction, number)
        } else {
            (number, self.fraction)
        };
        self.lost += (large - sum) + small;
        self.fraction = sum;
    }

    fn add(&mut self, number: f64) {
        let before = self.count as f64;
        self.count += 1;
        let count = self.count as f64;
        let delta = number - self.mean;
        let part = delta / count;
        let term = delta * part * before;
        self.mean += part;
        self.fourth += term * part * part * (count * count - 3.0 * count + 3.0)
            + 6.0 * part * part * self.second
            - 4.0 * part * self.third;
        self.third += term * part * (count - 2.0) - 3.0 * part * self.second;
        self.second += term;
        self.minimum = Some(self.minimum.map_or(number, |minimum| minimum.min(number)));
        self.maximum = Some(self.maximum.map_or(number, |maximum| maximum.max(number)));
        self.zeros += u64::from(number == 0.0);
    }

    /// Adds what is known of other numbers.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            self.clone_from(other);
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let n = a + b;
        let delta = other.mean - self.mean;
        let delta2 = delta * delta;
        let fourth = self.fourth
            + other.fourth
            + delta2 * delta2 * a * b * (a * a - a * b + b * b) / (n * n * n)
            + 6.0 * delta2 * (a * a * other.second + b * b * self.second) / (n * n)
            + 4.0 * delta * (a * other.third - b * self.third) / n;
        let third = self.third
            + other.third
            + delta2 * delta * a * b * (a - b) / (n * n)
            + 3.0 * delta * (a * other.second - b * self.second) / n;
        self.second += other.second + delta2 * a * b / n;
        self.third = third;
        self.fourth = fourth;
        self.mean += delta * b / n;
        self.count += other.count;
        self.zeros += other.zeros;
        self.minimum = smaller(self.minimum, other.minimum, f64::min);
        self.maximum = smaller(self.maximum, other.maximum, f64::max);
        self.whole += other.whole;
        self.add_fraction(other.fraction);
        self.lost += other.lost;
    }

    /// The sum, when there are numbers. Of whole numbers it is exact.
    #[must_use]
    pub fn sum(&self) -> Option<f64> {
        (self.count > 0).then_some(self.whole as f64 + (self.fraction + self.lost))
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.sum().map(|sum| sum / self.count as f64)
    }

    /// The variance of the population: divided by how many there are, as Deequ does.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.second / self.count as f64).max(0.0))
    }

    /// The standard deviation of the population.
    #[must_use]
    pub fn deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The skewness; none when all numbers are equal.
    #[must_use]
    pub fn skewness(&self) -> Option<f64> {
        let count = self.count as f64;
        (self.second > 0.0).then(|| count.sqrt() * self.third / self.second.powf(1.5))
    }

    /// The kurtosis in excess of the normal distribution's, as Spark has it; none when all numbers are equal.
    #[must_use]
    pub fn kurtosis(&self) -> Option<f64> {
        let count = self.count as f64;
        (self.second > 0.0).then(|| count * self.fourth / (self.second * self.second) - 3.0)
    }

    /// From smallest to largest.
    #[must_use]
    pub fn range(&self) -> Option<f64> {
        self.maximum.zip(self.minimum).map(|(maximum, minimum)| maximum - minimum)
    }
}

fn smaller(one: Option<f64>, other: Option<f64>, choose: fn(f64, f64) -> f64) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(choose(one, other)),
        (one, other) => one.or(other),
    }
}

/// What is known of pairs of numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "(u64, [u64; 5])", into = "(u64, [u64; 5])")]
pub struct Pairs {
    count: u64,
    mean: [f64; 2],
    second: [f64; 2],
    product: f64,
}

impl From<Pairs> for (u64, [u64; 5]) {
    fn from(pairs: Pairs) -> Self {
        let ([x, y], [xx, yy]) = (pairs.mean, pairs.second);
        (pairs.count, [x, y, xx, yy, pairs.product].map(f64::to_bits))
    }
}

impl From<(u64, [u64; 5])> for Pairs {
    fn from((count, floats): (u64, [u64; 5])) -> Self {
        let [x, y, xx, yy, product] = floats.map(f64::from_bits);
        Self { count, mean: [x, y], second: [xx, yy], product }
    }
}

impl Pairs {
    /// Adds a pair.
    pub fn add(&mut self, x: f64, y: f64) {
        self.count += 1;
        let count = self.count as f64;
        let delta = [x - self.mean[0], y - self.mean[1]];
        self.mean[0] += delta[0] / count;
        self.mean[1] += delta[1] / count;
        self.product += delta[0] * (y - self.mean[1]);
        self.second[0] += delta[0] * (x - self.mean[0]);
        self.second[1] += delta[1] * (y - self.mean[1]);
    }

    /// Adds what is known of other pairs.
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (self.count as f64, other.count as f64);
        if other.count == 0 {
            return;
        }
        let n = a + b;
        let delta = [other.mean[0] - self.mean[0], other.mean[1] - self.mean[1]];
        self.product += other.product + delta[0] * delta[1] * a * b / n;
        for (at, delta) in delta.into_iter().enumerate() {
            self.second[at] += other.second[at] + delta * delta * a * b / n;
            self.mean[at] += delta * b / n;
        }
        self.count += other.count;
    }

    /// Pearson's correlation; none when either column has only one value.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let spread = (self.second[0] * self.second[1]).sqrt();
        (spread > 0.0).then(|| (self.product / spread).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64]) -> Moments {
        let mut moments = Moments::default();
        numbers.iter().for_each(|number| moments.add_float(*number));
        moments
    }

    fn near(one: Option<f64>, other: f64) {
        let one = one.unwrap();
        assert!((one - other).abs() <= 1e-9 * other.abs().max(1.0), "{one} is not {other}");
    }

    /// Worked out by hand from the definitions.
    #[test]
    fn small_sets() {
        let moments = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        near(moments.mean(), 5.0);
        near(moments.variance(), 4.0);
        near(moments.deviation(), 2.0);
        near(moments.sum(), 40.0);
        near(moments.range(), 7.0);
        // Third central moment 42/8, fourth 356/8.
        near(moments.skewness(), 5.25 / 8.0);
        near(moments.kurtosis(), 44.5 / 16.0 - 3.0);
        assert_eq!(of(&[]).mean(), None);
        assert_eq!(of(&[3.0, 3.0]).skewness(), None);
        near(of(&[3.0]).variance(), 0.0);
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let numbers: Vec<f64> = (0..200).map(|n| f64::from((n * 7_919) % 1_009) / 7.0 - 30.0).collect();
        let whole = of(&numbers);
        for cut in [0, 1, 77, 199, 200] {
            let mut part = of(&numbers[..cut]);
            part.merge(&of(&numbers[cut..]));
            assert_eq!((part.count, part.minimum, part.maximum), (whole.count, whole.minimum, whole.maximum));
            for (one, other) in [
                (part.sum(), whole.sum()),
                (part.variance(), whole.variance()),
                (part.skewness(), whole.skewness()),
                (part.kurtosis(), whole.kurtosis()),
            ] {
                near(one, other.unwrap());
            }
        }
    }

    #[test]
    fn sums_of_whole_numbers_are_exact_and_others_are_compensated() {
        let mut moments = Moments::default();
        moments.add_whole(i64::MAX);
        moments.add_whole(-i64::MAX);
        moments.add_whole(1);
        assert_eq!(moments.sum(), Some(1.0));
        assert_eq!(of(&[1e100, 1.0, -1e100]).sum(), Some(1.0));
    }

    #[test]
    fn correlations() {
        let of = |pairs: &[(f64, f64)]| {
            let mut all = Pairs::default();
            pairs.iter().for_each(|(x, y)| all.add(*x, *y));
            all
        };
        near(of(&[(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]).correlation(), 1.0);
        near(of(&[(1.0, 6.0), (2.0, 4.0), (3.0, 2.0)]).correlation(), -1.0);
        near(of(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)]).correlation(), 0.5);
        assert_eq!(of(&[(1.0, 1.0), (1.0, 2.0)]).correlation(), None);
        let pairs: Vec<(f64, f64)> = (0..50).map(|n| (f64::from(n), f64::from((n * 13) % 17))).collect();
        let mut part = of(&pairs[..20]);
        part.merge(&of(&pairs[20..]));
        near(part.correlation(), of(&pairs).correlation().unwrap());
    }
}
