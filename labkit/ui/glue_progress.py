"""How far a Glue run is, read from the lines of its progress bar in CloudWatch Logs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labkit.i18n import text

_STAGE = re.compile(r"\[?Stage (\d+) \((.*?)\): ?> ?\((\d+) \+ (\d+)\) / (\d+)\]")
_TOTALS = re.compile(r"(\d+) stages done, read (\d+) rows (\d+) bytes, wrote (\d+) rows (\d+) bytes")


@dataclass(frozen=True)
class Stage:
    """A stage that is active: how many of its tasks have ended, are running, and are there in all."""

    id: int
    name: str
    done: int
    active: int
    total: int


@dataclass(frozen=True)
class Totals:
    """What the tasks that have ended did, so far, in the whole run."""

    stages: int
    rows_read: int
    bytes_read: int
    rows_written: int
    bytes_written: int


@dataclass(frozen=True)
class Progress:
    """The active stages, and the totals (None on AWS, whose progress bar has none)."""

    stages: tuple[Stage, ...] = ()
    totals: Totals | None = None


def parse_progress(line: str) -> Progress:
    """Read one line; what it does not hold is empty."""
    stages = tuple(
        Stage(int(found[1]), _shorten(found[2]), int(found[3]), int(found[4]), int(found[5]))
        for found in _STAGE.finditer(line)
    )
    totals = _TOTALS.search(line)
    return Progress(stages, Totals(*map(int, totals.groups())) if totals else None)


def format_size(size_bytes: int) -> str:
    """A size for people: 512 B, 34.6 kB, 103.0 MB, 1.2 GB."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000:
            return f"{size:,.1f} {unit}"
    return f"{size / 1000:,.1f} TB"


def _shorten(name: str) -> str:
    """Leave the folders out ("collect at etl.py:20"), and a place that is no line of the script ("csv at <unknown>:0" → "csv")."""
    action, at, place = name.partition(" at ")
    if not at or place.startswith(("<unknown>", "NativeMethodAccessorImpl")):
        return action
    return f"{action} at {place.rsplit('/', 1)[-1]}"


def describe_totals(totals: Totals) -> str:
    """Rows and bytes in and out, and how many stages are done, as one line."""
    return text(
        "glue.totals",
        stages=totals.stages,
        rows_read=f"{totals.rows_read:,}",
        read=format_size(totals.bytes_read),
        rows_written=f"{totals.rows_written:,}",
        written=format_size(totals.bytes_written),
    )
