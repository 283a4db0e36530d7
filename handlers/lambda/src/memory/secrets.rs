//! Secrets by ARN.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{Faults, lock};
use crate::failure::PortError;
use crate::ports::ReadSecret;

/// All secrets of one world.
#[derive(Default)]
pub struct Secrets {
    values: Mutex<BTreeMap<String, Vec<u8>>>,
    faults: Faults,
}

impl Secrets {
    pub(super) fn new(faults: Faults) -> Self {
        Self { values: Mutex::default(), faults }
    }

    /// Makes a secret, or gives it another value.
    pub fn set(&self, arn: &str, value: &[u8]) {
        lock(&self.values).insert(arn.to_owned(), value.to_owned());
    }
}

#[async_trait]
impl ReadSecret for Secrets {
    async fn secret(&self, arn: &str) -> Result<Vec<u8>, PortError> {
        self.faults.read()?;
        lock(&self.values).get(arn).cloned().ok_or_else(|| PortError::Unavailable {
            operation: "GetSecretValue",
            message: "there is no such secret".to_owned(),
        })
    }
}
