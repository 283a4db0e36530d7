//! What expressions of transforms have beyond those of rules: `||`, `CASE`, `CAST`, days and instants; and the `SELECT`.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StringDeserializer};

use super::super::ast::{Expression, Function, Item, Predicate, Selection, Unit};
use super::super::lexer::Token;
use super::{MOST_PARTS, Parsed, Parser};
use crate::columns::{parse_date, parse_timestamp};
use crate::dqdl::Comparison;
use crate::spec::ColumnType;

/// What a `SELECT` of SQL may go on with, and why ours does not.
const BEYOND: [(&str, &str); 11] = [
    ("join", "rows of two datasets cannot be joined"),
    ("inner", "rows of two datasets cannot be joined"),
    ("left", "rows of two datasets cannot be joined"),
    ("right", "rows of two datasets cannot be joined"),
    ("cross", "rows of two datasets cannot be joined"),
    ("group", "rows are not grouped: each object is transformed by itself, row by row"),
    ("having", "rows are not grouped: each object is transformed by itself, row by row"),
    ("order", "rows of a table have no order"),
    ("limit", "which rows would be left out depends on how objects arrive"),
    ("union", "one statement reads one dataset"),
    ("distinct", "rows are not compared with each other: each object is transformed by itself, row by row"),
];

/// Parses a value.
///
/// # Errors
/// The first fault.
pub fn parse_value(text: &str) -> Parsed<Expression> {
    let mut parser = Parser::new(text, true)?;
    let value = parser.whole_value(0)?;
    if *parser.token() == Token::End { Ok(value) } else { parser.expected("an operator or the end") }
}

/// Parses a predicate with everything that values have.
///
/// # Errors
/// The first fault.
pub fn parse_condition(text: &str) -> Parsed<Predicate> {
    let mut parser = Parser::new(text, true)?;
    let predicate = parser.either(0)?;
    parser.end()?;
    Ok(predicate)
}

/// Parses `SELECT … FROM … [WHERE …]`.
///
/// # Errors
/// The first fault; for what SQL has and this has not, the reason.
pub fn parse_selection(text: &str) -> Parsed<Selection> {
    let mut parser = Parser::new(text, true)?;
    if parser.is("with") {
        return parser.fail("`WITH` is not supported: one statement reads one dataset".to_owned());
    }
    parser.keyword("select")?;
    parser.beyond()?;
    let mut items = vec![parser.item()?];
    while parser.take_sign(",") {
        items.push(parser.item()?);
    }
    parser.keyword("from")?;
    let table = parser.name()?;
    parser.beyond()?;
    let filter = if parser.take("where") { Some(parser.either(0)?) } else { None };
    parser.beyond()?;
    if *parser.token() == Token::End {
        return Ok(Selection { items, table, filter });
    }
    parser.expected(if filter.is_some() { "`AND`, `OR` or the end" } else { "`WHERE` or the end" })
}

impl Parser {
    /// A sum, or several joined by `||`.
    pub(super) fn value(&mut self, depth: usize) -> Parsed<Expression> {
        let first = self.sum(depth)?;
        if !self.values || !matches!(self.token(), Token::Sign("||")) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_sign("||") {
            if parts.len() == MOST_PARTS {
                return self.fail(format!("`||` may join {MOST_PARTS} parts"));
            }
            parts.push(self.sum(depth)?);
        }
        Ok(Expression::Call(Function::Concat, parts))
    }

    /// A value, which may be a predicate.
    pub(super) fn whole_value(&mut self, depth: usize) -> Parsed<Expression> {
        Ok(match self.either(depth)? {
            Predicate::Holds(value) => value,
            predicate => Expression::Test(Box::new(predicate)),
        })
    }

    /// What begins with a word of its own; none when this does not.
    pub(super) fn special(&mut self, lower: &str, depth: usize) -> Parsed<Option<Expression>> {
        let called = *self.ahead() == Token::Sign("(");
        let literal = matches!(self.ahead(), Token::Text(_));
        Ok(Some(match lower {
            "case" => self.case(depth)?,
            "cast" | "try_cast" if called => self.cast(lower == "try_cast", depth)?,
            "date_trunc" if called => self.truncate(depth)?,
            "extract" if called => self.extract(depth)?,
            "date" if literal => self.literal(parse_date, Expression::Date, "a day such as '2026-01-31'")?,
            "timestamp" if literal => self.literal(
                parse_timestamp,
                Expression::Timestamp,
                "an instant such as '2026-01-31T10:00:00Z'",
            )?,
            _ => return Ok(None),
        }))
    }

