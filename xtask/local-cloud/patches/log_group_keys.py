"""The KMS key of an existing log group.

Gap: AssociateKmsKey and DisassociateKmsKey are unknown actions; only CreateLogGroup takes a key.
AWS: both change the key DescribeLogGroups reports.
Patch: answer these two actions.
"""
import json

from hooks import module, need, wrap


def apply():
    logs = module("services.cloudwatch_logs")
    need(logs, "_log_groups", "error_response_json", "json_response")

    async def handle(original, method, path, headers, body, query):
        action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        if action not in ("AssociateKmsKey", "DisassociateKmsKey"):
            return await original(method, path, headers, body, query)
        data = json.loads(body)
        group = logs._log_groups.get(data.get("logGroupName"))
        if group is None:
            return logs.error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
        group["kmsKeyId"] = data.get("kmsKeyId") if action == "AssociateKmsKey" else None
        return logs.json_response({})

    wrap(logs, "handle_request", handle)
