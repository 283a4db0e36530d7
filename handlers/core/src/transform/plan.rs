//! From a declaration to the program that transforms its rows, and to the columns of the result.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Condition;
use super::datum::{Datum, Fault};
use super::evaluate::Node;
use super::schema::{Column, Schema};
use crate::check::{MOST_PARTITION_COLUMNS, Problem, Step};
use crate::columns::type_word;
use crate::layout::catalog_column;
use crate::spec::{ColumnSpec, ColumnType, CuratedSpec, DatasetSpec, StepSpec};

/// Most steps of a dataset.
const MOST_STEPS: usize = 100;

/// What transforms the rows of one dataset.
#[derive(Debug)]
pub struct Transformation {
    /// What is read of an accepted row; the place here is the slot.
    pub inputs: Vec<Input>,
    /// The columns of the result, in order.
    pub columns: Vec<Curated>,
    /// Places in `columns` of those that become folders, in order.
    pub partition_by: Vec<usize>,
    ops: Vec<Op>,
}

/// A column of accepted rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name in the files.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Its place among the folders, when it is not in the files.
    pub folder: Option<usize>,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Curated {
    /// Its name, in the files and in the catalogue.
    pub name: String,
    /// Its type, and what is still known of its values.
    pub spec: ColumnSpec,
    /// The slot of its value.
    pub slot: usize,
}

/// Why a row could not be transformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'p> {
    /// The step, as `transforms[2].cast`.
    pub step: &'p str,
    /// The column it would have filled; empty for one that only looks.
    pub column: &'p str,
    /// One sentence for people, without any value.
    pub message: &'static str,
}

/// The keys of keyed hashes, by the ARN of their secret.
#[derive(Debug, Clone, Copy)]
pub enum Keys<'k> {
    /// Nobody has them: rows cannot be transformed, but everything can be checked.
    AtPlan,
    /// These.
    Known(&'k BTreeMap<String, Vec<u8>>),
}

/// One operation of the program.
#[derive(Debug)]
pub(super) struct Op {
    pub place: String,
    pub column: String,
    pub action: Action,
}

/// What an operation does.
#[derive(Debug)]
pub(super) enum Action {
    /// Fills the next slot.
    Set(Node),
    /// Keeps the row if the condition is true.
    Keep(Condition),
}

/// A transformation under construction.
pub(super) struct Builder<'k> {
    pub schema: Schema,
    pub ops: Vec<Op>,
    pub slots: usize,
    pub keys: Keys<'k>,
    pub problems: Vec<Problem>,
}

impl Keys<'_> {
    /// The key of that secret; nothing in particular while nobody has it and nothing is transformed.
    pub(super) fn get(self, secret: &str) -> Option<Vec<u8>> {
        match self {
            Self::AtPlan => Some(Vec::new()),
            Self::Known(keys) => keys.get(secret).cloned(),
        }
    }
}

/// What is wrong with the transforms of a dataset.
#[must_use]
pub fn check(dataset: &DatasetSpec) -> Vec<Problem> {
    Transformation::compile(dataset, Keys::AtPlan).err().unwrap_or_default()
}

impl Transformation {
    /// The transformation of a dataset, none of one that declares none.
    ///
    /// # Errors
    /// Everything that is wrong with the steps and the statement, with its path.
    pub fn compile(dataset: &DatasetSpec, keys: Keys<'_>) -> Result<Option<Self>, Vec<Problem>> {
        if !dataset.is_transformed() {
            return if dataset.curated == CuratedSpec::default() {
                Ok(None)
            } else {
                Err(vec![untransformed()])
            };
        }
        let inputs = inputs(dataset);
        let mut builder = Builder {
            schema: first_schema(dataset, &inputs),
            ops: Vec::new(),
            slots: inputs.len(),
            keys,
            problems: Vec::new(),
        };
        builder.declared(dataset);
        if builder.problems.is_empty() {
            builder.all(dataset);
        }
        if !builder.problems.is_empty() {
            return Err(builder.problems);
        }
        let columns: Vec<Curated> = builder
            .schema
            .columns
            .into_iter()
            .map(|Column { name, spec, slot }| Curated { name, spec, slot })
            .collect();
        let partition_by = partitions(dataset, &columns)?;
        Ok(Some(Self { inputs, columns, partition_by, ops: builder.ops }))
    }

    /// Transforms a row: the values of its inputs go in, and those of all slots come out. False for a row that is
    /// filtered out.
    ///
    /// # Errors
    /// The step that could not be done.
    pub fn run<'b>(&'b self, row: &mut Vec<Datum<'b>>) -> Result<bool, Refusal<'b>> {
        for op in &self.ops {
            let refused = |fault: Fault| Refusal { step: &op.place, column: &op.column, message: fault.0 };
            match &op.action {
                Action::Set(node) => row.push(node.value(row).map_err(refused)?),
                Action::Keep(condition) if condition.holds(row).map_err(refused)? != Some(true) => {
                    return Ok(false);
                }
                Action::Keep(_) => {}
            }
        }
        let mut folders = self.partition_by.iter().map(|at| &self.columns[*at]);
        match folders.find(|column| row[column.slot] == Datum::Null) {
            Some(column) => Err(Refusal {
                step: "curated.partition_by",
                column: &column.name,
                message: "there is no value for a column that becomes a folder",
            }),
            None => Ok(true),
        }
    }
}

