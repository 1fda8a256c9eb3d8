"""Bounds of one process, set by itself inside its wall before it becomes the command: `python -I -S -c … AS FSIZE NPROC -- command`."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Since 5.14 Linux counts the processes of each user namespace apart: before, a bound of the room would be one of the instructor's desktop.
_COUNTS_APART = (5, 14)


@dataclass(frozen=True)
class Bounds:
    """`memory_bytes` of address space and `file_bytes` of a single file, for each process; `processes` of the room (not for root)."""

    memory_bytes: int = 6 << 30
    file_bytes: int = 1 << 30
    processes: int = 256


def bound(bounds: Bounds, command: Sequence[str], *, is_apart: bool) -> list[str]:
    """The command that sets the bounds and then becomes `command`; `is_apart` when it runs in a user namespace of its own."""
    processes = bounds.processes if is_apart and _linux_version() >= _COUNTS_APART else 0
    figures = [str(bounds.memory_bytes), str(bounds.file_bytes), str(processes)]
    # As text: inside a wall this file is not to be seen.
    source = Path(__file__).with_name("become.py").read_text(encoding="utf-8")
    return [sys.executable, "-I", "-S", "-c", source, *figures, "--", *command]


def _linux_version() -> tuple[int, ...]:
    if not sys.platform.startswith("linux"):
        return (0,)
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return tuple(int(part) for part in found.groups()) if found else (0,)
