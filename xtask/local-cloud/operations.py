"""Which service and operation a request is, from nothing but the request.

JSON services name it in X-Amz-Target, query services in Action, RPC-CBOR in the path; Lambda and the
other REST services are matched with botocore's models; S3 is spelled out here, because its operations
differ by query parameters and headers.
"""
import re
from urllib.parse import parse_qs

from hooks import module

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/[^/]*/([^/]+)/aws4_request")
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")

S3_SUBRESOURCES = {
    "acl": "Acl", "cors": "Cors", "encryption": "Encryption", "lifecycle": "LifecycleConfiguration",
    "logging": "Logging", "notification": "NotificationConfiguration", "ownershipControls": "OwnershipControls",
    "policy": "Policy", "publicAccessBlock": "PublicAccessBlock", "tagging": "Tagging",
    "versioning": "Versioning", "location": "Location", "object-lock": "ObjectLockConfiguration",
    "accelerate": "AccelerateConfiguration", "requestPayment": "RequestPayment", "website": "Website",
    "replication": "Replication", "policyStatus": "PolicyStatus",
}
VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head"}


def credential(headers, query):
    """(access key, service) of the signature, or two empty strings."""
    found = CREDENTIAL.search(headers.get("authorization", ""))
    if found:
        return found.groups()
    parts = query.get("X-Amz-Credential", [""])[0].split("/")
    return (parts[0], parts[3]) if len(parts) == 5 else ("", "")


def operation(service, method, path, query, headers, body):
    """The name AWS gives the operation, or the method when nothing better is known."""
    if headers.get("x-amz-target"):
        return headers["x-amz-target"].rsplit(".", 1)[-1]
    if "/operation/" in path:
        return path.rsplit("/", 1)[-1]
    action = query.get("Action", [None])[0] or _body_action(body)
    if action:
        return action
    if service == "s3":
        return s3_operation(method, path, query, headers)
    return rest_operation(service, method, path, query) or method


def _body_action(body):
    found = ACTION.search(body[:4096])
    return found.group(1).decode() if found else None


def rest_operation(service, method, path, query):
    """The operation by botocore's model of the service."""
    actions = module("core.iam_actions")
    actions._BOTOCORE_SERVICE_MAP.setdefault(service, [service])
    return actions._match_rest_action(service, method, path, query)


def s3_operation(method, path, query, headers):
    """The operation of a path-style S3 request."""
    bucket, _, key = path.lstrip("/").partition("/")
    if not bucket:
        return "ListBuckets"
    return _object_operation(method, query, headers) if key else _bucket_operation(method, query)


def _bucket_operation(method, query):
    for name, noun in S3_SUBRESOURCES.items():
        if name in query:
            # The API says PutBucketLifecycleConfiguration, but DeleteBucketLifecycle.
            noun = "Lifecycle" if (method, name) == ("DELETE", "lifecycle") else noun
            return f"{VERBS[method]}{'' if name in ('publicAccessBlock', 'object-lock') else 'Bucket'}{noun}"
    if method == "POST":
        return "DeleteObjects" if "delete" in query else "PostObject"
    if method == "GET":
        listing = (name for name in ("uploads", "versions") if name in query)
        return {"uploads": "ListMultipartUploads", "versions": "ListObjectVersions", None:
                "ListObjectsV2" if query.get("list-type") == ["2"] else "ListObjects"}[next(listing, None)]
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}.get(method, method)


def _object_operation(method, query, headers):
    for name in ("tagging", "acl", "retention", "legal-hold", "attributes"):
        if name in query:
            return VERBS[method] + "Object" + name.title().replace("-", "")
    if "uploadId" in query:
        part = "UploadPartCopy" if "x-amz-copy-source" in headers else "UploadPart"
        return {"PUT": part, "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload",
                "GET": "ListParts"}[method]
    if method == "POST":
        return "CreateMultipartUpload" if "uploads" in query else "PostObject"
    if method == "PUT" and "x-amz-copy-source" in headers:
        return "CopyObject"
    return VERBS.get(method, method.title()) + "Object"


def parsed_query(scope):
    """The query of an ASGI request, subresources without value included."""
    return parse_qs(scope.get("query_string", b"").decode("utf-8"), keep_blank_values=True)
