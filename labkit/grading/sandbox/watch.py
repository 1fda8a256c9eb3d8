"""Watching the processes of a run: too much memory, too many of them, too much on disk, and it is ended at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.grading.sandbox.tree import list_memory

if TYPE_CHECKING:
    import psutil

_STEP_S = 0.25
# Walking a folder costs more than asking for memory.
_DISK_EVERY = 8
_MOST_FILES = 100_000


@dataclass(frozen=True)
class Ceiling:
    """Of all processes of a run together: resident `memory_bytes`, `processes`, and `disk_bytes` in the run's folder."""

    memory_bytes: int = 4_000_000_000
    processes: int = 200
    disk_bytes: int = 4_000_000_000


# A notebook's kernel and its Java, beside the cloud of the same submission.
KERNEL = Ceiling(memory_bytes=2_400_000_000, processes=100, disk_bytes=1_500_000_000)


class Watch:
    """Looks at a process and all below it four times a second; `broken` says which ceiling was reached ("" while none was).

    `end` is called with the ceiling. With `goes_on` it may be called again: what was ended was only a part of the run. A breach
    counts when `looks` in a row see one: around a watch that ends a part, the whole is given the time for that.
    """

    def __init__(
        self,
        pid: int,
        folder: Path,
        ceiling: Ceiling,
        end: Callable[[], None],
        *,
        goes_on: bool = False,
        looks: int = 1,
    ) -> None:
        self.broken = ""
        self.most_memory_bytes = 0
        self._pid, self._folder, self._ceiling, self._end, self._goes_on = pid, folder, ceiling, end, goes_on
        self._looks = looks
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="grading-watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        count = breaches = 0
        while not self._stop.wait(_STEP_S):
            count += 1
            broken = self._look(with_disk=breaches > 0 or count % _DISK_EVERY == 0)
            breaches = breaches + 1 if broken else 0
            if breaches >= self._looks:
                self.broken, breaches = broken, 0
                self._end()
                if not self._goes_on:
                    return

    def _look(self, *, with_disk: bool) -> str:
        tree = list_memory(self._pid)
        if not tree:
            return ""
        if len(tree) > self._ceiling.processes:
            return "limit.processes"
        memory = sum(tree)
        self.most_memory_bytes = max(self.most_memory_bytes, memory)
        if memory > self._ceiling.memory_bytes:
            return "limit.memory"
        return "limit.disk" if with_disk and is_larger(self._folder, self._ceiling.disk_bytes) else ""


def watch_kernel(pid: int, folder: Path) -> Watch:
    """Watch over the kernel below nbval's process: what breaks a ceiling is ended, and nbval goes on with a new one."""
    return Watch(pid, folder, KERNEL, lambda: end_children(pid), goes_on=True)


def end_children(pid: int) -> None:
    """End everything below a process, and not the process itself."""
    import psutil

    try:
        below = psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return
    # The wall first: with its process 1 all that is behind it ends at one stroke, however fast it forks.
    for one in [*below, *(process for wall in below for process in _descendants(wall))]:
        try:
            one.kill()
        except psutil.Error:
            continue


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    import psutil

    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def is_larger(folder: Path, most_bytes: int, most_files: int = _MOST_FILES) -> bool:
    """True when the files below a folder take more than this, or are more than anybody can look at; links are not followed."""
    total = 0
    for count, entry in enumerate(_walk(folder)):
        try:
            total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
        if total > most_bytes or count > most_files:
            return True
    return False


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything below, without recursion: a folder may be nested more deeply than Python calls."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
