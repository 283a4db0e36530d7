//! Conditions and the values in them.

use super::super::ast::EntryValue;
use super::super::condition::{
    ArithmeticOperator, Comparison, Condition, Duration, DurationUnit, Operand, OperandKind, Range, Size,
    SizeUnit, Values,
};
use super::super::lexer::Kind;
use super::cursor::{Cursor, Parsed};
use crate::columns::{Pattern, parse_date, parse_timestamp};

/// How deep arithmetic may be nested.
const DEEPEST: usize = 16;
/// Most operands of one sum or product: the tree is as deep as it is long.
const MOST_TERMS: usize = 64;
/// Most values of one list.
const MOST_VALUES: usize = 10_000;

impl Cursor {
    /// Whether a condition begins here.
    pub fn condition_begins(&self) -> bool {
        match self.kind() {
            Kind::Sign(sign) => Comparison::ALL.iter().any(|comparison| comparison.sign() == *sign),
            Kind::Word(word) => ["not", "between", "in", "matches"].contains(&word.as_str()),
            _ => false,
        }
    }

    pub fn condition(&mut self) -> Parsed<Condition> {
        if let Some(comparison) =
            Comparison::ALL.into_iter().find(|comparison| self.is_sign(comparison.sign()))
        {
            self.advance();
            return Ok(Condition::Compare(comparison, self.operand()?));
        }
        let negated = self.take_word("not");
        if self.take_word("between") {
            return self.range(negated).map(Condition::Between);
        }
        if self.take_word("in") {
            return Ok(Condition::In { negated, values: self.values()? });
        }
        if self.take_word("matches") {
            let pattern = self.quoted("a quoted regular expression")?;
            if let Err(error) = Pattern::regex(&pattern.text) {
                let message = format!("the regular expression cannot be used: {error}");
                return self.fail_at(&pattern.place.clone(), message);
            }
            return Ok(Condition::Matches { negated, pattern });
        }
        self.expected(if negated {
            "`between`, `in` or `matches` after `not`"
        } else {
            "a condition (=, !=, >, >=, <, <=, between, in, matches)"
        })
    }

    fn range(&mut self, negated: bool) -> Parsed<Range> {
        let low = self.operand()?;
        if !self.take_word("and") && !self.take_word("AND") {
            return self.expected("`and` and the upper end");
        }
        let place = self.place();
        let high = self.operand()?;
        if !of_one_kind(&low, &high) {
            let (low, high) = (low.kind().describe(), high.kind().describe());
            return self
                .fail_at(&place, format!("both ends must be of one kind; these are {low} and {high}"));
        }
        Ok(Range { negated, low, high })
    }

    fn values(&mut self) -> Parsed<Values> {
        if self.is_sign("$") {
            let place = self.place();
            return match self.variable()? {
                (name, EntryValue::List(texts)) => {
                    let values = texts.into_iter().map(Operand::Text).collect();
                    Ok(Values::Variable { name, values })
                }
                (name, EntryValue::Text(_)) => {
                    self.fail_at(&place, format!("`${name}` is one text; `in` needs a list"))
                }
            };
        }
        if !self.is_sign("[") {
            return self.expected("`[` or a variable");
        }
        let mut first: Option<Operand> = None;
        let start = self.place();
        let list = self.list(1, |cursor| {
            let place = cursor.place();
            let value = cursor.operand()?;
            match &first {
                None if value.kind() != OperandKind::Keyword => first = Some(value.clone()),
                Some(first) if !of_one_kind(first, &value) => {
                    let (one, other) = (first.kind().describe(), value.kind().describe());
                    return cursor.fail_at(
                        &place,
                        format!("the values of a list must be of one kind; these are {one} and {other}"),
                    );
                }
                _ => {}
            }
            Ok(value)
        })?;
        if list.len() > MOST_VALUES {
            return self.fail_at(&start, format!("{} values; at most {MOST_VALUES}", list.len()));
        }
        Ok(Values::List(list))
    }

    /// One value; what it is decides the kind of the condition.
    pub fn operand(&mut self) -> Parsed<Operand> {
        if self.now_begins(0) {
            for _ in 0..3 {
                self.advance();
            }
            return Ok(Operand::Now);
        }
        if self.is_sign("(") && self.now_begins(1) {
            return self.now_offset();
        }
        match self.kind().clone() {
            Kind::Text(text) => {
                self.advance();
                Ok(Operand::Text(text))
            }
            Kind::Sign("$") => {
                let place = self.place();
                match self.variable()? {
                    (name, EntryValue::Text(value)) => Ok(Operand::Variable { name, value }),
                    (name, EntryValue::List(_)) => {
                        self.fail_at(&place, format!("`${name}` is a list; expected one value"))
                    }
                }
            }
            Kind::Word(word) => match word.as_str() {
                "NULL" | "null" => self.keyword(Operand::Null),
                "EMPTY" | "empty" => self.keyword(Operand::Empty),
                "WHITESPACES_ONLY" | "whitespaces_only" => self.keyword(Operand::WhitespacesOnly),
                _ => self.number(0),
            },
            Kind::Number(amount) => match self.ahead(1).clone() {
                Kind::Word(unit) => self.with_unit(&amount, &unit),
                _ => self.number(0),
            },
            _ => self.number(0),
        }
    }

    fn keyword(&mut self, operand: Operand) -> Parsed<Operand> {
        self.advance();
        Ok(operand)
    }

