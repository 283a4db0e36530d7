//! A data source of any type.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tf_provider::{DataSource, Diagnostics};

use super::{Built, Typed, decode};
use crate::codec::encode_settled;

/// [`DataSource`] without its types.
#[async_trait]
pub(crate) trait AnyData: Send + Sync {
    fn schema(&self) -> &Built<Schema>;
    async fn validate(&self, diags: &mut Diagnostics, config: &[u8]);
    async fn read(&self, diags: &mut Diagnostics, config: &[u8]) -> Option<Vec<u8>>;
}

#[async_trait]
impl<D, S> AnyData for Typed<D>
where
    D: for<'a> DataSource<State<'a> = S, ProviderMetaState<'a> = ValueEmpty>,
    S: Serialize + DeserializeOwned + Send,
{
    fn schema(&self) -> &Built<Schema> {
        self.built(D::schema)
    }

    async fn validate(&self, diags: &mut Diagnostics, config: &[u8]) {
        if let Some(config) = decode(self.schema(), diags, config) {
            self.inner.validate(diags, config).await;
        }
    }

    async fn read(&self, diags: &mut Diagnostics, config: &[u8]) -> Option<Vec<u8>> {
        let config = decode(self.schema(), diags, config)?;
        let state = self.inner.read(diags, config, ValueEmpty::Null).await?;
        encode_settled(diags, &state)
    }
}
