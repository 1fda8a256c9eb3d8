"""The warm driver that waits for the next run, and how many may run at once."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.cloud.gateway.mounts import WARM_FOLDER
from labkit.cloud.jobs.archive import Archive
from labkit.cloud.jobs.driver import Driver
from labkit.cloud.jobs.spark import SparkSetup
from labkit.errors import CloudError

log = logging.getLogger(__name__)
_WARM_UP_S = 180.0
# After its first round a driver is ready; each further one (0.5 s) makes the next run quicker, up to about this many.
FURTHER_ROUNDS = 6
# The archive takes a core for 20 s: it waits until the first driver is warm and nobody has asked for anything for a while.
_QUIET_BEFORE_ARCHIVE_S = 4.0


@dataclass(frozen=True)
class DriverParts:
    """What a driver must be started with, beyond Spark: Java archives on its class path, and folders of Python modules."""

    jars: Sequence[Path] = ()
    jars_first: bool = False
    python_path: Sequence[str] = ()


class Pool:
    """One warm driver at rest; a taken one is replaced when the machine has time for it."""

    def __init__(
        self, setup: Callable[[], SparkSetup], folder: Path, environment: dict[str, str], cache: Path, rounds: int
    ) -> None:
        self._setup = setup
        self._rounds = rounds
        self._folder = folder
        self._environment = environment
        self._cache = cache
        self._waiting: Driver | None = None
        self._busy = 0
        self._keeps_warm = False
        self._slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._settled = threading.Event()
        self._last_use = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)

    def start(self) -> None:
        """Begin warming in the background, and keep a warm driver from now on."""
        self._keeps_warm = True
        threading.Thread(target=self._begin, name="warm-driver", daemon=True).start()

    def stop(self) -> None:
        """End the waiting driver."""
        self._stopping.set()
        with self._lock:
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def is_warm(self) -> bool:
        """Whether a driver waits, warmed up."""
        waiting = self._waiting
        return waiting is not None and waiting.is_warm

    @property
    def has_archive(self) -> bool:
        """Whether Java's classes of this Spark lie ready; without a Java they do not."""
        try:
            return self._archive().exists
        except CloudError:
            return False

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will be done about the archive: it is there, or could not be made."""
        return self._settled.is_set()

    @contextlib.contextmanager
    def driver(self, spark: bool, parts: DriverParts | None = None) -> Iterator[Driver]:
        """A ready driver for one run, killed afterwards; waits while as many run as the machine has cores.

        One that is to be made of further parts is started for the run, and takes the seconds that a warm one saves.
        """
        parts = parts or DriverParts()
        with self._slots:
            with self._lock:
                self._busy += 1
            taken = self._for_run(spark, parts)
            try:
                yield taken
            finally:
                taken.kill()
                with self._lock:
                    self._busy -= 1
                    self._last_use = time.monotonic()
                self.replace()

    def replace(self) -> None:
        """Start the next warm driver, unless a run would have to share the processor with it."""
        with self._lock:
            wanted = self._keeps_warm and self._waiting is None and self._busy == 0
            if wanted and not self._stopping.is_set():
                self._waiting = self._new_driver(self._archive_options())

    def _begin(self) -> None:
        try:
            self.replace()
            self._make_archive()
        except OSError as error:
            log.info("the class-data archive was not made: %s", error)
        except Exception:
            log.exception("no driver could be warmed up; the next run will say why")
        finally:
            self._settled.set()

    def _for_run(self, spark: bool, parts: DriverParts) -> Driver:
        if not spark:
            return Driver(self._folder, self._environment, None, parts.python_path)
        if parts.jars or parts.python_path:
            options = [] if parts.jars_first else self._archive_options()
            return self._new_driver(options, rounds=0, parts=parts)
        return self._take()

    def _take(self) -> Driver:
        with self._lock:
            waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.has_ended:
            return waiting
        if waiting is not None:
            waiting.kill()
        return self._new_driver(self._archive_options())

    def _new_driver(
        self, java_options: list[str], rounds: int | None = None, parts: DriverParts | None = None
    ) -> Driver:
        setup = self._setup()
        parts = parts or DriverParts()

        def spark(user: str, folder: Path) -> dict[str, Any]:
            return {
                "java_command": setup.command(folder, java_options, parts.jars, parts.jars_first),
                "connection_file": str(folder / "connection"),
                "spark_home": str(setup.spark_home),
                "warm_folder": f"{WARM_FOLDER}/{user}",
                "rounds": self._rounds if rounds is None else rounds,
            }

        return Driver(self._folder, self._environment, spark, parts.python_path)

    def _archive(self) -> Archive:
        return Archive(self._setup(), self._cache)

    def _archive_options(self) -> list[str]:
        return self._archive().java_options()

    def _make_archive(self) -> None:
        archive = self._archive()
        waiting = self._waiting
        if archive.exists or waiting is None or not waiting.wait_ready(_WARM_UP_S):
            return
        while not self._stopping.wait(0.5):
            quiet = time.monotonic() - self._last_use > _QUIET_BEFORE_ARCHIVE_S
            if self._busy == 0 and quiet and self.is_warm:
                archive.make(lambda options: self._new_driver(options, rounds=2))
                return
