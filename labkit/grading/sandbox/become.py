"""Run as text by `limits.bound`, inside a room: `AS FSIZE NPROC -- command`. Sets bounds (0: none) and becomes the command."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence

_KINDS = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, getattr(resource, "RLIMIT_NPROC", None))


def main(words: Sequence[str]) -> None:
    """Set the bounds, lower than the present ones only, and go on as the command."""
    cut = words.index("--")
    for kind, figure in zip(_KINDS, words[:cut], strict=True):
        # macOS refuses bounds on address space.
        if kind is None or figure == "0" or (kind == resource.RLIMIT_AS and sys.platform == "darwin"):
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
