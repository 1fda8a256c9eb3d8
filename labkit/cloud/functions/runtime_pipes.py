"""The pipes of a worker. Loaded by `bootstrap.py` from its path; imports nothing of labkit."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO


class Output(io.TextIOWrapper):
    """Standard output and error: what is written is out, as on AWS, so that nothing is lost with a process that dies."""

    def __init__(self, descriptor: int) -> None:
        raw = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
        super().__init__(raw, encoding="utf-8", errors="replace", newline="\n")

    def write(self, text: str) -> int:
        written = super().write(text)
        self.flush()
        return written


def keep(descriptor: int) -> int:
    """A copy that a function does not meet by chance when it closes the low numbers; children do not inherit it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return os.dup(descriptor)
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 200)


def take_pipes() -> tuple[BinaryIO, int, int]:
    """Keep the protocol's pipes (requests, answers, log) to ourselves; the function's stdin is empty, its output the log pipe."""
    source, answers, log = os.fdopen(keep(0), "rb"), keep(1), keep(2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout, sys.stderr = Output(1), Output(2)
    return source, answers, log
