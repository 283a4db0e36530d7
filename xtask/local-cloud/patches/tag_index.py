"""Log groups, workgroups and mappings in the index of tags.

Gap: GetResources of the tagging API knows nothing of CloudWatch log groups, Athena workgroups and
Lambda's event source mappings.
AWS: all are in it.
Patch: a collector for each.
"""
from hooks import module, need


def apply():
    tagging = module("services.tagging")
    need(tagging, "_COLLECTORS", "_normalise_flat")
    logs, athena = module("services.cloudwatch_logs"), module("services.athena")
    need(logs, "_log_groups")
    need(athena, "_tags")
    functions = module("services.lambda_svc")
    need(functions, "_esms", "_esm_arn")

    def log_groups():
        for group in logs._log_groups.values():
            yield group["arn"].removesuffix(":*"), tagging._normalise_flat(group["tags"])

    def workgroups():
        for arn, tags in athena._tags.items():
            yield arn, tagging._normalise_flat(tags)

    def mappings():
        for identity, mapping in functions._esms.items():
            yield functions._esm_arn(identity), tagging._normalise_flat(mapping.get("Tags", {}))

    tagging._COLLECTORS.update({"logs": log_groups, "athena": workgroups, "lambda-mappings": mappings})
