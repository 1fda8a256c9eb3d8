"""How the processes of jobs and functions are started: as they are, or through a command that walls them in.

Who runs other people's code (a grader) gives LABKIT_CHILD_PREFIX, a JSON list of words; the child's own command follows them.
"""

from __future__ import annotations

import json
import os

VARIABLE = "LABKIT_CHILD_PREFIX"


def child_prefix() -> list[str]:
    """The words before a child's command; none unless the variable says so."""
    found = json.loads(os.environ.get(VARIABLE) or "[]")
    if not isinstance(found, list):
        raise TypeError(f"{VARIABLE} is no list: {found!r}")
    return [str(word) for word in found]
