//! One thing that a value may be.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::wildcard::Wildcard;

/// One thing that a value may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// A text, a number, true, false or null.
    Exact(Value),
    /// Begins with a text.
    Prefix(Text),
    /// Ends with a text.
    Suffix(Text),
    /// Is a text in any case.
    IgnoringCase(String),
    /// Is like a text with `*`.
    Wildcard(Wildcard),
    /// Is nothing of these; there has to be a value.
    AnythingBut(Vec<Matcher>),
    /// A number within bounds.
    Numeric(Vec<(Bound, f64)>),
    /// There is a value, or there is none.
    Exists(bool),
    /// An address within a network.
    Cidr(IpAddr, u8),
}

/// A part of a text, perhaps in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    text: String,
    ignores_case: bool,
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Matcher {
    /// Reads an element of a pattern's list.
    pub fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(object) => {
                let (word, value) = only(object)?;
                Self::named(word, value)
            }
            Value::Array(_) => Err("a list within a list means nothing".to_owned()),
            exact => Ok(Self::Exact(exact.clone())),
        }
    }

    fn named(word: &str, value: &Value) -> Result<Self, String> {
        match (word, value) {
            ("prefix", value) => Ok(Self::Prefix(Text::read(word, value)?)),
            ("suffix", value) => Ok(Self::Suffix(Text::read(word, value)?)),
            ("equals-ignore-case", Value::String(text)) => Ok(Self::IgnoringCase(text.to_lowercase())),
            ("wildcard", Value::String(text)) => Ok(Self::Wildcard(Wildcard::read(text)?)),
            ("exists", Value::Bool(wanted)) => Ok(Self::Exists(*wanted)),
            ("numeric", Value::Array(list)) => numeric(list).map(Self::Numeric),
            ("cidr", Value::String(text)) => cidr(text),
            ("anything-but", value) => anything_but(value).map(Self::AnythingBut),
            ("equals-ignore-case" | "wildcard" | "exists" | "numeric" | "cidr", other) => {
                Err(format!("`{word}` cannot be {other}"))
            }
            _ => Err(format!(
                "`{word}` is none of prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists, cidr"
            )),
        }
    }

    /// Whether a value, which is no list and no object, is that.
    pub fn matches(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Exact(Value::Number(wanted)) => {
                value.as_f64().is_some_and(|it| Some(it) == wanted.as_f64())
            }
            Self::Exact(wanted) => wanted == value,
            Self::Prefix(part) => text.is_some_and(|text| part.begins(text)),
            Self::Suffix(part) => text.is_some_and(|text| part.ends(text)),
            Self::IgnoringCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
            Self::Wildcard(wildcard) => text.is_some_and(|text| wildcard.matches(text)),
            Self::AnythingBut(others) => !others.iter().any(|other| other.matches(value)),
            Self::Numeric(bounds) => value
                .as_f64()
                .is_some_and(|value| bounds.iter().all(|(bound, limit)| bound.holds(value, *limit))),
            Self::Exists(wanted) => *wanted,
            Self::Cidr(network, bits) => text
                .and_then(|text| text.parse().ok())
                .is_some_and(|address| masked(address, *bits) == masked(*network, *bits)),
        }
    }
}

impl Text {
    fn read(word: &str, value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) if !text.is_empty() => Ok(Self { text: text.clone(), ignores_case: false }),
            Value::Object(object) => match only(object)? {
                ("equals-ignore-case", Value::String(text)) => {
                    Ok(Self { text: text.to_lowercase(), ignores_case: true })
                }
                _ => Err(format!("`{word}` takes a text or `equals-ignore-case`")),
            },
            other => Err(format!("`{word}` cannot be {other}")),
        }
    }

    fn begins(&self, text: &str) -> bool {
        if self.ignores_case {
            text.to_lowercase().starts_with(&self.text)
        } else {
            text.starts_with(&self.text)
        }
    }

    fn ends(&self, text: &str) -> bool {
        if self.ignores_case { text.to_lowercase().ends_with(&self.text) } else { text.ends_with(&self.text) }
    }
}

impl Bound {
    #[allow(clippy::float_cmp)]
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Equal => value == limit,
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }
}

/// The only member of an object.
fn only(object: &Map<String, Value>) -> Result<(&str, &Value), String> {
    match object.iter().next() {
        Some((word, value)) if object.len() == 1 => Ok((word, value)),
        _ => Err("a condition is an object of one member, such as {\"prefix\": \"a\"}".to_owned()),
    }
}

/// `anything-but`: a value or several, or one of the conditions on texts with one text or several.
fn anything_but(value: &Value) -> Result<Vec<Matcher>, String> {
    let several = |value: &Value| match value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let matchers: Result<Vec<Matcher>, String> = match value {
        Value::Object(object) => {
            let (word, value) = only(object)?;
            if !matches!(word, "prefix" | "suffix" | "equals-ignore-case" | "wildcard") {
                return Err(format!("`anything-but` cannot hold `{word}`"));
            }
            several(value).iter().map(|value| Matcher::named(word, value)).collect()
        }
        value => several(value)
            .iter()
            .map(|value| match value {
                Value::String(_) | Value::Number(_) => Ok(Matcher::Exact(value.clone())),
                other => Err(format!("`anything-but` takes texts and numbers, not {other}")),
            })
            .collect(),
    };
    let matchers = matchers?;
    if matchers.is_empty() { Err("`anything-but` needs a value".to_owned()) } else { Ok(matchers) }
}

/// `["=", 5]`, `[">", 0, "<=", 5]`.
fn numeric(list: &[Value]) -> Result<Vec<(Bound, f64)>, String> {
    let wrong = || {
        "`numeric` is a comparison and a number, or a lower and an upper bound: [\">\", 0, \"<=\", 5]"
            .to_owned()
    };
    let (pairs, rest) = list.as_chunks::<2>();
    let pairs = pairs.iter().map(|[word, limit]| {
        let bound = match word.as_str() {
            Some("=") => Bound::Equal,
            Some("<") => Bound::Less,
            Some("<=") => Bound::LessOrEqual,
            Some(">") => Bound::Greater,
            Some(">=") => Bound::GreaterOrEqual,
            _ => return Err(wrong()),
        };
        Ok((bound, limit.as_f64().ok_or_else(wrong)?))
    });
    let pairs: Vec<(Bound, f64)> = pairs.collect::<Result<_, _>>()?;
    let upper = |bound: Bound| matches!(bound, Bound::Less | Bound::LessOrEqual);
    let lower = |bound: Bound| matches!(bound, Bound::Greater | Bound::GreaterOrEqual);
    let right = match pairs.as_slice() {
        [_] => true,
        [(from, least), (to, most)] => lower(*from) && upper(*to) && least < most,
        _ => false,
    };
    if right && rest.is_empty() { Ok(pairs) } else { Err(wrong()) }
}

fn cidr(text: &str) -> Result<Matcher, String> {
    let parsed = text.split_once('/').and_then(|(address, bits)| {
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse::<u8>().ok().filter(|bits| *bits <= most)?;
        Some(Matcher::Cidr(address, bits))
    });
    parsed.ok_or_else(|| format!("`{text}` is not a network such as 10.0.0.0/24"))
}

/// The first bits of an address; those of the two families never are the same.
fn masked(address: IpAddr, bits: u8) -> (bool, u128) {
    let (value, length) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    (address.is_ipv4(), value.checked_shr(length - u32::from(bits)).unwrap_or(0))
}
