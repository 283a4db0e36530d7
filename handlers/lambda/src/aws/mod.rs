//! The world on AWS. Clients are built once per process; retries of throttling and server errors are the SDK's.

mod attributes;
mod bus;
mod error;
mod list;
mod queue;
mod read;
mod table;
mod update;
mod write;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, tls};
use datalake_core::spec::PipelineSpec;

use crate::failure::PortError;
use crate::ports::{Clock, EmitMetrics, Ports};

const ATTEMPTS: u32 = 4;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// AWS as the environment describes it, for one pipeline.
pub async fn ports(pipeline: &PipelineSpec) -> Ports {
    let config = config().await;
    // A stand-in for AWS has one host name for all buckets.
    let path_style = std::env::var_os("AWS_ENDPOINT_URL").is_some();
    let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style).build();
    let objects = aws_sdk_s3::Client::from_conf(s3);
    let table = aws_sdk_dynamodb::Client::new(&config);
    let bus = aws_sdk_eventbridge::Client::new(&config);
    Ports {
        reader: Arc::new(read::S3Reader::new(objects.clone())),
        lister: Arc::new(list::S3Lister::new(objects.clone())),
        writer: Arc::new(write::S3Writer::new(objects)),
        table: Arc::new(table::DynamoTable::new(table, &pipeline.metadata_table)),
        bus: Arc::new(bus::EventBus::new(bus, &pipeline.event_bus)),
        queue: Arc::new(queue::Queues::new(aws_sdk_sqs::Client::new(&config))),
        metrics: Arc::new(StandardOutput),
        clock: Arc::new(SystemClock),
    }
}

async fn config() -> SdkConfig {
    // `ring` and not the SDK's default: see decisions/0002-ring-only.md.
    let http = Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts)
        .load()
        .await
}

/// CloudWatch reads metrics from what a function prints.
struct StandardOutput;

impl EmitMetrics for StandardOutput {
    fn emit(&self, line: &str) -> Result<(), PortError> {
        println!("{line}");
        Ok(())
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
