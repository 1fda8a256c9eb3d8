"""What running one statement needs, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from labkit.cloud.athena.readers.parquet import Footers
from labkit.cloud.athena.types import Type


@dataclass
class Work:
    """One running statement. ``connection`` is what StopQueryExecution interrupts; ``limit_bytes`` is the workgroup's cutoff.

    ``planned`` is told the bytes that the scans read, ``stopped`` tells whether StopQueryExecution was called.
    """

    id: str
    sql: str
    database: str
    store: Any
    catalog: Any
    connection: Any
    footers: Footers
    scratch: Path
    now: datetime
    output_location: str
    limit_bytes: int | None = None
    enforced_output: bool = False
    parameters: tuple[str, ...] = ()
    planned: Callable[[int], None] = lambda scanned_bytes: None
    stopped: Callable[[], bool] = lambda: False
    prepared: Callable[[str], str | None] = lambda name: None
    save_prepared: Callable[[str, str | None], bool] = lambda name, text: False


@dataclass
class Outcome:
    """The result: a CSV (columns with Trino types, file written) or text lines; bytes read; rows written."""

    columns: list[tuple[str, Type | str]] = field(default_factory=list)
    csv: Path | None = None
    lines: list[str] | None = None
    rows: int = 0
    update_count: int | None = None
    scanned_bytes: int = 0
    manifest: list[str] = field(default_factory=list)
