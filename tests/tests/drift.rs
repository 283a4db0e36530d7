//! What somebody changes or deletes behind our back is in the plan, by name, and one apply brings it back.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::collections::BTreeSet;

use datalake_tests::World;
use xtask::error::{Error, Result};

/// One object of every kind, and what somebody does to it with an SDK at hand.
type Harm = (&'static str, &'static str);

const NAMES: &str = "
raw, processed, quarantine = (f'sensors-{role}-000000000000-us-east-1' for role in ('raw', 'processed', 'quarantine'))
s3, iam, sqs, events, functions, glue = (client(name) for name in ('s3', 'iam', 'sqs', 'events', 'lambda', 'glue'))
def url(name): return sqs.get_queue_url(QueueName=name)['QueueUrl']
def mapping(name): return functions.list_event_source_mappings(FunctionName=name)['EventSourceMappings'][0]['UUID']
def empty(bucket):
    found = s3.list_object_versions(Bucket=bucket)
    for version in found.get('Versions', []) + found.get('DeleteMarkers', []):
        s3.delete_object(Bucket=bucket, Key=version['Key'], VersionId=version['VersionId'])
";

/// A field of one object of each kind is changed.
const CHANGES: [Harm; 18] = [
    // Tags, which a refresh takes from the account's index where they are right.
    ("queue.validate", "sqs.tag_queue(QueueUrl=url('sensors-validate'), Tags={'theirs': 'x'})"),
    ("bucket.quarantine", "s3.delete_bucket_tagging(Bucket=quarantine)"),
    (
        "log_group.quality",
        "client('logs').untag_log_group(logGroupName='/aws/lambda/sensors-quality', tags=['datalake:pipeline'])",
    ),
    ("bucket.raw", "s3.put_bucket_versioning(Bucket=raw, VersioningConfiguration={'Status': 'Suspended'})"),
    (
        "catalog_table.orders",
        "t = glue.get_table(DatabaseName='sensors', Name='orders')['Table']; glue.update_table(DatabaseName='sensors', TableInput={k: v for k, v in t.items() if k in ('Name', 'StorageDescriptor', 'PartitionKeys', 'Parameters', 'TableType')} | {'Description': 'theirs'})",
    ),
    ("crawler.catalog", "glue.update_crawler(Name='sensors-crawler', Schedule='cron(0 1 * * ? *)')"),
    (
        "database.catalog",
        "glue.update_database(Name='sensors', DatabaseInput={'Name': 'sensors', 'Description': 'theirs'})",
    ),
    ("definition.pipeline", "s3.put_object(Bucket=processed, Key='_datalake/pipeline.json', Body=b'{}')"),
    ("event_bus.main", "events.update_event_bus(Name='sensors-bus', Description='theirs')"),
    (
        "function.ingest",
        "functions.update_function_configuration(FunctionName='sensors-ingest', MemorySize=512)",
    ),
    (
        "layer.handlers",
        "functions.publish_layer_version(LayerName='sensors-handlers', Content={'ZipFile': b'PK\\x05\\x06' + bytes(18)}, Description='theirs')",
    ),
    (
        "log_group.ingest",
        "client('logs').put_retention_policy(logGroupName='/aws/lambda/sensors-ingest', retentionInDays=1)",
    ),
    ("mapping.ingest", "functions.update_event_source_mapping(UUID=mapping('sensors-ingest'), BatchSize=3)"),
    (
        "queue.ingest",
        "sqs.set_queue_attributes(QueueUrl=url('sensors-ingest'), Attributes={'VisibilityTimeout': '7'})",
    ),
    ("role.validate", "iam.delete_role_policy(RoleName='sensors-us-east-1-validate', PolicyName='least')"),
    (
        "rule.validate",
        "events.remove_targets(Rule='sensors-validate', EventBusName='sensors-bus', Ids=['queue'])",
    ),
    (
        "table.metadata",
        "client('dynamodb').update_time_to_live(TableName='sensors-metadata', TimeToLiveSpecification={'Enabled': False, 'AttributeName': 'expiresAt'})",
    ),
    (
        "workgroup.main",
        "client('athena').update_work_group(WorkGroup='sensors', ConfigurationUpdates={'EnforceWorkGroupConfiguration': False})",
    ),
];

