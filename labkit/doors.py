"""What a notebook finds in `labkit` itself: `labkit.open(4)`, `labkit.spark()`, `labkit.help_me()`.

Found when first used, because the command line and the local cloud are labkit too and load nothing of a notebook's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# name → module of labkit.classroom that holds it
DOORS = {"open": "opening", "spark": "spark", "help_me": "help_me"}


def find_door(name: str) -> Any:
    """The function behind a name of the package (a module's `__getattr__`)."""
    if name not in DOORS:
        raise AttributeError(f"module 'labkit' has no attribute {name!r}")
    return getattr(import_module(f"labkit.classroom.{DOORS[name]}"), name)


def list_doors() -> list[str]:
    """The names that `dir(labkit)` tells and completion offers."""
    return [*DOORS, "__version__"]
