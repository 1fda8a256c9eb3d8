"""The worker's side of `labkit.grading.worker.fork_server`: a pytest for each notebook, forked from one that has loaded everything."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from labkit.grading.nbval_run import Starting, start_python

_SERVER = "labkit.grading.worker.fork_server"


def can_fork() -> bool:
    """Whether a process that has loaded its libraries may be copied: on macOS what they load of the system does not survive that."""
    return sys.platform.startswith("linux")


class Forks:
    """Starts the server when the first notebook runs, and ends it with the worker. One notebook at a time."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self._environ, self._folder = dict(environ), folder
        self._server: subprocess.Popen[str] | None = None

    @property
    def start(self) -> Starting:
        """What starts pytest; on a system where nothing is to be forked, a new Python."""
        return self._fork if can_fork() else start_python

    def __enter__(self) -> Forks:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.communicate()

    def _fork(self, words: Sequence[str], folder: Path, environ: Mapping[str, str], log: Path) -> ForkedPytest:
        server = self._find_server()
        assert server.stdin is not None
        assert server.stdout is not None
        order = {"words": list(words), "folder": str(folder), "environ": dict(environ), "log": str(log)}
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        return ForkedPytest(int(_read(server.stdout.fileno())["pid"]), server.stdout.fileno())

    def _find_server(self) -> subprocess.Popen[str]:
        if self._server is None or self._server.poll() is not None:
            safe = ["-P"] if sys.version_info >= (3, 11) else []
            self._server = subprocess.Popen(
                [sys.executable, *safe, "-m", _SERVER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=self._environ,
                cwd=self._folder,
            )
        return self._server


@dataclass(frozen=True)
class ForkedPytest:
    """A pytest that was forked; `answers` is where its server says how it ended."""

    pid: int
    answers: int

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. subprocess.TimeoutExpired; RuntimeError when the server ended."""
        if not select.select([self.answers], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("pytest", timeout or 0.0)
        return int(_read(self.answers)["code"])


def _read(answers: int) -> dict[str, Any]:
    """One line, and not a byte more: `select` must see what is still to come."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(answers, 1)
        if not piece:
            raise RuntimeError("the process that notebooks are forked from has ended")
        line += piece
    return dict(json.loads(line))
