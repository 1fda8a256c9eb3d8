"""What a check found, as data: it is made in one process and shown in another, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.errors import LabError
from labkit.i18n import find_text

PASSED = "passed"
NOT_YET = "not_yet"
NOT_ATTEMPTED = "not_attempted"
# The check itself failed: ours to mend, never the student's fault and never a pass.
BROKEN = "broken"
# What the task asks for cannot be done in this account (a role that somebody else made): no pass, no failure, and its points do not
# count in what can be reached.
NOT_POSSIBLE = "not_possible"
STATUSES = (PASSED, NOT_YET, NOT_ATTEMPTED, NOT_POSSIBLE, BROKEN)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is as it must be, and what was seen (`key` of the catalogue with its `facts`).

    `misconception` is the key of a text about what a student who gets this wrong often believes; it uses the same facts and is
    shown only when the finding is not ok.
    """

    ok: bool
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    misconception: str = ""

    def text(self) -> str:
        """What was seen, in the current language."""
        return find_text(self.key, self.facts) or self.key

    def misconception_text(self) -> str:
        """The likely misconception ("" when there is none to name)."""
        return (find_text(self.misconception, self.facts) or "") if self.misconception and not self.ok else ""


@dataclass(frozen=True)
class CheckResult:
    """How one task stands: `status` is one of STATUSES; `seconds` is how long the check took."""

    task: str
    status: str
    findings: tuple[Finding, ...]
    points: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.status == PASSED

    @property
    def earned(self) -> int:
        return self.points if self.passed else 0

    def as_document(self) -> dict[str, Any]:
        """The result as JSON values."""
        found = [
            {"ok": item.ok, "key": item.key, "facts": dict(item.facts), "misconception": item.misconception}
            for item in self.findings
        ]
        return {
            "task": self.task,
            "status": self.status,
            "findings": found,
            "points": self.points,
            "seconds": self.seconds,
        }


def read_result(document: Mapping[str, Any]) -> CheckResult:
    """The result that `as_document` gave."""
    found = tuple(Finding(**item) for item in document["findings"])
    return CheckResult(document["task"], document["status"], found, document["points"], document["seconds"])


class NotAttempted(LabError):
    """There is nothing to look at yet; `key` and `facts` say what is missing."""

    def __init__(self, key: str, /, **facts: Any) -> None:
        super().__init__(key, key=key, facts=facts)


class NotPossible(LabError):
    """The task asks for something that this account does not let anybody do; `key` and `facts` say what."""

    def __init__(self, key: str, /, **facts: Any) -> None:
        super().__init__(key, key=key, facts=facts)
