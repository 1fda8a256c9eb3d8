"""Task 5.4: the deployed handler gets an event twice: in the same environment, in another one, at the same moment, after a failure."""

from __future__ import annotations

import copy
import secrets

from labkit.checks.context import Context
from labkit.checks.finding import Finding
from labkit.checks.permissions import ALLOWED, Question, ask_about_principal
from labkit.checks.step_5.deployed import Deployed, get_deployed, judge_setup
from labkit.checks.step_5.fake_glue import FakeAccount, read_paths
from labkit.checks.step_5.handler import FULL, build_files, describe_failure, run_scenario
from labkit.checks.step_5.sample_events import find_new_files
from labkit.checks.step_5.sandbox import Code, Reply, Sandbox, open_sandbox
from labkit.data.s3_events import build_event
from labkit.steps.practice import build_practice


def check_twice(context: Context) -> list[Finding]:
    """Setup first, then what the code does, then whether the function's real role may write the markers where it puts them."""
    practice = build_practice(context.names)
    deployed = get_deployed(context, practice.once_function)
    findings = judge_setup(context, deployed, practice.job)
    if not all(finding.ok for finding in findings):
        return findings
    findings, markers = judge_twice(deployed.code)
    return [*findings, *_judge_markers(context, deployed, markers)]


def judge_twice(code: Code) -> tuple[list[Finding], list[str]]:
    """Five scenarios, each with no markers at first; runs end at once, so that a second one could start. With the markers' names."""
    job = f"job-{secrets.token_hex(4)}"
    with open_sandbox(code, FakeAccount(job)) as sandbox:
        loaded = sandbox.start_environment()
        if loaded.error:
            return [Finding(False, "task_5.handler_import", {"error": loaded.error})], []
        twice, account = _judge_twice(sandbox, job)
        if not twice.ok:
            return [twice], []
        findings = [twice]
        for judge in (_judge_moment, _judge_newer, _judge_partly, _judge_after_failure):
            findings.append(judge(sandbox, job))
            if sandbox.has_ended:
                break
    return findings, [str(call.params["name"]) for call in account.calls if call.operation == "PutObject"]


def _finish(account: FakeAccount) -> None:
    for run in account.runs:
        run["JobRunState"] = "SUCCEEDED"


def _failed(reply: Reply, account: FakeAccount) -> Finding | None:
    if failure := describe_failure(reply, account):
        return failure
    return Finding(False, "task_5.twice_error", {"error": reply.error}) if reply.error else None


def _judge_twice(sandbox: Sandbox, job: str) -> tuple[Finding, FakeAccount]:
    """The event, then the same event in a new environment: nothing that the first one remembered is there."""
    event, account = build_files("una vez.csv"), FakeAccount(job)
    first = run_scenario(sandbox, account, event)
    if failure := _failed(first, account):
        return failure, account
    if len(account.started) != 1:
        return Finding(False, "task_5.start_none", {"asked": 0, "error": "", "value": repr(first.value)[:120]}), account
    _finish(account)
    warm = sandbox.invoke(copy.deepcopy(event))
    if failure := _failed(warm, account):
        return failure, account
    if len(account.started) != 1:
        by_request = _knows_request(account)
        why = "task_5.misconception.request_id" if by_request else "task_5.misconception.at_least_once"
        return Finding(False, "task_5.twice_started", {"runs": len(account.started)}, why), account
    cold = run_scenario(sandbox, account, copy.deepcopy(event))
    if failure := _failed(cold, account):
        return failure, account
    # The disk of this sandbox outlives an environment, Lambda's does not: a marker that lies there alone is none.
    on_disk = bool(first.wrote) and not any(call.operation == "PutObject" for call in account.calls)
    if len(account.started) != 1 or on_disk:
        where = first.wrote[0] if on_disk else "—"
        why = "task_5.misconception.disk" if on_disk else "task_5.misconception.memory"
        return Finding(False, "task_5.twice_cold", {"runs": len(account.started), "where": where}, why), account
    return Finding(True, "task_5.twice_right", {"value": repr(cold.value)[:120]}), account


def _knows_request(account: FakeAccount) -> bool:
    """Whether a marker is named after the request: the second delivery of an event is another request."""
    return any("00000000-0000-4000-8000-" in str(call.params) for call in account.calls if call.service == "s3")


