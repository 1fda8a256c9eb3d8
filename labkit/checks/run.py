"""Running one check: what it finds, what AWS refused while it looked, and what was our own fault."""

from __future__ import annotations

import time
from collections.abc import Callable

from labkit.checks.context import Context
from labkit.checks.finding import (
    BROKEN,
    NOT_ATTEMPTED,
    NOT_POSSIBLE,
    NOT_YET,
    PASSED,
    CheckResult,
    Finding,
    NotAttempted,
    NotPossible,
)
from labkit.checks.task import Task
from labkit.errors import LabError


def run_check(task: Task, context: Context, clock: Callable[[], float] = time.monotonic) -> CheckResult:
    """Check one task. Never raises: a refusal of AWS is evidence, a mistake of the check is status "broken"."""
    began = clock()
    status, findings = _look(task, context)
    return CheckResult(task.id, status, tuple(findings), task.points, round(clock() - began, 3))


def _look(task: Task, context: Context) -> tuple[str, list[Finding]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        findings = list(task.check(context))
    except NotAttempted as missing:
        return NOT_ATTEMPTED, [Finding(False, missing.key, missing.facts)]
    except NotPossible as barred:
        return NOT_POSSIBLE, [Finding(False, barred.key, barred.facts)]
    except ClientError as error:
        said = error.response.get("Error", {})
        facts = {"operation": error.operation_name, "code": said.get("Code", ""), "message": said.get("Message", "")}
        return NOT_YET, [Finding(False, "check.aws_refused", facts)]
    except (BotoCoreError, LabError) as error:
        if isinstance(error, LabError) and error.key == "error.journal_broken":
            # The student's own file: it can be mended, and the check is not to blame.
            return NOT_YET, [Finding(False, "check.journal_altered", dict(error.facts), "check.journal_mend")]
        return BROKEN, [Finding(False, "check.broken", {"reason": str(error)})]
    except Exception as error:  # noqa: BLE001 - a mistake of a check must not look like one of the student's
        return BROKEN, [Finding(False, "check.broken", {"reason": f"{type(error).__name__}: {error}"})]
    if not findings:
        return BROKEN, [Finding(False, "check.broken", {"reason": "the check looked at nothing"})]
    return (PASSED if all(item.ok for item in findings) else NOT_YET), findings
