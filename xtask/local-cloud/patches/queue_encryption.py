"""How a queue is encrypted.

Gap: a new queue has no SqsManagedSseEnabled, and setting one way of encryption keeps the other.
AWS: new queues are encrypted with SQS's own key (`true`); a KMS key and SQS's own exclude each other,
and whichever was set last holds.
Patch: fill in the default when a queue is created, and drop the other when one is set.
"""
from hooks import module, need, wrap


def apply():
    sqs = module("services.sqs")
    need(sqs, "_queues", "_get_q")

    def create(original, data, url):
        known = set(sqs._queues)
        answer = original(data, url)
        if answer["QueueUrl"] not in known:
            attributes = sqs._queues[answer["QueueUrl"]]["attributes"]
            attributes.setdefault("SqsManagedSseEnabled", "false" if attributes.get("KmsMasterKeyId") else "true")
        return answer

    def change(original, data, url):
        answer, given = original(data, url), data.get("Attributes") or {}
        attributes = sqs._get_q(data.get("QueueUrl", url), "sqs:SetQueueAttributes")["attributes"]
        if given.get("KmsMasterKeyId"):
            attributes["SqsManagedSseEnabled"] = "false"
        elif str(given.get("SqsManagedSseEnabled", "")).lower() == "true" or given.get("KmsMasterKeyId") == "":
            attributes.pop("KmsMasterKeyId", None)
        return answer

    _wrap_action(sqs, "_act_create_queue", create)
    _wrap_action(sqs, "_act_set_queue_attributes", change)


def _wrap_action(sqs, name, wrapper):
    """Actions are looked up in tables made at import: replace them there, too."""
    original = getattr(sqs, name, None)
    wrap(sqs, name, wrapper)
    for table in [value for value in vars(sqs).values() if isinstance(value, dict)]:
        for key in [key for key, value in table.items() if value is original]:
            table[key] = getattr(sqs, name)
