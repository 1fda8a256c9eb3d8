"""What this machine offers to keep a student's code in: found by trying, never by believing a version."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

BUBBLEWRAP = "bubblewrap"
UNSHARE = "unshare"
NOTHING = ""


Try = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class Protections:
    """`tool` makes the walls (bubblewrap, unshare or none).

    `network`: nothing but this machine's loopback, and a loopback of the run's own. `files`: the student's code sees only what it
    needs. `processes`: it sees no process but its own, and none survives it. `limits`: memory, file size and time are bounded.
    `cloud`: its jobs and functions see nothing of the files of the cloud they run in.
    """

    tool: str
    network: bool
    files: bool
    processes: bool
    limits: bool = True
    cloud: bool = False


def find_protections(works: Try | None = None, which: Callable[[str], str | None] = shutil.which) -> Protections:
    """Try the walls out, the best first."""
    works = works or _works
    if not sys.platform.startswith("linux"):
        return Protections(NOTHING, network=False, files=False, processes=False)
    if which("bwrap") and works(_TRY_BUBBLEWRAP):
        return Protections(BUBBLEWRAP, network=True, files=True, processes=True, cloud=works(_try_child()))
    if which("unshare") and works(_TRY_UNSHARE):
        return Protections(UNSHARE, network=True, files=False, processes=True)
    return Protections(NOTHING, network=False, files=False, processes=False)


# One wall inside the other, as a run needs it: many containers allow the first and refuse the second.
_TRY_BUBBLEWRAP = (
    *("bwrap", "--unshare-net", "--die-with-parent", "--dev-bind", "/", "/", "--"),
    *("bwrap", "--unshare-user", "--unshare-pid", "--die-with-parent", "--ro-bind", "/", "/"),
    *("--proc", "/proc", "--dev", "/dev", "--", "true"),
)
_TRY_UNSHARE = (
    *("unshare", "--map-root-user", "--net", "--fork", "--kill-child", "--"),
    *("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child", "--", "true"),
)


def narrow(hidden: str, shown: Sequence[str], command: Sequence[str]) -> list[str]:
    """The command behind a wall that hides a folder, but for some places below it. For the inside of a room."""
    source = Path(__file__).with_name("narrow.py").read_text(encoding="utf-8")
    return [sys.executable, "-I", "-S", "-c", source, hidden, *shown, "--", *command]


def _try_child() -> list[str]:
    """The wall of a job's process, inside the two of its cloud."""
    return [
        *("bwrap", "--unshare-net", "--die-with-parent", "--dev-bind", "/", "/", "--"),
        *("bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--unshare-pid"),
        *("--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--"),
        *narrow("/tmp", (), ("true",)),  # noqa: S108 - a folder that every system has
    ]


def _works(command: Sequence[str]) -> bool:
    try:
        return (
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
