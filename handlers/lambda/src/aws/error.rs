//! What an SDK error means here. The only place that spells error codes.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::failure::PortError;

/// Codes that say that an object, or this version of it, does not exist. `PreconditionFailed`: its ETag is another's.
/// `MethodNotAllowed`: the version is a delete marker.
const MISSING: &[&str] =
    &["NoSuchKey", "NoSuchVersion", "NotFound", "PreconditionFailed", "MethodNotAllowed"];
/// Codes of a denial: retried, since policies take time to spread, but loud, since most do not heal by themselves.
const DENIED: &[&str] =
    &["AccessDenied", "AccessDeniedException", "NotAuthorized", "UnrecognizedClientException"];

/// The code S3 answers to a range that begins after the object's end, as every range of an empty object does.
pub const INVALID_RANGE: &str = "InvalidRange";
/// The code of an upload that was completed or aborted before.
pub const NO_SUCH_UPLOAD: &str = "NoSuchUpload";

/// An error's code, from the service or, where the answer has no body, from its status.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    let service = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let status = error.raw_response().map(|response| response.status().as_u16());
    service.or(match status {
        Some(404) => Some("NotFound"),
        Some(412) => Some("PreconditionFailed"),
        Some(405) => Some("MethodNotAllowed"),
        Some(416) => Some(INVALID_RANGE),
        Some(403) => Some("AccessDenied"),
        _ => None,
    })
}

/// What a failed operation on an object to read means.
pub fn reading<E: ProvideErrorMetadata>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    if code(error).is_some_and(|code| MISSING.contains(&code)) {
        return PortError::Missing;
    }
    unavailable(operation, error)
}

/// What any other failed operation means.
pub fn unavailable<E: ProvideErrorMetadata>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    let code = code(error).unwrap_or_else(|| kind(error));
    if DENIED.contains(&code) {
        tracing::error!(operation, code, "denied: the function's role lacks a permission");
    }
    // Not the SDK's own text: it may quote the request.
    let request = error.as_service_error().and_then(|error| error.meta().extra("aws_request_id"));
    let message = format!("{code} (request id {})", request.unwrap_or("unknown"));
    PortError::Unavailable { operation, message }
}

fn kind<E>(error: &SdkError<E, HttpResponse>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "request could not be built",
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "connection failed",
        SdkError::ResponseError(_) => "answer could not be read",
        _ => "error without a code",
    }
}
