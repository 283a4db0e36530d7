//! The component laws, tried on a running cloud for buckets, definitions, tables, databases, catalogue tables, crawlers
//! and workgroups. Prints kind, law and outcome; ends with 1 when a law is broken.
//!
//! Environment: `AWS_ENDPOINT_URL`, `AWS_REGION`, credentials; `DATALAKE_CALL_LOG` (the local cloud's) counts calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_glue::types::{SchemaChangePolicy, TableInput, UpdateBehavior};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, EventBridgeConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, NotificationConfiguration, PublicAccessBlockConfiguration,
    QueueConfiguration,
};
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use terraform_provider_datalake::aws::clients::{Clients, Connection};
use terraform_provider_datalake::aws::tags::{OWNER_KEY, Tags};
use terraform_provider_datalake::aws::{Cx, Scope, policy};
use terraform_provider_datalake::components::bucket::Bucket;
use terraform_provider_datalake::components::catalog_table::{CatalogColumn, CatalogTable};
use terraform_provider_datalake::components::crawler::Crawler;
use terraform_provider_datalake::components::database::Database;
use terraform_provider_datalake::components::definition::Definition;
use terraform_provider_datalake::components::table::Table;
use terraform_provider_datalake::components::workgroup::Workgroup;
use terraform_provider_datalake::components::{Component as _, Object};
use terraform_provider_datalake::engine::{Change, Item as _, Owner, World as _, change};
use tokio_util::sync::CancellationToken;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An object, and others of the same name that differ from it in one field each.
struct Case {
    object: Object,
    variations: Vec<(&'static str, Object)>,
}

type Vary<T> = (&'static str, Box<dyn Fn(&mut T)>);

fn case<T: Clone + Into<Object>>(object: T, variations: Vec<Vary<T>>) -> Case {
    let variations = variations.into_iter().map(|(field, vary)| {
        let mut varied = object.clone();
        vary(&mut varied);
        (field, varied.into())
    });
    Case { variations: variations.collect(), object: object.into() }
}

#[tokio::main]
async fn main() -> Result<()> {
    let clients = Clients::connect(&Connection::default()).await;
    let region = clients.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
    let identity = clients.sts.get_caller_identity().send().await?;
    let cx = Cx {
        clients: Arc::new(clients),
        scope: Scope::new(&identity.account.unwrap_or_default(), &region),
        deadline: tokio::time::Instant::now() + Duration::from_secs(120),
        stop: CancellationToken::new(),
    };
    for role in ["laws-crawler", "laws-crawler-2"] {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "glue.amazonaws.com"}}]});
        let call =
            cx.clients.iam.create_role().role_name(role).assume_role_policy_document(trust.to_string());
        let _ = call.send().await;
    }
    let things = Things::new(&cx.scope);
    let cases = things.cases();
    for case in cases.iter().rev() {
        let _ = cx.delete(&case.object).await;
    }
    let mut broken = 0;
    for case in &cases {
        broken += life(&cx, case)
            .await
            .unwrap_or_else(|error| report(case.object.kind(), "no failure", false, &error.to_string()));
    }
    let out_of_band = [
        ("bucket", bucket_out_of_band(&cx, &things).await),
        ("definition", definition_out_of_band(&cx, &things).await),
        ("table", table_out_of_band(&cx, &things).await),
        ("catalog", catalog_out_of_band(&cx, &things).await),
        ("workgroup", workgroup_out_of_band(&cx, &things).await),
    ];
    for (kind, result) in out_of_band {
        broken +=
            result.unwrap_or_else(|error| report(kind, "no failure out of band", false, &error.to_string()));
    }
    for case in cases.iter().rev() {
        broken += death(&cx, case)
            .await
            .unwrap_or_else(|error| report(case.object.kind(), "no failure", false, &error.to_string()));
    }
    println!("{broken} broken");
    std::process::exit(i32::from(broken > 0));
}