/// One object of each kind is deleted.
const DELETIONS: [Harm; 15] = [
    ("bucket.quarantine", "empty(quarantine); s3.delete_bucket(Bucket=quarantine)"),
    ("catalog_table.orders", "glue.delete_table(DatabaseName='sensors', Name='orders')"),
    ("crawler.catalog", "glue.delete_crawler(Name='sensors-crawler')"),
    (
        "database.catalog",
        "[glue.delete_table(DatabaseName='sensors', Name=n) for n in ('readings',)]; glue.delete_database(Name='sensors')",
    ),
    ("definition.pipeline", "s3.delete_object(Bucket=processed, Key='_datalake/pipeline.json')"),
    (
        "event_bus.main",
        "[(events.remove_targets(Rule=r, EventBusName='sensors-bus', Ids=['queue']), events.delete_rule(Name=r, EventBusName='sensors-bus')) for r in ('sensors-ingest', 'sensors-quality', 'sensors-validate')]; events.delete_event_bus(Name='sensors-bus')",
    ),
    ("mapping.quality", "functions.delete_event_source_mapping(UUID=mapping('sensors-quality'))"),
    ("function.ingest", "functions.delete_function(FunctionName='sensors-ingest')"),
    (
        "layer.handlers",
        "[functions.delete_layer_version(LayerName='sensors-handlers', VersionNumber=v['Version']) for v in functions.list_layer_versions(LayerName='sensors-handlers')['LayerVersions']]",
    ),
    ("log_group.ingest", "client('logs').delete_log_group(logGroupName='/aws/lambda/sensors-ingest')"),
    ("queue.quality_dead_letters", "sqs.delete_queue(QueueUrl=url('sensors-quality-dead-letters'))"),
    (
        "role.crawler",
        "iam.delete_role_policy(RoleName='sensors-us-east-1-crawler', PolicyName='least'); iam.delete_role(RoleName='sensors-us-east-1-crawler')",
    ),
    (
        "rule.raw",
        "events.remove_targets(Rule='sensors-raw', Ids=['bus']); events.delete_rule(Name='sensors-raw')",
    ),
    ("table.metadata", "client('dynamodb').delete_table(TableName='sensors-metadata')"),
    ("workgroup.main", "client('athena').delete_work_group(WorkGroup='sensors', RecursiveDeleteOption=True)"),
];

/// What goes with something deleted, and so is in the plan too.
const TAKEN_ALONG: [&str; 6] = [
    "catalog_table.readings",
    "function.quality",
    "function.validate",
    "rule.ingest",
    "rule.quality",
    "rule.validate",
];

/// Every kind: changed, then deleted.
#[test]
fn drift_is_shown_and_healed() -> Result {
    let world = World::new("drift")?;
    world.work.apply(&[])?;
    let all: BTreeSet<String> = world.hashes()?.keys().map(|key| kind(key)).collect();
    for harms in [&CHANGES[..], &DELETIONS[..]] {
        assert_eq!(harms.iter().map(|(object, _)| kind(object)).collect::<BTreeSet<_>>(), all, "every kind");
    }
    heals(&world, &CHANGES, &[])?;
    heals(&world, &DELETIONS, &TAKEN_ALONG)?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Does the harm; exactly what was harmed is in the plan, one apply heals it, nothing is left to do.
fn heals(world: &World, harms: &[Harm], taken_along: &[&str]) -> Result {
    let code: Vec<&str> = harms.iter().map(|(_, code)| *code).collect();
    world.python(&format!("{NAMES}\n{}", code.join("\n")))?;
    let planned = world.changing_objects()?;
    let harmed: BTreeSet<String> = harms
        .iter()
        .map(|(object, _)| *object)
        .chain(taken_along.iter().copied())
        .map(str::to_owned)
        .collect();
    if planned != harmed {
        let unseen: Vec<_> = harmed.difference(&planned).collect();
        let surprising: Vec<_> = planned.difference(&harmed).collect();
        return Err(Error::new(format!("the plan does not show {unseen:?}, and shows {surprising:?}")));
    }
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])
}

/// The kind in a logical name.
fn kind(object: &str) -> String {
    object.split('.').next().unwrap_or_default().to_owned()
}
