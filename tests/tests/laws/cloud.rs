//! A local cloud of one's own, somebody who may do there exactly what the tables of permissions say, and what is called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use datalake_tests::{CallLog, name_of};
use serde_json::{Value, json};
use terraform_provider_datalake::aws::clients::{Clients, Connection, ENDPOINT_SERVICES};
use terraform_provider_datalake::aws::roles::Role;
use terraform_provider_datalake::aws::{Cx, Scope};
use terraform_provider_datalake::components::Object;
use terraform_provider_datalake::engine::{Failure, Item as _, World as _};
use tokio_util::sync::CancellationToken;
use xtask::cloud::{Cloud, Options};

use crate::Done;

/// How long a whole trial may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// The role that the components run under.
const CALLER: &str = "laws-caller";

/// The account and region of the local cloud.
pub fn scope() -> Scope {
    Scope::new("000000000000", "us-east-1")
}

/// Where objects are made, and who called what there.
pub struct Place {
    /// For calls that are not the components' own: it may do everything.
    pub root: Cx,
    /// The calls of the last operation, as `service:Operation`.
    pub calls: Vec<String>,
    /// All calls of the components, by kind.
    pub called: BTreeMap<&'static str, BTreeSet<String>>,
    cx: Cx,
    log: CallLog,
    _cloud: Cloud,
}

impl Place {
    /// A new cloud; the name keeps its files apart. The components run under a role with this policy.
    pub async fn new(name: &str, policy: &Value) -> Done<Self> {
        let kit = datalake_tests::kit()?;
        let folder = kit.folder(&format!("test-laws-{name}-{}", std::process::id()))?;
        let log = folder.join("calls.jsonl");
        let options = Options { call_log: Some(log.clone()), ..Options::default() };
        let cloud = kit.cloud(&folder, &options)?;
        let connection = connection(cloud.endpoint());
        let root = cx(&connection).await;
        let role_arn = caller(&root, policy).await?;
        let assume_role = Some(Role { role_arn, ..Role::default() });
        let cx = cx(&Connection { assume_role, ..connection }).await;
        let (calls, called) = (Vec::new(), BTreeMap::new());
        Ok(Self { root, calls, called, cx, log: CallLog::new(log), _cloud: cloud })
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
        // The line of a call that was given up may come late: it is not this operation's.
        drop(self.new_calls());
        // What one operation of the provider has heard of a layer, the next asks again.
        let cx = Cx { layer_hashes: Arc::default(), layer_versions: Arc::default(), ..self.cx.clone() };
        let result = work(&cx).await;
        self.calls = self.new_calls();
        self.called.entry(item.kind()).or_default().extend(self.calls.iter().cloned());
        result
    }

    /// What the components' role called since the last time.
    fn new_calls(&mut self) -> Vec<String> {
        let calls = self.log.new_calls().expect("the first call made the log");
        calls.iter().filter(|call| call["role"] == CALLER).map(name_of).collect()
    }
}

fn connection(endpoint: &str) -> Connection {
    let endpoints = ENDPOINT_SERVICES.map(|service| (service.to_owned(), endpoint.to_owned()));
    Connection {
        region: Some(scope().region),
        credentials: Some(Credentials::new("test", "test", None, None, "laws")),
        endpoints: endpoints.into(),
        ..Connection::default()
    }
}

async fn cx(connection: &Connection) -> Cx {
    let clients = Clients::connect(connection).await.expect("there is neither proxy nor file");
    Cx::new(Arc::new(clients), scope(), tokio::time::Instant::now() + PATIENCE, CancellationToken::new())
}

/// The ARN of a role with this policy.
async fn caller(root: &Cx, policy: &Value) -> Done<String> {
    let iam = &root.clients.iam;
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": root.scope.global_arn("iam", "root")},
    }});
    iam.create_role().role_name(CALLER).assume_role_policy_document(trust.to_string()).send().await?;
    let call = iam.put_role_policy().role_name(CALLER).policy_name("least");
    call.policy_document(policy.to_string()).send().await?;
    Ok(root.scope.global_arn("iam", &format!("role/{CALLER}")))
}