    /// `3 days` or `5 MB`; a number that some other word follows stands by itself.
    fn with_unit(&mut self, amount: &str, unit: &str) -> Parsed<Operand> {
        let duration = DurationUnit::WORDS.iter().find(|(word, _)| *word == unit).map(|(_, unit)| *unit);
        let size = SizeUnit::WORDS.iter().find(|(word, _)| *word == unit).map(|(_, unit)| *unit);
        if duration.is_none() && size.is_none() {
            return self.number(0);
        }
        let Ok(amount) = amount.parse() else {
            return self.fail(format!("expected a whole number of {unit} below 4294967296, found {amount}"));
        };
        self.advance();
        self.advance();
        Ok(match (duration, size) {
            (Some(unit), _) => Operand::Duration(Duration { amount, unit }),
            (None, Some(unit)) => Operand::Size(Size { amount, unit }),
            (None, None) => Operand::Null,
        })
    }

    /// Whether `now()` stands so many tokens ahead.
    fn now_begins(&self, ahead: usize) -> bool {
        matches!(self.ahead(ahead), Kind::Word(word) if word == "now")
            && matches!(self.ahead(ahead + 1), Kind::Sign("("))
            && matches!(self.ahead(ahead + 2), Kind::Sign(")"))
    }

    /// `(now() - 3 days)`.
    fn now_offset(&mut self) -> Parsed<Operand> {
        for _ in 0..4 {
            self.advance();
        }
        let later = self.is_sign("+");
        if !later && !self.is_sign("-") {
            return self.expected("`-` or `+` and a duration after `now()`");
        }
        self.advance();
        let place = self.place();
        let Operand::Duration(duration) = self.operand()? else {
            return self.fail_at(
                &place,
                "expected a duration such as `3 days`, `2 hours` or `5 minutes`".to_owned(),
            );
        };
        self.sign(")")?;
        Ok(Operand::NowOffset { later, duration })
    }

    /// Sums of products, as everywhere in arithmetic.
    fn number(&mut self, depth: usize) -> Parsed<Operand> {
        let mut left = self.product(depth)?;
        let mut terms = 1;
        loop {
            let operator = match self.kind() {
                Kind::Sign("+") => ArithmeticOperator::Add,
                Kind::Sign("-") => ArithmeticOperator::Subtract,
                _ => return Ok(left),
            };
            terms += 1;
            if terms > MOST_TERMS {
                return self.fail(format!("arithmetic may have {MOST_TERMS} terms in a row"));
            }
            self.advance();
            left = Operand::Arithmetic(Box::new(left), operator, Box::new(self.product(depth)?));
        }
    }

    fn product(&mut self, depth: usize) -> Parsed<Operand> {
        let mut left = self.atom(depth)?;
        let mut terms = 1;
        loop {
            let operator = match self.kind() {
                Kind::Sign("*") => ArithmeticOperator::Multiply,
                Kind::Sign("/") => ArithmeticOperator::Divide,
                _ => return Ok(left),
            };
            terms += 1;
            if terms > MOST_TERMS {
                return self.fail(format!("arithmetic may have {MOST_TERMS} terms in a row"));
            }
            self.advance();
            left = Operand::Arithmetic(Box::new(left), operator, Box::new(self.atom(depth)?));
        }
    }

    fn atom(&mut self, depth: usize) -> Parsed<Operand> {
        if depth > DEEPEST {
            return self.fail(format!("arithmetic may be nested {DEEPEST} deep"));
        }
        let negative = self.is_sign("-") && matches!(self.ahead(1), Kind::Number(_));
        if negative {
            self.advance();
        }
        match self.kind().clone() {
            Kind::Number(number) => {
                self.advance();
                Ok(Operand::Number(if negative { format!("-{number}") } else { number }))
            }
            Kind::Sign("(") => {
                self.advance();
                let inner = self.number(depth + 1)?;
                self.sign(")")?;
                Ok(Operand::Parenthesized(Box::new(inner)))
            }
            Kind::Word(function) if matches!(self.ahead(1), Kind::Sign("(")) => self.call(function, depth),
            Kind::Word(word) => {
                self.fail(format!("expected a value, found `{word}`; texts are written in quotes"))
            }
            _ => self.expected("a value"),
        }
    }

    fn call(&mut self, function: String, depth: usize) -> Parsed<Operand> {
        self.advance();
        self.advance();
        let mut arguments = Vec::new();
        if self.take_sign(")") {
            return Ok(Operand::Call { function, arguments });
        }
        loop {
            arguments.push(self.number(depth + 1)?);
            if !self.take_sign(",") {
                break;
            }
        }
        if self.take_sign(")") {
            return Ok(Operand::Call { function, arguments });
        }
        self.expected("`,` or `)`")
    }
}

/// Whether two values can stand in one condition; days and times written as texts go with `now()`.
fn of_one_kind(one: &Operand, other: &Operand) -> bool {
    use OperandKind::{Keyword, Moment, Text};
    let moment = |operand: &Operand| {
        operand.text().is_some_and(|text| {
            parse_date(text).is_some() || parse_timestamp(text).is_some() || super::rule::is_time_of_day(text)
        })
    };
    match (one.kind(), other.kind()) {
        (left, right) if left == right => true,
        (Keyword, _) | (_, Keyword) => true,
        (Moment, Text) => moment(other),
        (Text, Moment) => moment(one),
        _ => false,
    }
}