def _judge_moment(sandbox: Sandbox, job: str) -> Finding:
    """Two deliveries at the same moment: this one reads before the other has written, and writes after it."""
    event, learnt = build_files("a la vez.csv"), FakeAccount(job)
    run_scenario(sandbox, learnt, event)
    blind = FakeAccount(job, objects=dict(learnt.objects), blind=True)
    reply = run_scenario(sandbox, blind, copy.deepcopy(event))
    if failure := _failed(reply, blind):
        return failure
    facts = {"runs": 1 + len(blind.started)}
    if blind.started:
        return Finding(False, "task_5.moment_started", facts, "task_5.misconception.look_then_write")
    return Finding(True, "task_5.moment_right", facts)


def _judge_newer(sandbox: Sandbox, job: str) -> Finding:
    """The same key again under another sequencer: another piece of news, whatever its ETag.

    First a correction that is taken back: the content, and so the ETag, is the first one's again. Then new content.
    """
    event, account = build_files("corregido.csv"), FakeAccount(job)
    run_scenario(sandbox, account, event)
    _finish(account)
    again = copy.deepcopy(event)
    item = again["Records"][0]["s3"]["object"]
    started = []
    for etag in (item["eTag"], secrets.token_hex(16)):
        item["sequencer"], item["eTag"] = f"{int(item['sequencer'], 16) + 4096:018X}", etag
        reply = sandbox.invoke(copy.deepcopy(again))
        if failure := _failed(reply, account):
            return failure
        _finish(account)
        started.append(len(account.started))
    facts = {"runs": len(account.started), "value": repr(reply.value)[:120]}
    if started == [2, 3]:
        return Finding(True, "task_5.newer_right", facts)
    if started == [1, 2]:
        return Finding(False, "task_5.newer_same_content", facts, "task_5.misconception.etag")
    return Finding(False, "task_5.newer_ignored", facts, "task_5.misconception.key_only")


def _judge_partly(sandbox: Sandbox, job: str) -> Finding:
    """One record that was seen and one that was not: the new one must get its run."""
    old, account = build_files("visto.csv"), FakeAccount(job)
    run_scenario(sandbox, account, old)
    _finish(account)
    both = build_event(*copy.deepcopy(old)["Records"], *build_files("nuevo.csv")["Records"])
    reply = sandbox.invoke(both)
    if failure := _failed(reply, account):
        return failure
    fresh = find_new_files(both)[1]
    told = [path for call in account.started[1:] for path in read_paths(call) or [fresh]]
    right = fresh in told
    return Finding(right, "task_5.partly_right" if right else "task_5.partly_lost", {"value": repr(reply.value)[:120]})


def _judge_after_failure(sandbox: Sandbox, job: str) -> Finding:
    """StartJobRun failed, Lambda sends the event again: it must not be taken for done."""
    event, account = build_files("reintento.csv"), FakeAccount(job, failing=[FULL] * 20)
    first = run_scenario(sandbox, account, event)
    if failure := describe_failure(first, account):
        return failure
    account.failing.clear()
    reply = sandbox.invoke(copy.deepcopy(event))
    if failure := _failed(reply, account):
        return failure
    facts = {"code": FULL, "runs": len(account.started), "value": repr(reply.value)[:120]}
    if not first.error:
        return Finding(False, "task_5.full_swallowed", {**facts, "error": ""}, "task_5.misconception.swallow")
    right = len(account.started) == 1
    return Finding(
        right, "task_5.retry_right" if right else "task_5.retry_lost", facts, "task_5.misconception.claim_kept"
    )


def _judge_markers(context: Context, deployed: Deployed, names: list[str]) -> list[Finding]:
    if not names:
        return []
    arn = f"arn:aws:s3:::{names[0]}"
    decisions = ask_about_principal(context.clients.iam, deployed.role_arn, [Question("s3:PutObject", arn)])
    facts = {"role": deployed.role_arn.rsplit("/", 1)[-1], "action": "s3:PutObject", "resource": arn}
    may = decisions == [ALLOWED]
    return [Finding(may, "task_5.role_may" if may else "task_5.role_may_not", facts)]
