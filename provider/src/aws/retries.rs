//! How often and how patiently calls are tried again: as the provider block says, else the environment, else the profile.
//!
//! The SDK reads the same variables, but panics over a value it does not understand.

use aws_config::SdkConfig;
use aws_smithy_types::retry::{RetryConfig, RetryMode};
use aws_types::service_config::ServiceConfigKey;

use super::http::Trouble;

/// Attempts that the SDK makes for a call unless told otherwise.
const ATTEMPTS: u32 = 5;

/// What the provider block says about retries.
#[derive(Debug, Clone, Default)]
pub struct Retries {
    /// Attempts after the first that the SDK makes for a call.
    pub most: Option<u32>,
    /// How they are paced.
    pub mode: Option<RetryMode>,
}

impl Retries {
    /// What the block leaves out is taken from where the rest of the configuration was found.
    ///
    /// # Errors
    /// When the environment or the profile says what is no number of attempts or no mode.
    pub fn config(&self, found: &SdkConfig) -> Result<RetryConfig, Trouble> {
        let attempts = match (self.most, said(found, "AWS_MAX_ATTEMPTS", "max_attempts")) {
            (Some(most), _) => most + 1,
            (None, Some(text)) => attempts(&text)?,
            (None, None) => ATTEMPTS,
        };
        let mode = match (self.mode, said(found, "AWS_RETRY_MODE", "retry_mode")) {
            (Some(mode), _) => mode,
            (None, Some(text)) => mode(&text)?,
            (None, None) => RetryMode::Standard,
        };
        Ok(RetryConfig::standard().with_retry_mode(mode).with_max_attempts(attempts))
    }
}

/// What a variable of the environment says, else a key of the profile.
fn said(found: &SdkConfig, variable: &str, key: &str) -> Option<String> {
    // Of no service: the same for all of them.
    let key = ServiceConfigKey::builder().service_id("").env(variable).profile(key).build().ok()?;
    found.service_config()?.load_config(key)
}

fn attempts(text: &str) -> Result<u32, Trouble> {
    let wrong = || {
        let why = format!(
            "is not given, and AWS_MAX_ATTEMPTS or `max_attempts` of the profile is `{text}`, not a whole number from 1 on"
        );
        ("max_retries", why)
    };
    text.trim().parse().ok().filter(|attempts| *attempts > 0).ok_or_else(wrong)
}

fn mode(text: &str) -> Result<RetryMode, Trouble> {
    let wrong = |_| {
        let why = format!(
            "is not given, and AWS_RETRY_MODE or `retry_mode` of the profile is `{text}`, none of `standard`, `adaptive`"
        );
        ("retry_mode", why)
    };
    text.trim().parse().map_err(wrong)
}
