"""What EventBridge may deliver, and what becomes of what it cannot.

Gaps: SQS is delivered without a queue policy; another bus without a role; a target that cannot be
reached loses the event, whatever its DeadLetterConfig says; an event is passed from bus to bus to
bus; a function that fails is called once.
AWS: the queue's policy must let events.amazonaws.com send, for the rule's ARN; the target's role
must be assumable by EventBridge and allow events:PutEvents on the bus; refused or missing targets
are not retried: the event goes to the target's dead-letter queue (its policy is asked, too) with
the reason in message attributes; an event is passed to one further bus only; a function is invoked
asynchronously, so Lambda retries it twice.
Patch: refusals and lost deliveries are noted while `_invoke_target` runs and dead-lettered after it.
Without AUTH=true nothing is refused, as everywhere in ministack.
"""
import contextvars
import json
import logging

import authority
from hooks import module, need, wrap

logger = logging.getLogger("datalake.event_targets")
_current = contextvars.ContextVar("datalake_delivery", default=None)


class Undeliverable(Exception):
    """The event cannot be delivered; `code` is what AWS writes into ERROR_CODE."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def apply():
    events = module("services.eventbridge")
    need(events, "_pattern_event_view", "_event_buses", "parse_arn", "_dispatch_to_sqs")
    need(module("services.sqs"), "queue_policy_allows", "_queue_by_arn")
    need(module("services.lambda_svc"), "invoke_async_with_retry", "_get_func_record_for_ref",
         "_execution_record_for_config")
    authority.require_hooks()
    send = events._dispatch_to_sqs
    wrap(events, "_dispatch_to_sqs", _noting(_to_sqs))
    wrap(events, "_dispatch_to_lambda", _noting(_to_lambda))
    wrap(events, "_dispatch_to_event_bus", _noting(_to_bus))
    wrap(events, "_invoke_target", lambda original, *args: _invoke(original, events, send, *args))


class Delivery:
    """One target being served: what the dispatchers need to know, and what went wrong."""

    def __init__(self, target, rule):
        self.target, self.rule, self.failure = target, rule, None


def _noting(dispatch):
    """Note an Undeliverable on the current delivery: `_invoke_target` would swallow it."""
    def wrapped(original, *args):
        try:
            dispatch(original, _current.get(), *args)
        except Undeliverable as failure:
            _current.get().failure = failure
    return wrapped


def _invoke(original, events, send, target, event, rule, view=None):
    delivery = Delivery(target, rule)
    token = _current.set(delivery)
    try:
        original(target, event, rule, view)
    finally:
        _current.reset(token)
    if delivery.failure:
        _dead_letter(events, send, delivery, (view or events._pattern_event_view(event)).event_with_detail())


def _to_sqs(original, delivery, spec, payload, parameters=None):
    _queue_must_accept(str(spec), delivery.rule)
    original(spec, payload, parameters)


def _queue_must_accept(arn, rule):
    sqs = module("services.sqs")
    if sqs._queue_by_arn(arn) is None:
        raise Undeliverable("RESOURCE_NOT_FOUND", f"the queue {arn} does not exist")
    account = rule["Arn"].split(":")[4]
    if not sqs.queue_policy_allows(arn, "events.amazonaws.com", rule["Arn"], account):
        raise Undeliverable("NO_PERMISSIONS", f"the policy of {arn} does not let {rule['Arn']} send")


def _to_lambda(original, delivery, arn, payload):
    functions = module("services.lambda_svc")
    function, config, _ = functions._get_func_record_for_ref(arn)
    if not function or not config:
        raise Undeliverable("RESOURCE_NOT_FOUND", f"the function {arn} does not exist")
    functions.invoke_async_with_retry(functions._execution_record_for_config(function, config), json.loads(payload))


def _to_bus(original, delivery, spec, event, rule, path, payload=None):
    if path:
        logger.warning("an event is passed to one further bus only: %s is the third", spec)
        return
    if spec.resource.split("/", 1)[1] not in module("services.eventbridge")._event_buses:
        raise Undeliverable("RESOURCE_NOT_FOUND", f"the bus {spec} does not exist")
    role = delivery.target.get("RoleArn", "")
    refusal = authority.refusal(role, "events.amazonaws.com", "events:PutEvents", str(spec))
    if refusal:
        raise Undeliverable("NO_PERMISSIONS", refusal)
    original(spec, event, rule, path, payload)


def _dead_letter(events, send, delivery, event):
    """Send what could not be delivered to the target's dead-letter queue, with the reason."""
    arn = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    logger.warning("not delivered, dead-letter queue %s: %s", arn, delivery.failure)
    if not arn:
        return
    try:
        _queue_must_accept(arn, delivery.rule)
    except Undeliverable as failure:
        logger.error("the event is lost: %s", failure)
        return
    queue = module("services.sqs")._queue_by_arn(arn)
    send(events.parse_arn(arn), json.dumps(event))
    queue["messages"][-1]["message_attributes"] = _attributes(delivery)


def _attributes(delivery):
    values = {
        "RULE_ARN": delivery.rule["Arn"],
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": delivery.failure.code,
        "ERROR_MESSAGE": str(delivery.failure),
    }
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}