/// Creation, updates and repairs.
async fn life(cx: &Cx, case: &Case) -> Result<u32> {
    let (wanted, kind) = (&case.object, case.object.kind());
    let (found, calls) = counted(async { cx.read(wanted).await }).await;
    let mut broken = report(kind, "missing is none", found?.is_none(), &format!("{calls:?}"));
    let (made, create) = counted(cx.create(wanted)).await;
    made?;
    let (found, read) = counted(async { cx.read(wanted).await }).await;
    let owner = found?.map(|found| found.owner());
    broken += report(
        kind,
        "read after create, with its owner",
        owner == Some(wanted.owner()),
        &format!("{owner:?}"),
    );
    let (done, update) = counted(cx.update(wanted, None)).await;
    done?;
    println!("{kind:<13} create {create:?}\n{kind:<13} update {update:?}\n{kind:<13} read {read:?}");
    broken += keeps(cx, "keep after create and update", wanted).await?;
    cx.update(wanted, None).await?;
    broken += keeps(cx, "keep after update without observation twice", wanted).await?;
    let observed = cx.read(wanted).await?;
    let (done, calls) = counted(cx.update(wanted, observed.as_ref())).await;
    done?;
    broken += report(kind, "update of what is right calls nothing", calls.is_empty(), &format!("{calls:?}"));
    for (field, varied) in &case.variations {
        for (law, target) in [("change", varied), ("change back", wanted)] {
            let observed = cx.read(target).await?;
            let seen = change(target, observed.as_ref());
            let one = seen == Change::Update(vec![(*field).to_owned()]);
            broken += report(kind, &format!("{law} of {field} is seen"), one, &format!("{seen:?}"));
            let (done, calls) = counted(cx.update(target, observed.as_ref())).await;
            match done {
                Ok(()) => println!("{kind:<13} {law} {field}: {calls:?}"),
                Err(failure) => {
                    broken += report(kind, &format!("{law} of {field}"), false, &failure.to_string())
                }
            }
            broken += keeps(cx, &format!("keep after {law} of {field}"), target).await?;
        }
    }
    let again = cx.create(wanted).await.map_err(|failure| (failure.exists, failure.code));
    println!("{kind:<13} create again: {again:?}");
    Ok(broken + keeps(cx, "keep after a second create", wanted).await?)
}

async fn death(cx: &Cx, case: &Case) -> Result<u32> {
    let kind = case.object.kind();
    let (done, calls) = counted(cx.delete(&case.object)).await;
    done?;
    println!("{kind:<13} delete {calls:?}");
    let mut broken = report(kind, "none after delete", cx.read(&case.object).await?.is_none(), "");
    broken += report(kind, "delete again", cx.delete(&case.object).await.is_ok(), "");
    Ok(broken)
}

async fn keeps(cx: &Cx, law: &str, wanted: &Object) -> Result<u32> {
    let observed = cx.read(wanted).await?;
    let keep = change(wanted, observed.as_ref()) == Change::Keep;
    let have = observed.map(|found| found.document().to_string());
    Ok(report(wanted.kind(), law, keep, &format!("\n  want {}\n  have {have:?}", wanted.document())))
}

/// What somebody did is seen in these fields, and mended.
async fn heals(cx: &Cx, law: &str, wanted: &Object, fields: &[&str]) -> Result<u32> {
    let observed = cx.read(wanted).await?;
    let seen = change(wanted, observed.as_ref());
    let expected = Change::Update(fields.iter().map(|field| (*field).to_owned()).collect());
    let mut broken = report(wanted.kind(), &format!("{law} is seen"), seen == expected, &format!("{seen:?}"));
    cx.update(wanted, observed.as_ref()).await?;
    broken += keeps(cx, &format!("{law} is mended"), wanted).await?;
    Ok(broken)
}

