"""Which rows are about a step, a service or a call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from labkit.errors import UsageError
from labkit.i18n import build_lesson
from labkit.parity.rows import DIFFERS, REFUSED, SAME, Row, StepCalls, load_rows, load_steps

_QUERY_STEP = 7
# What people call a notebook that has no number in their head.
_STEP_WORDS = {"query": _QUERY_STEP, "consulta": _QUERY_STEP, "athena": _QUERY_STEP}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Names by which IAM, the CLI and people know a service that boto3 calls otherwise.
_SERVICES = {"s3api": "s3", "eventbridge": "events", "cloudwatchlogs": "logs", "awsglue": "glue"}


@dataclass(frozen=True)
class Standing:
    """How a call stands: the ids of its rows by what becomes of it."""

    call: str
    same: tuple[str, ...]
    differs: tuple[str, ...]
    refused: tuple[str, ...]


def find_step(word: str) -> StepCalls:
    """The notebook of a number ("3", "03") or a word ("query"). UsageError for another."""
    plain = word.strip().lower()
    number = _STEP_WORDS.get(plain, int(plain) if plain.isdecimal() else -1)
    found = next((step for step in load_steps() if step.number == number), None)
    if found is None:
        known = ", ".join([*(str(step.number) for step in load_steps()), "query"])
        raise build_lesson(UsageError, "error.parity_step", step=word, known=known)
    return found


def find_call(word: str) -> str:
    """A call as the table spells it, of `glue.start_job_run`, `glue:StartJobRun`, `StartJobRun` or `start-job-run`.

    UsageError for one that no row names, with those that are spelled nearly so.
    """
    known = sorted({call for row in load_rows() for call in row.calls})
    asked = _spell(word)
    found = [call for call in known if call == asked or ("." not in asked and call.partition(".")[2] == asked)]
    if not found:
        near = get_close_matches(asked, known, 3, 0.6) or get_close_matches(
            asked.rpartition(".")[2], [call.partition(".")[2] for call in known], 3, 0.6
        )
        raise build_lesson(UsageError, "error.parity_call", call=word, near=", ".join(near) or "—")
    if len(found) > 1:
        raise build_lesson(UsageError, "error.parity_calls", call=word, found=", ".join(found))
    return found[0]


def find_service(word: str) -> str:
    """A service or an area of the table ("glue", "s3api", "crawlers"). UsageError for another."""
    asked = word.strip().lower()
    asked = _SERVICES.get(asked, asked)
    known = list_services()
    if asked not in known:
        near = get_close_matches(asked, known, 3, 0.5) or known
        raise build_lesson(UsageError, "error.parity_service", service=word, near=", ".join(near))
    return asked


def list_services() -> list[str]:
    """Every service that a row's calls name, and every area."""
    return sorted({name for row in load_rows() for name in (row.area, *row.services)})


def find_rows(step: int | None = None, service: str = "", call: str = "") -> list[Row]:
    """The rows that answer every question asked; a question left out leaves none out."""
    return [
        row
        for row in load_rows()
        if (step is None or step in row.steps)
        and (not service or service == row.area or service in row.services)
        and (not call or call in row.calls)
    ]


def build_standings(calls: Iterable[str], rows: Sequence[Row] | None = None) -> list[Standing]:
    """How each call stands over these rows (all, when none are given), in the order given."""
    over = load_rows() if rows is None else rows

    def ids(call: str, status: str) -> tuple[str, ...]:
        return tuple(row.id for row in over if call in row.calls and row.status == status)

    return [Standing(call, ids(call, SAME), ids(call, DIFFERS), ids(call, REFUSED)) for call in calls]


def _spell(word: str) -> str:
    service, mark, operation = word.strip().replace(":", ".").replace(" ", ".").rpartition(".")
    name = _HUMP.sub("_", operation).replace("-", "_").lower()
    plain = service.lower()
    return f"{_SERVICES.get(plain, plain)}.{name}" if mark else name
