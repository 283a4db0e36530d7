//! Rules that give each row its own outcome.

use super::{Condition, Lowered, Lowering, fault, wrong};
use crate::columns::{is_numeric, parse_date, parse_timestamp, type_word};
use crate::dqdl::{self, OperandKind, Place, Quoted, Rule, RuleExpression, RuleType};
use crate::rules::predicate::Predicate;
use crate::rules::{SqlType, Test};
use crate::spec::ColumnType;
use crate::sql::{self, Projection, Statement};

/// Whether a rule is about rows; a `CustomSql` is when nothing is asked of its result as a number.
pub(super) fn has_rows(rule: &Rule) -> bool {
    rule.rule_type.is_row_level() || (rule.rule_type == RuleType::CustomSql && rule.condition.is_none())
}

impl Lowering<'_> {
    pub(super) fn row_test(&mut self, expression: &RuleExpression) -> Lowered<Test> {
        let tests = |lowering: &mut Self, parts: &[RuleExpression]| {
            parts.iter().map(|part| lowering.row_test(part)).collect::<Lowered<Vec<_>>>()
        };
        Ok(match expression {
            RuleExpression::Rule(rule) => {
                let test = self.leaf(rule)?;
                match &rule.filter {
                    Some(filter) => Test::Where(self.predicate(filter)?, Box::new(test)),
                    None => test,
                }
            }
            RuleExpression::And(parts) => Test::All(tests(self, parts)?),
            RuleExpression::Or(parts) => Test::Any(tests(self, parts)?),
            RuleExpression::Labelled(inner, _) => self.row_test(inner)?,
        })
    }

    /// The test of one rule, its `where` aside.
    pub(super) fn leaf(&self, rule: &Rule) -> Lowered<Test> {
        if rule.rule_type == RuleType::CustomSql {
            return self.rows_of_sql(rule);
        }
        let (slot, column_type) = self.parameter(rule, 0)?;
        let place = &rule.place;
        let Some(condition) = &rule.condition else { return Ok(Test::Dqdl(slot, Condition::Complete)) };
        let condition = match rule.rule_type {
            RuleType::ColumnLength => {
                is_text(rule, column_type)?;
                wrong(place, Condition::length(condition))?
            }
            RuleType::DataFreshness => {
                if !matches!(column_type, ColumnType::Date | ColumnType::Timestamp | ColumnType::String) {
                    return Err(unfit(rule, "dates", column_type));
                }
                wrong(place, Condition::age(condition))?
            }
            RuleType::ColumnDataType => data_type(place, condition)?,
            _ => {
                check_values(rule, condition, column_type)?;
                wrong(place, Condition::compile(condition, column_type, ignores_case(rule)?))?
            }
        };
        Ok(Test::Dqdl(slot, condition))
    }

    /// `select … from primary where …`: the rows it selects pass.
    fn rows_of_sql(&self, rule: &Rule) -> Lowered<Test> {
        let (statement, predicate) = self.statement(rule)?;
        if let Projection::Aggregate(..) = statement.projection {
            let message = "the statement gives one number; expected a condition on it after the statement";
            return Err(fault(&rule.place, message));
        }
        Ok(predicate.map_or(Test::All(Vec::new()), Test::Holds))
    }

    /// The statement of a `CustomSql` and its predicate.
    pub(super) fn statement(&self, rule: &Rule) -> Lowered<(Statement, Option<Predicate>)> {
        let quoted = quoted(rule)?;
        let at = |error: sql::SqlError| {
            let (line, column) = quoted.place_of(error.offset);
            dqdl::DqdlError { line, column, message: format!("in the SQL: {}", error.message) }
        };
        let statement = sql::parse_statement(&quoted.text).map_err(at)?;
        let named = match &statement.projection {
            Projection::All => &[][..],
            Projection::Columns(columns) => columns,
            Projection::Aggregate(_, column) => column.as_slice(),
        };
        for (name, offset) in named {
            self.named(name).map_err(|message| at(sql::SqlError { offset: *offset, message }))?;
        }
        let compile =
            |filter: &sql::Predicate| Predicate::compile(filter, &|name| self.named(name)).map_err(at);
        let predicate = statement.filter.as_ref().map(compile).transpose()?;
        Ok((statement, predicate))
    }
}