async fn bucket_out_of_band(cx: &Cx, things: &Things) -> Result<u32> {
    let (s3, name, kind) = (&cx.clients.s3, &things.bucket.bucket_name, "bucket");
    let wanted: Object = things.bucket.clone().into();
    let queue = cx.clients.sqs.create_queue().queue_name("laws-theirs").send().await?;
    let entry = QueueConfiguration::builder()
        .id("theirs")
        .queue_arn(cx.scope.arn("sqs", "laws-theirs"))
        .events(aws_sdk_s3::types::Event::S3ObjectCreated)
        .build()?;
    let theirs = NotificationConfiguration::builder().queue_configurations(entry);
    let call = s3.put_bucket_notification_configuration().bucket(name).skip_destination_validation(true);
    call.notification_configuration(theirs.build()).send().await?;
    let rule = LifecycleRule::builder()
        .id("theirs")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("tmp/").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()?;
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build()?;
    s3.put_bucket_lifecycle_configuration().bucket(name).lifecycle_configuration(rules).send().await?;
    s3.delete_bucket_policy().bucket(name).send().await?;
    let open = PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
    s3.put_public_access_block().bucket(name).public_access_block_configuration(open).send().await?;
    s3.delete_bucket_tagging().bucket(name).send().await?;
    let owner = cx.read(&wanted).await?.map(|found| found.owner());
    let mut broken =
        report(kind, "a lost mark is seen", owner == Some(Owner::Unmarked), &format!("{owner:?}"));
    let fields = [
        "abort_incomplete_upload_days",
        "event_bridge",
        "expiration_days",
        "noncurrent_expiration_days",
        "policy",
        "public_access_blocked",
        "tags",
    ];
    broken += heals(cx, "everything replaced", &wanted, &fields).await?;
    let found = s3.get_bucket_notification_configuration().bucket(name).send().await?;
    let kept = found.queue_configurations().iter().any(|entry| entry.id() == Some("theirs"));
    broken += report(kind, "their notification stays", kept, &format!("{found:?}"));
    let found = s3.get_bucket_lifecycle_configuration().bucket(name).send().await?;
    let kept = found.rules().iter().any(|rule| rule.id() == Some("theirs"));
    broken += report(kind, "their lifecycle rule stays", kept, &format!("{found:?}"));
    s3.put_bucket_notification_configuration()
        .bucket(name)
        .notification_configuration(
            NotificationConfiguration::builder()
                .event_bridge_configuration(EventBridgeConfiguration::builder().build())
                .build(),
        )
        .send()
        .await?;
    cx.clients.sqs.delete_queue().set_queue_url(queue.queue_url).send().await?;
    // Contents for the deletion to come: versions, a delete marker, an unfinished upload, more than a page.
    let puts = (0..1100).map(|n| s3.put_object().bucket(name).key(format!("many/{n}")).send());
    futures::stream::iter(puts).buffer_unordered(8).try_collect::<Vec<_>>().await?;
    s3.put_object().bucket(name).key("many/0").send().await?;
    s3.delete_object().bucket(name).key("many/1").send().await?;
    s3.create_multipart_upload().bucket(name).key("unfinished").send().await?;
    Ok(broken)
}

async fn definition_out_of_band(cx: &Cx, things: &Things) -> Result<u32> {
    let (s3, wanted) = (&cx.clients.s3, &things.definition);
    let put = || s3.put_object().bucket(&wanted.bucket_name).key(&wanted.key);
    put().body(b"<html>".to_vec().into()).send().await?;
    let mut broken = heals(cx, "no JSON", &wanted.clone().into(), &["document"]).await?;
    put().body(wanted.document.to_string().into_bytes().into()).send().await?;
    broken += keeps(cx, "other white space is no drift", &wanted.clone().into()).await?;
    s3.put_object().bucket(&wanted.bucket_name).key(format!("{}.old", wanted.key)).send().await?;
    wanted.delete(cx).await.map_err(|error| error.to_string())?;
    let left = s3.list_object_versions().bucket(&wanted.bucket_name).prefix(&wanted.key).send().await?;
    let left: Vec<_> = left.versions().iter().filter_map(|version| version.key()).collect();
    let only = left == [format!("{}.old", wanted.key)];
    broken += report("definition", "deletion leaves longer keys", only, &format!("{left:?}"));
    let elsewhere = Definition { bucket_name: "laws-no-such-bucket".to_owned(), ..wanted.clone() };
    broken += report(
        "definition",
        "missing bucket is none",
        cx.read(&elsewhere.clone().into()).await?.is_none(),
        "",
    );
    Ok(broken + report("definition", "delete in a missing bucket", elsewhere.delete(cx).await.is_ok(), ""))
}

