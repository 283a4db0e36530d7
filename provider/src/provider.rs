//! The provider block, and what comes of it: clients, account and region, default tags.

mod config;

use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use async_trait::async_trait;
use datalake_host::diag;
use futures::FutureExt as _;
use futures::future::{self, BoxFuture};
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, Diagnostics, Provider};

use crate::aws::tags::{Ignored, Tags};
use crate::aws::{AwsError, Calls, Clients, ErrorKind, Scope};

pub use config::{AssumeRole, DefaultTags, IgnoreTags, ProviderConfig, Secret, WebIdentity};

/// What resources need to act.
#[derive(Debug, Clone)]
pub struct Configured {
    /// One client a service.
    pub clients: Arc<Clients>,
    /// Partition, account, region.
    pub scope: Scope,
    /// `default_tags` of the provider block.
    pub default_tags: Tags,
    /// `ignore_tags` of the provider block.
    pub ignored_tags: Arc<Ignored>,
}

/// It is not where it was presumed to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elsewhere;

/// What the provider block gave, before it is known whose account it is.
#[derive(Debug, Clone)]
struct Connected {
    clients: Arc<Clients>,
    region: String,
    default_tags: Tags,
    ignored_tags: Arc<Ignored>,
    account: Account,
}

/// The account that STS names, once it has answered.
type Account = future::Shared<BoxFuture<'static, Result<String, Refused>>>;

/// Why there is no account, for people.
#[derive(Debug, Clone)]
struct Refused {
    summary: &'static str,
    detail: String,
}

fn account_of(asked: impl Future<Output = Result<String, Refused>> + Send + 'static) -> Account {
    asked.boxed().shared()
}

impl Connected {
    fn at(&self, scope: Scope) -> Configured {
        Configured {
            clients: Arc::clone(&self.clients),
            scope,
            default_tags: self.default_tags.clone(),
            ignored_tags: Arc::clone(&self.ignored_tags),
        }
    }
}

/// What is shared between the provider, which fills it, and its resources, which are made before.
#[derive(Debug, Default)]
pub struct Shared {
    connected: RwLock<Option<Connected>>,
    /// What destructions that failed have left, until it is looked at.
    left: Mutex<BTreeMap<String, Left>>,
}

/// The hash of each object that may be left, by logical name.
pub type Left = BTreeMap<String, String>;

impl Shared {
    /// What the provider block gave, where nothing can be done without it.
    pub async fn configured(&self, diags: &mut Diagnostics) -> Option<Configured> {
        let Some(connected) = self.connected() else {
            diag::error(
                diags,
                "Provider not configured",
                "The provider block holds values that are not known yet, so AWS cannot be reached. Apply what they depend on first.",
                AttributePath::default(),
            );
            return None;
        };
        match connected.account.clone().await {
            Ok(account) => Some(connected.at(Scope::new(&account, &connected.region))),
            Err(Refused { summary, detail }) => {
                diag::error(diags, summary, detail, AttributePath::default());
                None
            }
        }
    }

    /// The same at once, in the account that is presumed, while STS is being asked. What is seen there may have to be
    /// thrown away, and nothing may be changed before [`Shared::confirm`].
    pub async fn presumed(&self, diags: &mut Diagnostics, scope: Option<Scope>) -> Option<Configured> {
        if let Some(connected) = self.connected().filter(|connected| connected.account.peek().is_none())
            && let Some(scope) = scope.filter(|scope| scope.region == connected.region)
        {
            return Some(connected.at(scope));
        }
        self.configured(diags).await
    }

    /// Waits until it is sure where this is.
    ///
    /// # Errors
    /// When it is in another account, or nobody knows in which; [`Shared::configured`] says more.
    pub async fn confirm(&self, presumed: &Configured) -> Result<(), Elsewhere> {
        let connected = self.connected().ok_or(Elsewhere)?;
        let account = connected.account.clone().await.map_err(|_| Elsewhere)?;
        if account == presumed.scope.account { Ok(()) } else { Err(Elsewhere) }
    }