    fn case(&mut self, depth: usize) -> Parsed<Expression> {
        self.advance();
        let subject = if self.is("when") { None } else { Some(self.value(depth + 1)?) };
        let mut arms = Vec::new();
        while self.take("when") {
            let test = match &subject {
                Some(subject) => {
                    Predicate::Compare(subject.clone(), Comparison::Equal, self.value(depth + 1)?)
                }
                None => self.either(depth + 1)?,
            };
            self.keyword("then")?;
            arms.push((test, self.whole_value(depth + 1)?));
        }
        if arms.is_empty() {
            return self.expected("`WHEN`");
        }
        let rest = if self.take("else") { Some(Box::new(self.whole_value(depth + 1)?)) } else { None };
        self.keyword("end")?;
        Ok(Expression::Case(arms, rest))
    }

    fn cast(&mut self, forgiving: bool, depth: usize) -> Parsed<Expression> {
        self.advance();
        self.advance();
        let value = self.whole_value(depth + 1)?;
        self.keyword("as")?;
        let column_type = self.column_type()?;
        self.sign(")")?;
        Ok(Expression::Cast(Box::new(value), column_type, forgiving))
    }

    fn column_type(&mut self) -> Parsed<ColumnType> {
        let Token::Word(word) = self.token().clone() else { return self.expected("a type") };
        let lower = word.to_ascii_lowercase();
        let lower = if lower == "varchar" { "string".to_owned() } else { lower };
        let deserializer: StringDeserializer<Error> = lower.into_deserializer();
        match ColumnType::deserialize(deserializer) {
            Ok(column_type) => {
                self.advance();
                Ok(column_type)
            }
            Err(error) => self.fail(error.to_string().replacen("variant", "type", 1)),
        }
    }

    fn truncate(&mut self, depth: usize) -> Parsed<Expression> {
        self.advance();
        self.advance();
        let Token::Text(word) = self.token().clone() else {
            return self.expected("a unit in quotes, such as 'month'");
        };
        let unit = self.unit(&word, Unit::DayOfWeek)?;
        self.sign(",")?;
        let value = self.value(depth + 1)?;
        self.sign(")")?;
        Ok(Expression::Truncate(unit, Box::new(value)))
    }

    fn extract(&mut self, depth: usize) -> Parsed<Expression> {
        self.advance();
        self.advance();
        let Token::Word(word) = self.token().clone() else {
            return self.expected("a unit, such as `month`");
        };
        let unit = self.unit(&word, Unit::Week)?;
        self.keyword("from")?;
        let value = self.value(depth + 1)?;
        self.sign(")")?;
        Ok(Expression::Extract(unit, Box::new(value)))
    }

    fn unit(&mut self, word: &str, unfit: Unit) -> Parsed<Unit> {
        let units = Unit::WORDS.iter().filter(|(_, unit)| *unit != unfit);
        match units.clone().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
            Some((_, unit)) => {
                self.advance();
                Ok(*unit)
            }
            None => {
                let names: Vec<&str> = units.map(|(name, _)| *name).collect();
                self.fail(format!("`{word}` is no unit here; {} are", names.join(", ")))
            }
        }
    }

    fn literal<T>(
        &mut self,
        read: fn(&str) -> Option<T>,
        make: fn(T) -> Expression,
        what: &str,
    ) -> Parsed<Expression> {
        self.advance();
        let Token::Text(text) = self.token().clone() else { return self.expected(what) };
        match read(&text) {
            Some(value) => self.taken(make(value)),
            None => self.fail(format!("this is not {what}")),
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        if self.take_sign("*") {
            return Ok(Item::All);
        }
        let offset = self.offset();
        let value = self.whole_value(0)?;
        if self.take("as") {
            return Ok(Item::Value { value, name: self.name()?.0, offset });
        }
        match &value {
            Expression::Column(name, _) => Ok(Item::Value { name: name.clone(), value, offset }),
            _ => self.expected("`AS` and a name: what is computed needs one"),
        }
    }

    /// Refuses what SQL goes on with here and this does not, with the reason.
    fn beyond(&self) -> Parsed<()> {
        match BEYOND.iter().find(|(word, _)| self.is(word)) {
            Some((word, why)) => {
                self.fail(format!("`{}` is not supported: {why}", word.to_ascii_uppercase()))
            }
            None if matches!(self.token(), Token::Sign(",")) && self.at > 1 => {
                self.fail("several tables are not supported: one statement reads one dataset".to_owned())
            }
            None => Ok(()),
        }
    }
}
