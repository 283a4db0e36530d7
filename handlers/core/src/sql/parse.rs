//! Tokens to a tree.

mod values;

use super::SqlError;
use super::ast::{Aggregate, Expression, Function, Operator, Predicate, Projection, Statement};
use super::lexer::{Token, tokens};
use crate::dqdl::Comparison;

/// How deep a predicate may be nested.
const DEEPEST: usize = 24;
/// Most parts in a row: the tree of arithmetic is as deep as it is long.
const MOST_PARTS: usize = 64;
/// Words that cannot be names of columns.
const RESERVED: [&str; 13] =
    ["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "select", "from", "where"];

pub use values::{parse_condition, parse_selection, parse_value};

type Parsed<T> = Result<T, SqlError>;

/// Parses the predicate of a `where`.
///
/// # Errors
/// The first fault.
pub fn parse_predicate(text: &str) -> Parsed<Predicate> {
    let mut parser = Parser::new(text, false)?;
    let predicate = parser.either(0)?;
    parser.end()?;
    Ok(predicate)
}

/// Parses the statement of a `CustomSql`.
///
/// # Errors
/// The first fault.
pub fn parse_statement(text: &str) -> Parsed<Statement> {
    let mut parser = Parser::new(text, false)?;
    parser.keyword("select")?;
    let projection = parser.projection()?;
    parser.keyword("from")?;
    parser.keyword("primary")?;
    let filter = if parser.take("where") { Some(parser.either(0)?) } else { None };
    parser.end()?;
    Ok(Statement { projection, filter })
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    /// Whether everything that expressions of transforms have is understood, or only what rules have.
    values: bool,
}

impl Parser {
    fn new(text: &str, values: bool) -> Parsed<Self> {
        Ok(Self { tokens: tokens(text)?, at: 0, values })
    }

    fn token(&self) -> &Token {
        // The last token is `End` and is never passed.
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn ahead(&self) -> &Token {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].0
    }

    fn offset(&self) -> usize {
        self.tokens[self.at.min(self.tokens.len() - 1)].1
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn is(&self, word: &str) -> bool {
        matches!(self.token(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.is(word);
        if found {
            self.advance();
        }
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.token(), Token::Sign(found) if *found == sign);
        if found {
            self.advance();
        }
        found
    }

    fn keyword(&mut self, word: &str) -> Parsed<()> {
        if self.take(word) { Ok(()) } else { self.expected(&format!("`{word}`")) }
    }

    fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { self.expected(&format!("`{sign}`")) }
    }

    fn end(&mut self) -> Parsed<()> {
        if *self.token() == Token::End { Ok(()) } else { self.expected("`AND`, `OR` or the end") }
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        self.fail(format!("expected {what}, found {}", self.token().describe()))
    }

    fn fail<T>(&self, message: String) -> Parsed<T> {
        Err(SqlError { offset: self.offset(), message })
    }

    fn either(&mut self, depth: usize) -> Parsed<Predicate> {
        if depth > DEEPEST {
            return self.fail(format!("the predicate is nested more than {DEEPEST} deep"));
        }
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Predicate::Or(parts) })
    }

    fn all(&mut self, depth: usize) -> Parsed<Predicate> {
        let mut parts = vec![self.negation(depth)?];
        while self.take("and") {
            parts.push(self.negation(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Predicate::And(parts) })
    }

    fn negation(&mut self, depth: usize) -> Parsed<Predicate> {
        if self.take("not") {
            if depth > DEEPEST {
                return self.fail(format!("the predicate is nested more than {DEEPEST} deep"));
            }
            return Ok(Predicate::Not(Box::new(self.negation(depth + 1)?)));
        }
        if matches!(self.token(), Token::Sign("(")) {
            // A parenthesis may hold a predicate or only the first part of a comparison.
            let start = self.at;
            let first = self.parenthesized(depth);
            if first.is_ok() && !self.comparison_begins() {
                return first;
            }
            self.at = start;
            // Of two readings that fail, the one that came further says more.
            return match (self.comparison(depth), first) {
                (Err(second), Err(first)) if first.offset > second.offset => Err(first),
                (second, _) => second,
            };
        }
        self.comparison(depth)
    }

    fn parenthesized(&mut self, depth: usize) -> Parsed<Predicate> {
        self.sign("(")?;
        let inner = self.either(depth + 1)?;
        if self.take_sign(")") { Ok(inner) } else { self.expected("`AND`, `OR` or `)`") }
    }

    fn comparison_begins(&self) -> bool {
        match self.token() {
            Token::Sign(sign) => !matches!(*sign, ")" | "(" | ","),
            Token::Word(_) => ["in", "between", "like", "is", "not"].iter().any(|word| self.is(word)),
            _ => false,
        }
    }

    fn comparison(&mut self, depth: usize) -> Parsed<Predicate> {
        let start = self.offset();
        let left = self.value(depth)?;
        let signs = [
            ("=", Comparison::Equal),
            ("==", Comparison::Equal),
            ("<>", Comparison::NotEqual),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (sign, comparison) in signs {
            if self.take_sign(sign) {
                return Ok(Predicate::Compare(left, comparison, self.value(depth)?));
            }
        }
        if self.take("is") {
            let negated = self.take("not");
            self.keyword("null")?;
            return Ok(Predicate::IsNull(left, negated));
        }
        let negated = self.take("not");
        if self.take("in") {
            return Ok(Predicate::In(left, self.list(depth)?, negated));
        }
        if self.take("between") {
            let low = self.value(depth)?;
            self.keyword("and")?;
            return Ok(Predicate::Between(left, low, self.value(depth)?, negated));
        }
        if self.take("like") {
            let Token::Text(pattern) = self.token().clone() else {
                return self.expected("a text after `LIKE`");
            };
            self.advance();
            return Ok(Predicate::Like(left, pattern, negated));
        }
        if negated {
            return self.expected("`IN`, `BETWEEN` or `LIKE` after `NOT`");
        }
        match left {
            Expression::Column(..) | Expression::Boolean(_) => Ok(Predicate::Holds(left)),
            // Its type says whether it is a boolean, and types are known later.
            _ if self.values => Ok(Predicate::Holds(left)),
            _ if *self.token() == Token::End || matches!(self.token(), Token::Sign(")")) => Err(SqlError {
                offset: start,
                message: "expected a comparison, found only a value".to_owned(),
            }),
            _ => self.expected("a comparison (=, <>, <, <=, >, >=, IN, BETWEEN, LIKE, IS NULL)"),
        }
    }

    fn list(&mut self, depth: usize) -> Parsed<Vec<Expression>> {
        self.sign("(")?;
        if self.is("select") {
            return self.fail("a query within a query is not supported".to_owned());
        }
        let mut list = vec![self.value(depth)?];
        while self.take_sign(",") {
            list.push(self.value(depth)?);
        }
        if self.take_sign(")") { Ok(list) } else { self.expected("`,` or `)`") }
    }

    fn sum(&mut self, depth: usize) -> Parsed<Expression> {
        self.chain(depth, &[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self, depth: usize) -> Parsed<Expression> {
        let signs = [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.chain(depth, &signs, Self::atom)
    }

    fn chain(
        &mut self,
        depth: usize,
        signs: &[(&str, Operator)],
        part: fn(&mut Self, usize) -> Parsed<Expression>,
    ) -> Parsed<Expression> {
        let mut left = part(self, depth)?;
        for _ in 0..MOST_PARTS {
            let Some((_, operator)) = signs.iter().find(|(sign, _)| self.take_sign(sign)) else {
                return Ok(left);
            };
            left = Expression::Arithmetic(Box::new(left), *operator, Box::new(part(self, depth)?));
        }
        self.fail(format!("arithmetic may have {MOST_PARTS} parts in a row"))
    }

    fn atom(&mut self, depth: usize) -> Parsed<Expression> {
        if depth > DEEPEST {
            return self.fail(format!("the predicate is nested more than {DEEPEST} deep"));
        }
        let offset = self.offset();
        match self.token().clone() {
            Token::Sign("-") => {
                self.advance();
                Ok(Expression::Negative(Box::new(self.atom(depth + 1)?)))
            }
            Token::Sign("(") => {
                self.advance();
                let inner = self.value(depth + 1)?;
                self.sign(")")?;
                Ok(inner)
            }
            Token::Number(number) => self.taken(Expression::Number(number)),
            Token::Text(text) => self.taken(Expression::Text(text)),
            Token::Name(name) => self.taken(Expression::Column(name, offset)),
            Token::Word(word) => self.word(&word, offset, depth),
            _ => self.expected("a column, a value or `(`"),
        }
    }

    fn taken(&mut self, expression: Expression) -> Parsed<Expression> {
        self.advance();
        Ok(expression)
    }

    fn word(&mut self, word: &str, offset: usize, depth: usize) -> Parsed<Expression> {
        let lower = word.to_ascii_lowercase();
        if *self.ahead() == Token::Sign("(") && !RESERVED.contains(&lower.as_str()) {
            return self.call(word, &lower, depth);
        }
        if self.values
            && let Some(value) = self.special(&lower, depth)?
        {
            return Ok(value);
        }
        match lower.as_str() {
            "null" => self.taken(Expression::Null),
            "true" => self.taken(Expression::Boolean(true)),
            "false" => self.taken(Expression::Boolean(false)),
            "cast" | "try_cast" | "date_trunc" | "extract" if self.values => {
                self.advance();
                self.expected(&format!("`(` after `{word}`"))
            }
            "case" | "cast" | "exists" | "interval" => self.fail(format!("`{word}` is not supported")),
            reserved if RESERVED.contains(&reserved) => self.expected("a column, a value or `(`"),
            _ => self.taken(Expression::Column(column(word), offset)),
        }
    }

    fn call(&mut self, word: &str, lower: &str, depth: usize) -> Parsed<Expression> {
        if self.values
            && let Some(value) = self.special(lower, depth)?
        {
            return Ok(value);
        }
        let known = Function::OF_RULES.iter().chain(Function::OF_VALUES.iter().filter(|_| self.values));
        let Some((_, function, fewest, most)) = known.clone().find(|(name, ..)| *name == lower) else {
            let mut names: Vec<&str> = known.map(|(name, ..)| *name).collect();
            names.retain(|name| *name != "char_length");
            let last = names.pop().unwrap_or_default();
            return self.fail(format!(
                "the function `{word}` is not supported; {} and {last} are",
                names.join(", ")
            ));
        };
        let start = self.offset();
        self.advance();
        self.advance();
        let mut arguments = vec![self.argument(depth + 1)?];
        while self.values && self.take_sign(",") {
            arguments.push(self.argument(depth + 1)?);
        }
        self.sign(")")?;
        if !(*fewest..=*most).contains(&arguments.len()) {
            let message = format!("`{word}` does not take {} arguments", arguments.len());
            return Err(SqlError { offset: start, message });
        }
        Ok(Expression::Call(*function, arguments))
    }

    fn argument(&mut self, depth: usize) -> Parsed<Expression> {
        if self.values { self.whole_value(depth) } else { self.value(depth) }
    }

    fn projection(&mut self) -> Parsed<Projection> {
        if self.take_sign("*") {
            return Ok(Projection::All);
        }
        if let Token::Word(word) = self.token().clone()
            && *self.ahead() == Token::Sign("(")
        {
            return self.aggregate(&word);
        }
        let mut columns = vec![self.name()?];
        while self.take_sign(",") {
            columns.push(self.name()?);
        }
        Ok(Projection::Columns(columns))
    }

    fn aggregate(&mut self, word: &str) -> Parsed<Projection> {
        let lower = word.to_ascii_lowercase();
        let Some((_, aggregate)) = Aggregate::WORDS.iter().find(|(name, _)| *name == lower) else {
            return self.fail(format!("`{word}` is not supported; count, sum, avg, min and max are"));
        };
        self.advance();
        self.advance();
        let column =
            if *aggregate == Aggregate::Count && self.take_sign("*") { None } else { Some(self.name()?) };
        self.sign(")")?;
        Ok(Projection::Aggregate(*aggregate, column))
    }

    fn name(&mut self) -> Parsed<(String, usize)> {
        let offset = self.offset();
        let name = match self.token().clone() {
            Token::Name(name) => name,
            Token::Word(word) if !RESERVED.contains(&word.to_ascii_lowercase().as_str()) => column(&word),
            _ => return self.expected("the name of a column"),
        };
        self.advance();
        Ok((name, offset))
    }
}

/// A column's name without the name of the table before it.
fn column(word: &str) -> String {
    match word.split_once('.') {
        Some((table, column)) if table.eq_ignore_ascii_case("primary") => column.to_owned(),
        _ => word.to_owned(),
    }
}
