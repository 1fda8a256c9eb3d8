"""Task 5.3: the deployed handler, run here on events of our own, with a job that is free, busy, or out of order."""

from __future__ import annotations

import secrets
from typing import Any

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.step_5.deployed import get_deployed, judge_setup
from labkit.checks.step_5.fake_glue import BUSY, FakeAccount, read_paths
from labkit.checks.step_5.sample_events import find_new_files
from labkit.checks.step_5.sandbox import Code, Reply, Sandbox, open_sandbox
from labkit.data.s3_events import build_event, build_record
from labkit.steps.practice import build_practice

# What StartJobRun answers when the account is full: nobody's fault, and not repeated by boto3 itself.
FULL = "ResourceNumberLimitExceededException"


def check_handler(context: Context) -> list[Finding]:
    """Setup first; then what the code does."""
    practice = build_practice(context.names)
    deployed = get_deployed(context, practice.function)
    findings = judge_setup(context, deployed, practice.job)
    if not all(finding.ok for finding in findings):
        return findings
    return [*findings, *judge_handler(deployed.code)]


def judge_handler(code: Code) -> list[Finding]:
    """Five scenarios, each in an environment of its own, with another job's name so that none is written in the code."""
    job = f"job-{secrets.token_hex(4)}"
    with open_sandbox(code, FakeAccount(job)) as sandbox:
        loaded = sandbox.start_environment()
        if loaded.error:
            return [Finding(False, "task_5.handler_import", {"error": loaded.error})]
        findings = []
        for judge in (_judge_start, _judge_ignored, _judge_busy, _judge_waiting, _judge_full):
            findings.append(judge(sandbox, job))
            if sandbox.has_ended:
                break
    return findings


def build_files(*names: str) -> dict[str, Any]:
    """An event about new files that nobody has seen before: whatever a handler remembers, it does not know these."""
    mark = secrets.token_hex(4)
    records = [
        build_record("bucket-of-the-check", f"raw_sales/{mark} {name}", sequencer=f"00{secrets.token_hex(8).upper()}")
        for name in names
    ]
    return build_event(*records)


def run_scenario(sandbox: Sandbox, account: FakeAccount, event: dict[str, Any]) -> Reply:
    """One cold start and one invocation against this account."""
    sandbox.set_account(account)
    loaded = sandbox.start_environment()
    return loaded if loaded.error else sandbox.invoke(event)


def describe_failure(reply: Reply, account: FakeAccount) -> Finding | None:
    """What every scenario has in common: calls that are not answered here, the time that ran out, and a crash."""
    if account.unknown:
        call = account.unknown[0]
        return Finding(False, "task_5.call_unknown", {"call": f"{call.service}.{call.operation}"})
    if reply.error.startswith("Sandbox.Timedout"):
        return Finding(False, "task_5.handler_slow", {"error": reply.error}, "task_5.misconception.waiting")
    return None


def _judge_start(sandbox: Sandbox, job: str) -> Finding:
    event = build_files("Cádiz ñ+1.csv", "leeme.txt", "ventas.CSV")
    account = FakeAccount(job)
    reply = run_scenario(sandbox, account, event)
    if failure := describe_failure(reply, account):
        return failure
    asked = [call for call in account.calls if call.operation == "StartJobRun"]
    facts = {"asked": len(asked), "error": reply.error, "value": repr(reply.value)[:120]}
    if any(call.refused == "EntityNotFoundException" for call in asked):
        return Finding(
            False, "task_5.start_other_job", {"given": asked[0].params.get("JobName")}, "task_5.misconception.fixed_job"
        )
    if len(asked) > 1:
        return Finding(False, "task_5.start_many", facts, "task_5.misconception.run_per_file")
    if reply.error or not account.started:
        return Finding(False, "task_5.start_none", facts)
    return _judge_told(account, reply, event)


