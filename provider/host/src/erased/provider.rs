//! The provider, whatever its configuration is.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tf_provider::schema::Schema;
use tf_provider::{Diagnostics, Provider};

use super::{Built, Typed, decode};

/// [`Provider`] without its types.
#[async_trait]
pub(crate) trait AnyProvider: Send + Sync {
    fn schema(&self) -> &Built<Schema>;
    async fn validate(&self, diags: &mut Diagnostics, config: &[u8]);
    async fn configure(&self, diags: &mut Diagnostics, terraform_version: String, config: &[u8]);
}

#[async_trait]
impl<P, C> AnyProvider for Typed<P>
where
    P: for<'a> Provider<Config<'a> = C>,
    C: Serialize + DeserializeOwned + Send,
{
    fn schema(&self) -> &Built<Schema> {
        self.built(P::schema)
    }

    async fn validate(&self, diags: &mut Diagnostics, config: &[u8]) {
        if let Some(config) = decode(self.schema(), diags, config) {
            self.inner.validate(diags, config).await;
        }
    }

    async fn configure(&self, diags: &mut Diagnostics, terraform_version: String, config: &[u8]) {
        if let Some(config) = decode(self.schema(), diags, config) {
            self.inner.configure(diags, terraform_version, config).await;
        }
    }
}
