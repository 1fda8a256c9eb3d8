"""Watching the processes of a run: too much memory, too many of them, too much on disk, and it is ended at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_STEP_S = 0.25
# Walking a folder costs more than asking for memory.
_DISK_EVERY = 8


@dataclass(frozen=True)
class Ceiling:
    """Of all processes of a run together: resident `memory_bytes`, `processes`, and `disk_bytes` in the run's folder."""

    memory_bytes: int = 4_000_000_000
    processes: int = 200
    disk_bytes: int = 4_000_000_000


class Watch:
    """Looks at a process and all below it four times a second; `broken` says which ceiling was reached ("" while none was)."""

    def __init__(self, pid: int, folder: Path, ceiling: Ceiling, end: Callable[[], None]) -> None:
        self.broken = ""
        self.most_memory_bytes = 0
        self._pid, self._folder, self._ceiling, self._end = pid, folder, ceiling, end
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="grading-watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        count = 0
        while not self._stop.wait(_STEP_S):
            count += 1
            self.broken = self._look(with_disk=count % _DISK_EVERY == 0)
            if self.broken:
                self._end()
                return

    def _look(self, *, with_disk: bool) -> str:
        import psutil

        try:
            top = psutil.Process(self._pid)
            tree = [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return ""
        if len(tree) > self._ceiling.processes:
            return "limit.processes"
        memory = sum(_memory(process) for process in tree)
        self.most_memory_bytes = max(self.most_memory_bytes, memory)
        if memory > self._ceiling.memory_bytes:
            return "limit.memory"
        return "limit.disk" if with_disk and _size(self._folder) > self._ceiling.disk_bytes else ""


def _memory(process: object) -> int:
    import psutil

    try:
        assert isinstance(process, psutil.Process)
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except OSError:
            continue
    return total