/// The statement, with its place.
pub(super) fn quoted(rule: &Rule) -> Lowered<Quoted> {
    match rule.parameters.first() {
        Some(dqdl::Parameter { form: dqdl::ParameterForm::Quoted(quoted), .. }) => Ok(quoted.clone()),
        Some(parameter) => Ok(Quoted { text: parameter.text().to_owned(), place: parameter.place.clone() }),
        None => Err(fault(&rule.place, "the SQL statement is missing")),
    }
}

fn unfit(rule: &Rule, needs: &str, column_type: ColumnType) -> dqdl::DqdlError {
    let (word, column) = (rule.rule_type.word(), rule.parameter(0).unwrap_or_default());
    let message = format!("`{word}` needs {needs}; `{column}` is a {}", type_word(column_type));
    fault(&rule.place, message)
}

fn is_text(rule: &Rule, column_type: ColumnType) -> Lowered<()> {
    match column_type {
        ColumnType::String | ColumnType::Json => Ok(()),
        other => Err(unfit(rule, "texts", other)),
    }
}

fn ignores_case(rule: &Rule) -> Lowered<bool> {
    let Some(condition) = rule.tag("ignoreCase") else { return Ok(false) };
    let said = match condition {
        dqdl::Condition::Compare(dqdl::Comparison::Equal, operand) => operand.text(),
        _ => None,
    };
    match said.map(str::to_ascii_lowercase).as_deref() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(fault(&rule.place, "`ignoreCase` is \"true\" or \"false\"")),
    }
}

fn data_type(place: &Place, condition: &dqdl::Condition) -> Lowered<Condition> {
    let negated = match condition {
        dqdl::Condition::Compare(dqdl::Comparison::Equal, _) => false,
        dqdl::Condition::Compare(dqdl::Comparison::NotEqual, _) => true,
        dqdl::Condition::In { negated, .. } => *negated,
        _ => return Err(fault(place, "a data type is compared by =, != and in")),
    };
    let types = condition.operands().into_iter().map(|operand| {
        let word = operand.text().unwrap_or_default();
        SqlType::of(word).ok_or_else(|| {
            let known = "Boolean, Date, Timestamp, Integer, Long, Float, Double and DECIMAL(p, s)";
            fault(place, format!("there is no data type `{word}`; there are {known}"))
        })
    });
    Ok(Condition::Type(types.collect::<Lowered<_>>()?, negated))
}

/// Whether values of the type can ever satisfy the condition.
fn check_values(rule: &Rule, condition: &dqdl::Condition, column_type: ColumnType) -> Lowered<()> {
    let texts = || condition.operands().into_iter().filter_map(dqdl::Operand::text);
    let moment = |text: &str| parse_date(text).is_some() || parse_timestamp(text).is_some();
    let text_like = matches!(column_type, ColumnType::String | ColumnType::Json);
    if let dqdl::Condition::Matches { .. } = condition {
        return is_text(rule, column_type);
    }
    match condition.kind() {
        OperandKind::Number if !text_like && !is_numeric(column_type) => {
            Err(unfit(rule, "numbers here", column_type))
        }
        OperandKind::Moment if is_numeric(column_type) || column_type == ColumnType::Boolean => {
            Err(unfit(rule, "dates here", column_type))
        }
        _ => {
            let fits = |text: &str| match column_type {
                ColumnType::Boolean => matches!(text, "true" | "false"),
                ColumnType::Bigint | ColumnType::Double => text.parse::<f64>().is_ok(),
                ColumnType::Date | ColumnType::Timestamp => moment(text),
                ColumnType::String | ColumnType::Json => true,
            };
            match texts().find(|text| !fits(text)) {
                Some(text) => Err(fault(
                    &rule.place,
                    format!("`{text}` is not a {}, which the column is", type_word(column_type)),
                )),
                None => Ok(()),
            }
        }
    }
}
