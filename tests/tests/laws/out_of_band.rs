//! What somebody does behind our back that no update of ours does, and how it is healed.

use aws_sdk_athena::types::WorkGroupConfigurationUpdates;
use aws_sdk_dynamodb::types::{
    DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, TimeToLiveSpecification,
};
use aws_sdk_glue::types::{SchemaChangePolicy, TableInput, UpdateBehavior};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, Event, EventBridgeConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, NotificationConfiguration, PublicAccessBlockConfiguration,
    QueueConfiguration,
};
use aws_sdk_sqs::types::QueueAttributeName;
use futures::{StreamExt as _, TryStreamExt as _};
use terraform_provider_datalake::aws::Clients;
use terraform_provider_datalake::aws::tags::OWNER_KEY;
use terraform_provider_datalake::components::Object;
use terraform_provider_datalake::components::definition::Definition;
use terraform_provider_datalake::engine::{Item as _, Owner, World as _};

use crate::law::Trial;
use crate::{Done, catalog, cloud, compute, messaging, storage};

/// The rest of the trial of storage.
pub async fn storage(trial: &mut Trial) -> Done {
    bucket(trial).await?;
    contents(trial).await?;
    definition(trial).await?;
    table(trial).await
}

/// The rest of the trial of the catalogue.
pub async fn catalog(trial: &mut Trial) -> Done {
    catalog_table(trial).await?;
    crawler(trial).await?;
    workgroup(trial).await
}

/// The rest of the trial of messaging.
pub async fn messaging(trial: &mut Trial) -> Done {
    queue(trial).await?;
    rule(trial).await
}

/// The rest of the trial of computing.
pub async fn compute(trial: &mut Trial) -> Done {
    layer(trial).await?;
    log_group(trial).await?;
    role(trial).await
}

fn clients(trial: &Trial) -> std::sync::Arc<Clients> {
    trial.place.root.clients.clone()
}

async fn bucket(trial: &mut Trial) -> Done {
    let (clients, bucket) = (clients(trial), storage::bucket(&cloud::scope()));
    let (s3, name, wanted) = (&clients.s3, &bucket.bucket_name, Object::from(bucket.clone()));
    let queue = clients.sqs.create_queue().queue_name("theirs").send().await?;
    notify(s3, name, NotificationConfiguration::builder().queue_configurations(their_entry()?).build())
        .await?;
    let rules = BucketLifecycleConfiguration::builder().rules(their_rule()?).build()?;
    s3.put_bucket_lifecycle_configuration().bucket(name).lifecycle_configuration(rules).send().await?;
    s3.delete_bucket_policy().bucket(name).send().await?;
    let open = PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
    s3.put_public_access_block().bucket(name).public_access_block_configuration(open).send().await?;
    s3.delete_bucket_tagging().bucket(name).send().await?;

    let owner = trial.place.read(&wanted).await?.map(|found| found.owner());
    trial.check(&wanted, "a lost mark is seen", "tags", &Some(Owner::Unmarked), &owner);
    let fields = [
        "abort_incomplete_upload_days",
        "event_bridge",
        "expiration_days",
        "noncurrent_expiration_days",
        "policy",
        "public_access_blocked",
        "tags",
    ];
    trial.healed("everything replaced", &wanted, &fields).await?;

    let found = s3.get_bucket_notification_configuration().bucket(name).send().await?;
    let kept = found.queue_configurations().iter().any(|entry| entry.id() == Some("theirs"));
    trial.check(&wanted, "other people's notifications stay", "event_bridge", &true, &kept);
    let found = s3.get_bucket_lifecycle_configuration().bucket(name).send().await?;
    let kept = found.rules().iter().any(|rule| rule.id() == Some("theirs"));
    trial.check(&wanted, "other people's lifecycle rules stay", "expiration_days", &true, &kept);

    let event_bridge = EventBridgeConfiguration::builder().build();
    notify(s3, name, NotificationConfiguration::builder().event_bridge_configuration(event_bridge).build())
        .await?;
    clients.sqs.delete_queue().set_queue_url(queue.queue_url).send().await?;
    Ok(())
}

async fn notify(s3: &aws_sdk_s3::Client, bucket: &str, configuration: NotificationConfiguration) -> Done {
    let call = s3.put_bucket_notification_configuration().bucket(bucket).skip_destination_validation(true);
    call.notification_configuration(configuration).send().await?;
    Ok(())
}

