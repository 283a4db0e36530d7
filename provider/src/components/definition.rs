//! The S3 object that holds a pipeline's configuration as JSON.
//!
//! AWS surprises: for a missing object S3 answers "denied" instead of "missing" to who may not list the bucket; in a
//! versioned bucket a deletion only hides the object, so every version is removed.

use aws_sdk_s3::primitives::ByteStream;
use serde::Serialize;
use serde_json::Value;

use super::bucket::contents;
use super::{Component, Permission, on_itself, on_key};
use crate::aws::{AwsError, Calls, Cx, Scope};
use crate::engine::Owner;

/// A definition as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Definition {
    /// Bucket it lies in.
    pub bucket_name: String,
    /// Its key.
    pub key: String,
    /// The document.
    pub document: Value,
}

impl Component for Definition {
    const TYPE: &'static str = "aws_s3_object";
    // The lists of its bucket stand in the bucket's own table.
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("s3:DeleteObject"),
        on_itself("s3:DeleteObjectVersion"),
        on_itself("s3:GetObject"),
        on_itself("s3:PutObject"),
        // No calls of ours: S3 asks for them where the bucket has a key of the user's.
        on_key("kms:Decrypt"),
        on_key("kms:GenerateDataKey"),
    ];

    fn name(&self) -> String {
        format!("{}/{}", self.bucket_name, self.key)
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.s3_arn(&self.name())
    }

    fn owner(&self) -> Owner {
        // It lies in a bucket that is marked.
        Owner::Unmarkable
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let call = cx.clients.s3.get_object().bucket(&self.bucket_name).key(&self.key);
        let Some(answer) = call.send().await.optional("s3:GetObject")? else { return Ok(None) };
        let body = answer.body.collect().await;
        let body = body.map_err(|error| AwsError::ours("s3:GetObject", "BrokenBody", error.to_string()))?;
        Ok(Some(Self { document: self.document_of(&body.into_bytes()), ..self.clone() }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        self.put(cx, Some("*")).await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation writes the document.
        if observed.is_none_or(|observed| observed.document == self.document) {
            return Ok(());
        }
        self.put(cx, None).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        contents::remove(cx, &self.bucket_name, Some(&self.key)).await
    }
}

impl Definition {
    /// Writes the document; with `if_none_match`, only where there is none.
    async fn put(&self, cx: &Cx, if_none_match: Option<&str>) -> Result<(), AwsError> {
        let call = cx.clients.s3.put_object().bucket(&self.bucket_name).key(&self.key);
        let call = call.content_type("application/json").body(ByteStream::from(self.text().into_bytes()));
        call.set_if_none_match(if_none_match.map(str::to_owned)).send().await.call("s3:PutObject").map(drop)
    }

    fn text(&self) -> String {
        format!("{:#}\n", self.document)
    }

    /// The document in a body. What is no JSON reads as its text, which no definition is.
    fn document_of(&self, body: &[u8]) -> Value {
        // Reading a decimal number back may change its last digit; equal texts are equal without reading them.
        if body == self.text().as_bytes() {
            return self.document.clone();
        }
        serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies() {
        let wanted = Definition {
            bucket_name: "b".to_owned(),
            key: "k".to_owned(),
            document: json!({"ratio": 0.123_456_789_012_345_68, "list": [1]}),
        };
        assert_eq!(wanted.document_of(wanted.text().as_bytes()), wanted.document);
        assert_eq!(wanted.document_of(br#"{"list":[2]}"#), json!({"list": [2]}));
        assert_eq!(wanted.document_of(b"<html>"), json!("<html>"));
    }
}
