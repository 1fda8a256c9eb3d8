"""The worker processes of a batch: started behind the outer wall, watched, ended with all that they started."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from labkit.grading.sandbox.protections import Protections
from labkit.grading.sandbox.walls import wrap_run
from labkit.grading.sandbox.watch import Ceiling, Watch

# A fork bomb fills a worker within one look, and the watch over its kernel needs a moment to end just that.
_LOOKS = 4
WORKER = ("-m", "labkit.grading.worker")
_LONGEST_LOG = 50_000


class Stopped(Exception):
    """The batch was stopped; what was not finished has no result."""


@dataclass(frozen=True)
class Run:
    """How a worker ended: `problem` is what stopped it (key of the catalogue, "" when it ended well), and its memory at most."""

    problem: str
    memory_bytes: int


class Processes:
    """All workers that run now; after `stop` no new one is started."""

    def __init__(self, protections: Protections, ceiling: Ceiling, command: Sequence[str] = WORKER) -> None:
        self._protections, self._ceiling, self._command = protections, ceiling, (sys.executable, *command)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def run(self, words: Sequence[str], work: Path, log: Path, most_s: float) -> Run:
        """Run one worker to its end or to its bounds, `most_s` seconds among them; the end of what it prints goes to `log`."""
        # In the working folder, whose size is watched: a flood of words ends like any other flood.
        printed = work / "worker.log"
        try:
            return self._watch([*self._command, *words], work, printed, most_s)
        finally:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_bytes(_read_end(printed))

    def _watch(self, command: Sequence[str], work: Path, printed: Path, most_s: float) -> Run:
        with printed.open("ab") as file:
            process = self._start(wrap_run(self._protections, command), file)
            with Watch(process.pid, work, self._ceiling, lambda: end_tree(process), looks=_LOOKS) as watch:
                try:
                    process.wait(timeout=most_s)
                except subprocess.TimeoutExpired:
                    return Run("limit.time", watch.most_memory_bytes)
                finally:
                    with self._lock:
                        self._running.discard(process)
                    end_tree(process)
            problem = "" if process.returncode == 0 else "grading.worker_failed"
            return Run(watch.broken or problem, watch.most_memory_bytes)

    def raise_if_stopped(self) -> None:
        """Stopped once the batch was."""
        if self._is_stopped:
            raise Stopped

    def stop(self) -> None:
        """End every worker and start no more."""
        with self._lock:
            self._is_stopped = True
            running = list(self._running)
        for process in running:
            end_tree(process)

    def _start(self, command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        with self._lock:
            self.raise_if_stopped()
            # A session of its own: Ctrl-C in the terminal reaches the batch, which ends its workers in order.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            self._running.add(process)
            return process


def _read_end(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LONGEST_LOG))
        return file.read()


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """End a worker and all that it started, also what made a session of its own."""
    import psutil

    try:
        top = psutil.Process(process.pid)
        tree = [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        tree = []
    for one in tree:
        try:
            one.send_signal(signal.SIGKILL)
        except psutil.Error:
            continue
    process.wait()