/// The ARNs of the secrets that hold keys of the dataset's hashes.
#[must_use]
pub fn secrets(dataset: &DatasetSpec) -> BTreeSet<&str> {
    let steps = dataset.transforms.iter();
    steps
        .filter_map(|step| match step {
            StepSpec::Mask { key_secret_arn, .. } => key_secret_arn.as_deref(),
            _ => None,
        })
        .collect()
}

impl Builder<'_> {
    fn declared(&mut self, dataset: &DatasetSpec) {
        let word = if dataset.transforms.is_empty() { "sql" } else { "transforms" };
        let mut add = |message: String| {
            self.problems.push(Problem { path: vec![Step::Attribute(word.to_owned())], message });
        };
        if dataset.columns.is_empty() {
            add("the dataset declares no columns, so there is nothing to transform".to_owned());
        }
        if dataset.transforms.len() > MOST_STEPS {
            add(format!("{} steps are declared; at most {MOST_STEPS} are allowed", dataset.transforms.len()));
        }
    }

    fn all(&mut self, dataset: &DatasetSpec) {
        for (index, step) in dataset.transforms.iter().enumerate() {
            if self.step(index, step).is_err() {
                return;
            }
        }
        if let Some(text) = &dataset.sql
            && self.problems.is_empty()
        {
            self.statement(text);
        }
        if self.problems.is_empty() && self.schema.columns.is_empty() {
            let path = vec![Step::Attribute("transforms".to_owned())];
            self.problems.push(Problem { path, message: "no column is left".to_owned() });
        }
    }
}

fn untransformed() -> Problem {
    let path = ["curated", "partition_by"].map(|name| Step::Attribute(name.to_owned()));
    let message = "there are no curated rows without `transforms` or `sql`".to_owned();
    Problem { path: path.into(), message }
}

/// The declared columns, and what was found beside them.
fn inputs(dataset: &DatasetSpec) -> Vec<Input> {
    let folders = &dataset.output.partition_by;
    let declared = dataset.columns.iter().map(|(name, column)| Input {
        name: catalog_column(name),
        column_type: column.column_type,
        folder: folders.iter().position(|folder| folder == name),
    });
    let rescued = Input { name: "_rescued".to_owned(), column_type: ColumnType::Json, folder: None };
    declared.chain([rescued]).collect()
}

/// What was not declared is seen by expressions, and not stored unless one asks for it.
fn first_schema(dataset: &DatasetSpec, inputs: &[Input]) -> Schema {
    let mut columns: Vec<Column> = inputs
        .iter()
        .enumerate()
        .map(|(slot, input)| Column {
            name: input.name.clone(),
            spec: ColumnSpec { column_type: input.column_type, ..ColumnSpec::default() },
            slot,
        })
        .collect();
    let unstored = columns.pop().into_iter().collect();
    for (column, declared) in columns.iter_mut().zip(dataset.columns.values()) {
        column.spec = declared.clone();
    }
    Schema::new(columns, unstored)
}

/// The places of the folder columns among those of the result.
fn partitions(dataset: &DatasetSpec, columns: &[Curated]) -> Result<Vec<usize>, Vec<Problem>> {
    let own = dataset.curated.partition_by.as_ref();
    let list = own.unwrap_or(&dataset.output.partition_by);
    let path = |index: Option<usize>| {
        let attributes = ["curated", "partition_by"].map(|name| Step::Attribute(name.to_owned()));
        let index = index.filter(|_| own.is_some()).and_then(|index| i64::try_from(index).ok());
        attributes.into_iter().chain(index.map(Step::Index)).collect::<Vec<_>>()
    };
    let hint = if own.is_some() {
        ""
    } else {
        "; it is a folder of the accepted rows: say what the folders are now"
    };
    let mut problems = Vec::new();
    let mut places = Vec::new();
    for (index, name) in list.iter().enumerate() {
        let folded = catalog_column(name);
        let mut add = |message: String| problems.push(Problem { path: path(Some(index)), message });
        match columns.iter().position(|column| column.name == folded) {
            None => add(format!("the transformed rows have no column `{name}`{hint}")),
            Some(place) if places.contains(&place) => add(format!("`{name}` stands twice")),
            Some(place) if !becomes_folder(columns[place].spec.column_type) => add(format!(
                "`{name}` is a {}; folders are made of string, bigint, boolean or date columns{hint}",
                type_word(columns[place].spec.column_type)
            )),
            Some(place) => places.push(place),
        }
    }
    if list.len() > MOST_PARTITION_COLUMNS {
        let message = format!("at most {MOST_PARTITION_COLUMNS} columns can be folders");
        problems.push(Problem { path: path(None), message });
    }
    if problems.is_empty() && !places.is_empty() && places.len() == columns.len() {
        problems.push(Problem {
            path: path(None),
            message: "at least one column must stay in the files".to_owned(),
        });
    }
    if problems.is_empty() { Ok(places) } else { Err(problems) }
}

fn becomes_folder(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::String | ColumnType::Bigint | ColumnType::Boolean | ColumnType::Date)
}
