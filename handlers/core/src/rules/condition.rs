//! Conditions on one value.

use super::Value;
use crate::columns::{Pattern, parse_date, parse_timestamp};
use crate::dqdl::{self, Comparison, Literal};
use crate::spec::ColumnType;

/// What a value must satisfy.
#[derive(Debug)]
pub enum Condition {
    /// Not null.
    Complete,
    /// The whole text matches (or, negated, does not).
    Matches(Pattern, bool),
    /// A comparison; numbers, days and instants by size, texts by equality and order.
    Compare(Comparison, Literal),
    /// Strictly between two ends, or (negated) not.
    Between(dqdl::Range),
    /// One of these, or (negated) none of them.
    In(Vec<Literal>, bool),
    /// At least this number, inclusive.
    AtLeast(f64),
    /// At most this number, inclusive.
    AtMost(f64),
    /// The length in characters satisfies the condition.
    Length(Box<Condition>),
}

impl Condition {
    /// Compiles a condition of the rule language.
    ///
    /// # Errors
    /// When a pattern does not compile; the parser has refused such texts already.
    pub fn compile(condition: &dqdl::Condition, column_type: ColumnType) -> Result<Self, String> {
        let literal = |value: &Literal| typed(value, column_type);
        Ok(match condition {
            dqdl::Condition::Compare(comparison, value) => Self::Compare(*comparison, literal(value)),
            dqdl::Condition::Between(range) => Self::Between(dqdl::Range {
                negated: range.negated,
                low: literal(&range.low),
                high: literal(&range.high),
            }),
            dqdl::Condition::In { negated, values } => {
                Self::In(values.iter().map(literal).collect(), *negated)
            }
            dqdl::Condition::Matches { negated, pattern } => {
                Self::Matches(Pattern::compile(pattern)?, *negated)
            }
        })
    }

    /// Whether the value satisfies it. As in Glue, null satisfies only `= NULL`, `!=`, `not in` and `not matches`.
    #[must_use]
    pub fn holds(&self, value: &Value<'_>) -> bool {
        match self {
            Self::Complete => *value != Value::Null,
            Self::Matches(pattern, negated) => match text(value) {
                Some(text) => pattern.matches(text) != *negated,
                None => *negated,
            },
            Self::Compare(comparison, literal) => compare(*comparison, value, literal),
            Self::Between(range) => {
                let inside = compare(Comparison::Greater, value, &range.low)
                    && compare(Comparison::Less, value, &range.high);
                inside != range.negated && *value != Value::Null && *value != Value::Mistyped
            }
            Self::In(list, negated) => list.iter().any(|literal| equals(value, literal)) != *negated,
            Self::AtLeast(minimum) => number(value).is_some_and(|number| number >= *minimum),
            Self::AtMost(maximum) => number(value).is_some_and(|number| number <= *maximum),
            Self::Length(condition) => match text(value) {
                Some(text) => {
                    condition.holds(&Value::Bigint(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)))
                }
                None => false,
            },
        }
    }
}

/// A literal as values of the type are compared: days and instants as numbers.
fn typed(literal: &Literal, column_type: ColumnType) -> Literal {
    let Literal::Text(text) = literal else { return literal.clone() };
    let number = match column_type {
        ColumnType::Date => parse_date(text).map(|days| days.to_string()),
        ColumnType::Timestamp => parse_timestamp(text)
            .or_else(|| Some(i64::from(parse_date(text)?) * 86_400_000))
            .map(|milliseconds| milliseconds.to_string()),
        _ => None,
    };
    number.map_or_else(|| literal.clone(), Literal::Number)
}

fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        // Precise up to 2^53; whole numbers are compared as such in `compare`.
        Value::Bigint(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Date(days) => Some(f64::from(*days)),
        Value::Timestamp(milliseconds) => Some(*milliseconds as f64),
        Value::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

fn text<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value {
        Value::Text(text) | Value::Json(text) => Some(text),
        _ => None,
    }
}

fn equals(value: &Value<'_>, literal: &Literal) -> bool {
    match literal {
        Literal::Null => *value == Value::Null,
        Literal::Empty => text(value) == Some(""),
        Literal::WhitespacesOnly => {
            text(value).is_some_and(|text| !text.is_empty() && text.trim().is_empty())
        }
        Literal::Text(wanted) => match value {
            Value::Boolean(found) => wanted.as_str() == if *found { "true" } else { "false" },
            other => text(other) == Some(wanted.as_str()),
        },
        Literal::Number(wanted) => match (value, wanted.parse::<i64>()) {
            (Value::Bigint(found), Ok(wanted)) => *found == wanted,
            _ => number(value).zip(literal.number()).is_some_and(|(found, wanted)| found == wanted),
        },
    }
}

