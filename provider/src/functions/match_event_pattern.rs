//! `match_event_pattern`: whether an event would pass a rule of EventBridge.

use async_trait::async_trait;
use serde_json::Value;
use tf_provider::schema::{FunctionSchema, Type};
use tf_provider::{Diagnostics, Function};

use super::event_pattern::Pattern;
use super::{answer, schema};

/// The function.
#[derive(Debug, Clone, Copy)]
pub struct MatchEventPattern;

#[async_trait]
impl Function for MatchEventPattern {
    type Input<'a> = (String, String);
    type Output<'a> = bool;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        Some(schema(
            "Whether an EventBridge pattern matches an event.",
            "Says whether an event passes a rule of EventBridge with this pattern, so that patterns can be tried out in \
             `terraform test` and in `check` blocks. All of the language is read: exact values, `prefix`, `suffix`, \
             `equals-ignore-case`, `wildcard`, `anything-but` in its forms, `numeric`, `exists`, `cidr` and `$or`. Numbers are compared \
             by value. Of a list in the event one element has to match.",
            &[
                ("pattern", "The pattern as JSON, such as `jsonencode({ source = [\"aws.s3\"] })`."),
                ("event", "The whole event as JSON, its envelope included if the pattern looks at that."),
            ],
            Type::Bool,
        ))
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, (pattern, event): (String, String)) -> Option<bool> {
        let pattern = answer(diags, "The pattern cannot be used", 0, Pattern::parse(&pattern))?;
        let event = answer(diags, "The event cannot be used", 1, object(&event))?;
        Some(pattern.matches(&event))
    }
}

fn object(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    if value.is_object() { Ok(value) } else { Err("is not an object".to_owned()) }
}
