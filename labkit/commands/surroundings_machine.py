"""Facts of the machine: memory with a container's limit, the state folder's disk, ports and names."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

# Where a container's own memory limit stands (cgroup 2, then 1); "max" or a huge number means none.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_USED = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")


@dataclass(frozen=True)
class Disk:
    """The disk of the state folder; `error` says why it cannot be written, "" when it can."""

    free_bytes: int
    filesystem: str
    error: str
    clock_lag_s: float


def find_memory() -> tuple[int, int]:
    """(bytes there are, bytes free) for this process: what the machine has, or less where a container or Binder limits it."""
    import psutil

    machine = psutil.virtual_memory()
    limit = _read_first(_LIMITS)
    told = os.environ.get("MEM_LIMIT", "")  # Binder and JupyterHub name it
    limits = [number for number in (limit, int(told) if told.isdigit() else 0) if 0 < number < machine.total]
    if not limits:
        return machine.total, machine.available
    return min(limits), min(machine.available, max(0, min(limits) - _read_first(_USED)))


def find_disk(state_dir: Path) -> Disk:
    """Write a small file, as the cloud would, and take it away again."""
    folder = next(path for path in (state_dir, *state_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    error, lag = _try_writing(folder)
    return Disk(free, _find_filesystem(folder), error, lag)


def is_taken(port: int) -> bool:
    """Whether something listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        return False


def find_loopback() -> tuple[str, tuple[str, ...]]:
    """("" or why nothing can listen on 127.0.0.1, the addresses that `localhost` leads to)."""
    problem = ""
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(1)
            with socket.create_connection(server.getsockname(), timeout=5):
                pass
    except OSError as error:
        problem = error.strerror or str(error)
    try:
        found = socket.getaddrinfo("localhost", None)
    except OSError:
        return problem, ()
    return problem, tuple(dict.fromkeys(str(address[4][0]) for address in found))


def _try_writing(folder: Path) -> tuple[str, float]:
    probe = folder / f".labkit-probe-{os.getpid()}"
    try:
        try:
            # Some text: a full disk still gives an empty file its name.
            probe.write_text("ñ" * 4096, encoding="utf-8")
            return "", probe.stat().st_mtime - time.time()
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        return error.strerror or str(error), 0.0


def _find_filesystem(folder: Path) -> str:
    """The kind of the disk that holds `folder`: the mount with the longest path above it."""
    import psutil

    resolved = folder.resolve()
    above = [
        disk for disk in psutil.disk_partitions(all=True) if resolved.is_relative_to(disk.mountpoint) and disk.fstype
    ]
    return max(above, key=lambda disk: len(disk.mountpoint)).fstype if above else ""


def _read_first(paths: tuple[str, ...]) -> int:
    for path in paths:
        try:
            told = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        return int(told) if told.isdigit() else 0
    return 0
