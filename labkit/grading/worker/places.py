"""The folders of one job, and what each walled process may see of this machine."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import labkit
from labkit.grading.sandbox.limits import Bounds, bound
from labkit.grading.sandbox.protections import Protections, narrow
from labkit.grading.sandbox.walls import Room, wrap_room

_PACKAGE = Path(labkit.__file__).parent
# What says how a task is checked or solved: not even to be read by what a student wrote.
_SECRET = ("grading", *(f"checks/step_{number}" for number in (0, 1, 2, 3, 4, 5, 6, 7, 8, 90)))


@dataclass(frozen=True)
class Places:
    """The grader's folder `own`, and rooms: each notebook and each cloud has one that nobody used before, so that nothing that a
    student's code leaves in one (a link in place of a folder, a start-up file) meets what comes after.
    """

    work: Path

    @property
    def own(self) -> Path:
        return self.work / "own"

    def make(self) -> None:
        """Make the grader's folder."""
        self.own.mkdir(parents=True, exist_ok=True)

    def new_room(self, kind: str) -> Path:
        """A new empty folder with a home and a place for temporary files."""
        number = len(list(self.work.glob(f"{kind}-*"))) + 1
        room = self.work / f"{kind}-{number}"
        for name in ("home", "tmp"):
            (room / name).mkdir(parents=True)
        return room


def find_notebook(work: Path, name: str, language: str) -> Path | None:
    """The notebook as it was run last in this job's folder; None when it was not."""
    found = sorted(work.glob(f"kernel-{name}-*/notebooks/{language}/{name}.ipynb"))
    return found[-1] if found else None


def find_state(room: Path) -> Path:
    """The student's state folder in a notebook's room: journal and data."""
    return room / "state"


def build_prefix(
    protections: Protections, folder: Path, bounds: Bounds | None = None, *, makes_archive: bool = False
) -> list[str]:
    """What is put before a command so that it runs in a room of its own: `folder` is all it may write to.

    `makes_archive`: and the user's cache, for what runs no student's code.
    """
    shared = [
        _PACKAGE,
        *(_PACKAGE.parent / name for name in ("etl", "lambda", "data") if (_PACKAGE.parent / name).is_dir()),
    ]
    secret = [_PACKAGE / name for name in _SECRET]
    secret += [path.with_suffix(".py") for path in secret if not path.is_dir()]
    cache = [path for path in (find_cache(),) if path.is_dir()]
    writable, readable = ((folder, *cache), shared) if makes_archive else ((folder,), [*shared, *cache])
    room = Room(tuple(writable), tuple(readable), tuple(path for path in secret if path.exists()))
    return wrap_room(protections, room, bound(bounds or Bounds(), [], is_apart=bool(protections.tool)))


def build_child_wall(protections: Protections, state: Path) -> dict[str, str]:
    """The variable that has the cloud start jobs and functions where its own files are not to be seen; none where that cannot be."""
    if not protections.cloud:
        return {}
    # What functions are made of lies in there.
    words = narrow(str(state), [str(state / "functions")], [])
    return {"LABKIT_CHILD_PREFIX": json.dumps(words)}


def find_cache() -> Path:
    """Where the class-data archive of Spark lies, if this user has one: LABKIT_CACHE, else the system's folder for such things."""
    if os.environ.get("LABKIT_CACHE"):
        return Path(os.environ["LABKIT_CACHE"]).absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "labkit"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "labkit"


def build_environment(folder: Path, **changes: str) -> dict[str, str]:
    """A clean environment: nothing of the instructor's but the language of texts; home and temporary files in `folder`."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "SYSTEMROOT") if name in os.environ}
    own = {
        "PATH": os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin")),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LABKIT_CACHE": str(find_cache()),
        "PYTHONSAFEPATH": "1",
        "LABKIT_SHORT_JOBS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
    return {**kept, **own, **changes}
