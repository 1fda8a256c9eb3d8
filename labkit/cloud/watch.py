"""Ends the server when its state folder is deleted: there is nothing left to serve, and nothing to save it in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from labkit.cloud.info import LOCK_FILE

_INTERVAL_S = 0.5


def watch_state(state_dir: Path, gone: Callable[[], None]) -> None:
    """Call `gone` once the lock file is no longer the one that was there at the start."""
    path = state_dir / LOCK_FILE
    first = path.stat().st_ino

    def watch() -> None:
        pause = threading.Event()
        while _inode(path) == first:
            pause.wait(_INTERVAL_S)
        gone()

    threading.Thread(target=watch, name="state-folder", daemon=True).start()


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
