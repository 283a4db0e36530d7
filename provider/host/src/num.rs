//! [`Num`]: a number as Terraform has it.
//!
//! Terraform's numbers are decimals of 512 bits. It sends one that fits as an integer or a float, and any
//! other (0.1 is none in binary) as a *string*; a plan must give back the same number to the last digit.
//! So a `Num` keeps the decimal text.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An integer or decimal, kept exactly.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Num(String);

/// A text that is not a finite decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a finite decimal number")]
pub struct NotANumber(String);

impl Num {
    /// The number of a float, in the shortest decimal that means it; `None` for what is not finite.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // An integer is printed in full: the shortest form would round 2^70.
        let text = if value.fract() == 0.0 { format!("{value:.0}") } else { value.to_string() };
        Some(Self(canonical(&text)))
    }

    /// The integer, if it is one of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest float.
    pub fn as_f64(&self) -> f64 {
        // The text was parsed as a float when it was taken in, so the fallback is never used.
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The decimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One spelling for equal decimals: no plus sign, no trailing zeros of a fraction, no negative zero.
fn canonical(text: &str) -> String {
    let text = text.strip_prefix('+').unwrap_or(text);
    let text = match text.contains('.') && !text.contains(['e', 'E']) {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    match text.parse::<i64>() {
        Ok(integer) => integer.to_string(),
        Err(_) => text.to_owned(),
    }
}

impl FromStr for Num {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        match text.parse::<f64>() {
            // Letters other than an exponent's spell infinity or "not a number"; a parsed infinity is a
            // decimal beyond a float's range, which is kept.
            Ok(_) if !text.contains(['n', 'N']) => Ok(Self(canonical(text))),
            _ => Err(NotANumber(text.to_owned())),
        }
    }
}

impl From<i64> for Num {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<i32> for Num {
    fn from(value: i32) -> Self {
        Self(value.to_string())
    }
}

impl From<u32> for Num {
    fn from(value: u32) -> Self {
        Self(value.to_string())
    }
}

impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Num {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_i64() {
            Some(integer) => serializer.serialize_i64(integer),
            None => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumVisitor)
    }
}

struct NumVisitor;

impl Visitor<'_> for NumVisitor {
    type Value = Num;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Num, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Num, E> {
        Ok(Num(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Num, E> {
        Num::from_f64(value).ok_or_else(|| E::custom("a finite number is required"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Num, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Val;

    #[test]
    fn every_number_comes_back_to_the_last_digit() {
        for text in [
            "0",
            "-1",
            "9223372036854775807",
            "18446744073709551615",
            "0.1",
            "-0.25",
            "0.3333333333333333333333333333333333",
            "1000000000000000000000000000000",
        ] {
            let num: Num = text.parse().unwrap();
            let bytes = rmp_serde::to_vec(&Val::Known(num.clone())).unwrap();
            assert_eq!(rmp_serde::from_slice::<Val<Num>>(&bytes).unwrap(), Val::Known(num), "{text}");
        }
    }

    #[test]
    fn what_terraform_sends_is_read() {
        let read = |bytes: Vec<u8>| rmp_serde::from_slice::<Num>(&bytes).map(|num| num.to_string());
        assert_eq!(read(rmp_serde::to_vec("0.1").unwrap()).unwrap(), "0.1");
        assert_eq!(read(rmp_serde::to_vec(&0.5).unwrap()).unwrap(), "0.5");
        assert_eq!(read(rmp_serde::to_vec(&2f64.powi(70)).unwrap()).unwrap(), "1180591620717411303424");
        assert!(read(rmp_serde::to_vec("ten").unwrap()).is_err());
        assert!(read(rmp_serde::to_vec(&f64::INFINITY).unwrap()).is_err());
    }

    #[test]
    fn equal_numbers_are_equal_however_spelled() {
        let num = |text: &str| text.parse::<Num>().unwrap();
        assert_eq!(num("1.50"), num("+1.5"));
        assert_eq!(num("3.0"), Num::from(3));
        assert_eq!(Num::from_f64(-0.0), Some(Num::from(0)));
        assert_eq!((num("7").as_i64(), num("7.5").as_i64(), num("7.5").as_f64()), (Some(7), None, 7.5));
        assert!("inf".parse::<Num>().is_err() && "NaN".parse::<Num>().is_err() && "".parse::<Num>().is_err());
    }
}
