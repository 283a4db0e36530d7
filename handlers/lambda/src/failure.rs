//! The two ways a message can fail, and what an adapter reports.

/// Why a message was not handled.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It can never be handled, however often it is tried: it is kept in the quarantine bucket and done with.
    #[error("message cannot be handled: {0}")]
    Poison(String),
    /// It may be handled later: the queue delivers it again, and in the end hands it to the dead-letter queue.
    #[error("try again later: {0}")]
    Transient(String),
}

/// Why an adapter could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The object, or this version of it, does not exist (any more).
    #[error("object does not exist")]
    Missing,
    /// Another invocation holds the claim now: nothing more may be done under ours.
    #[error("the claim is no longer ours")]
    ClaimLost,
    /// Everything else; it may go better next time. Denials too: they must stay visible and be retried.
    #[error("{operation}: {message}")]
    Unavailable {
        /// The operation, e.g. `GetObject`.
        operation: &'static str,
        /// Error code, request id and text; holds no value from the data.
        message: String,
    },
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Failure::Transient(error.to_string())
    }
}
