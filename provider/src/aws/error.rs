//! The only file that spells an AWS error code: every SDK error becomes an [`AwsError`] of one of a few kinds.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;

use crate::engine::Failure;

/// What an error means for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such object.
    Missing,
    /// There already is one.
    Exists,
    /// Something it depends on is not visible yet: try again soon.
    NotReady,
    /// Another change is under way: try again soon.
    Conflict,
    /// Too many calls; the SDK has retried already.
    Throttled,
    /// The caller may not do this.
    Denied,
    /// No answer came: the call may have been done.
    NoAnswer,
    /// Anything else: the request is wrong.
    Other,
}

/// One failed call.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {code}: {message}")]
pub struct AwsError {
    /// What the error means.
    pub kind: ErrorKind,
    /// The IAM action, e.g. `sqs:CreateQueue`.
    pub operation: &'static str,
    /// AWS's code.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
}

/// Turns SDK results into ours, naming the operation.
pub trait Calls<T> {
    /// The result, with the error classified.
    ///
    /// # Errors
    /// The same as the call's.
    fn call(self, operation: &'static str) -> Result<T, AwsError>;
    /// `None` when the object is missing.
    ///
    /// # Errors
    /// Any error but a missing object.
    fn optional(self, operation: &'static str) -> Result<Option<T>, AwsError>;
    /// Success also when the object is missing: for deletions.
    ///
    /// # Errors
    /// Any error but a missing object.
    fn or_gone(self, operation: &'static str) -> Result<(), AwsError>;
}

impl<T, E> Calls<T> for Result<T, SdkError<E, Response>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn call(self, operation: &'static str) -> Result<T, AwsError> {
        self.map_err(|error| classify(operation, &error))
    }

    fn optional(self, operation: &'static str) -> Result<Option<T>, AwsError> {
        match self.call(operation) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind == ErrorKind::Missing => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn or_gone(self, operation: &'static str) -> Result<(), AwsError> {
        self.optional(operation).map(drop)
    }
}

fn classify<E>(operation: &'static str, error: &SdkError<E, Response>) -> AwsError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let response = error.raw_response();
    let request_id = response
        .and_then(|response| {
            ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
                .iter()
                .find_map(|name| response.headers().get(*name))
        })
        .map(str::to_owned);
    let Some(service) = error.as_service_error() else {
        let message = aws_smithy_types::error::display::DisplayErrorContext(error).to_string();
        let kind = if response.is_some() { ErrorKind::Other } else { ErrorKind::NoAnswer };
        return AwsError { kind, operation, code: "NoAnswer".to_owned(), message, request_id };
    };
    let status = response.map_or(0, |response| response.status().as_u16());
    let message = service.meta().message().unwrap_or_default().to_owned();
    // A HEAD request has no body, hence no code: the status is all there is.
    let code = service.meta().code().map_or_else(|| status.to_string(), str::to_owned);
    AwsError { kind: kind(&code, &message, status), operation, code, message, request_id }
}

/// What Lambda and Glue say while IAM has not spread a new role, its policy or a key's grant to them yet; and, the last,
/// Lambda of a function that it has only begun to make.
const PASSING: [&str; 6] = [
    "cannot be assumed",
    "assume role",
    "unable to assume",
    "role does not have permissions",
    "invalid for CreateGrant",
    "Pending",
];

/// The kind of a code. Codes come as `Name`, `Prefix.Name` or `uri#Name`.
fn kind(code: &str, message: &str, status: u16) -> ErrorKind {
    let code = code.rsplit(['#', '.']).next().unwrap_or(code);
    match code {
        "ResourceNotFoundException"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "NotFound"
        | "NoSuchEntity"
        | "404"
        | "NonExistentQueue"
        | "QueueDoesNotExist"
        | "EntityNotFoundException"
        | "NoSuchBucketPolicy"
        | "NoSuchLifecycleConfiguration"
        | "NoSuchTagSet"
        | "NoSuchTagSetError"
        | "NoSuchPublicAccessBlockConfiguration"
        | "ServerSideEncryptionConfigurationNotFoundError"
        | "OwnershipControlsNotFoundError"
        | "TableNotFoundException" => ErrorKind::Missing,
        // Athena says this for a missing workgroup.
        "InvalidRequestException" if message.contains("not found") || message.contains("does not exist") => {
            ErrorKind::Missing
        }
        "InvalidRequestException" if message.contains("already") => ErrorKind::Exists,
        "ResourceAlreadyExistsException"
        | "EntityAlreadyExists"
        | "AlreadyExistsException"
        | "BucketAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "QueueNameExists"
        | "QueueAlreadyExists"
        | "CrawlerAlreadyExists"
        // What S3 says of an object that is there to a write that is only to make a new one.
        | "PreconditionFailed" => ErrorKind::Exists,
        "ResourceInUseException" if message.contains("already exists") => ErrorKind::Exists,
        "ResourceConflictException" if message.contains("already exist") => ErrorKind::Exists,
        // Lambda and Glue check at once that they may assume the role and what it may do; IAM needs seconds to spread it.
        "InvalidParameterValueException" | "InvalidInputException" | "ValidationException"
            if PASSING.iter().any(|words| message.contains(words)) =>
        {
            ErrorKind::NotReady
        }
        // The second: a new table has no backups for some seconds.
        "QueueDeletedRecently" | "ContinuousBackupsUnavailableException" => ErrorKind::NotReady,
        "ResourceConflictException"
        | "ResourceInUseException"
        | "OperationAborted"
        | "ConcurrentModificationException"
        | "ConcurrentModification"
        | "OperationAbortedException"
        | "DeleteConflict"
        | "DeleteConflictException"
        | "ResourceNotReadyException"
        | "CrawlerRunningException"
        | "CrawlerStoppingException"
        | "CrawlerNotRunningException"
        | "SchedulerTransitioningException"
        | "BucketNotEmpty" => ErrorKind::Conflict,
        "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "ThrottledException"
        | "LimitExceededException" => ErrorKind::Throttled,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "AuthorizationError" | "403" => {
            ErrorKind::Denied
        }
        _ if status == 404 => ErrorKind::Missing,
        _ => ErrorKind::Other,
    }
}

impl AwsError {
    /// An error of ours in the same clothes, e.g. a wait that ran out of time.
    pub fn ours(operation: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Other,
            operation,
            code: code.to_owned(),
            message: message.into(),
            request_id: None,
        }
    }

    /// What must be there is not visible yet.
    pub fn not_visible(operation: &'static str, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::NotReady, ..Self::ours(operation, "NotVisible", message) }
    }

    /// There already is one, where AWS itself would not say so.
    pub fn exists(operation: &'static str, name: &str) -> Self {
        let message = format!("`{name}` already exists");
        Self { kind: ErrorKind::Exists, ..Self::ours(operation, "AlreadyExists", message) }
    }

    /// A failure that a successful answer lists, as batch operations do.
    pub fn listed(operation: &'static str, code: Option<&str>, message: Option<&str>) -> Self {
        let (code, message) = (code.unwrap_or_default().to_owned(), message.unwrap_or_default().to_owned());
        Self { kind: kind(&code, &message, 200), operation, code, message, request_id: None }
    }
}

/// A part of a request lacks what it must have: a mistake of ours, found before the call.
impl From<BuildError> for AwsError {
    fn from(error: BuildError) -> Self {
        Self::ours("request", "IncompleteRequest", error.to_string())
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Failure {
            operation: error.operation.to_owned(),
            exists: error.kind == ErrorKind::Exists,
            code: error.code,
            message: error.message,
            request_id: error.request_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_all_their_spellings() {
        let cases = [
            ("com.amazonaws.sqs#QueueDoesNotExist", "", 400, ErrorKind::Missing),
            ("AWS.SimpleQueueService.NonExistentQueue", "", 400, ErrorKind::Missing),
            ("404", "", 404, ErrorKind::Missing),
            ("ResourceInUseException", "Table already exists: t", 400, ErrorKind::Exists),
            (
                "ResourceInUseException",
                "Attempt to change a resource which is still in use",
                400,
                ErrorKind::Conflict,
            ),
            ("ResourceConflictException", "Function already exist: f", 409, ErrorKind::Exists),
            (
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.",
                400,
                ErrorKind::NotReady,
            ),
            (
                "InvalidParameterValueException",
                "The provided execution role does not have permissions to call ReceiveMessage on SQS",
                400,
                ErrorKind::NotReady,
            ),
            ("InvalidParameterValueException", "Timeout must be at most 900", 400, ErrorKind::Other),
            (
                "ResourceConflictException",
                "The operation cannot be performed at this time. The function is currently in the following state: Pending",
                409,
                ErrorKind::Conflict,
            ),
            ("InvalidParameterValueException", "The function is Pending", 400, ErrorKind::NotReady),
            ("AccessDenied", "", 403, ErrorKind::Denied),
        ];
        for (code, message, status, expected) in cases {
            assert_eq!(kind(code, message, status), expected, "{code} {message}");
        }
    }
}
