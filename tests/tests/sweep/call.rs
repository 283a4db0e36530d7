//! What a request asks for: service, operation, whether it changes something. From nothing but the request.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// One request as it passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service as it is signed for, e.g. `lambda`.
    pub service: String,
    /// The operation: AWS's name, or method and path where only they tell.
    pub operation: String,
    /// Whether it may change something.
    pub writes: bool,
    /// Everything it says: equal for equal questions.
    pub question: String,
}

impl Call {
    /// The call of a request.
    pub fn of(request: &HttpRequest) -> Self {
        let service = service(request.headers().get("authorization").unwrap_or_default());
        let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let target = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let operation = match (target, action(&body)) {
            (Some(target), _) => target.to_owned(),
            (None, Some(action)) if service == "iam" || service == "sts" => action.to_owned(),
            _ => format!("{} {}", request.method(), shape(&service, path)),
        };
        let reads = ["Get", "List", "Describe", "GET ", "HEAD "];
        let writes = !reads.iter().any(|start| operation.starts_with(start));
        let question = format!("{service} {} {path} {operation} {body}", request.method());
        Self { service, operation, writes, question }
    }

    /// Service and operation in a word.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// The service in a signature's scope: `Credential=<key>/<day>/<region>/<service>/aws4_request`.
fn service(authorization: &str) -> String {
    let scope = authorization.split("Credential=").nth(1).unwrap_or_default();
    scope.split('/').nth(3).unwrap_or_default().to_owned()
}

/// The action of a form.
fn action(body: &str) -> Option<&str> {
    body.split('&').find_map(|pair| pair.strip_prefix("Action="))
}

/// A path without the names in it. REST paths alternate words and names, after a version's date; a bucket's aspects are
/// told by the query.
fn shape(service: &str, path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if service == "s3" {
        let of_object = path.split_once('/').is_some_and(|(_, key)| !key.is_empty());
        let place = if of_object { "object" } else { "bucket" };
        let aspect = query.split(['&', '=']).next().unwrap_or_default();
        return format!("{place}?{aspect}");
    }
    let words: Vec<&str> = path.split('/').skip(1).step_by(2).collect();
    words.join("/")
}
