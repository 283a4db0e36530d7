//! The data source `toy_count` and the function `double`.

use std::fs;

use async_trait::async_trait;
use datalake_host::diag::error;
use datalake_host::{Num, Val};
use serde::{Deserialize, Serialize};
use tf_provider::schema::{
    AttributeConstraint, AttributeType, Block, Description, FunctionSchema, Parameter, Schema, Type,
};
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, DataSource, Diagnostics, Function};

use crate::model;

/// Counts the things.
pub struct Count;

#[derive(Default, Serialize, Deserialize)]
pub struct Counted {
    things: Val<i64>,
}

#[async_trait]
impl DataSource for Count {
    type State<'a> = Counted;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        let attributes = model::members([("things", AttributeType::Number, AttributeConstraint::Computed)]);
        Some(Schema { version: 0, block: Block { attributes, ..Block::default() } })
    }

    async fn read<'a>(&self, diags: &mut Diagnostics, _: Counted, _: ValueEmpty) -> Option<Counted> {
        match fs::read_dir(model::folder()) {
            Ok(files) => Some(Counted { things: i64::try_from(files.count()).unwrap_or(0).into() }),
            Err(why) => {
                error(diags, "Cannot count", why.to_string(), AttributePath::root());
                None
            }
        }
    }
}

/// Doubles an integer.
pub struct Double;

#[async_trait]
impl Function for Double {
    type Input<'a> = (Num,);
    type Output<'a> = Num;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let number =
            Parameter { name: "number".to_owned(), param_type: Type::Number, ..Parameter::default() };
        Some(FunctionSchema {
            parameters: vec![number],
            return_type: Type::Number,
            summary: "Doubles an integer.".to_owned(),
            description: Description::plain("Doubles an integer."),
            ..FunctionSchema::default()
        })
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, (number,): (Num,)) -> Option<Num> {
        match number.as_i64().and_then(|it| it.checked_mul(2)) {
            Some(double) => Some(double.into()),
            None => {
                error(diags, "an integer is required", "", AttributePath::function_argument(0));
                None
            }
        }
    }
}
