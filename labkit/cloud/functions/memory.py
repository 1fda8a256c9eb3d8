"""How much memory a worker process has, in bytes."""

from __future__ import annotations

import sys
from pathlib import Path

_KIB = 1024


def resident_bytes(pid: int) -> int:
    """Resident memory now; 0 when the process is gone."""
    if sys.platform.startswith("linux"):
        return _status_field(pid, "VmRSS:")
    return _asked_psutil(pid)


def peak_bytes(pid: int) -> int:
    """The most resident memory it had so far (where the system keeps that figure; elsewhere what it has now)."""
    if sys.platform.startswith("linux"):
        # Not getrusage: its maximum is inherited from the process that forked, which is the whole cloud.
        return _status_field(pid, "VmHWM:")
    return _asked_psutil(pid)


def _status_field(pid: int, field: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * _KIB
    return 0


def _asked_psutil(pid: int) -> int:
    import psutil

    try:
        info = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return int(getattr(info, "peak_wset", info.rss))
