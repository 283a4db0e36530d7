//! The steps of a declaration, one after the other, each over the columns that the one before leaves.

use super::cast::can_be;
use super::compile::{Compiler, Typed, no_cast};
use super::condition::Condition;
use super::evaluate::Node;
use super::mask::Mask;
use super::plan::{Action, Builder, Op};
use super::schema::{Column, bad_name};
use crate::check::{Problem, Step};
use crate::columns::type_word;
use crate::spec::{ColumnSpec, ColumnType, MaskMethod, StepSpec};
use crate::sql::{self, Item, SqlError};

/// What `redact` puts for a value unless told otherwise.
const REDACTED: &str = "***";

/// What is wrong with a step: the attribute within it, if one, with an index into a list; and the sentence.
type Wrong = (Option<&'static str>, Option<usize>, String);

impl Builder<'_> {
    /// Adds a step. After one that could not be added, those that follow may look at columns that are not there.
    pub(super) fn step(&mut self, index: usize, step: &StepSpec) -> Result<(), ()> {
        let place = format!("transforms[{index}].{}", step.word());
        let added = match step {
            StepSpec::Rename { from, to } => self.rename(&place, from, to),
            StepSpec::Cast { column, to } => self.cast(&place, column, *to),
            StepSpec::Derive { column, expression } => self.derive(&place, column, expression),
            StepSpec::Drop { columns } => self.drop(&place, columns),
            StepSpec::Filter { predicate } => self.filter(&place, predicate),
            StepSpec::Mask { column, .. } => self.mask(&place, column, step),
        };
        let Err((field, item, message)) = added else { return Ok(()) };
        let mut path = vec![
            Step::Attribute("transforms".to_owned()),
            Step::Index(i64::try_from(index).unwrap_or(i64::MAX)),
            Step::Attribute(step.word().to_owned()),
        ];
        path.extend(field.map(|field| Step::Attribute(field.to_owned())));
        path.extend(item.map(|item| Step::Index(i64::try_from(item).unwrap_or(i64::MAX))));
        self.problems.push(Problem { path, message });
        // A column that should stay, or a row that should go, leaves the columns as they are.
        if matches!(step, StepSpec::Drop { .. } | StepSpec::Filter { .. }) { Ok(()) } else { Err(()) }
    }

    fn rename(&mut self, place: &str, from: &str, to: &str) -> Result<(), Wrong> {
        let found = self.schema.find(from).map_err(|message| (Some("from"), None, message))?;
        if let Some(message) = bad_name(to) {
            return Err((Some("to"), None, message));
        }
        if self.schema.columns.iter().any(|column| column.name == to) {
            return Err((Some("to"), None, format!("there is a column `{to}` already; drop it first")));
        }
        self.schema.rename(found, to, format!("{place} calls it `{to}`"));
        Ok(())
    }

    fn cast(&mut self, place: &str, name: &str, to: ColumnType) -> Result<(), Wrong> {
        let found = self.schema.find(name).map_err(|message| (Some("column"), None, message))?;
        let column = self.schema.columns[found].clone();
        let from = column.spec.column_type;
        if !can_be(from, to) {
            return Err((Some("to"), None, no_cast(from, to)));
        }
        let node = Node::Cast(Box::new(Node::Slot(column.slot)), to, false);
        let slot = self.add(place, &column.name, Action::Set(node));
        self.schema.set(&column.name, to, slot);
        Ok(())
    }

    fn derive(&mut self, place: &str, name: &str, expression: &str) -> Result<(), Wrong> {
        if let Some(message) = bad_name(name) {
            return Err((Some("column"), None, message));
        }
        let wrong = |error: SqlError| (Some("expression"), None, located(expression, &error));
        let parsed = sql::parse_value(expression).map_err(wrong)?;
        let columns = |name: &str| self.schema.slot(name);
        let typed = Compiler::new(&columns).value(&parsed).map_err(wrong)?;
        let (node, column_type) = stored(typed).map_err(|message| (Some("expression"), None, message))?;
        let slot = self.add(place, name, Action::Set(node));
        self.schema.set(name, column_type, slot);
        Ok(())
    }

    fn drop(&mut self, place: &str, columns: &[String]) -> Result<(), Wrong> {
        if columns.is_empty() {
            return Err((Some("columns"), None, "an empty list drops nothing".to_owned()));
        }
        for (item, name) in columns.iter().enumerate() {
            let found = self.schema.find(name).map_err(|message| (Some("columns"), Some(item), message))?;
            self.schema.remove(found, format!("{place} drops it"));
        }
        Ok(())
    }

    fn filter(&mut self, place: &str, predicate: &str) -> Result<(), Wrong> {
        let wrong = |error: SqlError| (Some("where"), None, located(predicate, &error));
        let condition = self.condition(&sql::parse_condition(predicate).map_err(wrong)?).map_err(wrong)?;
        self.add(place, "", Action::Keep(condition));
        Ok(())
    }

    fn mask(&mut self, place: &str, name: &str, step: &StepSpec) -> Result<(), Wrong> {
        let found = self.schema.find(name).map_err(|message| (Some("column"), None, message))?;
        let column = self.schema.columns[found].clone();
        let mask = self.how(step, column.spec.column_type)?;
        let column_type = if mask == Mask::Null { column.spec.column_type } else { ColumnType::String };
        let node = Node::Mask(Box::new(Node::Slot(column.slot)), mask);
        let slot = self.add(place, &column.name, Action::Set(node));
        self.schema.set(&column.name, column_type, slot);
        Ok(())
    }

    fn how(&mut self, step: &StepSpec, column_type: ColumnType) -> Result<Mask, Wrong> {
        let StepSpec::Mask { method, keep_first, keep_last, replacement, key_secret_arn, .. } = step else {
            return Err((None, None, "is no mask".to_owned()));
        };
        let only = |field: &'static str, word: &str| {
            Err((Some(field), None, format!("is for the method `{word}` only")))
        };
        if *method != MaskMethod::Partial && (*keep_first > 0 || *keep_last > 0) {
            return only(if *keep_first > 0 { "keep_first" } else { "keep_last" }, "partial");
        }
        if *method != MaskMethod::Redact && replacement.is_some() {
            return only("replacement", "redact");
        }
        if *method != MaskMethod::Hash && key_secret_arn.is_some() {
            return only("key_secret_arn", "hash");
        }
        Ok(match method {
            MaskMethod::Null => Mask::Null,
            MaskMethod::Redact => Mask::Redact(replacement.clone().unwrap_or_else(|| REDACTED.to_owned())),
            MaskMethod::Hash => Mask::Hash(self.key(key_secret_arn.as_deref())?),
            MaskMethod::Partial if column_type != ColumnType::String => {
                let found = type_word(column_type);
                let message =
                    format!("`partial` hides characters of a string; this is a {found}, cast it first");
                return Err((Some("method"), None, message));
            }
            MaskMethod::Partial => Mask::Partial(*keep_first as usize, *keep_last as usize),
        })
    }

    /// The key of a keyed hash; while a pipeline is planned nobody has it.
    fn key(&mut self, secret: Option<&str>) -> Result<Option<Vec<u8>>, Wrong> {
        let Some(secret) = secret else { return Ok(None) };
        match self.keys.get(secret) {
            Some(key) => Ok(Some(key)),
            None => Err((Some("key_secret_arn"), None, "the value of this secret is not at hand".to_owned())),
        }
    }

    /// Adds the statement, which reads what the steps leave.
    pub(super) fn statement(&mut self, text: &str) {
        if let Err(error) = self.select(text) {
            let path = vec![Step::Attribute("sql".to_owned())];
            self.problems.push(Problem { path, message: located(text, &error) });
        }
    }

    fn select(&mut self, text: &str) -> Result<(), SqlError> {
        let selection = sql::parse_selection(text)?;
        let (table, offset) = &selection.table;
        if !table.eq_ignore_ascii_case("source") {
            let message = format!(
                "there is no table `{table}` here: the dataset's rows are `source`, and rows of others cannot be read"
            );
            return Err(SqlError { offset: *offset, message });
        }
        if let Some(filter) = &selection.filter {
            let condition = self.condition(filter)?;
            self.add("sql", "", Action::Keep(condition));
        }
        let mut selected: Vec<Column> = Vec::new();
        for item in &selection.items {
            let (columns, offset) = self.item(item)?;
            for column in columns {
                if selected.iter().any(|other| other.name == column.name) {
                    let message =
                        format!("`{}` is selected twice; give one another name with AS", column.name);
                    return Err(SqlError { offset, message });
                }
                selected.push(column);
            }
        }
        self.schema.columns = selected;
        Ok(())
    }

    fn item(&mut self, item: &Item) -> Result<(Vec<Column>, usize), SqlError> {
        let Item::Value { value, name, offset } = item else { return Ok((self.schema.columns.clone(), 0)) };
        let columns = |name: &str| self.schema.slot(name);
        let typed = Compiler::new(&columns).value(value)?;
        // A column alone keeps what is known of its values.
        if let sql::Expression::Column(column, _) = value
            && let Ok(place) = self.schema.find(column)
        {
            let column = self.schema.columns[place].clone();
            let named = if bad_name(name).is_some() && name == column_name(value) {
                column.name.clone()
            } else {
                new_name(name, *offset)?
            };
            return Ok((vec![Column { name: named, ..column }], *offset));
        }
        let name = new_name(name, *offset)?;
        let (node, column_type) = stored(typed).map_err(|message| SqlError { offset: *offset, message })?;
        let slot = self.add("sql", &name, Action::Set(node));
        let spec = ColumnSpec { column_type, ..ColumnSpec::default() };
        Ok((vec![Column { name, spec, slot }], *offset))
    }

    fn condition(&self, predicate: &sql::Predicate) -> Result<Condition, SqlError> {
        let columns = |name: &str| self.schema.slot(name);
        Compiler::new(&columns).condition(predicate)
    }

    /// Adds an operation; the slot it fills, if it fills one.
    fn add(&mut self, place: &str, column: &str, action: Action) -> usize {
        let slot = self.slots;
        self.slots += usize::from(matches!(action, Action::Set(..)));
        self.ops.push(Op { place: place.to_owned(), column: column.to_owned(), action });
        slot
    }
}

fn column_name(value: &sql::Expression) -> &str {
    match value {
        sql::Expression::Column(name, _) => name,
        _ => "",
    }
}

fn new_name(name: &str, offset: usize) -> Result<String, SqlError> {
    match bad_name(name) {
        Some(message) => Err(SqlError { offset, message }),
        None => Ok(name.to_owned()),
    }
}

/// A value that a column can hold.
fn stored(typed: Typed) -> Result<(Node, ColumnType), String> {
    match typed.column_type {
        Some(column_type) => Ok((typed.node, column_type)),
        None => Err("NULL alone has no type; write CAST(NULL AS string), or another type".to_owned()),
    }
}

/// The fault with its line and column, both from 1.
fn located(text: &str, error: &SqlError) -> String {
    let before: String = text.chars().take(error.offset).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {}", error.message)
}