def _judge_told(account: FakeAccount, reply: Reply, event: dict[str, Any]) -> Finding:
    told = read_paths(account.started[0])
    expected = set(find_new_files(event))
    if told is None:
        given = ", ".join(account.started[0].params.get("Arguments", {})) or "—"
        return Finding(False, "task_5.start_untold", {"given": given})
    if set(told) != expected:
        coded = any("%" in item for item in told)
        why = "task_5.misconception.encoded" if coded else ""
        return Finding(False, "task_5.start_told_other", {"given": ", ".join(told)[:200]}, why)
    if not _says(reply, "started"):
        return Finding(False, "task_5.start_said", {"value": repr(reply.value)[:120], "wanted": "started"})
    return Finding(True, "task_5.start_right", {"count": len(told)})


def _says(reply: Reply, *statuses: str) -> bool:
    return isinstance(reply.value, dict) and reply.value.get("status") in statuses


def _judge_ignored(sandbox: Sandbox, job: str) -> Finding:
    account = FakeAccount(job)
    reply = run_scenario(sandbox, account, build_files("leeme.txt"))
    if failure := describe_failure(reply, account):
        return failure
    facts = {"asked": len(account.started), "error": reply.error, "value": repr(reply.value)[:120]}
    if account.started:
        return Finding(False, "task_5.ignored_started", facts)
    right = not reply.error and _says(reply, "ignored")
    return Finding(right, "task_5.ignored_right" if right else "task_5.ignored_wrong", facts)


def _judge_busy(sandbox: Sandbox, job: str) -> Finding:
    """A run is under way and none waits: the file must get a run that waits."""
    account = FakeAccount(job)
    account.add_run("RUNNING")
    reply = run_scenario(sandbox, account, build_files("tarde.csv"))
    if failure := describe_failure(reply, account):
        return failure
    facts = {"error": reply.error, "value": repr(reply.value)[:120], "queued": len(account.started)}
    if reply.error:
        return _blame(facts, reply)
    if not account.started:
        return Finding(False, "task_5.busy_lost", facts, "task_5.misconception.running_takes_it")
    right = len(account.started) == 1
    return Finding(
        right, "task_5.busy_right" if right else "task_5.start_many", {**facts, "asked": len(account.started)}
    )


def _blame(facts: dict[str, Any], reply: Reply) -> Finding:
    if BUSY in reply.error:
        return Finding(False, "task_5.busy_raised", facts, "task_5.misconception.raise")
    return Finding(False, "task_5.busy_failed", facts)


def _judge_waiting(sandbox: Sandbox, job: str) -> Finding:
    """A run is under way and one waits already: it will see the file, and one more would find nothing."""
    account = FakeAccount(job)
    account.add_run("SUCCEEDED")
    account.add_run("RUNNING")
    account.add_run("WAITING")
    reply = run_scenario(sandbox, account, build_files("mas tarde.csv"))
    if failure := describe_failure(reply, account):
        return failure
    facts = {"error": reply.error, "value": repr(reply.value)[:120], "queued": len(account.started)}
    if reply.error:
        return _blame(facts, reply)
    if account.started:
        return Finding(False, "task_5.waiting_more", facts, "task_5.misconception.queue_each")
    return Finding(True, "task_5.waiting_right", facts)


def _judge_full(sandbox: Sandbox, job: str) -> Finding:
    """No run can be had: Lambda tries an invocation again only when it failed."""
    account = FakeAccount(job, failing=[FULL] * 20)
    reply = run_scenario(sandbox, account, build_files("sin sitio.csv"))
    if failure := describe_failure(reply, account):
        return failure
    facts = {"code": FULL, "error": reply.error[:120], "value": repr(reply.value)[:120]}
    if not account.calls:
        return Finding(False, "task_5.start_none", {**facts, "asked": 0})
    if reply.error:
        return Finding(True, "task_5.full_right", facts)
    return Finding(False, "task_5.full_swallowed", facts, "task_5.misconception.swallow")