fn compare(comparison: Comparison, value: &Value<'_>, literal: &Literal) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match comparison {
        Comparison::Equal => return equals(value, literal),
        Comparison::NotEqual => return !equals(value, literal),
        _ => {}
    }
    let order = match (literal, value) {
        (Literal::Number(wanted), Value::Bigint(found)) if wanted.parse::<i64>().is_ok() => {
            wanted.parse::<i64>().ok().map(|wanted| found.cmp(&wanted))
        }
        (Literal::Number(_), _) => {
            number(value).zip(literal.number()).and_then(|(found, wanted)| found.partial_cmp(&wanted))
        }
        (Literal::Text(wanted), _) => text(value).map(|found| found.cmp(wanted.as_str())),
        _ => None,
    };
    match comparison {
        Comparison::Greater => order == Some(Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Greater | Equal)),
        Comparison::Less => order == Some(Less),
        _ => matches!(order, Some(Less | Equal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule text after the column, value, outcome.
    #[test]
    fn semantics() {
        use Value::{Bigint, Boolean, Double, Mistyped, Null, Text};
        let cases: &[(&str, Value<'_>, bool)] = &[
            ("= 5", Bigint(5), true),
            ("= 5", Double(5.0), true),
            ("= 5", Text("5"), true),
            ("!= 5", Null, true),
            ("= 5", Null, false),
            ("> 5", Null, false),
            ("> 9007199254740992", Bigint(9_007_199_254_740_993), true),
            ("between 1 and 3", Bigint(1), false),
            ("between 1 and 3", Bigint(2), true),
            ("between 1 and 3", Bigint(3), false),
            ("not between 1 and 3", Bigint(1), true),
            ("not between 1 and 3", Bigint(2), false),
            ("not between 1 and 3", Null, false),
            ("in [1, 2]", Bigint(2), true),
            ("in [\"a\", NULL]", Null, true),
            ("in [\"a\"]", Null, false),
            ("not in [\"a\"]", Null, true),
            ("not in [\"a\"]", Text("a"), false),
            ("in [EMPTY]", Text(""), true),
            ("in [EMPTY]", Null, false),
            ("= EMPTY", Text(" "), false),
            ("= WHITESPACES_ONLY", Text(" "), true),
            ("= WHITESPACES_ONLY", Text(""), false),
            ("!= NULL", Text("x"), true),
            ("= NULL", Null, true),
            ("matches \"a+\"", Text("aa"), true),
            ("matches \"a+\"", Text("aab"), false),
            ("matches \"a+\"", Null, false),
            ("not matches \"a+\"", Null, true),
            ("not matches \"a+\"", Text("b"), true),
            ("= \"true\"", Boolean(true), true),
            ("> \"b\"", Text("c"), true),
            ("> 1", Mistyped, false),
            ("<= 1.5", Double(1.5), true),
            (">= -1", Bigint(-1), true),
            ("< 0", Double(f64::NAN), false),
        ];
        for (rule, value, expected) in cases {
            let parsed = dqdl::parse(&format!("Rules = [ ColumnValues \"c\" {rule} ]")).unwrap();
            let dqdl::RuleExpression::Rule(rule_tree) = &parsed.rules[0] else { unreachable!() };
            let condition =
                Condition::compile(rule_tree.condition.as_ref().unwrap(), ColumnType::String).unwrap();
            assert_eq!(condition.holds(value), *expected, "{rule} on {value:?}");
        }
    }

    #[test]
    fn days_and_instants_compare_with_texts() {
        let condition = |text: &str, column_type| {
            let parsed = dqdl::parse(&format!("Rules = [ ColumnValues \"c\" {text} ]")).unwrap();
            let dqdl::RuleExpression::Rule(rule) = parsed.rules.into_iter().next().unwrap() else {
                unreachable!()
            };
            Condition::compile(&rule.condition.unwrap(), column_type).unwrap()
        };
        assert!(condition("> \"1970-01-01\"", ColumnType::Date).holds(&Value::Date(1)));
        assert!(!condition("> \"1970-01-01\"", ColumnType::Date).holds(&Value::Date(0)));
        assert!(
            condition("= \"1970-01-01T00:00:01Z\"", ColumnType::Timestamp).holds(&Value::Timestamp(1_000))
        );
        assert!(condition("< \"1970-01-02\"", ColumnType::Timestamp).holds(&Value::Timestamp(1_000)));
    }
}
