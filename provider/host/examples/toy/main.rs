//! A small provider on this crate: things are JSON files in the folder that `TOY_DIR` names.
//!
//! The tests run it with the real Terraform. A thing's `fault` attribute makes a call fail in the way it
//! says ("create:panic"); `TOY_SCHEMA_VERSION` raises the schema's version, to upgrade a state.

mod data;
mod model;
mod thing;

use std::process::ExitCode;

use datalake_host::{Host, Upgrade};
use serde_json::{Value, json};
use tf_provider::schema::{Block, Schema};
use tf_provider::value::ValueEmpty;
use tf_provider::{Diagnostics, Provider};

struct Toy;

#[async_trait::async_trait]
impl Provider for Toy {
    type Config<'a> = ValueEmpty;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(Schema { version: 0, block: Block::default() })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    datalake_host::logs::init("toy", &["toy", "datalake_host"]);
    let host = Host::new("toy", "registry.terraform.io/example/toy", env!("CARGO_PKG_VERSION"), Toy);
    let stop = host.stop_token();
    let upgrade: Upgrade = Box::new(upgrade);
    host.resource("thing", thing::Things { stop }, Some(upgrade))
        .data_source("count", data::Count)
        .function("double", data::Double)
        .run()
        .await
}

/// Version 1 of a thing had no default note.
fn upgrade(from: i64, mut state: Value) -> Result<Value, String> {
    let state_of = state.as_object_mut().ok_or("the state is no object")?;
    state_of.insert("note".to_owned(), json!(format!("upgraded from {from}")));
    Ok(state)
}
