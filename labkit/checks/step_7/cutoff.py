"""7.3: a workgroup that cancels what would read too much."""

from __future__ import annotations

from typing import Any

from labkit.aws.session import error_code
from labkit.checks.amounts import is_near, read_amount, show_value
from labkit.checks.context import Context
from labkit.checks.finding import Finding, NotAttempted
from labkit.checks.step_7.executions import Execution, list_workgroup_executions
from labkit.checks.step_7.places import WORKGROUP, WORKGROUP_PREFIX
from labkit.prices import compute_query_cost

# The API takes no cutoff below 10,000,000 bytes; somebody may have meant 10 MiB.
_LARGEST_CUTOFF = 10_485_760


def check_cutoff(context: Context) -> list[Finding]:
    """The workgroup's settings, one query that ran in it, one that it cancelled, and what the limit means in cents."""
    group = _find_workgroup(context)
    settings = group.get("Configuration", {})
    cutoff = int(settings.get("BytesScannedCutoffPerQuery", 0) or 0)
    location = settings.get("ResultConfiguration", {}).get("OutputLocation", "")
    executions = list_workgroup_executions(context, WORKGROUP)
    return [
        _judge_limit(cutoff),
        _judge_enforced(settings),
        _judge_location(context, location),
        _judge_succeeded(executions, location),
        _judge_cancelled(executions),
        _judge_ceiling(context, cutoff),
    ]


def _find_workgroup(context: Context) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        return dict(context.clients.athena.get_work_group(WorkGroup=WORKGROUP)["WorkGroup"])
    except ClientError as error:
        if error_code(error) == "InvalidRequestException":
            raise NotAttempted("task_7.cutoff.no_workgroup", workgroup=WORKGROUP) from error
        raise


def _judge_limit(cutoff: int) -> Finding:
    facts = {"bytes": f"{cutoff:,}" if cutoff else "—"}
    if 0 < cutoff <= _LARGEST_CUTOFF:
        return Finding(True, "task_7.cutoff.limit", facts)
    return Finding(
        False,
        "task_7.cutoff.limit_differs",
        facts,
        "task_7.cutoff.too_generous" if cutoff else "task_7.cutoff.no_limit",
    )


def _judge_enforced(settings: dict[str, Any]) -> Finding:
    enforced = bool(settings.get("EnforceWorkGroupConfiguration"))
    return Finding(enforced, "task_7.cutoff.enforced", {"value": str(enforced)}, "task_7.cutoff.client_decides")


def _judge_location(context: Context, location: str) -> Finding:
    wanted = f"s3://{context.names.results_bucket}/{WORKGROUP_PREFIX}"
    facts = {"location": location or "—", "wanted": wanted}
    return Finding((location.rstrip("/") + "/").startswith(wanted), "task_7.cutoff.location", facts)


def _judge_succeeded(executions: list[Execution], location: str) -> Finding:
    done = [run for run in executions if run.state == "SUCCEEDED"]
    inside = [run for run in done if location and run.output.startswith(location.rstrip("/") + "/")]
    facts = {"count": len(done), "inside": len(inside), "workgroup": WORKGROUP}
    return Finding(bool(inside), "task_7.cutoff.succeeded", facts, "task_7.cutoff.written_elsewhere" if done else "")


def _judge_cancelled(executions: list[Execution]) -> Finding:
    limited = [run for run in executions if run.state == "CANCELLED" and "bytes scanned limit" in run.reason.lower()]
    facts = {"count": len(limited), "all": len(executions), "workgroup": WORKGROUP}
    if limited:
        return Finding(True, "task_7.cutoff.cancelled", facts)
    if any(run.state == "CANCELLED" for run in executions):
        return Finding(False, "task_7.cutoff.not_cancelled", facts, "task_7.cutoff.stopped_by_hand")
    return Finding(False, "task_7.cutoff.not_cancelled", facts, "task_7.cutoff.too_small_to_cancel")


def _judge_ceiling(context: Context, cutoff: int) -> Finding:
    """What one query of this workgroup can cost at most."""
    value = context.get("ceiling_cents")
    number, facts = read_amount(value), {"value": show_value(value)}
    if not cutoff:
        # Without a limit there is no most.
        return Finding(False, "task_7.cutoff.ceiling_differs", facts)
    right = compute_query_cost(context.prices, cutoff) * 100
    if number is not None and is_near(number, right, right * 0.01):
        return Finding(True, "task_7.cutoff.ceiling", facts)
    if number is not None and is_near(number, right / 100, right * 0.0001):
        return Finding(False, "task_7.cutoff.ceiling_differs", facts, "task_7.scanned.dollars")
    return Finding(False, "task_7.cutoff.ceiling_differs", facts, "task_7.answers_are_texts" if number is None else "")