    /// Whether the provider block's values are known.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected().is_some()
    }

    /// What is known without waiting.
    #[must_use]
    pub fn known(&self) -> Option<Configured> {
        let connected = self.connected()?;
        let account = connected.account.peek()?.as_ref().ok()?;
        Some(connected.at(Scope::new(account, &connected.region)))
    }

    /// Gives what is known already.
    pub fn set(&self, configured: Configured) {
        let Configured { clients, scope, default_tags, ignored_tags } = configured;
        let account = account_of(ready(Ok(scope.account)));
        // Whoever asks without waiting is to find it.
        let _ = account.clone().now_or_never();
        self.connect(Some(Connected { clients, region: scope.region, default_tags, ignored_tags, account }));
    }

    fn connect(&self, connected: Option<Connected>) {
        *self.connected.write().unwrap_or_else(PoisonError::into_inner) = connected;
    }

    fn connected(&self) -> Option<Connected> {
        // The lock only ever guards one assignment: a panic cannot leave it half done.
        self.connected.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what a destruction of this pipeline that failed has left: whoever looks next may not be able to see it.
    pub fn note_left(&self, pipeline: &str, left: Left) {
        self.left().insert(pipeline.to_owned(), left);
    }

    /// What was noted since somebody looked.
    pub fn take_left(&self, pipeline: &str) -> Option<Left> {
        self.left().remove(pipeline)
    }

    fn left(&self) -> MutexGuard<'_, BTreeMap<String, Left>> {
        // Inserting and removing leave nothing half done.
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The provider.
#[derive(Debug)]
pub struct DatalakeProvider {
    shared: Arc<Shared>,
}

impl DatalakeProvider {
    /// A provider that shares what it is given with the resources that hold the same `shared`.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

/// Resources, data sources and functions are given to the host by `main`, so none is listed here.
#[async_trait]
impl Provider for DatalakeProvider {
    type Config<'a> = ProviderConfig;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _diags: &mut Diagnostics) -> Option<Schema> {
        Some(config::schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: ProviderConfig) -> Option<()> {
        for (path, message) in config.problems() {
            diag::error(diags, "Invalid provider configuration", message, path);
        }
        Some(())
    }

    async fn configure<'a>(
        &self,
        diags: &mut Diagnostics,
        _terraform: String,
        config: ProviderConfig,
    ) -> Option<()> {
        // With unknown values there is nothing to connect to yet: plans then show unknown outputs.
        let connected = if config.all_known() { connect(diags, &config).await } else { None };
        self.shared.connect(connected);
        Some(())
    }
}

async fn connect(diags: &mut Diagnostics, config: &ProviderConfig) -> Option<Connected> {
    let clients = match Clients::connect(&config.connection()).await {
        Ok(clients) => Arc::new(clients),
        Err((attribute, why)) => {
            let message = format!("{attribute} {why}");
            diag::error(diags, "The network settings cannot be used", message, AttributePath::new(attribute));
            return None;
        }
    };
    let Some(region) = clients.region.clone() else {
        let detail = "No region was found. Set `region` in the provider block, or the environment variable AWS_REGION, or a \
                      region in the profile of your AWS configuration.";
        diag::error(diags, "Region missing", detail, AttributePath::new("region"));
        return None;
    };
    let account = match config.account() {
        Some(account) => account_of(ready(Ok(account))),
        None => account_of(account(Arc::clone(&clients))),
    };
    // Elsewhere STS is asked by who needs the account first, beside its first looks, and what is wrong is said there.
    if config.is_particular() {
        admit(diags, config, account.clone().await)?;
    }
    let (default_tags, ignored_tags) = (config.tags(), Arc::new(config.ignored()));
    Some(Connected { clients, region, default_tags, ignored_tags, account })
}

/// Asks STS for the account.
async fn account(clients: Arc<Clients>) -> Result<String, Refused> {
    const OPERATION: &str = "sts:GetCallerIdentity";
    let identity = clients.sts.get_caller_identity().send().await.call(OPERATION);
    let account = identity.and_then(|identity| {
        identity.account.ok_or_else(|| AwsError::ours(OPERATION, "NoAccount", "the answer names no account"))
    });
    account.map_err(|error| refused(&error))
}

fn refused(error: &AwsError) -> Refused {
    let (summary, advice) = advice(error.kind);
    Refused { summary, detail: format!("{advice}\n\nAWS said: {error}") }
}

/// Whether the account is one to act in. Without it no name and no ARN can be known; `skip_credentials_validation`
/// makes that a warning: validation and plans still work, with unknown outputs.
fn admit(diags: &mut Diagnostics, config: &ProviderConfig, account: Result<String, Refused>) -> Option<()> {
    match account {
        Ok(account) => match config.admit(&account) {
            Ok(()) => Some(()),
            Err((path, why)) => {
                diag::error(diags, "Not in this account", why, path);
                None
            }
        },
        Err(refused) => {
            tell(diags, config, refused);
            None
        }
    }
}

fn tell(diags: &mut Diagnostics, config: &ProviderConfig, Refused { summary, detail }: Refused) {
    if config.skip_credentials_validation.known() != Some(&true) {
        diag::error(diags, summary, detail, AttributePath::root());
        return;
    }
    let detail = format!(
        "skip_credentials_validation is set, so this is no error; but the account id is a part of the pipelines' names: until \
         STS answers, plans show unknown outputs and nothing can be applied. {detail}"
    );
    diag::warning(
        diags,
        "The AWS account is not known",
        detail,
        AttributePath::new("skip_credentials_validation"),
    );
}

fn advice(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::NoAnswer => (
            "AWS cannot be asked who is calling",
            "No usable credentials were found, or STS cannot be reached. Give credentials by the environment \
             (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), a `profile` (after `aws sso login`, if it is one of those) or the \
             machine's role; check `endpoints.sts`, AWS_ENDPOINT_URL and the network. If `assume_role` is set, check its \
             role_arn and that the role trusts you.",
        ),
        _ => (
            "AWS does not accept the credentials",
            "The credentials may have expired or belong to another partition. Renew them, or choose others with `profile` or the \
             environment.",
        ),
    }
}

#[cfg(test)]
mod tests;
