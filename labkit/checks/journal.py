"""What the student did in the lab, in order: checks, hints, solutions, predictions, measurements. One JSON line each, only ever added.

Every line carries the digest of the line before it, so a line that was changed, removed or put in between shows.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from labkit.data.student import compute_seed
from labkit.errors import LabError
from labkit.i18n import build_lesson
from labkit.settings import Settings

FILE_NAME = "journal.jsonl"
# What stays on record when a step is started over; everything else about its tasks begins anew.
_LASTING = ("open", "reset", "solution")


@dataclass(frozen=True)
class Entry:
    """One event: its place in the journal from 0, when (ISO 8601, UTC), its kind ("check", "hint", "prediction" …) and its data."""

    number: int
    at: str
    kind: str
    data: dict[str, Any]


class Journal:
    """The journal of one student (or of nobody in particular) in a state folder."""

    def __init__(self, state_dir: Path, clock: Callable[[], datetime] | None = None, seed: int | None = None) -> None:
        self.path = state_dir / (FILE_NAME if seed is None else f"journal-{seed}.jsonl")
        self._clock = clock or (lambda: datetime.now(timezone.utc))

    def record(self, kind: str, **data: Any) -> Entry:
        """Add one event; several kernels may do so at once. LabError when it cannot be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                kept = _drop_cut_line(written := file.read())
                _mend_end(file, written, kept)
                lines = _split(kept)
                entry = Entry(len(lines), self._clock().isoformat(timespec="milliseconds"), kind, data)
                file.write((_write_line(entry, _digest(lines[-1]) if lines else "") + "\n").encode())
        except OSError as error:
            raise build_lesson(
                LabError, "error.journal_unwritable", file=str(self.path), reason=error.strerror or str(error)
            ) from error
        return entry

    def entries(self, *kinds: str, **data: Any) -> list[Entry]:
        """The events in order, of these kinds and with these data when given; what was before a reset of its step is left out.

        LabError when the chain of lines is broken.
        """
        return [
            entry
            for entry in _since_reset(self._read())
            if (not kinds or entry.kind in kinds) and all(entry.data.get(name) == value for name, value in data.items())
        ]

    def _read(self) -> list[Entry]:
        found = []
        for number, line in enumerate(lines := self._lines()):
            document = _read_line(line)
            before = _digest(lines[number - 1]) if number else ""
            if document is None or document["number"] != number or document["before"] != before:
                raise build_lesson(LabError, "error.journal_broken", file=str(self.path), line=number + 1)
            found.append(Entry(number, document["at"], document["kind"], document["data"]))
        return found

    def last(self, *kinds: str, **data: Any) -> Entry | None:
        """The newest such event, or None."""
        found = self.entries(*kinds, **data)
        return found[-1] if found else None

    def _lines(self) -> list[str]:
        try:
            return _split(_drop_cut_line(self.path.read_bytes()))
        except FileNotFoundError:
            return []


def open_journal(settings: Settings) -> Journal:
    """The journal of the settings' student: what one locked and measured is not the next one's."""
    return Journal(settings.state_dir, seed=compute_seed(settings.student) if settings.student else None)


def _since_reset(entries: list[Entry]) -> list[Entry]:
    resets = {entry.data.get("step"): entry.number for entry in entries if entry.kind == "reset"}

    def is_past(entry: Entry) -> bool:
        step = str(entry.data.get("task", "")).split(".", maxsplit=1)[0]
        return step.isdigit() and entry.number < resets.get(int(step), -1)

    return [entry for entry in entries if entry.kind in _LASTING or not is_past(entry)]


def _split(written: bytes) -> list[str]:
    """The lines; what is no text cannot fit its digest either, and is told as altered."""
    return written.decode("utf-8", errors="replace").splitlines()


def _mend_end(file: BinaryIO, written: bytes, kept: bytes) -> None:
    if len(kept) > len(written):
        file.write(kept[len(written) :])
    elif kept != written:
        file.truncate(len(kept))


def _drop_cut_line(written: bytes) -> bytes:
    """Without the last line if that was cut short: the disk was full or the computer went off, and nobody was told it is kept.

    A whole line that only lacks its end, as an editor may save it, stays.
    """
    head, end, rest = written.rpartition(b"\n")
    if not rest:
        return written
    return written + b"\n" if _read_line(rest.decode("utf-8", errors="replace")) is not None else head + end


def _write_line(entry: Entry, before: str) -> str:
    document = {"number": entry.number, "at": entry.at, "kind": entry.kind, "data": entry.data, "before": before}
    # One line an event, whatever its texts hold: JSON escapes line breaks, and ASCII has no other ones.
    return json.dumps(document)


def _read_line(line: str) -> dict[str, Any] | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return (
        document if isinstance(document, dict) and {"number", "at", "kind", "data", "before"} <= set(document) else None
    )


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()[:16]
