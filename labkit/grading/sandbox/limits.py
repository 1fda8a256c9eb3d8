"""Bounds of one process, set by itself before it becomes what it is to be: `python -I limits.py AS FSIZE NPROC -- command`."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass

_KINDS = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, getattr(resource, "RLIMIT_NPROC", None))


@dataclass(frozen=True)
class Bounds:
    """`memory_bytes` of address space and `file_bytes` of a single file, for each process; `processes` of the user (not for root)."""

    memory_bytes: int = 6 << 30
    file_bytes: int = 1 << 30
    processes: int = 512


def bound(bounds: Bounds, command: Sequence[str]) -> list[str]:
    """The command that sets the bounds and then becomes `command`."""
    figures = [str(bounds.memory_bytes), str(bounds.file_bytes), str(bounds.processes)]
    return [sys.executable, "-I", __file__, *figures, "--", *command]


def main(words: Sequence[str]) -> None:
    """Set the three bounds, lower than the present ones only, and go on as the command."""
    cut = words.index("--")
    for kind, figure in zip(_KINDS, words[:cut], strict=True):
        # macOS refuses bounds on address space; root under user namespaces is not counted by RLIMIT_NPROC.
        if kind is None or (kind == resource.RLIMIT_AS and sys.platform == "darwin"):
            continue
        _soft, hard = resource.getrlimit(kind)
        wanted = int(figure) if hard == resource.RLIM_INFINITY else min(int(figure), hard)
        resource.setrlimit(kind, (wanted, wanted))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A kernel ends when its parent is process 1, which inside a wall it always is; the wall itself ends with the run.
    os.environ.pop("JPY_PARENT_PID", None)
    os.execvp(words[cut + 1], list(words[cut + 1 :]))  # noqa: S606 - becoming the command is what it is for


if __name__ == "__main__":
    main(sys.argv[1:])
