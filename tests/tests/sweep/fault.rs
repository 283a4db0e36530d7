//! What goes wrong: the table of modes, and the answers AWS gives.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::call::Call;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// It is refused, once.
    Refused,
    /// It is done, and the connection breaks before the answer.
    Lost,
    /// It is done, the connection breaks, and so does it for every try after it.
    LostForGood,
    /// It is refused a few times because there are too many: fewer than the SDK tries.
    ThrottledBriefly,
    /// The same, more often than the SDK tries.
    ThrottledLong,
    /// This operation is denied from here on.
    Denied,
    /// Nothing can be reached from here on.
    EverythingFromHere,
    /// No answer comes in time; it was not done.
    TimedOut,
    /// Reads tell of the time before this call, a few times each.
    Stale,
    /// Somebody else is changing the object.
    Conflict,
    /// The process ends before the call.
    KilledBefore,
    /// The process ends after the call.
    KilledAfter,
    /// A stop is asked for while the call is under way.
    Stop,
    /// Somebody changes something just before the call.
    Drift,
}

/// All of them, with their words.
pub const MODES: [(Mode, &str); 14] = [
    (Mode::Refused, "refused"),
    (Mode::Lost, "lost"),
    (Mode::LostForGood, "lost-for-good"),
    (Mode::ThrottledBriefly, "throttled-briefly"),
    (Mode::ThrottledLong, "throttled-long"),
    (Mode::Denied, "denied"),
    (Mode::EverythingFromHere, "everything-from-here"),
    (Mode::TimedOut, "timed-out"),
    (Mode::Stale, "stale"),
    (Mode::Conflict, "conflict"),
    (Mode::KilledBefore, "killed-before"),
    (Mode::KilledAfter, "killed-after"),
    (Mode::Stop, "stop"),
    (Mode::Drift, "drift"),
];

impl Mode {
    /// Its word.
    pub fn word(self) -> &'static str {
        MODES.iter().find(|(mode, _)| *mode == self).map_or("?", |(_, word)| word)
    }

    /// The mode of a word.
    pub fn of(word: &str) -> Option<Self> {
        MODES.iter().find(|(_, known)| *known == word).map(|(mode, _)| *mode)
    }
}

/// How many tries are refused where it is brief, and where it is long.
pub const BRIEFLY: usize = 2;
/// More than the SDK tries.
pub const LONG: usize = 9;
/// How often each question is answered with the past.
pub const STALE_READS: usize = 3;

/// One fault of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// How.
    pub mode: Mode,
    /// At which call, from 1.
    pub k: usize,
    /// Whether calls that write are counted, or those that read.
    pub writes: bool,
}

/// The connection breaks.
pub fn broken() -> ConnectorError {
    ConnectorError::io("the connection was reset (injected)".into())
}

/// The time is up.
pub fn timed_out() -> ConnectorError {
    ConnectorError::timeout("no answer came in time (injected)".into())
}

/// A refusal for a reason that no retry mends.
pub fn refused(call: &Call) -> HttpResponse {
    answer(call, 400, "InjectedRefusal", "refused by the sweep")
}

/// Not allowed.
pub fn denied(call: &Call) -> HttpResponse {
    let (status, code) = match call.service.as_str() {
        "s3" | "iam" | "sts" => (403, "AccessDenied"),
        "lambda" => (403, "AccessDeniedException"),
        _ => (400, "AccessDeniedException"),
    };
    answer(call, status, code, "User is not authorized to perform this action (injected)")
}

/// Too many calls.
pub fn throttled(call: &Call) -> HttpResponse {
    let (status, code) = match call.service.as_str() {
        "s3" => (503, "SlowDown"),
        "lambda" => (429, "TooManyRequestsException"),
        "iam" | "sts" => (400, "Throttling"),
        _ => (400, "ThrottlingException"),
    };
    answer(call, status, code, "Rate exceeded (injected)")
}

/// Another change is under way.
pub fn conflict(call: &Call) -> HttpResponse {
    let (status, code) = match call.service.as_str() {
        "lambda" => (409, "ResourceConflictException"),
        "s3" => (409, "OperationAborted"),
        "iam" => (409, "ConcurrentModification"),
        "dynamodb" => (400, "ResourceInUseException"),
        "logs" => (400, "OperationAbortedException"),
        _ => (400, "ConcurrentModificationException"),
    };
    answer(call, status, code, "Another operation is in progress (injected)")
}

/// An error in the words of the call's protocol.
fn answer(call: &Call, status: u16, code: &str, message: &str) -> HttpResponse {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let (kind, body) = match call.service.as_str() {
        "s3" => ("application/xml", error),
        "iam" | "sts" => {
            ("text/xml", format!("<ErrorResponse>{error}<RequestId>injected</RequestId></ErrorResponse>"))
        }
        _ => ("application/json", format!(r#"{{"__type":"{code}","message":"{message}"}}"#)),
    };
    let body = if call.operation.starts_with("HEAD") { String::new() } else { body };
    let mut response = HttpResponse::new(
        status.try_into().unwrap_or_else(|_| 400_u16.try_into().expect("400 is a status")),
        SdkBody::from(body),
    );
    for (name, value) in
        [("content-type", kind), ("x-amzn-errortype", code), ("x-amzn-requestid", "injected")]
    {
        response.headers_mut().insert(name, value.to_owned());
    }
    response
}