fn their_entry() -> Done<QueueConfiguration> {
    let entry = QueueConfiguration::builder().id("theirs").queue_arn(cloud::scope().arn("sqs", "theirs"));
    Ok(entry.events(Event::S3ObjectCreated).build()?)
}

fn their_rule() -> Done<LifecycleRule> {
    let rule = LifecycleRule::builder().id("theirs").status(ExpirationStatus::Enabled);
    let rule = rule.filter(LifecycleRuleFilter::builder().prefix("tmp/").build());
    Ok(rule.expiration(LifecycleExpiration::builder().days(1).build()).build()?)
}

/// What the deletion to come must empty: versions, a delete marker, an unfinished upload, more than a page.
async fn contents(trial: &mut Trial) -> Done {
    let clients = clients(trial);
    let (s3, name) = (&clients.s3, storage::bucket(&cloud::scope()).bucket_name);
    let puts = (0..1100).map(|number| s3.put_object().bucket(&name).key(format!("many/{number}")).send());
    futures::stream::iter(puts).buffer_unordered(8).try_collect::<Vec<_>>().await?;
    s3.put_object().bucket(&name).key("many/0").send().await?;
    s3.delete_object().bucket(&name).key("many/1").send().await?;
    s3.create_multipart_upload().bucket(&name).key("unfinished").send().await?;
    Ok(())
}

async fn definition(trial: &mut Trial) -> Done {
    let (clients, definition) = (clients(trial), storage::definition(&cloud::scope()));
    let wanted = Object::from(definition.clone());
    let put = |key: &str, body: &str| {
        let call = clients.s3.put_object().bucket(&definition.bucket_name).key(key);
        call.body(body.as_bytes().to_vec().into()).send()
    };
    put(&definition.key, "<html>").await?;
    trial.healed("what is no JSON", &wanted, &["document"]).await?;
    put(&definition.key, &definition.document.to_string()).await?;
    trial.right("other white space is no drift", &wanted).await?;

    let longer = format!("{}.old", definition.key);
    put(&longer, "").await?;
    trial.place.delete(&wanted).await?;
    let call = clients.s3.list_object_versions().bucket(&definition.bucket_name).prefix(&definition.key);
    let left: Vec<_> = call.send().await?.versions().iter().filter_map(|found| found.key.clone()).collect();
    trial.check(&wanted, "deletion leaves longer keys", "key", &vec![longer], &left);

    let elsewhere = Definition { bucket_name: "laws-no-such-bucket".to_owned(), ..definition }.into();
    let found = trial.place.root.read(&elsewhere).await?.map(|found| found.document());
    trial.check(&elsewhere, "what lies in a missing bucket is missing", "bucket_name", &None, &found);
    trial.place.root.delete(&elsewhere).await?;
    Ok(())
}

async fn table(trial: &mut Trial) -> Done {
    let (clients, table) = (clients(trial), storage::table());
    let (dynamodb, name) = (&clients.dynamodb, &table.table_name);
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("by-status").build()?;
    let delete = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    dynamodb.update_table().table_name(name).global_secondary_index_updates(delete).send().await?;
    let off = TimeToLiveSpecification::builder().attribute_name(&table.ttl_attribute).enabled(false);
    let call = dynamodb.update_time_to_live().table_name(name);
    call.time_to_live_specification(off.build()?).send().await?;
    trial.healed("index and expiry off", &table.into(), &["indexes", "ttl_attribute"]).await?;
    Ok(())
}

async fn catalog_table(trial: &mut Trial) -> Done {
    let (clients, table) = (clients(trial), catalog::catalog_table());
    let (glue, wanted) = (&clients.glue, Object::from(table.clone()));
    let found = glue.get_table().database_name(&table.database_name).name(&table.table_name);
    let before = found.clone().send().await?.table.ok_or("no table")?;
    let theirs = TableInput::builder()
        .name(&table.table_name)
        .set_description(before.description)
        .set_storage_descriptor(before.storage_descriptor)
        .set_partition_keys(before.partition_keys)
        .parameters("UPDATED_BY_CRAWLER", "theirs")
        .parameters("projection.other.type", "integer")
        .parameters(OWNER_KEY, &table.parameters[OWNER_KEY]);
    glue.update_table().database_name(&table.database_name).table_input(theirs.build()?).send().await?;
    trial.healed("other parameters", &wanted, &["parameters"]).await?;
    let after = found.send().await?.table.and_then(|table| table.parameters).unwrap_or_default();
    let kept = ["UPDATED_BY_CRAWLER", "projection.other.type"].map(|name| after.contains_key(name));
    trial.check(&wanted, "only other people's parameters stay", "parameters", &[true, false], &kept);
    Ok(())
}

