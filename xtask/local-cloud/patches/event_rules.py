"""Rules and buses: what can be deleted, what is missing, what an update resets.

Gaps: ministack deletes rules with their targets and buses with their rules, so a destroy in the
wrong order passes here; it lists and removes the targets of a rule that does not exist; PutRule
keeps what it is not given.
AWS: DeleteRule answers ValidationException "Rule can't be deleted since it has targets.";
DeleteEventBus refuses a bus that still has rules; ListTargetsByRule and RemoveTargets answer
ResourceNotFoundException; PutRule removes every argument left out, a description as well as a state.
Patch: ask first.
"""
from hooks import module, need, wrap

UNSET = {"State": "ENABLED", "Description": "", "RoleArn": ""}


def apply():
    events = module("services.eventbridge")
    need(events, "_targets", "_rules", "_rule_key", "error_response_json")

    def key(data, name):
        return events._rule_key(data.get(name), data.get("EventBusName", "default"))

    def delete_rule(original, data):
        if events._targets.get(key(data, "Name")):
            return _refuse(events, "Rule can't be deleted since it has targets.")
        return original(data)

    def delete_bus(original, data):
        name = data.get("Name")
        if any(rule.get("EventBusName", "default") == name for rule in events._rules.values()):
            return _refuse(events, f"Cannot delete event bus {name} because it has rules.")
        return original(data)

    def targets_of_a_rule(original, data):
        if key(data, "Rule") not in events._rules:
            return events.error_response_json(
                "ResourceNotFoundException", f"Rule {data.get('Rule')} does not exist on the event bus.", 400)
        return original(data)

    wrap(events, "_delete_rule", delete_rule)
    wrap(events, "_delete_event_bus", delete_bus)
    wrap(events, "_list_targets_by_rule", targets_of_a_rule)
    wrap(events, "_remove_targets", targets_of_a_rule)
    wrap(events, "_put_rule", lambda original, data: original({**UNSET, **data}))


def _refuse(events, message):
    return events.error_response_json("ValidationException", message, 400)
