"""What AWS's refusals become: one sentence each that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.aws.error_codes import DENIED, error_code
from labkit.aws.permission import find_permission
from labkit.aws.refusals import build_refusal
from labkit.errors import LabError
from labkit.i18n import build_lesson

if TYPE_CHECKING:
    from labkit.settings import Target

_SERVICES = {
    "s3": "s3",
    "iam": "iam",
    "lambda": "lambda",
    "athena": "athena",
    "log": "logs",
    "shared": "logs",
    "budget": "budgets",
}


def explain(kind: str, name: str, error: Exception, target: Target) -> LabError:
    """The lesson for any exception of a deletion, with the exception as its cause; a lesson stays the lesson that it is."""
    if isinstance(error, LabError):
        return error
    if error_code(error) in DENIED and find_permission(error, None, target) is None:
        service = _SERVICES.get(kind.partition("-")[0], "glue")
        action = f"{service}:{getattr(error, 'operation_name', '?')}"
        told = build_lesson(LabError, "error.teardown.denied", kind=kind, name=name, action=action, reason=str(error))
    else:
        told = build_refusal(error, f"labkit teardown ({kind} {name})", target)
    told.__cause__ = error
    return told
