"""May a service act with a role? ministack asks that of signed requests only, not of its own services."""
import json

from hooks import module, need


def require_hooks():
    """What this module uses of ministack; the patches that use it call this when applied."""
    need(module("core.iam_evaluator"), "EvalContext", "evaluate", "_gather_role_policies", "_permissions_boundary")
    need(module("services.iam"), "_roles")
    need(module("app"), "AUTH")


def refusal(role_arn, service, action, resource):
    """Why `service` may not do `action` with this role, or None when it may (or nobody is checked)."""
    if not module("app").AUTH:
        return None
    role = module("services.iam")._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None:
        return f"the role '{role_arn}' does not exist"
    if not trusts(role["AssumeRolePolicyDocument"], service):
        return f"{service} may not assume {role_arn}"
    if not _allows(role_arn, action, resource):
        return f"{role_arn} does not allow {action} on {resource}"
    return None


def trusts(document, service):
    """Whether a trust policy names the service; conditions are not looked at."""
    trust = json.loads(document) if isinstance(document, str) else document
    statements = trust.get("Statement", [])
    return any(statement.get("Effect") == "Allow" and service in _services(statement)
               for statement in (statements if isinstance(statements, list) else [statements]))


def _services(statement):
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return [services] if isinstance(services, str) else services


def _allows(role_arn, action, resource):
    evaluator, roles = module("core.iam_evaluator"), module("services.iam")._roles
    name, account = role_arn.rsplit("/", 1)[-1], role_arn.split(":")[4]
    context = evaluator.EvalContext(
        principal_arn=role_arn, principal_type="AssumedRole", principal_account=account,
        action=action, resource_arn=resource, region=resource.split(":")[3])
    return evaluator.evaluate(context, evaluator._gather_role_policies(name, account),
                              *evaluator._permissions_boundary(roles, name, account)).decision == "Allow"
