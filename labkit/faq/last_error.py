"""The last error of a command or notebook, kept as text in the state folder so that `labkit help-me` can be asked afterwards."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

FILE_NAME = "last_error.txt"
_LONGEST = 50_000


def write_last_error(state_dir: Path, error: str) -> None:
    """Keep the text, if the lab has a state folder already; where it cannot be written, nothing is kept."""
    with contextlib.suppress(OSError):
        if state_dir.is_dir():
            (state_dir / FILE_NAME).write_text(error[-_LONGEST:], encoding="utf-8", errors="replace")


def read_last_error(state_dir: Path) -> str:
    """The text, or "" when there is none."""
    try:
        return (state_dir / FILE_NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def describe_exception(error: BaseException) -> str:
    """What an exception and those it came from say, the outermost last; without frames."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain and len(chain) < 20:
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    told = ["".join(traceback.format_exception_only(type(one), one)).strip() for one in reversed(chain)]
    return "\n".join(told)
