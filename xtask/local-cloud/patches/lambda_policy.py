"""A function without permissions has no policy.

Gap: after its last statement was removed a function's policy is still readable, empty.
AWS: GetPolicy answers ResourceNotFoundException (404) for a function that has no statement.
Patch: answer so.
"""
from hooks import module, need, wrap


def apply():
    functions = module("services.lambda_svc")
    need(functions, "_functions", "error_response_json")

    def get_policy(original, name, *args):
        if name in functions._functions and not functions._functions[name]["policy"]["Statement"]:
            return functions.error_response_json(
                "ResourceNotFoundException", "No policy is associated with the given resource.", 404)
        return original(name, *args)

    wrap(functions, "_get_policy", get_policy)
