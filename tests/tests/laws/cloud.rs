//! A local cloud of one's own, the provider's clients in front of it, and what they call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use serde_json::Value;
use terraform_provider_datalake::aws::clients::{Clients, Connection, ENDPOINT_SERVICES};
use terraform_provider_datalake::aws::{Cx, Scope};
use terraform_provider_datalake::components::Object;
use terraform_provider_datalake::engine::{Failure, Item as _, World as _};
use tokio_util::sync::CancellationToken;
use xtask::cloud::{Cloud, Options};
use xtask::error::Result;

/// How long a whole trial may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// The account and region of the local cloud.
pub fn scope() -> Scope {
    Scope::new("000000000000", "us-east-1")
}

/// Where objects are made, and who called what there.
pub struct Place {
    /// For calls that are not the components' own.
    pub cx: Cx,
    /// The calls of the last operation, as `service:Operation`.
    pub calls: Vec<String>,
    /// All calls of the components, by kind.
    pub called: BTreeMap<&'static str, BTreeSet<String>>,
    log: PathBuf,
    read_to: u64,
    _cloud: Cloud,
}

impl Place {
    /// A new cloud; the name keeps its files apart.
    pub async fn new(name: &str) -> Result<Self> {
        let kit = datalake_tests::kit()?;
        let folder = kit.folder(&format!("test-laws-{name}-{}", std::process::id()))?;
        let log = folder.join("calls.jsonl");
        let options = Options { call_log: Some(log.clone()), ..Options::default() };
        let cloud = kit.cloud(&folder, &options)?;
        let scope = scope();
        let cx = Cx {
            clients: Arc::new(Clients::connect(&connection(cloud.endpoint(), &scope)).await),
            scope,
            deadline: tokio::time::Instant::now() + PATIENCE,
            stop: CancellationToken::new(),
        };
        Ok(Self { cx, calls: Vec::new(), called: BTreeMap::new(), log, read_to: 0, _cloud: cloud })
    }

    /// The object as it is.
    pub async fn read(&mut self, item: &Object) -> Result<Option<Object>, Failure> {
        self.noted(item, async |cx| cx.read(item).await).await
    }

    /// Makes the object.
    pub async fn create(&mut self, item: &Object) -> Result<(), Failure> {
        self.noted(item, async |cx| cx.create(item).await).await
    }

    /// Brings the object in line.
    pub async fn update(&mut self, item: &Object, observed: Option<&Object>) -> Result<(), Failure> {
        self.noted(item, async |cx| cx.update(item, observed).await).await
    }

    /// Removes the object.
    pub async fn delete(&mut self, item: &Object) -> Result<(), Failure> {
        self.noted(item, async |cx| cx.delete(item).await).await
    }

    async fn noted<T>(&mut self, item: &Object, work: impl AsyncFnOnce(&Cx) -> T) -> T {
        // What others called in between.
        drop(self.new_calls());
        let result = work(&self.cx).await;
        self.calls = self.new_calls();
        self.called.entry(item.kind()).or_default().extend(self.calls.iter().cloned());
        result
    }

    /// What was logged since the last time.
    fn new_calls(&mut self) -> Vec<String> {
        let mut text = String::new();
        // Before the first call there is no log.
        if let Ok(mut log) = File::open(&self.log) {
            let read = log.seek(SeekFrom::Start(self.read_to)).and_then(|_| log.read_to_string(&mut text));
            self.read_to += read.expect("the call log can be read") as u64;
        }
        let name = |line: &str| {
            let call: Value = serde_json::from_str(line).expect("the call log is JSON");
            [&call["service"], &call["operation"]].map(|part| part.as_str().unwrap_or("?")).join(":")
        };
        text.lines().map(name).collect()
    }
}

fn connection(endpoint: &str, scope: &Scope) -> Connection {
    let endpoints = ENDPOINT_SERVICES.map(|service| (service.to_owned(), endpoint.to_owned()));
    Connection {
        region: Some(scope.region.clone()),
        credentials: Some(Credentials::new("test", "test", None, None, "laws")),
        endpoints: endpoints.into(),
        ..Connection::default()
    }
}
