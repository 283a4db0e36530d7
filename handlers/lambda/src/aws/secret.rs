//! Secrets of Secrets Manager.

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;

use super::error;
use crate::failure::PortError;
use crate::ports::ReadSecret;

/// Reads secrets.
pub struct Secrets {
    client: Client,
}

impl Secrets {
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl ReadSecret for Secrets {
    async fn secret(&self, arn: &str) -> Result<Vec<u8>, PortError> {
        let request = self.client.get_secret_value().secret_id(arn);
        let answer = request.send().await.map_err(|error| error::unavailable("GetSecretValue", &error))?;
        let text = answer.secret_string.map(String::into_bytes);
        let value = text.or_else(|| answer.secret_binary.map(|bytes| bytes.into_inner()));
        value.filter(|value| !value.is_empty()).ok_or_else(|| PortError::Unavailable {
            operation: "GetSecretValue",
            message: "the secret has no value".to_owned(),
        })
    }
}
