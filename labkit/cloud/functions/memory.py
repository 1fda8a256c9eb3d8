"""How much memory a worker and everything it started have, in bytes, and who those are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

_KIB = 1024


def descendants(pid: int) -> list[int]:
    """The processes that a process started, theirs too; none where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return _asked_children(pid)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def resident_bytes(pid: int) -> int:
    """Resident memory of a process now, on Linux with its descendants (elsewhere finding those takes too long); 0 when it is gone."""
    if sys.platform.startswith("linux"):
        return sum(_status_field(one, "VmRSS:") for one in (pid, *descendants(pid)))
    return _asked_psutil(pid)


def peak_bytes(pid: int) -> int:
    """The most resident memory it had so far by itself (where the system keeps that figure; elsewhere what it has now)."""
    if sys.platform.startswith("linux"):
        # Not getrusage: its maximum is inherited from the process that forked, which is the whole cloud.
        return _status_field(pid, "VmHWM:")
    return _asked_psutil(pid)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (thread / "children").read_bytes().split()]
    except (OSError, ValueError):
        return found
    return found


def _status_field(pid: int, field: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * _KIB
    return 0


def _asked_children(pid: int) -> list[int]:
    import psutil

    try:
        found: Sequence[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return [process.pid for process in found]


def _asked_psutil(pid: int) -> int:
    import psutil

    try:
        info = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return int(getattr(info, "peak_wset", info.rss))
