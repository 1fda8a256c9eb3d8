"""labkit: a teaching lab for AWS data engineering, with a small and truthful AWS on your own computer.

In a notebook: `lab = labkit.open(4)`, `spark = labkit.spark()`, `labkit.help_me()`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The front door of a notebook: name → module of labkit.classroom that holds it. Found when first used, because the command line
# and the local cloud are labkit too and load nothing of a notebook's.
_DOORS = {"open": "opening", "spark": "spark", "help_me": "help_me"}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'labkit' has no attribute {name!r}")
    return getattr(import_module(f"labkit.classroom.{_DOORS[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_DOORS])
