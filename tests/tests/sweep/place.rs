//! Where a run happens: a local cloud of its own, our pipeline behind the faulty wire, and what must not be touched.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use datalake_tests::CallLog;
use futures::FutureExt as _;
use serde_json::json;
use terraform_provider_datalake::aws::Scope;
use terraform_provider_datalake::aws::clients::{Clients, Connection, ENDPOINT_SERVICES, Transport};
use terraform_provider_datalake::aws::tags::Tags;
use terraform_provider_datalake::names::Names;
use terraform_provider_datalake::provider::Configured;
use tokio_util::sync::CancellationToken;
use xtask::cloud::{Cloud, Options};

use crate::Done;
use crate::inventory::{Inventory, inventory};
use crate::meddling;
use crate::terraform::{Terraform, config};
use crate::wire::{Meddling, Wire};

/// The pipeline that is tried.
pub const OURS: &str = "sweep";
/// Somebody else's, whose names begin like ours.
pub const NEIGHBOUR: &str = "sweep-next";
/// Its database, in which a hyphen is none.
const NEIGHBOUR_DATABASE: &str = "sweep_next";
/// The SDK's pause before its first retry.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// What lies in the buckets.
const DATA: [(&str, &str); 2] =
    [("processed", "validated/readings/part-0.parquet"), ("quarantine", "quarantine/readings/bad.json")];

/// A cloud with two pipelines' worth of clients.
pub struct Place {
    /// What faults are put in.
    pub wire: Wire,
    /// Our pipeline.
    pub terraform: Terraform,
    /// For what is not the provider's doing.
    pub root: Arc<Clients>,
    neighbour: Terraform,
    cloud: Cloud,
}

/// The account and region of the local cloud.
fn scope() -> Scope {
    Scope::new("000000000000", "us-east-1")
}

/// Our names.
pub fn names() -> Names {
    Names::new(OURS, &scope())
}

impl Place {
    /// A new cloud with the neighbour in it; the name keeps its files apart.
    pub async fn new(name: &str) -> Done<Self> {
        Self::started(&Self::folder(name)?, &Options::default()).await
    }

    /// The same where every call is written down.
    pub async fn with_call_log(name: &str) -> Done<(Self, CallLog)> {
        let folder = Self::folder(name)?;
        let path = folder.join("calls.jsonl");
        let options = Options { call_log: Some(path.clone()), ..Options::default() };
        Ok((Self::started(&folder, &options).await?, CallLog::new(path)))
    }

    fn folder(name: &str) -> Done<PathBuf> {
        Ok(datalake_tests::kit()?.folder(&format!("test-sweep-{name}-{}", std::process::id()))?)
    }

    async fn started(folder: &Path, options: &Options) -> Done<Self> {
        let cloud = datalake_tests::kit()?.cloud(folder, options)?;
        let (wire, direct) = (Wire::new(), Wire::new());
        let root = configured(cloud.endpoint(), &direct, administrator()).await;
        let ours = configured(cloud.endpoint(), &wire, administrator()).await;
        let mut neighbour = Terraform::new(root.clone());
        let theirs = config(&json!({"name": NEIGHBOUR, "datasets": {"theirs": {"format": "json"}}}));
        let errors = neighbour.apply(&theirs, &CancellationToken::new()).await;
        if !errors.is_empty() {
            return Err(format!("the neighbour cannot be made: {}", errors.join("; ")).into());
        }
        Ok(Self { wire, terraform: Terraform::new(ours), root: root.clients, neighbour, cloud })
    }

    /// What a provider is given that acts with somebody's credentials.
    pub async fn configured_as(&self, credentials: Credentials) -> Configured {
        configured(self.cloud.endpoint(), &self.wire, credentials).await
    }

    /// Everything but the neighbour's.
    pub async fn inventory(&self) -> Done<Inventory> {
        inventory(&self.root, &[NEIGHBOUR, NEIGHBOUR_DATABASE]).await
    }

    /// Whether a request speaks of the neighbour.
    pub fn speaks_of_neighbour(question: &str) -> bool {
        question.contains(NEIGHBOUR) || question.contains(NEIGHBOUR_DATABASE)
    }

    /// Whether the neighbour is as it was made.
    pub async fn neighbour_is_untouched(&self) -> bool {
        let Some(state) = &self.neighbour.state else { return false };
        let read = self.neighbour.read(state, &CancellationToken::new()).await;
        read.ok().flatten().as_ref() == Some(state)
    }

    /// What somebody does when the fault is drift; the number chooses.
    pub fn meddling(&self, number: usize) -> Meddling {
        let root = Arc::clone(&self.root);
        Arc::new(move || meddling::drift(Arc::clone(&root), number).boxed())
    }

    /// Puts data where data is.
    pub async fn put_data(&self) -> Done {
        for (role, key) in DATA {
            self.root
                .s3
                .put_object()
                .bucket(names().bucket(role))
                .key(key)
                .body(b"data".to_vec().into())
                .send()
                .await?;
        }
        let [id, range] = ["ProcessId", "Timestamp"].map(|name| (name, AttributeValue::S("kept".to_owned())));
        let item = [id, range].map(|(name, value)| (name.to_owned(), value)).into();
        self.root
            .dynamodb
            .put_item()
            .table_name(names().part("metadata"))
            .set_item(Some(item))
            .send()
            .await?;
        Ok(())
    }

    /// The data that is gone.
    pub async fn lost_data(&self) -> Vec<String> {
        let mut lost = Vec::new();
        for (role, key) in DATA {
            let found = self.root.s3.head_object().bucket(names().bucket(role)).key(key).send().await;
            if found.is_err() {
                lost.push(format!("{role}/{key}"));
            }
        }
        lost
    }
}

fn administrator() -> Credentials {
    Credentials::new("test", "test", None, None, "sweep")
}

/// Clients of a cloud behind a wire.
async fn configured(endpoint: &str, wire: &Wire, credentials: Credentials) -> Configured {
    let endpoints = ENDPOINT_SERVICES.map(|service| (service.to_owned(), endpoint.to_owned()));
    let connection = Connection {
        region: Some(scope().region),
        credentials: Some(credentials),
        endpoints: endpoints.into(),
        transport: Some(Transport { http_client: wire.client(), first_pause: FIRST_PAUSE }),
        ..Connection::default()
    };
    let clients = Clients::connect(&connection).await.expect("the wire needs no settings of a network");
    Configured {
        clients: Arc::new(clients),
        scope: scope(),
        default_tags: Tags::new(),
        ignored_tags: Arc::default(),
    }
}
