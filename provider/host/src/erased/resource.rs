//! A resource of any type.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, Diagnostics, Resource};

use super::{Built, Typed, decode, decode_private};
use crate::codec::{NULL, encode, encode_settled, is_null};

/// A state and the private state beside it, encoded.
pub(crate) struct Saved {
    pub state: Vec<u8>,
    pub private: Vec<u8>,
}

/// What reading found.
pub(crate) enum Read {
    Found(Saved),
    /// The object is gone.
    Gone,
    /// It could not be read; the diagnostics say why.
    Failed,
}

/// A planned change.
pub(crate) struct Planned {
    pub saved: Saved,
    pub replace: Vec<AttributePath>,
}

/// A change to plan or to make; a null `prior` means create, a null `next` destroy.
pub(crate) struct Change {
    pub prior: Vec<u8>,
    pub next: Vec<u8>,
    pub config: Vec<u8>,
    pub private: Vec<u8>,
}

/// [`Resource`] without its types.
#[async_trait]
pub(crate) trait AnyResource: Send + Sync {
    fn schema(&self) -> &Built<Schema>;
    async fn validate(&self, diags: &mut Diagnostics, config: &[u8]);
    async fn read(&self, diags: &mut Diagnostics, state: &[u8], private: &[u8]) -> Read;
    async fn plan(&self, diags: &mut Diagnostics, change: &Change) -> Option<Planned>;
    async fn create(&self, diags: &mut Diagnostics, change: &Change) -> Option<Saved>;
    async fn update(&self, diags: &mut Diagnostics, change: &Change) -> Option<Saved>;
    async fn destroy(&self, diags: &mut Diagnostics, change: &Change) -> Option<()>;
    async fn import(&self, diags: &mut Diagnostics, id: String) -> Option<Saved>;
}

#[async_trait]
impl<R, S, P> AnyResource for Typed<R>
where
    R: for<'a> Resource<State<'a> = S, PrivateState<'a> = P, ProviderMetaState<'a> = ValueEmpty>,
    S: Serialize + DeserializeOwned + Send,
    P: Serialize + DeserializeOwned + Send,
{
    fn schema(&self) -> &Built<Schema> {
        self.built(R::schema)
    }

    async fn validate(&self, diags: &mut Diagnostics, config: &[u8]) {
        if let Some(config) = decode(self.schema(), diags, config) {
            self.inner.validate(diags, config).await;
        }
    }

    async fn read(&self, diags: &mut Diagnostics, state: &[u8], private: &[u8]) -> Read {
        let decoded = (decode(self.schema(), diags, state), decode_private(diags, private));
        let (Some(state), Some(private)) = decoded else { return Read::Failed };
        match self.inner.read(diags, state, private, ValueEmpty::Null).await {
            Some(found) => saved(diags, &found).map_or(Read::Failed, Read::Found),
            None if diags.errors.is_empty() => Read::Gone,
            None => Read::Failed,
        }
    }

    async fn plan(&self, diags: &mut Diagnostics, change: &Change) -> Option<Planned> {
        let none = ValueEmpty::Null;
        if is_null(&change.next) {
            let prior = decode(self.schema(), diags, &change.prior)?;
            let private = decode_private(diags, &change.private)?;
            let private = self.inner.plan_destroy(diags, prior, private, none).await?;
            let saved = Saved { state: NULL.to_vec(), private: encode(diags, &private)? };
            return Some(Planned { saved, replace: Vec::new() });
        }
        let proposed = decode(self.schema(), diags, &change.next)?;
        let config = decode(self.schema(), diags, &change.config)?;
        let (state, private, replace) = if is_null(&change.prior) {
            let (state, private) = self.inner.plan_create(diags, proposed, config, none).await?;
            (state, private, Vec::new())
        } else {
            let prior = decode(self.schema(), diags, &change.prior)?;
            let private = decode_private(diags, &change.private)?;
            self.inner.plan_update(diags, prior, proposed, config, private, none).await?
        };
        let saved = Saved { state: encode(diags, &state)?, private: encode(diags, &private)? };
        Some(Planned { saved, replace })
    }

    async fn create(&self, diags: &mut Diagnostics, change: &Change) -> Option<Saved> {
        let planned = decode(self.schema(), diags, &change.next)?;
        let config = decode(self.schema(), diags, &change.config)?;
        let private = decode_private(diags, &change.private)?;
        let made = self.inner.create(diags, planned, config, private, ValueEmpty::Null).await?;
        saved(diags, &made)
    }

    async fn update(&self, diags: &mut Diagnostics, change: &Change) -> Option<Saved> {
        let prior = decode(self.schema(), diags, &change.prior)?;
        let planned = decode(self.schema(), diags, &change.next)?;
        let config = decode(self.schema(), diags, &change.config)?;
        let private = decode_private(diags, &change.private)?;
        let made = self.inner.update(diags, prior, planned, config, private, ValueEmpty::Null).await?;
        saved(diags, &made)
    }

    async fn destroy(&self, diags: &mut Diagnostics, change: &Change) -> Option<()> {
        let prior = decode(self.schema(), diags, &change.prior)?;
        let private = decode_private(diags, &change.private)?;
        self.inner.destroy(diags, prior, private, ValueEmpty::Null).await
    }

    async fn import(&self, diags: &mut Diagnostics, id: String) -> Option<Saved> {
        let found = self.inner.import(diags, id).await?;
        saved(diags, &found)
    }
}

/// Encodes what exists; no unknown is left in it.
fn saved<S: Serialize, P: Serialize>(diags: &mut Diagnostics, (state, private): &(S, P)) -> Option<Saved> {
    Some(Saved { state: encode_settled(diags, state)?, private: encode(diags, private)? })
}
