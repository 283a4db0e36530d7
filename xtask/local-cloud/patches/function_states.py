"""When a function may be created and updated.

Gaps: an update is accepted while the one before is in progress; a role that Lambda may not assume is accepted.
AWS: ResourceConflictException (409) until LastUpdateStatus is Successful;
InvalidParameterValueException "The role defined for the function cannot be assumed by Lambda."
Patch: look before. ministack takes half a second over each change, so a client that does not wait fails.
"""
import authority
from hooks import module, need, wrap


def apply():
    functions = module("services.lambda_svc")
    need(functions, "_functions", "error_response_json")
    authority.require_hooks()

    def create(original, data):
        role = module("services.iam")._roles.get(data.get("Role", "").rsplit("/", 1)[-1])
        if role and not authority.trusts(role["AssumeRolePolicyDocument"], "lambda.amazonaws.com"):
            return functions.error_response_json(
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.", 400)
        return original(data)

    def update(original, name, data):
        config = functions._functions[name]["config"] if name in functions._functions else {}
        if config.get("LastUpdateStatus") == "InProgress" or config.get("State") == "Pending":
            return functions.error_response_json(
                "ResourceConflictException", "The operation cannot be performed at this time. "
                f"An update is in progress for resource: {config['FunctionArn']}", 409)
        return original(name, data)

    wrap(functions, "_create_function", create)
    wrap(functions, "_update_code", update)
    wrap(functions, "_update_config", update)
