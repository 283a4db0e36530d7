//! The account's index of tags: one call instead of one an object.
//!
//! AWS surprises: the index follows the services by seconds to minutes. So it is only believed where it says what is
//! wanted: then the worst is that a tag changed a moment ago shows at the next refresh. Where it says anything else, or
//! nothing, the object's own service is asked: it never makes up a difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::tags::{self, Ignored, OWNER_KEY, Tags};
use super::{Calls, Clients};

/// What the index says of one pipeline's objects, asked for once.
#[derive(Debug)]
pub struct TagIndex {
    owner: String,
    ignored: Arc<Ignored>,
    found: OnceCell<BTreeMap<String, Tags>>,
}

impl TagIndex {
    /// The index of the objects with this owner mark.
    #[must_use]
    pub fn of(owner: String, ignored: Arc<Ignored>) -> Self {
        Self { owner, ignored, found: OnceCell::new() }
    }

    /// Whether the index says that the object has exactly these tags.
    pub async fn says(&self, clients: &Clients, arn: &str, wanted: &Tags) -> bool {
        let found = self.found.get_or_init(|| self.ask(clients)).await;
        found.get(arn) == Some(wanted)
    }

    /// Everything the index knows. It is a shortcut: who may not ask it, or cannot, goes the long way.
    async fn ask(&self, clients: &Clients) -> BTreeMap<String, Tags> {
        let owner =
            aws_sdk_resourcegroupstagging::types::TagFilter::builder().key(OWNER_KEY).values(&self.owner);
        let call = clients.tagging.get_resources().tag_filters(owner.build()).resources_per_page(100);
        let (mut found, mut next) = (BTreeMap::new(), None);
        loop {
            let page = match call.clone().set_pagination_token(next).send().await.call("tag:GetResources") {
                Ok(page) => page,
                Err(error) => {
                    tracing::info!(%error, "tags are read from each service");
                    return found;
                }
            };
            for resource in page.resource_tag_mapping_list.unwrap_or_default() {
                let pairs = resource.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
                found.extend(
                    resource.resource_arn.map(|arn| (arn, self.ignored.left_out_of(tags::managed(pairs)))),
                );
            }
            next = page.pagination_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return found;
            }
        }
    }
}
