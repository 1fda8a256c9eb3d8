"""Starts workers, and keeps one started ahead so that the first event of a lesson does not wait for boto3."""

from __future__ import annotations

import importlib.util
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from labkit.cloud.functions.bootstrap import PROVIDED
from labkit.cloud.functions.worker import Worker


class Spawner:
    """Owns the thread that starts every worker, and the spare worker. Close it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folders = provided_folders()
        # One thread for the life of the cloud: PDEATHSIG fires when the *thread* that started a child ends.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="function-spawner")
        self._lock = threading.Lock()
        self._spare: Future[Worker] | None = None
        self._closed = False

    def warm_up(self) -> None:
        """Start the spare in the background, unless there is one."""
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = self._thread.submit(self._start, True)

    def take(self, *, may_be_preloaded: bool) -> Worker:
        """A started worker that has run nothing: the spare when it suits, or a new one."""
        with self._lock:
            spare, self._spare = (self._spare, None) if may_be_preloaded else (None, self._spare)
        if spare is not None:
            worker = spare.result()
            if worker.alive:
                return worker
            worker.kill()
        return self._thread.submit(self._start, False).result()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.result().kill()
        self._thread.shutdown()

    def _start(self, preload: bool) -> Worker:
        return Worker(self._folders, self._home, preload=preload)


def provided_folders() -> list[str]:
    """The folders of our own environment that hold what AWS's image provides (usually one site-packages)."""
    folders: list[str] = []
    for name in sorted(PROVIDED):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        path = Path(spec.origin).parent
        folder = str(path.parent if spec.submodule_search_locations else path)
        if folder not in folders:
            folders.append(folder)
    return folders