async fn crawler(trial: &mut Trial) -> Done {
    let (clients, crawler) = (clients(trial), catalog::crawler(&cloud::scope()));
    let writes = SchemaChangePolicy::builder().update_behavior(UpdateBehavior::UpdateInDatabase).build();
    let call = clients.glue.update_crawler().name(&crawler.crawler_name).schema_change_policy(writes);
    call.send().await?;
    // It runs while it is deleted.
    let start = clients.glue.start_crawler().name(&crawler.crawler_name);
    trial.healed("a crawler that writes columns", &crawler.into(), &["table_names"]).await?;
    start.send().await?;
    Ok(())
}

async fn workgroup(trial: &mut Trial) -> Done {
    let (clients, workgroup) = (clients(trial), catalog::workgroup());
    let free = WorkGroupConfigurationUpdates::builder().enforce_work_group_configuration(false).build();
    let call = clients.athena.update_work_group().work_group(&workgroup.workgroup_name);
    call.configuration_updates(free).send().await?;
    trial.healed("no enforcement", &workgroup.into(), &["result_location"]).await?;
    Ok(())
}

async fn queue(trial: &mut Trial) -> Done {
    let (clients, wanted) = (clients(trial), Object::from(messaging::queue("laws")));
    let url = clients.sqs.get_queue_url().queue_name(wanted.name()).send().await?.queue_url;
    let call = clients.sqs.set_queue_attributes().set_queue_url(url);
    call.attributes(QueueAttributeName::SqsManagedSseEnabled, "false").send().await?;
    trial.healed("a queue without encryption", &wanted, &["kms_key_arn"]).await?;
    Ok(())
}

async fn rule(trial: &mut Trial) -> Done {
    let (clients, rule) = (clients(trial), messaging::rule(&cloud::scope()));
    let call = clients.events.remove_targets().rule(&rule.rule_name).event_bus_name(&rule.bus_name);
    call.ids("queue").send().await?;
    clients.events.disable_rule().name(&rule.rule_name).event_bus_name(&rule.bus_name).send().await?;
    trial.healed("a rule that does nothing", &rule.into(), &["enabled", "targets"]).await?;
    Ok(())
}

/// A deleted version goes on running; only its hash is lost.
async fn layer(trial: &mut Trial) -> Done {
    let (layer, function) = (compute::layer("one").into(), compute::function(&cloud::scope()).into());
    trial.place.delete(&layer).await?;
    trial.seen("a deleted layer", &function, &["layer_sha256"]).await?;
    trial.place.create(&layer).await?;
    trial.place.update(&layer, None).await?;
    trial.mended("a deleted layer", &function).await?;
    Ok(())
}

/// Lambda makes a missing group itself, without tags, and keeps its logs for ever.
async fn log_group(trial: &mut Trial) -> Done {
    let (clients, wanted) = (clients(trial), compute::log_group());
    clients.logs.delete_log_group().log_group_name(&wanted.log_group_name).send().await?;
    clients.logs.create_log_group().log_group_name(&wanted.log_group_name).send().await?;
    trial.healed("a group of Lambda's own", &wanted.into(), &["retention_days", "tags"]).await?;
    Ok(())
}

/// A policy that others gave it is theirs until the role goes.
async fn role(trial: &mut Trial) -> Done {
    let (clients, wanted) = (clients(trial), Object::from(compute::function_role()));
    let (name, theirs) = (wanted.name(), "arn:aws:iam::aws:policy/ReadOnlyAccess");
    clients.iam.attach_role_policy().role_name(&name).policy_arn(theirs).send().await?;
    clients.iam.delete_role_policy().role_name(&name).policy_name("least").send().await?;
    trial.healed("a deleted policy", &wanted, &["policy"]).await?;
    let found = clients.iam.list_attached_role_policies().role_name(name).send().await?;
    let attached: Vec<_> =
        found.attached_policies().iter().filter_map(|policy| policy.policy_arn()).collect();
    trial.check(&wanted, "other people's policies stay", "policy", &vec![theirs], &attached);
    Ok(())
}
