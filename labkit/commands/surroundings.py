"""The facts that the doctor judges, read off this computer; nothing is changed and nothing of it leaves the machine."""

from __future__ import annotations

import locale
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from labkit import __version__
from labkit.commands.account_config import find_config_lines
from labkit.commands.surroundings_installation import (
    find_jupyter,
    find_kernel,
    list_packages,
)
from labkit.commands.surroundings_machine import find_disk, find_loopback, find_memory, is_taken
from labkit.commands.surroundings_notebooks import find_notebooks
from labkit.doctor.surroundings import CloudFacts, Surroundings
from labkit.doctor.system import find_system
from labkit.errors import CloudError, LabError
from labkit.settings import Settings, read_settings


def gather(environ: Mapping[str, str], folder: Path, state_dir: Path | None = None) -> Surroundings:
    """Look at everything; takes about half a second, most of it Java saying its version."""
    settings, error = _read(environ, folder)
    state_dir = state_dir or (settings.state_dir.absolute() if settings else folder / ".labkit")
    facts = Surroundings(
        system=find_system(environ, sys.platform, platform.release()),
        labkit_version=__version__,
        lab_folder=str(folder),
        state_dir=str(state_dir),
        cloud=_find_cloud(state_dir),
        environ={name: value for name, value in environ.items() if _concerns(name)},
        aws_files=_find_aws_files(environ),
        aws_lines=find_config_lines(environ),
        runs_cloud=settings.target.runs_cloud if settings else True,
        settings_error=error.what if error else "",
        settings_next=error.next_step if error else "",
        opened_by_labkit=_is_ours(environ, state_dir),
    )
    return _add_notebooks(_add_installation(_add_machine(facts, state_dir), environ), folder)


def _add_machine(facts: Surroundings, state_dir: Path) -> Surroundings:
    disk = find_disk(state_dir)
    memory, free = find_memory()
    loopback_error, localhost = find_loopback()
    return replace(
        facts,
        memory_bytes=memory,
        memory_free_bytes=free,
        disk_free_bytes=disk.free_bytes,
        state_error=disk.error,
        state_filesystem=disk.filesystem,
        file_clock_lag_s=disk.clock_lag_s,
        port_taken=is_taken(4566),
        loopback_error=loopback_error,
        localhost=localhost,
        now=time.time(),
        installed_at=Path(__file__).stat().st_mtime,
        encoding=locale.getpreferredencoding(False),
        file_encoding=sys.getfilesystemencoding(),
    )


def _add_installation(facts: Surroundings, environ: Mapping[str, str]) -> Surroundings:
    java = _find_java(environ)
    kernel, kernel_error = find_kernel()
    jupyter = find_jupyter()
    return replace(
        facts,
        python=(sys.version_info[0], sys.version_info[1], sys.version_info[2]),
        executable=sys.executable,
        packages=list_packages(),
        java_home=environ.get("JAVA_HOME", ""),
        java_home_version=java.home_version,
        packaged_java=java.packaged,
        archive_exists=java.archive_exists,
        kernel_python=kernel,
        kernel_error=kernel_error,
        widgets=jupyter.widgets,
        widgets_in_lab=jupyter.widgets_in_lab,
        language_pack=jupyter.language_pack,
    )


def _add_notebooks(facts: Surroundings, folder: Path) -> Surroundings:
    found = find_notebooks(folder)
    return replace(
        facts,
        notebooks=found.count,
        notebooks_edited=found.edited,
        notebooks_missing=found.missing,
        notebooks_broken=found.broken,
    )


def _read(environ: Mapping[str, str], folder: Path) -> tuple[Settings | None, LabError | None]:
    try:
        return read_settings(environ, folder), None
    except LabError as error:
        return None, error


def _find_cloud(state_dir: Path) -> CloudFacts | None:
    from labkit.cloud import daemon
    from labkit.cloud.info import read_info
    from labkit.cloud.lock import is_held

    info = read_info(state_dir)
    if info is None:
        return None
    return CloudFacts(
        info.version, info.endpoint_url, info.pid, is_held(state_dir), daemon.find_running(state_dir) is not None
    )


@dataclass(frozen=True)
class _Java:
    """What Java there is, and whether Spark's archive for it is made."""

    home_version: str | None
    packaged: str | None
    archive_exists: bool


def _find_java(environ: Mapping[str, str]) -> _Java:
    from labkit.cloud.jobs.archive import Archive, cache_dir
    from labkit.cloud.jobs.java import find_java, java_version
    from labkit.cloud.jobs.spark import SparkSetup, find_spark_home

    home = environ.get("JAVA_HOME", "")
    home_version = java_version(Path(home)) if home else None
    try:
        packaged = find_java(None).version
    except CloudError:
        packaged = None
    try:
        made = Archive(SparkSetup(find_java(home or None), find_spark_home(), 0), cache_dir(environ)).exists
    except (CloudError, OSError, ImportError):
        made = False
    return _Java(home_version, packaged, made)


def _concerns(name: str) -> bool:
    return name.startswith(("AWS_", "LABKIT_")) or name.lower() in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    )


def _find_aws_files(environ: Mapping[str, str]) -> tuple[str, ...]:
    home = Path(environ.get("HOME") or Path.home())
    named = [
        Path(environ.get("AWS_CONFIG_FILE") or home / ".aws" / "config"),
        Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials"),
    ]
    return tuple(str(path) for path in named if path.is_file())


def _is_ours(environ: Mapping[str, str], state_dir: Path) -> bool:
    """True in a kernel or terminal of a JupyterLab that `labkit lab` prepared."""
    first = environ.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep)[0]
    return first == str(state_dir / "jupyter" / "config")
