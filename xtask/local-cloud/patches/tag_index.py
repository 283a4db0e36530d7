"""Log groups and workgroups in the index of tags.

Gap: GetResources of the tagging API knows nothing of CloudWatch log groups and Athena workgroups.
AWS: both are in it.
Patch: a collector for each.
"""
from hooks import module, need


def apply():
    tagging = module("services.tagging")
    need(tagging, "_COLLECTORS", "_normalise_flat")
    logs, athena = module("services.cloudwatch_logs"), module("services.athena")
    need(logs, "_log_groups")
    need(athena, "_tags")

    def log_groups():
        for group in logs._log_groups.values():
            yield group["arn"].removesuffix(":*"), tagging._normalise_flat(group["tags"])

    def workgroups():
        for arn, tags in athena._tags.items():
            yield arn, tagging._normalise_flat(tags)

    tagging._COLLECTORS.update({"logs": log_groups, "athena": workgroups})
