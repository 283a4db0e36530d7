//! What other people do: between a plan and its apply, or before either.

use std::sync::Arc;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, Tag,
};
use terraform_provider_datalake::aws::Clients;
use terraform_provider_datalake::aws::tags::OWNER_KEY;

use crate::Done;
use crate::place::names;

/// One change behind Terraform's back; the number chooses which. Who finds nothing to change changes nothing.
pub async fn drift(clients: Arc<Clients>, number: usize) {
    let names = names();
    match number % 6 {
        0 => {
            let url = clients.sqs.get_queue_url().queue_name(names.part("validate")).send().await;
            if let Some(url) = url.ok().and_then(|found| found.queue_url) {
                let _ = clients.sqs.delete_queue().queue_url(url).send().await;
            }
        }
        1 => {
            let _ = clients.logs.delete_log_group().log_group_name(names.log_group("ingest")).send().await;
        }
        2 => {
            let call = clients.iam.delete_role_policy().role_name(names.role("validate"));
            let _ = call.policy_name("least").send().await;
        }
        3 => {
            let _ = clients.events.disable_rule().name(names.part("raw")).send().await;
        }
        4 => {
            let _ = clients.lambda.delete_function().function_name(names.part("quality")).send().await;
        }
        _ => {
            let call = clients.glue.delete_table().database_name(names.database());
            let _ = call.name("readings").send().await;
        }
    }
}

/// The metadata table made again with other keys: nothing can change that but a replacement.
pub async fn other_keys(clients: &Clients) -> Done {
    let (dynamodb, name) = (&clients.dynamodb, names().part("metadata"));
    dynamodb.delete_table().table_name(&name).send().await?;
    let id = AttributeDefinition::builder().attribute_name("Other").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("Other").key_type(KeyType::Hash);
    let call = dynamodb.create_table().table_name(&name).billing_mode(BillingMode::PayPerRequest);
    let call = call.attribute_definitions(id.build()?).key_schema(key.build()?);
    call.tags(Tag::builder().key(OWNER_KEY).value(names().owner()).build()?).send().await?;
    Ok(())
}
