"""Every request counts as encrypted on its way.

AWS is reached by TLS; this cloud speaks plain HTTP on loopback, as the stand-in for it. A
TLS-only policy (Deny unless `aws:SecureTransport`) would lock everybody out here who is let in
on AWS, so the condition key says `true`.
"""
from hooks import module, wrap


def apply():
    wrap(module("core.iam_evaluator"), "_resolve_condition_key", _resolve)


def _resolve(original, key, ctx):
    return "true" if key.lower() == "aws:securetransport" else original(key, ctx)
