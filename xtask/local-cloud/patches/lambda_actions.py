"""The IAM action each Lambda call needs, and the operation the call log names.

Gap: ministack guesses from the path: GetLayerVersion is checked as ListLayers, GetEventSourceMapping
as ListEventSourceMappings, DeleteFunctionConcurrency as PutFunctionConcurrency, and deleting a layer or a
mapping as nothing at all, so a policy that forgets the action passes.
AWS: the action is the operation's name, but for the exceptions listed below.
Patch: match the request with botocore's model of Lambda.
"""
from hooks import module, need, wrap

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
EXCEPTIONS = {
    "Invoke": "InvokeFunction",
    "InvokeAsync": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
    "GetLayerVersionByArn": "GetLayerVersion",
}


def apply():
    actions = module("core.iam_actions")
    need(actions, "_match_rest_action", "_BOTOCORE_SERVICE_MAP")
    actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]

    def action(original, method, path):
        query = {"find": ["LayerVersion"]} if path.rstrip("/").endswith("/layers") else {}
        operation = actions._match_rest_action("lambda", method, path, query)
        return EXCEPTIONS.get(operation, operation) or original(method, path)

    wrap(actions, "_lambda_action", action)
