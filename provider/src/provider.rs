//! The provider block, and what comes of it: clients, account and region, default tags.

mod config;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use async_trait::async_trait;
use datalake_host::diag;
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

/// What is shared between the provider, which fills it, and its resources, which are made before.
#[derive(Debug, Default)]
pub struct Shared {
    configured: RwLock<Option<Configured>>,
    /// What destructions that failed have left, until it is looked at.
    left: Mutex<BTreeMap<String, Left>>,
}

/// The hash of each object that may be left, by logical name.
pub type Left = BTreeMap<String, String>;

impl Shared {
    /// What the provider block gave; none while its values are not known.
    #[must_use]
    pub fn get(&self) -> Option<Configured> {
        // The lock only ever guards one assignment: a panic cannot leave it half done.
        self.configured.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, where nothing can be done without it.
    pub fn configured(&self, diags: &mut Diagnostics) -> Option<Configured> {
        let configured = self.get();
        if configured.is_none() {
            diag::error(
                diags,
                "Provider not configured",
                "The provider block holds values that are not known yet, so AWS cannot be reached. Apply what they depend on first.",
                AttributePath::default(),
            );
        }
        configured
    }

    /// Replaces it.
    pub fn set(&self, configured: Option<Configured>) {
        *self.configured.write().unwrap_or_else(PoisonError::into_inner) = configured;
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
        let configured = if config.all_known() { configure(diags, &config).await } else { None };
        self.shared.set(configured);
        Some(())
    }
}

async fn configure(diags: &mut Diagnostics, config: &ProviderConfig) -> Option<Configured> {
    let clients = match Clients::connect(&config.connection()).await {
        Ok(clients) => clients,
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
        Some(account) => Ok(account),
        None => account(&clients).await,
    };
    match account {
        Ok(account) => {
            if let Err((path, why)) = config.admit(&account) {
                diag::error(diags, "Not in this account", why, path);
                return None;
            }
            Some(Configured {
                scope: Scope::new(&account, &region),
                clients: Arc::new(clients),
                default_tags: config.tags(),
                ignored_tags: Arc::new(config.ignored()),
            })
        }
        Err(error) => {
            tell(diags, config, &error);
            None
        }
    }
}

async fn account(clients: &Clients) -> Result<String, AwsError> {
    const OPERATION: &str = "sts:GetCallerIdentity";
    let identity = clients.sts.get_caller_identity().send().await.call(OPERATION)?;
    identity.account.ok_or_else(|| AwsError::ours(OPERATION, "NoAccount", "the answer names no account"))
}

/// Without the account no name and no ARN can be known. `skip_credentials_validation` makes that a warning: validation
/// and plans still work, with unknown outputs.
fn tell(diags: &mut Diagnostics, config: &ProviderConfig, error: &AwsError) {
    let (summary, advice) = advice(error.kind);
    let detail = format!("{advice}\n\nAWS said: {error}");
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
