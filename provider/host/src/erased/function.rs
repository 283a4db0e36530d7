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
                let detail = format!("{}{}", place(&error), error.message);
                diag::error(diags, "An argument could not be decoded", detail, argument(&error));
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

/// Where in the argument: its keys, joined by dots, with a colon after them; empty for the argument itself.
fn place(error: &DecodeError) -> String {
    let within = error.segments.iter().skip_while(|segment| !matches!(segment, Segment::Map { .. }));
    let steps: Vec<String> = within.map(ToString::to_string).collect();
    if steps.is_empty() { String::new() } else { format!("{}: ", steps.join(".")) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Dynamic, Val};

    type Input = (String, Dynamic<BTreeMap<String, Val<BTreeMap<String, bool>>>>);

    #[test]
    fn an_error_says_where_in_which_argument() {
        let value = serde_json::json!({"a": {"b": "yes"}});
        let pair = rmp_serde::to_vec_named(&(serde_bytes::ByteBuf::new(), value)).unwrap();
        let error = decode::<Input>(&sequence(&[rmp_serde::to_vec("x").unwrap(), pair])).unwrap_err();
        assert_eq!(
            (place(&error).as_str(), argument(&error)),
            ("a.b: ", AttributePath::function_argument(1))
        );
        let error = decode::<Input>(&sequence(&[rmp_serde::to_vec(&1).unwrap()])).unwrap_err();
        assert_eq!(place(&error), "");
    }
}
