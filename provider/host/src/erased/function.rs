//! A function of any type.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use tf_provider::schema::FunctionSchema;
use tf_provider::{AttributePath, Diagnostics, Function};

use super::{Built, Typed};
use crate::codec::{DecodeError, decode, encode, sequence};
use crate::diag;

/// [`Function`] without its types.
#[async_trait]
pub(crate) trait AnyFunction: Send + Sync {
    fn schema(&self) -> &Built<FunctionSchema>;
    async fn call(&self, diags: &mut Diagnostics, arguments: &[Vec<u8>]) -> Option<Vec<u8>>;
}

#[async_trait]
impl<F, I, O> AnyFunction for Typed<F, FunctionSchema>
where
    F: for<'a> Function<Input<'a> = I, Output<'a> = O>,
    I: DeserializeOwned + Send,
    O: Serialize + Send,
{
    fn schema(&self) -> &Built<FunctionSchema> {
        self.built(F::schema)
    }

    async fn call(&self, diags: &mut Diagnostics, arguments: &[Vec<u8>]) -> Option<Vec<u8>> {
        let input = decode(&sequence(arguments))
            .map_err(|error| {
                let at = argument(&error);
                diag::error(diags, "An argument could not be decoded", error.message, at);
            })
            .ok()?;
        let output = self.inner.call(diags, input).await?;
        encode(diags, &output)
    }
}

/// The argument an error is about: the first step into the sequence of them.
fn argument(error: &DecodeError) -> AttributePath {
    match error.segments.first() {
        Some(Segment::Seq { index }) => AttributePath::function_argument(i64::try_from(*index).unwrap_or(0)),
        _ => AttributePath::root(),
    }
}
