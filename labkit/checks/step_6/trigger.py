"""Task 6.1: a notification with a prefix and a suffix, and the permission that it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.aws.notifications import Rule, list_rules
from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.permissions import list_statements, listed
from labkit.steps.practice import build_practice

CREATIONS = ("Put", "Post", "Copy", "CompleteMultipartUpload")


def check_trigger(context: Context) -> list[Finding]:
    """What the rules of the bucket would do with keys and events chosen here, and whom the function lets in."""
    practice = build_practice(context.names)
    bucket = context.names.raw_bucket
    rules = list_rules(context.clients.s3, bucket)
    ours = [rule for rule in rules if rule.function == practice.echo_function]
    statements = list_function_statements(context, practice.echo_function)
    if not ours and not statements:
        raise NotAttempted("task_6.trigger_nothing", function=practice.echo_function, bucket=bucket)
    return [
        _judge_permission(context, statements, practice.echo_function, bucket),
        *_judge_rules(ours, practice.inbox_prefix, practice.echo_function, bucket),
        _judge_others(context, rules, bucket),
    ]


def list_function_statements(context: Context, function: str) -> list[dict[str, Any]]:
    """The statements of a function's resource policy that concern S3 or everybody; none without a policy or a function."""
    from botocore.exceptions import ClientError

    try:
        policy = json.loads(context.clients.lambda_.get_policy(FunctionName=function)["Policy"])
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return []
        raise
    return [item for item in list_statements(policy) if item.get("Effect") == "Allow" and _concerns_s3(item)]


def _concerns_s3(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    named = principal if isinstance(principal, Mapping) else {"Service": principal}
    return bool({"s3.amazonaws.com", "*"} & {str(item) for value in named.values() for item in listed(value)})


def list_conditions(statement: Mapping[str, Any]) -> dict[str, list[str]]:
    """The condition keys of a statement in lower case, whatever the operator, with their values."""
    found: dict[str, list[str]] = {}
    for operator, keys in (statement.get("Condition") or {}).items():
        if "Not" not in operator:
            for key, value in keys.items():
                found.setdefault(str(key).lower(), []).extend(str(item) for item in listed(value))
    return found


def _judge_permission(context: Context, statements: Sequence[Mapping[str, Any]], function: str, bucket: str) -> Finding:
    """Some statement must let this bucket in, and no statement anybody else's."""
    arn = f"arn:aws:s3:::{bucket}"
    facts = {"function": function, "bucket": bucket, "account": context.account, "statement": ""}
    if not statements:
        return Finding(False, "task_6.permission_none", facts, "task_6.misconception.permission_first")
    for statement in statements:
        conditions = list_conditions(statement)
        facts |= {"statement": str(statement.get("Sid", "—"))}
        if "*" in str(statement.get("Principal")):
            return Finding(False, "task_6.permission_everybody", facts, "task_6.misconception.principal")
        actions = listed(statement.get("Action"))
        if [str(action).lower() for action in actions] != ["lambda:invokefunction"]:
            facts |= {"given": ", ".join(map(str, actions)) or "—"}
            return Finding(False, "task_6.permission_action", facts, "task_6.misconception.action")
        sources = conditions.get("aws:sourcearn", [])
        if sources != [arn]:
            facts |= {"given": ", ".join(sources) or "—"}
            why = "task_6.misconception.object_arn" if any(item.startswith(f"{arn}/") for item in sources) else ""
            return Finding(False, "task_6.permission_source", facts, why or "task_6.misconception.source_arn")
        if conditions.get("aws:sourceaccount") != [context.account]:
            return Finding(False, "task_6.permission_account", facts, "task_6.misconception.source_account")
    return Finding(True, "task_6.permission_right", facts)


def _judge_rules(rules: Sequence[Rule], prefix: str, function: str, bucket: str) -> Iterator[Finding]:
    if not rules:
        yield Finding(False, "task_6.rule_none", {"function": function, "bucket": bucket})
        return
    said = "; ".join(f"{', '.join(rule.events)} {rule.prefix or '—'} … {rule.suffix or '—'}" for rule in rules)
    facts = {"rules": said, "function": function}
    deaf = [kind for kind in CREATIONS if not fires(rules, f"{prefix}ventas.csv", f"ObjectCreated:{kind}")]
    if len(deaf) == len(CREATIONS):
        yield Finding(False, "task_6.rule_deaf", {**facts, "key": f"{prefix}ventas.csv"})
    elif deaf:
        yield Finding(False, "task_6.rule_some", {**facts, "events": ", ".join(deaf)}, "task_6.misconception.only_put")
    else:
        yield Finding(True, "task_6.rule_creations", facts)
    yield _judge_width(rules, prefix, facts)
    removed = fires(rules, f"{prefix}ventas.csv", "ObjectRemoved:Delete")
    if removed:
        yield Finding(False, "task_6.rule_removals", facts, "task_6.misconception.removals")


def _judge_width(rules: Sequence[Rule], prefix: str, facts: dict[str, str]) -> Finding:
    cases = (
        (f"{prefix}leeme.txt", "task_6.misconception.no_suffix"),
        (f"{prefix}ventas.csv.gz", "task_6.misconception.no_suffix"),
        (f"{prefix}ventascsv", "task_6.misconception.suffix_dot"),
        ("otra/carpeta/ventas.csv", "task_6.misconception.no_prefix"),
        (f"{prefix.rstrip('/')}_old/ventas.csv", "task_6.misconception.prefix_slash"),
    )
    for key, why in cases:
        if fires(rules, key, "ObjectCreated:Put"):
            return Finding(False, "task_6.rule_wide", {**facts, "key": key}, why)
    return Finding(True, "task_6.rule_narrow", {**facts, "count": len(cases)})


def fires(rules: Sequence[Rule], key: str, event: str) -> bool:
    """Whether one of the rules takes this event of this key."""
    return any(rule.takes_key(key) and rule.takes_event(event) for rule in rules)


def _judge_others(context: Context, rules: Sequence[Rule], bucket: str) -> Finding:
    """Putting a configuration replaces the whole of it: the lab's own trigger must still be there."""
    names = context.names
    lab = [rule for rule in rules if rule.function == names.function]
    kept = fires(lab, f"{names.raw_prefix}ventas.csv", "ObjectCreated:Put")
    facts = {"function": names.function, "bucket": bucket, "prefix": names.raw_prefix}
    why = "" if kept else "task_6.misconception.replaces"
    return Finding(kept, "task_6.others_kept" if kept else "task_6.others_gone", facts, why)
