"""The IAM action each Lambda call needs, the function whose mapping it is about, and the operation the call log names.

Gap: ministack guesses from the path: GetLayerVersion is checked as ListLayers, GetEventSourceMapping
as ListEventSourceMappings, DeleteFunctionConcurrency as PutFunctionConcurrency, and deleting a layer or a
mapping as nothing at all, so a policy that forgets the action passes. No request has lambda:FunctionArn.
AWS: the action is the operation's name, but for the exceptions listed below. What is done to a mapping has its function
in lambda:FunctionArn.
Patch: match the request with botocore's model of Lambda, and look the function up.
"""
import json

from hooks import module, need, wrap

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
EXCEPTIONS = {
    "Invoke": "InvokeFunction",
    "InvokeAsync": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
    "GetLayerVersionByArn": "GetLayerVersion",
}
FUNCTION = "lambda:FunctionArn"


def apply():
    actions = module("core.iam_actions")
    need(actions, "_match_rest_action", "_BOTOCORE_SERVICE_MAP")
    actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]

    def action(original, method, path):
        query = {"find": ["LayerVersion"]} if path.rstrip("/").endswith("/layers") else {}
        operation = actions._match_rest_action("lambda", method, path, query)
        return EXCEPTIONS.get(operation, operation) or original(method, path)

    def context(original, service, iam_action, body, params):
        found = original(service, iam_action, body, params)
        if iam_action == "lambda:CreateEventSourceMapping":
            found = {**found, FUNCTION: _function_named(functions, body)}
        return found

    def enforce(original, access_key, iam_action, service, region, resource_arn="*", service_context=None):
        if iam_action in ("lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping"):
            mapping = functions._esms.get(resource_arn.rsplit(":", 1)[-1], {})
            service_context = {**(service_context or {}), FUNCTION: mapping.get("FunctionArn")}
        return original(access_key, iam_action, service, region, resource_arn=resource_arn,
                        service_context=service_context)

    functions = module("services.lambda_svc")
    need(functions, "_esms", "_get_func_record_for_ref")
    wrap(actions, "_lambda_action", action)
    wrap(actions, "request_tag_context", context)
    wrap(module("core.iam_evaluator"), "enforce", enforce)


def _function_named(functions, body):
    """The ARN of the function that a request names, if there is one."""
    try:
        name = json.loads(body or b"{}").get("FunctionName", "")
    except (ValueError, AttributeError):
        return None
    config = functions._get_func_record_for_ref(name)[1]
    return config and config["FunctionArn"]
