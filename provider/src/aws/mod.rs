//! Everything about talking to AWS that is not about one kind of object: clients, error codes, waiting, tags.

pub mod clients;
pub mod error;
pub mod home;
pub mod http;
pub mod memo;
pub mod policy;
pub mod retries;
pub mod roles;
pub mod scope;
pub mod tag_index;
pub mod tags;
pub mod wait;

use std::sync::Arc;

pub use clients::Clients;
pub use error::{AwsError, Calls, ErrorKind};
pub use memo::Memo;
pub use scope::Scope;
pub use tag_index::TagIndex;
use tokio_util::sync::CancellationToken;

/// What every component needs to act: clients, where it acts, and when to give up.
#[derive(Debug, Clone)]
pub struct Cx {
    /// One client a service, built once.
    pub clients: Arc<Clients>,
    /// Partition, account, region.
    pub scope: Scope,
    /// Waits end here with an error.
    pub deadline: tokio::time::Instant,
    /// Waits end early when a stop is asked for.
    pub stop: CancellationToken,
    /// Hashes of layer versions by ARN, which all functions of a pipeline share. A version never changes.
    pub layer_hashes: Arc<Memo<String>>,
    /// ARNs of layer versions by layer and hash, which all functions of a pipeline share.
    pub layer_versions: Arc<Memo<String>>,
    /// Versions by layer, for walks that only look.
    pub layer_lists: Arc<Memo<Arc<[aws_sdk_lambda::types::LayerVersionsListItem]>>>,
    /// Log groups by the beginning of their names, for walks that only look.
    pub log_groups: Arc<Memo<Arc<[aws_sdk_cloudwatchlogs::types::LogGroup]>>>,
    /// The index of tags, for walks that only look.
    pub tag_index: Option<Arc<TagIndex>>,
    /// Tags that are neither seen nor touched.
    pub ignored_tags: Arc<tags::Ignored>,
}

impl Cx {
    /// A world to act in until `deadline`.
    #[must_use]
    pub fn new(
        clients: Arc<Clients>,
        scope: Scope,
        deadline: tokio::time::Instant,
        stop: CancellationToken,
    ) -> Self {
        Self {
            clients,
            scope,
            deadline,
            stop,
            layer_hashes: Arc::default(),
            layer_versions: Arc::default(),
            layer_lists: Arc::default(),
            log_groups: Arc::default(),
            tag_index: None,
            ignored_tags: Arc::default(),
        }
    }

    /// The same where these tags belong to somebody else.
    #[must_use]
    pub fn ignoring(self, ignored_tags: Arc<tags::Ignored>) -> Self {
        Self { ignored_tags, ..self }
    }

    /// The same for a walk that only looks at the objects with this owner mark.
    #[must_use]
    pub fn only_looking(self, owner: String) -> Self {
        let index = TagIndex::of(owner, Arc::clone(&self.ignored_tags));
        Self { tag_index: Some(Arc::new(index)), ..self }
    }

    /// Whether this walk only looks, so that an answer may serve several objects.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        self.tag_index.is_some()
    }

    /// Tags as read, without AWS's own and those that belong to somebody else.
    pub fn managed(&self, found: impl IntoIterator<Item = (String, String)>) -> tags::Tags {
        self.ignored_tags.left_out_of(tags::managed(found))
    }

    /// Whether the object is known, without asking its service, to have exactly these tags.
    pub async fn tags_as_wanted(&self, arn: &str, wanted: &tags::Tags) -> bool {
        match &self.tag_index {
            Some(index) => index.says(&self.clients, arn, wanted).await,
            None => false,
        }
    }
}
