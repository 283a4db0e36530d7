"""What this ministack gets wrong that our design depends on: one module per gap, each with `apply()`.

`DATALAKE_WITHOUT_PATCHES=name,name` leaves patches out; the tests use it to show that each one
is needed. A patch nobody can prove to be needed is to be deleted, and so is one that a newer
ministack makes redundant.
"""
import importlib

NAMES = (
    "environment",
    "layers",
    "runtime_latency",
    "secure_transport",
    "emf",
    "event_targets",
    "event_rules",
    "s3_version_id",
    "s3_ranges",
    "s3_parts",
    "queue_encryption",
    "queue_mappings",
    "function_states",
    "lambda_actions",
    "action_resources",
    "lambda_policy",
    "glue_crawler",
    "glue_workflows",
    "log_group_keys",
    "tag_index",
    "lake_formation",
    "alarm_descriptions",
)


def apply(without=()):
    """Apply every patch but those named in `without`, in order; returns the names applied."""
    unknown = set(without) - set(NAMES)
    if unknown:
        raise ValueError(f"no such patch: {', '.join(sorted(unknown))}")
    applied = [name for name in NAMES if name not in without]
    for name in applied:
        importlib.import_module(f"patches.{name}").apply()
    return applied
