"""`--additional-python-modules`: a set of modules, installed by pip into a cached folder of its own.

Modules that this environment already has in a fitting version are used as they are, as Glue uses those that it provides. So pip works in
an environment that sees this one and has a folder of its own on top; that folder, complete, is what a run gets. A set is installed once:
the key of its folder holds the requirements, the contents of the files among them, pip's options and the Python.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.cloud.jobs.inputs import Failure, extract
from labkit.cloud.lock import StateLock

log = logging.getLogger(__name__)
_INSTALL_S = 900.0
_KEPT = 20
PARAMETER = "--additional-python-modules"
# Options that would put files elsewhere than in the folder of the set.
_PLACES = ("--target", "--prefix", "--root", "--user", "--src", "--report", "--python")
_NOT_FOR_PIP = (
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PYTHONPATH",
    "PYTHONHOME",
    "PIP_REQUIRE_VIRTUALENV",
)


class Cancelled(Exception):
    """The run was stopped while its modules were installed."""


@dataclass(frozen=True)
class ModuleSet:
    """`requirements` as pip takes them, `files` are local wheels, sdists, requirements.txt files and .gluewheels.zip archives."""

    requirements: tuple[str, ...]
    files: tuple[Path, ...]
    options: tuple[str, ...]


@dataclass(frozen=True)
class Installed:
    """`folder` for sys.path; `distributions` are lines like `cowsay 6.1`; `reused` when nothing had to be installed."""

    folder: Path
    distributions: list[str]
    reused: bool


def module_set(requirements: Sequence[str], files: Sequence[Path], options: Sequence[str]) -> ModuleSet:
    """A set, checked; Failure for what pip must not be told."""
    for name in requirements:
        if name.startswith("-"):
            raise Failure(
                f"LAUNCH ERROR | {PARAMETER}: {name} is an option; pip's options go into --python-modules-installer-option"
            )
    for option in options:
        name = option.partition("=")[0]
        if name.startswith("-t") or (len(name) > 4 and any(place.startswith(name) for place in _PLACES)):
            raise Failure(
                f"LAUNCH ERROR | --python-modules-installer-option: {name} cannot be used, Glue chooses the folder"
            )
    return ModuleSet(tuple(requirements), tuple(files), tuple(option for option in options if option != "-r"))


def install_modules(
    wanted: ModuleSet, cache: Path, cancelled: Callable[[], bool], tell: Callable[[str], None]
) -> Installed:
    """The folder of a set, made if it is not there; Failure says which module cannot be installed and pip's reason.

    Takes seconds to minutes and the network. `tell` gets pip's own lines when it fails.
    """
    root = cache / "python-modules"
    folder = root / _key(wanted)
    with _lock(root / "locks" / folder.name, cancelled):
        reused = folder.exists()
        if not reused:
            _make(wanted, folder, cancelled, tell)
        os.utime(folder)
    _prune(root)
    return Installed(folder, _distributions(folder), reused)


def _key(wanted: ModuleSet) -> str:
    identity = {
        "requirements": wanted.requirements,
        "files": [[file.name, hashlib.sha256(file.read_bytes()).hexdigest()] for file in wanted.files],
        "options": wanted.options,
        "python": [sys.version, sys.prefix, sysconfig.get_platform()],
    }
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]


@contextlib.contextmanager
def _lock(folder: Path, cancelled: Callable[[], bool]) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with StateLock(folder) as lock:
        while not lock.acquire():
            if cancelled():
                raise Cancelled
            time.sleep(0.1)
        yield


def _make(wanted: ModuleSet, folder: Path, cancelled: Callable[[], bool], tell: Callable[[str], None]) -> None:
    """Install beside the folder, and rename when complete: a run never sees half a set."""
    import venv

    work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        venv.EnvBuilder(with_pip=False, symlinks=os.name == "posix").create(work / "env")
        places = {"base": str(work / "env"), "platbase": str(work / "env")}
        own = Path(sysconfig.get_path("purelib", "posix_prefix", vars=places))
        own.joinpath("_seen.pth").write_text("\n".join(_installed_places()) + "\n", encoding="utf-8")
        _run_pip(work / "env" / "bin" / "python", _pip_arguments(wanted, work), wanted, cancelled, tell)
        own.joinpath("_seen.pth").unlink()
        os.replace(own, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _installed_places() -> list[str]:
    return [
        entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages") and Path(entry).is_dir()
    ]


def _pip_arguments(wanted: ModuleSet, work: Path) -> list[str]:
    arguments = [*wanted.options, *wanted.requirements]
    for number, file in enumerate(wanted.files):
        if file.suffix == ".txt":
            arguments += ["-r", str(file)]
        elif file.name.endswith(".gluewheels.zip"):
            wheels = work / f"wheels{number}"
            extract(file, wheels, PARAMETER)
            arguments += [str(wheel) for wheel in sorted(wheels.rglob("*.whl"))]
        else:
            arguments.append(str(file))
    return arguments


def _run_pip(
    python: Path, arguments: list[str], wanted: ModuleSet, cancelled: Callable[[], bool], tell: Callable[[str], None]
) -> None:
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    with tempfile.TemporaryFile() as output:
        pip = subprocess.Popen(
            [*command, "--no-warn-script-location", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=_pip_environment(os.environ),
            cwd=python.parents[2],
        )
        try:
            _wait(pip, cancelled)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pip.pid, signal.SIGKILL)
            pip.wait()
        output.seek(0)
        told = output.read().decode("utf-8", "replace")
    if pip.returncode != 0:
        tell(told)
        raise Failure(_failure(told, wanted))


def _wait(pip: subprocess.Popen[bytes], cancelled: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _INSTALL_S
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            pip.wait(0.1)
            return
        if cancelled():
            raise Cancelled
        if time.monotonic() > deadline:
            raise Failure(f"LAUNCH ERROR | {PARAMETER}: pip did not end within {_INSTALL_S / 60:.0f} minutes")


def _pip_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's own settings of pip (index, proxy, certificates), and none of what names a place or an account."""
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _NOT_FOR_PIP and not name.startswith(("AWS_", "LABKIT_"))
    }
    return {"PIP_RETRIES": "2", **kept}


def _failure(told: str, wanted: ModuleSet) -> str:
    names = ", ".join([*wanted.requirements, *(file.name for file in wanted.files)])
    if "No module named pip" in told:
        reason = f"there is no pip in this environment. Install it with: {sys.executable} -m ensurepip --upgrade"
        return f"LAUNCH ERROR | {PARAMETER}: {names} cannot be installed: {reason}"
    lines = [line.strip().removeprefix("ERROR: ") for line in told.splitlines() if line.strip().startswith("ERROR: ")]
    reason = " ".join(dict.fromkeys(lines)) or " ".join(told.split()[-60:])
    if "Retrying (" in told or "NewConnectionError" in told:
        reason += " The package index could not be reached: is this computer online?"
    elif "(from versions: none)" in reason and "--no-index" not in wanted.options:
        reason += " There is no package of this name in the index, or the index could not be reached."
    start = "LAUNCH ERROR | Python Module Installer indicates modules that failed to install"
    return f"{start} ({PARAMETER} {names}): {reason[:1500]}"


def _distributions(folder: Path) -> list[str]:
    from importlib.metadata import distributions

    return sorted(f"{found.metadata['Name']} {found.version}" for found in distributions(path=[str(folder)]))


def _prune(root: Path) -> None:
    """Drop the sets that were used longest ago."""
    sets = sorted((found for found in root.iterdir() if len(found.name) == 24), key=lambda found: found.stat().st_mtime)
    for old in sets[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
