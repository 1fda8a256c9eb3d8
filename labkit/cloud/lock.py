"""The lock of a state folder: held by the server for as long as it lives, released by the system when it dies."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import IO

from labkit.cloud.info import LOCK_FILE


class StateLock:
    """An exclusive lock on a state folder; a process that is killed holds it no longer."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / LOCK_FILE
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False when another process holds it."""
        import fcntl

        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        os.set_inheritable(file.fileno(), False)
        self._file = file
        return True

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> StateLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_held(state_dir: Path) -> bool:
    """Whether a living process holds the folder's lock."""
    if not (state_dir / LOCK_FILE).exists():
        return False
    with StateLock(state_dir) as lock:
        return not lock.acquire()
