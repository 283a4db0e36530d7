"""The version of the object in S3's events on EventBridge.

Gap: `detail.object` has no `version-id`, though ministack puts `versionId` into notifications.
AWS: `version-id` is there when the bucket is versioned, and absent otherwise.
Patch: remember the version while the event is built, add it before the event is dispatched.
"""
import contextvars
import json

from hooks import module, wrap

_version = contextvars.ContextVar("datalake_version_id", default=None)


def apply():
    wrap(module("services.s3"), "_fire_s3_event", _fire)
    wrap(module("services.eventbridge"), "_dispatch_event", _dispatch)


def _fire(original, *args, **kwargs):
    token = _version.set(kwargs.get("version_id"))
    try:
        return original(*args, **kwargs)
    finally:
        _version.reset(token)


def _dispatch(original, event, view=None):
    version = _version.get()
    if version and event.get("Source") == "aws.s3":
        detail = json.loads(event["Detail"])
        detail["object"].setdefault("version-id", version)
        event, view = {**event, "Detail": json.dumps(detail)}, None
    return original(event, view)
