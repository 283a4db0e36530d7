//! What a measure must satisfy: conditions and the values in them.

use super::ast::Quoted;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `= x`, `> x`, ….
    Compare(Comparison, Operand),
    /// `[not] between low and high`.
    Between(Range),
    /// `[not] in [..]`.
    In {
        /// Whether it is `not in`.
        negated: bool,
        /// The values.
        values: Values,
    },
    /// `[not] matches "regex"`.
    Matches {
        /// Whether it is `not matches`.
        negated: bool,
        /// The regular expression; it must match the whole text.
        pattern: Quoted,
    },
}

/// The values of `in`.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// `[..]`
    List(Vec<Operand>),
    /// `$name`
    Variable {
        /// The name, without `$`.
        name: String,
        /// What it stands for.
        values: Vec<Operand>,
    },
}

impl Values {
    /// The values, whichever way they were written.
    #[must_use]
    pub fn list(&self) -> &[Operand] {
        match self {
            Self::List(values) | Self::Variable { values, .. } => values,
        }
    }
}

/// A range; as in Glue `between` excludes both ends and `not between` includes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Whether it is `not between`.
    pub negated: bool,
    /// Lower end.
    pub low: Operand,
    /// Upper end.
    pub high: Operand,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// Every operator.
    pub const ALL: [Self; 6] =
        [Self::Equal, Self::NotEqual, Self::Greater, Self::GreaterOrEqual, Self::Less, Self::LessOrEqual];

    /// The operator's sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    /// Whether values in this order satisfy it.
    #[must_use]
    pub fn admits(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A number as written, with its sign.
    Number(String),
    /// A text; also a day (`"2026-01-31"`), an instant and a time of day (`"9:30 AM"`, `"21:45"`).
    Text(String),
    /// `$name`, a text.
    Variable {
        /// The name, without `$`.
        name: String,
        /// What it stands for.
        value: String,
    },
    /// `NULL`
    Null,
    /// `EMPTY`
    Empty,
    /// `WHITESPACES_ONLY`
    WhitespacesOnly,
    /// `now()`
    Now,
    /// `(now() - 3 days)`
    NowOffset {
        /// Whether the duration is added.
        later: bool,
        /// How far away.
        duration: Duration,
    },
    /// `3 days`
    Duration(Duration),
    /// `5 MB`
    Size(Size),
    /// `avg(last(10))`
    Call {
        /// The function's name.
        function: String,
        /// Its arguments.
        arguments: Vec<Operand>,
    },
    /// `a + b`
    Arithmetic(Box<Operand>, ArithmeticOperator, Box<Operand>),
    /// `( … )`, kept as written.
    Parenthesized(Box<Operand>),
}

/// `3 days`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: DurationUnit,
}

/// Units of duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationUnit {
    /// 24 hours.
    Days,
    /// 60 minutes.
    Hours,
    /// 60 seconds.
    Minutes,
}

/// `5 MB`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: SizeUnit,
}

/// Units of size; each is 1,024 of the one before, as Glue counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeUnit {
    /// Bytes.
    B,
    /// 1,024 bytes.
    Kb,
    /// 1,024² bytes.
    Mb,
    /// 1,024³ bytes.
    Gb,
    /// 1,024⁴ bytes.
    Tb,
}

/// `+`, `-`, `*`, `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithmeticOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl ArithmeticOperator {
    /// The operator's sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

impl DurationUnit {
    /// Every unit with its word.
    pub const WORDS: [(&'static str, Self); 3] =
        [("days", Self::Days), ("hours", Self::Hours), ("minutes", Self::Minutes)];
}

impl SizeUnit {
    /// Every unit with its word.
    pub const WORDS: [(&'static str, Self); 5] =
        [("B", Self::B), ("KB", Self::Kb), ("MB", Self::Mb), ("GB", Self::Gb), ("TB", Self::Tb)];
}

impl Duration {
    /// The duration in milliseconds.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        let minutes = match self.unit {
            DurationUnit::Days => 1_440,
            DurationUnit::Hours => 60,
            DurationUnit::Minutes => 1,
        };
        i64::from(self.amount) * minutes * 60_000
    }
}

impl Size {
    /// The size in bytes.
    #[must_use]
    pub fn bytes(self) -> f64 {
        f64::from(self.amount) * 1_024_f64.powi(self.unit as i32)
    }
}

/// Kinds of operand; the values of one condition are of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperandKind {
    /// Numbers, arithmetic and calls.
    Number,
    /// Texts.
    Text,
    /// `now()` and what is counted from it; texts that are days or times go with them.
    Moment,
    /// Durations.
    Duration,
    /// Sizes.
    Size,
    /// `NULL`, `EMPTY` and `WHITESPACES_ONLY`, which go with others.
    Keyword,
}

impl OperandKind {
    /// For error messages.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Text => "texts",
            Self::Moment => "dates",
            Self::Duration => "durations",
            Self::Size => "sizes",
            Self::Keyword => "keywords",
        }
    }
}

impl Operand {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> OperandKind {
        match self {
            Self::Number(_) | Self::Call { .. } | Self::Arithmetic(..) => OperandKind::Number,
            Self::Text(_) | Self::Variable { .. } => OperandKind::Text,
            Self::Null | Self::Empty | Self::WhitespacesOnly => OperandKind::Keyword,
            Self::Now | Self::NowOffset { .. } => OperandKind::Moment,
            Self::Duration(_) => OperandKind::Duration,
            Self::Size(_) => OperandKind::Size,
            Self::Parenthesized(inner) => inner.kind(),
        }
    }

    /// The text, for texts.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Variable { value: text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether a function is called anywhere in it.
    #[must_use]
    pub fn has_call(&self) -> bool {
        match self {
            Self::Call { .. } => true,
            Self::Arithmetic(left, _, right) => left.has_call() || right.has_call(),
            Self::Parenthesized(inner) => inner.has_call(),
            _ => false,
        }
    }
}

impl Condition {
    /// Every value in it.
    #[must_use]
    pub fn operands(&self) -> Vec<&Operand> {
        match self {
            Self::Compare(_, value) => vec![value],
            Self::Between(range) => vec![&range.low, &range.high],
            Self::In { values, .. } => values.list().iter().collect(),
            Self::Matches { .. } => Vec::new(),
        }
    }

    /// The kind of its values; a keyword alone says nothing.
    #[must_use]
    pub fn kind(&self) -> OperandKind {
        if matches!(self, Self::Matches { .. }) {
            return OperandKind::Text;
        }
        let kinds = || self.operands().into_iter().map(Operand::kind);
        kinds()
            .find(|kind| *kind == OperandKind::Moment)
            .or_else(|| kinds().find(|kind| *kind != OperandKind::Keyword))
            .unwrap_or(OperandKind::Keyword)
    }
}
