"""Task 6.4: a function that wrote where it listens, mended: it still works, and what it writes wakes nobody."""

from __future__ import annotations

from labkit.aws.notifications import Rule, list_rules
from labkit.aws.s3 import S3Object, list_objects
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_6.trigger import fires
from labkit.steps.practice import Practice, build_practice

INPUT, COPY = "in/", "copy-"


def check_recursion(context: Context) -> list[Finding]:
    """The rules that lead to the function, the objects that it has written, and what those rules would do with them."""
    practice = build_practice(context.names)
    rules = [
        rule for rule in list_rules(context.clients.s3, practice.loop_bucket) if rule.function == practice.loop_function
    ]
    if not rules:
        raise NotAttempted("task_6.loop_nothing", function=practice.loop_function, bucket=practice.loop_bucket)
    found = list_objects(context.clients.s3, practice.loop_bucket, practice.loop_prefix)
    written = [item for item in found if item.key.rsplit("/", 1)[-1].startswith(COPY)]
    return [
        _judge_input(rules, practice),
        _judge_separate(rules, written, context),
        *_judge_work(found, written, practice),
    ]


def _judge_input(rules: list[Rule], practice: Practice) -> Finding:
    key = f"{practice.loop_prefix}{INPUT}ventas.csv"
    heard = fires(rules, key, "ObjectCreated:Put") and fires(rules, key, "ObjectCreated:CompleteMultipartUpload")
    facts = {"key": key, "rules": _describe(rules)}
    return Finding(heard, "task_6.loop_hears" if heard else "task_6.loop_deaf", facts)


def _describe(rules: list[Rule]) -> str:
    return "; ".join(f"{rule.prefix or '—'} … {rule.suffix or '—'}" for rule in rules)


def _judge_separate(rules: list[Rule], written: list[S3Object], context: Context) -> Finding:
    """Where it writes now (its variable), and whatever it has written: none of it may wake it."""
    from labkit.aws.functions import find_function

    practice = build_practice(context.names)
    state = find_function(context.clients.lambda_, practice.loop_function)
    prefix = state.environment.get("OUTPUT_PREFIX", "") if state else ""
    keys = [*(item.key for item in written), f"{prefix}{COPY}ventas.csv"]
    events = ("ObjectCreated:Copy", "ObjectCreated:Put")
    waking = next((key for key in keys if any(fires(rules, key, event) for event in events)), "")
    facts = {"key": waking, "rules": _describe(rules), "prefix": prefix or "—"}
    if waking:
        return Finding(False, "task_6.loop_wakes", facts, "task_6.misconception.same_prefix")
    return Finding(True, "task_6.loop_apart", facts)


def _judge_work(found: list[S3Object], written: list[S3Object], practice: Practice) -> list[Finding]:
    """Every input has one copy, and no copy has one."""
    inputs = {item.key.rsplit("/", 1)[-1] for item in found if item.key.startswith(f"{practice.loop_prefix}{INPUT}")}
    inputs = {name for name in inputs if not name.startswith(COPY)}
    copies = [item.key.rsplit("/", 1)[-1] for item in written]
    again = [name for name in copies if name.startswith(COPY * 2)]
    facts = {
        "inputs": len(inputs),
        "copies": len(copies),
        "again": len(again),
        "prefix": f"{practice.loop_prefix}{INPUT}",
    }
    if not inputs:
        return [Finding(False, "task_6.loop_no_input", facts)]
    if again:
        return [Finding(False, "task_6.loop_copies_again", facts)]
    missing = {f"{COPY}{name}" for name in inputs} - set(copies)
    return [Finding(not missing, "task_6.loop_works" if not missing else "task_6.loop_no_copy", facts)]
