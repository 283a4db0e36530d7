"""The resource on which each call is authorized.

Gap: ministack takes the first name in a request for the resource: `table/<crawler>` for a crawler, `rule/default/<bus>`
for a bus, the layer for its version, a log group without `:*`; it knows none for tags and for what a document names.
A policy that names the right resources is refused, so tests would have to allow `*`, and one that names wrong ones
is not noticed. Of a batch of deletions the first is never asked for the version it names.
AWS: the resources of the service authorization reference; some actions have none and are asked for on `*`. Where AWS
asks for several (Glue: catalogue, database, table) the innermost is asked for here.
Patch: a function per service that knows the calls our pipelines make; other calls stay as they are.
"""
import json
from urllib.parse import unquote

from hooks import module, need, wrap

# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
WITHOUT_RESOURCE = {
    "glue": {"CreateCrawler", "StartCrawlerSchedule"},
    "logs": {"DescribeLogGroups"},
    "events": {"ListEventBuses"},
}


def apply():
    actions = module("core.iam_actions")
    need(actions, "extract_resource_arn", "s3_additional_checks", "_s3_batch_delete_targets")

    def resource(original, service, method, path, headers, body, query_params, region, account_id):
        usual = original(service, method, path, headers, body, query_params, region, account_id)
        if service == "lambda":
            return _of_lambda(method, path, body, query_params, f"arn:aws:lambda:{region}:{account_id}:") or usual
        if service not in BY_SERVICE:
            return usual
        action, data = headers.get("x-amz-target", "").rsplit(".", 1)[-1], _document(body)
        if action in WITHOUT_RESOURCE.get(service, ()):
            return "*"
        tagged = data.get("ResourceARN") or data.get("ResourceArn")
        if tagged:
            return tagged
        found = BY_SERVICE[service](action, data)
        return f"arn:aws:{service}:{region}:{account_id}:{found}" if found else usual

    def more(original, method, path, headers, body, query_params):
        checks = original(method, path, headers, body, query_params)
        bucket, _, key = path.strip("/").partition("/")
        if method == "POST" and "delete" in query_params and not key:
            first = actions._s3_batch_delete_targets(bucket, body)[:1]
            checks += [("s3:DeleteObjectVersion", arn) for arn, version in first if version]
        return checks

    wrap(actions, "extract_resource_arn", resource)
    wrap(actions, "s3_additional_checks", more)


def _document(body):
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _of_athena(action, data):
    name = data.get("WorkGroup") or (data.get("Name") if action.endswith("WorkGroup") else None)
    return f"workgroup/{name}" if name else None


def _of_events(action, data):
    if action.endswith("EventBus"):
        return f"event-bus/{data.get('Name')}"
    rule, bus = data.get("Rule") or data.get("Name"), data.get("EventBusName", "default").rsplit("/", 1)[-1]
    if action == "PutEvents" or not rule:
        return None
    return f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}"


def _of_glue(action, data):
    if "Crawler" in action:
        return f"crawler/{data.get('CrawlerName') or data.get('Name')}"
    if "Database" in action:
        return f"database/{data.get('Name') or data.get('DatabaseInput', {}).get('Name')}"
    if action in ("CreateTable", "UpdateTable", "GetTable", "DeleteTable"):
        return f"table/{data.get('DatabaseName')}/{data.get('Name') or data.get('TableInput', {}).get('Name')}"
    return None


def _of_logs(action, data):
    name = data.get("logGroupName")
    return f"log-group:{name}:*" if name else None


def _of_dynamodb(_action, _data):
    return None


BY_SERVICE = {"athena": _of_athena, "dynamodb": _of_dynamodb, "events": _of_events, "glue": _of_glue, "logs": _of_logs}


def _of_lambda(method, path, body, query_params, prefix):
    """None where the path names a function, or what is tagged."""
    kind, *rest = [part for part in path.split("/") if part][1:] or [""]
    if kind == "functions" and method == "POST" and not rest:
        return f"{prefix}function:{_document(body).get('FunctionName')}"
    if kind == "event-source-mappings" and not rest:
        return "*"
    if kind != "layers":
        return None
    if not rest:
        arn = query_params.get("Arn", "*")
        return arn[0] if isinstance(arn, list) else arn
    if len(rest) == 2:
        # PublishLayerVersion; IAM knows no resource for the list of versions.
        return f"{prefix}layer:{_layer(rest[0])}" if method == "POST" else "*"
    return f"{prefix}layer:{_layer(rest[0])}:{rest[2]}"


def _layer(name_or_arn):
    return unquote(name_or_arn).rsplit("layer:", 1)[-1]
