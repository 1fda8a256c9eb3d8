"""Task 2.1: the trust policy of Glue's role: who may assume it, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import ALLOWED, Question, ask_about_statements, list_statements, listed
from labkit.checks.step_2.roles import build_own_roles, build_role_arn, find_own_role
from labkit.checks.values import MISSING

GLUE = "glue.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"
_ASSUME = "sts:AssumeRole"


def check_trust(context: Context) -> list[Finding]:
    """The role exists, Glue may assume it, and neither another service nor anybody of an account may."""
    name = build_own_roles(context.names).glue
    written = context.values.get("trust", MISSING)
    if context.names.gives_roles:
        return _judge_written(context, name, written)
    role = find_own_role(context, name)
    if role is None:
        if written is MISSING:
            raise NotAttempted("task_2.trust_nothing", role=name)
        return [Finding(False, "task_2.trust_no_role", {"role": name}, explain_document(written))]
    return judge_trust(context, name, role.trust, GLUE)


def _judge_written(context: Context, name: str, written: Any) -> list[Finding]:
    """Where no role can be made the document itself is judged: what it lets in is the same."""
    if written is MISSING:
        raise NotAttempted("check.value_missing", name="trust")
    wrong = explain_document(written)
    if wrong and wrong != "task_2.misconception.trust_not_sent":
        return [Finding(False, "task_2.trust_document", {"role": context.names.glue_role_name}, wrong)]
    return judge_trust(context, name, written, GLUE)


def judge_trust(context: Context, name: str, trust: Mapping[str, Any], service: str) -> list[Finding]:
    """What a trust policy lets in: the service that is wanted, and who else."""
    statements = list_statements(trust)
    opens = [item for item in statements if item.get("Effect") == "Allow"]
    facts = {"role": name, "service": service}
    found = [
        Finding(True, "task_2.trust_service", facts)
        if _may_assume(context, statements, service, name)
        else Finding(False, "task_2.trust_no_service", facts, _explain_refusal(opens, service))
    ]
    others = sorted({who for item in opens for who in _list_principals(item)} - {f"Service: {service}"})
    if others:
        why = "task_2.misconception.trust_everybody" if _is_everybody(others) else "task_2.misconception.trust_others"
        found.append(Finding(False, "task_2.trust_others", {**facts, "others": ", ".join(others)}, why))
    else:
        found.append(Finding(True, "task_2.trust_nobody_else", facts))
    wide = sorted({str(action) for item in opens for action in listed(item.get("Action")) if "*" in str(action)})
    if wide or any("NotAction" in item for item in opens):
        wide_facts = {**facts, "actions": ", ".join(wide) or "NotAction"}
        found.append(Finding(False, "task_2.trust_wide", wide_facts, "task_2.misconception.trust_wide"))
    return found


def _may_assume(context: Context, statements: list[dict[str, Any]], service: str, name: str) -> bool:
    """The simulator knows no services as callers, so who is matched here, and action and conditions there."""
    matched = [
        {
            **{key: value for key, value in item.items() if key in ("Effect", "Action", "NotAction", "Condition")},
            "Resource": "*",
        }
        for item in statements
        if f"Service: {service}" in _list_principals(item) or "*" in _list_principals(item)
    ]
    if not matched:
        return False
    part = service.split(".", maxsplit=1)[0]
    source = f"arn:aws:{part}:{context.region}:{context.account}:job/{context.names.job}"
    keys = {"aws:SourceAccount": context.account, "aws:SourceArn": source}
    question = Question(_ASSUME, build_role_arn(context, name), keys)
    return ask_about_statements(context.clients.iam, matched, [question]) == [ALLOWED]


def _list_principals(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return [
            "*" if str(who) == "*" and kind == "AWS" else f"{kind}: {who}"
            for kind, value in principal.items()
            for who in listed(value)
        ]
    if "NotPrincipal" in statement:
        return ["NotPrincipal"]
    return [str(who) for who in listed(principal)]


def _is_everybody(others: list[str]) -> bool:
    return bool({"*", "NotPrincipal"} & set(others))


def _explain_refusal(opens: list[dict[str, Any]], service: str) -> str:
    if not opens:
        return "task_2.misconception.trust_no_allow"
    if any(f"Service: {service}" in _list_principals(item) for item in opens):
        actions = {str(action).lower() for item in opens for action in listed(item.get("Action"))}
        known = actions & {_ASSUME.lower(), "sts:*"}
        return "task_2.misconception.trust_condition" if known else "task_2.misconception.trust_action"
    return "task_2.misconception.trust_service"


def explain_document(document: Any) -> str:
    """Why IAM refuses a trust policy, from the text that the student wrote; "" when nothing is wrong with it."""
    statements = list_statements(document)
    if not statements:
        return "task_2.misconception.trust_no_document"
    if any("Resource" in item or "NotResource" in item for item in statements):
        return "task_2.misconception.trust_resource"
    if any("Principal" not in item and "NotPrincipal" not in item for item in statements):
        return "task_2.misconception.trust_no_principal"
    actions = [str(action).lower() for item in statements for action in listed(item.get("Action"))]
    if any(not action.startswith("sts:") for action in actions):
        return "task_2.misconception.trust_permission"
    principals = [who for item in statements for who in _list_principals(item)]
    if any(who.startswith("Service: ") and not who.endswith(".amazonaws.com") for who in principals):
        return "task_2.misconception.trust_service"
    if any(who.startswith("AWS: ") and who.endswith(".amazonaws.com") for who in principals):
        return "task_2.misconception.trust_aws"
    return "task_2.misconception.trust_not_sent"
