"""What a check is made with: the grader's own settings and truth, and of the student's side no more than can be believed."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labkit.aws.session import Clients
from labkit.checks.context import Ask, Context
from labkit.checks.finding import BROKEN, NOT_YET, CheckResult, Finding
from labkit.checks.journal import Journal, open_journal
from labkit.checks.run import run_check
from labkit.checks.tasks import get_task
from labkit.checks.truth import Truth
from labkit.checks.values import read_value
from labkit.errors import LabError
from labkit.grading.worker.orders import Orders
from labkit.settings import with_endpoint

_MOST_JOURNAL_BYTES = 5_000_000
# No line of a journal, so whatever check reads it says that it was altered.
_ALTERED = b"{}\n"


class TrustedChecks:
    """Makes checks for one notebook; all that it reads of the student's comes through AWS, as JSON values, or from the journal."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._settings = with_endpoint(orders.settings, orders.endpoint_url)
        self._clients = Clients(self._settings.target)
        self._seen = b""

    def check(self, task: str, documents: Mapping[str, Any], ask: Ask) -> CheckResult:
        """Check a task with the values that its cell handed over."""
        if not is_alive(self._orders.cloud_pid):
            return _cloud_ended(task)
        try:
            values = {name: read_value(document) for name, document in documents.items()}
        except Exception:  # noqa: BLE001 - only a forger's document cannot be read
            return CheckResult(task, NOT_YET, (Finding(False, "grading.values_unreadable"),))
        journal, is_whole = self._copy_journal()
        context = Context(self._clients, self._settings, Truth(self._settings), journal, values, ask)
        result = run_check(get_task(task), context)
        # Whoever took over the port of a cloud that ended could have answered anything.
        if not is_alive(self._orders.cloud_pid):
            return _cloud_ended(task)
        if result.status == BROKEN and not is_whole:
            return CheckResult(task, NOT_YET, (Finding(False, "grading.journal_broken"),))
        return result

    def _copy_journal(self) -> tuple[Journal, bool]:
        """The student's journal as it is now, copied to where it stays so; whether it holds together."""
        journal = open_journal(self._settings)
        content = read_plain_file(self._orders.state / journal.path.name, _MOST_JOURNAL_BYTES)
        # A journal is only ever added to: one that was written anew since the last check says whatever its writer likes.
        if content is not None and not content.startswith(self._seen):
            content = _ALTERED
        elif content is not None:
            self._seen = content[: content.rfind(b"\n") + 1]
        journal.path.write_bytes(content or b"")
        try:
            journal.entries()
        except (LabError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return journal, False
        return journal, content is not None


def read_plain_file(path: Path, most_bytes: int) -> bytes | None:
    """A file's bytes; b"" when there is none, None for a link, a pipe or one that is too long: somebody put that there."""
    try:
        # A pipe would be waited for, and a link may lead anywhere.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        content = file.read(most_bytes + 1)
    return content if len(content) <= most_bytes else None


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has asked about yet does not."""
    import psutil

    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False


def _cloud_ended(task: str) -> CheckResult:
    """Ours until a person has looked: an honest run may have met a fault of the cloud."""
    return CheckResult(task, BROKEN, (Finding(False, "grading.cloud_ended"),))
