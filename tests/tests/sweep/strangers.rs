//! Objects of somebody else that bear our names and no mark: they must be left as they are, whatever goes wrong.

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;
use terraform_provider_datalake::aws::Clients;

use crate::Done;
use crate::place::names;

/// What is written on them.
const THEIRS: &str = "theirs";
/// An attribute that no queue of ours has.
const SECONDS: &str = "77";

/// Puts them where ours would go.
///
/// # Errors
/// When one cannot be made.
pub async fn plant(clients: &Clients) -> Done {
    let names = names();
    let queue = clients.sqs.create_queue().queue_name(names.part("validate"));
    queue.attributes(QueueAttributeName::VisibilityTimeout, SECONDS).send().await?;
    let rule = clients.events.put_rule().name(names.part("raw")).description(THEIRS);
    rule.event_pattern(json!({"source": [THEIRS]}).to_string()).send().await?;
    clients.logs.create_log_group().log_group_name(names.log_group("ingest")).send().await?;
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"},
    }});
    let role = clients.iam.create_role().role_name(names.role("quality")).description(THEIRS);
    role.assume_role_policy_document(trust.to_string()).send().await?;
    let bucket = names.bucket("quarantine");
    clients.s3.create_bucket().bucket(&bucket).send().await?;
    clients.s3.put_object().bucket(&bucket).key(THEIRS).body(b"theirs".to_vec().into()).send().await?;
    Ok(())
}

/// Those that are not as they were.
pub async fn changed(clients: &Clients) -> Vec<&'static str> {
    let (names, mut changed) = (names(), Vec::new());
    let mut expect = |what, holds: bool| {
        if !holds {
            changed.push(what);
        }
    };
    let url = clients.sqs.get_queue_url().queue_name(names.part("validate")).send().await;
    let url = url.ok().and_then(|found| found.queue_url).unwrap_or_default();
    let queue = clients.sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All);
    let attributes = queue.send().await.ok().and_then(|found| found.attributes).unwrap_or_default();
    let tags = clients.sqs.list_queue_tags().queue_url(&url).send().await.ok().and_then(|found| found.tags);
    let seconds = attributes.get(&QueueAttributeName::VisibilityTimeout).map(String::as_str);
    expect("queue", seconds == Some(SECONDS) && tags.unwrap_or_default().is_empty());

    let rule = clients.events.describe_rule().name(names.part("raw")).send().await;
    let targets = clients.events.list_targets_by_rule().rule(names.part("raw")).send().await;
    let bare = targets.is_ok_and(|found| found.targets().is_empty());
    expect("rule", bare && rule.is_ok_and(|found| found.description() == Some(THEIRS)));

    let group =
        clients.logs.describe_log_groups().log_group_name_prefix(names.log_group("ingest")).send().await;
    let group = group.ok().and_then(|found| found.log_groups().first().cloned());
    expect("log group", group.is_some_and(|group| group.retention_in_days().is_none()));

    let role = clients.iam.get_role().role_name(names.role("quality")).send().await;
    let policies = clients.iam.list_role_policies().role_name(names.role("quality")).send().await;
    let described =
        role.is_ok_and(|found| found.role().is_some_and(|role| role.description() == Some(THEIRS)));
    expect("role", described && policies.is_ok_and(|found| found.policy_names().is_empty()));

    let bucket = names.bucket("quarantine");
    let object = clients.s3.head_object().bucket(&bucket).key(THEIRS).send().await.is_ok();
    let versioning = clients.s3.get_bucket_versioning().bucket(&bucket).send().await;
    expect("bucket", object && versioning.is_ok_and(|found| found.status().is_none()));
    changed
}

/// Takes them away, as their owners may.
///
/// # Errors
/// When one cannot be removed.
pub async fn remove(clients: &Clients) -> Done {
    let names = names();
    let url = clients.sqs.get_queue_url().queue_name(names.part("validate")).send().await?;
    clients.sqs.delete_queue().set_queue_url(url.queue_url).send().await?;
    clients.events.delete_rule().name(names.part("raw")).send().await?;
    clients.logs.delete_log_group().log_group_name(names.log_group("ingest")).send().await?;
    clients.iam.delete_role().role_name(names.role("quality")).send().await?;
    let bucket = names.bucket("quarantine");
    clients.s3.delete_object().bucket(&bucket).key(THEIRS).send().await?;
    clients.s3.delete_bucket().bucket(&bucket).send().await?;
    Ok(())
}
