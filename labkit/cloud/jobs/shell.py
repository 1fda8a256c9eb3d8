"""A Spark for the user's own terminal: started as a run's is, acting as an administrator, ended with the prompt."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labkit.cloud.jobs.archive import Archive, cache_dir
from labkit.cloud.jobs.driver import CHILD, SITE
from labkit.cloud.jobs.java import find_java
from labkit.cloud.jobs.spark import SparkSetup, find_spark_home

_SHELL = CHILD.with_name("shell.py")
# The gateway takes a name that no run has for an administrator.
_USER = "labkit-shell"
# Left out of the environment: they would send calls elsewhere, or make Java talk.
_DROPPED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "SPARK_HOME",
)
# The terminal sends Ctrl-C to everybody; the JVM must not hear it. Ignored signals stay ignored over exec.
_DEAF = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Shell:
    """What the prompt is told. `code` None means a prompt on a terminal and standard input as the program elsewhere.

    `arguments` are a job's, with their dashes; `environment` names endpoint, region and keys; `banner` and `starting` are texts for the
    terminal ("" for none).
    """

    endpoint_url: str
    environment: Mapping[str, str]
    code: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    spark_settings: Mapping[str, str] = field(default_factory=dict)
    catalog: bool = True
    plain: bool = False
    shows_progress: bool = False
    banner: str = ""
    starting: str = ""


def run_shell(shell: Shell) -> int:
    """Run it in this terminal until it ends, and return its exit code. CloudError when there is no Java."""
    setup = SparkSetup(
        find_java(os.environ.get("JAVA_HOME")), find_spark_home(), urlsplit(shell.endpoint_url).port or 0
    )
    folder = Path(tempfile.mkdtemp(prefix="labkit-shell-"))
    try:
        environment = _build_environment(shell, setup, folder)
        with _deaf_to_interrupts():
            # Its own folder comes first on its path, as for a script that is started by its name.
            return subprocess.run([sys.executable, "-u", str(_SHELL)], env=environment, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _build_environment(shell: Shell, setup: SparkSetup, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    path = os.pathsep.join(part for part in (str(SITE), kept.get("PYTHONPATH", "")) if part)
    return {
        **kept,
        **shell.environment,
        "HADOOP_USER_NAME": _USER,
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "SPARK_LOCAL_DIRS": str(folder / "spark"),
        "LABKIT_SHELL": json.dumps(_build_settings(shell, setup, folder)),
    }


def _build_settings(shell: Shell, setup: SparkSetup, folder: Path) -> dict[str, Any]:
    java_options = Archive(setup, cache_dir(os.environ)).java_options()
    progress = {
        "spark.ui.showConsoleProgress": str(shell.shows_progress).lower(),
        "spark.app.name": "labkit glue shell",
    }
    return {
        "java_command": [sys.executable, "-S", "-E", "-c", _DEAF, *setup.command(folder, java_options)],
        "connection_file": str(folder / "connection"),
        "spark_home": str(setup.spark_home),
        "order": {
            "environment": {},
            "spark_settings": {**progress, **shell.spark_settings},
            "python_path": [],
            "catalog": shell.catalog,
        },
        "code": shell.code,
        "arguments": {name.lstrip("-"): value for name, value in shell.arguments.items()},
        "argv": [word for name, value in shell.arguments.items() for word in (name, value)],
        "plain": shell.plain,
        "banner": shell.banner,
        "starting": shell.starting,
    }


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C is for the prompt. A handler that does nothing, because an ignored signal would be ignored by the prompt too."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