async fn table_out_of_band(cx: &Cx, things: &Things) -> Result<u32> {
    let wanted = &things.table;
    let other = Table { keys: ("Other".to_owned(), "Timestamp".to_owned()), ..wanted.clone() };
    let observed = cx.read(&other.clone().into()).await?;
    let seen = change(&other.into(), observed.as_ref());
    let replace = seen == Change::Replace(vec!["keys".to_owned()]);
    let mut broken = report("table", "other keys replace it", replace, &format!("{seen:?}"));
    let dynamodb = &cx.clients.dynamodb;
    let delete = aws_sdk_dynamodb::types::DeleteGlobalSecondaryIndexAction::builder()
        .index_name("by-status")
        .build()?;
    let update = aws_sdk_dynamodb::types::GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    let call = dynamodb.update_table().table_name(&wanted.table_name).global_secondary_index_updates(update);
    call.send().await?;
    let off = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder()
        .attribute_name("expiresAt")
        .enabled(false);
    let call = dynamodb.update_time_to_live().table_name(&wanted.table_name);
    call.time_to_live_specification(off.build()?).send().await?;
    broken +=
        heals(cx, "index and expiry off", &wanted.clone().into(), &["indexes", "ttl_attribute"]).await?;
    Ok(broken)
}

async fn catalog_out_of_band(cx: &Cx, things: &Things) -> Result<u32> {
    let (glue, table) = (&cx.clients.glue, &things.catalog_table);
    let theirs = TableInput::builder()
        .name(&table.table_name)
        .parameters("UPDATED_BY_CRAWLER", "c")
        .parameters("projection.other.type", "integer")
        .parameters(OWNER_KEY, "laws@us-east-1")
        .build()?;
    glue.update_table().database_name(&table.database_name).table_input(theirs).send().await?;
    let mut broken = heals(cx, "other parameters", &table.clone().into(), &["parameters"]).await?;
    let found = glue.get_table().database_name(&table.database_name).name(&table.table_name).send().await?;
    let parameters = found.table.and_then(|table| table.parameters).unwrap_or_default();
    let kept =
        parameters.contains_key("UPDATED_BY_CRAWLER") && !parameters.contains_key("projection.other.type");
    broken += report("catalog_table", "their parameters stay", kept, &format!("{parameters:?}"));
    let name = &things.crawler.crawler_name;
    let writes = SchemaChangePolicy::builder().update_behavior(UpdateBehavior::UpdateInDatabase).build();
    glue.update_crawler().name(name).schema_change_policy(writes).send().await?;
    broken +=
        heals(cx, "a crawler that writes columns", &things.crawler.clone().into(), &["table_names"]).await?;
    // It runs while it is deleted.
    glue.start_crawler().name(name).send().await?;
    Ok(broken)
}

async fn workgroup_out_of_band(cx: &Cx, things: &Things) -> Result<u32> {
    let (athena, wanted) = (&cx.clients.athena, &things.workgroup);
    let free = aws_sdk_athena::types::WorkGroupConfigurationUpdates::builder()
        .enforce_work_group_configuration(false);
    let call = athena.update_work_group().work_group(&wanted.workgroup_name);
    call.configuration_updates(free.build()).send().await?;
    heals(cx, "no enforcement", &wanted.clone().into(), &["result_location"]).await
}

