//! One call: a panic in it becomes a diagnostic, and the process goes on.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tf_provider::Diagnostics;

use crate::diag;

/// Runs a call to its end; a panic's message is the error.
pub(crate) async fn catch<T>(call: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(call).catch_unwind().await.map_err(|payload| panic_message(payload.as_ref()))
}

/// The result of a call on `place` ("datalake_pipeline: apply"), with a panic reported.
pub(crate) fn report<T>(diags: &mut Diagnostics, place: &str, result: Result<T, String>) -> Option<T> {
    result.map_err(|message| panicked(diags, place, &message)).ok()
}

/// Adds an error if the call said nothing of why it answered nothing.
pub(crate) fn must_explain(diags: &mut Diagnostics, place: &str) {
    if diags.errors.is_empty() {
        let detail = format!("{place}: no result and no error.\nThis is a bug in the provider.");
        diag::root(diags, "The provider gave no answer", detail);
    }
}

/// Reports a panic.
pub(crate) fn panicked(diags: &mut Diagnostics, place: &str, message: &str) {
    tracing::error!(place, message, "the provider panicked");
    let detail = format!(
        "{place}: {message}\nThis is a bug in the provider. What was made before it may exist without being \
         in the state."
    );
    diag::root(diags, "The provider panicked", detail);
}

/// What a panic said.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
