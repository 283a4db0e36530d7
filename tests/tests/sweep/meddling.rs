//! What other people do: between a plan and its apply, or before either.

use std::sync::Arc;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    ScalarAttributeType, Tag,
};
use aws_sdk_glue::types::DatabaseInput;
use serde_json::json;
use terraform_provider_datalake::aws::Clients;
use terraform_provider_datalake::aws::tags::OWNER_KEY;

use crate::Done;
use crate::place::names;

/// What others write where something is described.
const OTHERS: &str = "of others";

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

/// The number of a change that meets none of the objects that may be strangers'.
pub fn not_with_strangers(number: usize) -> usize {
    [2, 4, 5][number % 3]
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

/// Something of many objects is changed behind Terraform's back.
///
/// # Errors
/// When something cannot be.
pub async fn everywhere(clients: &Clients) -> Done {
    let names = names();
    let role = names.role("validate");
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"},
    }});
    clients.iam.update_role_description().role_name(&role).description(OTHERS).send().await?;
    let call = clients.iam.update_assume_role_policy().role_name(&role);
    call.policy_document(trust.to_string()).send().await?;
    let input = DatabaseInput::builder().name(names.database()).description(OTHERS).build()?;
    clients.glue.update_database().name(names.database()).database_input(input).send().await?;
    clients.events.disable_rule().name(names.part("raw")).send().await?;
    let call = clients.logs.put_retention_policy().log_group_name(names.log_group("ingest"));
    call.retention_in_days(1).send().await?;
    let call = clients.dynamodb.update_continuous_backups().table_name(names.part("metadata"));
    let off = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(false).build()?;
    call.point_in_time_recovery_specification(off).send().await?;
    for role in ["raw", "processed"] {
        let bucket = names.bucket(role);
        clients.s3.delete_bucket_policy().bucket(&bucket).send().await?;
        clients.s3.delete_bucket_lifecycle().bucket(&bucket).send().await?;
        clients.s3.delete_public_access_block().bucket(&bucket).send().await?;
    }
    Ok(())
}

/// What a deletion finds beside what was made: a policy that somebody gave a role, an upload that nobody finished.
///
/// # Errors
/// When it cannot be left there.
pub async fn leave_behind(clients: &Clients) -> Done {
    let names = names();
    let call = clients.iam.attach_role_policy().role_name(names.role("ingest"));
    call.policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess").send().await?;
    clients.s3.create_multipart_upload().bucket(names.bucket("raw")).key("unfinished").send().await?;
    Ok(())
}