/// What is tried.
struct Things {
    bucket: Bucket,
    definition: Definition,
    table: Table,
    database: Database,
    catalog_table: CatalogTable,
    crawler: Crawler,
    workgroup: Workgroup,
    key: String,
    other_role: String,
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn tags() -> Tags {
    BTreeMap::from([(text(OWNER_KEY), text("laws@us-east-1")), (text("team"), text("data"))])
}

fn column(name: &str, kind: &str, comment: &str) -> CatalogColumn {
    CatalogColumn { name: text(name), column_type: text(kind), comment: text(comment) }
}

impl Things {
    fn new(scope: &Scope) -> Self {
        let bucket_name = format!("laws-processed-{}-{}", scope.account, scope.region);
        let table_name = text("readings");
        let location = format!("s3://{bucket_name}/validated/dataset=readings/");
        Self {
            key: scope.arn("kms", "key/11111111-2222-3333-4444-555555555555"),
            other_role: scope.global_arn("iam", "role/laws-crawler-2"),
            bucket: bucket(scope, &bucket_name),
            definition: Definition {
                bucket_name: bucket_name.clone(),
                key: text("_datalake/pipeline.json"),
                document: json!({"name": "laws", "datasets": {"readings": {"threshold": 0.123_456_789_012_345_68}}}),
            },
            table: Table {
                table_name: text("laws-metadata"),
                keys: (text("ProcessId"), text("Timestamp")),
                indexes: BTreeMap::from([(text("by-status"), (text("Status"), text("UpdatedAt")))]),
                kms_key_arn: None,
                stream_view: text("NEW_AND_OLD_IMAGES"),
                ttl_attribute: text("expiresAt"),
                point_in_time_recovery: true,
                tags: tags(),
            },
            database: Database {
                database_name: text("laws"),
                description: text("Accepted rows of the data lake pipeline laws"),
                location: format!("s3://{bucket_name}/validated/"),
                tags: tags(),
            },
            catalog_table: CatalogTable {
                database_name: text("laws"),
                table_name: table_name.clone(),
                description: text("Accepted rows of the dataset readings"),
                columns: vec![column("device_id", "string", "who"), column("value", "double", "")],
                partition_keys: vec![column("day", "date", "")],
                parameters: BTreeMap::from([
                    (text("classification"), text("parquet")),
                    (text("EXTERNAL"), text("TRUE")),
                    (text("projection.enabled"), text("true")),
                    (text("storage.location.template"), format!("{location}day=${{day}}/")),
                    (text(OWNER_KEY), text("laws@us-east-1")),
                ]),
                location,
            },
            crawler: Crawler {
                crawler_name: text("laws-crawler"),
                role_arn: scope.global_arn("iam", "role/laws-crawler"),
                database_name: text("laws"),
                table_names: vec![table_name],
                schedule: text("cron(0 */6 * * ? *)"),
                tags: tags(),
            },
            workgroup: Workgroup {
                workgroup_name: text("laws"),
                result_location: format!("s3://{bucket_name}/_athena/"),
                kms_key_arn: None,
                tags: tags(),
            },
        }
    }

