"""The list of Glue's workflows.

Gap: ListWorkflows is an unknown action, so nobody can see that a destroy left one behind.
AWS: the names of all workflows.
Patch: answer that one action, in one page.
"""
from hooks import module, need, wrap


def apply():
    glue = module("services.glue")
    need(glue, "_workflows", "json_response")

    def handle(original, method, path, headers, *rest):
        if headers.get("x-amz-target", "").endswith(".ListWorkflows"):
            return glue.json_response({"Workflows": sorted(glue._workflows)})
        return original(method, path, headers, *rest)

    wrap(glue, "_handle_request_sync", handle)