    fn cases(&self) -> Vec<Case> {
        let more_tags =
            || BTreeMap::from([(text(OWNER_KEY), text("laws@us-east-1")), (text("stage"), text("test"))]);
        let (key, key2, key3) = (self.key.clone(), self.key.clone(), self.key.clone());
        let role = self.other_role.clone();
        vec![
            case(
                self.bucket.clone(),
                vec![
                    ("versioning", Box::new(|it: &mut Bucket| it.versioning = false)),
                    ("kms_key_arn", Box::new(move |it| it.kms_key_arn = Some(key.clone()))),
                    ("policy", Box::new(|it| it.policy = Value::Null)),
                    ("public_access_blocked", Box::new(|it| it.public_access_blocked = false)),
                    ("expiration_days", Box::new(|it| it.expiration_days.clear())),
                    ("noncurrent_expiration_days", Box::new(|it| it.noncurrent_expiration_days = 5)),
                    ("abort_incomplete_upload_days", Box::new(|it| it.abort_incomplete_upload_days = 9)),
                    ("event_bridge", Box::new(|it| it.event_bridge = false)),
                    ("tags", Box::new(move |it| it.tags = more_tags())),
                ],
            ),
            case(
                self.definition.clone(),
                vec![("document", Box::new(|it: &mut Definition| it.document = json!({"name": "other"})))],
            ),
            case(
                self.table.clone(),
                vec![
                    (
                        "indexes",
                        Box::new(|it: &mut Table| {
                            it.indexes = [(text("by-day"), (text("Day"), text("At")))].into()
                        }),
                    ),
                    (
                        "indexes",
                        Box::new(|it| {
                            it.indexes = [(text("by-status"), (text("Status"), text("At")))].into()
                        }),
                    ),
                    ("indexes", Box::new(|it| it.indexes = BTreeMap::new())),
                    ("kms_key_arn", Box::new(move |it| it.kms_key_arn = Some(key2.clone()))),
                    ("stream_view", Box::new(|it| it.stream_view = text("KEYS_ONLY"))),
                    ("stream_view", Box::new(|it| it.stream_view = String::new())),
                    ("ttl_attribute", Box::new(|it| it.ttl_attribute = text("other"))),
                    ("ttl_attribute", Box::new(|it| it.ttl_attribute = String::new())),
                    ("point_in_time_recovery", Box::new(|it| it.point_in_time_recovery = false)),
                    ("tags", Box::new(move |it| it.tags = more_tags())),
                ],
            ),
            case(
                self.database.clone(),
                vec![
                    ("description", Box::new(|it: &mut Database| it.description = text("other"))),
                    ("location", Box::new(|it| it.location = text("s3://other/"))),
                    ("tags", Box::new(move |it| it.tags = more_tags())),
                ],
            ),
            case(
                self.catalog_table.clone(),
                vec![
                    ("description", Box::new(|it: &mut CatalogTable| it.description = text("other"))),
                    ("location", Box::new(|it| it.location = text("s3://other/"))),
                    ("columns", Box::new(|it| it.columns.reverse())),
                    ("partition_keys", Box::new(|it| it.partition_keys.clear())),
                    (
                        "parameters",
                        Box::new(|it| drop(it.parameters.insert(text("projection.day.type"), text("date")))),
                    ),
                ],
            ),
            case(
                self.crawler.clone(),
                vec![
                    ("role_arn", Box::new(move |it: &mut Crawler| it.role_arn = role.clone())),
                    ("table_names", Box::new(|it| it.table_names.insert(0, text("other")))),
                    ("schedule", Box::new(|it| it.schedule = text("cron(0 1 * * ? *)"))),
                    ("tags", Box::new(move |it| it.tags = more_tags())),
                ],
            ),
            case(
                self.workgroup.clone(),
                vec![
                    (
                        "result_location",
                        Box::new(|it: &mut Workgroup| it.result_location = text("s3://other/")),
                    ),
                    ("kms_key_arn", Box::new(move |it| it.kms_key_arn = Some(key3.clone()))),
                    ("tags", Box::new(move |it| it.tags = more_tags())),
                ],
            ),
        ]
    }
}

fn bucket(scope: &Scope, bucket_name: &str) -> Bucket {
    Bucket {
        bucket_name: text(bucket_name),
        versioning: true,
        kms_key_arn: None,
        policy: policy::canonical(json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [scope.s3_arn(bucket_name), scope.s3_arn(&format!("{bucket_name}/*"))],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalAccount": "111111111111"}}
        }]})),
        public_access_blocked: true,
        expiration_days: BTreeMap::from([("validated/".to_owned(), 30)]),
        noncurrent_expiration_days: 90,
        abort_incomplete_upload_days: 7,
        event_bridge: true,
        tags: tags(),
    }
}

/// Runs something and names the calls it made, as the cloud logged them.
async fn counted<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    // The cloud answers before it writes its log.
    let logged = || async {
        tokio::time::sleep(Duration::from_millis(60)).await;
        calls()
    };
    let before = logged().await.len();
    let result = work.await;
    (result, logged().await.split_off(before))
}

fn calls() -> Vec<String> {
    let text = std::env::var("DATALAKE_CALL_LOG").ok().and_then(|path| std::fs::read_to_string(path).ok());
    let name = |line: &str| {
        let call: Value = serde_json::from_str(line).ok()?;
        Some(call.get("action").or_else(|| call.get("operation"))?.as_str()?.to_owned())
    };
    text.unwrap_or_default().lines().map(|line| name(line).unwrap_or_else(|| line.to_owned())).collect()
}

fn report(kind: &str, law: &str, holds: bool, detail: &str) -> u32 {
    println!("{kind:<13} {law}: {}", if holds { "ok".to_owned() } else { format!("VIOLATION {detail}") });
    u32::from(!holds)
}
